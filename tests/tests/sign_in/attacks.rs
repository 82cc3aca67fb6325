//! Everything that must not open the door.

use rollcall_openid_provider::{Lie, Provider};
use rollcall_tests::Visitor;

use super::{BROWSER_KEY, SECRET, SESSION, Stage, jane};

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
