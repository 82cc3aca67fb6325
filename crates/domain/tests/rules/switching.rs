//! R01–R03, R12, R13; part B, *Off* and *On again*.

use rollcall_domain::rules::members::{MemberEdit, activate, edit, suspend};
use rollcall_domain::rules::switching::{
    disable, enable, issue_credentials, leaves_managed_teams, relink_member, relink_team,
};
use rollcall_domain::rules::teams::Namesakes;
use rollcall_domain::{
    Action, DirectoryKind, Effect, FoldedKey, LinkState, Member, MemberId, MemberStatus, Origin,
    Switch, Target, TeamId,
};

use crate::support::{
    actions, admin, assert_effects, code, email, entra, external, facts, fields, hours, lost,
    lost_team, manual, now, off, okta, okta_off, others, outcome, owner, pushed, pushed_by,
    pushed_team, standing,
};

#[test]
fn r03_turning_on_what_is_on_and_off_what_is_off_is_an_invalid_state() {
    let (on, closed) = (okta(), off(&okta()));
    for (what, answer, wanted) in [
        ("on, off", code(&enable(&closed, &admin(), now())), "ok"),
        (
            "on, on",
            code(&enable(&on, &admin(), now())),
            "invalid_state",
        ),
        ("off, on", code(&disable(&on, &admin(), now())), "ok"),
        (
            "off, off",
            code(&disable(&closed, &admin(), now())),
            "invalid_state",
        ),
        (
            "credentials, on",
            code(&issue_credentials(&on, &admin())),
            "ok",
        ),
        (
            "credentials, off",
            code(&issue_credentials(&closed, &admin())),
            "invalid_state",
        ),
    ] {
        assert_eq!(answer, wanted, "{what}");
    }
}

#[test]
fn r14_switching_and_new_credentials_are_entries() {
    let target = Target::connection(okta().id, "Okta");
    let mut heard_before = off(&okta());
    heard_before.last_request_at = Some(now());
    let enabled = enable(&heard_before, &admin(), hours(1)).expect("it is off");
    let disabled = disable(&okta(), &admin(), hours(1)).expect("it is on");
    let issued = issue_credentials(&okta(), &admin()).expect("it is on");
    for (change, action) in [
        (&enabled, Action::ProvisioningEnabled),
        (&disabled, Action::ProvisioningDisabled),
        (&issued, Action::ProvisioningCredentialsIssued),
    ] {
        assert_eq!(actions(change), [action]);
        assert_eq!(change.events[0].target, target);
        assert!(
            !change.is_none(),
            "the version moves, so two at once cannot both win"
        );
    }
    assert_eq!(enabled.value.switch, Switch::On);
    assert_eq!(enabled.value.enabled_at, Some(hours(1)));
    assert_eq!(
        enabled.value.last_request_at, None,
        "the new token was not heard yet"
    );
    assert_eq!(disabled.value.switch, Switch::Off);
    for change in [&enabled, &disabled, &issued] {
        assert_eq!(change.value.id, okta().id, "same Tenant URL");
    }
}

fn edited_to(member: &Member, address: &str) -> Member {
    let directories = okta_off();
    let wanted = MemberEdit {
        name: member.name.clone(),
        email: Some(email(address)),
    };
    edit(member, wanted, &owner(), &facts(&directories), None)
        .expect("it is off")
        .value
}

#[test]
fn b_on_again_what_was_not_edited_is_the_same_object_as_before() {
    for status in [MemberStatus::Active, MemberStatus::Deactivated] {
        let member = standing(status, &pushed(1, "JDoe", "jane@x.io"));
        let change = relink_member(&member, &okta(), others(0), None).expect("nothing happens");
        assert!(
            change.is_none() && change.value == member,
            "{}",
            status.as_str()
        );
    }
    let team = pushed_team(1, "Engineering");
    let change = relink_team(&team, &okta(), Namesakes::default());
    assert!(change.is_none() && change.value == team);
}

#[test]
fn b_on_again_a_lost_member_stays_as_it_is() {
    let edited = edited_to(&pushed(1, "jdoe", "jane@x.io"), "new@x.io");
    for status in [
        MemberStatus::Active,
        MemberStatus::Suspended,
        MemberStatus::Deactivated,
    ] {
        let edited = standing(status, &edited);
        let change =
            relink_member(&edited, &okta(), others(1), None).expect("no owner is at stake");
        assert_eq!(actions(&change), [Action::MemberLost]);
        assert_eq!(change.value, lost(&edited), "nothing but the link");
        assert_eq!(
            change.value.origin,
            Origin::Provisioned(DirectoryKind::Okta),
            "badge kept"
        );
        assert_effects("lost", &change, &[]);
        let twice = relink_member(&change.value, &okta(), others(1), None).expect("as before");
        assert!(twice.is_none(), "lost and on again leaves nothing");
    }
}

