//! The organization itself.

use chrono::{DateTime, Utc};

use crate::activity::{Action, ActivityEvent, FieldChange, Target};
use crate::actor::{Actor, Role};
use crate::attributes::Attributes;
use crate::change::Change;
use crate::connection::{Directories, DirectoryKind, Origin};
use crate::ids::{MemberId, OrganizationId};
use crate::member::{Member, MemberStatus, PersonName};
use crate::organization::Organization;
use crate::refusal::Refusal;
use crate::rules::permissions::{Permission, require};
use crate::text::{Email, OrganizationName};
use crate::version::Version;

/// Founds an organization.
pub fn found(
    id: OrganizationId,
    name: OrganizationName,
    now: DateTime<Utc>,
) -> Change<Organization> {
    let event = ActivityEvent::change(
        Action::OrganizationCreated,
        Target::organization(id, name.as_str()),
    );
    let organization = Organization {
        id,
        name,
        seat_limit: None,
        roles_in_panel: false,
        version: Version::FIRST,
        created_at: now,
    };
    Change::create(organization, event)
}

/// Makes an active owner who signs in with a password: the first one, or one the operator grants
/// as the way out when nobody can sign in (part B, Last owner).
pub fn owner(
    id: MemberId,
    organization: OrganizationId,
    email: Email,
    name: PersonName,
    now: DateTime<Utc>,
) -> Change<Member> {
    let member = Member {
        id,
        organization,
        origin: Origin::Manual,
        status: MemberStatus::Active,
        role: Role::Owner,
        login_key: email.key(),
        email: Some(email),
        name,
        attributes: Attributes::default(),
        link: None,
        has_password: true,
        version: Version::FIRST,
        created_at: now,
        updated_at: now,
    };
    let event = ActivityEvent::change(
        Action::MemberCreated,
        Target::member(member.id, &member.label()),
    )
    .with(vec![FieldChange::new(
        "role",
        None,
        Some(Role::Owner.to_string()),
    )]);
    Change::create(member, event)
}

/// What the panel can change of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationSettings {
    /// Name.
    pub name: OrganizationName,
    /// Seat limit; none when absent. Lowering it below what is in use evicts nobody.
    pub seat_limit: Option<u32>,
    /// Whether roles of managed members are assigned in the panel.
    pub roles_in_panel: bool,
}

/// Changes the settings; an owner's business.
///
/// # Errors
/// [`Refusal::NotAllowed`].
pub fn change_settings(
    organization: &Organization,
    settings: OrganizationSettings,
    by: &Actor,
) -> Result<Change<Organization>, Refusal> {
    require(by, Permission::ManageSettings)?;
    let limit = |value: Option<u32>| value.map(|n| n.to_string());
    let changes: Vec<FieldChange> = [
        FieldChange::between(
            "name",
            Some(organization.name.as_str()),
            Some(settings.name.as_str()),
        ),
        FieldChange::between(
            "seat_limit",
            limit(organization.seat_limit).as_deref(),
            limit(settings.seat_limit).as_deref(),
        ),
        FieldChange::between(
            "roles_in_panel",
            Some(on_off(organization.roles_in_panel)),
            Some(on_off(settings.roles_in_panel)),
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    if changes.is_empty() {
        return Ok(Change::none(organization.clone()));
    }
    let event = ActivityEvent::change(
        Action::OrganizationUpdated,
        Target::organization(organization.id, organization.name.as_str()),
    )
    .with(changes);
    let next = Organization {
        name: settings.name,
        seat_limit: settings.seat_limit,
        roles_in_panel: settings.roles_in_panel,
        ..organization.clone()
    };
    Ok(Change::update(next, vec![event]))
}

/// The directories that the read-only notice names: on, with at least one object provisioned
/// (R07). `provisioned` answers whether a connection has any.
#[must_use]
pub fn read_only_sources(
    directories: &Directories,
    provisioned: impl Fn(&crate::connection::Connection) -> bool,
) -> Vec<DirectoryKind> {
    directories
        .all()
        .iter()
        .filter(|connection| connection.is_on() && provisioned(connection))
        .map(|connection| connection.directory)
        .collect()
}

fn on_off(value: bool) -> &'static str {
    if value { "on" } else { "off" }
}
