//! Who is in which team, changed by sets: one statement each way, however many come or go, at a
//! cost that does not depend on how many are in the team (part B, Membership by SCIM).

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use rollcall_application::Stamp;
use rollcall_application::ports::{AppliedDelta, StoreError};
use rollcall_domain::rules::memberships::entry;
use rollcall_domain::{
    Action, ActivityEvent, ConnectionId, DeltaScope, MemberId, MembershipDelta, OrganizationId,
    Target, TeamId, Version,
};

use super::Tx;
use super::dialect::{self, is_one_of, later, read_to_change, update_here};
use super::errors::store_error;
use super::statements::{
    COUNT_LEFT, COUNT_OUTSIDERS, JOIN_FROM_DIRECTORY, JOIN_FROM_PANEL, LEAVE, LEAVE_ALL_BUT,
    OUTSIDERS_LEAVE, OUTSIDERS_PAGE, SKIPPED,
};
use crate::kept::Keep;
use crate::schema::{members, teams};
use crate::values::{Id, Key, key, micros};

#[derive(QueryableByName, Clone, Copy)]
struct Pair {
    #[diesel(sql_type = Id)]
    team_id: Key,
    #[diesel(sql_type = Id)]
    member_id: Key,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Id)]
    id: Key,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn ids(members: &[MemberId]) -> dialect::IdList {
    dialect::id_list(members.iter().map(|id| key(*id)))
}

impl Tx {
    /// Applies a delta; see the port.
    pub(crate) fn apply_delta(
        &mut self,
        delta: &MembershipDelta,
        stamp: &Stamp,
    ) -> Result<AppliedDelta, StoreError> {
        let (organization, team) = (delta.organization(), delta.team());
        let named = teams::table
            .filter(teams::org_id.eq(key(organization)))
            .filter(teams::id.eq(key(team)))
            .select((teams::name, teams::version));
        let (name, version): (String, i64) = read_to_change!(self, named, "teams")
            .optional()
            .map_err(store_error)?
            .ok_or(StoreError::VersionConflict)?;
        let removed = self.leave(delta)?;
        let added = self.join(delta)?;
        let skipped = match delta.scope() {
            // Where everybody joined, nobody was left out.
            DeltaScope::Directory(connection) if added.len() < delta.added().len() => {
                self.skipped(delta, connection)?
            }
            _ => Vec::new(),
        };
        let mut applied = AppliedDelta {
            added,
            removed,
            skipped,
            version: Version(version),
        };
        if applied.added.is_empty() && applied.removed.is_empty() {
            return Ok(applied);
        }
        applied.version = applied.version.next();
        self.count_delta(delta, &applied, stamp)?;
        self.record_delta(&Target::team(team, &name), &applied, stamp)?;
        Ok(applied)
    }

    fn leave(&mut self, delta: &MembershipDelta) -> Result<Vec<MemberId>, StoreError> {
        let (statement, named) = if delta.replaces() {
            (LEAVE_ALL_BUT, delta.added())
        } else if delta.removed().is_empty() {
            return Ok(Vec::new());
        } else {
            (LEAVE, delta.removed())
        };
        let rows: Vec<Pair> = diesel::sql_query(statement)
            .bind::<Id, _>(key(delta.organization()))
            .bind::<Id, _>(key(delta.team()))
            .bind::<dialect::IdListSql, _>(ids(named))
            .kept()
            .load(&mut *self.connection)
            .map_err(store_error)?;
        let mut left: Vec<MemberId> = rows.iter().map(|row| row.member_id.into()).collect();
        left.sort_unstable();
        Ok(left)
    }

    fn join(&mut self, delta: &MembershipDelta) -> Result<Vec<MemberId>, StoreError> {
        if delta.added().is_empty() {
            return Ok(Vec::new());
        }
        let statement = match delta.scope() {
            DeltaScope::Panel => JOIN_FROM_PANEL,
            DeltaScope::Directory(_) => JOIN_FROM_DIRECTORY,
        };
        let statement = diesel::sql_query(statement)
            .bind::<Id, _>(key(delta.organization()))
            .bind::<Id, _>(key(delta.team()))
            .bind::<dialect::IdListSql, _>(ids(delta.added()));
        let rows: Vec<Pair> = match delta.scope() {
            DeltaScope::Panel => statement.kept().load(&mut *self.connection),
            DeltaScope::Directory(connection) => statement
                .bind::<Id, _>(key(connection))
                .kept()
                .load(&mut *self.connection),
        }
        .map_err(store_error)?;
        // The database answers in any order; entries follow the order of the request.
        let joined: HashSet<MemberId> = rows.iter().map(|row| row.member_id.into()).collect();
        let named = delta.added().iter().copied();
        Ok(named.filter(|id| joined.contains(id)).collect())
    }

