//! What providers are asked, how often, and what is said when they fail.

use std::sync::Arc;

use rollcall_openid_provider::{Lie, Provider, SigningAlgorithm};
use rollcall_tests::{Engine, Home, PASSWORD, Server, Visitor};
use serde_json::json;

use super::{SECRET, SESSION, Stage, jane, serve, whoami};

#[test]
fn new_keys_are_asked_for_when_a_token_names_them_and_not_for_every_token() {
    let stage = Stage::new();
    stage.push("jane@acme.test");
    stage.sign_in(&mut Visitor::default(), jane());
    stage.sign_in(&mut Visitor::default(), jane());
    assert_eq!(stage.okta.key_requests(), 1, "kept");
    // Who asks again too soon is not believed: a flood of made-up key ids is none at the provider.
    stage.okta.lie(Some(Lie::UnknownKey));
    for _ in 0..3 {
        let last = stage.sign_in(&mut Visitor::default(), jane());
        stage.refused(&last, "refused");
    }
    assert!(
        stage.okta.key_requests() <= 2,
        "{}",
        stage.okta.key_requests()
    );
    stage.okta.lie(None);
    stage.okta.rotate(SigningAlgorithm::Es256);
    // The test of the login method asks anew, whatever was asked a moment ago.
    let test = stage
        .owner
        .post("/organization/login-methods/okta/test", &json!({}));
    assert_eq!(test.body["passed"], true, "{}", test.body);
    let mut browser = Visitor::default();
    stage.sign_in(&mut browser, jane());
    assert_eq!(whoami(&stage.server, &browser).as_deref(), Some("Jane Doe"));
}

#[test]
fn a_provider_takes_new_keys_and_the_next_sign_in_knows_them_by_itself() {
    let stage = Stage::new();
    stage.push("jane@acme.test");
    stage.sign_in(&mut Visitor::default(), jane());
    stage.okta.rotate(SigningAlgorithm::Es256);
    let mut browser = Visitor::default();
    stage.sign_in(&mut browser, jane());
    assert_eq!(whoami(&stage.server, &browser).as_deref(), Some("Jane Doe"));
    assert_eq!(stage.okta.key_requests(), 2);
    // The key that was withdrawn signs nothing any more.
    stage.okta.lie(Some(Lie::UnknownKey));
    let last = stage.sign_in(&mut Visitor::default(), jane());
    stage.refused(&last, "refused");
}

#[test]
fn a_provider_that_does_not_answer_or_never_ends_keeps_nobody_waiting() {
    let server = serve(Home::new(Engine::Sqlite), "timeout_seconds = 1");
    let stage = Stage::over(server, Provider::start("/oauth2/default"), "okta");
    assert_eq!(stage.save("okta", &stage.okta, true).0, 200);
    stage.push("jane@acme.test");
    let mut browser = Visitor::default();
    for lie in [Lie::Silence, Lie::EndlessDocument, Lie::EndlessKeys] {
        stage.okta.lie(Some(lie));
        let (page, seen) = browser.follow(&stage.begin_url("okta"));
        let last = seen.last().expect("an address");
        let why = match lie {
            Lie::Silence => "unreachable",
            _ => "refused",
        };
        stage.refused(last, why);
        assert!(page.body.contains("Continue with Okta"), "a way back");
        assert_eq!(browser.cookie(SESSION), None, "{lie:?}");
    }
    let test = "/organization/login-methods/okta/test";
    stage.okta.lie(Some(Lie::Silence));
    let silent = stage.owner.post(test, &json!({}));
    assert_eq!(silent.body["code"], "unreachable", "{}", silent.body);
    stage.okta.lie(None);
    stage.sign_in(&mut browser, jane());
    assert_eq!(whoami(&stage.server, &browser).as_deref(), Some("Jane Doe"));
}

#[test]
fn without_a_key_to_seal_it_with_a_client_secret_is_refused_in_clear_words() {
    let home = Home::new(Engine::Sqlite).without_secret_key();
    let server = serve(home, "");
    let okta = Provider::start("/oauth2/default");
    let (base, issuer) = (okta.base_url(), okta.issuer());
    let owner = server.owner();
    let body = json!({ "enabled": true, "client_id": "rollcall", "client_secret": SECRET,
        "base_url": base, "issuer": issuer });
    let path = "/organization/login-methods/okta";
    let answer = owner.put(path, &body);
    assert_eq!(answer.status, 400, "{}", answer.body);
    let told = answer.body.to_string();
    assert!(told.contains("secret_key") && told.contains("openssl rand -base64 32"));
    assert!(!told.contains(SECRET), "{told}");
    let mut browser = Visitor::default();
    let sign_in = format!("{}/sign-in", server.url());
    let form = [("email", "owner@acme.test"), ("password", PASSWORD)];
    assert_eq!(browser.post(&sign_in, &form).status, 303);
    let form = [
        ("enabled", "yes"),
        ("client_id", "rollcall"),
        ("client_secret", SECRET),
        ("base_url", base.as_str()),
        ("issuer", issuer.as_str()),
    ];
    let page = format!("{}/settings/login-methods/okta", server.url());
    let page = browser.post(&page, &form);
    assert_eq!(page.status, 422);
    assert!(
        page.body.contains("openssl rand -base64 32"),
        "{}",
        page.body
    );
    assert!(page.body.contains(&issuer), "nothing is lost");
    assert!(!page.body.contains(SECRET));
    let stored = owner.get("/organization/login-methods").body;
    assert!(!stored.to_string().contains(&issuer), "{stored}");
}

