//! Inviting by hand, beside everything a directory pushes (R09, R10).

use rollcall_domain::rules::invitations::{self, Invitee};
use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::{
    Email, Invitation, Member, MemberId, MemberStatus, PersonName, Refusal, Role, TeamId,
};

use super::MemberDetails;
use crate::panel::access::{Confirmed, require_confirmed};
use crate::panel::surroundings::{Surroundings, every_team, member_of};
use crate::panel::turns::{Turn, in_turns};
use crate::panel::{NameChanges, input, mails};
use crate::ports::{StoreExt, TokenKind, WriteTx};
use crate::{Caller, Failure, Services, Stamp};

/// How many people one request can invite.
pub const INVITE_LIMIT: usize = 100;

/// Whom to invite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteMember {
    /// Where the invitation goes.
    pub email: String,
    /// The name, as far as it is known.
    pub name: NameChanges,
    /// The role to be, by its stable name.
    pub role: String,
    /// Manually created teams to join on accepting (R10).
    pub teams: Vec<TeamId>,
}

/// An invitation that was checked and awaits its transaction.
#[derive(Clone)]
struct Checked {
    id: MemberId,
    email: Email,
    name: PersonName,
    role: Role,
    teams: Vec<TeamId>,
}

/// Invites one person; the mail leaves once the invitation is stored. Whoever invites an owner
/// gives the password again, as for making one of a member (SEC-9).
///
/// # Errors
/// `not_allowed`, `member_exists`, `manual_member_in_provisioned_team`, `seat_limit`;
/// [`Failure::Absent`] for a team, [`Failure::Invalid`], [`Failure::NotAuthenticated`] where the
/// password has to be given again.
pub async fn invite_member(
    services: &Services,
    caller: &Caller,
    command: InviteMember,
    confirmed: Option<Confirmed>,
) -> Result<MemberDetails, Failure> {
    caller.require(Permission::ManageMembers)?;
    let checked = check(services, command)?;
    let (caller, stamp) = (caller.clone(), caller.stamp(services.clock.now()));
    let (services, store) = (services.clone(), services.store.clone());
    store
        .write(move |tx| {
            // First whether it is allowed at all, then whether the password was given.
            let confirmation = match checked.role {
                Role::Owner => require_confirmed(&caller, confirmed.as_ref()),
                Role::Admin | Role::Member => Ok(()),
            };
            let details = invite(tx, &services, checked.clone(), &stamp)?;
            confirmation?;
            Ok(details)
        })
        .await
}

/// Invites many, each in a transaction of its own: what is refused for one does not hold up the
/// others. The answers come in the order of the invitations.
pub async fn invite_members(
    services: &Services,
    caller: &Caller,
    commands: Vec<InviteMember>,
    confirmed: Option<Confirmed>,
) -> Vec<Result<MemberDetails, Failure>> {
    in_turns(commands.into_iter().map(|command| -> Turn<'_, _> {
        Box::pin(invite_member(services, caller, command, confirmed))
    }))
    .await
}

fn check(services: &Services, command: InviteMember) -> Result<Checked, Failure> {
    Ok(Checked {
        id: MemberId::new(services.ids.next()),
        email: input::email("email", &command.email)?,
        name: command.name.over(&PersonName::default())?,
        role: input::role("role", &command.role)?,
        teams: command.teams,
    })
}

fn invite(
    tx: &mut dyn WriteTx,
    services: &Services,
    checked: Checked,
    stamp: &Stamp,
) -> Result<MemberDetails, Failure> {
    let organization = stamp.organization;
    let teams = every_team(tx, organization, &checked.teams)?;
    let around = Surroundings::load(tx, organization, checked.id, stamp.at)?;
    let same = tx.members_with_keys(organization, &[checked.email.key()])?;
    let taken_by = same.first().map(|member| member.id);
    let invitee = Invitee {
        id: checked.id,
        email: checked.email,
        name: checked.name,
        role: checked.role,
    };
    let facts = around.facts();
    let (change, invitation) = invitations::invite(
        organization,
        invitee,
        &teams,
        &stamp.actor,
        &facts,
        taken_by,
    )?;
    let member = tx.save_member(change, stamp)?;
    send(tx, services, &around, &member, &invitation, stamp)?;
    MemberDetails::load(tx, member, &around.directories)
}

/// Stores the digest of a new link, so that an older one dies, and puts the mail in the outbox.
fn send(
    tx: &mut dyn WriteTx,
    services: &Services,
    around: &Surroundings,
    member: &Member,
    invitation: &Invitation,
    stamp: &Stamp,
) -> Result<(), Failure> {
    let token = services.tokens.mint(TokenKind::Invitation);
    let digest = services.tokens.digest(token.expose());
    tx.put_invitation(invitation, &digest, stamp.at)?;
    if let Some(to) = &member.email {
        let name = around.organization.name.as_str();
        let inviter = stamp.actor.label();
        let mail = mails::invitation(to, name, inviter, &services.public_url, &token);
        tx.enqueue(member.organization, &mail, stamp.at)?;
    }
    Ok(())
}

/// Sends an invitation again: a new link for another 72 hours, and the old one dies.
///
/// # Errors
/// `not_allowed`, `invalid_state`; [`Failure::Absent`].
pub async fn resend_invitation(
    services: &Services,
    caller: &Caller,
    id: MemberId,
) -> Result<MemberDetails, Failure> {
    let (services, stamp) = (services.clone(), caller.stamp(services.clock.now()));
    let store = services.store.clone();
    store
        .write(move |tx| {
            let member = member_of(tx, stamp.organization, id, None)?;
            let around = Surroundings::load(tx, stamp.organization, id, stamp.at)?;
            let change = invitations::resend(&member, &stamp.actor, stamp.at)?;
            let member = tx.save_member(change, &stamp)?;
            let invitation = renewed(tx, &member)?;
            send(tx, &services, &around, &member, &invitation, &stamp)?;
            MemberDetails::load(tx, member, &around.directories)
        })
        .await
}

/// The open invitation, for as long as the member's new state says.
fn renewed(tx: &mut dyn WriteTx, member: &Member) -> Result<Invitation, Failure> {
    let open = tx.invitation(member.organization, member.id)?;
    let teams = open.map_or_else(Vec::new, |open| open.invitation.teams);
    let MemberStatus::Invited { expires_at } = member.status else {
        return Err(Refusal::InvalidState("there is no open invitation").into());
    };
    Ok(Invitation {
        organization: member.organization,
        member: member.id,
        teams,
        expires_at,
    })
}

/// Withdraws an invitation; its seat is free again.
///
/// # Errors
/// `not_allowed`, `invalid_state`; [`Failure::Absent`].
pub async fn cancel_invitation(
    services: &Services,
    caller: &Caller,
    id: MemberId,
) -> Result<(), Failure> {
    let stamp = caller.stamp(services.clock.now());
    services
        .store
        .write(move |tx| {
            let member = member_of(tx, stamp.organization, id, None)?;
            let change = invitations::cancel(&member, &stamp.actor)?;
            tx.save_member(change, &stamp)?;
            Ok(())
        })
        .await
}
