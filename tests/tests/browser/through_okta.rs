//! Signing in through Okta as an owner sets it up and a provisioned member meets it.

use std::sync::Arc;

use rollcall_idp_simulator::okta::Profile;
use rollcall_openid_provider::{Person, Provider};
use rollcall_tests::{Browser, Engine, Home, Server};
use serde_json::json;

use super::{okta, sign_in};

const SECRET: &str = "the-client-secret-of-the-application";
const JANE: &str = "jane@acme.test";

/// A service that may ask a provider on this machine.
fn serve() -> Server {
    let home = Arc::new(Home::new(Engine::Sqlite));
    Server::configured(home, "[login]\nprivate_providers = true\n")
}

/// From the reminder to *Settings > Login methods > Okta* (R06), where the redirect URI is shown.
fn from_the_reminder_to_the_settings(browser: &Browser) -> String {
    browser.open("/members");
    browser.reads("1 member cannot sign in: enable it.");
    browser.press_on("[aria-label='Important reminder'] a");
    browser.arrives_at("Login methods");
    browser.picture("login-methods");
    browser.press("Set up Okta");
    browser.arrives_at("Sign in with Okta");
    let redirect = browser.value("Sign-in redirect URI");
    browser.press("Copy redirect URI");
    browser.announces("Copied");
    let copied = browser.script("return navigator.clipboard.readText()");
    assert_eq!(copied, json!(redirect));
    redirect
}

fn fill_in(browser: &Browser, provider: &Provider) {
    browser.choose("Members can sign in with Okta", "");
    browser.fill("Client ID", "rollcall");
    browser.fill("Client Secret", SECRET);
    browser.fill("Base URL", &provider.base_url());
    browser.fill("Audience", "api://rollcall");
}

/// *Test* with a wrong issuer, in words, and with the right one.
fn save_and_test(browser: &Browser, provider: &Provider) {
    browser.fill("Issuer", "not an address");
    browser.press("Save");
    browser.wait_for("[role=alert]");
    assert_eq!(browser.value("Client ID"), "rollcall", "nothing is lost");
    browser.fill("Issuer", &provider.base_url());
    browser.fill("Client Secret", SECRET);
    browser.press("Save");
    browser.reads("Saved.");
    assert_eq!(browser.value("Client Secret"), "", "never read back");
    browser.press("Test");
    browser.reads("The test failed:");
    browser.assert_accessible();
    browser.open("/members");
    browser.reads("Okta failed its last test as a login method. 1 member cannot sign in: mend it.");
    browser.open("/settings/login-methods/okta");
    browser.fill("Issuer", &provider.issuer());
    browser.press("Save");
    browser.reads("Saved.");
    browser.press("Test");
    browser.reads("Last tested");
    assert!(!browser.says("The test failed"), "{}", browser.text("main"));
    browser.picture("login-method-okta");
    narrow(browser, "login-method");
    browser.open("/members");
    browser.reads("2 members");
    assert!(!browser.says("Important reminder"), "R06");
}

/// As narrow as a telephone, dark and light, and as it was.
fn narrow(browser: &Browser, picture: &str) {
    for scheme in ["dark", "light"] {
        browser.prefer(scheme);
        browser.resize(360, 740);
        browser.assert_accessible();
        browser.picture(&format!("{picture}-360-{scheme}"));
    }
    browser.resize(1280, 900);
}

fn sign_out(browser: &Browser) {
    browser.press("Sign out");
    browser.reads("signed out");
}

/// E-mail first, then the way in that the organization has.
fn continue_with_okta(browser: &Browser) {
    browser.open("/sign-in");
    browser.fill("E-mail", JANE);
    browser.press("Continue");
    browser.press("Continue with Okta");
}

