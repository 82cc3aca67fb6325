//! Saving members: the row, its link, its seat, its effects and its entries are one.

use diesel::prelude::*;
use rollcall_application::Stamp;
use rollcall_application::ports::{
    Digest, InvitationRecord, MemberReads, MemberWrites, StoreError,
};
use rollcall_domain::rules::memberships::entry;
use rollcall_domain::{
    Action, ActivityEvent, Change, ChangeKind, Effect, Invitation, Member, MemberId,
    OrganizationId, Target, TeamId,
};

use super::super::dialect::{effect_here, later, update_here};
use super::super::errors::store_error;
use super::super::links::LinkRow;
use super::super::organizations::{require_one, require_own_stamp};
use super::row::Difference;
use super::{MemberRow, Tx, team_keys};
use crate::schema::{
    further_emails, invitation_teams, invitations, link_requests, members, memberships, passwords,
    resets, sessions, teams,
};
use crate::values::{Key, instant, key, micros};

impl MemberWrites for Tx {
    fn save_member(&mut self, change: Change<Member>, stamp: &Stamp) -> Result<Member, StoreError> {
        let Change {
            kind,
            value,
            mut events,
            effects,
        } = change;
        require_own_stamp(stamp, value.organization)?;
        let saved = match kind {
            ChangeKind::None => return Ok(value),
            ChangeKind::Create => self.insert_member(value)?,
            ChangeKind::Update => self.update_member(value, stamp)?,
            ChangeKind::Remove => {
                events.extend(self.delete_member(&value, stamp)?);
                value
            }
        };
        for effect in effects {
            self.take_effect(effect, &saved)?;
        }
        self.write_entries(events, stamp)?;
        Ok(saved)
    }

    fn put_invitation(
        &mut self,
        invitation: &Invitation,
        token: &Digest,
        at: chrono::DateTime<chrono::Utc>,
    ) -> Result<(), StoreError> {
        let (organization, member) = (key(invitation.organization), key(invitation.member));
        self.void_invitation(invitation.organization, invitation.member)?;
        diesel::insert_into(invitations::table)
            .values((
                invitations::org_id.eq(organization),
                invitations::member_id.eq(member),
                invitations::digest.eq(token.0.as_slice()),
                invitations::sent_at.eq(micros(at)),
                invitations::expires_at.eq(micros(invitation.expires_at)),
            ))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        let teams: Vec<_> = (0_i64..)
            .zip(team_keys(&invitation.teams))
            .map(|(position, team)| {
                (
                    invitation_teams::org_id.eq(organization),
                    invitation_teams::member_id.eq(member),
                    invitation_teams::position.eq(position),
                    invitation_teams::team_id.eq(team),
                )
            })
            .collect();
        diesel::insert_into(invitation_teams::table)
            .values(&teams)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }
}

/// One when the member uses a seat.
fn seat(member: &Member) -> i64 {
    i64::from(member.status.uses_seat())
}

impl Tx {
    fn insert_member(&mut self, member: Member) -> Result<Member, StoreError> {
        let MemberRow {
            own,
            state,
            names,
            moment,
        } = MemberRow::new(&member);
        let entered = diesel::insert_into(members::table).values((own, state, names, moment));
        effect_here!(self, entered, members::id).map_err(store_error)?;
        self.save_member_link(None, &member)?;
        self.save_further_emails(None, &member)?;
        self.move_counts(member.organization, 1, seat(&member))?;
        Ok(member)
    }

    fn update_member(&mut self, mut next: Member, stamp: &Stamp) -> Result<Member, StoreError> {
        let before = self.unmoved_member(&next)?;
        next.version = before.version.next();
        next.updated_at = before.updated_at.max(stamp.at);
        let unmoved = members::table
            .filter(members::org_id.eq(key(next.organization)))
            .filter(members::id.eq(key(next.id)))
            .filter(members::version.eq(before.version.0));
        let update = diesel::update(unmoved);
        let updated = match Difference::between(&before, &next) {
            Difference::Moment(moment) => update_here!(self, update.set(moment), members::id),
            Difference::State(moment, state) => {
                update_here!(self, update.set((moment, state)), members::id)
            }
            Difference::Names(moment, state, names) => {
                update_here!(self, update.set((moment, state, *names)), members::id)
            }
        };
        require_one(updated.map_err(store_error)?)?;
        self.save_member_link(Some(&before), &next)?;
        self.save_further_emails(Some(&before), &next)?;
        self.move_counts(next.organization, 0, seat(&next) - seat(&before))?;
        Ok(next)
    }

    /// Keeps the addresses beside the primary one findable; hardly anybody has any.
    fn save_further_emails(
        &mut self,
        before: Option<&Member>,
        next: &Member,
    ) -> Result<(), StoreError> {
        if before.is_some_and(|before| before.attributes == next.attributes) {
            return Ok(());
        }
        let of = |member: &Member| member.attributes.further_email_keys();
        let (old, new) = (before.map(of).unwrap_or_default(), of(next));
        if old == new {
            return Ok(());
        }
        let (organization, member) = (key(next.organization), key(next.id));
        let own = further_emails::table
            .filter(further_emails::org_id.eq(organization))
            .filter(further_emails::member_id.eq(member));
        diesel::delete(own)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        let rows: Vec<_> = new
            .iter()
            .map(|address| {
                (
                    further_emails::org_id.eq(organization),
                    further_emails::member_id.eq(member),
                    further_emails::key.eq(address.as_str()),
                )
            })
            .collect();
        diesel::insert_into(further_emails::table)
            .values(&rows)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }

