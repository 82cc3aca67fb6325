//! R03, R07, R08, R12: who holds the pen.

use rollcall_domain::rules::provisioning::{self, Holders};
use rollcall_domain::rules::{members, memberships, organizations, teams};
use rollcall_domain::{
    Actor, Custody, Directories, DirectoryKind, LinkState, Member, MemberId, Origin, Role, Switch,
    Team, TeamId,
};

use crate::support::{
    admin, as_pushed, both_on, code, entra, facts, group, lost, lost_team, manual, manual_team,
    name, now, off, okta, okta_off, owner, pushed, pushed_team, team_name, user,
};

#[test]
fn r07_managed_means_provisioned_and_on_and_live_and_nothing_else() {
    let okta_origin = Origin::Provisioned(DirectoryKind::Okta);
    let live = pushed(1, "jdoe", "j@x.io").link;
    let lost = lost(&pushed(1, "jdoe", "j@x.io")).link;
    for origin in [Origin::Manual, okta_origin] {
        for switch in [Switch::On, Switch::Off] {
            for link in [None, live.as_ref(), lost.as_ref()] {
                let directories = Directories::new(vec![okta().switched(switch, now()), entra()]);
                let is_live = link.is_some_and(|link| link.state == LinkState::Live);
                let managed = origin == okta_origin && switch == Switch::On && is_live;
                let expected = if managed {
                    Custody::Directory(okta().id, DirectoryKind::Okta)
                } else {
                    Custody::Panel
                };
                let custody = directories.custody(origin, link);
                assert_eq!(custody, expected, "{origin:?} {switch:?} {link:?}");
            }
        }
    }
    let unknown = Directories::new(vec![entra()]);
    assert_eq!(unknown.custody(okta_origin, live.as_ref()), Custody::Panel);
}

fn member_commands(
    member: &Member,
    directories: &Directories,
) -> Vec<(&'static str, &'static str)> {
    let facts = facts(directories);
    let own = Actor::member(member.id, Role::Owner, "Own");
    let edit = members::MemberEdit {
        name: name("Another"),
        email: None,
    };
    vec![
        (
            "edit",
            code(&members::edit(member, edit, &owner(), &facts, None)),
        ),
        (
            "edit own name",
            code(&members::edit_own_name(member, name("B"), &own, &facts)),
        ),
        ("suspend", code(&members::suspend(member, &owner(), &facts))),
        ("delete", code(&members::delete(member, &owner(), &facts))),
        (
            "set role",
            code(&members::set_role(member, Role::Admin, &owner(), &facts)),
        ),
        ("set password", code(&members::set_password(member, &facts))),
    ]
}

fn team_commands(team: &Team, directories: &Directories) -> Vec<(&'static str, &'static str)> {
    let joiner = pushed(2, "joiner", "joiner@x.io");
    let renamed = teams::rename(
        team,
        team_name("Another"),
        &owner(),
        directories,
        teams::Namesakes::default(),
    );
    vec![
        ("rename", code(&renamed)),
        ("delete", code(&teams::delete(team, &owner(), directories))),
        (
            "add",
            code(&memberships::add(team, &[joiner], &owner(), directories)),
        ),
        (
            "remove",
            code(&memberships::remove(
                team,
                &[MemberId::from_u128(2)],
                &owner(),
                directories,
            )),
        ),
    ]
}

#[test]
fn r07_no_command_of_the_panel_touches_a_managed_member_or_team() {
    let directories = both_on();
    for (command, answer) in member_commands(&pushed(1, "jdoe", "j@x.io"), &directories) {
        assert_eq!(answer, "provisioned_read_only", "{command}");
    }
    for (command, answer) in team_commands(&pushed_team(1, "Engineering"), &directories) {
        assert_eq!(answer, "provisioned_read_only", "{command}");
    }
}

#[test]
fn r07_the_operator_has_no_way_around_read_only_but_granting_an_owner() {
    let directories = both_on();
    let facts = facts(&directories);
    let member = pushed(1, "jdoe", "j@x.io");
    let operator = Actor::operator();
    assert_eq!(
        code(&members::delete(&member, &operator, &facts)),
        "provisioned_read_only"
    );
    assert_eq!(
        code(&members::grant_owner(&member, &operator, &facts)),
        "ok"
    );
    assert_eq!(
        code(&members::grant_owner(&member, &owner(), &facts)),
        "not_allowed"
    );
}

#[test]
fn r12_everything_is_editable_and_deletable_when_it_is_off() {
    let directories = okta_off();
    for (command, answer) in member_commands(&pushed(1, "jdoe", "j@x.io"), &directories) {
        assert_eq!(answer, "ok", "{command}");
    }
    for (command, answer) in team_commands(&pushed_team(1, "Engineering"), &directories) {
        assert_eq!(answer, "ok", "{command}");
    }
}

#[test]
fn r13_lost_members_and_teams_stay_editable_while_it_is_on() {
    let directories = both_on();
    for (command, answer) in member_commands(&lost(&pushed(1, "jdoe", "j@x.io")), &directories) {
        assert_eq!(answer, "ok", "{command}");
    }
    for (command, answer) in team_commands(&lost_team(&pushed_team(1, "Eng")), &directories) {
        assert_eq!(answer, "ok", "{command}");
    }
}

