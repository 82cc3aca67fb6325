//! The whole story, from the one-time link to the activity.

use rollcall_idp_simulator::http::{ScimClient, Token};
use rollcall_idp_simulator::okta::{Okta, PushMode};
use rollcall_tests::{Browser, PASSWORD, Provisioned, Server};
use serde_json::json;

use super::{Cast, OWNER, confirm, okta};

/// Founds the organization through the one-time link, as its owner does.
fn found(browser: &Browser, server: &Server) {
    let output = server.output();
    let link = output
        .split_whitespace()
        .find(|word| word.contains("/setup/"));
    browser.open(link.expect("the first run prints a link"));
    browser.arrives_at("Set up Rollcall");
    browser.assert_accessible();
    browser.fill("Organization", "Acme");
    browser.fill("Your name", "Olivia Owens");
    browser.fill("E-mail", OWNER);
    browser.fill("Password", "short");
    browser.press("Create organization");
    browser.reads("at least 8 characters");
    assert_eq!(
        browser.value("Your name"),
        "Olivia Owens",
        "nothing is lost"
    );
    browser.fill("Password", PASSWORD);
    browser.press("Create organization");
    browser.arrives_at("Members");
    browser.reads("1 member");
}

/// Members and a team by hand (R09).
fn by_hand(browser: &Browser) {
    browser.open("/teams");
    browser.reads("There is no team yet");
    browser.press("Create team");
    browser.fill("Name", "Board");
    browser.press("Create team");
    browser.arrives_at("Board");
    browser.open("/members/invite");
    browser.fill(
        "E-mail addresses",
        "ada@acme.test\nnot an e-mail\nmax@acme.test",
    );
    browser.choose("Board", "");
    browser.press("Send invitations");
    browser.reads("2 of 3 done.");
    assert_eq!(browser.count("tbody .tag.bad"), 1);
}

/// Turns Okta on; what the page shows, once (R01, R02).
fn turn_on(browser: &Browser, again: bool) -> Provisioned {
    browser.open("/settings/provisioning");
    browser.press_on("[aria-label='Provisioning from Okta']");
    browser.arrives_at("Turn on provisioning from Okta?");
    if again {
        foretells(browser);
    }
    browser.fill("Your password", "a guess");
    browser.press("Turn on");
    browser.reads("This is not your current password.");
    confirm(browser, "Turn on");
    browser.arrives_at("Connect Okta");
    assert!(browser.says("no expiry") && browser.says("shown this once"));
    let provisioned = Provisioned {
        tenant_url: browser.value("Tenant URL"),
        token: browser.value("Secret Token"),
    };
    assert!(provisioned.tenant_url.ends_with("/v2"));
    provisioned
}

/// The preview lists what turning on again will do (R12, R13).
fn foretells(browser: &Browser) {
    let lists = browser.text("main");
    for line in [
        "Members no longer found: a new one will be created beside each\nOmar Haddad",
        "Teams no longer found: a new one will be created beside each\nBrand Design",
        "Omar Haddad leaves Engineering",
    ] {
        assert!(lists.contains(line), "{line} is missing in {lists}");
    }
    browser.picture("turn-on-again");
}

/// Copies both values, and waits in front of the steps until the test request has arrived.
fn copy_and_connect(browser: &Browser, okta: &mut Okta<'_>, shown: &Provisioned) {
    browser.press("Copy Secret Token");
    browser.announces("Copied");
    let copied = browser.script("return navigator.clipboard.readText()");
    assert_eq!(copied, json!(shown.token));
    browser.press("Copy Tenant URL");
    browser.press("Continue");
    browser.reads("Waiting for the test request…");
    browser.picture("connect-okta");
    okta.test_credentials();
    browser.wait_for(".waiting.good");
    browser.reads("Connected: Okta has sent a request.");
}

/// Badges, notices, disabled actions and the filtered picker (R06–R08, R10, R11).
fn side_by_side(browser: &Browser) {
    browser.open("/members");
    assert_eq!(browser.count("img[alt='Provisioned by Okta']"), 5);
    browser.reads("can be edited only in Okta");
    browser.reads("Important reminder");
    browser.picture("members");
    browser.prefer("dark");
    browser.picture("members-dark");
    browser.prefer("light");
    browser.press("Jane Doe");
    for action in ["Edit", "Change role", "Suspend", "Delete"] {
        assert!(browser.is_disabled(action), "{action} of a managed member");
    }
    browser.tab_to("Edit this in Okta");
    browser.picture("member");
    by_a_hand_made_request(browser);
    browser.open("/teams");
    assert_eq!(browser.count("img[alt='Provisioned by Okta']"), 2);
    browser.reads("can be edited only in Okta");
    browser.press("Engineering");
    for action in ["Add a member", "Rename", "Delete"] {
        assert!(browser.is_disabled(action), "{action} of a managed team");
    }
    browser.reads("Edit this in Okta");
    browser.open("/members/invite");
    let picker = browser.text("fieldset");
    assert!(picker.contains("Board") && !picker.contains("Engineering"));
    assert!(picker.contains("Only manually created teams are listed"));
    browser.picture("invite");
    browser.open("/teams");
    browser.press("Board");
    browser.press("Add a member");
    browser.choose("Jane Doe jane@acme.test", "");
    browser.press("Add to team");
    browser.reads("Added to the team.");
    assert_eq!(browser.count("img[alt='Provisioned by Okta']"), 1);
}