    /// Deletes a member with everything that is theirs; answers the entries of the teams left.
    fn delete_member(
        &mut self,
        last: &Member,
        stamp: &Stamp,
    ) -> Result<Vec<ActivityEvent>, StoreError> {
        let before = self.unmoved_member(last)?;
        let entries = self.leave_every_team(&before, stamp)?;
        let unmoved = members::table
            .filter(members::org_id.eq(key(before.organization)))
            .filter(members::id.eq(key(before.id)))
            .filter(members::version.eq(before.version.0));
        // Link, password, sessions, resets, invitation and requests go by foreign key.
        let deleted = diesel::delete(unmoved)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        require_one(deleted)?;
        // In this order, as wherever both are counted: two at a time must not wait for each other.
        self.count_link(LinkRow::of_member(&before).as_ref(), -1)?;
        self.move_counts(before.organization, -1, -seat(&before))?;
        Ok(entries)
    }

    /// The stored member, if its version is still the one that was read. What this job has read
    /// itself stands as it was read: nobody else changes it meanwhile.
    fn unmoved_member(&mut self, read: &Member) -> Result<Member, StoreError> {
        let known = self.read.take();
        let known =
            known.filter(|known| (known.organization, known.id) == (read.organization, read.id));
        let stored = match known {
            Some(known) => Some(known),
            None => self.member(read.organization, read.id)?,
        };
        stored
            .filter(|stored| stored.version == read.version)
            .ok_or(StoreError::VersionConflict)
    }

    fn leave_every_team(
        &mut self,
        member: &Member,
        stamp: &Stamp,
    ) -> Result<Vec<ActivityEvent>, StoreError> {
        let organization = key(member.organization);
        let own = memberships::table
            .filter(memberships::org_id.eq(organization))
            .filter(memberships::member_id.eq(key(member.id)));
        let mut left: Vec<(String, Key, String)> = own
            .inner_join(
                teams::table.on(teams::org_id
                    .eq(memberships::org_id)
                    .and(teams::id.eq(memberships::team_id))),
            )
            .select((teams::name_key, teams::id, teams::name))
            .load(&mut *self.connection)
            .map_err(store_error)?;
        left.sort_unstable();
        let theirs = teams::table
            .filter(teams::org_id.eq(organization))
            .filter(teams::id.eq_any(own.select(memberships::team_id)));
        diesel::update(theirs)
            .set((
                teams::member_count.eq(teams::member_count - 1),
                teams::version.eq(teams::version + 1),
                teams::updated_at.eq(later(teams::updated_at, micros(stamp.at))),
            ))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        diesel::delete(own)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        let person = Target::member(member.id, &member.label());
        Ok(left
            .into_iter()
            .map(|(_, id, name)| {
                let team = Target::team(TeamId::from(id), &name);
                entry(Action::TeamMemberRemoved, team, person.clone())
            })
            .collect())
    }

    fn take_effect(&mut self, effect: Effect, member: &Member) -> Result<(), StoreError> {
        let (organization, id) = (key(member.organization), key(member.id));
        match effect {
            Effect::EndSessions => diesel::delete(
                sessions::table
                    .filter(sessions::org_id.eq(organization))
                    .filter(sessions::member_id.eq(id)),
            )
            .execute(&mut *self.connection),
            Effect::VoidPassword => diesel::delete(
                passwords::table
                    .filter(passwords::org_id.eq(organization))
                    .filter(passwords::member_id.eq(id)),
            )
            .execute(&mut *self.connection),
            Effect::VoidResets => diesel::delete(
                resets::table
                    .filter(resets::org_id.eq(organization))
                    .filter(resets::member_id.eq(id)),
            )
            .execute(&mut *self.connection),
            Effect::VoidInvitation => {
                return self.void_invitation(member.organization, member.id);
            }
            Effect::UseLinkApproval => diesel::delete(
                link_requests::table
                    .filter(link_requests::org_id.eq(organization))
                    .filter(link_requests::member_id.eq(id)),
            )
            .execute(&mut *self.connection),
        }
        .map(|_| ())
        .map_err(store_error)
    }

    fn void_invitation(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
    ) -> Result<(), StoreError> {
        let own = invitations::table
            .filter(invitations::org_id.eq(key(organization)))
            .filter(invitations::member_id.eq(key(member)));
        diesel::delete(own)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }

    pub(super) fn invitation_of(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
    ) -> Result<Option<InvitationRecord>, StoreError> {
        let row: Option<(i64, i64)> = invitations::table
            .filter(invitations::org_id.eq(key(organization)))
            .filter(invitations::member_id.eq(key(member)))
            .select((invitations::sent_at, invitations::expires_at))
            .first(&mut *self.connection)
            .optional()
            .map_err(store_error)?;
        let Some((sent_at, expires_at)) = row else {
            return Ok(None);
        };
        Ok(Some(InvitationRecord {
            invitation: Invitation {
                organization,
                member,
                teams: self.invitation_teams(organization, member)?,
                expires_at: instant(expires_at)?,
            },
            sent_at: instant(sent_at)?,
        }))
    }

    /// The teams an invitation promises, in the order they were chosen.
    pub(crate) fn invitation_teams(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
    ) -> Result<Vec<TeamId>, StoreError> {
        let teams: Vec<Key> = invitation_teams::table
            .filter(invitation_teams::org_id.eq(key(organization)))
            .filter(invitation_teams::member_id.eq(key(member)))
            .order(invitation_teams::position)
            .select(invitation_teams::team_id)
            .load(&mut *self.connection)
            .map_err(store_error)?;
        Ok(teams.into_iter().map(TeamId::from).collect())
    }
}
