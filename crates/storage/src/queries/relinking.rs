//! What turning a connection on looks at: objects whose link has to be judged anew, and who would
//! leave its teams (R13; part B, *On again*).

use diesel::prelude::*;
use rollcall_application::ports::{MemberReads, StoreError, TeamReads};
use rollcall_domain::{ConnectionId, LinkState, Member, MemberId, OrganizationId, Team, TeamId};
use uuid::Uuid;

use super::Tx;
use super::dialect::{OfMember, OfTeam, StatusOtherThanSaid};
use super::errors::store_error;
use crate::literal::literals;
use crate::schema::{links, members};
use crate::values::{Key, counted, key};

literals! {
    /// Which team bears its name in another namespace than its connection's: renamed back while a
    /// namesake held the name there.
    AwayFromHome = "EXISTS (SELECT 1 FROM teams WHERE teams.org_id = links.org_id
    AND teams.id = links.team_id AND teams.namespace <> links.connection_id)";
}

impl Tx {
    /// Members whom turning on could change; see the port.
    pub(crate) fn members_judged_anew(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        after: Option<MemberId>,
        limit: u32,
    ) -> Result<Vec<Member>, StoreError> {
        let judged_anew = links::moved
            .eq(true)
            .or(links::state.eq(LinkState::Lost.as_str()))
            .or(StatusOtherThanSaid);
        let ids: Vec<Key> = links::table
            .inner_join(
                members::table.on(members::org_id
                    .eq(links::org_id)
                    .and(members::id.nullable().eq(links::member_id))),
            )
            .filter(links::org_id.eq(key(organization)))
            .filter(links::connection_id.eq(key(connection)))
            .filter(OfMember)
            .filter(links::member_id.gt(after.map_or(Key(Uuid::nil()), key)))
            .filter(judged_anew)
            .order(links::member_id)
            .limit(i64::from(limit))
            .select(links::member_id.assume_not_null())
            .load(&mut *self.connection)
            .map_err(store_error)?;
        let ids: Vec<MemberId> = ids.into_iter().map(MemberId::from).collect();
        self.members(organization, &ids)
    }

    /// Teams that turning on could change; see the port.
    pub(crate) fn teams_judged_anew(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        after: Option<TeamId>,
        limit: u32,
    ) -> Result<Vec<Team>, StoreError> {
        let judged_anew = links::moved
            .eq(true)
            .or(links::state.eq(LinkState::Lost.as_str()))
            .or(AwayFromHome);
        let ids: Vec<Key> = links::table
            .filter(links::org_id.eq(key(organization)))
            .filter(links::connection_id.eq(key(connection)))
            .filter(OfTeam)
            .filter(links::team_id.gt(after.map_or(Key(Uuid::nil()), key)))
            .filter(judged_anew)
            .order(links::team_id)
            .limit(i64::from(limit))
            .select(links::team_id.assume_not_null())
            .load(&mut *self.connection)
            .map_err(store_error)?;
        let ids: Vec<TeamId> = ids.into_iter().map(TeamId::from).collect();
        self.teams(organization, &ids)
    }

    /// Who would leave which team; see the port.
    pub(crate) fn outsiders_shown(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        limit: u32,
    ) -> Result<(Vec<(Team, Member)>, u64), StoreError> {
        let (pairs, count) = self.outsider_pairs(organization, connection, limit)?;
        let team_ids: Vec<TeamId> = pairs.iter().map(|(team, _)| *team).collect();
        let member_ids: Vec<MemberId> = pairs.iter().map(|(_, member)| *member).collect();
        let teams = self.teams(organization, &team_ids)?;
        let members = self.members(organization, &member_ids)?;
        let shown = pairs
            .iter()
            .filter_map(|(team, member)| {
                let team = teams.iter().find(|found| found.id == *team)?;
                let member = members.iter().find(|found| found.id == *member)?;
                Some((team.clone(), member.clone()))
            })
            .collect();
        Ok((shown, counted(count)))
    }
}
