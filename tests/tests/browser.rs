//! The Control Panel as its users meet it: a real Chromium in front of the real binary, and Okta,
//! simulated, behind it over HTTP. Where Chromium is not installed each test says so in one line;
//! `TEST_REQUIRE_BROWSER` turns that into a failure.

use rollcall_idp_simulator::http::{ScimClient, Token};
use rollcall_idp_simulator::observe::{Silent, Sleep};
use rollcall_idp_simulator::okta::{App, Dialect, Okta, OktaGroupId, OktaId, Profile, PushMode};
use rollcall_tests::{Browser, Key, PASSWORD, Provisioned, Server};
use serde_json::json;

const OWNER: &str = "owner@acme.test";

fn okta(provisioned: &Provisioned) -> Okta<'static> {
    let client = ScimClient::new(&provisioned.tenant_url, Token::new(&provisioned.token));
    Okta::new(client, App::new(Dialect::Catalogue), Silent, Sleep)
}

/// Who and what Okta pushes.
struct Cast {
    people: Vec<OktaId>,
    engineering: OktaGroupId,
    design: OktaGroupId,
}

impl Cast {
    fn pushed_by(okta: &mut Okta<'_>) -> Self {
        let names = [
            ("Jane", "Doe"),
            ("Omar", "Haddad"),
            ("Li", "Nguyễn"),
            ("Sofia", "Rossi"),
            ("Kwame", "Mensah"),
        ];
        let people: Vec<OktaId> = names
            .iter()
            .map(|(given, family)| {
                let email = format!("{}@acme.test", given.to_lowercase());
                okta.hire(Profile::new(given, family, &email))
            })
            .collect();
        let engineering = okta.form_group("Engineering", &people[..3]);
        let design = okta.form_group("Design", &people[1..]);
        let cast = Self {
            people,
            engineering,
            design,
        };
        cast.push(okta, PushMode::Create);
        cast
    }

    fn push(&self, okta: &mut Okta<'_>, engineering: PushMode) {
        for person in &self.people {
            okta.assign(person);
        }
        okta.push_group(&self.engineering, engineering);
        okta.push_group(&self.design, PushMode::Create);
        let findings = &okta.report().findings;
        assert!(findings.is_empty(), "{findings:?}");
    }
}

fn sign_in(browser: &Browser) {
    browser.open("/sign-in");
    browser.fill("E-mail", OWNER);
    browser.fill("Password", PASSWORD);
    browser.press("Sign in");
    browser.arrives_at("Members");
}

fn confirm(browser: &Browser, words: &str) {
    browser.fill("Your password", PASSWORD);
    browser.press(words);
}

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
}

/// Every export of the page is a file that downloads.
fn exports(browser: &Browser, page: &str, number: usize) {
    browser.open(page);
    let files = browser.script(
        "const links = [...document.querySelectorAll('.head a')].filter((a) => a.textContent.includes('Export')); \
         return Promise.all(links.map(async (a) => { const file = await fetch(a.href); \
         return [file.status, file.headers.get('content-disposition') ?? '']; }))",
    );
    let files = files.as_array().expect("a list");
    assert_eq!(files.len(), number, "{page}");
    for file in files {
        assert_eq!(file[0], json!(200), "{page}");
        let name = file[1].as_str().expect("a disposition");
        assert!(name.starts_with("attachment; filename="), "{page}: {name}");
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

/// An organization with everything in it that a page can show.
fn populated() -> (Server, Cast) {
    let server = Server::start();
    let owner = server.owner();
    let board = owner.post("/teams", &json!({ "name": "Board" }));
    assert_eq!(board.status, 201, "{}", board.body);
    let ada = json!({ "invitations": [{ "email": "ada@acme.test" }] });
    let invited = owner.post("/members/invite", &ada);
    assert!(invited.status < 300, "{}", invited.body);
    let mut okta = okta(&server.provision());
    let cast = Cast::pushed_by(&mut okta);
    (server, cast)
}

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
    assert_eq!(browser.count("dialog"), 0);
    assert_eq!(browser.focus(), "Delete", "focus returns");
    browser.key(Key::Enter);
    browser.wait_for("dialog[open]");
    browser.tab_to("Cancel");
    browser.key(Key::Enter);
    assert_eq!(browser.count("dialog"), 0);
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
