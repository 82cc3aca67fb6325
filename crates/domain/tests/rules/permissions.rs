//! R01; part B, Roles.

use rollcall_domain::rules::permissions::{
    Permission, allows, require, require_over, require_role_within,
};
use rollcall_domain::rules::{members, provisioning, switching};
use rollcall_domain::{Actor, MemberId, Refusal, Role};

use crate::support::{
    admin, as_pushed, both_on, code, facts, hours, manual, off, okta, okta_actor, owner, pushed,
    saying, signed_in, user, with_role,
};

/// Who has what: member, admin, owner.
const TABLE: [(Permission, [bool; 3]); 9] = [
    (Permission::OwnProfile, [true, true, true]),
    (Permission::ViewPeople, [false, true, true]),
    (Permission::ManageMembers, [false, true, true]),
    (Permission::ManageTeams, [false, true, true]),
    (Permission::ManageProvisioning, [false, true, true]),
    (Permission::ViewActivity, [false, true, true]),
    (Permission::ViewSettings, [false, true, true]),
    (Permission::ManageSettings, [false, false, true]),
    (Permission::AllowLink, [false, false, true]),
];

#[test]
fn b_roles_every_role_has_exactly_the_permissions_of_the_table() {
    for permission in Permission::ALL {
        let rows = TABLE.iter().filter(|(row, _)| *row == permission).count();
        assert_eq!(rows, 1, "{permission:?} stands once in the table");
    }
    for (permission, expected) in TABLE {
        for (role, allowed) in Role::ALL.into_iter().zip(expected) {
            assert_eq!(allows(role, permission), allowed, "{role} {permission:?}");
            let answer = require(&signed_in(role), permission);
            let wanted = if allowed { "ok" } else { "not_allowed" };
            assert_eq!(code(&answer), wanted, "{role} {permission:?}");
        }
    }
}

#[test]
fn b_roles_a_directory_has_no_permission_of_the_panel_and_the_operator_has_all() {
    for permission in Permission::ALL {
        assert_eq!(
            require(&okta_actor(), permission),
            Err(Refusal::NotAllowed),
            "{permission:?}"
        );
        assert_eq!(require(&Actor::operator(), permission), Ok(()));
    }
    let member = manual(1, "a@x.io");
    assert_eq!(code(&require_over(&okta_actor(), &member)), "not_allowed");
    for role in Role::ALL {
        assert_eq!(
            code(&require_role_within(&okta_actor(), role)),
            "not_allowed"
        );
    }
}

#[test]
fn b_roles_an_admin_has_no_command_on_an_owner_and_a_member_none_at_all() {
    // Rows: the actor as member, admin, owner. Columns: the one acted on.
    let table = [
        [false, false, false],
        [true, true, false],
        [true, true, true],
    ];
    for (actor, row) in Role::ALL.into_iter().zip(table) {
        for (on, allowed) in Role::ALL.into_iter().zip(row) {
            let member = with_role(on, &manual(1, "a@x.io"));
            let answer = require_over(&signed_in(actor), &member);
            let wanted = if allowed { "ok" } else { "not_allowed" };
            assert_eq!(code(&answer), wanted, "{actor} over {on}");
        }
    }
}

#[test]
fn b_roles_nobody_gives_a_role_above_their_own() {
    let directories = both_on();
    let facts = facts(&directories);
    for actor in Role::ALL {
        for on in Role::ALL {
            for role in Role::ALL {
                let member = with_role(on, &manual(1, "a@x.io"));
                let answer = members::set_role(&member, role, &signed_in(actor), &facts);
                let allowed = actor != Role::Member && on <= actor && role <= actor;
                let wanted = if allowed { "ok" } else { "not_allowed" };
                assert_eq!(code(&answer), wanted, "{actor} makes {on} a {role}");
            }
        }
    }
}

#[test]
fn b_roles_a_member_edits_only_the_own_profile() {
    let directories = both_on();
    let facts = facts(&directories);
    let own = manual(7, "a@x.io");
    let name = rollcall_domain::PersonName::default();
    for (who, wanted) in [(7, "ok"), (8, "not_allowed")] {
        let actor = Actor::member(MemberId::from_u128(who), Role::Member, "A");
        let answer = members::edit_own_name(&own, name.clone(), &actor, &facts);
        assert_eq!(code(&answer), wanted, "member {who}");
    }
    for actor in [owner(), okta_actor(), Actor::operator()] {
        let answer = members::edit_own_name(&own, name.clone(), &actor, &facts);
        assert_eq!(code(&answer), "not_allowed", "{}", actor.kind());
    }
}

#[test]
fn r01_owners_and_admins_switch_provisioning_and_members_do_not() {
    for (role, wanted) in [
        (Role::Member, "not_allowed"),
        (Role::Admin, "ok"),
        (Role::Owner, "ok"),
    ] {
        let actor = signed_in(role);
        let enabled = switching::enable(&off(&okta()), &actor, hours(1));
        assert_eq!(code(&enabled), wanted, "{role} turns on");
        let disabled = switching::disable(&okta(), &actor, hours(1));
        assert_eq!(code(&disabled), wanted, "{role} turns off");
        let issued = switching::issue_credentials(&okta(), &actor);
        assert_eq!(code(&issued), wanted, "{role} issues credentials");
    }
}

#[test]
fn b_roles_scim_creates_members_and_never_grants_or_removes_a_role() {
    let directories = both_on();
    let facts = facts(&directories);
    let created = provisioning::create(
        MemberId::from_u128(5),
        &okta(),
        user("jdoe", "j@x.io"),
        &facts,
    )
    .expect("nobody is there");
    assert_eq!(created.value.role, Role::Member);
    for role in Role::ALL {
        let member = with_role(role, &pushed(1, "jdoe", "j@x.io"));
        for flag in [
            provisioning::ActiveFlag::Yes,
            provisioning::ActiveFlag::No,
            provisioning::ActiveFlag::Unsaid,
        ] {
            let wanted = saying(flag, &user("jdoe2", "j2@x.io"));
            let updated = provisioning::update(
                &member,
                &okta(),
                wanted,
                &facts,
                provisioning::Holders::default(),
            )
            .expect("another owner is there");
            assert_eq!(updated.value.role, role, "{flag:?}");
            let adopted = provisioning::adopt(
                &with_role(role, &manual(2, "m@x.io")),
                &okta(),
                saying(flag, &user("m", "m@x.io")),
                &facts,
            )
            .expect("another owner is there");
            assert_eq!(adopted.value.role, role, "{flag:?}");
        }
    }
}

#[test]
fn b_roles_the_role_of_a_managed_member_is_read_only_unless_roles_are_assigned_in_the_panel() {
    let directories = both_on();
    let member = pushed(1, "jdoe", "j@x.io");
    for (in_panel, wanted) in [(false, "provisioned_read_only"), (true, "ok")] {
        let mut facts = facts(&directories);
        facts.roles_in_panel = in_panel;
        let answer = members::set_role(&member, Role::Admin, &admin(), &facts);
        assert_eq!(code(&answer), wanted, "roles in the panel: {in_panel}");
        let edit = members::MemberEdit {
            name: as_pushed(&member).name,
            email: None,
        };
        let answer = members::edit(&member, edit, &admin(), &facts, None);
        assert_eq!(
            code(&answer),
            "provisioned_read_only",
            "the rest stays read-only"
        );
    }
}
