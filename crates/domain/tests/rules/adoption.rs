//! Part B, POST /Users, 3: what an adoption does.

use chrono::Duration;
use rollcall_domain::rules::provisioning::{
    ActiveFlag, adopt, approval_holds, needs_link_approval, warning,
};
use rollcall_domain::rules::switching::{LINK_APPROVAL_HOURS, allow_link};
use rollcall_domain::{
    Action, Directories, DirectoryKind, Effect, EventKind, FoldedKey, LinkState, Member,
    MemberStatus, Origin, Refusal, Role, Target,
};

use crate::support::{
    actions, admin, assert_effects, both_on, code, entra, external, facts, fields, invited, lost,
    manual, now, off, okta, okta_off, owner, pushed, pushed_by, saying, standing, user, with_role,
};

fn adopted(member: &Member, active: ActiveFlag) -> rollcall_domain::Change<Member> {
    let directories = both_on();
    let mut said = saying(active, &user("JDoe", "jane@x.io"));
    said.external_id = Some(external("e1"));
    adopt(member, &okta(), said, &facts(&directories)).expect("nothing stands in the way")
}

#[test]
fn b_post_users_3_an_adopted_member_keeps_its_id_and_becomes_the_directorys() {
    for member in [
        manual(3, "jane@x.io"),
        lost(&pushed(3, "former", "jane@x.io")),
        lost(&pushed_by(&entra(), 3, "former", "jane@x.io")),
    ] {
        let next = adopted(&member, ActiveFlag::Yes).value;
        assert_eq!(next.id, member.id);
        assert_eq!(next.created_at, member.created_at);
        assert_eq!(next.origin, Origin::Provisioned(DirectoryKind::Okta));
        assert_eq!(next.login_key, FoldedKey::of("jdoe"));
        let link = next.link.expect("it is linked");
        assert_eq!((link.connection, link.state), (okta().id, LinkState::Live));
        assert_eq!(link.name, "JDoe");
        assert_eq!(link.key, FoldedKey::of("jdoe"));
        assert_eq!(link.email_key, Some(FoldedKey::of("jane@x.io")));
        assert_eq!(link.external_id, Some(external("e1")));
        assert!(link.active);
        assert!(!next.has_password);
    }
}

#[test]
fn b_post_users_3_an_adopted_members_state_is_the_directorys_but_for_a_suspended_one() {
    let table = [
        (invited(), ["active", "active", "deactivated"]),
        (MemberStatus::Active, ["active", "active", "deactivated"]),
        (MemberStatus::Suspended, ["deactivated"; 3]),
        (
            MemberStatus::Deactivated,
            ["active", "active", "deactivated"],
        ),
    ];
    for (status, row) in table {
        let flags = [ActiveFlag::Yes, ActiveFlag::Unsaid, ActiveFlag::No];
        for (active, wanted) in flags.into_iter().zip(row) {
            let member = standing(status, &lost(&pushed(3, "former", "jane@x.io")));
            let change = adopted(&member, active);
            let what = format!("{} {active:?}", status.as_str());
            assert_eq!(change.value.status.as_str(), wanted, "{what}");
            let said = change.value.link.expect("it is linked").active;
            assert_eq!(
                said,
                active != ActiveFlag::No,
                "what the directory said: {what}"
            );
        }
    }
}

#[test]
fn b_post_users_3_an_adoption_ends_sessions_password_and_resets_and_consumes_what_was_open() {
    const ALWAYS: [Effect; 4] = [
        Effect::EndSessions,
        Effect::VoidPassword,
        Effect::VoidResets,
        // A member may have waited for it as an admin, or been allowed as one.
        Effect::UseLinkApproval,
    ];
    let active = manual(3, "jane@x.io");
    let mut open = active.clone();
    open.status = invited();
    let admin = with_role(Role::Admin, &active);
    let open_owner = with_role(Role::Owner, &open);
    let cases: [(&str, Member, &[Effect]); 4] = [
        ("active", active, &[]),
        ("invited", open, &[Effect::VoidInvitation]),
        ("admin", admin, &[]),
        ("invited owner", open_owner, &[Effect::VoidInvitation]),
    ];
    for (what, member, more) in cases {
        let change = adopted(&member, ActiveFlag::Yes);
        let expected: Vec<Effect> = ALWAYS.iter().chain(more).copied().collect();
        assert_effects(what, &change, &expected);
    }
}

#[test]
fn b_post_users_3_an_adoption_is_one_entry_with_every_changed_field() {
    let mut member = manual(3, "jane@x.io");
    member.status = invited();
    let change = adopted(&member, ActiveFlag::Unsaid);
    assert_eq!(actions(&change), [Action::MemberAdopted]);
    let event = &change.events[0];
    assert_eq!(event.kind, EventKind::Change);
    assert_eq!(
        event.target,
        Target::member(member.id, "Manual"),
        "the label at the time"
    );
    assert_eq!(
        fields(event),
        [
            ("user_name", None, Some("JDoe")),
            ("external_id", None, Some("e1")),
            ("display_name", Some("Manual"), Some("Pushed")),
            ("source", Some("manual"), Some("okta")),
            ("status", Some("invited"), Some("active")),
        ]
    );
}

