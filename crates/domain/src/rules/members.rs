//! What the panel may do to a member (R07, R12; part B, Member states).

use crate::activity::{Action, ActivityEvent, FieldChange, Target};
use crate::actor::{Actor, Role};
use crate::change::{Change, Effect};
use crate::connection::{Custody, Origin};
use crate::ids::MemberId;
use crate::member::{Member, MemberStatus, PersonName};
use crate::refusal::Refusal;
use crate::rules::Facts;
use crate::rules::owners::keep_an_owner;
use crate::rules::permissions::{Permission, require, require_over, require_role_within};
use crate::rules::seats::require_seat;
use crate::text::{Email, FoldedKey};

/// Refuses when a directory manages the member (R07).
///
/// # Errors
/// [`Refusal::ProvisionedReadOnly`].
pub fn require_editable(member: &Member, facts: &Facts<'_>) -> Result<(), Refusal> {
    match facts
        .directories
        .custody(member.origin, member.link.as_ref())
    {
        Custody::Panel => Ok(()),
        Custody::Directory(_, directory) => Err(Refusal::ProvisionedReadOnly { directory }),
    }
}

/// A new name and e-mail for a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberEdit {
    /// The whole name.
    pub name: PersonName,
    /// The e-mail; the present one stays when absent.
    pub email: Option<Email>,
}

/// The keys that a new e-mail would make the member answer to: the e-mail's own, and the
/// directory's `userName` where the edit goes back to what the directory sent (R13). Whoever else
/// holds one of them is `taken_by` in [`edit`].
#[must_use]
pub fn edit_keys(member: &Member, email: &Email) -> Vec<FoldedKey> {
    let mut keys = vec![email.key()];
    let login_key = login_key_for(member, email);
    if !keys.contains(&login_key) {
        keys.push(login_key);
    }
    keys
}

/// The login key a member gets with a new e-mail.
fn login_key_for(member: &Member, email: &Email) -> FoldedKey {
    let key = email.key();
    match &member.link {
        Some(link) if link.email_key.as_ref() == Some(&key) => link.key.clone(),
        _ => key,
    }
}

/// Edits a member's name and e-mail in the panel. `taken_by` is another member whose login key
/// or primary e-mail is one of [`edit_keys`].
///
/// A new e-mail of a provisioned member is its new login key, so its directory will not find it
/// again; an edit back is (R13).
///
/// # Errors
/// `not_allowed`, `provisioned_read_only`, `invalid_state`, `member_exists`.
pub fn edit(
    member: &Member,
    edit: MemberEdit,
    by: &Actor,
    facts: &Facts<'_>,
    taken_by: Option<MemberId>,
) -> Result<Change<Member>, Refusal> {
    require_over(by, member)?;
    require_editable(member, facts)?;
    let mut next = Member {
        name: edit.name,
        ..member.clone()
    };
    let mut effects = Vec::new();
    if let Some(email) = edit.email {
        let new_key = email.key();
        let same_key = member
            .email
            .as_ref()
            .is_some_and(|old| old.key() == new_key);
        if !same_key {
            if matches!(member.status, MemberStatus::Invited { .. }) {
                return Err(Refusal::InvalidState(
                    "the invitation went to this e-mail: cancel it and invite the other one",
                ));
            }
            if taken_by.is_some_and(|other| other != member.id) {
                return Err(Refusal::MemberExists);
            }
            next.login_key = login_key_for(member, &email);
            effects.push(Effect::VoidResets);
        }
        next.email = Some(email);
    }
    Ok(updated(member, next).with(&effects))
}

/// Edits the own display name.
///
/// # Errors
/// `not_allowed`, `provisioned_read_only`.
pub fn edit_own_name(
    member: &Member,
    name: PersonName,
    by: &Actor,
    facts: &Facts<'_>,
) -> Result<Change<Member>, Refusal> {
    require(by, Permission::OwnProfile)?;
    if !matches!(by, Actor::Member { id, .. } if *id == member.id) {
        return Err(Refusal::NotAllowed);
    }
    require_editable(member, facts)?;
    Ok(updated(
        member,
        Member {
            name,
            ..member.clone()
        },
    ))
}

