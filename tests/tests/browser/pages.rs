//! Every page as different people use it: narrow, dark, without scripts, by the keyboard.

use rollcall_idp_simulator::okta::{Profile, PushMode};
use rollcall_tests::{Browser, Key, PASSWORD, Server};
use serde_json::json;

use super::{OWNER, confirm, okta, populated, sign_in};

/// The address of the page that a link with these words leads to.
fn leads_to(browser: &Browser, list: &str, words: &str) -> String {
    browser.open(list);
    browser.press(words);
    browser.wait_for(".crumbs");
    browser.path()
}

/// Every kind of page there is.
fn pages(browser: &Browser) -> Vec<String> {
    let managed = leads_to(browser, "/members", "Jane Doe");
    let invited = leads_to(browser, "/members", "ada@acme.test");
    let managed_team = leads_to(browser, "/teams", "Engineering");
    let team = leads_to(browser, "/teams", "Board");
    let mut pages: Vec<String> = [
        "/members",
        "/members?search=nobody",
        "/members?sort=created&direction=desc",
        "/members/invite",
        "/teams",
        "/teams/new",
        "/activity",
        "/settings/provisioning",
        "/settings/provisioning/okta/off",
        "/settings/provisioning/okta/credentials",
        "/settings/provisioning/okta/connect",
        "/settings/provisioning/okta/compatibility",
        "/settings/provisioning/entra/on",
        "/settings/login-methods",
        "/settings/organization",
        "/profile",
        "/profile/password",
        "/nothing",
    ]
    .map(str::to_owned)
    .into();
    for page in ["edit", "role", "resend", "cancel", "delete"] {
        pages.push(format!("{invited}/{page}"));
    }
    for page in ["rename", "add", "delete"] {
        pages.push(format!("{team}/{page}"));
    }
    pages.extend([managed, invited, managed_team, team]);
    pages
}

#[test]
fn every_page_is_accessible_in_light_and_dark_and_as_narrow_as_at_400_percent() {
    let (server, _cast) = populated();
    let Some(browser) = Browser::start(server.url()) else {
        return;
    };
    browser.open("/sign-in");
    browser.assert_accessible();
    browser.open("/password-reset");
    browser.assert_accessible();
    sign_in(&browser);
    for page in pages(&browser) {
        browser.open(&page);
        for (scheme, width) in [
            ("light", 1280),
            ("dark", 1280),
            ("dark", 360),
            ("light", 320),
        ] {
            browser.prefer(scheme);
            browser.resize(width, 800);
            browser.assert_accessible();
        }
    }
    browser.assert_clean();
}

#[test]
fn everything_works_without_scripts() {
    let (server, _cast) = populated();
    let Some(browser) = Browser::start(server.url()) else {
        return;
    };
    browser.without_scripts();
    sign_in(&browser);
    browser.fill("Search members", "jane");
    browser.press("Apply");
    browser.wait_for("input[value=jane]");
    assert!(browser.path().contains("search=jane") && browser.says("1 member"));
    browser.open("/members");
    browser.choose("Choose ada@acme.test", "");
    browser.choose("Choose Jane Doe", "");
    browser.press("Suspend");
    browser.arrives_at("Suspend 2 members?");
    browser.press("Continue");
    browser.reads("0 of 2 done.");
    browser.reads("Edit this in Okta");
    browser.open("/teams/new");
    browser.fill("Name", "Ops");
    browser.choose("Omar Haddad omar@acme.test", "");
    browser.fill("Search members", "li@");
    browser.press("Search");
    browser.wait_for("input[value='li@']");
    assert_eq!(browser.value("Name"), "Ops", "the search keeps the name");
    browser.press("Create team");
    browser.reads("1 member");
    browser.press("Delete");
    browser.arrives_at("Delete Ops?");
    browser.press("Cancel");
    browser.arrives_at("Ops");
    browser.press("Delete");
    browser.press("Delete");
    browser.reads("Deleted.");
    browser.open("/settings/provisioning");
    browser.press_on("[aria-label='Provisioning from Microsoft Entra ID']");
    confirm(&browser, "Turn on");
    assert_eq!(browser.count("button[data-copy]:not([hidden])"), 0);
    browser.press("Continue");
    browser.reads("Waiting for the test request…");
    browser.open("/activity");
    browser.press_on("tbody summary");
    assert!(
        browser
            .text("tbody")
            .contains("Everything this request did")
    );
    browser.assert_clean();
}