#[test]
fn b_post_users_4_who_is_managed_is_never_adopted() {
    let directories = both_on();
    let facts = facts(&directories);
    let member = pushed(3, "jdoe", "jane@x.io");
    let said = user("jdoe", "jane@x.io");
    let elsewhere = adopt(&member, &entra(), said.clone(), &facts);
    let directory = DirectoryKind::Okta;
    assert_eq!(elsewhere, Err(Refusal::LinkedElsewhere { directory }));
    assert_eq!(
        adopt(&member, &okta(), said.clone(), &facts),
        Err(Refusal::MemberExists)
    );
    let released = okta_off();
    let taken = adopt(&member, &entra(), said, &crate::support::facts(&released))
        .expect("its connection is off");
    assert_eq!(
        taken.value.origin,
        Origin::Provisioned(DirectoryKind::Entra)
    );
    assert_eq!(
        taken.value.link.map(|link| link.connection),
        Some(entra().id)
    );
}

#[test]
fn b_post_users_4_okta_and_entra_take_over_from_each_other_only_what_was_turned_off() {
    assert_eq!(
        DirectoryKind::OFFERED.map(DirectoryKind::label),
        ["Okta", "Microsoft Entra ID"]
    );
    for (from, to) in [(okta(), entra()), (entra(), okta())] {
        let member = pushed_by(&from, 3, "jdoe", "jane@x.io");
        let said = user("JDoe", "jane@x.io");
        let on = both_on();
        let directory = from.directory;
        assert_eq!(
            adopt(&member, &to, said.clone(), &facts(&on)),
            Err(Refusal::LinkedElsewhere { directory })
        );
        assert!(
            Refusal::LinkedElsewhere { directory }
                .to_string()
                .contains(directory.label())
        );
        let moved = Directories::new(vec![off(&from), to.clone()]);
        let next = adopt(&member, &to, said, &facts(&moved))
            .expect("the other directory is off")
            .value;
        assert_eq!(next.id, member.id);
        assert_eq!(next.origin, Origin::Provisioned(to.directory));
        assert_eq!(next.link.map(|link| link.connection), Some(to.id));
    }
}

#[test]
fn b_post_users_3_only_an_owner_allows_the_link_of_an_owner_or_admin_whom_nobody_manages() {
    let by_hand = |role| with_role(role, &manual(3, "jane@x.io"));
    let managed = |role| with_role(role, &pushed(3, "JDoe", "jane@x.io"));
    let (on, okta_off) = (both_on(), okta_off());
    for (member, around, wanted) in [
        (by_hand(Role::Member), &on, "invalid_state"),
        (by_hand(Role::Admin), &on, "ok"),
        (by_hand(Role::Owner), &on, "ok"),
        (managed(Role::Admin), &on, "invalid_state"),
        (managed(Role::Owner), &on, "invalid_state"),
        (managed(Role::Admin), &okta_off, "ok"),
    ] {
        let what = format!("{} {:?}", member.role, member.origin);
        let answer = allow_link(&member, &owner(), around);
        assert_eq!(code(&answer), wanted, "{what}");
        assert_eq!(
            needs_link_approval(&member, around),
            answer.is_ok(),
            "{what}"
        );
        let refused = allow_link(&member, &admin(), around);
        assert_eq!(code(&refused), "not_allowed", "{what}");
    }
    let event = allow_link(&by_hand(Role::Admin), &owner(), &on).expect("an admin's link needs it");
    assert_eq!(event.action, Action::ProvisioningLinkAllowed);
    assert_eq!(event.kind, EventKind::Change);
}

#[test]
fn b_post_users_3_the_permission_to_link_lasts_24_hours() {
    assert_eq!(LINK_APPROVAL_HOURS, 24);
    let until = now() + Duration::hours(LINK_APPROVAL_HOURS);
    for (hour, holds) in [(0, true), (23, true), (24, false), (25, false)] {
        let at = now() + Duration::hours(hour);
        assert_eq!(approval_holds(until, at), holds, "after {hour} hours");
    }
}

#[test]
fn b_activity_a_link_that_waits_leaves_a_warning_and_tells_what_to_do() {
    let member = manual(3, "jane@x.io");
    let target = Target::member(member.id, "Manual");
    let event = warning(&Refusal::LinkNeedsApproval, target).expect("a person must know");
    assert_eq!(event.action, Action::ProvisioningLinkWaiting);
    assert_eq!(event.kind, EventKind::Warning);
    let detail = Refusal::LinkNeedsApproval.to_string();
    assert!(
        detail.contains("allow") && detail.contains("push again"),
        "{detail}"
    );
}
