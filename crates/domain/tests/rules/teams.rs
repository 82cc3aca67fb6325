//! R05, R07, R09, R13; part B, Teams.

use rollcall_domain::rules::switching::relink_team;
use rollcall_domain::rules::teams::{
    DirectoryGroup, Namesakes, create, create_from_directory, delete, delete_from_directory,
    rename, update_from_directory,
};
use rollcall_domain::{Action, Change, DirectoryKind, LinkState, Origin, Refusal, Team, TeamId};

use crate::support::{
    ORGANIZATION, actions, admin, both_on, code, external, fields, group, lost_team, manual_team,
    now, okta, okta_off, pushed_team, team_name,
};

const OTHER: Option<TeamId> = Some(TeamId::from_u128(99));

fn in_organization() -> Namesakes {
    Namesakes {
        organization: OTHER,
        ..Namesakes::default()
    }
}

fn in_connection() -> Namesakes {
    Namesakes {
        connection: OTHER,
        ..Namesakes::default()
    }
}

fn with_external_id() -> Namesakes {
    Namesakes {
        external_id: OTHER,
        ..Namesakes::default()
    }
}

fn rename_off(team: &Team, name: &str, namesakes: Namesakes) -> Result<Change<Team>, Refusal> {
    rename(team, team_name(name), &admin(), &okta_off(), namesakes)
}

fn renamed_off(team: &Team, name: &str) -> Team {
    rename_off(team, name, Namesakes::default())
        .expect("the name is free")
        .value
}

#[test]
fn b_teams_a_name_is_compared_trimmed_and_folded() {
    for (left, right, equal) in [
        ("Engineering", "engineering", true),
        ("  Engineering ", "ENGINEERING", true),
        ("Ｅｎｇ", "eng", true),
        ("Cafe\u{301}", "CAFÉ", true),
        ("ΟΔΟΣ", "οδος", true),
        ("Engineering", "Engineer", false),
        ("a b", "ab", false),
    ] {
        let (left, right) = (team_name(left), team_name(right));
        assert_eq!(left.key() == right.key(), equal, "{left} {right}");
    }
}

#[test]
fn r09_teams_are_made_by_hand_while_it_is_on() {
    let made = create(
        TeamId::from_u128(1),
        ORGANIZATION,
        team_name("Choir"),
        &admin(),
        None,
        now(),
    )
    .expect("the name is free");
    assert_eq!(made.value.origin, Origin::Manual);
    assert_eq!(made.value.namespace, ORGANIZATION.uuid());
    assert_eq!(actions(&made), [Action::TeamCreated]);
    let taken = create(
        TeamId::from_u128(1),
        ORGANIZATION,
        team_name("Choir"),
        &admin(),
        OTHER,
        now(),
    );
    assert_eq!(code(&taken), "name_taken");
}

#[test]
fn b_teams_a_pushed_group_fails_only_for_a_live_team_of_its_own_connection() {
    for (what, namesakes, wanted) in [
        ("nobody", Namesakes::default(), "ok"),
        ("a manual or lost namesake", in_organization(), "ok"),
        ("a live namesake", in_connection(), "name_taken"),
        ("a live externalId", with_external_id(), "external_id_taken"),
    ] {
        let created = create_from_directory(
            TeamId::from_u128(1),
            &okta(),
            group("Eng"),
            namesakes,
            now(),
        );
        assert_eq!(code(&created), wanted, "create beside {what}");
        let moved = DirectoryGroup {
            external_id: Some(external("g2")),
            ..group("Another")
        };
        let team = pushed_team(1, "Eng");
        let updated = update_from_directory(&team, &okta(), moved, namesakes, &both_on());
        assert_eq!(code(&updated), wanted, "rename beside {what}");
    }
}

