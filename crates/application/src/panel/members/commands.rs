//! Suspending, activating, deleting, giving a role, adding to a team: to one member or to many.

use rollcall_domain::rules::{members, memberships};
use rollcall_domain::{Member, MemberId, Role, TeamId, Version};

use super::MemberDetails;
use crate::panel::access::{Confirmed, require_confirmed};
use crate::panel::surroundings::{Surroundings, member_of, team_of};
use crate::panel::turns::{Turn, in_turns};
use crate::ports::{StoreExt, WriteTx};
use crate::{Caller, Failure, Services, Stamp};

/// How many members one request can name.
pub const BULK_LIMIT: usize = 1000;

/// What can be done to a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberCommand {
    /// Suspend.
    Suspend,
    /// Activate.
    Activate,
    /// Delete.
    Delete,
    /// Give a role.
    SetRole(Role),
    /// Add to a team (R10, R11).
    AddToTeam(TeamId),
}

impl MemberCommand {
    /// Whether it changes who owns the organization, so that the password is asked for again
    /// (SEC-9).
    fn touches_ownership(self, member: &Member) -> bool {
        let of_owner = member.role == Role::Owner;
        match self {
            Self::Suspend | Self::Delete => of_owner,
            Self::SetRole(role) => role != member.role && (of_owner || role == Role::Owner),
            Self::Activate | Self::AddToTeam(_) => false,
        }
    }
}

/// Does one thing to one member, and answers the member as it is then; nothing once deleted.
///
/// # Errors
/// `not_allowed`, `provisioned_read_only`, `manual_member_in_provisioned_team`, `invalid_state`,
/// `last_owner`, `seat_limit`; [`Failure::Absent`], [`Failure::PreconditionFailed`],
/// [`Failure::NotAuthenticated`] where the password has to be given again (SEC-9).
pub async fn command_member(
    services: &Services,
    caller: &Caller,
    id: MemberId,
    command: MemberCommand,
    confirmed: Option<Confirmed>,
    seen: Option<Version>,
) -> Result<Option<MemberDetails>, Failure> {
    let (caller, stamp) = (caller.clone(), caller.stamp(services.clock.now()));
    services
        .store
        .write(move |tx| {
            let member = member_of(tx, stamp.organization, id, seen)?;
            let around = Surroundings::load(tx, stamp.organization, id, stamp.at)?;
            // First whether it is allowed at all, then whether the password was given.
            let confirmation = if command.touches_ownership(&member) {
                require_confirmed(&caller, confirmed.as_ref())
            } else {
                Ok(())
            };
            apply(tx, &member, command, &around, &stamp)?;
            confirmation?;
            match tx.member(stamp.organization, id)? {
                Some(member) => MemberDetails::load(tx, member, &around.directories).map(Some),
                None => Ok(None),
            }
        })
        .await
}

/// Does one thing to many members, each in a transaction of its own: what is refused for one does
/// not hold up the others. The answers come in the order of the ids.
pub async fn command_members(
    services: &Services,
    caller: &Caller,
    ids: &[MemberId],
    command: MemberCommand,
    confirmed: Option<Confirmed>,
) -> Vec<Result<Option<MemberDetails>, Failure>> {
    in_turns(ids.iter().map(|id| -> Turn<'_, _> {
        Box::pin(command_member(
            services, caller, *id, command, confirmed, None,
        ))
    }))
    .await
}

fn apply(
    tx: &mut dyn WriteTx,
    member: &Member,
    command: MemberCommand,
    around: &Surroundings,
    stamp: &Stamp,
) -> Result<(), Failure> {
    let (by, facts) = (&stamp.actor, around.facts());
    let change = match command {
        MemberCommand::Suspend => members::suspend(member, by, &facts)?,
        MemberCommand::Activate => members::activate(member, by, &facts)?,
        MemberCommand::Delete => members::delete(member, by, &facts)?,
        MemberCommand::SetRole(role) => members::set_role(member, role, by, &facts)?,
        MemberCommand::AddToTeam(team) => {
            let team = team_of(tx, stamp.organization, team, None)?;
            let member = std::slice::from_ref(member);
            let delta = memberships::add(&team, member, by, &around.directories)?;
            tx.apply_memberships(&delta, stamp)?;
            return Ok(());
        }
    };
    tx.save_member(change, stamp)?;
    Ok(())
}
