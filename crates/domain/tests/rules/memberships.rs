//! R10, R11; part B, Membership by SCIM.

use rollcall_domain::rules::memberships::{
    DirectoryMemberships, add, entry, from_directory, may_join, remove, skipped,
};
use rollcall_domain::{
    Action, DeltaScope, Directories, EventKind, Member, MemberId, MemberStatus, Role, Target, Team,
};

use crate::support::{
    admin, both_on, code, entra, fields, invited, lost, lost_team, manual, manual_team, okta,
    okta_actor, okta_off, owner, pushed, pushed_by, pushed_team, signed_in, standing,
};

fn ids(numbers: &[u128]) -> Vec<MemberId> {
    numbers.iter().map(|id| MemberId::from_u128(*id)).collect()
}

#[test]
fn r10_and_r11_who_may_join_which_team() {
    const OK: &str = "ok";
    const MANUAL: &str = "manual_member_in_provisioned_team";
    const MANAGED: &str = "provisioned_read_only";
    let team = pushed_team(1, "Engineering");
    // Columns: a manual team, a managed one, a lost one.
    let teams = [manual_team(2, "Choir"), team.clone(), lost_team(&team)];
    let members: [(&str, Member); 4] = [
        ("manual", manual(1, "a@x.io")),
        ("provisioned", pushed(2, "b", "b@x.io")),
        ("lost", lost(&pushed(3, "c", "c@x.io"))),
        (
            "of another directory",
            pushed_by(&entra(), 4, "d", "d@x.io"),
        ),
    ];
    let on = [
        [OK, MANUAL, MANUAL],
        [OK, MANAGED, OK],
        [OK, MANAGED, OK],
        [OK, MANAGED, OK],
    ];
    let off = [[OK; 3]; 4];
    for (switch, directories, table) in [("on", both_on(), on), ("off", okta_off(), off)] {
        for ((who, member), row) in members.iter().zip(table) {
            for (team, wanted) in teams.iter().zip(row) {
                let what = format!("{who} into {:?} while {switch}", team.link);
                assert_eq!(
                    code(&may_join(member, team, &directories)),
                    wanted,
                    "{what}"
                );
                let one = std::slice::from_ref(member);
                assert_eq!(
                    code(&add(team, one, &owner(), &directories)),
                    wanted,
                    "{what}"
                );
            }
        }
    }
}

#[test]
fn r10_manual_member_cannot_join_a_managed_team_even_among_others() {
    let team = lost_team(&pushed_team(1, "Engineering"));
    let members = [
        pushed(2, "b", "b@x.io"),
        manual(1, "a@x.io"),
        pushed(3, "c", "c@x.io"),
    ];
    let answer = add(&team, &members, &admin(), &both_on());
    assert_eq!(
        code(&answer),
        "manual_member_in_provisioned_team",
        "all or none"
    );
}

#[test]
fn r10_another_directory_that_is_on_does_not_close_a_team_whose_own_is_off() {
    let team = pushed_team(1, "Engineering");
    assert_eq!(
        code(&may_join(&manual(1, "a@x.io"), &team, &okta_off())),
        "ok"
    );
    let alone = Directories::new(vec![okta()]);
    assert_eq!(
        code(&may_join(&manual(1, "a@x.io"), &team, &alone)),
        "manual_member_in_provisioned_team"
    );
}

#[test]
fn b_member_states_who_has_not_accepted_joins_no_team() {
    let team = manual_team(1, "Choir");
    for (status, wanted) in [
        (invited(), "invalid_state"),
        (MemberStatus::Active, "ok"),
        (MemberStatus::Suspended, "ok"),
        (MemberStatus::Deactivated, "ok"),
    ] {
        let member = standing(status, &manual(1, "a@x.io"));
        assert_eq!(
            code(&may_join(&member, &team, &both_on())),
            wanted,
            "{}",
            status.as_str()
        );
    }
}

