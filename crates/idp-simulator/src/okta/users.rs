//! What Okta does with people: assign, push the profile, deactivate, reactivate, suspend.

use serde_json::{Value, json};

use super::{Dialect, Lost, Okta, OktaId, Person, Status, document};
use crate::check::{self, Expectation, Is};
use crate::http::{Request, Space, encode_query};
use crate::observe::Step;

/// The answer does not let Okta go on; the step holds the finding.
pub(super) struct Stopped;

impl Okta<'_> {
    /// "Test API Credentials": one look at the users, one at the groups.
    pub fn test_credentials(&mut self) -> Step {
        let mut step = Step::new("Okta tests the credentials");
        self.call(
            &mut step,
            &Request::get("/Users?startIndex=1&count=2"),
            &check::list(),
        );
        self.call(
            &mut step,
            &Request::get("/Groups?startIndex=1&count=100"),
            &check::list(),
        );
        self.finish(step)
    }

    /// Assigns a person to the app: looked up by user name, then created or linked.
    pub fn assign(&mut self, id: &OktaId) -> Step {
        let (mut step, Some(person)) = self.begin(id, "Okta assigns", "to the app") else {
            return self.finish(unknown(id));
        };
        let Ok(found) = self.find_user(&mut step, &person.profile.user_name) else {
            return self.finish(step);
        };
        self.set_status(id, Status::Active);
        self.take_on(&mut step, id, found);
        self.finish(step)
    }

    /// Changes what Okta knows of a person, and pushes it.
    pub fn update_profile(&mut self, id: &OktaId, profile: super::Profile) -> Step {
        if let Some(person) = self.people.get_mut(id) {
            person.profile = profile;
        }
        let (mut step, Some(_)) = self.begin(id, "Okta pushes the profile of", "") else {
            return self.finish(unknown(id));
        };
        self.push_profile(&mut step, id);
        self.finish(step)
    }

    /// Takes the app from a person, or deactivates the person at Okta: both look the same. Okta
    /// never deletes.
    pub fn deactivate(&mut self, id: &OktaId) -> Step {
        let (mut step, Some(_)) = self.begin(id, "Okta deactivates", "") else {
            return self.finish(unknown(id));
        };
        self.set_status(id, Status::Deprovisioned);
        match self.app.dialect {
            Dialect::Catalogue => self.patch_active(&mut step, id, false),
            Dialect::Wizard => self.push_profile(&mut step, id),
        }
        self.finish(step)
    }

    /// Gives the app back to a person who had it: the same resource must come back to life.
    pub fn reactivate(&mut self, id: &OktaId) -> Step {
        let (mut step, Some(person)) = self.begin(id, "Okta reactivates", "") else {
            return self.finish(unknown(id));
        };
        let Ok(found) = self.find_user(&mut step, &person.profile.user_name) else {
            return self.finish(step);
        };
        self.set_status(id, Status::Active);
        let found_id = found
            .as_ref()
            .and_then(|resource| resource.get("id")?.as_str());
        if person.link.as_deref() != found_id {
            let why = "Okta would create the person a second time, or be refused";
            step.find(
                "the search for the deactivated user",
                person.link.as_deref().unwrap_or("a link"),
                found_id.unwrap_or("nobody"),
                why,
            );
        }
        self.take_on(&mut step, id, found);
        self.finish(step)
    }

    /// Suspends a person at Okta. Apps are not told: the step holds no exchange.
    pub fn suspend(&mut self, id: &OktaId) -> Step {
        self.set_status(id, Status::Suspended);
        let (step, _) = self.begin(id, "Okta suspends", "and tells nobody");
        self.finish(step)
    }

    /// Reads a person back and compares with what Okta knows. Okta itself does so only in its
    /// certification suites.
    pub fn verify_user(&mut self, id: &OktaId) -> Step {
        let (mut step, Some(person)) = self.begin(id, "We read", "back") else {
            return self.finish(unknown(id));
        };
        if let Some(link) = linked(&mut step, &person) {
            let mut expectations = check::resource("User", &[200]);
            expectations.extend(as_known(id, &person));
            self.call(
                &mut step,
                &Request::get(format!("/Users/{link}")),
                &expectations,
            );
        }
        self.finish(step)
    }

    /// A step about a person, named by what happens to them.
    pub(super) fn begin(&self, id: &OktaId, before: &str, after: &str) -> (Step, Option<Person>) {
        let person = self.people.get(id).cloned();
        let name = person.as_ref().map_or_else(
            || id.as_str().to_owned(),
            |person| person.profile.full_name(),
        );
        (
            Step::new(format!("{before} {name} {after}").trim_end()),
            person,
        )
    }

    fn set_status(&mut self, id: &OktaId, status: Status) {
        if let Some(person) = self.people.get_mut(id) {
            person.status = status;
        }
    }

    /// Looks a user name up. Fails when the search itself did.
    pub(super) fn find_user(
        &mut self,
        step: &mut Step,
        user_name: &str,
    ) -> Result<Option<Value>, Stopped> {
        let filter = encode_query(&format!("userName eq {}", json!(user_name)), Space::Plus);
        let path = format!("/Users?filter={filter}&startIndex=1&count=100");
        let list = self
            .call(step, &Request::get(path), &check::list())
            .ok_or(Stopped)?;
        let found = list
            .get("Resources")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        for user in &found {
            let name = user.get("userName");
            if !Is::SameFolded(user_name.to_owned()).holds(name) {
                let got = name.map_or_else(|| "nothing".to_owned(), Value::to_string);
                let why = "Okta would link the wrong person";
                step.find("the user that the search found", user_name, got, why);
            }
        }
        if found.len() > 1 {
            let why = "a user name is unique; Okta cannot choose";
            step.find(
                "users of that name",
                "at most 1",
                found.len().to_string(),
                why,
            );
        }
        Ok(found.into_iter().next())
    }

    /// Creates or links a person, as the search for them went. When the answer to the creation is
    /// lost, they are searched again: they may be there.
    fn take_on(&mut self, step: &mut Step, id: &OktaId, mut found: Option<Value>) {
        while let Some(person) = self.people.get(id).cloned() {
            if let Some(resource) = found {
                return self.link_user(step, id, &resource);
            }
            let Err(Lost) = self.create_user(step, id, &person) else {
                return;
            };
            let Ok(again) = self.find_user(step, &person.profile.user_name) else {
                return;
            };
            found = again;
        }
    }

    fn create_user(&mut self, step: &mut Step, id: &OktaId, person: &Person) -> Result<(), Lost> {
        let body = document::create_user(id, person, &mut self.seed);
        let mut expectations = check::resource("User", &[201]);
        expectations.extend(as_known(id, person));
        let request = Request::new("POST", "/Users", Some(body));
        let answer = self.try_call(step, &request, &expectations)?;
        self.keep_link(id, answer.as_ref());
        Ok(())
    }

    /// Takes a user that was found: its id is kept, it is woken up, the profile is pushed.
    fn link_user(&mut self, step: &mut Step, id: &OktaId, resource: &Value) {
        self.keep_link(id, Some(resource));
        let sleeps = resource.get("active") == Some(&json!(false));
        if sleeps && self.app.dialect == Dialect::Catalogue {
            self.patch_active(step, id, true);
        }
        self.push_profile(step, id);
    }

    fn keep_link(&mut self, id: &OktaId, resource: Option<&Value>) {
        let link = resource.and_then(|resource| resource.get("id")?.as_str());
        if let (Some(person), Some(link)) = (self.people.get_mut(id), link) {
            person.link = Some(link.to_owned());
        }
    }

    fn patch_active(&mut self, step: &mut Step, id: &OktaId, active: impl Into<Value>) {
        let Some(person) = self.people.get(id).cloned() else {
            return;
        };
        let Some(link) = linked(step, &person) else {
            return;
        };
        let active = active.into();
        let mut expectations = check::changed();
        let why = "the answer is the user after the change, and `active` a boolean";
        let same = "it stays the same user";
        expectations.push(Expectation::if_body(
            "active",
            Is::Equal(active.clone()),
            why,
        ));
        expectations.push(Expectation::if_body("id", Is::Equal(json!(link)), same));
        let body = document::patch_active(&active);
        let request = Request::new("PATCH", format!("/Users/{link}"), Some(body));
        self.call(step, &request, &expectations);
    }

    /// Reads the user, lays Okta's values over the document, and puts it back whole.
    fn push_profile(&mut self, step: &mut Step, id: &OktaId) {
        let Some(person) = self.people.get(id).cloned() else {
            return;
        };
        let Some(link) = linked(step, &person) else {
            return;
        };
        let path = format!("/Users/{link}");
        let read = check::resource("User", &[200]);
        let Some(found) = self.call(step, &Request::get(path.as_str()), &read) else {
            return;
        };
        let body = document::replace_user(found, id, &person, &mut self.seed);
        let mut expectations = check::resource("User", &[200]);
        let same = "it stays the same user";
        expectations.push(Expectation::body("id", Is::Equal(json!(link)), same));
        expectations.extend(as_known(id, &person));
        self.call(step, &Request::new("PUT", path, Some(body)), &expectations);
    }
}

