//! The organization and its settings (part B, Roles, Seats, Activity).

use rollcall_domain::rules::organizations::{OrganizationSettings, change_settings, found, owner};
use rollcall_domain::{Action, MemberId, Organization, OrganizationName, Origin, Role, WaysIn};

use crate::support::{
    ORGANIZATION, actions, code, email, fields, name, now, okta_actor, owner as signed_in_owner,
    signed_in,
};

fn organization() -> Organization {
    let name = OrganizationName::parse(" Acme ").expect("a valid name");
    found(ORGANIZATION, name, now()).value
}

fn settings() -> OrganizationSettings {
    OrganizationSettings {
        name: OrganizationName::parse("Acme").expect("a valid name"),
        seat_limit: None,
        roles_in_panel: false,
    }
}

#[test]
fn b_last_owner_an_organization_begins_with_an_owner_who_can_sign_in() {
    let organization = found(ORGANIZATION, organization().name, now());
    assert_eq!(actions(&organization), [Action::OrganizationCreated]);
    assert_eq!(organization.value.name.as_str(), "Acme");
    assert!(!organization.value.roles_in_panel && organization.value.seat_limit.is_none());
    let first = owner(
        MemberId::from_u128(1),
        ORGANIZATION,
        email("Ada@x.io"),
        name("Ada"),
        now(),
    );
    assert!(first.value.is_effective_owner(WaysIn::PASSWORD));
    assert_eq!(first.value.origin, Origin::Manual);
    assert_eq!(first.value.login_key.as_str(), "ada@x.io");
    assert_eq!(fields(&first.events[0]), [("role", None, Some("owner"))]);
}

#[test]
fn b_roles_only_an_owner_changes_settings() {
    for actor in [
        (signed_in(Role::Member), "not_allowed"),
        (signed_in(Role::Admin), "not_allowed"),
        (signed_in(Role::Owner), "ok"),
        (okta_actor(), "not_allowed"),
    ] {
        let (actor, wanted) = actor;
        let answer = change_settings(&organization(), settings(), &actor);
        assert_eq!(code(&answer), wanted, "{}", actor.label());
    }
}

#[test]
fn b_activity_changed_settings_are_recorded_and_unchanged_ones_are_not() {
    let same = change_settings(&organization(), settings(), &signed_in_owner()).expect("may");
    assert!(same.is_none() && same.events.is_empty());
    let wanted = OrganizationSettings {
        seat_limit: Some(0),
        roles_in_panel: true,
        ..settings()
    };
    let change = change_settings(&organization(), wanted, &signed_in_owner()).expect("may");
    assert_eq!(actions(&change), [Action::OrganizationUpdated]);
    assert_eq!(
        fields(&change.events[0]),
        [
            ("seat_limit", None, Some("0")),
            ("roles_in_panel", Some("off"), Some("on")),
        ]
    );
}
