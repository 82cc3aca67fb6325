//! Sessions that a provider opened end with what they lean on (SEC-12), on every node.

use std::sync::Arc;

use rollcall_idp_simulator::http::{Request, ScimClient, Token};
use rollcall_openid_provider::Provider;
use rollcall_tests::{Engine, Home, PASSWORD, Server, Visitor};
use serde_json::json;

use super::{Stage, jane};

fn session(server: &Server) -> String {
    format!("{}/api/v1/session", server.url())
}

/// The member signed in through the provider; their browser.
fn signed_in(stage: &Stage) -> Visitor {
    let mut browser = Visitor::default();
    stage.sign_in(&mut browser, jane());
    assert_eq!(browser.get(&session(&stage.server)).status, 200);
    browser
}

#[test]
fn sec_12_a_session_through_a_provider_ends_when_the_directory_deactivates_or_deletes() {
    let stage = Stage::new();
    let id = stage.push("jane@acme.test");
    let mut browser = signed_in(&stage);
    stage.patch_user(&id, "active", &json!(false));
    assert_eq!(browser.get(&session(&stage.server)).status, 401);
    stage.refused(&stage.sign_in(&mut browser, jane()), "refused");
    stage.patch_user(&id, "active", &json!(true));
    let mut browser = signed_in(&stage);
    let client = ScimClient::new(
        &stage.provisioned.tenant_url,
        Token::new(&stage.provisioned.token),
    );
    let gone = client.send(&Request::new("DELETE", format!("/Users/{id}"), None));
    assert_eq!(gone.expect("the server answers").status, 204);
    assert_eq!(browser.get(&session(&stage.server)).status, 401, "deleted");
    stage.refused(&stage.sign_in(&mut browser, jane()), "refused");
}

#[test]
fn sec_12_a_session_through_a_provider_ends_when_its_login_method_is_disabled_or_moved() {
    let stage = Stage::new();
    stage.push("jane@acme.test");
    let mut browser = signed_in(&stage);
    // Another name for the same door changes nothing.
    assert_eq!(stage.save("okta", &stage.okta, true).0, 200);
    assert_eq!(browser.get(&session(&stage.server)).status, 200);
    assert_eq!(stage.save("okta", &stage.okta, false).0, 200);
    assert_eq!(browser.get(&session(&stage.server)).status, 401, "disabled");
    stage.refused(&stage.sign_in(&mut browser, jane()), "refused");
    assert_eq!(stage.save("okta", &stage.okta, true).0, 200);
    let mut browser = signed_in(&stage);
    let moved = Provider::start("/oauth2/other");
    assert_eq!(stage.save("okta", &moved, true).0, 200);
    assert_eq!(browser.get(&session(&stage.server)).status, 401, "moved");
    assert_eq!(stage.owner.get("/session").status, 200, "the owner's stays");
}

#[test]
fn sec_12_a_session_through_a_provider_ends_when_provisioning_is_turned_off() {
    let stage = Stage::new();
    stage.push("jane@acme.test");
    let mut browser = signed_in(&stage);
    let confirmed = json!({ "current_password": PASSWORD });
    let off = stage.owner.post("/provisioning/okta/disable", &confirmed);
    assert!((200..300).contains(&off.status), "{}", off.body);
    assert_eq!(browser.get(&session(&stage.server)).status, 401);
    // Whoever still has an account there comes in again: the tie stays.
    signed_in(&stage);
    assert_eq!(stage.owner.get("/session").status, 200, "the owner's stays");
}

#[test]
fn sec_12_what_ends_a_session_through_a_provider_holds_on_the_other_node_at_once() {
    if !Engine::Postgres.is_there() {
        return;
    }
    let home = Home::new(Engine::Postgres);
    let other = Server::over(Arc::new(home.beside()), &[]);
    let server = super::serve(home, "");
    let stage = Stage::over(server, Provider::start("/oauth2/default"), "okta");
    assert_eq!(stage.save("okta", &stage.okta, true).0, 200);
    let id = stage.push("jane@acme.test");
    let elsewhere = |browser: &Visitor| {
        let mut there = Visitor::default();
        there.put_cookie("rollcall", browser.cookie("rollcall").expect("a session"));
        there
    };
    let mut there = elsewhere(&signed_in(&stage));
    assert_eq!(there.get(&session(&other)).status, 200);
    stage.patch_user(&id, "active", &json!(false));
    assert_eq!(there.get(&session(&other)).status, 401, "deactivated");
    stage.patch_user(&id, "active", &json!(true));
    let mut there = elsewhere(&signed_in(&stage));
    assert_eq!(there.get(&session(&other)).status, 200);
    assert_eq!(stage.save("okta", &stage.okta, false).0, 200);
    assert_eq!(there.get(&session(&other)).status, 401, "disabled");
}

/// A node with another key, or with none, cannot open what its neighbours sealed: it says so when it
/// starts, and whoever asks it for the secret is told what to do.
#[test]
fn a_node_with_another_secret_key_or_none_says_so() {
    if !Engine::Postgres.is_there() {
        return;
    }
    let home = Home::new(Engine::Postgres);
    let key = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
    let (strange, same) = (home.beside().with_secret_key(key), home.beside());
    let keyless = home.beside().without_secret_key();
    let server = super::serve(home, "");
    let stage = Stage::over(server, Provider::start("/oauth2/default"), "okta");
    assert_eq!(stage.save("okta", &stage.okta, true).0, 200);
    let sentence = "secret_key is not the one";
    let same = Server::over(Arc::new(same), &[]);
    let strange = Server::over(Arc::new(strange), &[]);
    let tested = strange
        .owner()
        .post("/organization/login-methods/okta/test", &json!({}));
    let told = tested.body.to_string();
    assert!(told.contains("secret_unreadable"), "{told}");
    assert!(strange.output().contains(sentence), "{}", strange.output());
    let keyless = Server::over(Arc::new(keyless), &[]);
    assert_eq!(keyless.owner().get("/session").status, 200);
    let missing = "secret_key is not set, and client secrets of login methods are sealed";
    assert!(keyless.output().contains(missing), "{}", keyless.output());
    assert!(!strange.output().contains(missing), "{}", strange.output());
    assert_eq!(same.owner().get("/session").status, 200);
    assert!(!same.output().contains(sentence), "{}", same.output());
}
