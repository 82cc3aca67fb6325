//! Whatever is done in whatever order, by the panel and by two directories: what the rules
//! promise holds after every single command.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::Index;
use rollcall_domain::rules::memberships::DirectoryMemberships;
use rollcall_domain::rules::provisioning::{ActiveFlag, DirectoryUser};
use rollcall_domain::rules::teams::DirectoryGroup;
use rollcall_domain::rules::{members, switching};
use rollcall_domain::{
    Actor, LinkState, Member, MemberId, MemberStatus, Origin, Role, Team, TeamId, WaysIn,
};

use crate::support::{email, external, owner, signed_in, team_name, user};
use crate::world::{Outcome, World, is_live};

const ADDRESSES: [&str; 6] = [
    "owner@x.io",
    "ada@x.io",
    "Bob@x.io",
    "cy@x.io",
    "bob@X.io",
    "dee@x.io",
];
const USER_NAMES: [&str; 5] = ["ada@x.io", "BOB", "cy@x.io", "dee", "owner@x.io"];
const NAMES: [&str; 4] = ["Engineering", "engineering ", "Choir", "Board"];
const EXTERNAL_IDS: [Option<&str>; 3] = [None, Some("e1"), Some("e2")];

#[derive(Debug, Clone)]
enum Panel {
    Invite(&'static str, Role, Option<Index>),
    Accept(Index),
    Resend(Index),
    Cancel(Index),
    Edit(Index, Option<&'static str>),
    Suspend(Index),
    Activate(Index),
    Delete(Index),
    SetRole(Index, Role),
    SetPassword(Index),
    CreateTeam(&'static str),
    RenameTeam(Index, &'static str),
    DeleteTeam(Index),
    Add(Index, Index),
    Remove(Index, Index),
}

#[derive(Debug, Clone)]
enum Scim {
    Push(DirectoryUser),
    Put(Index, DirectoryUser),
    Delete(Index),
    PushGroup(DirectoryGroup),
    PutGroup(Index, DirectoryGroup),
    DeleteGroup(Index),
    Memberships(Index, bool, Vec<Index>, Vec<Index>),
}

#[derive(Debug, Clone)]
enum Command {
    Panel(Role, Panel),
    Scim(usize, Scim),
    Off(usize),
    On(usize),
    AllowLink(Index),
}

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(Role::ALL.to_vec())
}

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(from)
}

fn directory_user() -> impl Strategy<Value = DirectoryUser> {
    let active = prop_oneof![
        3 => Just(ActiveFlag::Yes),
        1 => Just(ActiveFlag::No),
        1 => Just(ActiveFlag::Unsaid),
    ];
    let ids = prop::sample::select(&EXTERNAL_IDS[..]);
    (pick(&USER_NAMES), pick(&ADDRESSES), ids, active).prop_map(
        |(user_name, address, id, active)| DirectoryUser {
            external_id: id.map(external),
            active,
            ..user(user_name, address)
        },
    )
}

fn directory_group() -> impl Strategy<Value = DirectoryGroup> {
    (pick(&NAMES), prop::sample::select(&EXTERNAL_IDS[..])).prop_map(|(name, id)| DirectoryGroup {
        name: team_name(name),
        external_id: id.map(external),
    })
}

fn index() -> impl Strategy<Value = Index> {
    any::<Index>()
}

fn panel() -> impl Strategy<Value = Panel> {
    let some_address = prop::option::weighted(0.8, pick(&ADDRESSES));
    prop_oneof![
        3 => (pick(&ADDRESSES), role(), prop::option::of(index()))
            .prop_map(|(address, role, team)| Panel::Invite(address, role, team)),
        3 => index().prop_map(Panel::Accept),
        1 => index().prop_map(Panel::Resend),
        1 => index().prop_map(Panel::Cancel),
        5 => (index(), some_address).prop_map(|(who, address)| Panel::Edit(who, address)),
        2 => index().prop_map(Panel::Suspend),
        2 => index().prop_map(Panel::Activate),
        1 => index().prop_map(Panel::Delete),
        2 => (index(), role()).prop_map(|(who, role)| Panel::SetRole(who, role)),
        1 => index().prop_map(Panel::SetPassword),
        2 => pick(&NAMES).prop_map(Panel::CreateTeam),
        4 => (index(), pick(&NAMES)).prop_map(|(team, name)| Panel::RenameTeam(team, name)),
        1 => index().prop_map(Panel::DeleteTeam),
        4 => (index(), index()).prop_map(|(team, who)| Panel::Add(team, who)),
        1 => (index(), index()).prop_map(|(team, who)| Panel::Remove(team, who)),
    ]
}

fn scim() -> impl Strategy<Value = Scim> {
    let some = || prop::collection::vec(index(), 0..3);
    prop_oneof![
        6 => directory_user().prop_map(Scim::Push),
        3 => (index(), directory_user()).prop_map(|(who, user)| Scim::Put(who, user)),
        1 => index().prop_map(Scim::Delete),
        3 => directory_group().prop_map(Scim::PushGroup),
        2 => (index(), directory_group()).prop_map(|(team, group)| Scim::PutGroup(team, group)),
        1 => index().prop_map(Scim::DeleteGroup),
        3 => (index(), any::<bool>(), some(), some())
            .prop_map(|(team, replace, add, remove)| Scim::Memberships(team, replace, add, remove)),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    let acting = prop::sample::select(vec![Role::Admin, Role::Owner]);
    // Okta is the busier one.
    let connection = || prop_oneof![3 => Just(0_usize), 1 => Just(1_usize)];
    prop_oneof![
        10 => (acting, panel()).prop_map(|(role, panel)| Command::Panel(role, panel)),
        10 => (connection(), scim()).prop_map(|(at, scim)| Command::Scim(at, scim)),
        2 => connection().prop_map(Command::Off),
        4 => connection().prop_map(Command::On),
        1 => index().prop_map(Command::AllowLink),
    ]
}

fn run_panel(world: &mut World, by: &Actor, command: &Panel) -> Outcome {
    let member = |world: &World, index: &Index| world.member_at(index.index(1 << 16));
    let team = |world: &World, index: &Index| world.team_at(index.index(1 << 16));
    match command {
        Panel::Invite(address, role, to) => {
            let to = to.as_ref().and_then(|index| team(world, index));
            world.invite(&email(address), *role, to, by)
        }
        Panel::Accept(who) => world.accept(&member(world, who)),
        Panel::Resend(who) => world.resend(&member(world, who), by),
        Panel::Cancel(who) => world.cancel(&member(world, who), by),
        Panel::Edit(who, address) => {
            world.edit(&member(world, who), address.map(email).as_ref(), by)
        }
        Panel::Suspend(who) => world.command(&member(world, who), |m, facts| {
            members::suspend(m, by, facts)
        }),
        Panel::Activate(who) => world.command(&member(world, who), |m, facts| {
            members::activate(m, by, facts)
        }),
        Panel::Delete(who) => world.command(&member(world, who), |m, facts| {
            members::delete(m, by, facts)
        }),
        Panel::SetRole(who, role) => world.command(&member(world, who), |m, facts| {
            members::set_role(m, *role, by, facts)
        }),
        Panel::SetPassword(who) => world.command(&member(world, who), members::set_password),
        Panel::CreateTeam(name) => world.create_team(team_name(name), by),
        Panel::RenameTeam(index, name) => match team(world, index) {
            Some(team) => world.rename_team(&team, team_name(name), by),
            None => Ok(()),
        },
        Panel::DeleteTeam(index) => match team(world, index) {
            Some(team) => world.delete_team(&team, by),
            None => Ok(()),
        },
        Panel::Add(index, who) => match team(world, index) {
            Some(team) => world.add(&team, member(world, who), by),
            None => Ok(()),
        },
        Panel::Remove(index, who) => match team(world, index) {
            Some(team) => world.remove(&team, member(world, who).id, by),
            None => Ok(()),
        },
    }
}

fn run_scim(world: &mut World, at: usize, command: Scim) -> Outcome {
    let member = |world: &World, index: &Index| world.member_at(index.index(1 << 16));
    let team = |world: &World, index: &Index| world.team_at(index.index(1 << 16));
    match command {
        Scim::Push(user) => world.push(at, user),
        Scim::Put(who, user) => world.put(at, &member(world, &who), &user),
        Scim::Delete(who) => world.unpush(at, &member(world, &who)),
        Scim::PushGroup(group) => world.push_group(at, group),
        Scim::PutGroup(index, group) => match team(world, &index) {
            Some(team) => world.put_group(at, &team, group),
            None => Ok(()),
        },
        Scim::DeleteGroup(index) => match team(world, &index) {
            Some(team) => world.unpush_group(at, &team),
            None => Ok(()),
        },
        Scim::Memberships(index, replace, add, remove) => {
            let Some(team) = team(world, &index) else {
                return Ok(());
            };
            let ids = |indexes: &[Index]| -> Vec<MemberId> {
                indexes
                    .iter()
                    .map(|index| member(world, index).id)
                    .collect()
            };
            let wanted = DirectoryMemberships {
                replace,
                add: ids(&add),
                remove: ids(&remove),
            };
            world.push_members(at, &team, wanted)
        }
    }
}

fn run(world: &mut World, command: Command) -> Outcome {
    match command {
        Command::Panel(role, panel) => run_panel(world, &signed_in(role), &panel),
        Command::Scim(at, scim) => run_scim(world, at, scim),
        Command::Off(at) => world.turn_off(at, &owner()),
        Command::On(at) => world.turn_on(at, &owner()),
        Command::AllowLink(who) => {
            let member = world.member_at(who.index(1 << 16));
            switching::allow_link(&member, &owner(), &world.directories())?;
            world.allowed.insert(member.id);
            Ok(())
        }
    }
}

/// Everything a directory manages: what no command of the panel may touch.
type Managed = (
    BTreeMap<MemberId, Member>,
    BTreeMap<TeamId, Team>,
    BTreeSet<(TeamId, MemberId)>,
);

fn managed(world: &World) -> Managed {
    let members = world
        .members
        .iter()
        .filter(|(_, member)| world.is_managed(member));
    let teams = world
        .teams
        .iter()
        .filter(|(_, team)| world.is_managed_team(team));
    let seated = world
        .seated
        .iter()
        .filter(|(team, _)| world.is_managed_team(&world.teams[team]));
    (
        members.map(|(id, member)| (*id, member.clone())).collect(),
        teams.map(|(id, team)| (*id, team.clone())).collect(),
        seated.copied().collect(),
    )
}

fn assert_unique<T: Ord + std::fmt::Debug>(what: &str, values: impl Iterator<Item = T>) {
    let mut seen = BTreeSet::new();
    for value in values {
        assert!(!seen.contains(&value), "{what} twice: {value:?}");
        seen.insert(value);
    }
}

/// What holds at every moment.
fn assert_sound(world: &World) {
    assert!(
        world
            .members
            .values()
            .any(|member| member.is_effective_owner(WaysIn::PASSWORD)),
        "an owner who can sign in remains"
    );
    assert_unique(
        "login key",
        world.members.values().map(|member| &member.login_key),
    );
    assert_unique(
        "team name",
        world
            .teams
            .values()
            .map(|team| (team.namespace, &team.name_key)),
    );
    for connection in &world.connections {
        let members = world
            .members
            .values()
            .filter_map(|member| member.link.as_ref());
        let teams = world.teams.values().filter_map(|team| team.link.as_ref());
        let live = |link: &&rollcall_domain::Link| is_live(Some(link), connection.id);
        let ids = |link: &'_ rollcall_domain::Link| link.external_id.clone();
        // While it is off, two may hold a name in turn; only what it finds has to be its own.
        if connection.is_on() {
            assert_unique(
                "userName",
                members.clone().filter(live).map(|link| &link.key),
            );
            assert_unique(
                "displayName",
                teams.clone().filter(live).map(|link| &link.key),
            );
        }
        assert_unique(
            "externalId of a member",
            members.filter(live).filter_map(ids),
        );
        assert_unique("externalId of a team", teams.filter(live).filter_map(ids));
    }
    for member in world.members.values() {
        assert_member_sound(world, member);
    }
    for team in world
        .teams
        .values()
        .filter(|team| world.is_managed_team(team))
    {
        let link = team.link.as_ref().expect("a managed team is linked");
        assert_eq!(team.namespace, link.connection.uuid(), "{team:?}");
        assert_eq!(team.name_key, link.key);
    }
    for (team, member) in &world.seated {
        let (team, member) = (&world.teams[team], &world.members[member]);
        if world.is_managed_team(team) {
            let connection = team
                .link
                .as_ref()
                .expect("a managed team is linked")
                .connection;
            assert_ne!(member.origin, Origin::Manual, "R10");
            assert!(
                is_live(member.link.as_ref(), connection),
                "all rows are the directory's"
            );
        }
    }
}

fn assert_member_sound(world: &World, member: &Member) {
    let provisioned = member.origin != Origin::Manual;
    assert_eq!(provisioned, member.link.is_some(), "{member:?}");
    match member.status {
        MemberStatus::Invited { .. } => {
            assert!(!provisioned, "only a person by hand is invited");
            assert!(world.invitations.contains_key(&member.id));
        }
        MemberStatus::Deactivated => assert!(provisioned, "only a directory deactivates"),
        MemberStatus::Suspended => assert!(!world.is_managed(member), "only the panel suspends"),
        MemberStatus::Active => {}
    }
    if world.is_managed(member) {
        let link = member.link.as_ref().expect("a managed member is linked");
        assert_eq!(
            member.login_key, link.key,
            "what is found is found by its key"
        );
    }
}

/// What holds between before and after a command.
fn assert_moved_soundly(before: &World, after: &World) {
    for (id, old) in &before.members {
        if let Some(new) = after.members.get(id) {
            let forgotten = old.origin != Origin::Manual && new.origin == Origin::Manual;
            assert!(!forgotten, "once provisioned, never manual again");
        }
    }
    for (id, old) in &before.teams {
        if let Some(new) = after.teams.get(id) {
            assert_eq!(
                old.origin, new.origin,
                "a team is never merged or taken over"
            );
        }
    }
    let limit = after.seat_limit.unwrap_or(u32::MAX);
    assert!(
        after.seats_used() <= limit.max(before.seats_used()),
        "no command goes past the limit"
    );
}

/// Runs commands, and judges the world after each.
fn played(seat_limit: Option<u32>, commands: Vec<Command>) -> World {
    let mut world = World::new(seat_limit);
    for at in 0..world.connections.len() {
        world.turn_on(at, &owner()).expect("it was never on");
    }
    for command in commands {
        let before = world.clone();
        let by_panel = matches!(command, Command::Panel(..));
        let told = format!("{command:?}");
        if let Err(refusal) = run(&mut world, command) {
            let known = rollcall_domain::Refusal::all();
            assert!(known.iter().any(|one| one.code() == refusal.code()));
        }
        if by_panel {
            assert_eq!(
                managed(&before),
                managed_before(&before, &world),
                "R07: {told}"
            );
        }
        assert_sound(&world);
        assert_moved_soundly(&before, &world);
    }
    world
}

/// What was managed before, as it is now.
fn managed_before(before: &World, after: &World) -> Managed {
    let (members, teams, _) = managed(before);
    let seated = after
        .seated
        .iter()
        .filter(|(team, _)| teams.contains_key(team));
    (
        members
            .keys()
            .filter_map(|id| Some((*id, after.members.get(id)?.clone())))
            .collect(),
        teams
            .keys()
            .filter_map(|id| Some((*id, after.teams.get(id)?.clone())))
            .collect(),
        seated.copied().collect(),
    )
}

/// The same connection off and on again, with nothing in between.
fn off_and_on(world: &World, at: usize) -> World {
    let mut next = world.clone();
    if next.connections[at].is_on() {
        next.turn_off(at, &owner()).expect("it is on");
    }
    next.turn_on(at, &owner()).expect("nobody was edited");
    next
}

fn live_ones(world: &World) -> Managed {
    let (members, teams, seated) = managed(world);
    (members, teams, seated)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 4_000,
        ..ProptestConfig::with_cases(64)
    })]