    fn skipped(
        &mut self,
        delta: &MembershipDelta,
        connection: ConnectionId,
    ) -> Result<Vec<MemberId>, StoreError> {
        if delta.added().is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<Named> = diesel::sql_query(SKIPPED)
            .bind::<Id, _>(key(delta.organization()))
            .bind::<dialect::IdListSql, _>(ids(delta.added()))
            .bind::<Id, _>(key(connection))
            .kept()
            .load(&mut *self.connection)
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.id.into()).collect())
    }

    fn count_delta(
        &mut self,
        delta: &MembershipDelta,
        applied: &AppliedDelta,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        let joined = i64::try_from(applied.added.len()).unwrap_or(i64::MAX);
        let left = i64::try_from(applied.removed.len()).unwrap_or(i64::MAX);
        let team = teams::table
            .filter(teams::org_id.eq(key(delta.organization())))
            .filter(teams::id.eq(key(delta.team())));
        let counted = diesel::update(team).set((
            teams::member_count.eq(teams::member_count + (joined - left)),
            teams::version.eq(applied.version.0),
            teams::updated_at.eq(later(teams::updated_at, micros(stamp.at))),
        ));
        update_here!(self, counted, teams::id)
            .map(drop)
            .map_err(store_error)
    }

    fn record_delta(
        &mut self,
        team: &Target,
        applied: &AppliedDelta,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        let changed = applied.removed.iter().chain(&applied.added);
        let people = self.people(stamp.organization, changed.map(|id| key(*id)))?;
        let left = applied
            .removed
            .iter()
            .map(|id| (Action::TeamMemberRemoved, id));
        let joined = applied.added.iter().map(|id| (Action::TeamMemberAdded, id));
        let events: Vec<ActivityEvent> = left
            .chain(joined)
            .map(|(action, id)| entry(action, team.clone(), person(&people, *id)))
            .collect();
        self.write_entries(events, stamp)
    }

    /// What people call these members.
    fn people(
        &mut self,
        organization: OrganizationId,
        ids: impl Iterator<Item = Key>,
    ) -> Result<HashMap<MemberId, String>, StoreError> {
        let rows: Vec<(Key, String)> = members::table
            .filter(members::org_id.eq(key(organization)))
            .filter(is_one_of!("members.id", ids))
            .select((members::id, members::label))
            .kept()
            .load(&mut *self.connection)
            .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, label)| (id.into(), label))
            .collect())
    }

    /// Lets outsiders leave; see the port.
    pub(crate) fn outsiders_leave(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        stamp: &Stamp,
    ) -> Result<u64, StoreError> {
        let mut left: Vec<Pair> = diesel::sql_query(OUTSIDERS_LEAVE)
            .bind::<Id, _>(key(organization))
            .bind::<Id, _>(key(connection))
            .load(&mut *self.connection)
            .map_err(store_error)?;
        if left.is_empty() {
            return Ok(0);
        }
        left.sort_unstable_by_key(|pair| (pair.team_id, pair.member_id));
        self.count_left(organization, &left, stamp)?;
        let ids = left.iter().map(|pair| pair.team_id);
        let names: HashMap<Key, String> = teams::table
            .filter(teams::org_id.eq(key(organization)))
            .filter(is_one_of!("teams.id", ids))
            .select((teams::id, teams::name))
            .load(&mut *self.connection)
            .map_err(store_error)?
            .into_iter()
            .collect();
        let people = self.people(organization, left.iter().map(|pair| pair.member_id))?;
        let events: Vec<ActivityEvent> = left
            .iter()
            .map(|pair| {
                let name = names.get(&pair.team_id).map_or("", String::as_str);
                let team = Target::team(TeamId::from(pair.team_id), name);
                let member = person(&people, pair.member_id.into());
                entry(Action::TeamMemberRemoved, team, member)
            })
            .collect();
        self.write_entries(events, stamp)?;
        Ok(left.len() as u64)
    }

    fn count_left(
        &mut self,
        organization: OrganizationId,
        left: &[Pair],
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        let mut counts: HashMap<Key, u64> = HashMap::new();
        for pair in left {
            *counts.entry(pair.team_id).or_default() += 1;
        }
        let counts: Vec<(String, u64)> = counts
            .into_iter()
            .map(|(team, count)| (team.0.simple().to_string(), count))
            .collect();
        let counts = serde_json::to_string(&counts).expect("texts and numbers always render");
        diesel::sql_query(COUNT_LEFT)
            .bind::<Id, _>(key(organization))
            .bind::<Text, _>(counts)
            .bind::<BigInt, _>(micros(stamp.at))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }

    /// Who would leave which team, and how many would.
    pub(crate) fn outsider_pairs(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        limit: u32,
    ) -> Result<(Vec<(TeamId, MemberId)>, i64), StoreError> {
        let count: Count = diesel::sql_query(COUNT_OUTSIDERS)
            .bind::<Id, _>(key(organization))
            .bind::<Id, _>(key(connection))
            .get_result(&mut *self.connection)
            .map_err(store_error)?;
        let pairs: Vec<Pair> = diesel::sql_query(OUTSIDERS_PAGE)
            .bind::<Id, _>(key(organization))
            .bind::<Id, _>(key(connection))
            .bind::<BigInt, _>(i64::from(limit))
            .load(&mut *self.connection)
            .map_err(store_error)?;
        let pairs = pairs
            .into_iter()
            .map(|pair| (pair.team_id.into(), pair.member_id.into()))
            .collect();
        Ok((pairs, count.count))
    }
}

fn person(people: &HashMap<MemberId, String>, id: MemberId) -> Target {
    Target::member(id, people.get(&id).map_or("", String::as_str))
}
