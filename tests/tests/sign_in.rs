//! Signing in through an identity provider, against the real binary and a provider of our own over
//! real HTTP: from the push of a member to that member's first sign-in, and everything that must
//! not open the door.

use std::sync::Arc;

use rollcall_idp_simulator::http::{Request, ScimClient, Token};
use rollcall_openid_provider::{Lie, Person, Provider, SigningAlgorithm};
use rollcall_tests::{Engine, Home, PASSWORD, Panel, Provisioned, Server, Visitor};
use serde_json::{Value, json};

const KEY: &str = "c2l4dGVlbiBieXRlcywgdGhlbiBzaXh0ZWVuIG1vcmU=";
const SECRET: &str = "the-client-secret-of-the-application";
const SESSION: &str = "rollcall";
const BROWSER_KEY: &str = "rollcall-sign-in";

/// A service, an identity provider, and an organization that knows both.
struct Stage {
    server: Server,
    okta: Provider,
    provisioned: Provisioned,
    owner: Panel,
    organization: String,
}

impl Stage {
    fn new() -> Self {
        let stage = Self::before("okta", "/oauth2/default");
        let saved = stage.save("okta", &stage.okta, true);
        assert_eq!(saved.0, 200, "{}", saved.1);
        stage
    }

    fn before(kind: &str, path: &str) -> Self {
        let folder = Arc::new(Home::new(Engine::Sqlite));
        let config = folder.path().join("sign-in.toml");
        let text = format!("secret_key = \"{KEY}\"\n[login]\nprivate_providers = true\n");
        std::fs::write(&config, text).expect("a file");
        let server = serve(folder, config.to_str().expect("a path"));
        let owner = server.owner();
        let session = owner.get("/session").body;
        let provisioned = server.provision_from(kind);
        Self {
            organization: text_of(&session["organization_id"]),
            okta: Provider::start(path),
            provisioned,
            owner,
            server,
        }
    }

    fn begin_url(&self, kind: &str) -> String {
        format!("{}/sign-in/{}/{kind}", self.server.url(), self.organization)
    }

    /// Registers this service at a provider and the provider at this service.
    fn save(&self, kind: &str, provider: &Provider, enabled: bool) -> (u16, Value) {
        let redirect = format!("{}/callback", self.begin_url(kind));
        provider.register("rollcall", SECRET, &redirect);
        let body = json!({
            "enabled": enabled,
            "client_id": "rollcall",
            "client_secret": SECRET,
            "base_url": provider.base_url(),
            "issuer": provider.issuer(),
        });
        let path = format!("/organization/login-methods/{kind}");
        let answer = self.owner.put(&path, &body);
        (answer.status, answer.body)
    }

    fn push(&self, user_name: &str) -> String {
        let client = ScimClient::new(
            &self.provisioned.tenant_url,
            Token::new(&self.provisioned.token),
        );
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": user_name,
            "name": { "givenName": "Jane", "familyName": "Doe" },
            "emails": [{ "value": user_name, "primary": true, "type": "work" }],
            "active": true,
        });
        let sent = client.send(&Request::new("POST", "/Users", Some(body)));
        let sent = sent.expect("the server answers");
        assert_eq!(sent.status, 201, "{sent:?}");
        text_of(&sent.body.expect("a body")["id"])
    }

    fn patch_user(&self, id: &str, path: &str, value: &Value) {
        let client = ScimClient::new(
            &self.provisioned.tenant_url,
            Token::new(&self.provisioned.token),
        );
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": path, "value": value }],
        });
        let sent = client.send(&Request::new("PATCH", format!("/Users/{id}"), Some(body)));
        let sent = sent.expect("the server answers");
        assert!(sent.status < 300, "{sent:?}");
    }

    /// The whole way through the provider with this browser; the last address.
    fn sign_in(&self, visitor: &mut Visitor, person: Person) -> String {
        self.okta.sign_in(person);
        let (_, seen) = visitor.follow(&self.begin_url("okta"));
        seen.last().expect("an address").clone()
    }

    /// As far as the provider's answer, which is not followed: the address it leads back to.
    fn until_answer(&self, visitor: &mut Visitor, person: Person) -> String {
        self.okta.sign_in(person);
        let out = visitor.get(&self.begin_url("okta"));
        assert_eq!(out.status, 303, "{}", out.body);
        Visitor::default().get(&out.location).location
    }

    fn refused(&self, last: &str, why: &str) {
        let wanted = format!("/sign-in/{}?refused={why}", self.organization);
        assert!(last.ends_with(&wanted), "{last}, not {wanted}");
    }

    /// The causes that Activity holds of sign-ins that were refused, newest first.
    fn causes(&self) -> Vec<String> {
        let path = "/activity?action=session.refused&kind=warning";
        let entries = self.owner.get(path).body;
        let items = entries["items"].as_array().expect("entries").clone();
        let cause = |entry: &Value| {
            let changes = entry["changes"].as_array().expect("changes").clone();
            let found = changes.iter().find(|change| change["field"] == "cause");
            found.map(|change| text_of(&change["after"]))
        };
        items.iter().filter_map(cause).collect()
    }
}

