//! Part B, POST /Users: who is found, in which order.

use rollcall_domain::rules::provisioning::{
    ActiveFlag, DirectoryUser, Holders, Intake, Matches, receive, revive,
};
use rollcall_domain::{
    Action, Directories, FoldedKey, LinkState, Member, MemberId, MemberStatus, Refusal, Role,
};

use crate::support::{
    actions, as_owner, both_on, email, entra, external, facts, invited, lost, manual, okta,
    okta_off, outcome, pushed, pushed_by, saying, standing, statuses, user, with_role,
};

fn jane() -> DirectoryUser {
    DirectoryUser {
        external_id: Some(external("e1")),
        ..user("JDoe", "jane@x.io")
    }
}

fn verdict(answer: &Result<Intake, Refusal>) -> String {
    match answer {
        Ok(Intake::Create) => "create".to_owned(),
        Ok(Intake::Revive(member)) => format!("revive {}", member.id.uuid().as_u128()),
        Ok(Intake::Adopt(member)) => format!("adopt {}", member.id.uuid().as_u128()),
        Err(refusal) => refusal.code().to_owned(),
    }
}

/// Looks the members up as a store would.
fn matches(members: &[Member]) -> Matches {
    let user = jane();
    let live = |member: &&Member| {
        member
            .link
            .as_ref()
            .is_some_and(|link| link.connection == okta().id && link.state == LinkState::Live)
    };
    let link_is = |member: &&Member, wanted: &dyn Fn(&rollcall_domain::Link) -> bool| {
        member.link.as_ref().is_some_and(wanted)
    };
    Matches {
        by_user_name: members
            .iter()
            .filter(live)
            .find(|m| link_is(m, &|link| link.key == user.user_name.key()))
            .cloned(),
        by_external_id: members
            .iter()
            .filter(live)
            .find(|m| link_is(m, &|link| link.external_id == user.external_id))
            .cloned(),
        by_key: members
            .iter()
            .filter(|member| !live(member) && member.answers_to(&user.keys()))
            .cloned()
            .collect(),
    }
}

fn posted(members: &[Member], directories: &Directories, allowed: &[u128]) -> String {
    let allowed: Vec<MemberId> = allowed.iter().map(|id| MemberId::from_u128(*id)).collect();
    verdict(&receive(&matches(members), &jane(), directories, &allowed))
}

fn deactivated(member: &Member) -> Member {
    standing(MemberStatus::Deactivated, member)
}

fn with_external(member: &Member) -> Member {
    let mut member = member.clone();
    if let Some(link) = &mut member.link {
        link.external_id = Some(external("e1"));
    }
    member
}

#[test]
fn b_post_users_finds_in_the_order_of_the_rules() {
    let same = pushed(1, "jdoe", "old@x.io");
    let same_id = with_external(&pushed(2, "former", "former@x.io"));
    let by_hand = manual(3, "jane@x.io");
    let stranger = pushed(4, "somebody", "somebody@x.io");
    let cases: Vec<(&str, Vec<Member>, &str)> = vec![
        ("nobody", vec![], "create"),
        ("a stranger", vec![stranger], "create"),
        ("1: active", vec![same.clone()], "member_exists"),
        ("1: deactivated", vec![deactivated(&same)], "revive 1"),
        (
            "1: deactivated, and by id",
            vec![deactivated(&with_external(&same))],
            "revive 1",
        ),
        ("2: active", vec![same_id.clone()], "external_id_taken"),
        ("2: deactivated", vec![deactivated(&same_id)], "revive 2"),
        (
            "1 before 2",
            vec![same.clone(), same_id.clone()],
            "member_exists",
        ),
        (
            "1 before 3",
            vec![same.clone(), by_hand.clone()],
            "member_exists",
        ),
        (
            "2 before 3",
            vec![same_id.clone(), by_hand.clone()],
            "external_id_taken",
        ),
        ("3: manual", vec![by_hand.clone()], "adopt 3"),
        (
            "1 and 2",
            vec![deactivated(&same), deactivated(&same_id)],
            "ambiguous_match",
        ),
        (
            "1 and 3",
            vec![deactivated(&same), by_hand.clone()],
            "ambiguous_match",
        ),
        (
            "2 and 3",
            vec![deactivated(&same_id), by_hand],
            "ambiguous_match",
        ),
    ];
    for (what, members, wanted) in cases {
        assert_eq!(posted(&members, &both_on(), &[]), wanted, "{what}");
    }
}