#[test]
fn r09_manual_members_and_teams_are_edited_as_ever_while_it_is_on() {
    let directories = both_on();
    for (command, answer) in member_commands(&manual(1, "a@x.io"), &directories) {
        assert_eq!(answer, "ok", "{command}");
    }
    for (command, answer) in team_commands(&manual_team(1, "Choir"), &directories) {
        assert_eq!(answer, "ok", "{command}");
    }
}

#[test]
fn r07_the_refusal_names_the_source() {
    let directories = both_on();
    let refusal = members::suspend(&pushed(1, "jdoe", "j@x.io"), &admin(), &facts(&directories))
        .expect_err("it is managed");
    assert!(refusal.to_string().contains("Okta"), "{refusal}");
}

/// What a connection asks of a member and a team, and the refusals it gets.
fn directory_commands(
    member: &Member,
    team: &Team,
    connection: &rollcall_domain::Connection,
    directories: &Directories,
) -> Vec<(&'static str, &'static str)> {
    let facts = facts(directories);
    let said = user("jdoe", "new@x.io");
    let update = provisioning::update(member, connection, said.clone(), &facts, Holders::default());
    let renamed = teams::update_from_directory(
        team,
        connection,
        group("Another"),
        teams::Namesakes::default(),
        directories,
    );
    let wanted = memberships::DirectoryMemberships::default();
    let moved = memberships::from_directory(team, connection, wanted, directories);
    vec![
        ("update", code(&update)),
        (
            "revive",
            code(&provisioning::revive(member, connection, said, &facts)),
        ),
        (
            "delete",
            code(&provisioning::delete(member, connection, &facts)),
        ),
        ("rename", code(&renamed)),
        (
            "delete team",
            code(&teams::delete_from_directory(team, connection, directories)),
        ),
        ("memberships", code(&moved)),
    ]
}

#[test]
fn r07_only_the_directorys_own_connection_edits_what_it_manages() {
    let member = pushed(1, "jdoe", "j@x.io");
    let team = pushed_team(1, "Engineering");
    let cases = [
        ("its own", okta(), both_on(), "ok"),
        ("another", entra(), both_on(), "connection_closed"),
        (
            "its own, off",
            off(&okta()),
            okta_off(),
            "connection_closed",
        ),
    ];
    for (whose, connection, directories, wanted) in cases {
        for (command, answer) in directory_commands(&member, &team, &connection, &directories) {
            assert_eq!(answer, wanted, "{command} by {whose} connection");
        }
    }
}

#[test]
fn b_seen_by_the_directory_manual_and_lost_objects_are_out_of_its_reach() {
    let directories = both_on();
    let cases = [
        (manual(1, "a@x.io"), manual_team(1, "Choir")),
        (
            lost(&pushed(1, "jdoe", "j@x.io")),
            lost_team(&pushed_team(1, "Engineering")),
        ),
    ];
    for (member, team) in cases {
        for (command, answer) in directory_commands(&member, &team, &okta(), &directories) {
            assert_eq!(
                answer, "connection_closed",
                "{command} of {:?}",
                member.origin
            );
        }
    }
}

#[test]
fn r03_nothing_lands_through_a_connection_that_was_turned_off() {
    let directories = okta_off();
    let facts = facts(&directories);
    let closed = off(&okta());
    let created = provisioning::create(
        MemberId::from_u128(1),
        &closed,
        as_pushed(&pushed(1, "j", "")),
        &facts,
    );
    assert_eq!(code(&created), "connection_closed", "create");
    let adopted = provisioning::adopt(&manual(1, "a@x.io"), &closed, user("a", "a@x.io"), &facts);
    assert_eq!(code(&adopted), "connection_closed", "adopt");
    let team = teams::create_from_directory(
        TeamId::from_u128(1),
        &closed,
        group("Engineering"),
        teams::Namesakes::default(),
        now(),
    );
    assert_eq!(code(&team), "connection_closed", "create team");
}

#[test]
fn r08_the_badge_follows_the_origin_on_off_or_lost() {
    for kind in DirectoryKind::ALL {
        let origin = Origin::Provisioned(kind);
        assert_eq!(origin.directory(), Some(kind));
        assert!(!kind.icon().is_empty() && !kind.label().is_empty());
        assert_eq!(Origin::parse(origin.as_str()), Some(origin));
    }
    assert_eq!(Origin::Manual.directory(), None);
    assert_eq!(Origin::parse(Origin::Manual.as_str()), Some(Origin::Manual));
    assert_eq!(Origin::parse("elsewhere"), None);
    let directories = okta_off();
    let edited = members::suspend(&pushed(1, "jdoe", "j@x.io"), &owner(), &facts(&directories))
        .expect("it is off");
    assert_eq!(edited.value.origin.directory(), Some(DirectoryKind::Okta));
}

#[test]
fn r07_the_notice_names_each_directory_that_is_on_and_has_provisioned_something() {
    let okta_has = |connection: &rollcall_domain::Connection| connection.id == okta().id;
    let cases = [
        ("both on", both_on(), vec![DirectoryKind::Okta]),
        ("off", okta_off(), vec![]),
        ("none", Directories::default(), vec![]),
    ];
    for (what, directories, expected) in cases {
        let sources = organizations::read_only_sources(&directories, okta_has);
        assert_eq!(sources, expected, "{what}");
    }
    assert_eq!(organizations::read_only_sources(&both_on(), |_| false), []);
}