fn serve(folder: Arc<Home>, config: &str) -> Server {
    Server::over(folder, &["--config", config])
}

fn text_of(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn jane() -> Person {
    Person::named("00u-jane", "jane@acme.test")
}

fn whoami(server: &Server, visitor: &Visitor) -> Option<String> {
    let token = visitor.cookie(SESSION)?;
    let mut other = Visitor::default();
    other.put_cookie(SESSION, token);
    let page = other.get(&format!("{}/api/v1/session", server.url()));
    let body: Value = serde_json::from_str(&page.body).expect("JSON");
    body["label"].as_str().map(str::to_owned)
}

#[test]
fn a_pushed_member_signs_in_for_the_first_time_and_again_with_new_keys() {
    let stage = Stage::new();
    stage.push("jane@acme.test");
    let mut browser = Visitor::default();
    let page = browser.post(
        &format!("{}/sign-in", stage.server.url()),
        &[("email", "jane@acme.test")],
    );
    assert!(page.body.contains("Continue with Okta"), "{}", page.body);
    let last = stage.sign_in(&mut browser, jane());
    assert!(last.ends_with("/profile"), "{last}");
    assert_eq!(whoami(&stage.server, &browser).as_deref(), Some("Jane Doe"));
    assert_eq!(browser.cookie(BROWSER_KEY), None, "used up");
    // The subject decides from now on: another name and e-mail there change nothing here.
    let married = Person {
        user_name: "jane.smith@acme.test".to_owned(),
        email: "jane.smith@acme.test".to_owned(),
        ..jane()
    };
    stage.sign_in(&mut browser, married);
    assert_eq!(whoami(&stage.server, &browser).as_deref(), Some("Jane Doe"));
    let out = browser.post(&format!("{}/sign-out", stage.server.url()), &[]);
    assert!(
        out.body.contains("/login/signout"),
        "offers Okta's: {}",
        out.body
    );
    assert_eq!(browser.cookie(SESSION), None);
}

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
    // The test of the login method asks anew, whatever is kept.
    let test = stage
        .owner
        .post("/organization/login-methods/okta/test", &json!({}));
    assert_eq!(test.body["passed"], true, "{}", test.body);
    let mut browser = Visitor::default();
    stage.sign_in(&mut browser, jane());
    assert_eq!(whoami(&stage.server, &browser).as_deref(), Some("Jane Doe"));
}

