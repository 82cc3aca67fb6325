//! Teams, made by hand and pushed, side by side (R05, R07, R09, R12, R13; part B, Teams).

use chrono::{DateTime, Utc};

use crate::activity::{Action, ActivityEvent, FieldChange, Target};
use crate::actor::Actor;
use crate::change::Change;
use crate::connection::{Connection, Custody, Directories, Origin};
use crate::ids::{OrganizationId, TeamId};
use crate::link::{Link, LinkState};
use crate::refusal::Refusal;
use crate::rules::permissions::{Permission, require};
use crate::team::Team;
use crate::text::{ExternalId, TeamName};
use crate::version::Version;

/// Other teams that bear the name or `externalId` in question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Namesakes {
    /// In the organization's own namespace.
    pub organization: Option<TeamId>,
    /// In the namespace of the connection concerned.
    pub connection: Option<TeamId>,
    /// A live team of that connection with the same `externalId`.
    pub external_id: Option<TeamId>,
}

/// A group as a directory describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryGroup {
    /// `displayName`.
    pub name: TeamName,
    /// `externalId`.
    pub external_id: Option<ExternalId>,
}

/// Refuses when a directory manages the team (R07).
///
/// # Errors
/// [`Refusal::ProvisionedReadOnly`].
pub fn require_editable(team: &Team, directories: &Directories) -> Result<(), Refusal> {
    match directories.custody(team.origin, team.link.as_ref()) {
        Custody::Panel => Ok(()),
        Custody::Directory(_, directory) => Err(Refusal::ProvisionedReadOnly { directory }),
    }
}

/// Creates a team by hand (R09).
///
/// # Errors
/// `not_allowed`, `name_taken`.
pub fn create(
    id: TeamId,
    organization: OrganizationId,
    name: TeamName,
    by: &Actor,
    namesake: Option<TeamId>,
    now: DateTime<Utc>,
) -> Result<Change<Team>, Refusal> {
    require(by, Permission::ManageTeams)?;
    if namesake.is_some() {
        return Err(Refusal::NameTaken);
    }
    let team = Team {
        id,
        organization,
        origin: Origin::Manual,
        name_key: name.key(),
        name,
        namespace: organization.uuid(),
        link: None,
        member_count: 0,
        version: Version::FIRST,
        created_at: now,
        updated_at: now,
    };
    let event = event(Action::TeamCreated, &team);
    Ok(Change::create(team, event))
}

/// Renames a team in the panel. A provisioned team renamed while its connection is off is checked
/// in the organization's namespace and will not be found again, unless it is renamed back (R13).
///
/// # Errors
/// `not_allowed`, `provisioned_read_only`, `name_taken`.
pub fn rename(
    team: &Team,
    name: TeamName,
    by: &Actor,
    directories: &Directories,
    namesakes: Namesakes,
) -> Result<Change<Team>, Refusal> {
    require(by, Permission::ManageTeams)?;
    require_editable(team, directories)?;
    let name_key = name.key();
    let home = directory_namespace(team, directories);
    let namespace = match (&team.link, home) {
        _ if name_key == team.name_key => team.namespace,
        (Some(link), Some(home)) if link.key == name_key && namesakes.connection.is_none() => home,
        _ => team.organization.uuid(),
    };
    let in_organization = namespace == team.organization.uuid();
    if name_key != team.name_key && in_organization && namesakes.organization.is_some() {
        return Err(Refusal::NameTaken);
    }
    let next = Team {
        name,
        name_key,
        namespace,
        ..team.clone()
    };
    Ok(renamed(team, next))
}

/// The namespace of the directory that still remembers the team and is off; none otherwise.
fn directory_namespace(team: &Team, directories: &Directories) -> Option<uuid::Uuid> {
    let link = team.link.as_ref()?;
    let connection = directories.get(link.connection)?;
    (!connection.is_on()).then(|| connection.id.uuid())
}

/// Deletes a team in the panel; its members stay.
///
/// # Errors
/// `not_allowed`, `provisioned_read_only`.
pub fn delete(team: &Team, by: &Actor, directories: &Directories) -> Result<Change<Team>, Refusal> {
    require(by, Permission::ManageTeams)?;
    require_editable(team, directories)?;
    Ok(Change::remove(
        team.clone(),
        event(Action::TeamDeleted, team),
    ))
}

