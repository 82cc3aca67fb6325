//! R13; part B, Identity: login keys, and what an edit does to them.

use rollcall_domain::rules::members::{MemberEdit, edit, edit_keys};
use rollcall_domain::rules::provisioning::{self, ActiveFlag, Holders};
use rollcall_domain::rules::switching::relink_member;
use rollcall_domain::{
    Action, Change, Effect, Email, FoldedKey, LinkState, Member, MemberId, Refusal,
};

use crate::support::{
    actions, as_pushed, assert_effects, both_on, code, email, external, facts, fields, invited,
    lost, manual, okta, okta_off, others, outcome, owner, pushed, saying, user,
};

fn with_email(
    member: &Member,
    address: &str,
    taken_by: Option<u128>,
) -> Result<Change<Member>, Refusal> {
    let directories = okta_off();
    let wanted = MemberEdit {
        name: member.name.clone(),
        email: Some(email(address)),
    };
    edit(
        member,
        wanted,
        &owner(),
        &facts(&directories),
        taken_by.map(MemberId::from_u128),
    )
}

fn edited(member: &Member, address: &str) -> Member {
    with_email(member, address, None)
        .expect("nobody has it")
        .value
}

fn found_again(member: &Member) -> LinkState {
    let change = relink_member(member, &okta(), others(1), None).expect("no owner is at stake");
    change.value.link.expect("a pushed member").state
}

#[test]
fn b_words_the_login_key_is_the_folded_email_of_a_manual_member() {
    let member = edited(&manual(1, "a@x.io"), "Another@X.IO");
    assert_eq!(member.login_key, FoldedKey::of("another@x.io"));
    assert_eq!(
        member.email.as_ref().map(Email::as_str),
        Some("Another@X.IO")
    );
}

#[test]
fn b_words_an_edited_email_is_the_login_key_and_the_user_name_as_sent_stays_in_the_link() {
    let before = pushed(1, "JDoe", "jane@x.io");
    let member = edited(&before, "New@x.io");
    assert_eq!(member.login_key, FoldedKey::of("new@x.io"));
    assert_eq!(member.link, before.link);
}

#[test]
fn r13_who_was_edited_is_lost_and_who_was_edited_back_is_found() {
    // (userName, e-mail as sent, the e-mails it was edited to while off, found again)
    let cases: [(&str, &str, &[&str], bool); 11] = [
        ("jane@x.io", "jane@x.io", &[], true),
        ("jane@x.io", "jane@x.io", &["new@x.io"], false),
        ("jane@x.io", "jane@x.io", &["new@x.io", "jane@x.io"], true),
        ("jane@x.io", "jane@x.io", &["new@x.io", "JANE@X.io"], true),
        ("jane@x.io", "jane@x.io", &["JANE@X.IO"], true),
        ("jdoe", "jane@x.io", &[], true),
        ("jdoe", "jane@x.io", &["new@x.io"], false),
        ("jdoe", "jane@x.io", &["new@x.io", "Jane@X.io"], true),
        (
            "jdoe",
            "jane@x.io",
            &["new@x.io", "other@x.io", "jane@x.io"],
            true,
        ),
        ("JDoe@x.io", "jane@x.io", &["new@x.io", "jdoe@x.io"], true),
        ("jdoe", "", &["new@x.io"], false),
    ];
    for (user_name, address, edits, expected) in cases {
        let mut member = pushed(1, user_name, address);
        for address in edits {
            member = edited(&member, address);
        }
        let state = found_again(&member);
        assert_eq!(
            state == LinkState::Live,
            expected,
            "{user_name} {address} {edits:?}"
        );
    }
}

#[test]
fn r13_an_edit_of_the_name_alone_loses_nobody() {
    let directories = okta_off();
    let member = pushed(1, "jdoe", "jane@x.io");
    let wanted = MemberEdit {
        name: crate::support::name("Another"),
        email: None,
    };
    let edited = edit(&member, wanted, &owner(), &facts(&directories), None)
        .expect("it is off")
        .value;
    assert_eq!(edited.login_key, member.login_key);
    assert_eq!(found_again(&edited), LinkState::Live);
}

