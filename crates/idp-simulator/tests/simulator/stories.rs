//! The good path: what goes over the wire, and what a fair server is told.

use std::cell::RefCell;
use std::time::Duration;

use rollcall_idp_simulator::http::{Request, ScimClient, Token};
use rollcall_idp_simulator::observe::{Silent, Step};
use rollcall_idp_simulator::okta::{App, Dialect, Okta, Profile, PushMode, Unlink};
use rollcall_idp_simulator::scenario;
use serde_json::{Value, json};

use crate::fake::{Fake, Fault, TOKEN};

pub(crate) fn nobody_waits(_: Duration) {
    panic!("nothing asked for a pause");
}

pub(crate) fn okta(fake: &Fake, dialect: Dialect) -> Okta<'static> {
    Okta::new(fake.client(), App::new(dialect), Silent, nobody_waits)
}

#[test]
fn the_whole_story_finds_nothing_wrong_with_a_fair_server() {
    for dialect in [Dialect::Catalogue, Dialect::Wizard] {
        let fake = Fake::start(Fault::None);
        let titles = RefCell::new(Vec::new());
        let watch = |step: &Step| titles.borrow_mut().push(step.title.clone());
        let mut okta = Okta::new(fake.client(), App::new(dialect), watch, nobody_waits);
        let report = scenario::okta_everything(&mut okta, "t1");
        assert!(report.ok(), "{dialect:?}: {report}");
        assert_eq!(report.exchanges, fake.seen().len());
        assert_eq!(report.steps, titles.borrow().len());
        assert!(
            titles
                .borrow()
                .contains(&"Okta assigns Jane Doe to the app".to_owned())
        );
    }
}

#[test]
fn the_story_is_the_same_in_every_run_and_shares_no_name_with_another_suffix() {
    let bodies = |suffix: &str| {
        let fake = Fake::start(Fault::None);
        scenario::okta_everything(&mut okta(&fake, Dialect::Catalogue), suffix);
        fake.seen()
            .into_iter()
            .map(|seen| seen.body)
            .collect::<Vec<_>>()
    };
    let (first, again, other) = (bodies("a"), bodies("a"), bodies("b"));
    assert_eq!(first, again);
    let created = |bodies: &[String], attribute: &str| {
        bodies
            .iter()
            .filter_map(|body| {
                serde_json::from_str::<Value>(body)
                    .ok()?
                    .get(attribute)
                    .cloned()
            })
            .collect::<Vec<_>>()
    };
    for attribute in ["userName", "externalId", "displayName"] {
        let unique = attribute != "displayName";
        let other = created(&other, attribute);
        assert!(
            created(&first, attribute)
                .iter()
                .all(|name| !unique || !other.contains(name))
        );
    }
}

#[test]
fn the_wizard_never_patches_and_the_catalogue_patches_active_and_groups() {
    let methods = |dialect| {
        let fake = Fake::start(Fault::None);
        let mut okta = okta(&fake, dialect);
        let jane = okta.hire(Profile::new("Jane", "Doe", "jane@example.com"));
        let group = okta.form_group("Ops", std::slice::from_ref(&jane));
        okta.assign(&jane);
        okta.push_group(&group, PushMode::Create);
        okta.rename_group(&group, "Operations");
        okta.deactivate(&jane);
        okta.reactivate(&jane);
        okta.unlink_group(&group, Unlink::Delete);
        assert!(okta.report().ok(), "{}", okta.report());
        fake.seen()
            .into_iter()
            .filter(|seen| seen.method == "PATCH")
            .map(|seen| seen.body)
            .collect()
    };
    let none: Vec<String> = methods(Dialect::Wizard);
    assert_eq!(none, Vec::<String>::new());
    let patches: Vec<String> = methods(Dialect::Catalogue);
    let active = r#""Operations":[{"op":"replace","value":{"active":false}}]"#;
    assert!(
        patches.iter().any(|body| body.contains(active)),
        "{patches:?}"
    );
    assert_eq!(patches.len(), 4, "members, name, off, on: {patches:?}");
}

#[test]
fn headers_are_those_of_okta_also_on_delete() {
    let fake = Fake::start(Fault::None);
    let client = fake.client();
    client.send(&Request::get("/Users")).unwrap();
    client
        .send(&Request::new(
            "POST",
            "/Groups",
            Some(json!({"displayName": "G"})),
        ))
        .unwrap();
    client
        .send(&Request::new("DELETE", "/Groups/groups-1", None))
        .unwrap();
    let seen = fake.seen();
    let media = Some("application/scim+json; charset=utf-8");
    assert_eq!(seen[0].header("content-type"), None);
    assert_eq!(seen[1].header("content-type"), media);
    assert_eq!(seen[2].header("content-type"), media);
    for seen in &seen {
        assert_eq!(seen.header("accept"), Some("application/scim+json"));
        assert_eq!(seen.header("accept-charset"), Some("utf-8"));
        assert_eq!(seen.header("user-agent"), Some("Okta SCIM Client 1.0.0"));
        assert_eq!(seen.header("accept-encoding"), Some("gzip"));
        assert_eq!(
            seen.header("authorization"),
            Some(format!("Bearer {TOKEN}").as_str())
        );
    }
}