    #[test]
    fn r07_r10_and_part_b_hold_whatever_is_done_in_whatever_order(
        seat_limit in prop::option::of(2..6_u32),
        commands in prop::collection::vec(command(), 0..150),
    ) {
        played(seat_limit, commands);
    }

    #[test]
    fn r13_off_and_on_again_loses_and_duplicates_nothing(
        commands in prop::collection::vec(command(), 0..40),
    ) {
        let mut world = played(None, commands);
        if !world.connections[0].is_on() && world.turn_on(0, &owner()).is_err() {
            return Ok(());
        }
        let again = off_and_on(&world, 0);
        assert_sound(&again);
        // Nobody comes or goes, and whoever was found still is, untouched.
        prop_assert_eq!(
            world.members.keys().collect::<Vec<_>>(),
            again.members.keys().collect::<Vec<_>>()
        );
        prop_assert_eq!(
            world.teams.keys().collect::<Vec<_>>(),
            again.teams.keys().collect::<Vec<_>>()
        );
        let (before, after) = (live_ones(&world), live_ones(&again));
        for (id, member) in &before.0 {
            prop_assert_eq!(after.0.get(id), Some(member));
        }
        for (id, team) in &before.1 {
            prop_assert_eq!(after.1.get(id), Some(team));
        }
        prop_assert!(before.2.is_subset(&after.2));
        // And the next time nothing at all differs.
        prop_assert_eq!(off_and_on(&again, 0), again);
    }

