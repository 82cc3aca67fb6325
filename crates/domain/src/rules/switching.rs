//! Turning provisioning on and off, and what is found again (R01–R03, R12, R13; part B, *Off*
//! and *On again*).

use chrono::{DateTime, Utc};

use crate::activity::{Action, ActivityEvent, FieldChange, Target};
use crate::actor::Actor;
use crate::change::{Change, Effect};
use crate::connection::{Connection, Directories, Profile, Switch};
use crate::ids::MemberId;
use crate::link::{Link, LinkState};
use crate::member::{Member, MemberStatus};
use crate::refusal::Refusal;
use crate::rules::members::status_event;
use crate::rules::owners::{Owners, keep_an_owner};
use crate::rules::permissions::{Permission, require};
use crate::rules::provisioning::needs_link_approval;
use crate::rules::teams::{self, Namesakes};
use crate::team::Team;

/// How long an owner's permission to link an owner or admin lasts, in hours.
pub const LINK_APPROVAL_HOURS: i64 = 24;

/// Turns provisioning on (R01). The caller issues a new token and then asks [`relink_member`] and
/// [`relink_team`] of everything the connection is linked to, in the same transaction.
///
/// # Errors
/// `not_allowed`; `invalid_state` when it is on.
pub fn enable(
    connection: &Connection,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<Change<Connection>, Refusal> {
    require(by, Permission::ManageProvisioning)?;
    if connection.is_on() {
        return Err(Refusal::InvalidState("provisioning is turned on already"));
    }
    let next = Connection {
        last_request_at: None,
        ..connection.switched(Switch::On, now)
    };
    Ok(Change::update(
        next,
        vec![event(Action::ProvisioningEnabled, connection)],
    ))
}

/// Turns provisioning off: the caller revokes every token in the same transaction (R03). Links
/// are remembered; managed-ness is gone (R12).
///
/// # Errors
/// `not_allowed`; `invalid_state` when it is off.
pub fn disable(
    connection: &Connection,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<Change<Connection>, Refusal> {
    require(by, Permission::ManageProvisioning)?;
    if !connection.is_on() {
        return Err(Refusal::InvalidState("provisioning is turned off already"));
    }
    let next = connection.switched(Switch::Off, now);
    Ok(Change::update(
        next,
        vec![event(Action::ProvisioningDisabled, connection)],
    ))
}

/// Issues new credentials: the caller replaces every token in the same transaction, and the old
/// one is refused at once (R03). Links stay.
///
/// # Errors
/// `not_allowed`; `invalid_state` when it is off.
pub fn issue_credentials(
    connection: &Connection,
    by: &Actor,
) -> Result<Change<Connection>, Refusal> {
    require(by, Permission::ManageProvisioning)?;
    if !connection.is_on() {
        return Err(Refusal::InvalidState(
            "provisioning is turned off: turn it on",
        ));
    }
    let event = event(Action::ProvisioningCredentialsIssued, connection);
    Ok(Change::update(connection.clone(), vec![event]))
}

/// Says anew how the SCIM of a connection is read, on or off. It touches nothing that was pushed.
///
/// # Errors
/// `not_allowed`.
pub fn choose_profile(
    connection: &Connection,
    profile: Profile,
    by: &Actor,
) -> Result<Change<Connection>, Refusal> {
    require(by, Permission::ManageProvisioning)?;
    if connection.profile == profile {
        return Ok(Change::none(connection.clone()));
    }
    let mut event = event(Action::ProvisioningProfileChanged, connection);
    event.changes.push(FieldChange::new(
        "profile",
        Some(connection.profile.as_str().to_owned()),
        Some(profile.as_str().to_owned()),
    ));
    let next = Connection {
        profile,
        ..connection.clone()
    };
    Ok(Change::update(next, vec![event]))
}

/// An owner lets a directory take over an owner or admin for [`LINK_APPROVAL_HOURS`].
///
/// # Errors
/// `not_allowed`; `invalid_state` for a member who needs no permission.
pub fn allow_link(
    member: &Member,
    by: &Actor,
    directories: &Directories,
) -> Result<ActivityEvent, Refusal> {
    require(by, Permission::AllowLink)?;
    if !needs_link_approval(member, directories) {
        return Err(Refusal::InvalidState(
            "only the link of an owner or admin whom no directory manages needs permission",
        ));
    }
    Ok(ActivityEvent::change(
        Action::ProvisioningLinkAllowed,
        Target::member(member.id, &member.label()),
    ))
}

/// What turning on does to a linked member. The link is live if its key as sent still equals the
/// member's, else lost; a lost one stays as it is. On a live one the directory's last `active`
/// is applied again, and who was suspended by hand becomes deactivated.
///
/// `namesake` is another member that the connection still finds under the same `externalId`. The
/// key alone decides what is found, and an `externalId` is unique among live links, so the other
/// one keeps it and this one is found without. Ask of the live links first: who is lost frees
/// what it held.
///
/// # Errors
/// `last_owner` when it would deactivate the last owner who can sign in.
pub fn relink_member(
    member: &Member,
    connection: &Connection,
    owners: Owners,
    namesake: Option<MemberId>,
) -> Result<Change<Member>, Refusal> {
    let Some(link) = member
        .link
        .as_ref()
        .filter(|link| link.connection == connection.id)
    else {
        return Ok(Change::none(member.clone()));
    };
    let found = link.key == member.login_key;
    let external_id = ExternalIdHolder::of(namesake, member.id);
    let mut next = Member {
        link: Some(relinked(link, found, external_id)),
        ..member.clone()
    };
    let mut events = Vec::new();
    if let Some(action) = relink_action(link, found, Action::MemberFound, Action::MemberLost) {
        events.push(member_event(action, member, &next));
    }
    let stays_active = link.active && member.status == MemberStatus::Active;
    let mut effects: &[Effect] = &[];
    if found && !stays_active && member.status != MemberStatus::Deactivated {
        next.status = MemberStatus::Deactivated;
        keep_an_owner(member, Some(&next), owners)?;
        events.push(status_event(Action::MemberDeactivated, member, &next));
        effects = &[Effect::EndSessions];
    }
    if events.is_empty() {
        return Ok(Change::none(member.clone()));
    }
    Ok(Change::update(next, events).with(effects))
}

/// What turning on does to a linked team. Of `namesakes` two matter: another team in the
/// connection's namespace that bears the name as sent stays the one that is found; one that the
/// connection finds under the same `externalId` keeps it, and this one is found without. Ask of
/// the live links first, as for members.
pub fn relink_team(team: &Team, connection: &Connection, namesakes: Namesakes) -> Change<Team> {
    let Some(link) = team
        .link
        .as_ref()
        .filter(|link| link.connection == connection.id)
    else {
        return Change::none(team.clone());
    };
    let unrivalled = namesakes.connection.is_none_or(|other| other == team.id);
    let found = link.key == team.name_key && unrivalled;
    let external_id = ExternalIdHolder::of(namesakes.external_id, team.id);
    let namespace = if found {
        connection.id.uuid()
    } else {
        team.organization.uuid()
    };
    let next = Team {
        link: Some(relinked(link, found, external_id)),
        namespace,
        ..team.clone()
    };
    if next == *team {
        return Change::none(next);
    }
    // A live link can come back from the organization's namespace too.
    let action = if found {
        Action::TeamFound
    } else {
        Action::TeamLost
    };
    let changes = external_id_change(team.link.as_ref(), next.link.as_ref());
    let event = teams::event(action, team).with(changes.into_iter().collect());
    Change::update(next, vec![event])
}

/// Whether a member must leave the managed teams of a connection that is turned on: only who is
/// live there may sit in them.
#[must_use]
pub fn leaves_managed_teams(member: &Member, connection: &Connection) -> bool {
    !member
        .link
        .as_ref()
        .is_some_and(|link| link.connection == connection.id && link.state == LinkState::Live)
}

/// Who bears a link's `externalId` among what the connection finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExternalIdHolder {
    Nobody,
    Another,
}

impl ExternalIdHolder {
    fn of<Id: PartialEq + Copy>(holder: Option<Id>, own: Id) -> Self {
        match holder {
            Some(other) if other != own => Self::Another,
            _ => Self::Nobody,
        }
    }
}

fn relinked(link: &Link, found: bool, holder: ExternalIdHolder) -> Link {
    if !found {
        return Link {
            state: LinkState::Lost,
            ..link.clone()
        };
    }
    Link {
        state: LinkState::Live,
        external_id: match holder {
            ExternalIdHolder::Nobody => link.external_id.clone(),
            ExternalIdHolder::Another => None,
        },
        ..link.clone()
    }
}

fn external_id_change(before: Option<&Link>, after: Option<&Link>) -> Option<FieldChange> {
    let id = |link: Option<&'_ Link>| link?.external_id.as_ref().map(ToString::to_string);
    FieldChange::between("external_id", id(before).as_deref(), id(after).as_deref())
}

fn relink_action(link: &Link, found: bool, gained: Action, lost: Action) -> Option<Action> {
    match (link.state, found) {
        (LinkState::Live, false) => Some(lost),
        (LinkState::Lost, true) => Some(gained),
        _ => None,
    }
}

fn member_event(action: Action, member: &Member, next: &Member) -> ActivityEvent {
    let sent = member.link.as_ref().map(|link| link.name.clone());
    let key = Some(member.login_key.to_string());
    let mut changes = vec![FieldChange::new("user_name", sent, key)];
    changes.extend(external_id_change(member.link.as_ref(), next.link.as_ref()));
    ActivityEvent::change(action, Target::member(member.id, &member.label())).with(changes)
}

fn event(action: Action, connection: &Connection) -> ActivityEvent {
    ActivityEvent::change(
        action,
        Target::connection(connection.id, connection.directory.label()),
    )
}