#[test]
fn the_profile_push_sends_back_the_document_that_was_read() {
    let fake = Fake::start(Fault::None);
    let mut okta = okta(&fake, Dialect::Catalogue);
    let jane = okta.hire(Profile::new("Jane", "Doe", "jane@example.com"));
    okta.assign(&jane);
    let profile = okta
        .profile(&jane)
        .unwrap()
        .clone()
        .with("title", json!("Lead"));
    assert!(okta.update_profile(&jane, profile).ok());
    let put = fake.seen().pop().unwrap();
    let body: Value = serde_json::from_str(&put.body).unwrap();
    assert_eq!(put.method, "PUT");
    assert_eq!(body["meta"]["resourceType"], "User");
    assert_eq!(body["id"], json!(okta.link(&jane).unwrap()));
    assert_eq!(body["title"], "Lead");
    assert_eq!(body["externalId"].as_str().unwrap().len(), 20);
}

#[test]
fn suspending_sends_nothing() {
    let fake = Fake::start(Fault::None);
    let mut okta = okta(&fake, Dialect::Catalogue);
    let jane = okta.hire(Profile::new("Jane", "Doe", "jane@example.com"));
    okta.assign(&jane);
    let before = fake.seen().len();
    assert!(okta.suspend(&jane).exchanges.is_empty());
    assert_eq!(fake.seen().len(), before);
}

#[test]
fn membership_changes_go_in_batches_removals_first() {
    let fake = Fake::start(Fault::None);
    let app = App {
        batch_size: 2,
        ..App::new(Dialect::Catalogue)
    };
    let mut okta = Okta::new(fake.client(), app, Silent, nobody_waits);
    let people: Vec<_> = (0..5)
        .map(|n| okta.hire(Profile::new("P", "Q", &format!("p{n}@example.com"))))
        .collect();
    for person in &people {
        okta.assign(person);
    }
    let group = okta.form_group("Ops", &people[..2]);
    okta.push_group(&group, PushMode::Create);
    let step = okta.change_members(&group, &people[2..], &people[..2]);
    assert!(okta.verify_group(&group).ok());
    let operations: Vec<Value> = step
        .exchanges
        .iter()
        .map(|exchange| exchange.request.as_ref().unwrap()["Operations"].clone())
        .collect();
    assert_eq!(operations.len(), 4, "the name, then 2 + 2 + 1 changes");
    assert_eq!(operations[0][0]["value"]["displayName"], "Ops");
    assert_eq!(operations[1][0]["path"], "members[value eq \"users-1\"]");
    assert_eq!(operations[1][1]["op"], "remove");
    assert_eq!(operations[2][0]["value"].as_array().unwrap().len(), 2);
    assert_eq!(operations[3][0]["value"].as_array().unwrap().len(), 1);
}

#[test]
fn after_links_are_forgotten_people_are_found_again_by_name() {
    let fake = Fake::start(Fault::None);
    let mut okta = okta(&fake, Dialect::Catalogue);
    let jane = okta.hire(Profile::new("Jane", "Doe", "jane@example.com"));
    okta.assign(&jane);
    let before = okta.link(&jane).unwrap().to_owned();
    okta.forget_links();
    assert_eq!(okta.link(&jane), None);
    assert!(okta.assign(&jane).ok());
    assert_eq!(okta.link(&jane), Some(before.as_str()));
}

#[test]
fn throttling_is_honoured_with_growing_waits() {
    let fake = Fake::start(Fault::Throttles(3, "7"));
    let waits = RefCell::new(Vec::new());
    let pause = |wait: Duration| waits.borrow_mut().push(wait.as_secs());
    let app = App::new(Dialect::Catalogue);
    let mut okta = Okta::new(fake.client(), app, Silent, pause);
    let step = okta.test_credentials();
    assert!(step.ok(), "{:?}", step.findings);
    assert_eq!(*waits.borrow(), [7, 14, 28]);
    assert_eq!(step.exchanges.len(), 5);
}

#[test]
fn a_server_that_throttles_for_ever_is_given_up() {
    let fake = Fake::start(Fault::Throttles(u32::MAX, "100"));
    let waits = RefCell::new(Vec::new());
    let pause = |wait: Duration| waits.borrow_mut().push(wait.as_secs());
    let app = App::new(Dialect::Catalogue);
    let mut okta = Okta::new(fake.client(), app, Silent, pause);
    let jane = okta.hire(Profile::new("Jane", "Doe", "jane@example.com"));
    let step = okta.assign(&jane);
    assert_eq!(
        *waits.borrow(),
        [100, 200, 400],
        "700 seconds; 800 more would be too many"
    );
    assert!(
        step.findings
            .iter()
            .any(|finding| finding.what.ends_with("HTTP status"))
    );
}

#[test]
fn an_absurd_retry_after_is_given_up_and_waits_for_nothing() {
    let fake = Fake::start(Fault::Throttles(1, "18446744073709551615"));
    assert!(!okta(&fake, Dialect::Catalogue).test_credentials().ok());
}

#[test]
fn the_token_shows_nowhere() {
    let fake = Fake::start(Fault::None);
    let client = fake.client();
    let mut request = Request::get("/Users");
    request
        .headers
        .push(("Authorization".into(), Some(format!("Bearer {TOKEN}"))));
    let exchange = client.send(&request).unwrap();
    let mut okta = okta(&fake, Dialect::Catalogue);
    let step = okta.test_credentials();
    let shown = format!(
        "{client:?} {request:?} {exchange:?} {okta:?} {step:?} {}",
        exchange.summary()
    );
    assert!(!shown.contains(TOKEN), "{shown}");
}

#[test]
fn nobody_listening_is_a_finding_and_not_a_panic() {
    let client = ScimClient::new("http://127.0.0.1:1/scim/v2", Token::new("t"));
    let mut okta = Okta::new(client, App::new(Dialect::Wizard), Silent, nobody_waits);
    let report = scenario::okta_everything(&mut okta, "x");
    assert!(!report.ok());
    assert_eq!(report.exchanges, 0);
}
