//! Teams.

mod live;
mod page;
mod row;
mod write;

use std::collections::HashMap;

use diesel::prelude::*;
use rollcall_application::ports::{
    MemberLabel, MemberReads, Page, StoreError, Stretch, TeamCondition, TeamQuery, TeamReads,
};
use rollcall_domain::{
    ConnectionId, ExternalId, FoldedKey, Member, MemberId, OrganizationId, Team, TeamId,
};
use uuid::Uuid;

use super::Tx;
use super::dialect::{LiveAndFound, OfTeam, is_one_of, read_to_change};
use super::errors::store_error;
use super::links::StoredLink;
use crate::kept::Keep;
use crate::schema::{links, members, memberships, teams};
use crate::values::{Key, key};

pub(crate) use row::{TeamLabelRow, TeamRow};

/// Teams with their links.
macro_rules! teams_with_links {
    () => {
        teams::table
            .left_join(
                links::table.on(links::org_id
                    .eq(teams::org_id)
                    .and(links::team_id.eq(teams::id.nullable()))),
            )
            .select((TeamRow::as_select(), Option::<StoredLink>::as_select()))
    };
}

impl Tx {
    /// Teams of these ids, in their order; absent ones are left out.
    fn teams_in_order(
        &mut self,
        organization: OrganizationId,
        ids: &[Key],
    ) -> Result<Vec<Team>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(TeamRow, Option<StoredLink>)> = teams_with_links!()
            .filter(teams::org_id.eq(key(organization)))
            .filter(is_one_of!("teams.id", ids.iter().copied()))
            .kept()
            .load(&mut *self.connection)
            .map_err(store_error)?;
        let mut found = HashMap::with_capacity(rows.len());
        for (row, link) in rows {
            let team = row.team(link)?;
            found.insert(team.id, team);
        }
        Ok(ids
            .iter()
            .filter_map(|id| found.remove(&TeamId::from(*id)))
            .collect())
    }
}

impl TeamReads for Tx {
    fn team(
        &mut self,
        organization: OrganizationId,
        id: TeamId,
    ) -> Result<Option<Team>, StoreError> {
        let named = teams_with_links!()
            .filter(teams::org_id.eq(key(organization)))
            .filter(teams::id.eq(key(id)));
        let row: Option<(TeamRow, Option<StoredLink>)> = read_to_change!(self, named, "teams")
            .optional()
            .map_err(store_error)?;
        row.map(|(team, link)| team.team(link)).transpose()
    }

    fn teams(
        &mut self,
        organization: OrganizationId,
        ids: &[TeamId],
    ) -> Result<Vec<Team>, StoreError> {
        let ids: Vec<Key> = ids.iter().map(|id| key(*id)).collect();
        self.teams_in_order(organization, &ids)
    }

    fn team_by_name(
        &mut self,
        organization: OrganizationId,
        namespace: Uuid,
        name: &FoldedKey,
    ) -> Result<Option<TeamId>, StoreError> {
        let id: Option<Key> = teams::table
            .filter(teams::org_id.eq(key(organization)))
            .filter(teams::namespace.eq(Key(namespace)))
            .filter(teams::name_key.eq(name.as_str()))
            .select(teams::id)
            .first(&mut *self.connection)
            .optional()
            .map_err(store_error)?;
        Ok(id.map(TeamId::from))
    }

    fn live_team_by_external_id(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        external_id: &ExternalId,
    ) -> Result<Option<TeamId>, StoreError> {
        let id: Option<Key> = links::table
            .filter(links::org_id.eq(key(organization)))
            .filter(links::connection_id.eq(key(connection)))
            .filter(links::external_id.eq(external_id.as_str()))
            .filter(LiveAndFound)
            .filter(OfTeam)
            .select(links::team_id.assume_not_null())
            .limit(1)
            .kept()
            .get_result(&mut *self.connection)
            .optional()
            .map_err(store_error)?;
        Ok(id.map(TeamId::from))
    }

    fn team_page(
        &mut self,
        organization: OrganizationId,
        query: &TeamQuery,
    ) -> Result<Page<Team>, StoreError> {
        self.page_of_teams(organization, query)
    }

    fn count_live_teams(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[TeamCondition],
    ) -> Result<u64, StoreError> {
        self.count_of_live_teams(organization, connection, conditions)
    }

    fn live_teams(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[TeamCondition],
        stretch: &Stretch,
    ) -> Result<Vec<Team>, StoreError> {
        self.stretch_of_live_teams(organization, connection, conditions, stretch)
    }

    fn team_member_labels(
        &mut self,
        organization: OrganizationId,
        team: TeamId,
        after: Option<MemberId>,
        limit: u32,
    ) -> Result<Vec<MemberLabel>, StoreError> {
        let beginning = after.map_or(Key(Uuid::nil()), key);
        let rows: Vec<(Key, Option<String>, String)> = memberships::table
            .inner_join(
                members::table.on(members::org_id
                    .eq(memberships::org_id)
                    .and(members::id.eq(memberships::member_id))),
            )
            .left_join(
                links::table.on(links::org_id
                    .eq(memberships::org_id)
                    .and(links::member_id.eq(memberships::member_id.nullable()))),
            )
            .filter(memberships::org_id.eq(key(organization)))
            .filter(memberships::team_id.eq(key(team)))
            .filter(memberships::member_id.gt(beginning))
            .order(memberships::member_id)
            .limit(i64::from(limit))
            .select((
                memberships::member_id,
                links::name.nullable(),
                members::label,
            ))
            .load(&mut *self.connection)
            .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, sent, label)| MemberLabel {
                id: id.into(),
                label: sent.unwrap_or(label),
            })
            .collect())
    }

    fn team_members_among(
        &mut self,
        organization: OrganizationId,
        team: TeamId,
        members: &[MemberId],
    ) -> Result<Vec<Member>, StoreError> {
        let ids = members.iter().map(|id| key(*id));
        let inside: Vec<Key> = memberships::table
            .filter(memberships::org_id.eq(key(organization)))
            .filter(memberships::team_id.eq(key(team)))
            .filter(is_one_of!("memberships.member_id", ids))
            .select(memberships::member_id)
            .order(memberships::member_id)
            .load(&mut *self.connection)
            .map_err(store_error)?;
        let inside: Vec<MemberId> = inside.into_iter().map(MemberId::from).collect();
        self.members(organization, &inside)
    }
}