#[test]
fn b_post_users_1_only_a_deactivated_member_is_revived() {
    for status in statuses() {
        let member = standing(status, &pushed(1, "jdoe", "old@x.io"));
        let wanted = match status {
            MemberStatus::Deactivated => "revive 1",
            _ => "member_exists",
        };
        assert_eq!(
            posted(&[member], &both_on(), &[]),
            wanted,
            "{}",
            status.as_str()
        );
    }
}

#[test]
fn b_post_users_1_and_2_a_revived_member_has_the_new_data_and_stays_deactivated_if_told_so() {
    let directories = both_on();
    let facts = facts(&directories);
    for member in [
        pushed(1, "jdoe", "jane@x.io"),
        with_external(&pushed(2, "former", "f@x.io")),
    ] {
        for (active, wanted) in [
            (ActiveFlag::Yes, "active"),
            (ActiveFlag::Unsaid, "active"),
            (ActiveFlag::No, "deactivated"),
        ] {
            let before = deactivated(&member);
            let change =
                revive(&before, &okta(), saying(active, &jane()), &facts).expect("no limit is set");
            assert_eq!(change.value.status.as_str(), wanted, "{active:?}");
            assert_eq!(change.value.id, before.id);
            assert_eq!(change.value.email, Some(email("jane@x.io")));
            assert_eq!(change.value.login_key, FoldedKey::of("jdoe"));
            let back = actions(&change).contains(&Action::MemberReactivated);
            assert_eq!(back, wanted == "active", "{active:?}");
        }
    }
}

#[test]
fn b_post_users_3_every_kind_of_member_nobody_manages_is_adopted() {
    let mut other_login = manual(3, "jane@x.io");
    other_login.login_key = FoldedKey::of("elsewhere@x.io");
    let mut other_email = manual(3, "else@x.io");
    other_email.login_key = FoldedKey::of("jdoe");
    let mut open = manual(3, "jane@x.io");
    open.status = invited();
    let cases = [
        ("by login key", manual(3, "JANE@x.io"), both_on()),
        ("by primary e-mail", other_login, both_on()),
        ("by userName", other_email, both_on()),
        ("invited", open, both_on()),
        (
            "suspended",
            standing(MemberStatus::Suspended, &manual(3, "jane@x.io")),
            both_on(),
        ),
        (
            "lost here",
            lost(&pushed(3, "former", "jane@x.io")),
            both_on(),
        ),
        (
            "lost elsewhere",
            lost(&pushed_by(&entra(), 3, "former", "jane@x.io")),
            both_on(),
        ),
        (
            "linked to what is off",
            pushed_by(&entra(), 3, "former", "jane@x.io"),
            Directories::new(vec![okta(), crate::support::off(&entra())]),
        ),
    ];
    for (what, member, directories) in cases {
        assert_eq!(posted(&[member], &directories, &[]), "adopt 3", "{what}");
    }
}

#[test]
fn b_post_users_3_an_owner_or_admin_is_adopted_only_when_it_was_allowed() {
    for (role, allowed, wanted) in [
        (Role::Member, &[][..], "adopt 3"),
        (Role::Admin, &[], "link_needs_approval"),
        (Role::Owner, &[], "link_needs_approval"),
        (Role::Admin, &[3], "adopt 3"),
        (Role::Owner, &[3], "adopt 3"),
        (Role::Owner, &[4], "link_needs_approval"),
    ] {
        for member in [
            manual(3, "jane@x.io"),
            lost(&pushed(3, "former", "jane@x.io")),
        ] {
            let member = with_role(role, &member);
            assert_eq!(
                posted(&[member], &both_on(), allowed),
                wanted,
                "{role} {allowed:?}"
            );
        }
    }
}

#[test]
fn b_post_users_1_an_owner_who_is_linked_is_revived_without_permission() {
    let member = deactivated(&as_owner(&pushed(1, "jdoe", "jane@x.io")));
    assert_eq!(posted(&[member], &both_on(), &[]), "revive 1");
}

#[test]
fn b_post_users_3_two_different_hits_are_never_merged() {
    let mut by_user_name = manual(3, "else@x.io");
    by_user_name.login_key = FoldedKey::of("jdoe");
    let by_email = manual(4, "jane@x.io");
    let members = [by_user_name, by_email];
    assert_eq!(posted(&members, &both_on(), &[]), "ambiguous_match");
    assert_eq!(posted(&members, &both_on(), &[3, 4]), "ambiguous_match");
}