#[test]
fn r13_who_was_lost_and_is_edited_back_is_found_the_next_time() {
    let directories = both_on();
    let edited_away = edited(&pushed(1, "jdoe", "jane@x.io"), "new@x.io");
    let gone = relink_member(&edited_away, &okta(), others(1), None).expect("no owner is at stake");
    assert_eq!(actions(&gone), [Action::MemberLost]);
    let wanted = MemberEdit {
        name: gone.value.name.clone(),
        email: Some(email("jane@x.io")),
    };
    let back = edit(&gone.value, wanted, &owner(), &facts(&directories), None)
        .expect("a lost member is editable while it is on");
    let found = relink_member(&back.value, &okta(), others(1), None).expect("no owner is at stake");
    assert_eq!(actions(&found), [Action::MemberFound]);
    assert_eq!(found_again(&back.value), LinkState::Live);
}

#[test]
fn r13_an_edit_back_is_refused_when_somebody_has_the_directorys_user_name_by_now() {
    let away = edited(&pushed(1, "JDoe", "jane@x.io"), "new@x.io");
    let back = edit_keys(&away, &email("Jane@x.io"));
    assert_eq!(back, [FoldedKey::of("jane@x.io"), FoldedKey::of("jdoe")]);
    let elsewhere = edit_keys(&away, &email("other@x.io"));
    assert_eq!(elsewhere, [FoldedKey::of("other@x.io")]);
    let successor = pushed(2, "jdoe", "jane2@x.io");
    assert!(successor.answers_to(&back));
    let answer = with_email(&away, "jane@x.io", Some(2));
    assert_eq!(code(&answer), "member_exists");
}

#[test]
fn b_identity_an_edit_to_somebody_elses_email_is_refused_and_to_the_own_one_is_not() {
    let member = manual(1, "a@x.io");
    assert_eq!(
        code(&with_email(&member, "b@x.io", Some(2))),
        "member_exists"
    );
    assert_eq!(code(&with_email(&member, "b@x.io", Some(1))), "ok");
    // The same key again is no new e-mail: SCIM e-mails need not be unique.
    assert_eq!(code(&with_email(&member, "A@x.io", Some(2))), "ok");
}

#[test]
fn b_identity_an_edit_records_fields_and_voids_resets_only_when_the_email_moves() {
    let member = manual(1, "a@x.io");
    let cases: [(&str, &[Effect]); 2] = [("b@x.io", &[Effect::VoidResets]), ("A@x.io", &[])];
    for (address, effects) in cases {
        let change = with_email(&member, address, None).expect("nobody has it");
        assert_eq!(actions(&change), [Action::MemberUpdated]);
        let expected = [("email", Some("a@x.io"), Some(address))];
        assert_eq!(fields(&change.events[0]), expected);
        assert_effects(address, &change, effects);
    }
    let same = with_email(&member, "a@x.io", None).expect("it is the same");
    assert!(same.is_none() && same.events.is_empty());
}

#[test]
fn b_identity_an_invitation_keeps_the_email_it_went_to() {
    let mut member = manual(1, "a@x.io");
    member.status = invited();
    assert_eq!(code(&with_email(&member, "b@x.io", None)), "invalid_state");
    assert_eq!(code(&with_email(&member, "A@x.io", None)), "ok");
}

#[test]
fn b_identity_a_user_name_is_kept_as_sent_and_compared_folded() {
    let directories = both_on();
    let member = pushed(1, "jdoe", "jane@x.io");
    let change = provisioning::update(
        &member,
        &okta(),
        user("JDOE", "jane@x.io"),
        &facts(&directories),
        Holders {
            user_name: Some(MemberId::from_u128(9)),
            external_id: None,
        },
    )
    .expect("the key does not move, so nobody is asked");
    let link = change.value.link.as_ref().expect("it is linked");
    assert_eq!((link.name.as_str(), link.key.as_str()), ("JDOE", "jdoe"));
    assert_eq!(change.value.login_key.as_str(), "jdoe");
    assert_eq!(
        fields(&change.events[0]),
        [("user_name", Some("jdoe"), Some("JDOE"))]
    );
    assert_effects("case alone", &change, &[]);
}

#[test]
fn b_identity_a_user_name_moved_by_scim_is_unique_in_the_organization() {
    let directories = both_on();
    let member = pushed(1, "jdoe", "jane@x.io");
    for (holder, wanted) in [(None, "ok"), (Some(1), "ok"), (Some(2), "member_exists")] {
        let holders = Holders {
            user_name: holder.map(MemberId::from_u128),
            external_id: None,
        };
        let answer = provisioning::update(
            &member,
            &okta(),
            user("jsmith", "jane@x.io"),
            &facts(&directories),
            holders,
        );
        assert_eq!(code(&answer), wanted, "held by {holder:?}");
    }
}

