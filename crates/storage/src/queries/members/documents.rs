//! Members as their directory reads them: each is one row, its link's, with the document that was
//! written when the member was saved (ADR 11).

use std::collections::HashMap;

use diesel::prelude::*;
use rollcall_application::ports::{
    MemberCondition, MemberDocument, StoreError, Stretch, Window, WithTeams,
};
use rollcall_domain::{ConnectionId, FoldedKey, Member, MemberId, OrganizationId, Version};

use super::super::dialect::{Live, LiveAndFound, OfLiveTeam, OfMember, is_one_of};
use super::super::errors::store_error;
use super::super::teams::TeamLabelRow;
use super::Tx;
use crate::kept::{Keep, kept_here};
use crate::listing::stretched;
use crate::schema::{links, memberships, teams};
use crate::values::{Key, findable, key};

/// A link as it is read for its document.
#[derive(Queryable, Selectable)]
#[diesel(table_name = links)]
struct StoredDocument {
    #[diesel(select_expression = links::member_id.assume_not_null())]
    member_id: Key,
    key: String,
    document: Option<String>,
    document_form: Option<i32>,
    document_version: Option<i64>,
}

impl StoredDocument {
    /// The document, where there is one of this form.
    fn of_form(self, form: i32) -> Option<MemberDocument> {
        if self.document_form != Some(form) {
            return None;
        }
        Some(MemberDocument {
            id: self.member_id.into(),
            key: FoldedKey::from_stored(self.key),
            version: Version(self.document_version?),
            text: self.document?,
        })
    }
}

/// The live links of members.
macro_rules! live_links {
    ($organization:expr, $connection:expr) => {
        links::table
            .filter(links::org_id.eq(key($organization)))
            .filter(links::connection_id.eq(key($connection)))
            .filter(Live)
            .filter(OfMember)
    };
}

/// The same, for their documents.
macro_rules! documents {
    ($organization:expr, $connection:expr) => {
        live_links!($organization, $connection).select(StoredDocument::as_select())
    };
}

// The links of teams, where those of members stand in the statement, too.
diesel::alias! {
    const TEAM_LINKS: Alias<TeamLinks> = links as team_links;
}

/// A live team of a member, with what teams are sorted by.
#[derive(Queryable, Selectable)]
#[diesel(table_name = teams)]
struct TeamOfMember {
    name_key: String,
    #[diesel(embed)]
    label: TeamLabelRow,
}

/// Links of members, and beside each the teams of its member that are live on a connection, one a
/// row; one row without a team if there is none.
macro_rules! with_teams {
    ($links:expr, $connection:expr) => {
        $links
            .left_join(
                memberships::table.on(memberships::org_id
                    .eq(links::org_id)
                    .and(memberships::member_id.nullable().eq(links::member_id))),
            )
            .left_join(
                TEAM_LINKS.on(TEAM_LINKS
                    .field(links::org_id)
                    .eq(memberships::org_id)
                    .and(
                        TEAM_LINKS
                            .field(links::team_id)
                            .eq(memberships::team_id.nullable()),
                    )
                    .and(TEAM_LINKS.field(links::connection_id).eq($connection))
                    .and(OfLiveTeam)),
            )
            .left_join(
                teams::table.on(teams::org_id
                    .eq(memberships::org_id)
                    .and(teams::id.nullable().eq(TEAM_LINKS.field(links::team_id)))),
            )
            .select((
                links::connection_id,
                StoredDocument::as_select(),
                Option::<TeamOfMember>::as_select(),
            ))
    };
}