/// Suspends an active member: no sign-in, sessions end, the seat stays.
///
/// # Errors
/// `not_allowed`, `provisioned_read_only`, `invalid_state`, `last_owner`.
pub fn suspend(member: &Member, by: &Actor, facts: &Facts<'_>) -> Result<Change<Member>, Refusal> {
    require_over(by, member)?;
    require_editable(member, facts)?;
    match member.status {
        MemberStatus::Active => {}
        MemberStatus::Invited { .. } => {
            return Err(Refusal::InvalidState(
                "the invitation is not accepted yet: cancel it",
            ));
        }
        MemberStatus::Suspended => return Err(Refusal::InvalidState("already suspended")),
        MemberStatus::Deactivated => return Err(Refusal::InvalidState("already deactivated")),
    }
    let next = Member {
        status: MemberStatus::Suspended,
        ..member.clone()
    };
    keep_an_owner(member, Some(&next), facts.owners)?;
    let event = status_event(Action::MemberSuspended, member, &next);
    Ok(Change::update(next, vec![event]).with(&[Effect::EndSessions]))
}

/// Activates a suspended member, or one its directory had deactivated and no longer manages (R12).
///
/// # Errors
/// `not_allowed`, `provisioned_read_only`, `invalid_state`, `seat_limit`.
pub fn activate(member: &Member, by: &Actor, facts: &Facts<'_>) -> Result<Change<Member>, Refusal> {
    require_over(by, member)?;
    require_editable(member, facts)?;
    match member.status {
        MemberStatus::Suspended | MemberStatus::Deactivated => {}
        MemberStatus::Invited { .. } => {
            return Err(Refusal::InvalidState(
                "the invitation is not accepted yet: send it again",
            ));
        }
        MemberStatus::Active => return Err(Refusal::InvalidState("already active")),
    }
    let next = Member {
        status: MemberStatus::Active,
        ..member.clone()
    };
    require_seat(Some(&member.status), &next.status, facts.seats)?;
    let event = status_event(Action::MemberActivated, member, &next);
    Ok(Change::update(next, vec![event]))
}

/// Deletes a member.
///
/// # Errors
/// `not_allowed`, `provisioned_read_only`, `invalid_state`, `last_owner`.
pub fn delete(member: &Member, by: &Actor, facts: &Facts<'_>) -> Result<Change<Member>, Refusal> {
    require_over(by, member)?;
    require_editable(member, facts)?;
    if matches!(member.status, MemberStatus::Invited { .. }) {
        return Err(Refusal::InvalidState(
            "the invitation is not accepted yet: cancel it",
        ));
    }
    keep_an_owner(member, None, facts.owners)?;
    Ok(removed(member))
}

/// Gives a member another role. A managed member's role is read-only too, unless an owner turned
/// on *roles are assigned in the panel* (part B, Roles).
///
/// # Errors
/// `not_allowed`, `provisioned_read_only`, `last_owner`.
pub fn set_role(
    member: &Member,
    role: Role,
    by: &Actor,
    facts: &Facts<'_>,
) -> Result<Change<Member>, Refusal> {
    require_over(by, member)?;
    require_role_within(by, role)?;
    if !facts.roles_in_panel {
        require_editable(member, facts)?;
    }
    if role == member.role {
        return Ok(Change::none(member.clone()));
    }
    let next = Member {
        role,
        ..member.clone()
    };
    keep_an_owner(member, Some(&next), facts.owners)?;
    let event = ActivityEvent::change(
        Action::MemberRoleChanged,
        Target::member(member.id, &member.label()),
    )
    .with(vec![FieldChange::new(
        "role",
        Some(member.role.to_string()),
        Some(role.to_string()),
    )]);
    let change = Change::update(next, vec![event]);
    Ok(if role < member.role {
        change.with(&[Effect::EndSessions])
    } else {
        change
    })
}

/// Whether the member may have a password reset sent by mail: active and not managed (part B,
/// after POST /Users).
#[must_use]
pub fn may_reset_by_mail(member: &Member, facts: &Facts<'_>) -> bool {
    member.status == MemberStatus::Active && require_editable(member, facts).is_ok()
}

/// Records that a member has set a local password, and ends every other session. A managed
/// member signs in through its directory alone.
///
/// # Errors
/// `provisioned_read_only`, `invalid_state`.
pub fn set_password(member: &Member, facts: &Facts<'_>) -> Result<Change<Member>, Refusal> {
    require_editable(member, facts)?;
    if member.status != MemberStatus::Active {
        return Err(Refusal::InvalidState(
            "only an active member has a password",
        ));
    }
    let event = ActivityEvent::change(
        Action::MemberPasswordChanged,
        Target::member(member.id, &member.label()),
    );
    let next = Member {
        has_password: true,
        ..member.clone()
    };
    Ok(Change::update(next, vec![event]).with(&[Effect::EndSessions, Effect::VoidResets]))
}

