//! What Okta's certification suite asks, beside daily work: wrong tokens, unknown ids, duplicates.

use serde_json::json;

use super::users::{linked, unknown};
use super::{Okta, OktaGroupId, OktaId, document, groups};
use crate::check::{self, Expectation, Is};
use crate::http::Request;
use crate::observe::Step;

/// An id that is no UUID and that nobody has; the suite's own.
const NOBODY: &str = "010101001010101011001010101011";

impl Okta<'_> {
    /// A wrong token is refused, with and without the word Bearer before it.
    pub fn try_wrong_token(&mut self) -> Step {
        let mut step = Step::new("Somebody tries a wrong token");
        for credentials in ["Bearer not-the-token", "non-token"] {
            let mut request = Request::get("/Users?startIndex=1&count=2");
            request
                .headers
                .push(("Authorization".to_owned(), Some(credentials.to_owned())));
            self.call(&mut step, &request, &check::error(401));
        }
        self.finish(step)
    }

    /// Ids and names that nobody has: 404 for an id, an empty list for a search.
    pub fn look_for_nobody(&mut self) -> Step {
        let mut step = Step::new("Okta looks for a user who does not exist");
        let by_id = Request::get(format!("/Users/{NOBODY}"));
        self.call(&mut step, &by_id, &check::error(404));
        let by_name = format!("nobody-{NOBODY}@example.com");
        if let Ok(Some(_)) = self.find_user(&mut step, &by_name) {
            step.find(
                "the search for nobody",
                "an empty list",
                "somebody",
                "Okta would link them",
            );
        }
        let group = Request::get(format!("/Groups/{NOBODY}"));
        self.call(&mut step, &group, &check::error(404));
        self.finish(step)
    }

    /// The same create again, as after a lost answer: a conflict, and nothing changes.
    pub fn create_again(&mut self, id: &OktaId) -> Step {
        let (mut step, Some(person)) = self.begin(id, "Okta creates", "a second time") else {
            return self.finish(unknown(id));
        };
        let body = document::create_user(id, &person, &mut self.seed);
        self.call(
            &mut step,
            &Request::new("POST", "/Users", Some(body)),
            &check::conflict(),
        );
        self.finish(step)
    }

    /// A user name in another letter case is the same user name (RFC 7643 section 4.1.1).
    pub fn look_up_in_capitals(&mut self, id: &OktaId) -> Step {
        let (mut step, Some(person)) = self.begin(id, "Okta looks", "up in capitals") else {
            return self.finish(unknown(id));
        };
        let Some(link) = linked(&mut step, &person) else {
            return self.finish(step);
        };
        let capitals = person.profile.user_name.to_uppercase();
        if let Ok(found) = self.find_user(&mut step, &capitals) {
            let found = found.and_then(|user| Some(user.get("id")?.as_str()?.to_owned()));
            if found.as_deref() != Some(link.as_str()) {
                let why = "Okta would create the person a second time";
                step.find(
                    "the search",
                    &link,
                    found.unwrap_or("nobody".to_owned()),
                    why,
                );
            }
        }
        self.finish(step)
    }

    /// An addition that names one person who joins and one id that nobody has. Okta does not repeat
    /// what was refused, so the known one must get in.
    pub fn add_with_unknown_member(&mut self, id: &OktaGroupId, joining: &OktaId) -> Step {
        let Some(group) = self.groups.get_mut(id) else {
            return self.no_group();
        };
        group.members.insert(joining.clone());
        let group = group.clone();
        let (_, person) = self.begin(joining, "", "");
        let mut step = Step::new(format!("Okta adds an unknown id to {}", group.name));
        let Some(person) = person else {
            return self.finish(unknown(joining));
        };
        let (Some(link), Some(member)) = (
            groups::linked(&mut step, &group),
            linked(&mut step, &person),
        ) else {
            return self.finish(step);
        };
        let members = json!([{"value": member, "display": person.profile.user_name},
            {"value": "does-not-exist", "display": null}]);
        match self.app.dialect {
            super::Dialect::Catalogue => {
                let add = json!([{"op": "add", "path": "members", "value": members}]);
                self.patch_group(&mut step, &link, document::patch(add), &[]);
            }
            super::Dialect::Wizard => {
                let everybody = self.everybody_and(&group, &members);
                let body = document::replace_group(&link, &group.name, &everybody);
                let request = Request::new("PUT", format!("/Groups/{link}"), Some(body));
                self.call(&mut step, &request, &check::resource("Group", &[200]));
            }
        }
        self.finish(step)
    }

    /// The group's present members, with some more at the end.
    fn everybody_and(&self, group: &super::Group, more: &serde_json::Value) -> serde_json::Value {
        let present = self.member_elements(group);
        let more = more.as_array().cloned().unwrap_or_default();
        let known: Vec<_> = present
            .iter()
            .filter_map(|member| member.get("value"))
            .collect();
        let new = more
            .into_iter()
            .filter(|one| !one.get("value").is_some_and(|id| known.contains(&id)));
        present.iter().cloned().chain(new).collect()
    }

    /// A group that was deleted answers 404, so that Okta tells the administrator.
    pub fn look_for_deleted_group(&mut self, name: &str, link: &str) -> Step {
        let mut step = Step::new(format!("Okta looks for the deleted group {name}"));
        let path = format!("/Groups/{link}");
        self.call(&mut step, &Request::get(path.as_str()), &check::error(404));
        let rename = Request::new("PATCH", path, Some(document::patch_name(link, name)));
        self.call(&mut step, &rename, &check::error(404));
        self.finish(step)
    }

    /// A deactivated user can still be read and found: only a deletion hides it.
    pub fn verify_still_found(&mut self, id: &OktaId) -> Step {
        let (mut step, Some(person)) = self.begin(id, "Okta still finds", "") else {
            return self.finish(unknown(id));
        };
        let Some(link) = linked(&mut step, &person) else {
            return self.finish(step);
        };
        let mut expectations = check::resource("User", &[200]);
        let why = "a deactivated user is still there";
        expectations.push(Expectation::body("active", Is::Equal(json!(false)), why));
        self.call(
            &mut step,
            &Request::get(format!("/Users/{link}")),
            &expectations,
        );
        if let Ok(found) = self.find_user(&mut step, &person.profile.user_name) {
            let active = found.as_ref().and_then(|user| user.get("active")).cloned();
            if active != Some(json!(false)) {
                let got = active.map_or_else(|| "nobody".to_owned(), |active| active.to_string());
                step.find(
                    "the search: active",
                    "false",
                    got,
                    "Okta would create a second user",
                );
            }
        }
        self.finish(step)
    }
}
