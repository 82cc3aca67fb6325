//! What a directory does to members (R05, R13; part B, Identity, POST /Users, Last owner, Seats).

use chrono::{DateTime, Utc};

use crate::activity::{Action, ActivityEvent, Target};
use crate::actor::Role;
use crate::attributes::Attributes;
use crate::change::{Change, Effect};
use crate::connection::{Connection, Custody, Directories, Origin};
use crate::ids::MemberId;
use crate::link::{Link, LinkState};
use crate::member::{Member, MemberStatus, PersonName};
use crate::refusal::Refusal;
use crate::rules::Facts;
use crate::rules::members::{profile_changes, removed, status_event};
use crate::rules::owners::{Owners, keep_an_owner};
use crate::rules::seats::require_seat;
use crate::text::{Email, ExternalId, FoldedKey, UserName};
use crate::version::Version;

/// What a directory says of `active`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActiveFlag {
    /// `active: true`.
    Yes,
    /// `active: false`.
    No,
    /// Nothing: what is stored stays; a new member is active.
    Unsaid,
}

/// A user as a directory describes it, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryUser {
    /// `userName`.
    pub user_name: UserName,
    /// `externalId`.
    pub external_id: Option<ExternalId>,
    /// The primary e-mail: the only one that ever matches anybody.
    pub email: Option<Email>,
    /// Names.
    pub name: PersonName,
    /// `active`.
    pub active: ActiveFlag,
    /// Everything else.
    pub attributes: Attributes,
}

impl DirectoryUser {
    /// The keys under which a member of the organization could be the same person.
    #[must_use]
    pub fn keys(&self) -> Vec<FoldedKey> {
        let mut keys = vec![self.user_name.key()];
        if let Some(email) = self.email.as_ref().map(Email::key)
            && !keys.contains(&email)
        {
            keys.push(email);
        }
        keys
    }
}

/// Members that could be the pushed person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matches {
    /// 1. A live link of this connection with the same `userName` key.
    pub by_user_name: Option<Member>,
    /// 2. A live link of this connection with the same `externalId`.
    pub by_external_id: Option<Member>,
    /// 3 and 4. Members not live on this connection whose login key or primary e-mail is one of
    /// [`DirectoryUser::keys`].
    pub by_key: Vec<Member>,
}

/// What becomes of a POST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intake {
    /// Nobody is there: create.
    Create,
    /// A deactivated member of this connection comes back.
    Revive(Box<Member>),
    /// An existing member is taken over by the directory.
    Adopt(Box<Member>),
}

/// Decides what POST /Users does, in the order of the rules. `allowed` are members whose link an
/// owner has allowed and whose permission has not run out.
///
/// # Errors
/// `member_exists`, `external_id_taken`, `ambiguous_match`, `linked_elsewhere`,
/// `link_needs_approval`: all of them 409 `uniqueness` on the wire.
pub fn receive(
    matches: &Matches,
    user: &DirectoryUser,
    directories: &Directories,
    allowed: &[MemberId],
) -> Result<Intake, Refusal> {
    if let Some(member) = &matches.by_user_name
        && member.status != MemberStatus::Deactivated
    {
        return Err(Refusal::MemberExists);
    }
    if let Some(member) = &matches.by_external_id
        && member.status != MemberStatus::Deactivated
    {
        return Err(Refusal::ExternalIdTaken);
    }
    let (elsewhere, adoptable): (Vec<&Member>, Vec<&Member>) = matches
        .by_key
        .iter()
        .partition(|m| directories.custody(m.origin, m.link.as_ref()) != Custody::Panel);
    let mut hits: Vec<&Member> = matches
        .by_user_name
        .iter()
        .chain(&matches.by_external_id)
        .chain(adoptable)
        .collect();
    hits.dedup_by_key(|member| member.id);
    if hits.len() > 1 {
        return Err(Refusal::AmbiguousMatch);
    }
    let hit = hits.pop();
    require_not_elsewhere(&elsewhere, hit, user, directories)?;
    let Some(member) = hit else {
        return Ok(Intake::Create);
    };
    let revived = [&matches.by_user_name, &matches.by_external_id]
        .into_iter()
        .flatten()
        .any(|live| live.id == member.id);
    if revived {
        return Ok(Intake::Revive(Box::new(member.clone())));
    }
    if needs_link_approval(member, directories) && !allowed.contains(&member.id) {
        return Err(Refusal::LinkNeedsApproval);
    }
    Ok(Intake::Adopt(Box::new(member.clone())))
}

/// Never a take-over from another directory that is on. An equal e-mail alone does not stop a
/// member who was found otherwise, for SCIM e-mails need not be unique.
fn require_not_elsewhere(
    elsewhere: &[&Member],
    hit: Option<&Member>,
    user: &DirectoryUser,
    directories: &Directories,
) -> Result<(), Refusal> {
    let key = user.user_name.key();
    let blocking = elsewhere
        .iter()
        .find(|member| hit.is_none() || member.login_key == key);
    let Some(member) = blocking else {
        return Ok(());
    };
    match directories.custody(member.origin, member.link.as_ref()) {
        Custody::Directory(_, directory) => Err(Refusal::LinkedElsewhere { directory }),
        Custody::Panel => Ok(()),
    }
}