#[test]
fn a_provider_that_fails_gets_a_word_for_the_person_and_a_cause_for_the_administrator() {
    let stage = Stage::new();
    stage.push("jane@acme.test");
    stage.okta.sign_out();
    let (page, seen) = Visitor::default().follow(&stage.begin_url("okta"));
    stage.refused(seen.last().expect("an address"), "refused");
    assert_eq!(page.status, 403);
    for (lie, code) in [
        (Lie::DocumentIssuer, "issuer_differs"),
        (Lie::ForeignKeys, "foreign_endpoint"),
        (Lie::RedirectedKeys, "malformed"),
        (Lie::EndlessKeys, "malformed"),
    ] {
        stage.okta.lie(Some(lie));
        let test = stage
            .owner
            .post("/organization/login-methods/okta/test", &json!({}));
        assert_eq!(test.body["code"], code, "{lie:?}: {}", test.body);
    }
    let reminder = stage.owner.get("/provisioning").body;
    assert_eq!(reminder["login_reminder"], true, "R06: its test failed");
    assert_eq!(reminder["login_reminders"][0]["members"], 1);
    stage.okta.lie(None);
    let test = stage
        .owner
        .post("/organization/login-methods/okta/test", &json!({}));
    assert_eq!(test.body["passed"], true, "{}", test.body);
    assert_eq!(
        stage.owner.get("/provisioning").body["login_reminder"],
        false
    );
}

#[test]
fn the_test_says_in_words_what_is_wrong() {
    let stage = Stage::before("okta", "/oauth2/default");
    let okta = &stage.okta;
    let redirect = format!("{}/callback", stage.begin_url("okta"));
    let gone = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = format!("http://{}", gone.local_addr().expect("bound"));
    drop(gone);
    let test = |client: &str, secret: &str, issuer: &str| {
        let body = json!({ "enabled": false, "client_id": client, "client_secret": secret,
            "base_url": okta.base_url(), "issuer": issuer });
        let saved = stage.owner.put("/organization/login-methods/okta", &body);
        assert_eq!(saved.status, 200, "{}", saved.body);
        let test = stage
            .owner
            .post("/organization/login-methods/okta/test", &json!({}));
        test.body["code"].as_str().unwrap_or("passed").to_owned()
    };
    okta.register("elsewhere", SECRET, "https://elsewhere.example/callback");
    okta.register("rollcall", SECRET, &redirect);
    let issuer = okta.issuer();
    assert_eq!(test("rollcall", SECRET, &nobody), "unreachable");
    assert_eq!(test("rollcall", SECRET, &okta.base_url()), "malformed");
    assert_eq!(test("rollcall", "wrong", &issuer), "secret_refused");
    assert_eq!(test("nobody", SECRET, &issuer), "secret_refused");
    assert_eq!(test("elsewhere", SECRET, &issuer), "redirect_refused");
    assert_eq!(test("rollcall", SECRET, &issuer), "passed");
}

#[test]
fn a_private_address_is_not_asked_unless_that_is_configured() {
    let server = Server::over(Arc::new(Home::new(Engine::Sqlite)), &[]);
    let owner = server.owner();
    let okta = Provider::start("/oauth2/default");
    let body = json!({ "enabled": true, "client_id": "rollcall", "client_secret": SECRET,
        "base_url": okta.base_url(), "issuer": okta.issuer() });
    assert_eq!(
        owner.put("/organization/login-methods/okta", &body).status,
        200
    );
    let test = owner.post("/organization/login-methods/okta/test", &json!({}));
    assert_eq!(test.body["code"], "address_refused", "{}", test.body);
    assert_eq!(okta.key_requests(), 0);
}

#[test]
fn entra_signs_in_by_the_same_code_with_its_own_issuer_rules() {
    let tenant = "/8d2a1c80-91a4-4b9a-9f0e-0e3f0c4f7b11/v2.0";
    let stage = Stage::before("entra", tenant);
    let common = json!({ "enabled": true, "client_id": "rollcall", "client_secret": SECRET,
        "issuer": "https://login.microsoftonline.com/common/v2.0" });
    let refused = stage
        .owner
        .put("/organization/login-methods/entra", &common);
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert_eq!(stage.save("entra", &stage.okta, true).0, 200);
    stage.push("jane@acme.test");
    stage.okta.sign_in(jane());
    let mut browser = Visitor::default();
    let (_, seen) = browser.follow(&stage.begin_url("entra"));
    assert!(
        seen.last().expect("an address").ends_with("/profile"),
        "{seen:?}"
    );
    assert_eq!(whoami(&stage.server, &browser).as_deref(), Some("Jane Doe"));
}
