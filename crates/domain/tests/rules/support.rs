//! Members, teams and connections for the tables.

use chrono::{DateTime, Duration, Utc};
use rollcall_domain::rules::Facts;
use rollcall_domain::rules::owners::Owners;
use rollcall_domain::rules::provisioning::{ActiveFlag, DirectoryUser};
use rollcall_domain::rules::teams::DirectoryGroup;
use rollcall_domain::{
    Action, ActivityEvent, Actor, Attributes, Change, ChangeKind, Connection, ConnectionId,
    Directories, DirectoryKind, Effect, Email, ExternalId, Link, LinkState, Member, MemberId,
    MemberStatus, OrganizationId, Origin, PersonName, Refusal, Role, Seats, Switch, Team, TeamId,
    TeamName, Text, UserName, Version, WaysIn,
};

/// The organization of every table.
pub(crate) const ORGANIZATION: OrganizationId = OrganizationId::from_u128(1);

/// The moment of every table.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a valid instant")
}

/// Hours from that moment.
pub(crate) fn hours(count: i64) -> DateTime<Utc> {
    now() + Duration::hours(count)
}

fn connection(id: u128, kind: DirectoryKind) -> Connection {
    Connection::new(ConnectionId::from_u128(id), ORGANIZATION, kind, now())
        .switched(Switch::On, now())
}

/// Okta, turned on.
pub(crate) fn okta() -> Connection {
    connection(100, DirectoryKind::Okta)
}

/// Entra, turned on.
pub(crate) fn entra() -> Connection {
    connection(200, DirectoryKind::Entra)
}

/// The same connection turned off.
pub(crate) fn off(connection: &Connection) -> Connection {
    connection.switched(Switch::Off, now())
}

/// Both directories on.
pub(crate) fn both_on() -> Directories {
    Directories::new(vec![okta(), entra()])
}

/// Okta off, Entra on.
pub(crate) fn okta_off() -> Directories {
    Directories::new(vec![off(&okta()), entra()])
}

/// So many other owners; the member at hand signs in by password alone.
pub(crate) fn others(others: u32) -> Owners {
    Owners {
        others,
        ways: WaysIn::PASSWORD,
    }
}

/// Another owner, no seat limit.
pub(crate) fn facts(directories: &Directories) -> Facts<'_> {
    Facts {
        now: now(),
        directories,
        seats: Seats {
            used: 10,
            limit: None,
        },
        owners: others(1),
        roles_in_panel: false,
    }
}

/// A signed-in member of a role.
pub(crate) fn signed_in(role: Role) -> Actor {
    Actor::member(MemberId::from_u128(900), role, "Somebody")
}

/// Okta as an actor.
pub(crate) fn okta_actor() -> Actor {
    Actor::Directory {
        connection: okta().id,
        directory: DirectoryKind::Okta,
    }
}

pub(crate) fn owner() -> Actor {
    signed_in(Role::Owner)
}

pub(crate) fn admin() -> Actor {
    signed_in(Role::Admin)
}

pub(crate) fn email(text: &str) -> Email {
    Email::parse(text).expect("a valid e-mail")
}

pub(crate) fn team_name(text: &str) -> TeamName {
    TeamName::parse(text).expect("a valid name")
}

pub(crate) fn external(text: &str) -> ExternalId {
    ExternalId::parse(text).expect("a valid id")
}

pub(crate) fn name(display: &str) -> PersonName {
    PersonName {
        display: Some(Text::parse(display).expect("a valid text")),
        ..PersonName::default()
    }
}

/// An invited status whose link is still good.
pub(crate) fn invited() -> MemberStatus {
    MemberStatus::Invited {
        expires_at: hours(72),
    }
}

/// Every status.
pub(crate) fn statuses() -> [MemberStatus; 4] {
    [
        invited(),
        MemberStatus::Active,
        MemberStatus::Suspended,
        MemberStatus::Deactivated,
    ]
}

/// An active member made by hand, with a password.
pub(crate) fn manual(id: u128, address: &str) -> Member {
    let email = email(address);
    Member {
        id: MemberId::from_u128(id),
        organization: ORGANIZATION,
        origin: Origin::Manual,
        status: MemberStatus::Active,
        role: Role::Member,
        login_key: email.key(),
        email: Some(email),
        name: name("Manual"),
        attributes: Attributes::default(),
        link: None,
        has_password: true,
        version: Version::FIRST,
        created_at: now(),
        updated_at: now(),
    }
}

/// What a directory says of a person, `active` unsaid.
pub(crate) fn user(user_name: &str, address: &str) -> DirectoryUser {
    DirectoryUser {
        user_name: UserName::parse(user_name).expect("a valid user name"),
        external_id: None,
        email: (!address.is_empty()).then(|| email(address)),
        name: name("Pushed"),
        active: ActiveFlag::Unsaid,
        attributes: Attributes::default(),
    }
}

/// The same with `active` said.
pub(crate) fn saying(active: ActiveFlag, user: &DirectoryUser) -> DirectoryUser {
    DirectoryUser {
        active,
        ..user.clone()
    }
}

/// What the directory last said of a pushed member, `active` unsaid.
pub(crate) fn as_pushed(member: &Member) -> DirectoryUser {
    let link = member.link.as_ref().expect("a pushed member");
    DirectoryUser {
        user_name: UserName::from_stored(link.name.clone()),
        external_id: link.external_id.clone(),
        email: member.email.clone(),
        name: member.name.clone(),
        active: ActiveFlag::Unsaid,
        attributes: member.attributes.clone(),
    }
}

