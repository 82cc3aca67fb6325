//! Saving teams: the row, its link, its memberships and its entries are one.

use diesel::prelude::*;
use rollcall_application::Stamp;
use rollcall_application::ports::{AppliedDelta, StoreError, TeamReads, TeamWrites};
use rollcall_domain::{Change, ChangeKind, MembershipDelta, Team};

use super::super::dialect::update_here;
use super::super::errors::store_error;
use super::super::links::LinkRow;
use super::super::organizations::{require_one, require_own_stamp};
use super::{TeamRow, Tx};
use crate::schema::{memberships, teams};
use crate::values::key;

impl TeamWrites for Tx {
    fn save_team(&mut self, change: Change<Team>, stamp: &Stamp) -> Result<Team, StoreError> {
        require_own_stamp(stamp, change.value.organization)?;
        let saved = match change.kind {
            ChangeKind::None => return Ok(change.value),
            ChangeKind::Create => self.insert_team(change.value)?,
            ChangeKind::Update => self.update_team(change.value, stamp)?,
            ChangeKind::Remove => self.delete_team(change.value)?,
        };
        self.write_entries(change.events, stamp)?;
        Ok(saved)
    }

    fn apply_memberships(
        &mut self,
        delta: &MembershipDelta,
        stamp: &Stamp,
    ) -> Result<AppliedDelta, StoreError> {
        require_own_stamp(stamp, delta.organization())?;
        self.apply_delta(delta, stamp)
    }
}

impl Tx {
    fn insert_team(&mut self, mut team: Team) -> Result<Team, StoreError> {
        team.member_count = 0;
        diesel::insert_into(teams::table)
            .values(TeamRow::new(&team))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        self.save_team_link(None, &team)?;
        Ok(team)
    }

    fn update_team(&mut self, mut next: Team, stamp: &Stamp) -> Result<Team, StoreError> {
        let before = self.unmoved_team(&next)?;
        next.version = before.version.next();
        next.updated_at = before.updated_at.max(stamp.at);
        next.member_count = before.member_count;
        let unmoved = teams::table
            .filter(teams::org_id.eq(key(next.organization)))
            .filter(teams::id.eq(key(next.id)))
            .filter(teams::version.eq(before.version.0));
        let saved = diesel::update(unmoved).set(TeamRow::new(&next));
        let updated = update_here!(self, saved, teams::id).map_err(store_error)?;
        require_one(updated)?;
        self.save_team_link(Some(&before), &next)?;
        Ok(next)
    }

    fn delete_team(&mut self, last: Team) -> Result<Team, StoreError> {
        let before = self.unmoved_team(&last)?;
        let inside = memberships::table
            .filter(memberships::org_id.eq(key(before.organization)))
            .filter(memberships::team_id.eq(key(before.id)));
        diesel::delete(inside)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        let unmoved = teams::table
            .filter(teams::org_id.eq(key(before.organization)))
            .filter(teams::id.eq(key(before.id)))
            .filter(teams::version.eq(before.version.0));
        // The link and the promises of invitations go by foreign key.
        let deleted = diesel::delete(unmoved)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        require_one(deleted)?;
        self.count_link(LinkRow::of_team(&before).as_ref(), -1)?;
        Ok(last)
    }

    /// The stored team, if its version is still the one that was read.
    fn unmoved_team(&mut self, read: &Team) -> Result<Team, StoreError> {
        self.team(read.organization, read.id)?
            .filter(|stored| stored.version == read.version)
            .ok_or(StoreError::VersionConflict)
    }
}