/// A pushed group becomes a team (R05). It never fails because a manual team bears its name, and
/// is never merged into one (part B, Teams).
///
/// # Errors
/// `name_taken`, `external_id_taken` among the live teams of this connection;
/// `connection_closed` when it is off.
pub fn create_from_directory(
    id: TeamId,
    connection: &Connection,
    group: DirectoryGroup,
    namesakes: Namesakes,
    now: DateTime<Utc>,
) -> Result<Change<Team>, Refusal> {
    if !connection.is_on() {
        return Err(Refusal::ConnectionClosed);
    }
    require_unique(namesakes)?;
    let name_key = group.name.key();
    let team = Team {
        id,
        organization: connection.organization,
        origin: Origin::Provisioned(connection.directory),
        namespace: connection.id.uuid(),
        link: Some(Link {
            connection: connection.id,
            state: LinkState::Live,
            external_id: group.external_id,
            name: group.name.as_str().to_owned(),
            key: name_key.clone(),
            email_key: None,
            active: true,
        }),
        name: group.name,
        name_key,
        member_count: 0,
        version: Version::FIRST,
        created_at: now,
        updated_at: now,
    };
    let event = event(Action::TeamCreated, &team);
    Ok(Change::create(team, event))
}

/// A pushed group got another name or `externalId` (R05).
///
/// # Errors
/// `name_taken`, `external_id_taken`, `connection_closed`.
pub fn update_from_directory(
    team: &Team,
    connection: &Connection,
    group: DirectoryGroup,
    namesakes: Namesakes,
    directories: &Directories,
) -> Result<Change<Team>, Refusal> {
    let link = require_managed(team, connection, directories)?;
    let name_key = group.name.key();
    let name_moves = name_key != team.name_key;
    let id_moves = group.external_id != link.external_id;
    require_unique(Namesakes {
        organization: None,
        connection: namesakes.connection.filter(|_| name_moves),
        external_id: namesakes.external_id.filter(|_| id_moves),
    })?;
    let next = Team {
        link: Some(Link {
            external_id: group.external_id,
            name: group.name.as_str().to_owned(),
            key: name_key.clone(),
            ..link.clone()
        }),
        name: group.name,
        name_key,
        ..team.clone()
    };
    Ok(renamed(team, next))
}

/// A pushed group was removed (R05); its members stay.
///
/// # Errors
/// `connection_closed`.
pub fn delete_from_directory(
    team: &Team,
    connection: &Connection,
    directories: &Directories,
) -> Result<Change<Team>, Refusal> {
    require_managed(team, connection, directories)?;
    Ok(Change::remove(
        team.clone(),
        event(Action::TeamDeleted, team),
    ))
}

fn require_managed<'a>(
    team: &'a Team,
    connection: &Connection,
    directories: &Directories,
) -> Result<&'a Link, Refusal> {
    match (
        directories.custody(team.origin, team.link.as_ref()),
        &team.link,
    ) {
        (Custody::Directory(id, _), Some(link)) if id == connection.id => Ok(link),
        _ => Err(Refusal::ConnectionClosed),
    }
}

fn require_unique(namesakes: Namesakes) -> Result<(), Refusal> {
    if namesakes.connection.is_some() {
        return Err(Refusal::NameTaken);
    }
    if namesakes.external_id.is_some() {
        return Err(Refusal::ExternalIdTaken);
    }
    Ok(())
}

fn renamed(before: &Team, next: Team) -> Change<Team> {
    let external = |team: &Team| {
        let link = team.link.as_ref()?;
        link.external_id.as_ref().map(ToString::to_string)
    };
    let (old_id, new_id) = (external(before), external(&next));
    let name = FieldChange::between("name", Some(before.name.as_str()), Some(next.name.as_str()));
    let id = FieldChange::between("external_id", old_id.as_deref(), new_id.as_deref());
    let action = if name.is_some() {
        Action::TeamRenamed
    } else {
        Action::TeamUpdated
    };
    let changes: Vec<FieldChange> = [name, id].into_iter().flatten().collect();
    if changes.is_empty() {
        return Change::none(before.clone());
    }
    Change::update(next, vec![event(action, before).with(changes)])
}

pub(crate) fn event(action: Action, team: &Team) -> ActivityEvent {
    ActivityEvent::change(action, Target::team(team.id, team.name.as_str()))
}
