//! Members.

mod documents;
mod live;
mod matching;
mod page;
mod row;
mod write;

use std::collections::HashMap;

use diesel::prelude::*;
use rollcall_application::ports::{
    InvitationRecord, MemberCondition, MemberDocument, MemberListItem, MemberQuery, MemberReads,
    Page, StoreError, Stretch, TeamLabel, Teams, Window, WithTeams,
};
use rollcall_domain::rules::provisioning::{DirectoryUser, Matches};
use rollcall_domain::{
    ConnectionId, ExternalId, FoldedKey, Member, MemberId, OrganizationId, TeamId,
};

use super::Tx;
use super::dialect::{is_one_of, read_to_change};
use super::errors::store_error;
use super::links::StoredLink;
use super::teams::TeamLabelRow;
use crate::kept::Keep;
use crate::schema::{links, members, memberships, teams};
use crate::settling::Matter;
use crate::values::{Key, key};

pub(crate) use row::{MemberRow, StoredMember};

/// How many members a search by keys answers at most.
const HITS: u32 = 20;

/// Members with their links.
macro_rules! members_with_links {
    () => {
        members::table
            .left_join(
                links::table.on(links::org_id
                    .eq(members::org_id)
                    .and(links::member_id.eq(members::id.nullable()))),
            )
            .select((StoredMember::as_select(), Option::<StoredLink>::as_select()))
    };
}

fn assembled(rows: Vec<(StoredMember, Option<StoredLink>)>) -> Result<Vec<Member>, StoreError> {
    rows.into_iter()
        .map(|(member, link)| member.member(link))
        .collect()
}

impl Tx {
    /// Members of these ids, in their order; absent ones are left out.
    fn members_in_order(
        &mut self,
        organization: OrganizationId,
        ids: &[Key],
    ) -> Result<Vec<Member>, StoreError> {
        // A list costs more to open than one row to read.
        match ids {
            [] => return Ok(Vec::new()),
            [id] => {
                return Ok(self
                    .member(organization, (*id).into())?
                    .into_iter()
                    .collect());
            }
            _ => {}
        }
        let rows = members_with_links!()
            .filter(members::org_id.eq(key(organization)))
            .filter(is_one_of!("members.id", ids.iter().copied()))
            .kept()
            .load(&mut *self.connection)
            .map_err(store_error)?;
        let mut found: HashMap<MemberId, Member> = assembled(rows)?
            .into_iter()
            .map(|member| (member.id, member))
            .collect();
        Ok(ids
            .iter()
            .filter_map(|id| found.remove(&MemberId::from(*id)))
            .collect())
    }
}

impl MemberReads for Tx {
    fn member(
        &mut self,
        organization: OrganizationId,
        id: MemberId,
    ) -> Result<Option<Member>, StoreError> {
        let named = members_with_links!()
            .filter(members::org_id.eq(key(organization)))
            .filter(members::id.eq(key(id)));
        let row: Option<(StoredMember, Option<StoredLink>)> =
            read_to_change!(self, named, "members")
                .optional()
                .map_err(store_error)?;
        let member = row.map(|(member, link)| member.member(link)).transpose()?;
        if self.writes() {
            self.read.clone_from(&member);
        }
        Ok(member)
    }

    fn members(
        &mut self,
        organization: OrganizationId,
        ids: &[MemberId],
    ) -> Result<Vec<Member>, StoreError> {
        let ids: Vec<Key> = ids.iter().map(|id| key(*id)).collect();
        self.members_in_order(organization, &ids)
    }

    fn members_with_keys(
        &mut self,
        organization: OrganizationId,
        keys: &[FoldedKey],
    ) -> Result<Vec<Member>, StoreError> {
        let own = members::table
            .filter(members::org_id.eq(key(organization)))
            .select(members::id)
            .limit(i64::from(HITS));
        let mut ids: Vec<Key> = Vec::new();
        for key in keys {
            // Two look-ups: for one with *or* the database would walk the organization.
            let by_login: Vec<Key> = own
                .filter(members::login_key.eq(key.as_str()))
                .load(&mut *self.connection)
                .map_err(store_error)?;
            let by_email: Vec<Key> = own
                .filter(members::email_key.eq(key.as_str()))
                .load(&mut *self.connection)
                .map_err(store_error)?;
            ids.extend(by_login);
            ids.extend(by_email);
        }
        ids.sort_unstable();
        ids.dedup();
        ids.truncate(HITS as usize);
        self.members_in_order(organization, &ids)
    }

