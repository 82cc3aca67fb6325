//! Several nodes on one PostgreSQL: whatever one of them decides holds on every other for the next
//! request (SEC-13, REL-15).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rollcall_idp_simulator::http::{ScimClient, Token};
use rollcall_idp_simulator::observe::Silent;
use rollcall_idp_simulator::okta::{App, Dialect, Okta};
use rollcall_idp_simulator::scenario;
use rollcall_tests::{Engine, Forwarder, Home, PASSWORD, Panel, Provisioned, Scim, Server};
use serde_json::json;

/// Two nodes with folders of their own on one database.
struct Pair {
    home: Arc<Home>,
    one: Server,
    other: Server,
}

fn pair() -> Option<Pair> {
    if !Engine::Postgres.is_there() {
        return None;
    }
    let home = Arc::new(Home::new(Engine::Postgres));
    let beside = Arc::new(home.beside());
    Some(Pair {
        one: Server::over(Arc::clone(&home), &[]),
        other: Server::over(beside, &[]),
        home,
    })
}

/// The id of a member, as a panel lists it.
fn id_of(panel: &Panel, email: &str) -> String {
    let list = panel.get(&format!("/members?search={email}"));
    list.body["items"][0]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{email} is there: {}", list.body))
        .to_owned()
}

#[test]
fn what_a_directory_stores_through_one_node_is_there_on_the_other() {
    let Some(pair) = pair() else { return };
    let here = pair.one.provision();
    let there = here.at(pair.other.url());
    let (one, other) = (Scim::new(&here), Scim::new(&there));
    let (status, made) = other.create("jane@acme.test").expect("an answer");
    assert_eq!(status, 201, "{made}");
    let id = made["id"].as_str().expect("an id");
    let (status, read) = one.get(&format!("/Users/{id}"));
    assert_eq!((status, &read["userName"]), (200, &made["userName"]));
    // The same name once more, through the other door.
    assert_eq!(one.create("jane@acme.test").expect("an answer").0, 409);
}

#[test]
fn turning_off_and_new_credentials_hold_on_the_other_node_at_once() {
    let Some(pair) = pair() else { return };
    let panel = pair.one.owner();
    let first = Provisioned::turned_on(&panel, "okta");
    let there = Scim::new(&first.at(pair.other.url()));
    assert_eq!(there.get("/Users").0, 200);
    let confirmed = json!({ "current_password": PASSWORD });
    let issued = panel.post("/provisioning/okta/credentials", &confirmed);
    assert_eq!(issued.status, 200, "{}", issued.body);
    assert_eq!(there.get("/Users").0, 401, "the old token");
    let second = Provisioned::of(&issued.body);
    let there = Scim::new(&second.at(pair.other.url()));
    assert_eq!(there.get("/Users").0, 200, "the new token");
    let off = panel.post("/provisioning/okta/disable", &confirmed);
    assert!((200..300).contains(&off.status), "{}", off.body);
    assert_eq!(there.get("/Users").0, 401, "turned off");
}

#[test]
fn signing_out_suspending_and_roles_hold_on_the_other_node_at_once() {
    let Some(pair) = pair() else { return };
    pair.home.grant_owner("second@acme.test");
    let owner = pair.one.owner();
    let second = Panel::signed_in(pair.one.url(), "second@acme.test", PASSWORD);
    let elsewhere = second.at(pair.other.url());
    assert_eq!(elsewhere.get("/provisioning").status, 200, "an owner");
    // A role.
    let id = id_of(&owner, "second@acme.test");
    let role = owner.post(
        &format!("/members/{id}/role"),
        &json!({ "role": "member", "current_password": PASSWORD }),
    );
    assert_eq!(role.status, 200, "{}", role.body);
    assert_eq!(
        elsewhere.get("/provisioning").status,
        401,
        "no longer an owner: it has to be signed in anew"
    );
    let second = Panel::signed_in(pair.one.url(), "second@acme.test", PASSWORD);
    let elsewhere = second.at(pair.other.url());
    assert_eq!(elsewhere.get("/provisioning").status, 403, "a member");
    // Signing out.
    assert_eq!(elsewhere.get("/session").status, 200);
    let out = second.delete("/session");
    assert!((200..300).contains(&out.status), "{}", out.body);
    assert_eq!(elsewhere.get("/session").status, 401, "signed out");
    // Suspending.
    let again = Panel::signed_in(pair.other.url(), "second@acme.test", PASSWORD);
    assert_eq!(again.get("/session").status, 200);
    let suspended = owner.post(&format!("/members/{id}/suspend"), &json!({}));
    assert!((200..300).contains(&suspended.status), "{}", suspended.body);
    assert_eq!(again.get("/session").status, 401, "suspended");
}