#[test]
fn no_lie_of_a_token_opens_the_door_and_each_has_its_cause_in_activity() {
    let stage = Stage::new();
    stage.push("jane@acme.test");
    for (lie, cause) in [
        (Lie::Nonce, "another request"),
        (Lie::NoNonce, "another request"),
        (Lie::Issuer, "another issuer"),
        (Lie::Audience, "another application"),
        (Lie::SecondAudience, "another application"),
        (Lie::Expired(90), "too old or not valid yet"),
        (Lie::FromTheFuture(90), "too old or not valid yet"),
        (Lie::Unsigned, "not signed by a current key"),
        (Lie::HmacWithPublicKey, "not signed by a current key"),
        (Lie::UnknownKey, "not signed by a current key"),
        (Lie::WrongKey, "not signed by a current key"),
        (Lie::Tampered, "not signed by a current key"),
    ] {
        stage.okta.lie(Some(lie));
        let mut browser = Visitor::default();
        let last = stage.sign_in(&mut browser, jane());
        let nonce = matches!(lie, Lie::Nonce | Lie::NoNonce);
        stage.refused(&last, if nonce { "start-again" } else { "refused" });
        assert_eq!(browser.cookie(SESSION), None, "{lie:?}");
        let causes = stage.causes();
        assert!(
            causes.iter().any(|known| known.contains(cause)),
            "{lie:?}: {causes:?}"
        );
    }
    // Within the skew of a minute a clock may be wrong.
    for lie in [Lie::Expired(30), Lie::FromTheFuture(30)] {
        stage.okta.lie(Some(lie));
        let mut browser = Visitor::default();
        stage.sign_in(&mut browser, jane());
        assert!(browser.cookie(SESSION).is_some(), "{lie:?}");
    }
}

#[test]
fn an_answer_is_worth_nothing_twice_elsewhere_or_with_another_state() {
    let stage = Stage::new();
    stage.push("jane@acme.test");
    // Another state.
    let mut browser = Visitor::default();
    let answer = stage.until_answer(&mut browser, jane());
    let (before, _) = answer.split_once("state=").expect("a state");
    let code = answer.split_once("code=").expect("a code").1;
    let forged = format!("{before}state=forged&code={code}");
    stage.refused(&browser.get(&forged).location, "start-again");
    assert_eq!(browser.cookie(SESSION), None);
    // Another browser, with and without a key of its own: a victim is not signed in as somebody.
    let mut browser = Visitor::default();
    let answer = stage.until_answer(&mut browser, jane());
    let mut victim = Visitor::default();
    stage.refused(&victim.get(&answer).location, "start-again");
    assert_eq!(victim.cookie(SESSION), None);
    let mut browser = Visitor::default();
    let answer = stage.until_answer(&mut browser, jane());
    let mut victim = Visitor::default();
    stage.until_answer(&mut victim, jane());
    stage.refused(&victim.get(&answer).location, "start-again");
    assert_eq!(victim.cookie(SESSION), None);
    // Twice.
    let mut browser = Visitor::default();
    let answer = stage.until_answer(&mut browser, jane());
    let key = browser.cookie(BROWSER_KEY).expect("a key").to_owned();
    assert_eq!(browser.get(&answer).location, "/");
    let mut thief = Visitor::default();
    thief.put_cookie(BROWSER_KEY, &key);
    stage.refused(&thief.get(&answer).location, "start-again");
    assert_eq!(thief.cookie(SESSION), None);
    let causes = stage.causes().join("\n");
    assert!(
        causes.contains("another browser") && causes.contains("used before"),
        "{causes}"
    );
}

#[test]
fn a_code_of_another_client_or_another_organization_opens_nothing() {
    let stage = Stage::new();
    stage.push("jane@acme.test");
    // An attacker's own application at the same provider.
    stage
        .okta
        .register("evil", "secret", "https://evil.example/callback");
    let stolen = stage
        .okta
        .code_for("evil", "https://evil.example/callback", jane());
    let mut browser = Visitor::default();
    let answer = stage.until_answer(&mut browser, jane());
    let (before, _) = answer.split_once("code=").expect("a code");
    stage.refused(
        &browser.get(&format!("{before}code={stolen}")).location,
        "refused",
    );
    // A code for the right client that was made for another sign-in: the proof does not fit.
    let redirect = format!("{}/callback", stage.begin_url("okta"));
    let injected = stage.okta.code_for("rollcall", &redirect, jane());
    let answer = stage.until_answer(&mut browser, jane());
    let (before, _) = answer.split_once("code=").expect("a code");
    stage.refused(
        &browser.get(&format!("{before}code={injected}")).location,
        "refused",
    );
    // The answer of this organization at the address of another one.
    let answer = stage.until_answer(&mut browser, jane());
    let other = "01900000-0000-7000-8000-000000000001";
    let elsewhere = answer.replace(&stage.organization, other);
    let page = browser.get(&elsewhere);
    assert!(
        page.location.contains("refused=start-again"),
        "{}",
        page.location
    );
    assert_eq!(browser.cookie(SESSION), None);
}

