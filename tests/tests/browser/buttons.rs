//! What is pressed less often: every button of a member, a team, a list and the own sessions.

use rollcall_tests::{Browser, PASSWORD, Panel, Server};
use serde_json::{Value, json};

use super::{OWNER, populated, sign_in};

/// Presses a button that asks first, and answers yes.
fn press_and_confirm(browser: &Browser, button: &str, yes: &str) {
    browser.press(button);
    browser.wait_for("dialog[open]");
    browser.press(yes);
}

/// Suspend, Activate, Resend and Cancel, each with its question.
#[test]
fn a_member_is_suspended_and_activated_and_an_invitation_resent_and_cancelled() {
    let (server, _cast) = populated();
    let Some(browser) = Browser::start(server.url()) else {
        return;
    };
    let confirmed = json!({ "current_password": PASSWORD });
    let off = server
        .owner()
        .post("/provisioning/okta/disable", &confirmed);
    assert!(off.status < 300, "{}", off.body);
    sign_in(&browser);
    browser.press("Jane Doe");
    press_and_confirm(&browser, "Suspend", "Suspend");
    browser.reads("The member is suspended and signed out.");
    assert!(browser.text(".facts").contains("Suspended"));
    browser.press("Activate");
    browser.arrives_at("Activate Jane Doe?");
    browser.assert_accessible();
    browser.press("Activate");
    browser.reads("The member is active again.");
    assert!(browser.text(".facts").contains("Active"));

    browser.open("/members");
    browser.press("ada@acme.test");
    browser.press("Resend invitation");
    browser.arrives_at("Resend the invitation to ada@acme.test?");
    browser.press("Resend invitation");
    browser.reads("The old link no longer works.");
    browser.press("Cancel invitation");
    browser.wait_for("dialog[open]");
    browser.press("Cancel");
    browser.wait_gone("dialog");
    press_and_confirm(&browser, "Cancel invitation", "Cancel invitation");
    browser.reads("The invitation was cancelled.");
    assert_eq!(browser.count("tbody a[href]"), 6, "ada is gone");
    browser.assert_clean();
}

#[test]
fn a_member_is_removed_from_a_team_and_stays_in_the_organization() {
    let (server, _cast) = populated();
    let Some(browser) = Browser::start(server.url()) else {
        return;
    };
    sign_in(&browser);
    browser.open("/teams");
    browser.press("Board");
    browser.press("Add a member");
    browser.choose("Omar Haddad omar@acme.test", "");
    browser.press("Add to team");
    browser.reads("Added to the team.");
    browser.press("Remove Omar Haddad");
    browser.wait_for("dialog[open]");
    browser.reads("They stay a member of the organization and can be added again.");
    browser.press("Remove");
    browser.reads("Removed from the team.");
    browser.reads("Nobody is in this team yet");
    browser.open("/members?search=omar");
    browser.reads("1 member");
    browser.assert_clean();
}

#[test]
fn a_long_list_is_turned_over_and_back() {
    let server = Server::start();
    let Some(browser) = Browser::start(server.url()) else {
        return;
    };
    let emails: Vec<Value> = (0..104)
        .map(|number| json!({ "email": format!("m{number:03}@acme.test") }))
        .collect();
    for some in emails.chunks(52) {
        let body = json!({ "invitations": some });
        let invited = server.owner().post("/members/invite", &body);
        assert!(invited.status < 300, "{}", invited.body);
    }
    sign_in(&browser);
    let first = "tbody tr:first-child th a";
    browser.open("/members?status=invited&order=email+asc");
    browser.reads("104 members");
    assert_eq!(browser.text(first), "m000@acme.test");
    assert_eq!(browser.count("tbody tr"), 50);
    assert_eq!(browser.count("a[rel=prev]"), 0);
    for (link, begins) in [
        ("Next", "m050@acme.test"),
        ("Next", "m100@acme.test"),
        ("Previous", "m050@acme.test"),
        ("Previous", "m000@acme.test"),
        ("Next", "m050@acme.test"),
        ("First page", "m000@acme.test"),
    ] {
        browser.press(link);
        browser.reads(begins);
        assert_eq!(browser.text(first), begins, "{link}");
        assert!(
            browser.path().contains("status=invited"),
            "keeps the filter"
        );
    }
    browser.assert_clean();
}

#[test]
fn other_sessions_are_signed_out_and_this_one_stays() {
    let server = Server::start();
    let Some(browser) = Browser::start(server.url()) else {
        return;
    };
    let elsewhere = Panel::signed_in(server.url(), OWNER, PASSWORD);
    sign_in(&browser);
    browser.open("/profile");
    assert_eq!(browser.count(".lines .tag.good"), 1, "one is this one");
    browser.press("Sign out of other sessions");
    browser.reads("Your other sessions were signed out.");
    browser.reads("You are signed in nowhere else.");
    assert_eq!(elsewhere.get("/session").status, 401);
    browser.assert_clean();
}