#[test]
fn b_post_users_2_an_external_id_is_unique_on_put_and_patch_too() {
    let directories = both_on();
    let mut member = pushed(1, "jdoe", "jane@x.io");
    let mut said = as_pushed(&member);
    said.external_id = Some(external("e1"));
    for (holder, wanted) in [
        (None, "ok"),
        (Some(1), "ok"),
        (Some(2), "external_id_taken"),
    ] {
        let holders = Holders {
            user_name: None,
            external_id: holder.map(MemberId::from_u128),
        };
        let answer = provisioning::update(
            &member,
            &okta(),
            said.clone(),
            &facts(&directories),
            holders,
        );
        assert_eq!(code(&answer), wanted, "held by {holder:?}");
    }
    // Who has it already keeps it, whoever else is said to hold it.
    if let Some(link) = &mut member.link {
        link.external_id = Some(external("e1"));
    }
    let holders = Holders {
        user_name: None,
        external_id: Some(MemberId::from_u128(2)),
    };
    let again = provisioning::update(&member, &okta(), said, &facts(&directories), holders);
    assert_eq!(outcome(&again), "unchanged");
}

#[test]
fn b_identity_two_pushed_members_may_share_an_email() {
    let directories = both_on();
    let answer = provisioning::update(
        &pushed(1, "jdoe", "jane@x.io"),
        &okta(),
        user("jdoe", "shared@x.io"),
        &facts(&directories),
        Holders::default(),
    );
    assert_eq!(code(&answer), "ok");
}

#[test]
fn b_identity_moved_by_scim_ends_sessions_password_and_resets() {
    const ALL: &[Effect] = &[
        Effect::EndSessions,
        Effect::VoidPassword,
        Effect::VoidResets,
    ];
    let directories = both_on();
    let mut member = pushed(1, "jdoe", "jane@x.io");
    member.has_password = true;
    let cases: [(&str, &str, &[Effect]); 5] = [
        ("jsmith", "jane@x.io", ALL),
        ("jdoe", "other@x.io", ALL),
        ("jdoe", "", ALL),
        ("JDoe", "Jane@X.io", &[]),
        ("jdoe", "jane@x.io", &[]),
    ];
    for (user_name, address, effects) in cases {
        let said = user(user_name, address);
        let change = provisioning::update(
            &member,
            &okta(),
            said,
            &facts(&directories),
            Holders::default(),
        )
        .expect("nobody holds it");
        assert_effects(&format!("{user_name} {address}"), &change, effects);
        assert_eq!(
            change.value.has_password,
            effects.is_empty(),
            "{user_name} {address}"
        );
    }
}

#[test]
fn r05_deactivation_ends_sessions_and_reactivation_does_not() {
    let directories = both_on();
    let member = pushed(1, "jdoe", "jane@x.io");
    let said = as_pushed(&member);
    let facts = facts(&directories);
    let stop = saying(ActiveFlag::No, &said);
    let stopped = provisioning::update(&member, &okta(), stop, &facts, Holders::default())
        .expect("another owner is there");
    assert_eq!(actions(&stopped), [Action::MemberDeactivated]);
    let status = [("status", Some("active"), Some("deactivated"))];
    assert_eq!(fields(&stopped.events[0]), status);
    assert_effects("deactivate", &stopped, &[Effect::EndSessions]);
    let start = saying(ActiveFlag::Yes, &said);
    let started = provisioning::update(&stopped.value, &okta(), start, &facts, Holders::default())
        .expect("no limit is set");
    assert_eq!(actions(&started), [Action::MemberReactivated]);
    let status = [("status", Some("deactivated"), Some("active"))];
    assert_eq!(fields(&started.events[0]), status);
    assert_effects("reactivate", &started, &[]);
    assert_eq!(started.value, member, "back as before");
}

#[test]
fn r13_a_lost_member_is_no_longer_the_directorys_to_change() {
    let directories = both_on();
    let member = lost(&pushed(1, "jdoe", "jane@x.io"));
    let answer = provisioning::delete(&member, &okta(), &facts(&directories));
    assert_eq!(code(&answer), "connection_closed");
}