#[test]
fn the_answer_of_one_provider_is_not_taken_for_the_others() {
    let stage = Stage::new();
    stage.push("jane@acme.test");
    let entra = Provider::start("/8d2a1c80-91a4-4b9a-9f0e-0e3f0c4f7b11/v2.0");
    assert_eq!(stage.save("entra", &entra, true).0, 200);
    let mut browser = Visitor::default();
    let answer = stage.until_answer(&mut browser, jane());
    let crossed = answer.replace("/okta/callback", "/entra/callback");
    stage.refused(&browser.get(&crossed).location, "start-again");
    let answer = stage.until_answer(&mut browser, jane());
    let issuer = serde_urlencoded::to_string([("iss", entra.issuer())]).expect("text");
    let (before, _) = answer.split_once("&iss=").expect("it states its issuer");
    stage.refused(
        &browser.get(&format!("{before}&{issuer}")).location,
        "start-again",
    );
    assert_eq!(browser.cookie(SESSION), None);
    assert!(
        stage
            .causes()
            .iter()
            .any(|cause| cause.contains("another provider"))
    );
}

#[test]
fn a_session_is_new_and_leads_nowhere_but_home() {
    let stage = Stage::new();
    stage.push("jane@acme.test");
    let mut browser = Visitor::default();
    browser.put_cookie(SESSION, "rcp_chosenByAnAttacker");
    stage.sign_in(&mut browser, jane());
    let session = browser.cookie(SESSION).expect("a session");
    assert_ne!(session, "rcp_chosenByAnAttacker", "SEC-10");
    for next in [
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example",
    ] {
        for name in ["next", "target_link_uri"] {
            let begin = format!("{}?{name}={next}", stage.begin_url("okta"));
            let out = browser.get(&begin);
            let answer = Visitor::default().get(&out.location).location;
            assert_eq!(browser.get(&answer).location, "/", "{name}={next}");
        }
    }
    let begin = format!("{}?next=/teams%3Fpage%3D2", stage.begin_url("okta"));
    let out = browser.get(&begin);
    let answer = Visitor::default().get(&out.location).location;
    assert_eq!(browser.get(&answer).location, "/teams?page=2");
    // Begun by the provider, with its own issuer and with another's.
    let own = serde_urlencoded::to_string([("iss", stage.okta.issuer())]).expect("text");
    let out = browser.get(&format!("{}?{own}", stage.begin_url("okta")));
    assert!(
        out.location.starts_with(&stage.okta.issuer()),
        "{}",
        out.location
    );
    let out = browser.get(&format!(
        "{}?iss=https://evil.example",
        stage.begin_url("okta")
    ));
    stage.refused(&out.location, "refused");
}

