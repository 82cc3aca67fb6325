//! Users: matched and created, changed in both dialects, disabled, restored, deleted.

use serde_json::{Value, json};

use super::{Entra, Flag, Person, get, patch, request};
use crate::check::{self, Expectation, Is};
use crate::http::{Space, encode_query};
use crate::observe::Step;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Whether somebody may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// They may.
    Enabled,
    /// They may not: unassigned, disabled, or deleted softly.
    Disabled,
}

impl Entra<'_> {
    /// A person comes into scope: looked for by the user name, then created.
    pub fn create_user(&mut self, person: &mut Person) -> Step {
        let mut step = Step::new(format!("Entra creates {}", person.principal));
        self.look_up(&mut step, "/Users", "userName", &person.principal, None);
        let mut expectations = check::resource("User", &[201]);
        expectations.extend(as_known(person));
        let request = request("POST", "/Users", Some(document(person)));
        let body = self.call(&mut step, &request, &expectations);
        let id = body.as_ref().and_then(|body| body["id"].as_str());
        id.unwrap_or_default().clone_into(&mut person.link);
        self.finish(step)
    }

    /// The same person once more: a duplicate (P-40).
    pub fn create_user_again(&mut self, person: &Person) -> Step {
        let mut step = Step::new(format!("Entra creates {} once more", person.principal));
        let request = request("POST", "/Users", Some(document(person)));
        self.call(&mut step, &request, &check::conflict());
        self.finish(step)
    }

    /// The person is found in other letter case (P-12), also when disabled (P-25).
    pub fn find_user(&mut self, person: &Person) -> Step {
        let mut step = Step::new(format!("Entra looks for {}", person.principal));
        let capitals = person.principal.to_uppercase();
        let link = Some(person.link.as_str());
        self.look_up(&mut step, "/Users", "userName", &capitals, link);
        self.finish(step)
    }

    /// Several attributes change at once.
    pub fn change_user(&mut self, person: &mut Person, family_name: &str) -> Step {
        let mut step = Step::new(format!("Entra changes {}", person.principal));
        family_name.clone_into(&mut person.family_name);
        let work = r#"phoneNumbers[type eq "work"].value"#;
        let number = format!("{ENTERPRISE}:employeeNumber");
        let operations = match self.flag {
            Flag::Absent => vec![
                self.operation("Replace", "name.familyName", json!(family_name)),
                self.operation("Add", work, json!("+1 555 0100")),
                self.operation("Add", "title", json!("Engineer")),
                self.operation("Add", &number, json!("7001")),
            ],
            Flag::Present => vec![
                self.operation("add", work, json!("+1 555 0100")),
                json!({"op": "replace", "value": {
                    "name.familyName": family_name, "title": "Engineer", number: "7001"}}),
            ],
        };
        let path = format!("/Users/{}", person.link);
        self.call(&mut step, &patch(path, &operations), &check::changed());
        let why = "it was changed";
        let kept = [
            Expectation::body("title", Is::Equal(json!("Engineer")), why),
            Expectation::body("phoneNumbers[0].type", Is::Equal(json!("work")), why),
            Expectation::body("phoneNumbers", Is::OfLength(1), why),
        ];
        self.read_back(&mut step, person, Account::Enabled, &kept);
        self.finish(step)
    }

    /// Somebody becomes the manager of somebody, once both are there (P-10).
    pub fn set_manager(&mut self, person: &Person, manager: &Person) -> Step {
        let title = format!("Entra makes {} the manager", manager.principal);
        let mut step = Step::new(title);
        let path = format!("{ENTERPRISE}:manager");
        let value = match self.flag {
            Flag::Absent => json!(manager.link),
            Flag::Present => json!({"value": manager.link}),
        };
        let operation = self.operation("Add", &path, value);
        let place = format!("/Users/{}", person.link);
        self.call(&mut step, &patch(place, &[operation]), &check::changed());
        let filter = format!(
            r#"id eq "{}" and manager eq "{}""#,
            person.link, manager.link
        );
        self.ask(&mut step, "/Users", &filter);
        self.finish(step)
    }

    /// Somebody is disabled, or comes back; the memberships are not sent again.
    pub fn switch_user(&mut self, person: &Person, account: Account) -> Step {
        let enabled = account == Account::Enabled;
        let doing = if enabled { "restores" } else { "disables" };
        let mut step = Step::new(format!("Entra {doing} {}", person.principal));
        let operation = match (self.flag, enabled) {
            (Flag::Present, _) => self.operation("replace", "active", json!(enabled)),
            (Flag::Absent, true) => self.operation("Add", "active", json!("True")),
            (Flag::Absent, false) => self.operation("Replace", "active", json!("False")),
        };
        let path = format!("/Users/{}", person.link);
        self.call(&mut step, &patch(path, &[operation]), &check::changed());
        self.read_back(&mut step, person, account, &[]);
        self.finish(step)
    }

    /// Thirty days after the soft delete; the second time they are gone.
    pub fn delete_user(&mut self, person: &Person) -> Step {
        let mut step = Step::new(format!("Entra deletes {} for good", person.principal));
        let path = format!("/Users/{}", person.link);
        let deleted = Expectation::status(&[204], "RFC 7644 section 3.6");
        self.call(
            &mut step,
            &request("DELETE", path.clone(), None),
            &[deleted],
        );
        self.call(
            &mut step,
            &request("DELETE", path.clone(), None),
            &check::error(404),
        );
        self.call(&mut step, &get(path), &check::error(404));
        self.finish(step)
    }

    /// Looks for exactly one value; `link` is whom it must find, none nobody.
    pub(super) fn look_up(
        &mut self,
        step: &mut Step,
        place: &str,
        attribute: &str,
        value: &str,
        link: Option<&str>,
    ) {
        let filter = encode_query(&format!(r#"{attribute} eq "{value}""#), Space::Plus);
        let request = get(format!(
            "{place}?excludedAttributes=members&filter={filter}"
        ));
        let mut expectations = check::list();
        let hits = json!(usize::from(link.is_some()));
        let why = "Entra matches what it knows with what is here";
        expectations.push(Expectation::body("totalResults", Is::Equal(hits), why));
        if let Some(link) = link {
            let is = Is::Equal(json!(link));
            expectations.push(Expectation::body("Resources[0].id", is, why));
        }
        self.call(step, &request, &expectations);
    }

    /// Asks whether a reference is there; it must be.
    pub(super) fn ask(&mut self, step: &mut Step, place: &str, filter: &str) {
        let filter = encode_query(filter, Space::Plus);
        let request = get(format!("{place}?filter={filter}&attributes=id"));
        let mut expectations = check::list();
        let why = "Entra asks before it writes a reference again";
        expectations.push(Expectation::body("totalResults", Is::Equal(json!(1)), why));
        self.call(step, &request, &expectations);
    }

    fn read_back(
        &mut self,
        step: &mut Step,
        person: &Person,
        account: Account,
        more: &[Expectation],
    ) {
        let mut expectations = check::resource("User", &[200]);
        expectations.extend(as_known(person));
        let active = Is::Equal(json!(account == Account::Enabled));
        let why = "Entra compares it with what it sent; a text is no boolean";
        expectations.push(Expectation::body("active", active, why));
        expectations.extend(more.iter().cloned());
        let request = get(format!("/Users/{}", person.link));
        self.call(step, &request, &expectations);
    }
}

fn as_known(person: &Person) -> Vec<Expectation> {
    let why = "Entra compares it with what it sent";
    let known = [
        ("userName", &person.principal),
        ("externalId", &person.nickname),
        ("name.familyName", &person.family_name),
        ("emails[0].value", &person.principal),
    ];
    let body = |(path, value)| Expectation::body(path, Is::Equal(json!(value)), why);
    known.into_iter().map(body).collect()
}

fn document(person: &Person) -> Value {
    let full_name = format!("{} {}", person.given_name, person.family_name);
    json!({
        "schemas": [USER, ENTERPRISE],
        "externalId": person.nickname,
        "userName": person.principal,
        "active": true,
        "displayName": full_name,
        "emails": [{"primary": true, "type": "work", "value": person.principal}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": full_name, "familyName": person.family_name,
            "givenName": person.given_name},
        "roles": [],
    })
}
