//! Part B, Member states: every (state, command) pair is a new state or a named refusal.

use rollcall_domain::rules::provisioning::{self, ActiveFlag, Holders};
use rollcall_domain::rules::{Facts, invitations, members, switching};
use rollcall_domain::{Change, Directories, Email, FoldedKey, Member, Refusal, Role};

use crate::support::{
    as_pushed, both_on, code, email, entra, facts, hours, invited, lost, manual, name, now, okta,
    okta_off, outcome, owner, pushed, saying, standing, statuses, user,
};

/// Where a member stands to its directory.
const SITUATIONS: [&str; 4] = ["manual", "managed", "off", "lost"];

type Answer = Result<Change<Member>, Refusal>;
type Command = fn(&Member, &Facts<'_>) -> Answer;

/// Four outcomes in the order invited, active, suspended, deactivated.
type Row = [&'static str; 4];

const READ_ONLY: Row = ["provisioned_read_only"; 4];
const CLOSED: Row = ["connection_closed"; 4];
const AS_BEFORE: Row = ["invited", "active", "suspended", "deactivated"];
const UNCHANGED: Row = ["unchanged"; 4];

fn edit(member: &Member, facts: &Facts<'_>, email: Option<Email>) -> Answer {
    let edit = members::MemberEdit {
        name: name("Another"),
        email,
    };
    members::edit(member, edit, &owner(), facts, None)
}

fn said(member: &Member, active: ActiveFlag) -> provisioning::DirectoryUser {
    match member.link {
        Some(_) => saying(active, &as_pushed(member)),
        None => saying(active, &user("manual", "manual@x.io")),
    }
}

fn update(member: &Member, facts: &Facts<'_>, active: ActiveFlag) -> Answer {
    let user = said(member, active);
    provisioning::update(member, &okta(), user, facts, Holders::default())
}

fn adopt(member: &Member, facts: &Facts<'_>, active: ActiveFlag) -> Answer {
    provisioning::adopt(member, &entra(), said(member, active), facts)
}

fn revive(member: &Member, facts: &Facts<'_>, active: ActiveFlag) -> Answer {
    provisioning::revive(member, &okta(), said(member, active), facts)
}

/// Every command: its name, what it does, and what comes of it in each situation.
///
/// An invited or suspended member is never managed, and a manual one never deactivated (the
/// sequences prove it); the pairs have an answer all the same.
#[expect(clippy::too_many_lines, reason = "it is one table")]
fn table() -> Vec<(&'static str, Command, [Row; 4])> {
    let panel = |row: Row| [row, READ_ONLY, row, row];
    let anywhere = |row: Row| [row; 4];
    let pushed = |row: Row| [CLOSED, row, CLOSED, CLOSED];
    let adopted = |row: Row| [row, ["linked_elsewhere"; 4], row, row];
    vec![
        ("edit name", |m, f| edit(m, f, None), panel(AS_BEFORE)),
        (
            "edit e-mail",
            |m, f| edit(m, f, Some(email("new@x.io"))),
            panel(["invalid_state", "active", "suspended", "deactivated"]),
        ),
        (
            "suspend",
            |m, f| members::suspend(m, &owner(), f),
            panel([
                "invalid_state",
                "suspended",
                "invalid_state",
                "invalid_state",
            ]),
        ),
        (
            "activate",
            |m, f| members::activate(m, &owner(), f),
            panel(["invalid_state", "invalid_state", "active", "active"]),
        ),
        (
            "delete",
            |m, f| members::delete(m, &owner(), f),
            panel(["invalid_state", "gone", "gone", "gone"]),
        ),
        (
            "set role",
            |m, f| members::set_role(m, Role::Admin, &owner(), f),
            panel(AS_BEFORE),
        ),
        (
            "set password",
            |m, f| members::set_password(m, f),
            panel(["invalid_state", "active", "invalid_state", "invalid_state"]),
        ),
        (
            "resend",
            |m, f| invitations::resend(m, &owner(), f.now),
            anywhere(["invited", "invalid_state", "invalid_state", "invalid_state"]),
        ),
        (
            "cancel",
            |m, _| invitations::cancel(m, &owner()),
            anywhere(["gone", "invalid_state", "invalid_state", "invalid_state"]),
        ),
        (
            "accept",
            |m, f| invitations::accept(m, name("Joined"), f.now),
            anywhere([
                "active",
                "invitation_expired",
                "invitation_expired",
                "invitation_expired",
            ]),
        ),
        (
            "directory: active true",
            |m, f| update(m, f, ActiveFlag::Yes),
            pushed(["active", "unchanged", "active", "active"]),
        ),
        (
            "directory: active false",
            |m, f| update(m, f, ActiveFlag::No),
            pushed(["deactivated", "deactivated", "deactivated", "unchanged"]),
        ),
        (
            "directory: active unsaid",
            |m, f| update(m, f, ActiveFlag::Unsaid),
            pushed(UNCHANGED),
        ),
        (
            "directory: delete",
            |m, f| provisioning::delete(m, &okta(), f),
            pushed(["gone"; 4]),
        ),
        (
            "adopt: active true",
            |m, f| adopt(m, f, ActiveFlag::Yes),
            adopted(["active", "active", "deactivated", "active"]),
        ),
        (
            "adopt: active unsaid",
            |m, f| adopt(m, f, ActiveFlag::Unsaid),
            adopted(["active", "active", "deactivated", "active"]),
        ),
        (
            "adopt: active false",
            |m, f| adopt(m, f, ActiveFlag::No),
            adopted(["deactivated"; 4]),
        ),
        (
            "revive: active true",
            |m, f| revive(m, f, ActiveFlag::Yes),
            pushed(["active", "unchanged", "active", "active"]),
        ),
        (
            "revive: active unsaid",
            |m, f| revive(m, f, ActiveFlag::Unsaid),
            pushed(["unchanged", "unchanged", "unchanged", "active"]),
        ),
        (
            "revive: active false",
            |m, f| revive(m, f, ActiveFlag::No),
            pushed(["deactivated", "deactivated", "deactivated", "unchanged"]),
        ),
        (
            "on again",
            |m, f| switching::relink_member(m, &okta(), f.owners, None),
            [
                UNCHANGED,
                ["deactivated", "unchanged", "deactivated", "unchanged"],
                ["deactivated", "unchanged", "deactivated", "unchanged"],
                UNCHANGED,
            ],
        ),
    ]
}

fn member_in(situation: &str) -> (Member, Directories) {
    match situation {
        "manual" => (manual(1, "manual@x.io"), both_on()),
        "managed" => (pushed(1, "jdoe", "jane@x.io"), both_on()),
        "off" => (pushed(1, "jdoe", "jane@x.io"), okta_off()),
        _ => {
            let mut member = lost(&pushed(1, "jdoe", "jane@x.io"));
            member.email = Some(email("edited@x.io"));
            member.login_key = FoldedKey::of("edited@x.io");
            (member, both_on())
        }
    }
}

#[test]
fn b_member_states_every_state_and_command_is_a_new_state_or_a_named_refusal() {
    for (command, run, expected) in table() {
        for (situation, row) in SITUATIONS.into_iter().zip(expected) {
            let (member, directories) = member_in(situation);
            for (status, wanted) in statuses().into_iter().zip(row) {
                let member = standing(status, &member);
                let answer = run(&member, &facts(&directories));
                let state = status.as_str();
                assert_eq!(
                    outcome(&answer),
                    wanted,
                    "{command} of a {state} {situation} member"
                );
            }
        }
    }
}

#[test]
fn b_member_states_no_command_leaves_an_entry_without_a_change_or_a_change_without_an_entry() {
    for (command, run, _) in table() {
        for situation in SITUATIONS {
            let (member, directories) = member_in(situation);
            for status in statuses() {
                let member = standing(status, &member);
                let Ok(change) = run(&member, &facts(&directories)) else {
                    continue;
                };
                let what = format!("{command} of a {} {situation} member", status.as_str());
                assert_eq!(change.is_none(), change.events.is_empty(), "{what}");
                if change.is_none() {
                    assert_eq!(change.value, member, "{what}");
                    assert_eq!(change.effects, [], "{what}");
                }
                assert_eq!(change.value.id, member.id, "{what}");
                assert_eq!(
                    change.value.version, member.version,
                    "the store moves it: {what}"
                );
            }
        }
    }
}

#[test]
fn b_member_states_an_invitation_expires_after_72_hours_and_lives_again_when_resent() {
    let mut member = manual(1, "a@x.io");
    member.status = invited();
    for (hour, wanted) in [
        (0, "active"),
        (71, "active"),
        (72, "invitation_expired"),
        (73, "invitation_expired"),
    ] {
        let answer = invitations::accept(&member, name("A"), hours(hour));
        assert_eq!(outcome(&answer), wanted, "after {hour} hours");
    }
    let resent = invitations::resend(&member, &owner(), hours(100)).expect("it was not used");
    let accepted = invitations::accept(&resent.value, name("A"), hours(171));
    assert_eq!(code(&accepted), "ok");
    let late = invitations::accept(&resent.value, name("A"), hours(172));
    assert_eq!(code(&late), "invitation_expired");
}

#[test]
fn b_member_states_an_invitation_adopted_in_between_can_no_longer_be_accepted() {
    let directories = both_on();
    let mut member = manual(1, "a@x.io");
    member.status = invited();
    let adopted = provisioning::adopt(&member, &okta(), user("a", "a@x.io"), &facts(&directories))
        .expect("an invited member is adopted");
    let loser = invitations::accept(&adopted.value, name("A"), now());
    assert_eq!(code(&loser), "invitation_expired");
}

#[test]
fn b_member_states_only_an_active_unmanaged_member_resets_a_password_by_mail() {
    for situation in SITUATIONS {
        let (member, directories) = member_in(situation);
        for status in statuses() {
            let member = standing(status, &member);
            let wanted = status.as_str() == "active" && situation != "managed";
            assert_eq!(
                members::may_reset_by_mail(&member, &facts(&directories)),
                wanted,
                "{} {situation}",
                status.as_str()
            );
        }
    }
}