#[test]
fn a_directory_that_deactivates_through_one_node_ends_sessions_on_the_other() {
    let Some(pair) = pair() else { return };
    let panel = pair.one.owner();
    pair.home.grant_owner("jane@acme.test");
    let id = id_of(&panel, "jane@acme.test");
    let role = panel.post(
        &format!("/members/{id}/role"),
        &json!({ "role": "member", "current_password": PASSWORD }),
    );
    assert_eq!(role.status, 200, "{}", role.body);
    let jane = Panel::signed_in(pair.other.url(), "jane@acme.test", PASSWORD);
    assert_eq!(jane.get("/session").status, 200);
    let scim = Scim::new(&pair.one.provision());
    // The directory takes the member over and then deactivates them.
    let (status, made) = scim.create("jane@acme.test").expect("an answer");
    assert_eq!(status, 201, "{made}");
    let id = made["id"].as_str().expect("an id");
    assert_eq!(scim.deactivate(id), 200);
    assert_eq!(jane.get("/session").status, 401, "deactivated");
}

#[test]
fn attempts_to_sign_in_are_counted_over_all_nodes() {
    let Some(pair) = pair() else { return };
    let guess = json!({ "email": "owner@acme.test", "password": "a wrong guess" });
    let statuses: Vec<u16> = (0..11)
        .map(|number| {
            let node = if number % 2 == 0 {
                &pair.one
            } else {
                &pair.other
            };
            Panel::anonymous(node.url()).post("/session", &guess).status
        })
        .collect();
    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10], 429);
    let right = json!({ "email": "owner@acme.test", "password": PASSWORD });
    let answer = Panel::anonymous(pair.other.url()).post("/session", &right);
    assert_eq!(answer.status, 429, "on every node");
}

#[test]
fn the_last_seats_are_taken_once_however_many_ask_on_however_many_nodes() {
    let Some(pair) = pair() else { return };
    let provisioned = pair.one.provision();
    let panel = pair.one.owner();
    let limited = panel.patch("/organization", &json!({ "seat_limit": 6 }));
    assert_eq!(limited.status, 200, "{}", limited.body);
    // Twenty ask at once for the five seats beside the owner's.
    let nodes = [pair.one.url(), pair.other.url()];
    let taken: usize = thread::scope(|scope| {
        let asking: Vec<_> = (0..20)
            .map(|number| {
                let scim = Scim::new(&provisioned.at(nodes[number % 2]));
                let name = format!("user-{number}@acme.test");
                scope.spawn(move || scim.create(&name).expect("an answer").0)
            })
            .collect();
        asking
            .into_iter()
            .map(|one| one.join().expect("no panic"))
            .filter(|status| *status == 201)
            .count()
    });
    assert_eq!(taken, 5);
    let details = panel.get("/organization");
    assert_eq!(details.body["seats_used"], 6, "{}", details.body);
}

/// Counts are kept, not counted: whoever writes at the same time elsewhere must not be lost.
#[test]
fn counts_stay_exact_while_two_nodes_create_deactivate_and_delete() {
    let Some(pair) = pair() else { return };
    let provisioned = pair.one.provision();
    let nodes = [pair.one.url(), pair.other.url()];
    thread::scope(|scope| {
        for writer in 0..6 {
            let scim = Scim::new(&provisioned.at(nodes[writer % 2]));
            scope.spawn(move || {
                for number in 0..9 {
                    let name = format!("user-{writer}-{number}@acme.test");
                    let (status, made) = scim.create(&name).expect("an answer");
                    assert_eq!(status, 201, "{made}");
                    let id = made["id"].as_str().expect("an id");
                    match number % 3 {
                        0 => assert_eq!(scim.deactivate(id), 200),
                        1 => {
                            let gone = scim.send("DELETE", &format!("/Users/{id}"), None);
                            assert_eq!(gone.expect("an answer").0, 204);
                        }
                        _ => {}
                    }
                }
            });
        }
    });
    // Of 54, a third is gone and a third has no seat; and there is the owner.
    let panel = pair.other.owner();
    let organization = panel.get("/organization").body;
    assert_eq!(organization["seats_used"], 19, "{organization}");
    let members = panel.get("/members?limit=100").body;
    assert_eq!(members["total"], 37, "{}", members["total"]);
    assert_eq!(members["items"].as_array().map(Vec::len), Some(37));
    let (_, users) = Scim::new(&provisioned).get("/Users?count=100");
    assert_eq!(users["totalResults"], 36, "{}", users["totalResults"]);
    assert_eq!(users["Resources"].as_array().map(Vec::len), Some(36));
}