/// An active member that a connection pushed.
pub(crate) fn pushed_by(
    connection: &Connection,
    id: u128,
    user_name: &str,
    address: &str,
) -> Member {
    let user = user(user_name, address);
    let link = Link {
        connection: connection.id,
        state: LinkState::Live,
        external_id: None,
        name: user_name.to_owned(),
        key: user.user_name.key(),
        email_key: user.email.as_ref().map(Email::key),
        active: true,
    };
    Member {
        id: MemberId::from_u128(id),
        organization: ORGANIZATION,
        origin: Origin::Provisioned(connection.directory),
        status: MemberStatus::Active,
        role: Role::Member,
        login_key: user.user_name.key(),
        email: user.email,
        name: user.name,
        attributes: user.attributes,
        link: Some(link),
        has_password: false,
        version: Version::FIRST,
        created_at: now(),
        updated_at: now(),
    }
}

/// An active member that Okta pushed.
pub(crate) fn pushed(id: u128, user_name: &str, address: &str) -> Member {
    pushed_by(&okta(), id, user_name, address)
}

/// The same member, no longer found.
pub(crate) fn lost(member: &Member) -> Member {
    let mut member = member.clone();
    if let Some(link) = &mut member.link {
        link.state = LinkState::Lost;
    }
    member
}

/// The same member in a status; of a pushed one, the directory said so.
pub(crate) fn standing(status: MemberStatus, member: &Member) -> Member {
    let mut member = Member {
        status,
        ..member.clone()
    };
    if let Some(link) = &mut member.link {
        link.active = status != MemberStatus::Deactivated;
    }
    member
}

/// The same member as an owner who can sign in.
pub(crate) fn as_owner(member: &Member) -> Member {
    Member {
        role: Role::Owner,
        has_password: true,
        ..member.clone()
    }
}

pub(crate) fn with_role(role: Role, member: &Member) -> Member {
    Member {
        role,
        ..member.clone()
    }
}

/// A team made by hand.
pub(crate) fn manual_team(id: u128, name: &str) -> Team {
    let name = team_name(name);
    Team {
        id: TeamId::from_u128(id),
        organization: ORGANIZATION,
        origin: Origin::Manual,
        name_key: name.key(),
        name,
        namespace: ORGANIZATION.uuid(),
        link: None,
        member_count: 0,
        version: Version::FIRST,
        created_at: now(),
        updated_at: now(),
    }
}

/// A team that Okta pushed.
pub(crate) fn pushed_team(id: u128, name: &str) -> Team {
    let team = manual_team(id, name);
    Team {
        origin: Origin::Provisioned(DirectoryKind::Okta),
        namespace: okta().id.uuid(),
        link: Some(Link {
            connection: okta().id,
            state: LinkState::Live,
            external_id: None,
            name: name.to_owned(),
            key: team.name_key.clone(),
            email_key: None,
            active: true,
        }),
        ..team
    }
}

/// The same team, no longer found.
pub(crate) fn lost_team(team: &Team) -> Team {
    let mut team = Team {
        namespace: ORGANIZATION.uuid(),
        ..team.clone()
    };
    if let Some(link) = &mut team.link {
        link.state = LinkState::Lost;
    }
    team
}

/// What a directory says of a group.
pub(crate) fn group(name: &str) -> DirectoryGroup {
    DirectoryGroup {
        name: team_name(name),
        external_id: None,
    }
}

/// The stable code of a refusal, or `ok`.
pub(crate) fn code<T>(answer: &Result<T, Refusal>) -> &'static str {
    match answer {
        Ok(_) => "ok",
        Err(refusal) => refusal.code(),
    }
}

/// What became of a member: its state, `gone`, `unchanged`, or the refusal's code.
pub(crate) fn outcome(answer: &Result<Change<Member>, Refusal>) -> &'static str {
    match answer {
        Err(refusal) => refusal.code(),
        Ok(change) => match change.kind {
            ChangeKind::None => "unchanged",
            ChangeKind::Remove => "gone",
            ChangeKind::Create | ChangeKind::Update => change.value.status.as_str(),
        },
    }
}

/// The actions of the entries.
pub(crate) fn actions<T>(change: &Change<T>) -> Vec<Action> {
    change.events.iter().map(|event| event.action).collect()
}

/// The changed fields of an entry as `(field, before, after)`.
pub(crate) fn fields(event: &ActivityEvent) -> Vec<(&str, Option<&str>, Option<&str>)> {
    event
        .changes
        .iter()
        .map(|change| {
            (
                change.field.as_str(),
                change.before.as_deref(),
                change.after.as_deref(),
            )
        })
        .collect()
}

/// Asserts the effects, in any order.
pub(crate) fn assert_effects<T>(what: &str, change: &Change<T>, expected: &[Effect]) {
    let missing: Vec<_> = expected
        .iter()
        .filter(|effect| !change.effects.contains(effect))
        .collect();
    let surplus: Vec<_> = change
        .effects
        .iter()
        .filter(|effect| !expected.contains(effect))
        .collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "{what}: missing {missing:?}, surplus {surplus:?}"
    );
}
