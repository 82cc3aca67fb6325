//! What one connection's directory sees of members: live links, in id order.

use std::collections::HashMap;

use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use rollcall_application::ports::{MemberCondition, StoreError, Stretch, TeamLabel, Window};
use rollcall_domain::{ConnectionId, Member, MemberId, OrganizationId};

use super::super::Backend;
use super::super::dialect::{Live, LiveAndFound, OfMember, is_one_of};
use super::super::errors::store_error;
use super::super::links::StoredLink;
use super::super::teams::TeamLabelRow;
use super::{StoredMember, Tx};
use crate::kept::Keep;
use crate::listing::{stretched, within};
use crate::schema::{connections, links, members, memberships, teams};
use crate::values::{Id, Key, counted, findable, key};

/// The members of a live team: the links table stands in the query once already, so its second
/// appearance needs a name of its own.
const IN_LIVE_TEAM: &str = "links.member_id IN (
    SELECT memberships.member_id FROM memberships
    JOIN links AS team_links ON team_links.org_id = memberships.org_id
        AND team_links.team_id = memberships.team_id AND team_links.state = 'live'
    WHERE memberships.org_id = ";

/// Whose primary address, or another one, is asked for: two look-ups, since for one with *or* the
/// database would walk the organization.
const WITH_PRIMARY_EMAIL: &str = "links.member_id IN (
    SELECT members.id FROM members WHERE members.org_id = ";
const WITH_FURTHER_EMAIL: &str = " UNION ALL
    SELECT further_emails.member_id FROM further_emails WHERE further_emails.org_id = ";

/// The live links of members, with the members.
macro_rules! found {
    ($organization:expr, $connection:expr) => {
        links::table
            .inner_join(
                members::table.on(members::org_id
                    .eq(links::org_id)
                    .and(members::id.nullable().eq(links::member_id))),
            )
            .filter(links::org_id.eq(key($organization)))
            .filter(links::connection_id.eq(key($connection)))
            .filter(Live)
            .filter(OfMember)
            .select((StoredLink::as_select(), StoredMember::as_select()))
    };
}

/// The live links of members that satisfy every condition.
fn live(
    organization: OrganizationId,
    connection: ConnectionId,
    conditions: &[MemberCondition],
) -> links::BoxedQuery<'_, Backend> {
    let mut rows = links::table
        .filter(links::org_id.eq(key(organization)))
        .filter(links::connection_id.eq(key(connection)))
        .filter(Live)
        .filter(OfMember)
        .into_boxed();
    for condition in conditions {
        rows = match condition {
            MemberCondition::Id(id) => rows.filter(links::member_id.eq(key(*id))),
            MemberCondition::UserName(name) => rows
                .filter(LiveAndFound)
                .filter(links::key.eq(findable(name.as_str()))),
            MemberCondition::ExternalId(id) => rows
                .filter(LiveAndFound)
                .filter(links::external_id.eq(findable(id.as_str()))),
            MemberCondition::Active(active) => {
                let member = members::table
                    .filter(members::org_id.eq(links::org_id))
                    .filter(members::id.nullable().eq(links::member_id));
                if *active {
                    rows.filter(exists(member.filter(members::status.eq("active"))))
                } else {
                    rows.filter(exists(member.filter(members::status.ne("active"))))
                }
            }
            MemberCondition::InTeam(team) => rows.filter(
                sql::<Bool>(IN_LIVE_TEAM)
                    .bind::<Id, _>(key(organization))
                    .sql(" AND memberships.team_id = ")
                    .bind::<Id, _>(key(*team))
                    .sql(" AND team_links.connection_id = ")
                    .bind::<Id, _>(key(connection))
                    .sql(")"),
            ),
            MemberCondition::Email(email) => rows.filter(
                sql::<Bool>(WITH_PRIMARY_EMAIL)
                    .bind::<Id, _>(key(organization))
                    .sql(" AND members.email_key = ")
                    .bind::<Text, _>(findable(email.as_str()))
                    .sql(WITH_FURTHER_EMAIL)
                    .bind::<Id, _>(key(organization))
                    .sql(" AND further_emails.key = ")
                    .bind::<Text, _>(findable(email.as_str()))
                    .sql(")"),
            ),
            MemberCondition::Label(label) => {
                let called = members::table
                    .filter(members::org_id.eq(key(organization)))
                    .filter(members::label_key.eq(findable(label.as_str())))
                    .select(members::id.nullable());
                rows.filter(links::member_id.eq_any(called))
            }
            MemberCondition::Created(span) => {
                let inside = within!(members, members::created_at, organization, span);
                rows.filter(links::member_id.eq_any(inside))
            }
            MemberCondition::Changed(span) => {
                let inside = within!(members, members::updated_at, organization, span);
                rows.filter(links::member_id.eq_any(inside))
            }
        };
    }
    rows
}