/// Creates the member a directory pushed (R05): no invitation mail, never more than the role
/// Member.
///
/// # Errors
/// `seat_limit`, `connection_closed`.
pub fn create(
    id: MemberId,
    connection: &Connection,
    user: DirectoryUser,
    facts: &Facts<'_>,
) -> Result<Change<Member>, Refusal> {
    require_on(connection)?;
    let status = match user.active {
        ActiveFlag::No => MemberStatus::Deactivated,
        ActiveFlag::Yes | ActiveFlag::Unsaid => MemberStatus::Active,
    };
    require_seat(None, &status, facts.seats)?;
    let member = Member {
        id,
        organization: connection.organization,
        origin: Origin::Provisioned(connection.directory),
        status,
        role: Role::Member,
        login_key: user.user_name.key(),
        link: Some(link_of(connection, &user, status == MemberStatus::Active)),
        email: user.email,
        name: user.name,
        attributes: user.attributes,
        has_password: false,
        version: Version::FIRST,
        created_at: facts.now,
        updated_at: facts.now,
    };
    let event = ActivityEvent::change(Action::MemberCreated, Target::member(id, &member.label()));
    Ok(Change::create(member, event))
}

/// Takes over an existing member: same id, teams kept, origin the directory's, link live. Local
/// password, resets, invitation and sessions end. Who was suspended is adopted as deactivated,
/// and only a later explicit `active:true` lifts that.
///
/// # Errors
/// `member_exists`, `linked_elsewhere`, `seat_limit`, `last_owner`, `connection_closed`.
pub fn adopt(
    member: &Member,
    connection: &Connection,
    user: DirectoryUser,
    facts: &Facts<'_>,
) -> Result<Change<Member>, Refusal> {
    require_on(connection)?;
    match facts
        .directories
        .custody(member.origin, member.link.as_ref())
    {
        Custody::Panel => {}
        Custody::Directory(id, _) if id == connection.id => return Err(Refusal::MemberExists),
        Custody::Directory(_, directory) => return Err(Refusal::LinkedElsewhere { directory }),
    }
    let said_no = user.active == ActiveFlag::No;
    let status = match member.status {
        MemberStatus::Suspended => MemberStatus::Deactivated,
        _ if said_no => MemberStatus::Deactivated,
        _ => MemberStatus::Active,
    };
    let next = Member {
        origin: Origin::Provisioned(connection.directory),
        status,
        login_key: user.user_name.key(),
        link: Some(link_of(connection, &user, !said_no)),
        email: user.email,
        name: user.name,
        attributes: user.attributes,
        has_password: false,
        ..member.clone()
    };
    require_seat(Some(&member.status), &next.status, facts.seats)?;
    keep_an_owner(member, Some(&next), facts.owners)?;
    let mut changes = profile_changes(member, &next);
    changes.extend(crate::FieldChange::between(
        "source",
        Some(member.origin.as_str()),
        Some(next.origin.as_str()),
    ));
    changes.extend(crate::FieldChange::between(
        "status",
        Some(member.status.as_str()),
        Some(next.status.as_str()),
    ));
    let event = ActivityEvent::change(
        Action::MemberAdopted,
        Target::member(member.id, &member.label()),
    )
    .with(changes);
    let mut change = Change::update(next, vec![event]).with(&[
        Effect::EndSessions,
        Effect::VoidPassword,
        Effect::VoidResets,
        Effect::UseLinkApproval,
    ]);
    if matches!(member.status, MemberStatus::Invited { .. }) {
        change = change.with(&[Effect::VoidInvitation]);
    }
    Ok(change)
}

/// Brings a deactivated member of this connection back with what the directory says now; it
/// stays deactivated if that is `active:false`. Whom a person had suspended is lifted by an
/// explicit `active:true` alone (part B, POST /Users, 3).
///
/// # Errors
/// As [`update`].
pub fn revive(
    member: &Member,
    connection: &Connection,
    user: DirectoryUser,
    facts: &Facts<'_>,
) -> Result<Change<Member>, Refusal> {
    // Deactivated without the directory's word: suspended by a person before.
    let stopped_by_hand = member.link.as_ref().is_some_and(|link| link.active);
    let active = match user.active {
        ActiveFlag::Unsaid if !stopped_by_hand => ActiveFlag::Yes,
        said => said,
    };
    let user = DirectoryUser { active, ..user };
    update(member, connection, user, facts, Holders::default())
}

/// Other members that hold what an update wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holders {
    /// Who has the new `userName` key as login key.
    pub user_name: Option<MemberId>,
    /// Which live member of this connection has the new `externalId`.
    pub external_id: Option<MemberId>,
}