#[test]
fn r05_a_pushed_group_becomes_a_team_of_its_own() {
    let pushed = DirectoryGroup {
        external_id: Some(external("g1")),
        ..group("Engineering")
    };
    let change = create_from_directory(
        TeamId::from_u128(1),
        &okta(),
        pushed,
        in_organization(),
        now(),
    )
    .expect("no live team has the name");
    let team = change.value.clone();
    assert_eq!(team.origin, Origin::Provisioned(DirectoryKind::Okta));
    assert_eq!(
        team.namespace,
        okta().id.uuid(),
        "never in a manual team's namespace"
    );
    let link = team.link.expect("it is linked");
    assert_eq!((link.connection, link.state), (okta().id, LinkState::Live));
    assert_eq!(
        (link.name.as_str(), link.key.as_str()),
        ("Engineering", "engineering")
    );
    assert_eq!(link.external_id, Some(external("g1")));
    assert_eq!(actions(&change), [Action::TeamCreated]);
}

#[test]
fn r05_a_pushed_team_follows_renames_and_removal() {
    let team = pushed_team(1, "Engineering");
    let nothing = Namesakes::default();
    let renamed = update_from_directory(&team, &okta(), group("Platform"), nothing, &both_on())
        .expect("the name is free");
    assert_eq!(actions(&renamed), [Action::TeamRenamed]);
    assert_eq!(
        fields(&renamed.events[0]),
        [("name", Some("Engineering"), Some("Platform"))]
    );
    let link = renamed.value.link.as_ref().expect("it is linked");
    assert_eq!(
        (link.name.as_str(), link.key.as_str()),
        ("Platform", "platform")
    );
    let moved = DirectoryGroup {
        external_id: Some(external("g2")),
        ..group("Engineering")
    };
    let updated = update_from_directory(&team, &okta(), moved, nothing, &both_on())
        .expect("the externalId is free");
    assert_eq!(actions(&updated), [Action::TeamUpdated]);
    assert_eq!(
        fields(&updated.events[0]),
        [("external_id", None, Some("g2"))]
    );
    // What it holds already is asked of nobody.
    let everybody = Namesakes {
        organization: OTHER,
        connection: OTHER,
        external_id: OTHER,
    };
    let same = update_from_directory(&team, &okta(), group("Engineering"), everybody, &both_on())
        .expect("nothing differs");
    assert!(same.is_none() && same.events.is_empty() && same.value == team);
    let case = update_from_directory(&team, &okta(), group("ENGINEERING"), everybody, &both_on())
        .expect("the key does not move");
    assert_eq!(actions(&case), [Action::TeamRenamed]);
    let removed = delete_from_directory(&team, &okta(), &both_on()).expect("it is managed");
    assert_eq!(actions(&removed), [Action::TeamDeleted]);
}

#[test]
fn b_teams_a_rename_while_off_is_checked_in_the_organizations_namespace() {
    let manual = manual_team(1, "Choir");
    let provisioned = pushed_team(2, "Engineering");
    for team in [manual, provisioned.clone(), lost_team(&provisioned)] {
        let what = format!("{:?}", team.origin);
        assert_eq!(
            code(&rename_off(&team, "New", in_organization())),
            "name_taken",
            "{what}"
        );
        let next = rename_off(&team, "New", in_connection())
            .expect("the directory's own names do not count")
            .value;
        assert_eq!(next.namespace, ORGANIZATION.uuid(), "{what}");
        assert_eq!(next.link, team.link, "the link remembers the name as sent");
    }
}

#[test]
fn r13_a_renamed_team_is_lost_and_a_team_renamed_back_is_found() {
    let cases: [(&[&str], bool); 5] = [
        (&[], true),
        (&["Platform"], false),
        (&["Platform", "Engineering"], true),
        (&["Platform", " ENGINEERING "], true),
        (&["engineering"], true),
    ];
    for (names, found) in cases {
        let mut team = pushed_team(1, "Engineering");
        for name in names {
            team = renamed_off(&team, name);
        }
        let change = relink_team(&team, &okta(), Namesakes::default());
        let state = change.value.link.as_ref().expect("it is linked").state;
        assert_eq!(state == LinkState::Live, found, "{names:?}");
        let home = if found {
            okta().id.uuid()
        } else {
            ORGANIZATION.uuid()
        };
        assert_eq!(change.value.namespace, home, "{names:?}");
        let expected: &[Action] = if found { &[] } else { &[Action::TeamLost] };
        assert_eq!(actions(&change), expected, "{names:?}");
        assert_eq!(
            change.value.origin,
            Origin::Provisioned(DirectoryKind::Okta)
        );
    }
}