#[test]
fn a_provisioned_member_signs_in_through_okta_until_the_directory_deactivates_them() {
    let server = serve();
    let Some(browser) = Browser::start(server.url()) else {
        return;
    };
    let provider = Provider::start("/oauth2/default");
    browser.may_go_to(&provider.base_url());
    browser.allow_clipboard();
    let mut okta = okta(&server.provision());
    let jane = okta.hire(Profile::new("Jane", "Doe", JANE));
    okta.assign(&jane);
    sign_in(&browser);
    let redirect = from_the_reminder_to_the_settings(&browser);
    provider.register("rollcall", SECRET, &redirect);
    fill_in(&browser, &provider);
    save_and_test(&browser, &provider);
    sign_out(&browser);

    provider.sign_in(Person::named("00u-jane", JANE));
    browser.open("/sign-in");
    browser.fill("E-mail", JANE);
    browser.press("Continue");
    browser.wait_for(".provider");
    browser.picture("sign-in");
    narrow(&browser, "sign-in");
    browser.press("Continue with Okta");
    browser.arrives_at("Your profile");
    browser.reads("Jane Doe");
    browser.assert_accessible();

    okta.deactivate(&jane);
    browser.press("Change password");
    browser.arrives_at("Sign in");
    continue_with_okta(&browser);
    browser.wait_for("[role=alert]");
    browser.assert_accessible();

    okta.reactivate(&jane);
    browser.press("Continue with Okta");
    browser.arrives_at("Your profile");
    sign_out(&browser);
    browser.reads("You may still be signed in at Okta");
    narrow(&browser, "signed-out");
    assert!(okta.report().findings.is_empty(), "{:?}", okta.report());
    browser.assert_clean();
}

#[test]
fn an_answer_that_nobody_asked_for_gets_a_plain_page_with_a_way_back_and_no_session() {
    let server = serve();
    let Some(browser) = Browser::start(server.url()) else {
        return;
    };
    let provider = Provider::start("/oauth2/default");
    browser.may_go_to(&provider.base_url());
    let mut okta = okta(&server.provision());
    let jane = okta.hire(Profile::new("Jane", "Doe", JANE));
    okta.assign(&jane);
    sign_in(&browser);
    browser.open("/settings/login-methods/okta");
    let redirect = browser.value("Sign-in redirect URI");
    provider.register("rollcall", SECRET, &redirect);
    fill_in(&browser, &provider);
    browser.fill("Issuer", &provider.issuer());
    browser.press("Save");
    browser.reads("Saved.");
    sign_out(&browser);

    browser.open(&format!("{redirect}?state=forged&code=stolen"));
    browser.arrives_at("Sign in");
    let said = browser.text("[role=alert]");
    assert!(said.contains("again"), "{said}");
    assert!(!browser.path().contains("forged") && !browser.path().contains("stolen"));
    narrow(&browser, "sign-in-refused");
    browser.open("/profile");
    browser.arrives_at("Sign in");

    // The way back leads in.
    provider.sign_in(Person::named("00u-jane", JANE));
    browser.open(&format!("{redirect}?state=forged&code=stolen"));
    browser.press("Continue with Okta");
    browser.arrives_at("Your profile");
    sign_out(&browser);

    // What the page keeps to itself, an admin reads in Activity.
    sign_in(&browser);
    browser.open("/activity");
    browser.choose("Action", "Sign-in refused");
    browser.press("Apply");
    // The page that was filtered has such rows, too.
    browser.wait_for("option[value='session.refused'][selected]");
    browser.press_on("tbody summary");
    let row = browser.text("tbody");
    assert!(row.contains("Sign-in refused"), "{row}");
    browser.picture("activity-refused");
    narrow(&browser, "activity-refused");

    // An account that was made anew in Okta: the old tie is ended, after a question.
    browser.open("/members");
    browser.press("Jane Doe");
    browser.reads("Okta account");
    browser.picture("member-account");
    browser.press("Disconnect Okta");
    browser.wait_for("dialog[open]");
    browser.reads("Every session of theirs ends at once.");
    browser.assert_accessible();
    browser.press("Disconnect");
    browser.reads("The account is no longer connected.");
    assert!(!browser.says("Okta account"));
    browser.assert_clean();
}