/// Changes a managed member to what its directory says (R05): PUT and PATCH alike, with the
/// whole user as it is to be.
///
/// # Errors
/// `member_exists`, `external_id_taken`, `seat_limit`, `last_owner`, `connection_closed`.
pub fn update(
    member: &Member,
    connection: &Connection,
    user: DirectoryUser,
    facts: &Facts<'_>,
    holders: Holders,
) -> Result<Change<Member>, Refusal> {
    let link = require_managed(member, connection, facts.directories)?;
    let key = user.user_name.key();
    if key != member.login_key && holders.user_name.is_some_and(|other| other != member.id) {
        return Err(Refusal::MemberExists);
    }
    let other_external = holders.external_id.is_some_and(|other| other != member.id);
    if user.external_id != link.external_id && other_external {
        return Err(Refusal::ExternalIdTaken);
    }
    let status = match (user.active, member.status) {
        (ActiveFlag::Unsaid, status) => status,
        (ActiveFlag::Yes, _) => MemberStatus::Active,
        (ActiveFlag::No, _) => MemberStatus::Deactivated,
    };
    let active = match user.active {
        ActiveFlag::Unsaid => link.active,
        said => said == ActiveFlag::Yes,
    };
    let next = Member {
        status,
        login_key: key,
        link: Some(link_of(connection, &user, active)),
        email: user.email,
        name: user.name,
        attributes: user.attributes,
        ..member.clone()
    };
    require_seat(Some(&member.status), &next.status, facts.seats)?;
    decided(member, next, facts.owners)
}

fn decided(before: &Member, mut next: Member, owners: Owners) -> Result<Change<Member>, Refusal> {
    let email_key = |member: &Member| member.email.as_ref().map(Email::key);
    let identity_moved =
        before.login_key != next.login_key || email_key(before) != email_key(&next);
    if identity_moved {
        next.has_password = false;
    }
    keep_an_owner(before, Some(&next), owners)?;
    let target = Target::member(before.id, &before.label());
    let mut events = Vec::new();
    let changes = profile_changes(before, &next);
    if !changes.is_empty() {
        events.push(ActivityEvent::change(Action::MemberUpdated, target).with(changes));
    }
    let stopped = next.status == MemberStatus::Deactivated && before.status != next.status;
    if stopped {
        events.push(status_event(Action::MemberDeactivated, before, &next));
    } else if before.status != next.status {
        events.push(status_event(Action::MemberReactivated, before, &next));
    }
    if events.is_empty() {
        return Ok(Change::none(before.clone()));
    }
    let mut change = Change::update(next, events);
    if identity_moved {
        change = change.with(&[
            Effect::EndSessions,
            Effect::VoidPassword,
            Effect::VoidResets,
        ]);
    }
    Ok(if stopped {
        change.with(&[Effect::EndSessions])
    } else {
        change
    })
}

/// Removes a managed member at its directory's word (R05, DELETE).
///
/// # Errors
/// `last_owner`, `connection_closed`.
pub fn delete(
    member: &Member,
    connection: &Connection,
    facts: &Facts<'_>,
) -> Result<Change<Member>, Refusal> {
    require_managed(member, connection, facts.directories)?;
    keep_an_owner(member, None, facts.owners)?;
    Ok(removed(member))
}

/// The warning that goes with a refusal a person must know of, if it is one (part B, Activity).
#[must_use]
pub fn warning(refusal: &Refusal, target: Target) -> Option<ActivityEvent> {
    let action = match refusal {
        Refusal::LastOwner => Action::ProvisioningLastOwnerKept,
        Refusal::LinkNeedsApproval => Action::ProvisioningLinkWaiting,
        Refusal::SeatLimit { .. } => Action::ProvisioningSeatMissing,
        _ => return None,
    };
    Some(ActivityEvent::warning(action, target))
}

fn require_on(connection: &Connection) -> Result<(), Refusal> {
    if connection.is_on() {
        Ok(())
    } else {
        Err(Refusal::ConnectionClosed)
    }
}

fn require_managed<'a>(
    member: &'a Member,
    connection: &Connection,
    directories: &Directories,
) -> Result<&'a Link, Refusal> {
    match (
        directories.custody(member.origin, member.link.as_ref()),
        &member.link,
    ) {
        (Custody::Directory(id, _), Some(link)) if id == connection.id => Ok(link),
        _ => Err(Refusal::ConnectionClosed),
    }
}

fn link_of(connection: &Connection, user: &DirectoryUser, active: bool) -> Link {
    Link {
        connection: connection.id,
        state: LinkState::Live,
        external_id: user.external_id.clone(),
        name: user.user_name.as_str().to_owned(),
        key: user.user_name.key(),
        email_key: user.email.as_ref().map(Email::key),
        active,
    }
}

/// Whether a directory may take a member over only once an owner has allowed it: an owner or admin
/// whom no directory manages (part B, POST /Users, 3).
#[must_use]
pub fn needs_link_approval(member: &Member, directories: &Directories) -> bool {
    let custody = directories.custody(member.origin, member.link.as_ref());
    member.role != Role::Member && custody == Custody::Panel
}

/// Whether an owner's permission to link still holds.
#[must_use]
pub fn approval_holds(expires_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    expires_at > now
}