    fn matches(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        user: &DirectoryUser,
    ) -> Result<Matches, StoreError> {
        self.matches_of(organization, connection, user)
    }

    fn live_member_by_external_id(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        external_id: &ExternalId,
    ) -> Result<Option<Member>, StoreError> {
        let condition = MemberCondition::ExternalId(external_id.clone());
        self.one_live_member(organization, connection, condition)
    }

    fn other_effective_owners(
        &mut self,
        organization: OrganizationId,
        excluded: MemberId,
    ) -> Result<u32, StoreError> {
        self.settle(organization, Matter::Owners)?;
        self.owners_who_can_sign_in(organization, excluded)
    }

    fn member_page(
        &mut self,
        organization: OrganizationId,
        query: &MemberQuery,
    ) -> Result<Page<MemberListItem>, StoreError> {
        self.page_of_members(organization, query)
    }

    fn teams_of_member(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
    ) -> Result<Vec<TeamLabel>, StoreError> {
        let mut teams: Vec<(String, TeamLabelRow)> = memberships::table
            .inner_join(
                teams::table.on(teams::org_id
                    .eq(memberships::org_id)
                    .and(teams::id.eq(memberships::team_id))),
            )
            .filter(memberships::org_id.eq(key(organization)))
            .filter(memberships::member_id.eq(key(member)))
            .select((teams::name_key, TeamLabelRow::as_select()))
            .load(&mut *self.connection)
            .map_err(store_error)?;
        // Sorted here: asked to sort, the database would walk every team in that order.
        teams.sort_unstable_by(|(a, one), (b, other)| a.cmp(b).then(one.id.cmp(&other.id)));
        teams.into_iter().map(|(_, team)| team.label()).collect()
    }

    fn count_live_members(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[MemberCondition],
    ) -> Result<u64, StoreError> {
        self.count_of_live_members(organization, connection, conditions)
    }

    fn live_members(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[MemberCondition],
        stretch: &Stretch,
    ) -> Result<Vec<Member>, StoreError> {
        self.stretch_of_live_members(organization, connection, conditions, stretch)
    }

    fn live_documents(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[MemberCondition],
        stretch: &Stretch,
        teams: Teams,
    ) -> Result<Vec<WithTeams<MemberDocument>>, StoreError> {
        if teams == Teams::Load
            && let ([condition], Window::After(None) | Window::Offset(0)) =
                (conditions, &stretch.window)
            && let Some(found) = self.document_by_key(organization, connection, condition)?
        {
            return Ok(found);
        }
        let documents =
            self.stretch_of_live_documents(organization, connection, conditions, stretch)?;
        let mut found = match teams {
            Teams::Skip => HashMap::new(),
            Teams::Load => {
                let ids: Vec<MemberId> = documents.iter().map(|document| document.id).collect();
                self.live_teams_of(organization, connection, &ids)?
            }
        };
        let teams_of = |document: MemberDocument| {
            let teams = found.remove(&document.id).unwrap_or_default();
            (document, teams)
        };
        Ok(documents.into_iter().map(teams_of).collect())
    }

    fn live_teams_of_members(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        members: &[MemberId],
    ) -> Result<HashMap<MemberId, Vec<TeamLabel>>, StoreError> {
        self.live_teams_of(organization, connection, members)
    }

    fn invitation(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
    ) -> Result<Option<InvitationRecord>, StoreError> {
        self.invitation_of(organization, member)
    }
}

/// The ids of a list of teams, as columns.
pub(crate) fn team_keys(teams: &[TeamId]) -> Vec<Key> {
    teams.iter().map(|id| key(*id)).collect()
}