/// Makes a member an active owner with a password, at the operator's word: the way out when no
/// owner can sign in (part B, Last owner). Its link to a directory stays.
///
/// # Errors
/// `not_allowed`, `seat_limit`.
pub fn grant_owner(
    member: &Member,
    by: &Actor,
    facts: &Facts<'_>,
) -> Result<Change<Member>, Refusal> {
    if !matches!(by, Actor::System { .. }) {
        return Err(Refusal::NotAllowed);
    }
    let next = Member {
        role: Role::Owner,
        status: MemberStatus::Active,
        has_password: true,
        ..member.clone()
    };
    require_seat(Some(&member.status), &next.status, facts.seats)?;
    let mut events = Vec::new();
    if member.role != Role::Owner {
        let role = FieldChange::new(
            "role",
            Some(member.role.to_string()),
            Some(Role::Owner.to_string()),
        );
        events.push(
            ActivityEvent::change(
                Action::MemberRoleChanged,
                Target::member(member.id, &member.label()),
            )
            .with(vec![role]),
        );
    }
    if member.status != MemberStatus::Active {
        events.push(status_event(Action::MemberActivated, member, &next));
    }
    events.push(ActivityEvent::change(
        Action::MemberPasswordChanged,
        Target::member(member.id, &member.label()),
    ));
    Ok(Change::update(next, events).with(&[
        Effect::EndSessions,
        Effect::VoidResets,
        Effect::VoidInvitation,
    ]))
}

/// The change between two states of a member's profile; nothing when they are equal.
pub(crate) fn updated(before: &Member, next: Member) -> Change<Member> {
    let changes = profile_changes(before, &next);
    if changes.is_empty() && *before == next {
        return Change::none(next);
    }
    let event = ActivityEvent::change(
        Action::MemberUpdated,
        Target::member(before.id, &before.label()),
    )
    .with(changes);
    Change::update(next, vec![event])
}

/// The end of a member.
pub(crate) fn removed(member: &Member) -> Change<Member> {
    let changes = match member.origin {
        Origin::Manual => Vec::new(),
        Origin::Provisioned(kind) => {
            vec![FieldChange::new(
                "source",
                Some(kind.as_str().to_owned()),
                None,
            )]
        }
    };
    let event = ActivityEvent::change(
        Action::MemberDeleted,
        Target::member(member.id, &member.label()),
    )
    .with(changes);
    Change::remove(member.clone(), event).with(&[
        Effect::EndSessions,
        Effect::VoidPassword,
        Effect::VoidResets,
        Effect::VoidInvitation,
    ])
}

pub(crate) fn status_event(action: Action, before: &Member, after: &Member) -> ActivityEvent {
    ActivityEvent::change(action, Target::member(before.id, &before.label())).with(vec![
        FieldChange::new(
            "status",
            Some(before.status.as_str().to_owned()),
            Some(after.status.as_str().to_owned()),
        ),
    ])
}

/// The fields of a profile that differ.
pub(crate) fn profile_changes(before: &Member, after: &Member) -> Vec<FieldChange> {
    let text = |value: &Option<crate::text::Text>| value.as_ref().map(ToString::to_string);
    let sent = |member: &Member| member.link.as_ref().map(|link| link.name.clone());
    let external = |member: &Member| {
        let link = member.link.as_ref()?;
        link.external_id.as_ref().map(ToString::to_string)
    };
    let email = |member: &Member| member.email.as_ref().map(ToString::to_string);
    let pairs = [
        ("user_name", sent(before), sent(after)),
        ("external_id", external(before), external(after)),
        ("email", email(before), email(after)),
        (
            "display_name",
            text(&before.name.display),
            text(&after.name.display),
        ),
        (
            "given_name",
            text(&before.name.given),
            text(&after.name.given),
        ),
        (
            "family_name",
            text(&before.name.family),
            text(&after.name.family),
        ),
    ];
    let mut changes: Vec<FieldChange> = pairs
        .into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(field, old, new)| FieldChange::new(field, old, new))
        .collect();
    // What the directory said of `active` can move without the status moving.
    let said = |member: &Member| member.link.as_ref().map(|link| on_off(link.active));
    if before.status == after.status {
        changes.extend(FieldChange::between(
            "directory_active",
            said(before),
            said(after),
        ));
    }
    changes.extend(before.attributes.differences(&after.attributes));
    changes
}

fn on_off(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}
