//! Part B, Seats.

use rollcall_domain::rules::provisioning::{self, ActiveFlag, Holders};
use rollcall_domain::rules::seats::require_seat;
use rollcall_domain::rules::{Facts, invitations, members, switching};
use rollcall_domain::{
    Action, Actor, EventKind, Member, MemberId, MemberStatus, Refusal, Role, Seats, Target,
};

use crate::support::{
    ORGANIZATION, as_pushed, both_on, code, email, facts, hours, invited, lost, manual, name, okta,
    okta_off, others, owner, pushed, saying, standing, statuses, user,
};

const FULL: Seats = Seats {
    used: 3,
    limit: Some(3),
};

fn answers(facts: &Facts<'_>) -> Vec<(&'static str, &'static str)> {
    let invitee = invitations::Invitee {
        id: MemberId::from_u128(1),
        email: email("new@x.io"),
        name: name("New"),
        role: Role::Member,
    };
    let invitation = invitations::invite(ORGANIZATION, invitee, &[], &owner(), facts, None);
    let id = MemberId::from_u128(1);
    let said = user("jdoe", "jane@x.io");
    let stopped = standing(MemberStatus::Deactivated, &pushed(1, "jdoe", "jane@x.io"));
    let lost = lost(&stopped);
    let yes = saying(ActiveFlag::Yes, &as_pushed(&stopped));
    vec![
        ("invite", code(&invitation)),
        (
            "create",
            code(&provisioning::create(id, &okta(), said.clone(), facts)),
        ),
        (
            "adopt a deactivated one",
            code(&provisioning::adopt(&lost, &okta(), said.clone(), facts)),
        ),
        (
            "reactivate",
            code(&provisioning::update(
                &stopped,
                &okta(),
                yes.clone(),
                facts,
                Holders::default(),
            )),
        ),
        (
            "revive",
            code(&provisioning::revive(&stopped, &okta(), yes, facts)),
        ),
        ("activate", code(&members::activate(&lost, &owner(), facts))),
        (
            "grant owner",
            code(&members::grant_owner(&lost, &Actor::operator(), facts)),
        ),
    ]
}

#[test]
fn b_seats_are_checked_on_invite_create_adopt_reactivate_and_activate() {
    let directories = both_on();
    for (seats, wanted) in [
        (FULL, "seat_limit"),
        (
            Seats {
                used: 5,
                limit: Some(3),
            },
            "seat_limit",
        ),
        (
            Seats {
                used: 2,
                limit: Some(3),
            },
            "ok",
        ),
        (
            Seats {
                used: 1_000,
                limit: None,
            },
            "ok",
        ),
        (
            Seats {
                used: 0,
                limit: Some(0),
            },
            "seat_limit",
        ),
    ] {
        let mut facts = facts(&directories);
        facts.seats = seats;
        for (command, answer) in answers(&facts) {
            assert_eq!(answer, wanted, "{command} with {seats:?}");
        }
    }
}

#[test]
fn b_seats_invited_active_and_suspended_use_one_and_deactivated_do_not() {
    let expected = [true, true, true, false];
    for (status, uses) in statuses().into_iter().zip(expected) {
        assert_eq!(status.uses_seat(), uses, "{}", status.as_str());
    }
    let expired = MemberStatus::Invited {
        expires_at: hours(-1),
    };
    assert!(
        expired.uses_seat(),
        "an expired invitation keeps its seat until it is cancelled"
    );
    for before in statuses().map(Some).into_iter().chain([None]) {
        for after in statuses() {
            let had_one = before.as_ref().is_some_and(MemberStatus::uses_seat);
            let refused = !had_one && after.uses_seat();
            let answer = require_seat(before.as_ref(), &after, FULL);
            assert_eq!(answer.is_err(), refused, "{before:?} to {after:?}");
        }
    }
}

#[test]
fn b_seats_nobody_is_evicted() {
    let directories = both_on();
    let off = okta_off();
    let over = Seats {
        used: 9,
        limit: Some(3),
    };
    let mut on = facts(&directories);
    on.seats = over;
    let mut off = facts(&off);
    off.seats = over;
    let member = manual(1, "a@x.io");
    let mut open = member.clone();
    open.status = invited();
    let suspended = standing(MemberStatus::Suspended, &member);
    let pushed = pushed(1, "jdoe", "jane@x.io");
    let no = saying(ActiveFlag::No, &as_pushed(&pushed));
    let kept: [(&str, &str); 7] = [
        (
            "accept",
            code(&invitations::accept(&open, name("A"), hours(1))),
        ),
        (
            "resend",
            code(&invitations::resend(&open, &owner(), hours(1))),
        ),
        (
            "activate a suspended one",
            code(&members::activate(&suspended, &owner(), &on)),
        ),
        ("suspend", code(&members::suspend(&member, &owner(), &on))),
        (
            "adopt",
            code(&provisioning::adopt(
                &member,
                &okta(),
                user("a", "a@x.io"),
                &on,
            )),
        ),
        (
            "deactivate",
            code(&provisioning::update(
                &pushed,
                &okta(),
                no,
                &on,
                Holders::default(),
            )),
        ),
        (
            "on again",
            code(&switching::relink_member(&pushed, &okta(), others(1), None)),
        ),
    ];
    for (command, answer) in kept {
        assert_eq!(answer, "ok", "{command}");
    }
    assert_eq!(code(&members::suspend(&pushed, &owner(), &off)), "ok");
}

#[test]
fn b_seats_a_member_that_is_created_deactivated_needs_none() {
    let directories = both_on();
    let mut facts = facts(&directories);
    facts.seats = FULL;
    let id = MemberId::from_u128(1);
    let said = saying(ActiveFlag::No, &user("jdoe", "jane@x.io"));
    let created = provisioning::create(id, &okta(), said.clone(), &facts).expect("no seat");
    assert_eq!(created.value.status, MemberStatus::Deactivated);
    let stopped: Member = lost(&standing(MemberStatus::Deactivated, &pushed(1, "jdoe", "")));
    assert_eq!(
        code(&provisioning::adopt(&stopped, &okta(), said, &facts)),
        "ok"
    );
}

#[test]
fn b_seats_the_refusal_counts_and_the_directorys_leaves_a_warning() {
    let refusal = require_seat(None, &MemberStatus::Active, FULL).expect_err("it is full");
    assert_eq!(refusal.to_string(), "3 of 3 seats are in use");
    assert_eq!(refusal, Refusal::SeatLimit { used: 3, limit: 3 });
    let target = Target::member(MemberId::from_u128(1), "Jane");
    let event = provisioning::warning(&refusal, target).expect("a person must know");
    assert_eq!(event.action, Action::ProvisioningSeatMissing);
    assert_eq!(event.kind, EventKind::Warning);
}