impl Tx {
    /// The member that a condition names by a key, with its live teams; none for a condition that
    /// is no key.
    pub(super) fn document_by_key(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        condition: &MemberCondition,
    ) -> Result<Option<Vec<WithTeams<MemberDocument>>>, StoreError> {
        let through = key(connection);
        let rows = match condition {
            MemberCondition::Id(id) => {
                // A member has one link. The index that says so is a third smaller than the one of
                // the connection's members.
                let link = links::table
                    .filter(links::org_id.eq(key(organization)))
                    .filter(links::member_id.eq(key(*id)))
                    .filter(Live);
                kept_here!(with_teams!(link, through)).load(&mut *self.connection)
            }
            MemberCondition::UserName(name) => {
                let link = live_links!(organization, connection)
                    .filter(LiveAndFound)
                    .filter(links::key.eq(findable(name.as_str())));
                kept_here!(with_teams!(link, through)).load(&mut *self.connection)
            }
            MemberCondition::ExternalId(id) => {
                let link = live_links!(organization, connection)
                    .filter(LiveAndFound)
                    .filter(links::external_id.eq(findable(id.as_str())));
                kept_here!(with_teams!(link, through)).load(&mut *self.connection)
            }
            _ => return Ok(None),
        };
        let rows: Vec<(Key, StoredDocument, Option<TeamOfMember>)> = rows.map_err(store_error)?;
        let (mut link, mut teams) = (None, Vec::new());
        for (connection, row, team) in rows {
            link = (connection == through).then_some(row);
            teams.extend(team);
        }
        // Sorting a handful here costs less than having the database do it.
        teams.sort_unstable_by(|one: &TeamOfMember, other| {
            (&one.name_key, one.label.id).cmp(&(&other.name_key, other.label.id))
        });
        let teams = teams.into_iter().map(|team| team.label.label());
        let teams = teams.collect::<Result<_, _>>()?;
        let mut found = self.completed(organization, link.into_iter().collect())?;
        Ok(Some(
            found
                .pop()
                .map(|document| (document, teams))
                .into_iter()
                .collect(),
        ))
    }

    pub(super) fn stretch_of_live_documents(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[MemberCondition],
        stretch: &Stretch,
    ) -> Result<Vec<MemberDocument>, StoreError> {
        let rows = documents!(organization, connection);
        let rows = match (conditions, &stretch.window) {
            // Rows that are skipped are skipped in an index, which has no documents.
            (_, Window::Offset(1..)) => None,
            ([MemberCondition::Id(id)], Window::After(None) | Window::Offset(_)) => Some(
                rows.filter(links::member_id.eq(key(*id)))
                    .load(&mut *self.connection),
            ),
            ([MemberCondition::UserName(name)], Window::After(None) | Window::Offset(_)) => Some(
                rows.filter(LiveAndFound)
                    .filter(links::key.eq(findable(name.as_str())))
                    .limit(i64::from(stretch.limit))
                    .load(&mut *self.connection),
            ),
            ([MemberCondition::ExternalId(id)], Window::After(None) | Window::Offset(_)) => Some(
                rows.filter(LiveAndFound)
                    .filter(links::external_id.eq(findable(id.as_str())))
                    .limit(i64::from(stretch.limit))
                    .load(&mut *self.connection),
            ),
            ([], _) => Some(
                stretched!(rows.into_boxed(), links::member_id, stretch)
                    .kept()
                    .load(&mut *self.connection),
            ),
            _ => None,
        };
        if let Some(rows) = rows {
            return self.completed(organization, rows.map_err(store_error)?);
        }
        let ids = self.ids_of_stretch(organization, connection, conditions, stretch)?;
        let rows: Vec<StoredDocument> = documents!(organization, connection)
            .filter(is_one_of!("links.member_id", ids.iter().copied()))
            .kept()
            .load(&mut *self.connection)
            .map_err(store_error)?;
        let found = self.completed(organization, rows)?;
        let mut found: HashMap<MemberId, MemberDocument> = found
            .into_iter()
            .map(|document| (document.id, document))
            .collect();
        Ok(ids
            .iter()
            .filter_map(|id| found.remove(&MemberId::from(*id)))
            .collect())
    }

    /// The documents of rows; those that another version of the program wrote, written anew.
    fn completed(
        &mut self,
        organization: OrganizationId,
        rows: Vec<StoredDocument>,
    ) -> Result<Vec<MemberDocument>, StoreError> {
        let documents = self.documents();
        let is_foreign = |row: &&StoredDocument| row.document_form != Some(documents.form);
        let foreign: Vec<Key> = rows
            .iter()
            .filter(is_foreign)
            .map(|row| row.member_id)
            .collect();
        if foreign.is_empty() {
            let document = |row: StoredDocument| row.of_form(documents.form);
            return Ok(rows.into_iter().filter_map(document).collect());
        }
        let mut anew: HashMap<MemberId, Member> = self
            .members_in_order(organization, &foreign)?
            .into_iter()
            .map(|member| (member.id, member))
            .collect();
        let document = |row: StoredDocument| match anew.remove(&row.member_id.into()) {
            Some(member) => Some(MemberDocument {
                id: member.id,
                key: FoldedKey::from_stored(row.key),
                version: member.version,
                text: (documents.write)(&member),
            }),
            None => row.of_form(documents.form),
        };
        Ok(rows.into_iter().filter_map(document).collect())
    }
}
