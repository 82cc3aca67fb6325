//! R14; part B, Activity.

use std::collections::HashSet;

use rollcall_domain::rules::members::{self, MemberEdit};
use rollcall_domain::rules::provisioning::{self, ActiveFlag, Holders};
use rollcall_domain::{
    Action, Attributes, Change, ChangeKind, Effect, EventKind, LinkState, Member, MemberId,
    PersonName, Role, TargetKind, Text,
};

use crate::support::{
    actions, admin, as_pushed, assert_effects, both_on, facts, fields, manual, name, now, okta,
    okta_actor, okta_off, owner, pushed, saying, standing, user,
};
use rollcall_domain::Actor;

#[test]
fn b_activity_every_action_has_one_stable_name_and_can_be_read_back() {
    let names: HashSet<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
    assert_eq!(names.len(), Action::ALL.len());
    for action in Action::ALL {
        let name = action.as_str();
        assert_eq!(Action::parse(name), Some(*action));
        let plain = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
        assert!(
            name.chars().all(plain) && name.matches('.').count() == 1,
            "{name}"
        );
    }
    assert_eq!(Action::parse("member.exploded"), None);
    for kind in [EventKind::Change, EventKind::Warning] {
        assert_eq!(EventKind::parse(kind.as_str()), Some(kind));
    }
    for kind in [
        TargetKind::Organization,
        TargetKind::Connection,
        TargetKind::Member,
        TargetKind::Team,
    ] {
        assert_eq!(TargetKind::parse(kind.as_str()), Some(kind));
    }
    for state in [LinkState::Live, LinkState::Lost] {
        assert_eq!(LinkState::parse(state.as_str()), Some(state));
    }
    for role in Role::ALL {
        assert_eq!(Role::parse(role.as_str()), Some(role));
    }
}

#[test]
fn b_activity_an_actor_is_a_member_a_directory_or_the_system() {
    let member = Actor::member(MemberId::from_u128(1), Role::Owner, "Ada");
    for (actor, kind, id, label) in [
        (
            member,
            "member",
            Some(MemberId::from_u128(1).to_string()),
            "Ada",
        ),
        (
            okta_actor(),
            "directory",
            Some(okta().id.to_string()),
            "Okta",
        ),
        (Actor::operator(), "system", None, "operator"),
    ] {
        assert_eq!((actor.kind(), actor.id(), actor.label()), (kind, id, label));
    }
}

/// What each command of the panel leaves.
#[test]
fn b_activity_each_command_leaves_its_entry_its_fields_and_its_effects() {
    let closed = okta_off();
    let facts = facts(&closed);
    let member = manual(1, "a@x.io");
    let suspended = standing(rollcall_domain::MemberStatus::Suspended, &member);
    let status = |before, after| vec![("status", Some(before), Some(after))];
    let role = |before, after| vec![("role", Some(before), Some(after))];
    let set = |role| members::set_role(&member, role, &owner(), &facts);
    let promoted = members::set_role(&member, Role::Admin, &owner(), &facts);
    let demoted_from = promoted.clone().expect("an owner may").value;
    let demoted = members::set_role(&demoted_from, Role::Member, &owner(), &facts);
    let edit = MemberEdit {
        name: PersonName {
            given: Some(Text::parse("Ada").expect("a valid text")),
            ..PersonName::default()
        },
        email: None,
    };
    let all = vec![
        Effect::EndSessions,
        Effect::VoidPassword,
        Effect::VoidResets,
        Effect::VoidInvitation,
    ];
    let end = vec![Effect::EndSessions];
    let resets = vec![Effect::EndSessions, Effect::VoidResets];
    let edited = vec![
        ("display_name", Some("Manual"), None),
        ("given_name", None, Some("Ada")),
    ];
    let source = vec![("source", Some("okta"), None)];
    let cases = vec![
        (
            members::suspend(&member, &admin(), &facts),
            Action::MemberSuspended,
            status("active", "suspended"),
            end.clone(),
        ),
        (
            members::activate(&suspended, &admin(), &facts),
            Action::MemberActivated,
            status("suspended", "active"),
            vec![],
        ),
        (
            members::delete(&member, &admin(), &facts),
            Action::MemberDeleted,
            vec![],
            all.clone(),
        ),
        (
            members::delete(&pushed(2, "b", "b@x.io"), &admin(), &facts),
            Action::MemberDeleted,
            source,
            all,
        ),
        (
            set(Role::Owner),
            Action::MemberRoleChanged,
            role("member", "owner"),
            vec![],
        ),
        (
            promoted,
            Action::MemberRoleChanged,
            role("member", "admin"),
            vec![],
        ),
        (
            demoted,
            Action::MemberRoleChanged,
            role("admin", "member"),
            end,
        ),
        (
            members::set_password(&member, &facts),
            Action::MemberPasswordChanged,
            vec![],
            resets,
        ),
        (
            members::edit(&member, edit, &admin(), &facts, None),
            Action::MemberUpdated,
            edited,
            vec![],
        ),
    ];
    for (answer, action, expected, effects) in cases {
        let change = answer.expect("nothing stands in the way");
        assert_eq!(actions(&change), [action]);
        assert_eq!(fields(&change.events[0]), expected, "{}", action.as_str());
        assert_effects(action.as_str(), &change, &effects);
        assert_eq!(change.events[0].kind, EventKind::Change);
    }
}

