//! Groups: matched and created, renamed, filled by requests that run side by side, deleted.

use serde_json::{Value, json};

use super::{Entra, Flag, Group, Person, get, judged, patch, request, sent};
use crate::check::{self, Expectation, Is};
use crate::http::Exchange;
use crate::observe::Step;

const SCHEMAS: [&str; 2] = [
    "urn:ietf:params:scim:schemas:core:2.0:Group",
    "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
];

impl Entra<'_> {
    /// A group comes into scope, without its members.
    pub fn create_group(&mut self, name: &str) -> Group {
        let mut step = Step::new(format!("Entra creates the group {name}"));
        let object_id = self.seed.letters(20);
        self.look_up(&mut step, "/Groups", "displayName", name, None);
        let why = "Entra compares it with what it sent";
        let mut expectations = check::resource("Group", &[201]);
        for (path, value) in [("displayName", name), ("externalId", &object_id)] {
            expectations.push(Expectation::body(path, Is::Equal(json!(value)), why));
        }
        let request = request("POST", "/Groups", Some(document(name, &object_id)));
        let body = self.call(&mut step, &request, &expectations);
        let link = body.as_ref().and_then(|body| body["id"].as_str());
        let link = link.unwrap_or_default().to_owned();
        self.finish(step);
        Group {
            name: name.to_owned(),
            object_id,
            link,
        }
    }

    /// A second group of the same name: a duplicate.
    pub fn create_group_again(&mut self, group: &Group) -> Step {
        let mut step = Step::new(format!("Entra creates the group {} once more", group.name));
        let object_id = self.seed.letters(20);
        let request = request("POST", "/Groups", Some(document(&group.name, &object_id)));
        self.call(&mut step, &request, &check::conflict());
        self.finish(step)
    }

    /// Each person is added by a request of their own, all of them at the same time. None may be
    /// lost (P-17).
    pub fn add_in_parallel(&mut self, group: &Group, people: &[&Person]) -> Step {
        let mut step = Step::new(format!("Entra fills {} side by side", group.name));
        let requests: Vec<_> = people
            .iter()
            .map(|person| {
                let value = json!([{"$ref": null, "value": person.link}]);
                let operation = self.operation("Add", "members", value);
                patch(format!("/Groups/{}", group.link), &[operation])
            })
            .collect();
        let client = &self.client;
        let answers: Vec<(Step, Option<Exchange>)> = std::thread::scope(|scope| {
            let begin = |request| {
                scope.spawn(move || {
                    let mut part = Step::new("");
                    let exchange = sent(&mut part, client, request);
                    (part, exchange)
                })
            };
            let threads: Vec<_> = requests.iter().map(begin).collect();
            let joined = threads.into_iter().filter_map(|thread| thread.join().ok());
            joined.collect()
        });
        for (request, (part, exchange)) in requests.iter().zip(answers) {
            step.findings.extend(part.findings);
            let last = exchange.and_then(|first| self.repeated(&mut step, request, first));
            if let Some(exchange) = last {
                judged(&mut step, exchange, &check::changed());
            }
        }
        self.finish(step)
    }

    /// People leave a group; the others stay (P-02, P-03).
    pub fn remove_members(&mut self, group: &Group, people: &[&Person]) -> Step {
        let mut step = Step::new(format!("Entra takes people out of {}", group.name));
        let operations: Vec<Value> = match self.flag {
            Flag::Absent => {
                let entry = |person: &&Person| json!({"$ref": null, "value": person.link});
                let value: Vec<Value> = people.iter().map(entry).collect();
                vec![self.operation("Remove", "members", Value::Array(value))]
            }
            Flag::Present => people
                .iter()
                .map(|person| {
                    let path = format!(r#"members[value eq "{}"]"#, person.link);
                    json!({"op": "remove", "path": path})
                })
                .collect(),
        };
        let place = format!("/Groups/{}", group.link);
        self.call(&mut step, &patch(place, &operations), &check::changed());
        self.finish(step)
    }

    /// The group gets another name; its members stay (P-04).
    pub fn rename_group(&mut self, group: &mut Group, name: &str) -> Step {
        let mut step = Step::new(format!("Entra renames {} to {name}", group.name));
        name.clone_into(&mut group.name);
        let operation = match self.flag {
            Flag::Absent => self.operation("Replace", "displayName", json!(name)),
            Flag::Present => json!({"op": "replace", "value": {"displayName": name}}),
        };
        let place = format!("/Groups/{}", group.link);
        self.call(&mut step, &patch(place, &[operation]), &check::changed());
        let capitals = name.to_uppercase();
        let link = Some(group.link.as_str());
        self.look_up(&mut step, "/Groups", "displayName", &capitals, link);
        self.finish(step)
    }

    /// Reads a group back: exactly these are its members. Entra itself only asks for one at a time.
    pub fn verify_members(&mut self, group: &Group, people: &[&Person]) -> Step {
        let mut step = Step::new(format!("We read who is in {}", group.name));
        let request = get(format!("/Groups/{}", group.link));
        let body = self.call(&mut step, &request, &check::resource("Group", &[200]));
        if let Some(body) = body {
            let members = body["members"].as_array().cloned().unwrap_or_default();
            let id = |one: &Value| one["value"].as_str().unwrap_or_default().to_owned();
            let mut found: Vec<String> = members.iter().map(id).collect();
            let mut wanted: Vec<String> = people.iter().map(|one| one.link.clone()).collect();
            found.sort();
            wanted.sort();
            if found != wanted {
                let why = "Entra does not send a membership twice: what is lost stays lost";
                let (wanted, found) = (wanted.join(", "), found.join(", "));
                step.find("the members", &wanted, found, why);
            }
        }
        if let Some(person) = people.first() {
            let filter = format!(r#"id eq "{}" and members eq "{}""#, group.link, person.link);
            self.ask(&mut step, "/Groups", &filter);
        }
        self.finish(step)
    }

    /// The members are left out when they are not wanted (P-19).
    pub fn read_without_members(&mut self, group: &Group) -> Step {
        let mut step = Step::new(format!("Entra reads {} without its members", group.name));
        let mut expectations = check::resource("Group", &[200]);
        let why = "a large group would be read again and again";
        expectations.push(Expectation::body("members", Is::Absent, why));
        let place = format!("/Groups/{}?excludedAttributes=members", group.link);
        self.call(&mut step, &get(place), &expectations);
        self.finish(step)
    }

    /// The group is deleted; the second time it is gone.
    pub fn delete_group(&mut self, group: &Group) -> Step {
        let mut step = Step::new(format!("Entra deletes the group {}", group.name));
        let place = format!("/Groups/{}", group.link);
        let deleted = Expectation::status(&[204], "RFC 7644 section 3.6");
        self.call(
            &mut step,
            &request("DELETE", place.clone(), None),
            &[deleted],
        );
        self.call(
            &mut step,
            &request("DELETE", place, None),
            &check::error(404),
        );
        self.finish(step)
    }
}

fn document(name: &str, object_id: &str) -> Value {
    json!({"schemas": SCHEMAS, "externalId": object_id, "displayName": name,
        "meta": {"resourceType": "Group"}})
}