#[test]
fn r11_a_provisioned_member_joins_and_leaves_a_manual_team_by_the_panel() {
    let team = manual_team(1, "Choir");
    let member = pushed(2, "b", "b@x.io");
    let twice = [member.clone(), member.clone()];
    let joined = add(&team, &twice, &admin(), &both_on()).expect("R11");
    assert_eq!(joined.added(), ids(&[2]), "each once");
    assert_eq!(joined.scope(), DeltaScope::Panel);
    assert!(!joined.replaces() && joined.removed().is_empty());
    let left = remove(&team, &ids(&[2, 2]), &admin(), &both_on()).expect("R11");
    assert_eq!((left.added(), left.removed()), (&[][..], &ids(&[2])[..]));
    assert_eq!(
        (left.team(), left.organization()),
        (team.id, team.organization)
    );
}

#[test]
fn b_roles_a_member_or_a_directory_changes_no_membership_by_the_panel() {
    let team = manual_team(1, "Choir");
    for actor in [signed_in(Role::Member), okta_actor()] {
        assert_eq!(code(&add(&team, &[], &actor, &both_on())), "not_allowed");
        assert_eq!(code(&remove(&team, &[], &actor, &both_on())), "not_allowed");
    }
}

#[test]
fn r11_scim_touches_only_the_teams_its_own_connection_manages() {
    let team = pushed_team(1, "Engineering");
    let cases: [(&str, Team, Directories, &str); 4] = [
        ("managed", team.clone(), both_on(), "ok"),
        (
            "manual",
            manual_team(2, "Choir"),
            both_on(),
            "connection_closed",
        ),
        ("lost", lost_team(&team), both_on(), "connection_closed"),
        ("off", team.clone(), okta_off(), "connection_closed"),
    ];
    for (what, team, directories, wanted) in cases {
        let asked = DirectoryMemberships::default();
        let answer = from_directory(&team, &okta(), asked, &directories);
        assert_eq!(code(&answer), wanted, "{what}");
    }
    let other = from_directory(&team, &entra(), DirectoryMemberships::default(), &both_on());
    assert_eq!(code(&other), "connection_closed", "another connection");
}

#[test]
fn b_membership_by_scim_is_a_delta_in_the_scope_of_its_connection() {
    let team = pushed_team(1, "Engineering");
    let asked = |replace| DirectoryMemberships {
        replace,
        add: ids(&[5, 6, 5]),
        remove: ids(&[7, 7]),
    };
    let delta = from_directory(&team, &okta(), asked(false), &both_on()).expect("managed");
    assert_eq!(delta.scope(), DeltaScope::Directory(okta().id));
    assert_eq!(delta.added(), ids(&[5, 6]));
    assert_eq!(delta.removed(), ids(&[7]));
    assert!(!delta.replaces());
    let whole = from_directory(&team, &okta(), asked(true), &both_on()).expect("managed");
    assert_eq!(whole.added(), ids(&[5, 6]));
    assert!(whole.replaces() && whole.removed().is_empty());
}

#[test]
fn b_membership_by_scim_a_skipped_id_leaves_a_warning() {
    let team = pushed_team(1, "Engineering");
    let event = skipped(&team, "nobody");
    assert_eq!(event.action, Action::ProvisioningMemberSkipped);
    assert_eq!(event.kind, EventKind::Warning);
    assert_eq!(event.target, Target::team(team.id, "Engineering"));
    assert_eq!(fields(&event), [("member_id", None, Some("nobody"))]);
    let long = skipped(&team, &"é".repeat(5_000));
    let shown = long.changes[0].after.as_ref().expect("the id is shown");
    assert_eq!(shown.chars().count(), 100, "what a stranger sent is cut");
}

#[test]
fn b_activity_a_membership_entry_names_team_and_member() {
    let team = Target::team(manual_team(1, "Choir").id, "Choir");
    let member = Target::member(MemberId::from_u128(2), "Ada");
    for (action, before, after) in [
        (Action::TeamMemberAdded, None, Some("Ada")),
        (Action::TeamMemberRemoved, Some("Ada"), None),
    ] {
        let event = entry(action, team.clone(), member.clone());
        assert_eq!((event.action, event.kind), (action, EventKind::Change));
        assert_eq!(event.target, team);
        assert_eq!(event.related, Some(member.clone()));
        assert_eq!(fields(&event), [("member", before, after)]);
    }
}