#[test]
fn everything_is_reached_by_the_keyboard_alone() {
    let (server, _cast) = populated();
    let Some(browser) = Browser::start(server.url()) else {
        return;
    };
    browser.open("/sign-in");
    browser.tab_to("E-mail");
    browser.keys(OWNER);
    browser.key(Key::Enter);
    browser.reads("Use another e-mail");
    browser.tab_to("Password");
    browser.keys(PASSWORD);
    browser.key(Key::Enter);
    browser.wait_for("table");
    browser.tab_to("Skip to content");
    browser.key(Key::Enter);
    browser.tab_to("Export CSV");
    browser.open("/settings/provisioning");
    browser.tab_to("Provisioning from Okta");
    browser.key(Key::Space);
    browser.reads("What stops at once");
    browser.tab_to("Cancel");
    browser.key(Key::Enter);
    browser.reads("Last turned on");
    let team = leads_to(&browser, "/teams", "Board");
    browser.open(&team);
    browser.tab_to("Delete");
    browser.key(Key::Enter);
    browser.wait_for("dialog[open]");
    browser.assert_accessible();
    browser.picture("delete-team");
    browser.key(Key::Escape);
    browser.wait_gone("dialog");
    assert_eq!(browser.focus(), "Delete", "focus returns");
    browser.key(Key::Enter);
    browser.wait_for("dialog[open]");
    browser.tab_to("Cancel");
    browser.key(Key::Enter);
    browser.wait_gone("dialog");
    browser.key(Key::Enter);
    browser.wait_for("dialog[open]");
    browser.press("Delete");
    browser.reads("Deleted.");
    browser.assert_clean();
}

#[test]
fn at_360_pixels_the_menu_opens_and_every_act_is_there() {
    let (server, _cast) = populated();
    let Some(browser) = Browser::start(server.url()) else {
        return;
    };
    browser.resize(360, 740);
    sign_in(&browser);
    browser.picture("members-360");
    assert_eq!(
        browser.script("return document.querySelector('#menu').checkVisibility()"),
        json!(false)
    );
    browser.press("Menu");
    browser.assert_accessible();
    browser.press("User provisioning");
    browser.arrives_at("User provisioning");
    browser.picture("provisioning-360");
    browser.press("Menu");
    browser.key(Key::Escape);
    assert_eq!(browser.focus(), "Menu", "focus returns");
    browser.open("/members");
    browser.choose("Choose ada@acme.test", "");
    browser.reads("1 chosen");
    browser.assert_accessible();
    browser.press("Delete");
    browser.press("Continue");
    browser.reads("0 of 1 done.");
    browser.reads("The invitation is not accepted yet: cancel it.");
    browser.assert_clean();
}

#[test]
fn sec_23_what_a_directory_sends_is_shown_as_text() {
    let server = Server::start();
    let Some(browser) = Browser::start(server.url()) else {
        return;
    };
    let mut okta = okta(&server.provision());
    let name = "<script>document.title='owned'</script>";
    let profile = Profile::new("Eve", "Mallory", "eve@acme.test").with("displayName", json!(name));
    let eve = okta.hire(profile);
    okta.assign(&eve);
    let group = okta.form_group("<img src=x onerror=document.title='owned'>", &[eve]);
    okta.push_group(&group, PushMode::Create);
    sign_in(&browser);
    for page in ["/members", "/teams", "/activity"] {
        browser.open(page);
        assert_eq!(browser.count("main script, main img[src=x]"), 0, "{page}");
        browser.reads("document.title='owned'");
        browser.assert_accessible();
    }
    browser.assert_clean();
}