#[test]
fn b_on_again_the_directorys_last_active_is_applied_again() {
    let directories = okta_off();
    let facts = facts(&directories);
    let leaver = standing(MemberStatus::Deactivated, &pushed(1, "jdoe", "jane@x.io"));
    let by_hand = activate(&leaver, &owner(), &facts)
        .expect("it is off")
        .value;
    let stopped = suspend(&pushed(2, "b", "b@x.io"), &owner(), &facts)
        .expect("it is off")
        .value;
    for (what, member, from) in [
        ("a leaver activated by hand", by_hand, "active"),
        ("a pushed member suspended by hand", stopped, "suspended"),
    ] {
        let change =
            relink_member(&member, &okta(), others(1), None).expect("no owner is at stake");
        assert_eq!(outcome(&Ok(change.clone())), "deactivated", "{what}");
        assert_eq!(actions(&change), [Action::MemberDeactivated], "{what}");
        assert_eq!(
            fields(&change.events[0]),
            [("status", Some(from), Some("deactivated"))]
        );
        assert_effects(what, &change, &[Effect::EndSessions]);
    }
}

#[test]
fn b_on_again_a_member_found_again_can_be_deactivated_in_the_same_breath() {
    let mut member = lost(&pushed(1, "jdoe", "jane@x.io"));
    member.status = MemberStatus::Suspended;
    let change = relink_member(&member, &okta(), others(1), None).expect("no owner is at stake");
    assert_eq!(
        actions(&change),
        [Action::MemberFound, Action::MemberDeactivated]
    );
    let link = change.value.link.as_ref().expect("it is linked");
    assert_eq!(link.state, LinkState::Live);
}

#[test]
fn b_on_again_what_another_connection_links_or_nobody_is_left_alone() {
    for member in [manual(1, "a@x.io"), pushed_by(&entra(), 2, "b", "b@x.io")] {
        let change = relink_member(&member, &okta(), others(0), None).expect("nothing happens");
        assert!(change.is_none() && change.value == member);
    }
    let manual = crate::support::manual_team(1, "Choir");
    for (team, connection) in [(manual, okta()), (pushed_team(1, "Eng"), entra())] {
        let change = relink_team(&team, &connection, Namesakes::default());
        assert!(change.is_none() && change.value == team);
    }
}

#[test]
fn b_on_again_an_external_id_stays_unique_among_live_links() {
    let mut member = lost(&pushed(1, "jdoe", "jane@x.io"));
    let mut team = lost_team(&pushed_team(1, "Engineering"));
    for link in [&mut member.link, &mut team.link].into_iter().flatten() {
        link.external_id = Some(external("e1"));
    }
    let kept = Some(external("e1"));
    for (what, holder, expected) in [
        ("nobody has it", None, kept.clone()),
        ("it has it itself", Some(1), kept),
        ("another has it", Some(9), None),
    ] {
        let found = relink_member(&member, &okta(), others(1), holder.map(MemberId::from_u128))
            .expect("no owner is at stake");
        let namesakes = Namesakes {
            external_id: holder.map(TeamId::from_u128),
            ..Namesakes::default()
        };
        let team_found = relink_team(&team, &okta(), namesakes);
        assert_eq!(actions(&found), [Action::MemberFound], "{what}");
        assert_eq!(actions(&team_found), [Action::TeamFound], "{what}");
        let given_up = ("external_id", Some("e1"), None);
        for (link, event) in [
            (found.value.link, &found.events[0]),
            (team_found.value.link, &team_found.events[0]),
        ] {
            let link = link.expect("it is linked");
            assert_eq!(link.state, LinkState::Live, "the key alone decides: {what}");
            assert_eq!(link.external_id, expected, "{what}");
            let recorded = fields(event).contains(&given_up);
            assert_eq!(recorded, expected.is_none(), "{what}");
        }
    }
}

#[test]
fn b_on_again_who_has_no_live_link_leaves_the_managed_teams() {
    for (what, member, leaves) in [
        ("manual", manual(1, "a@x.io"), true),
        ("live", pushed(2, "b", "b@x.io"), false),
        (
            "live and deactivated",
            standing(MemberStatus::Deactivated, &pushed(2, "b", "b@x.io")),
            false,
        ),
        ("lost", lost(&pushed(3, "c", "c@x.io")), true),
        (
            "of another connection",
            pushed_by(&entra(), 4, "d", "d@x.io"),
            true,
        ),
    ] {
        assert_eq!(leaves_managed_teams(&member, &okta()), leaves, "{what}");
    }
}

#[test]
fn b_off_links_are_remembered_and_nothing_is_managed() {
    let member = pushed(1, "jdoe", "jane@x.io");
    let directories = okta_off();
    let link = member.link.as_ref();
    assert_eq!(
        directories.custody(member.origin, link),
        rollcall_domain::Custody::Panel
    );
    assert_eq!(member.login_key, FoldedKey::of("jdoe"));
    assert_eq!(
        code(&suspend(&member, &admin(), &facts(&directories))),
        "ok"
    );
}