#[test]
fn r13_a_lost_team_renamed_back_is_found_unless_the_directory_has_a_namesake_by_now() {
    let renamed = renamed_off(&pushed_team(1, "Engineering"), "Platform");
    let lost = relink_team(&renamed, &okta(), Namesakes::default()).value;
    for (what, namesake, state, namespace) in [
        ("alone", None, LinkState::Live, okta().id.uuid()),
        (
            "itself",
            Some(TeamId::from_u128(1)),
            LinkState::Live,
            okta().id.uuid(),
        ),
        ("a namesake", OTHER, LinkState::Lost, ORGANIZATION.uuid()),
    ] {
        let beside = Namesakes {
            connection: namesake.filter(|id| *id != lost.id),
            ..Namesakes::default()
        };
        let back = rename_off(&lost, "engineering", beside)
            .expect("the name is free")
            .value;
        let change = relink_team(
            &back,
            &okta(),
            Namesakes {
                connection: namesake,
                ..Namesakes::default()
            },
        );
        let link = change.value.link.as_ref().expect("it is linked");
        assert_eq!(
            (link.state, change.value.namespace),
            (state, namespace),
            "{what}"
        );
        let expected: &[Action] = if state == LinkState::Live {
            &[Action::TeamFound]
        } else {
            &[]
        };
        assert_eq!(actions(&change), expected, "{what}");
    }
}

#[test]
fn r13_renamed_back_beside_a_namesake_it_is_checked_in_the_organizations_namespace() {
    let lost = lost_team(&renamed_off(&pushed_team(1, "Engineering"), "Platform"));
    let both = Namesakes {
        organization: Some(TeamId::from_u128(98)),
        connection: OTHER,
        external_id: None,
    };
    assert_eq!(code(&rename_off(&lost, "Engineering", both)), "name_taken");
    // A manual team of that name alone is no obstacle: the directory's names are its own.
    let back = rename_off(&lost, "Engineering", in_organization())
        .expect("it goes home")
        .value;
    assert_eq!(back.namespace, okta().id.uuid());
}

#[test]
fn r13_a_team_renamed_back_while_it_is_on_stays_lost_until_the_next_time() {
    let lost = lost_team(&renamed_off(&pushed_team(1, "Engineering"), "Platform"));
    let back = rename(
        &lost,
        team_name("Engineering"),
        &admin(),
        &both_on(),
        Namesakes::default(),
    )
    .expect("a lost team is editable")
    .value;
    assert_eq!(back.namespace, ORGANIZATION.uuid());
    let found = relink_team(&back, &okta(), Namesakes::default()).value;
    assert_eq!(found.namespace, okta().id.uuid());
}

#[test]
fn r13_a_team_found_again_returns_to_its_directorys_namespace_even_when_its_link_never_broke() {
    // Renamed away and back while a namesake held the name, which then gave it up.
    let mut team = pushed_team(1, "Engineering");
    team.namespace = ORGANIZATION.uuid();
    let change = relink_team(&team, &okta(), Namesakes::default());
    assert_eq!(change.value.namespace, okta().id.uuid());
    assert_eq!(actions(&change), [Action::TeamFound]);
}

#[test]
fn b_teams_a_name_that_keeps_its_key_is_checked_nowhere() {
    for team in [manual_team(1, "Choir"), lost_team(&pushed_team(2, "Choir"))] {
        let change = rename_off(&team, "CHOIR", in_organization()).expect("the key is its own");
        assert_eq!(actions(&change), [Action::TeamRenamed]);
        assert_eq!(change.value.namespace, team.namespace);
    }
}

#[test]
fn r12_a_team_renamed_to_what_it_is_leaves_nothing() {
    let team = pushed_team(1, "Engineering");
    let change = rename_off(&team, "Engineering", in_organization()).expect("nothing differs");
    assert!(change.is_none() && change.events.is_empty() && change.value == team);
}

#[test]
fn r12_a_team_is_deleted_with_an_entry() {
    let change = delete(&pushed_team(1, "Engineering"), &admin(), &okta_off()).expect("it is off");
    assert_eq!(actions(&change), [Action::TeamDeleted]);
    assert_eq!(change.events[0].target.label, "Engineering");
}
