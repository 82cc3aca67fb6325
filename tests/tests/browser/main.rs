//! The Control Panel as its users meet it: a real Chromium in front of the real binary, and Okta,
//! simulated, behind it over HTTP. Where Chromium is not installed each test says so in one line;
//! `TEST_REQUIRE_BROWSER` turns that into a failure.

mod buttons;
mod pages;
mod people;
mod story;
mod through_okta;

use rollcall_idp_simulator::http::{ScimClient, Token};
use rollcall_idp_simulator::observe::{Silent, Sleep};
use rollcall_idp_simulator::okta::{App, Dialect, Okta, OktaGroupId, OktaId, Profile, PushMode};
use rollcall_tests::{Browser, PASSWORD, Provisioned, Server};
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
    browser.press("Continue");
    browser.fill("Password", PASSWORD);
    browser.press("Sign in");
    browser.arrives_at("Members");
}

fn confirm(browser: &Browser, words: &str) {
    browser.fill("Your password", PASSWORD);
    browser.press(words);
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