#[test]
fn the_same_is_said_whether_an_account_exists_or_not() {
    let stage = Stage::new();
    stage.push("jane@acme.test");
    let id = stage.push("joe@acme.test");
    stage.patch_user(&id, "active", &json!(false));
    let mut answers = Vec::new();
    for person in [
        Person::named("00u-nobody", "nobody@acme.test"),
        // Made by hand: found only when asked for while signed in.
        Person::named("00u-owner", "owner@acme.test"),
        Person::named("00u-joe", "joe@acme.test"),
        // The e-mail of a member that the provider has not verified.
        Person {
            user_name: "x@acme.test".to_owned(),
            email_verified: false,
            ..Person::named("00u-x", "jane@acme.test")
        },
    ] {
        let mut browser = Visitor::default();
        let last = stage.sign_in(&mut browser, person);
        stage.refused(&last, "refused");
        assert_eq!(browser.cookie(SESSION), None);
        answers.push(browser.get(&last).body);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert!(answers[0].contains("Activity") && answers[0].contains("Continue with Okta"));
    let mut browser = Visitor::default();
    let options = |browser: &mut Visitor, email: &str| {
        let form = [("email", email)];
        let page = browser.post(&format!("{}/sign-in", stage.server.url()), &form);
        page.body.replace(email, "")
    };
    let known = options(&mut browser, "jane@acme.test");
    assert_eq!(known, options(&mut browser, "nobody@nowhere.test"));
    let causes = stage.causes().join("\n");
    assert!(
        causes.contains("no member provisioned") && causes.contains("not active"),
        "{causes}"
    );
}

#[test]
fn an_account_is_never_moved_to_another_member() {
    let stage = Stage::new();
    let jane_id = stage.push("jane@acme.test");
    stage.sign_in(&mut Visitor::default(), jane());
    // Another account that now calls itself Jane: she is bound already.
    let mut browser = Visitor::default();
    let impostor = Person::named("00u-impostor", "jane@acme.test");
    stage.refused(&stage.sign_in(&mut browser, impostor.clone()), "refused");
    // Jane's user name goes to somebody new; her account stays hers.
    stage.patch_user(&jane_id, "userName", &json!("jane.old@acme.test"));
    stage.push("jane@acme.test");
    let mut browser = Visitor::default();
    stage.sign_in(&mut browser, jane());
    let session = browser.get(&format!("{}/api/v1/session", stage.server.url()));
    assert!(session.body.contains(&jane_id), "{}", session.body);
    // An owner ends the tie; then the next account may come.
    let path = format!("/members/{jane_id}/identities/okta");
    assert_eq!(stage.owner.delete(&path).status, 204);
    assert_eq!(
        browser
            .get(&format!("{}/api/v1/session", stage.server.url()))
            .status,
        401
    );
    assert_eq!(stage.owner.delete(&path).status, 404);
}

#[test]
fn sec_12_a_session_through_a_provider_ends_with_the_member_and_with_the_organizations_word() {
    let stage = Stage::new();
    let id = stage.push("jane@acme.test");
    let mut browser = Visitor::default();
    stage.sign_in(&mut browser, jane());
    let session = format!("{}/api/v1/session", stage.server.url());
    assert_eq!(browser.get(&session).status, 200);
    stage.patch_user(&id, "active", &json!(false));
    assert_eq!(browser.get(&session).status, 401);
    stage.refused(&stage.sign_in(&mut browser, jane()), "refused");
    stage.patch_user(&id, "active", &json!(true));
    stage.sign_in(&mut browser, jane());
    assert_eq!(browser.get(&session).status, 200);
    let saved = stage.save("okta", &stage.okta, false);
    assert_eq!(saved.0, 200);
    stage.refused(&stage.sign_in(&mut Visitor::default(), jane()), "refused");
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
    let folder = Arc::new(Home::new(Engine::Sqlite));
    let config = folder.path().join("sign-in.toml");
    std::fs::write(&config, format!("secret_key = \"{KEY}\"\n")).expect("a file");
    let server = serve(folder, config.to_str().expect("a path"));
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
fn an_owner_connects_an_account_switches_passwords_off_and_the_operator_opens_them_again() {
    let stage = Stage::new();
    let off = json!({ "enabled": false });
    let answer = stage
        .owner
        .put("/organization/login-methods/password", &off);
    assert_eq!(answer.body["code"], "invalid_state", "{}", answer.body);
    // The owner, made by hand, asks for it while signed in.
    stage
        .okta
        .sign_in(Person::named("00u-owner", "boss@elsewhere.test"));
    let mut browser = Visitor::default();
    let sign_in = format!("{}/sign-in", stage.server.url());
    let form = [("email", "owner@acme.test"), ("password", PASSWORD)];
    assert_eq!(browser.post(&sign_in, &form).status, 303);
    let connect = format!("{}/profile/connect/okta", stage.server.url());
    let page = browser.post(&connect, &[("current_password", "wrong")]);
    assert_eq!(page.status, 403);
    let page = browser.post(&connect, &[("current_password", PASSWORD)]);
    let href = page
        .body
        .split("href=\"")
        .find(|part| part.contains("/authorize"));
    let href = href
        .and_then(|part| part.split('"').next())
        .expect("a link");
    let answer = Visitor::default()
        .get(&href.replace("&#38;", "&").replace("&amp;", "&"))
        .location;
    // Who is not signed in any more does not get it, and neither does another member.
    assert_eq!(browser.get(&answer).location, "/profile?done=connected");
    let mut other = Visitor::default();
    other.follow(&stage.begin_url("okta"));
    assert_eq!(
        whoami(&stage.server, &other).as_deref(),
        Some("owner@acme.test")
    );
    let answer = stage
        .owner
        .put("/organization/login-methods/password", &off);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let page = Visitor::default().post(&sign_in, &form);
    assert_eq!(page.status, 403, "a password opens nothing now");
    // The last owner's only way in is not taken away.
    let disabled = stage.save("okta", &stage.okta, false);
    assert_eq!(disabled.1["code"], "last_owner", "{}", disabled.1);
    let released = stage.owner.delete("/profile/identities/okta");
    assert_eq!(released.body["code"], "last_owner", "{}", released.body);
    // The operator's way back in.
    let output = std::process::Command::new(rollcall_tests::binary())
        .args(["reset-password", "--email", "owner@acme.test", "--data-dir"])
        .arg(stage.server.folder())
        .output()
        .expect("it runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let password = told.rsplit("once: ").next().expect("it is printed").trim();
    let form = [("email", "owner@acme.test"), ("password", password)];
    assert_eq!(
        Visitor::default().post(&sign_in, &form).status,
        303,
        "{told}"
    );
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

#[test]
fn neither_page_nor_address_nor_log_nor_database_shows_anything_secret() {
    let stage = Stage::new();
    stage.push("jane@acme.test");
    let mut visitor = Visitor::default();
    stage.okta.sign_in(jane());
    let (_, seen) = visitor.follow(&stage.begin_url("okta"));
    let answer = seen
        .iter()
        .find(|url| url.contains("/callback"))
        .expect("it came back");
    let secret_of = |name: &str| {
        let value = answer.split_once(name).expect("it is there").1;
        value.split('&').next().expect("a value").to_owned()
    };
    let (code, marker) = (secret_of("code="), secret_of("state="));
    stage.okta.lie(Some(Lie::WrongKey));
    let last = stage.sign_in(&mut Visitor::default(), jane());
    let methods = stage
        .owner
        .get("/organization/login-methods")
        .body
        .to_string();
    let activity = stage.owner.get("/activity").body.to_string();
    let page = visitor.get(&last).body;
    let session = visitor.cookie(SESSION).expect("a session").to_owned();
    let log = stage.server.output();
    for secret in [SECRET, code.as_str(), marker.as_str(), session.as_str()] {
        for (place, text) in [
            ("login methods", &methods),
            ("activity", &activity),
            ("page", &page),
            ("address", &last),
            ("log", &log),
        ] {
            assert!(!text.contains(secret), "{place} shows {secret}");
        }
    }
    assert!(!log.contains("jane@acme.test"), "{log}");
    let folder = stage.server.kill();
    for file in ["rollcall.db", "rollcall.db-wal"] {
        let bytes = std::fs::read(folder.path().join(file)).unwrap_or_default();
        for secret in [SECRET, code.as_str(), marker.as_str(), session.as_str()] {
            let found = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "{file} holds {secret}");
        }
    }
}