/// A form that no page offers is refused with the sentence that the page shows (R07).
fn by_a_hand_made_request(browser: &Browser) {
    let path = browser.path();
    browser.run(&format!(
        "const form = document.createElement('form'); form.method = 'post'; \
         form.action = '{path}/delete'; document.body.append(form); form.submit();"
    ));
    browser.wait_for("main .intro");
    browser.reads("Edit this in Okta");
}

/// Off; two things are edited (R12).
fn turn_off_and_edit(browser: &Browser) {
    browser.open("/settings/provisioning");
    browser.press_on("[aria-label='Provisioning from Okta']");
    browser.arrives_at("Turn off provisioning from Okta?");
    for what in [
        "What stops at once",
        "What stays",
        "When it is turned on again",
    ] {
        assert!(browser.says(what));
    }
    browser.picture("turn-off");
    confirm(browser, "Turn off");
    browser.reads("Provisioning is off.");
    browser.open("/members");
    assert_eq!(
        browser.count("img[alt='Provisioned by Okta']"),
        5,
        "icons stay (R08)"
    );
    assert!(!browser.says("can be edited only in Okta"));
    browser.press("Omar Haddad");
    browser.press("Edit");
    browser.fill("E-mail", "omar.haddad@acme.test");
    browser.press("Save");
    browser.reads("Saved.");
    browser.open("/teams");
    browser.press("Design");
    browser.press("Rename");
    browser.fill("Name", "Brand Design");
    browser.press("Rename");
    browser.arrives_at("Brand Design");
}

/// On again: exactly the two that were edited have a new one beside them (R13).
fn duplicates(browser: &Browser) {
    browser.open("/members?search=omar");
    browser.reads("2 members");
    assert_eq!(browser.count("tbody .lost"), 1, "one is no longer found");
    browser.open("/members");
    assert!(browser.says("9 members"), "{}", browser.text("main"));
    assert_eq!(browser.count("tbody .lost"), 1);
    browser.open("/teams");
    browser.reads("4 teams");
    browser.picture("teams");
    browser.press("Brand Design");
    browser.reads("No longer found by Okta");
    assert!(!browser.is_disabled("Rename"), "a lost team is editable");
    browser.open("/teams");
    browser.press("Design");
    assert!(browser.is_disabled("Rename"), "the new one is managed");
}

/// *Activity > Actions* shows it all (R14).
fn activity(browser: &Browser) {
    browser.open("/activity");
    for action in [
        "Provisioning turned on",
        "Provisioning turned off",
        "Member created",
        "Member invited",
        "Team renamed",
        "Member added to team",
        "Member no longer found",
        "Team no longer found",
    ] {
        assert!(browser.says(action), "{action} is missing");
    }
    browser.choose("Action", "Team renamed");
    browser.press("Apply");
    browser.reads("1 action, newest first");
    assert!(browser.path().contains("action=team.renamed"));
    browser.press("Team renamed");
    let change = browser.text(".changes tbody");
    assert!(change.contains("Design") && change.contains("Brand Design"));
    exports(browser, "/activity", 2);
    exports(browser, "/members", 1);
    browser.open("/activity");
    browser.picture("activity");
    browser.prefer("dark");
    browser.picture("activity-dark");
    browser.prefer("light");
}

/// Every export of the page is a file that downloads: CSV, or a JSON object a line.
fn exports(browser: &Browser, page: &str, number: usize) {
    browser.open(page);
    let files = browser.script(
        "const links = [...document.querySelectorAll('.head a')].filter((a) => a.textContent.includes('Export')); \
         return Promise.all(links.map(async (a) => { const file = await fetch(a.href); \
         const kind = file.headers.get('content-type') ?? ''; const text = await file.text(); \
         const sound = kind.startsWith('text/csv') ? text.includes('\\r\\n') : \
         text.trim().split('\\n').every((line) => JSON.parse(line).id); \
         return [file.status, file.headers.get('content-disposition') ?? '', sound]; }))",
    );
    let files = files.as_array().expect("a list");
    assert_eq!(files.len(), number, "{page}");
    for file in files {
        assert_eq!(file[0], json!(200), "{page}");
        let name = file[1].as_str().expect("a disposition");
        assert!(name.starts_with("attachment; filename="), "{page}: {name}");
        assert_eq!(file[2], json!(true), "{page}: {name} is what it says");
    }
}

#[test]
fn the_whole_story_is_told_by_the_pages_from_the_set_up_link_to_the_activity() {
    let server = Server::empty();
    let Some(browser) = Browser::start(server.url()) else {
        return;
    };
    browser.allow_clipboard();
    found(&browser, &server);
    by_hand(&browser);
    let shown = turn_on(&browser, false);
    browser.picture("credentials");
    let mut okta = okta(&shown);
    copy_and_connect(&browser, &mut okta, &shown);
    let cast = Cast::pushed_by(&mut okta);
    side_by_side(&browser);
    browser.open("/settings/provisioning");
    browser.picture("provisioning");
    turn_off_and_edit(&browser);
    let shown = turn_on(&browser, true);
    okta.connect(ScimClient::new(&shown.tenant_url, Token::new(&shown.token)));
    okta.forget_links();
    cast.push(&mut okta, PushMode::Link);
    duplicates(&browser);
    activity(&browser);
    browser.assert_clean();
}