fn updated(member: &Member, said: provisioning::DirectoryUser) -> Change<Member> {
    let directories = both_on();
    provisioning::update(
        member,
        &okta(),
        said,
        &facts(&directories),
        Holders::default(),
    )
    .expect("nothing stands in the way")
}

#[test]
fn r14_what_scim_triggered_is_recorded_field_by_field() {
    let member = pushed(1, "jdoe", "jane@x.io");
    let mut said = saying(ActiveFlag::No, &user("jane.doe", "jd@x.io"));
    said.name = name("Jane");
    said.attributes = Attributes::parse(r#"{"title":"Lead","locale":"de"}"#).expect("an object");
    let change = updated(&member, said.clone());
    assert_eq!(
        actions(&change),
        [Action::MemberUpdated, Action::MemberDeactivated]
    );
    assert_eq!(
        fields(&change.events[0]),
        [
            ("user_name", Some("jdoe"), Some("jane.doe")),
            ("email", Some("jane@x.io"), Some("jd@x.io")),
            ("display_name", Some("Pushed"), Some("Jane")),
            ("title", None, Some("Lead")),
            ("locale", None, Some("de")),
        ]
    );
    assert_eq!(
        change.events[0].target.label, "Pushed",
        "the label at the time"
    );
    said.attributes = Attributes::parse(r#"{"title":"Head"}"#).expect("an object");
    let next = updated(&change.value, said);
    assert_eq!(
        fields(&next.events[0]),
        [
            ("title", Some("Lead"), Some("Head")),
            ("locale", Some("de"), None)
        ]
    );
}

#[test]
fn b_activity_a_request_that_changes_nothing_writes_nothing() {
    let member = pushed(1, "jdoe", "jane@x.io");
    for active in [ActiveFlag::Yes, ActiveFlag::Unsaid] {
        let change = updated(&member, saying(active, &as_pushed(&member)));
        assert_eq!(change.kind, ChangeKind::None, "{active:?}");
        assert!(change.events.is_empty() && change.effects.is_empty() && change.value == member);
    }
    // The same attributes in another order say the same.
    let mut ordered = member.clone();
    ordered.attributes = Attributes::parse(r#"{"a":1,"b":2}"#).expect("an object");
    let mut said = as_pushed(&ordered);
    said.attributes = Attributes::parse(r#"{"b":2,"a":1}"#).expect("an object");
    let change = updated(&ordered, said);
    assert!(change.is_none() && change.value == ordered);
    let directories = okta_off();
    let same = members::set_role(&member, Role::Member, &owner(), &facts(&directories));
    assert!(same.is_ok_and(|change| change.is_none() && change.events.is_empty()));
}

#[test]
fn b_activity_what_the_directory_says_of_active_is_recorded_even_when_the_state_stays() {
    let mut member = standing(
        rollcall_domain::MemberStatus::Deactivated,
        &pushed(1, "jdoe", "jane@x.io"),
    );
    if let Some(link) = &mut member.link {
        link.active = true;
    }
    let change = updated(&member, saying(ActiveFlag::No, &as_pushed(&member)));
    assert_eq!(actions(&change), [Action::MemberUpdated]);
    assert_eq!(
        fields(&change.events[0]),
        [("directory_active", Some("true"), Some("false"))]
    );
}

#[test]
fn b_activity_a_member_the_directory_created_is_an_entry_and_no_invitation() {
    let directories = both_on();
    let id = MemberId::from_u128(1);
    let change = provisioning::create(id, &okta(), user("jdoe", "jane@x.io"), &facts(&directories))
        .expect("nobody is there");
    assert_eq!(change.kind, ChangeKind::Create);
    assert_eq!(actions(&change), [Action::MemberCreated]);
    assert_effects("create", &change, &[]);
    assert_eq!(change.value.created_at, now());
}

#[test]
fn b_activity_a_label_is_what_people_call_a_member() {
    let mut member = pushed(1, "jdoe", "jane@x.io");
    let text = |text: &str| Some(Text::parse(text).expect("a valid text"));
    member.name = PersonName {
        display: text("JD"),
        given: text("Jane"),
        family: text("Doe"),
    };
    assert_eq!(member.label(), "JD");
    member.name.display = None;
    assert_eq!(member.label(), "Jane Doe");
    member.name = PersonName::default();
    assert_eq!(member.label(), "jane@x.io");
    member.email = None;
    assert_eq!(member.label(), "jdoe");
    member.link = None;
    assert_eq!(member.label(), member.login_key.to_string());
}

#[test]
fn b_activity_an_effect_is_asked_for_once() {
    let change = Change::none(()).with(&[Effect::EndSessions, Effect::EndSessions]);
    assert_eq!(
        change.with(&[Effect::EndSessions]).effects,
        [Effect::EndSessions]
    );
}