    #[test]
    fn r13_what_was_edited_while_off_is_lost_and_pushed_anew_beside(
        user_name in pick(&["ada", "Ada@x.io", "ada.l@x.io"]),
        address in pick(&["ada@x.io", "a.lovelace@x.io"]),
        back in any::<bool>(),
        name in pick(&["Engineering", "Ops"]),
    ) {
        let mut world = World::new(None);
        world.turn_on(0, &owner()).expect("it was never on");
        world.push(0, user(user_name, address)).expect("nobody is there");
        let group = || DirectoryGroup { name: team_name(name), external_id: None };
        world.push_group(0, group()).expect("no team is there");
        world.turn_off(0, &owner()).expect("it is on");
        let who = |world: &World| world.members.values().last().expect("it was pushed").clone();
        let team = |world: &World| world.teams.values().next().expect("it was pushed").clone();
        let (pushed, pushed_team) = (who(&world), team(&world));
        world.edit(&pushed, Some(&email("new@x.io")), &owner()).expect("it is off");
        world.rename_team(&pushed_team, team_name("New"), &owner()).expect("it is off");
        if back {
            let shouted = email(&address.to_uppercase());
            world.edit(&who(&world), Some(&shouted), &owner()).expect("it is off");
            let shouted = team_name(&name.to_uppercase());
            world.rename_team(&team(&world), shouted, &owner()).expect("it is off");
        }
        let edited = world.clone();
        world.turn_on(0, &owner()).expect("no owner is at stake");
        let state = |world: &World| {
            let member = world.members[&pushed.id].link.as_ref().map(|link| link.state);
            let team = world.teams[&pushed_team.id].link.as_ref().map(|link| link.state);
            (member, team)
        };
        let expected = Some(if back { LinkState::Live } else { LinkState::Lost });
        prop_assert_eq!(state(&world), (expected, expected));
        let member = world.push(0, user(user_name, address));
        let team = world.push_group(0, group());
        if back {
            prop_assert!(member.is_err() && team.is_err(), "it is found, so it is there already");
            prop_assert_eq!(world.members.len(), edited.members.len());
        } else {
            prop_assert!(member.is_ok() && team.is_ok(), "{:?} {:?}", member, team);
            prop_assert_eq!(world.members.len(), edited.members.len() + 1);
            prop_assert_eq!(world.teams.len(), edited.teams.len() + 1);
            let kept = &world.members[&pushed.id];
            prop_assert_eq!(kept.email.clone(), Some(email("new@x.io")));
            prop_assert!(!world.is_managed(kept) && kept.origin != Origin::Manual);
        }
        assert_sound(&world);
    }
}