#[test]
fn two_owners_cannot_leave_at_the_same_time_through_two_nodes() {
    let Some(pair) = pair() else { return };
    for round in 0..4 {
        let email = format!("second{round}@acme.test");
        pair.home.grant_owner(&email);
        let first = pair.one.owner();
        let second = Panel::signed_in(pair.other.url(), &email, PASSWORD);
        let first_id = id_of(&first, "owner@acme.test");
        let second_id = id_of(&first, &email);
        let member = json!({ "role": "member", "current_password": PASSWORD });
        // Each makes the other a member.
        let (a, b) = thread::scope(|scope| {
            let one = scope.spawn(|| {
                first
                    .post(&format!("/members/{second_id}/role"), &member)
                    .status
            });
            let other = scope.spawn(|| {
                second
                    .post(&format!("/members/{first_id}/role"), &member)
                    .status
            });
            (
                one.join().expect("no panic"),
                other.join().expect("no panic"),
            )
        });
        assert!((a == 200) != (b == 200), "one alone may succeed: {a} {b}");
        // The next round begins with one owner again.
        pair.home.grant_owner("owner@acme.test");
        let again = pair.one.owner();
        let alone = again.post(&format!("/members/{second_id}/role"), &member);
        assert_eq!(alone.status, 200, "{}", alone.body);
    }
}

#[test]
fn members_added_through_two_nodes_at_once_are_all_in_the_team() {
    let Some(pair) = pair() else { return };
    let provisioned = pair.one.provision();
    let scim = Scim::new(&provisioned);
    let ids: Vec<String> = (0..16)
        .map(|number| {
            let (_, made) = scim
                .create(&format!("m{number}@acme.test"))
                .expect("an answer");
            made["id"].as_str().expect("an id").to_owned()
        })
        .collect();
    let team = scim.create_group("Everybody");
    let nodes = [pair.one.url(), pair.other.url()];
    thread::scope(|scope| {
        for (number, id) in ids.iter().enumerate() {
            let scim = Scim::new(&provisioned.at(nodes[number % 2]));
            let team = &team;
            scope.spawn(move || {
                let status = scim.add_to_group(team, id);
                assert!((200..300).contains(&status), "{status}");
            });
        }
    });
    let (_, group) = scim.get(&format!("/Groups/{team}"));
    assert_eq!(
        group["members"].as_array().map(Vec::len),
        Some(16),
        "{group}"
    );
    // One version for each of them: none was lost on another's.
    let entries = pair
        .one
        .owner()
        .get("/activity?action=team.member_added&limit=1");
    assert_eq!(entries.body["total"], 16, "{}", entries.body);
}

/// How often the answer to a request is to be lost with its node.
const LOST: usize = 4;
/// How many stories that may take.
const STORIES: usize = 40;
/// How many answers come before the next node is killed, however slow they are: what a step asks for may
/// be lost three times.
const ANSWERS: usize = 4;
/// How long after them, at most, in milliseconds; a prime, so that moments differ.
const LONGEST: u64 = 47;

/// As the nodes are killed at any moment, answers are lost with them: Okta asks again, finds what was
/// stored, and nothing is there twice or missing (REL-2).
#[test]
fn okta_is_satisfied_by_two_nodes_behind_one_address_while_one_is_killed_and_restarted() {
    let Some(Pair {
        home: _home,
        one,
        other,
    }) = pair()
    else {
        return;
    };
    let provisioned = one.provision();
    let door = Forwarder::start();
    door.set_nodes(&[one.url(), other.url()]);
    let here = provisioned.at(&door.url());
    let satisfied = AtomicBool::new(false);
    thread::scope(|scope| {
        let killing = scope.spawn(|| kill_by_turns([one, other], &door, &satisfied));
        let mut lost = 0;
        for story in 0..STORIES {
            let dialect = [Dialect::Catalogue, Dialect::Wizard][story % 2];
            let client = ScimClient::new(&here.tenant_url, Token::new(here.token.as_str()));
            let soon = |_: Duration| thread::park_timeout(Duration::from_millis(20));
            let mut okta = Okta::new(client, App::new(dialect), Silent, soon);
            let report = scenario::okta_everything(&mut okta, &format!("story-{story}"));
            lost += report.lost;
            if !report.ok() || lost >= LOST {
                satisfied.store(true, Ordering::Release);
                assert!(report.ok(), "{report}");
                break;
            }
        }
        satisfied.store(true, Ordering::Release);
        let kills = killing.join().expect("no panic");
        assert!(lost >= LOST, "{lost} answers were lost in {kills} kills");
    });
}

/// Kills one node after the other with SIGKILL, whatever it is at, and starts it again before the
/// next. Answers how many it killed.
fn kill_by_turns(mut nodes: [Server; 2], door: &Forwarder, enough: &AtomicBool) -> u64 {
    let (mut kills, mut answered) = (0, 0);
    while !enough.load(Ordering::Acquire) {
        if door.answered() < answered + ANSWERS {
            thread::park_timeout(Duration::from_millis(1));
            continue;
        }
        thread::park_timeout(Duration::from_millis(kills * 13 % LONGEST));
        answered = door.answered();
        let [killed, other] = nodes;
        let home = killed.kill();
        nodes = [other, Server::over(home, &[])];
        door.set_nodes(&[nodes[0].url(), nodes[1].url()]);
        kills += 1;
    }
    kills
}
