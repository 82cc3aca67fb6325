//! Who is invited, and whom an owner lets a directory take over.

use rollcall_idp_simulator::okta::Profile;
use rollcall_tests::{Browser, PASSWORD, Server};

use super::{OWNER, confirm, okta, sign_in};

/// The link in the mail to this address, once it was delivered.
fn mailed_link(server: &Server, to: &str) -> Option<String> {
    let mails = std::fs::read_dir(server.folder().join("mail")).ok()?;
    let texts = mails.filter_map(|mail| std::fs::read_to_string(mail.ok()?.path()).ok());
    let mail = texts.into_iter().find(|text| text.contains(to))?;
    let link = mail
        .split_whitespace()
        .find(|word| word.contains("/invitations/"));
    link.map(str::to_owned)
}

/// Opens the link of the invitation. Delivery takes a moment; the reload is what waits.
fn open_invitation(browser: &Browser, server: &Server, to: &str) {
    for _ in 0..500 {
        if let Some(link) = mailed_link(server, to) {
            return browser.open(&link);
        }
        browser.open("/sign-in");
    }
    panic!("no mail comes for {to}");
}

#[test]
fn an_invited_person_accepts_and_sees_their_own_profile_alone() {
    let server = Server::start();
    let Some(browser) = Browser::start(server.url()) else {
        return;
    };
    sign_in(&browser);
    browser.open("/settings/organization");
    browser.fill("Seat limit", "many");
    browser.press("Save");
    browser.reads("Seat limit must be a number");
    assert_eq!(browser.value("Seat limit"), "many", "nothing is lost");
    browser.fill("Seat limit", "2");
    browser.press("Save");
    browser.reads("Saved.");
    browser.open("/members/invite");
    browser.fill("E-mail addresses", "ada@acme.test\nmax@acme.test");
    browser.press("Send invitations");
    browser.reads("1 of 2 done.");
    browser.reads("2 of 2 seats are in use");
    browser.press("Correct the refused ones");
    browser.arrives_at("Invite new member");
    assert_eq!(browser.value("E-mail addresses"), "max@acme.test");
    browser.open("/members");
    browser.reads("2 of 2 seats in use");
    browser.assert_accessible();
    browser.press("Sign out");
    browser.reads("You are signed out.");
    open_invitation(&browser, &server, "ada@acme.test");
    browser.arrives_at("Join Acme");
    browser.assert_accessible();
    browser.fill("Your name", "Ada Adams");
    browser.fill("Choose a password", "short");
    browser.press("Accept invitation");
    browser.reads("at least 8 characters");
    assert_eq!(browser.value("Your name"), "Ada Adams", "nothing is lost");
    browser.fill("Choose a password", PASSWORD);
    browser.press("Accept invitation");
    browser.arrives_at("Your profile");
    assert_eq!(
        browser.count("nav[aria-label=Main] a"),
        0,
        "no page of an admin"
    );
    browser.assert_accessible();
    browser.open("/members");
    browser.arrives_at("Not permitted");
    browser.open("/profile");
    browser.fill("Display name", "Ada A. Adams");
    browser.press("Save");
    browser.reads("Saved.");
    browser.press("Change password");
    browser.fill("Current password", PASSWORD);
    browser.fill("New password", "another long pass phrase");
    browser.press("Change password");
    browser.reads("Your password was changed.");
    browser.assert_clean();
}

#[test]
fn an_owner_allows_the_link_that_a_directory_was_refused() {
    let server = Server::start();
    let Some(browser) = Browser::start(server.url()) else {
        return;
    };
    let provisioned = server.provision();
    let mut okta = okta(&provisioned);
    let owner = okta.hire(Profile::new("Olivia", "Owens", OWNER));
    assert!(
        !okta.assign(&owner).ok(),
        "an owner is never taken over silently"
    );
    sign_in(&browser);
    browser.open("/settings/provisioning");
    browser.reads("Waiting for an owner");
    browser.reads("Push of an owner or admin refused");
    browser.assert_accessible();
    browser.press("Allow owner@acme.test");
    browser.arrives_at("Allow this link?");
    confirm(&browser, "Allow for 24 hours");
    browser.reads("Allowed until");
    browser.press("Issue new credentials");
    browser.reads("What stops at once");
    confirm(&browser, "Issue new credentials");
    browser.arrives_at("Connect Okta");
    assert_eq!(browser.value("Tenant URL"), provisioned.tenant_url);
    assert_ne!(browser.value("Secret Token"), provisioned.token);
    assert!(
        !okta.test_credentials().ok(),
        "the old token is refused (R03)"
    );
    browser.assert_clean();
}