impl Tx {
    pub(super) fn count_of_live_members(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[MemberCondition],
    ) -> Result<u64, StoreError> {
        let count: i64 = if conditions.is_empty() {
            connections::table
                .filter(connections::org_id.eq(key(organization)))
                .filter(connections::id.eq(key(connection)))
                .select(connections::live_members)
                .first(&mut *self.connection)
                .optional()
                .map(Option::unwrap_or_default)
        } else {
            live(organization, connection, conditions)
                .count()
                .kept()
                .get_result(&mut *self.connection)
        }
        .map_err(store_error)?;
        Ok(counted(count))
    }

    pub(super) fn stretch_of_live_members(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[MemberCondition],
        stretch: &Stretch,
    ) -> Result<Vec<Member>, StoreError> {
        if let Some(members) =
            self.members_at_once(organization, connection, conditions, stretch)?
        {
            return Ok(members);
        }
        let ids = self.ids_of_stretch(organization, connection, conditions, stretch)?;
        self.members_in_order(organization, &ids)
    }

    pub(super) fn ids_of_stretch(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[MemberCondition],
        stretch: &Stretch,
    ) -> Result<Vec<Key>, StoreError> {
        let rows = live(organization, connection, conditions);
        stretched!(rows, links::member_id, stretch)
            .select(links::member_id.assume_not_null())
            .kept()
            .load(&mut *self.connection)
            .map_err(store_error)
    }

    /// The same in one statement, which joins members to the links as it walks them; nothing where
    /// rows are skipped, since each of those would be joined too, or where other tables decide.
    fn members_at_once(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[MemberCondition],
        stretch: &Stretch,
    ) -> Result<Option<Vec<Member>>, StoreError> {
        let rows = match (conditions, &stretch.window) {
            (_, Window::Offset(1..)) => return Ok(None),
            // What directories ask for before every create: these are known by their types.
            ([MemberCondition::UserName(name)], Window::After(None) | Window::Offset(_)) => {
                found!(organization, connection)
                    .filter(LiveAndFound)
                    .filter(links::key.eq(findable(name.as_str())))
                    .limit(i64::from(stretch.limit))
                    .load(&mut *self.connection)
            }
            ([MemberCondition::ExternalId(id)], Window::After(None) | Window::Offset(_)) => {
                found!(organization, connection)
                    .filter(LiveAndFound)
                    .filter(links::external_id.eq(findable(id.as_str())))
                    .limit(i64::from(stretch.limit))
                    .load(&mut *self.connection)
            }
            ([], _) => {
                let rows = found!(organization, connection).into_boxed();
                stretched!(rows, links::member_id, stretch)
                    .kept()
                    .load(&mut *self.connection)
            }
            _ => return Ok(None),
        };
        let rows: Vec<(StoredLink, StoredMember)> = rows.map_err(store_error)?;
        let members = rows
            .into_iter()
            .map(|(link, member)| member.member(Some(link)));
        members.collect::<Result<_, _>>().map(Some)
    }

    pub(super) fn one_live_member(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        condition: MemberCondition,
    ) -> Result<Option<Member>, StoreError> {
        let first = Stretch::by_id(Window::After(None), 1);
        let mut found =
            self.stretch_of_live_members(organization, connection, &[condition], &first)?;
        Ok(found.pop())
    }

    pub(super) fn live_teams_of(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        members: &[MemberId],
    ) -> Result<HashMap<MemberId, Vec<TeamLabel>>, StoreError> {
        let mut found: HashMap<MemberId, Vec<TeamLabel>> = HashMap::new();
        if members.is_empty() {
            return Ok(found);
        }
        // Asked of each team by its key: a list of all live teams grows with the organization.
        let live = links::table
            .filter(links::org_id.eq(memberships::org_id))
            .filter(links::team_id.eq(memberships::team_id.nullable()))
            .filter(links::connection_id.eq(key(connection)))
            .filter(Live);
        let rows = memberships::table
            .inner_join(
                teams::table.on(teams::org_id
                    .eq(memberships::org_id)
                    .and(teams::id.eq(memberships::team_id))),
            )
            .filter(memberships::org_id.eq(key(organization)))
            .filter(exists(live))
            .order((memberships::member_id, teams::name_key, teams::id))
            .select((memberships::member_id, TeamLabelRow::as_select()));
        // A list costs more to open than one member's teams to read.
        let rows: QueryResult<Vec<(Key, TeamLabelRow)>> = if let [one] = members {
            rows.filter(memberships::member_id.eq(key(*one)))
                .load(&mut *self.connection)
        } else {
            let ids = members.iter().map(|id| key(*id));
            rows.filter(is_one_of!("memberships.member_id", ids))
                .kept()
                .load(&mut *self.connection)
        };
        for (member, team) in rows.map_err(store_error)? {
            found.entry(member.into()).or_default().push(team.label()?);
        }
        Ok(found)
    }
}
