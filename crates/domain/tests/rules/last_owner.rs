//! Part B, Last owner.

use rollcall_domain::rules::provisioning::{self, ActiveFlag, Holders};
use rollcall_domain::rules::{Facts, members, switching};
use rollcall_domain::{
    Action, Actor, Effect, EventKind, Member, MemberId, MemberStatus, Refusal, Role, Target, WaysIn,
};

use crate::support::{
    actions, as_owner, as_pushed, assert_effects, both_on, code, facts, manual, okta, okta_off,
    others as count, owner, pushed, saying, standing, statuses, user,
};

/// Every path by which an owner could stop being one who can sign in.
fn paths(on: &Facts<'_>, off: &Facts<'_>) -> Vec<(&'static str, &'static str)> {
    let by_hand = as_owner(&manual(1, "a@x.io"));
    let linked = as_owner(&pushed(1, "jdoe", "jane@x.io"));
    let said = as_pushed(&linked);
    let update = |user| provisioning::update(&linked, &okta(), user, on, Holders::default());
    let mut leaver = linked.clone();
    if let Some(link) = &mut leaver.link {
        link.active = false;
    }
    let mut in_panel = on.clone();
    in_panel.roles_in_panel = true;
    vec![
        ("suspend", code(&members::suspend(&by_hand, &owner(), on))),
        ("delete", code(&members::delete(&by_hand, &owner(), on))),
        (
            "demote",
            code(&members::set_role(&by_hand, Role::Admin, &owner(), on)),
        ),
        (
            "demote, managed",
            code(&members::set_role(
                &linked,
                Role::Member,
                &owner(),
                &in_panel,
            )),
        ),
        (
            "suspend while off",
            code(&members::suspend(&linked, &owner(), off)),
        ),
        (
            "delete while off",
            code(&members::delete(&linked, &owner(), off)),
        ),
        ("active:false", code(&update(saying(ActiveFlag::No, &said)))),
        (
            "another userName",
            code(&update(user("other", "jane@x.io"))),
        ),
        ("another e-mail", code(&update(user("jdoe", "other@x.io")))),
        ("DELETE", code(&provisioning::delete(&linked, &okta(), on))),
        (
            "adopt",
            code(&provisioning::adopt(
                &by_hand,
                &okta(),
                user("a", "a@x.io"),
                on,
            )),
        ),
        (
            "on again",
            code(&switching::relink_member(&leaver, &okta(), on.owners, None)),
        ),
    ]
}

#[test]
fn b_last_owner_no_path_leaves_an_organization_without_one_who_can_sign_in() {
    let (directories, closed) = (both_on(), okta_off());
    for (others, wanted) in [(0, "last_owner"), (1, "ok"), (7, "ok")] {
        let (mut on, mut off) = (facts(&directories), facts(&closed));
        on.owners = count(others);
        off.owners = count(others);
        for (path, answer) in paths(&on, &off) {
            assert_eq!(answer, wanted, "{path} with {others} others");
        }
    }
}

#[test]
fn b_last_owner_what_keeps_the_owner_is_allowed() {
    let directories = both_on();
    let mut facts = facts(&directories);
    facts.owners = count(0);
    let linked = as_owner(&pushed(1, "jdoe", "jane@x.io"));
    let renamed = saying(ActiveFlag::Yes, &user("JDOE", "Jane@x.io"));
    let update = provisioning::update(&linked, &okta(), renamed, &facts, Holders::default());
    assert_eq!(code(&update), "ok");
    let kept = switching::relink_member(&linked, &okta(), count(0), None);
    assert_eq!(code(&kept), "ok");
    assert_eq!(
        code(&members::set_password(&manual(1, "a@x.io"), &facts)),
        "ok"
    );
}

#[test]
fn b_last_owner_only_an_active_owner_with_a_password_counts() {
    let directories = both_on();
    let mut facts = facts(&directories);
    facts.owners = count(0);
    for role in Role::ALL {
        for status in statuses() {
            for has_password in [true, false] {
                let member = Member {
                    role,
                    has_password,
                    ..standing(status, &manual(1, "a@x.io"))
                };
                let counts = role == Role::Owner && status == MemberStatus::Active && has_password;
                let what = format!("{role} {} {has_password}", status.as_str());
                assert_eq!(
                    member.is_effective_owner(WaysIn::PASSWORD),
                    counts,
                    "{what}"
                );
                let answer = members::delete(&member, &owner(), &facts);
                assert_eq!(code(&answer) == "last_owner", counts, "{what}");
            }
        }
    }
}

#[test]
fn b_last_owner_kept_from_the_directory_leaves_a_warning() {
    let target = Target::member(MemberId::from_u128(1), "Jane");
    let event = provisioning::warning(&Refusal::LastOwner, target).expect("a person must know");
    assert_eq!(event.action, Action::ProvisioningLastOwnerKept);
    assert_eq!(event.kind, EventKind::Warning);
}

#[test]
fn b_last_owner_the_operators_grant_is_the_way_out_of_every_state() {
    let directories = both_on();
    let mut facts = facts(&directories);
    facts.owners = count(0);
    for member in [manual(1, "a@x.io"), pushed(1, "jdoe", "jane@x.io")] {
        for status in statuses() {
            let member = standing(status, &member);
            let change = members::grant_owner(&member, &Actor::operator(), &facts)
                .expect("the operator may");
            assert!(
                change.value.is_effective_owner(WaysIn::PASSWORD),
                "{}",
                status.as_str()
            );
            assert_eq!(change.value.link, member.link, "its link stays");
            assert_eq!(change.value.origin, member.origin);
            let expected: &[Action] = match status {
                MemberStatus::Active => &[Action::MemberRoleChanged, Action::MemberPasswordChanged],
                _ => &[
                    Action::MemberRoleChanged,
                    Action::MemberActivated,
                    Action::MemberPasswordChanged,
                ],
            };
            assert_eq!(actions(&change), expected, "{}", status.as_str());
            let effects = [
                Effect::EndSessions,
                Effect::VoidResets,
                Effect::VoidInvitation,
            ];
            assert_effects(status.as_str(), &change, &effects);
        }
    }
}
