//! Who may be in which team (R10, R11; part B, Membership by SCIM).

use std::collections::HashSet;

use crate::activity::{Action, ActivityEvent, FieldChange, Target};
use crate::actor::Actor;
use crate::connection::{Connection, Custody, Directories, Origin};
use crate::ids::MemberId;
use crate::member::{Member, MemberStatus};
use crate::membership::{DeltaScope, MembershipDelta};
use crate::refusal::Refusal;
use crate::rules::permissions::{Permission, require};
use crate::rules::teams::require_editable;
use crate::team::Team;

/// Whether a member may join a team by the panel.
///
/// # Errors
/// `manual_member_in_provisioned_team` (R10, by origin, lost teams included),
/// `provisioned_read_only` (R07), `invalid_state` for who has not accepted the invitation yet.
pub fn may_join(member: &Member, team: &Team, directories: &Directories) -> Result<(), Refusal> {
    if let Origin::Provisioned(directory) = team.origin
        && member.origin == Origin::Manual
        && directories.is_on(directory)
    {
        return Err(Refusal::ManualMemberInProvisionedTeam { directory });
    }
    require_editable(team, directories)?;
    if matches!(member.status, MemberStatus::Invited { .. }) {
        return Err(Refusal::InvalidState("the invitation is not accepted yet"));
    }
    Ok(())
}

/// Adds members to a team in the panel, all or none (R11).
///
/// # Errors
/// `not_allowed`, and as [`may_join`].
pub fn add(
    team: &Team,
    members: &[Member],
    by: &Actor,
    directories: &Directories,
) -> Result<MembershipDelta, Refusal> {
    require(by, Permission::ManageTeams)?;
    for member in members {
        may_join(member, team, directories)?;
    }
    Ok(delta(
        team,
        DeltaScope::Panel,
        members.iter().map(|member| member.id),
        [],
    ))
}

/// Lets a member join what its invitation promised; [`may_join`] was asked (part B).
pub fn join(team: &Team, member: &Member) -> MembershipDelta {
    delta(team, DeltaScope::Panel, [member.id], [])
}

/// Removes members from a team in the panel.
///
/// # Errors
/// `not_allowed`, `provisioned_read_only` (R07).
pub fn remove(
    team: &Team,
    members: &[MemberId],
    by: &Actor,
    directories: &Directories,
) -> Result<MembershipDelta, Refusal> {
    require(by, Permission::ManageTeams)?;
    require_editable(team, directories)?;
    Ok(delta(team, DeltaScope::Panel, [], members.iter().copied()))
}

/// What a directory asks of one team's memberships, folded to its net effect.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DirectoryMemberships {
    /// Whether everybody who is not in `add` leaves.
    pub replace: bool,
    /// Who joins.
    pub add: Vec<MemberId>,
    /// Who leaves.
    pub remove: Vec<MemberId>,
}

/// Changes a managed team as its directory asks. SCIM never touches any other team (R11).
///
/// # Errors
/// [`Refusal::ConnectionClosed`] when this connection does not manage the team.
pub fn from_directory(
    team: &Team,
    connection: &Connection,
    wanted: DirectoryMemberships,
    directories: &Directories,
) -> Result<MembershipDelta, Refusal> {
    match directories.custody(team.origin, team.link.as_ref()) {
        Custody::Directory(id, _) if id == connection.id => {}
        _ => return Err(Refusal::ConnectionClosed),
    }
    let scope = DeltaScope::Directory(connection.id);
    let remove = if wanted.replace {
        Vec::new()
    } else {
        wanted.remove
    };
    let mut delta = delta(team, scope, wanted.add, remove);
    delta.replace = wanted.replace;
    Ok(delta)
}

/// The entry of one member in or out of a team.
#[must_use]
pub fn entry(action: Action, team: Target, member: Target) -> ActivityEvent {
    let name = Some(member.label.clone());
    let change = match action {
        Action::TeamMemberRemoved => FieldChange::new("member", name, None),
        _ => FieldChange::new("member", None, name),
    };
    ActivityEvent::change(action, team)
        .about(member)
        .with(vec![change])
}

/// The warning for an id that a directory named and that is no live member of its connection:
/// skipped, never a reason to lose the batch (part B, Membership by SCIM).
#[must_use]
pub fn skipped(team: &Team, named: &str) -> ActivityEvent {
    let shown: String = named.chars().take(100).collect();
    ActivityEvent::warning(
        Action::ProvisioningMemberSkipped,
        Target::team(team.id, team.name.as_str()),
    )
    .with(vec![FieldChange::new("member_id", None, Some(shown))])
}

fn delta(
    team: &Team,
    scope: DeltaScope,
    add: impl IntoIterator<Item = MemberId>,
    remove: impl IntoIterator<Item = MemberId>,
) -> MembershipDelta {
    MembershipDelta {
        organization: team.organization,
        team: team.id,
        scope,
        replace: false,
        add: each_once(add),
        remove: each_once(remove),
    }
}

fn each_once(ids: impl IntoIterator<Item = MemberId>) -> Vec<MemberId> {
    let mut seen = HashSet::new();
    ids.into_iter().filter(|id| seen.insert(*id)).collect()
}
