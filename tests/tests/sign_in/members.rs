//! People who sign in through a provider: the first time, again, and no further than they may.

use rollcall_openid_provider::Person;
use rollcall_tests::{PASSWORD, Visitor};
use serde_json::json;

use super::{BROWSER_KEY, SESSION, Stage, jane, session, whoami};

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
    let session = session(&stage.server, &browser).expect("a session");
    let elsewhere = session["provider_sign_out_url"].as_str();
    let elsewhere = elsewhere.unwrap_or_default().to_owned();
    assert!(elsewhere.ends_with("/login/signout"), "{session}");
    let out = browser.post(&format!("{}/sign-out", stage.server.url()), &[]);
    assert!(out.body.contains(&elsewhere), "{}", out.body);
    assert_eq!(browser.cookie(SESSION), None);
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