/// What the server must answer of a person.
pub(super) fn as_known(id: &OktaId, person: &Person) -> Vec<Expectation> {
    let profile = &person.profile;
    let echo = "Okta compares it with its own, letter case included";
    let equal = |path: &str, value: Value| Expectation::body(path, Is::Equal(value), echo);
    let mut expectations = vec![
        equal("userName", json!(profile.user_name)),
        equal("name.givenName", json!(profile.given_name)),
        equal("name.familyName", json!(profile.family_name)),
        equal("externalId", json!(id.as_str())),
        equal("active", json!(person.status != Status::Deprovisioned)),
        Expectation::body(
            "emails[*].value",
            Is::Containing(json!(profile.email)),
            echo,
        ),
    ];
    for (name, value) in &profile.mapped {
        expectations.extend(as_mapped(name, value));
    }
    expectations
}

/// What is left of a mapped attribute: each part of an object, each value of a list, or nothing.
fn as_mapped(path: &str, value: &Value) -> Vec<Expectation> {
    let why = "Okta pushed it and reads it back on import";
    match value {
        Value::Object(parts) => parts
            .iter()
            .flat_map(|(name, part)| as_mapped(&format!("{path}.{name}"), part))
            .collect(),
        Value::Array(elements) if !elements.is_empty() => elements
            .iter()
            .filter_map(|element| element.get("value"))
            .map(|value| {
                let is = Is::Containing(value.clone());
                Expectation::body(&format!("{path}[*].value"), is, why)
            })
            .collect(),
        Value::Null | Value::Array(_) => vec![Expectation::body(path, Is::Cleared, why)],
        Value::String(text) if text.is_empty() => {
            vec![Expectation::body(
                path,
                Is::Cleared,
                "an empty value clears the attribute",
            )]
        }
        value => vec![Expectation::body(path, Is::Equal(value.clone()), why)],
    }
}

/// The id at the server, or a finding: an earlier step must have failed.
pub(super) fn linked(step: &mut Step, person: &Person) -> Option<String> {
    if person.link.is_none() {
        let why = "an earlier step did not bring one";
        step.find("the id of the user at the server", "an id", "none", why);
    }
    person.link.clone()
}

pub(super) fn unknown(id: &OktaId) -> Step {
    let mut step = Step::new(format!("Okta looks for {}", id.as_str()));
    step.find(
        "the person",
        "somebody of this organization",
        "nobody",
        "hire them first",
    );
    step
}
