//! Inviting by hand, beside everything a directory pushes (R09, R10).

use chrono::{DateTime, Duration, Utc};

use crate::activity::{Action, ActivityEvent, FieldChange, Target};
use crate::actor::{Actor, Role};
use crate::attributes::Attributes;
use crate::change::{Change, Effect};
use crate::connection::{Directories, Origin};
use crate::ids::{MemberId, OrganizationId};
use crate::invitation::{INVITATION_LIFETIME_HOURS, Invitation};
use crate::member::{Member, MemberStatus, PersonName};
use crate::refusal::Refusal;
use crate::rules::Facts;
use crate::rules::members::profile_changes;
use crate::rules::permissions::{Permission, require, require_over, require_role_within};
use crate::rules::seats::require_seat;
use crate::team::Team;
use crate::text::Email;
use crate::version::Version;

/// Whom to invite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitee {
    /// The id the member will have.
    pub id: MemberId,
    /// Where the invitation goes.
    pub email: Email,
    /// The name, as far as it is known.
    pub name: PersonName,
    /// The role to be.
    pub role: Role,
}

/// Whether an invitation may offer a team: manually created ones only (R10).
#[must_use]
pub fn offers(team: &Team) -> bool {
    team.origin == Origin::Manual
}

/// Invites a person. `teams` are joined on accepting; `taken_by` is a member whose login key or
/// primary e-mail is this e-mail's.
///
/// # Errors
/// `not_allowed`, `member_exists`, `manual_member_in_provisioned_team` (`invalid_state` while
/// that team's directory is off), `seat_limit`.
pub fn invite(
    organization: OrganizationId,
    invitee: Invitee,
    teams: &[Team],
    by: &Actor,
    facts: &Facts<'_>,
    taken_by: Option<MemberId>,
) -> Result<(Change<Member>, Invitation), Refusal> {
    require(by, Permission::ManageMembers)?;
    require_role_within(by, invitee.role)?;
    for team in teams {
        match team.origin {
            Origin::Manual => {}
            Origin::Provisioned(directory) if facts.directories.is_on(directory) => {
                return Err(Refusal::ManualMemberInProvisionedTeam { directory });
            }
            Origin::Provisioned(_) => {
                return Err(Refusal::InvalidState(
                    "an invitation assigns manually created teams only: add the member on the \
                     team's page once the invitation is accepted",
                ));
            }
        }
    }
    if taken_by.is_some() {
        return Err(Refusal::MemberExists);
    }
    let expires_at = expiry(facts.now);
    let status = MemberStatus::Invited { expires_at };
    require_seat(None, &status, facts.seats)?;
    let member = Member {
        id: invitee.id,
        organization,
        origin: Origin::Manual,
        status,
        role: invitee.role,
        login_key: invitee.email.key(),
        email: Some(invitee.email),
        name: invitee.name,
        attributes: Attributes::default(),
        link: None,
        has_password: false,
        version: Version::FIRST,
        created_at: facts.now,
        updated_at: facts.now,
    };
    let mut changes = vec![FieldChange::new(
        "role",
        None,
        Some(member.role.to_string()),
    )];
    if !teams.is_empty() {
        let names: Vec<&str> = teams.iter().map(|team| team.name.as_str()).collect();
        changes.push(FieldChange::new("teams", None, Some(names.join(", "))));
    }
    let event = event(Action::MemberInvited, &member).with(changes);
    let invitation = Invitation {
        organization,
        member: member.id,
        teams: teams.iter().map(|team| team.id).collect(),
        expires_at,
    };
    Ok((Change::create(member, event), invitation))
}

/// Sends an invitation again: a new link, and the old one dies.
///
/// # Errors
/// `not_allowed`, `invalid_state`.
pub fn resend(member: &Member, by: &Actor, now: DateTime<Utc>) -> Result<Change<Member>, Refusal> {
    require_over(by, member)?;
    require_invited(member)?;
    let status = MemberStatus::Invited {
        expires_at: expiry(now),
    };
    let next = Member {
        status,
        ..member.clone()
    };
    let until = |status: &MemberStatus| match status {
        MemberStatus::Invited { expires_at } => Some(expires_at.to_rfc3339()),
        _ => None,
    };
    let changes = vec![FieldChange::new(
        "expires_at",
        until(&member.status),
        until(&next.status),
    )];
    let event = event(Action::MemberInvitationResent, member).with(changes);
    Ok(Change::update(next, vec![event]))
}

/// Withdraws an invitation; its seat is free again.
///
/// # Errors
/// `not_allowed`, `invalid_state`.
pub fn cancel(member: &Member, by: &Actor) -> Result<Change<Member>, Refusal> {
    require_over(by, member)?;
    require_invited(member)?;
    let event = event(Action::MemberInvitationCancelled, member);
    Ok(Change::remove(member.clone(), event).with(&[Effect::VoidInvitation]))
}

/// Accepts an invitation with a password chosen. Saved by compare-and-set: where a directory
/// adopts the member at the same moment, the loser gets `invitation_expired`.
///
/// # Errors
/// `invitation_expired`.
pub fn accept(
    member: &Member,
    name: PersonName,
    now: DateTime<Utc>,
) -> Result<Change<Member>, Refusal> {
    match member.status {
        MemberStatus::Invited { expires_at } if expires_at > now => {}
        _ => return Err(Refusal::InvitationExpired),
    }
    let next = Member {
        status: MemberStatus::Active,
        name,
        has_password: true,
        ..member.clone()
    };
    let mut changes = profile_changes(member, &next);
    changes.push(FieldChange::new(
        "status",
        Some(member.status.as_str().to_owned()),
        Some(next.status.as_str().to_owned()),
    ));
    let event = event(Action::MemberJoined, &next).with(changes);
    Ok(Change::update(next, vec![event]).with(&[Effect::VoidInvitation]))
}

/// Which of the invitation's teams the member, as [`accept`] left it, joins: R10 is judged again
/// then, and what it refuses now is left out.
#[must_use]
pub fn teams_on_acceptance<'a>(
    member: &Member,
    teams: &'a [Team],
    directories: &Directories,
) -> Vec<&'a Team> {
    teams
        .iter()
        .filter(|team| super::memberships::may_join(member, team, directories).is_ok())
        .collect()
}

fn expiry(now: DateTime<Utc>) -> DateTime<Utc> {
    now + Duration::hours(INVITATION_LIFETIME_HOURS)
}

fn require_invited(member: &Member) -> Result<(), Refusal> {
    match member.status {
        MemberStatus::Invited { .. } => Ok(()),
        _ => Err(Refusal::InvalidState("there is no open invitation")),
    }
}

fn event(action: Action, member: &Member) -> ActivityEvent {
    ActivityEvent::change(action, Target::member(member.id, &member.label()))
}