#[test]
fn b_post_users_4_a_member_of_another_directory_that_is_on_is_never_taken_over() {
    let elsewhere = pushed_by(&entra(), 5, "JDOE", "else@x.io");
    let by_email = pushed_by(&entra(), 5, "other", "jane@x.io");
    let cases: Vec<(&str, Vec<Member>, &str)> = vec![
        ("by userName", vec![elsewhere.clone()], "linked_elsewhere"),
        ("by e-mail", vec![by_email.clone()], "linked_elsewhere"),
        (
            "even allowed",
            vec![as_owner(&elsewhere)],
            "linked_elsewhere",
        ),
        (
            "beside a member to adopt, by userName",
            vec![elsewhere.clone(), manual(3, "jane@x.io")],
            "linked_elsewhere",
        ),
        (
            "beside a member to revive, by userName",
            vec![
                elsewhere,
                deactivated(&with_external(&pushed(2, "former", "f@x.io"))),
            ],
            "linked_elsewhere",
        ),
        (
            "beside a member to revive, by e-mail alone",
            vec![by_email, deactivated(&pushed(1, "jdoe", "old@x.io"))],
            "revive 1",
        ),
    ];
    for (what, members, wanted) in cases {
        assert_eq!(posted(&members, &both_on(), &[5]), wanted, "{what}");
    }
}

#[test]
fn b_post_users_only_the_primary_email_ever_matches() {
    // The keys of a push are its userName and its primary e-mail, each once and folded.
    let keys = |user: &DirectoryUser| -> Vec<String> {
        user.keys().iter().map(ToString::to_string).collect()
    };
    assert_eq!(keys(&jane()), ["jdoe", "jane@x.io"]);
    assert_eq!(keys(&user("Jane@X.io", "jane@x.io")), ["jane@x.io"]);
    assert_eq!(keys(&user("JDoe", "")), ["jdoe"]);
    // A second address among the further attributes matches nobody.
    let mut second = jane();
    let text = r#"{"emails":[{"value":"second@x.io","type":"home"}]}"#;
    second.attributes = rollcall_domain::Attributes::parse(text).expect("an object");
    assert_eq!(keys(&second), ["jdoe", "jane@x.io"]);
    let mut member = manual(3, "first@x.io");
    member.attributes = second.attributes;
    assert!(!member.answers_to(&[FoldedKey::of("second@x.io")]));
}

#[test]
fn r13_a_member_edited_while_off_is_not_found_and_a_new_one_is_created_beside() {
    let mut away = lost(&pushed(1, "jdoe", "jane@x.io"));
    away.email = Some(email("new@x.io"));
    away.login_key = FoldedKey::of("new@x.io");
    assert_eq!(posted(&[away], &both_on(), &[]), "create");
}

#[test]
fn b_post_users_3_a_suspended_member_is_lifted_by_an_explicit_active_true_alone() {
    let directories = both_on();
    let facts = facts(&directories);
    for posted in [ActiveFlag::Yes, ActiveFlag::Unsaid] {
        let suspended = standing(MemberStatus::Suspended, &manual(3, "jane@x.io"));
        let said = saying(posted, &jane());
        let adopted =
            rollcall_domain::rules::provisioning::adopt(&suspended, &okta(), said, &facts)
                .expect("it is adopted");
        assert_eq!(
            adopted.value.status,
            MemberStatus::Deactivated,
            "{posted:?}"
        );
        for (later, wanted) in [
            (ActiveFlag::Unsaid, "unchanged"),
            (ActiveFlag::No, "deactivated"),
            (ActiveFlag::Yes, "active"),
        ] {
            let said = saying(later, &jane());
            let pushed_again = revive(&adopted.value, &okta(), said.clone(), &facts);
            assert_eq!(outcome(&pushed_again), wanted, "posted again: {later:?}");
            let updated = rollcall_domain::rules::provisioning::update(
                &adopted.value,
                &okta(),
                said,
                &facts,
                Holders::default(),
            );
            assert_eq!(outcome(&updated), wanted, "updated: {later:?}");
        }
    }
}

#[test]
fn b_post_users_nothing_of_another_connection_that_is_off_stands_in_the_way() {
    let member = pushed(1, "JDoe", "jane@x.io");
    let matches = Matches {
        by_key: vec![member],
        ..Matches::default()
    };
    let answer = receive(&matches, &jane(), &okta_off(), &[]);
    assert_eq!(verdict(&answer), "adopt 1");
}
