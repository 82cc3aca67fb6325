//! Group Push: create or link, deltas of the membership, "push now", rename, unlink.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Dialect, Group, GroupNames, Lost, Okta, OktaGroupId, OktaId, Status, document};
use crate::check::{self, Expectation, Is};
use crate::http::{Request, Space, encode_query};
use crate::observe::Step;

/// How a push begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushMode {
    /// A new group.
    Create,
    /// The group of that name that is there already.
    Link,
}

/// How "push now" is written; all three are seen from Okta. The wizard's dialect knows only PUT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushShape {
    /// `replace` of the path `members`.
    Path,
    /// `replace` without a path, with id and name, and without `schemas` around it.
    WholeGroup,
    /// `replace` without a path, members alone.
    MembersOnly,
}

/// How a push ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlink {
    /// The group is deleted at the server.
    Delete,
    /// The group stays as it is; nothing is sent.
    Leave,
}

impl Okta<'_> {
    /// Pushes a group for the first time, with those of its members who have the app.
    pub fn push_group(&mut self, id: &OktaGroupId, mode: PushMode) -> Step {
        let Some(group) = self.groups.get(id).cloned() else {
            return self.no_group();
        };
        let mut step = Step::new(format!("Okta pushes the group {}", group.name));
        let link = match mode {
            PushMode::Create => self.create_group(&mut step, &group),
            PushMode::Link => self.find_group(&mut step, &group),
        };
        let Some(link) = link else {
            return self.finish(step);
        };
        if let Some(group) = self.groups.get_mut(id) {
            group.link = Some(link.clone());
        }
        let members = self.pushable(group.members.iter());
        match self.app.dialect {
            Dialect::Wizard => self.put_group(&mut step, &link, &group.name, &members),
            Dialect::Catalogue => {
                if mode == PushMode::Link && self.app.rename == GroupNames::FromOkta {
                    self.push_name(&mut step, &link, &group.name);
                }
                self.push_delta(&mut step, &link, &[], &members);
            }
        }
        self.finish(step)
    }

    /// People join and leave a group at Okta; the server is told the difference.
    pub fn change_members(
        &mut self,
        id: &OktaGroupId,
        joining: &[OktaId],
        leaving: &[OktaId],
    ) -> Step {
        let Some(group) = self.groups.get_mut(id) else {
            return self.no_group();
        };
        group.members.extend(joining.iter().cloned());
        for person in leaving {
            group.members.remove(person);
        }
        let group = group.clone();
        let mut step = Step::new(format!("Okta changes who is in {}", group.name));
        let Some(link) = linked(&mut step, &group) else {
            return self.finish(step);
        };
        match self.app.dialect {
            Dialect::Wizard => {
                let members = self.pushable(group.members.iter());
                self.put_group(&mut step, &link, &group.name, &members);
            }
            Dialect::Catalogue => {
                self.push_name(&mut step, &link, &group.name);
                let removed = self.pushable(leaving.iter());
                let added = self.pushable(joining.iter());
                self.push_delta(&mut step, &link, &removed, &added);
            }
        }
        self.finish(step)
    }

    /// Sets who is in a group while its push is paused: nothing is sent until the next "push now".
    pub fn set_members_unsent(&mut self, id: &OktaGroupId, members: &[OktaId]) {
        if let Some(group) = self.groups.get_mut(id) {
            group.members = members.iter().cloned().collect();
        }
    }

    /// "Push now": the whole membership, and nobody else stays.
    pub fn push_now(&mut self, id: &OktaGroupId, shape: PushShape) -> Step {
        let Some(group) = self.groups.get(id).cloned() else {
            return self.no_group();
        };
        let mut step = Step::new(format!("Okta pushes all of {} now", group.name));
        let Some(link) = linked(&mut step, &group) else {
            return self.finish(step);
        };
        let members = self.pushable(group.members.iter());
        if self.app.dialect == Dialect::Wizard {
            self.put_group(&mut step, &link, &group.name, &members);
            return self.finish(step);
        }
        let members = Value::Array(members);
        let body = match shape {
            PushShape::Path => document::patch(json!([
                {"op": "replace", "path": "members", "value": members},
            ])),
            PushShape::MembersOnly => document::patch(json!([
                {"op": "replace", "value": {"members": members}},
            ])),
            PushShape::WholeGroup => json!({"Operations": [{"op": "replace", "value":
                {"id": link, "displayName": group.name, "members": members}}]}),
        };
        self.patch_group(&mut step, &link, body, &[]);
        self.finish(step)
    }

    /// Renames a group at Okta. Its members must stay.
    pub fn rename_group(&mut self, id: &OktaGroupId, name: &str) -> Step {
        let Some(group) = self.groups.get_mut(id) else {
            return self.no_group();
        };
        let mut step = Step::new(format!("Okta renames the group {} to {name}", group.name));
        name.clone_into(&mut group.name);
        let group = group.clone();
        let Some(link) = linked(&mut step, &group) else {
            return self.finish(step);
        };
        match self.app.dialect {
            Dialect::Catalogue => self.push_name(&mut step, &link, name),
            Dialect::Wizard => {
                let members = self.pushable(group.members.iter());
                self.put_group(&mut step, &link, name, &members);
            }
        }
        self.finish(step)
    }

    /// Ends the push of a group. People keep their accounts either way.
    pub fn unlink_group(&mut self, id: &OktaGroupId, how: Unlink) -> Step {
        let Some(group) = self.groups.get(id).cloned() else {
            return self.no_group();
        };
        let title = match how {
            Unlink::Delete => format!("Okta deletes the group {}", group.name),
            Unlink::Leave => format!("Okta lets go of the group {} and leaves it", group.name),
        };
        let mut step = Step::new(title);
        if let Some(link) = linked(&mut step, &group)
            && how == Unlink::Delete
        {
            self.delete_group(&mut step, &link);
        }
        if let Some(group) = self.groups.get_mut(id) {
            group.link = None;
        }
        self.finish(step)
    }

    /// Reads a group back and compares name and members with Okta's. Okta itself does not.
    pub fn verify_group(&mut self, id: &OktaGroupId) -> Step {
        let Some(group) = self.groups.get(id).cloned() else {
            return self.no_group();
        };
        let mut step = Step::new(format!("We read the group {} back", group.name));
        let Some(link) = linked(&mut step, &group) else {
            return self.finish(step);
        };
        let expected: BTreeSet<String> = self
            .pushable(group.members.iter())
            .iter()
            .filter_map(|member| Some(member.get("value")?.as_str()?.to_owned()))
            .collect();
        let mut expectations = check::resource("Group", &[200]);
        let echo = "Okta compares it with its own";
        expectations.push(Expectation::body(
            "displayName",
            Is::Equal(json!(group.name)),
            echo,
        ));
        let path = format!("/Groups/{link}");
        let Some(body) = self.call(&mut step, &Request::get(path), &expectations) else {
            return self.finish(step);
        };
        let found = member_ids(&body);
        if found.iter().cloned().collect::<BTreeSet<_>>() != expected
            || found.len() != expected.len()
        {
            let expected: Vec<String> = expected.into_iter().collect();
            let why = "exactly those people are in the group at Okta";
            step.find("the members", &expected.join(", "), found.join(", "), why);
        }
        self.finish(step)
    }

    pub(super) fn no_group(&mut self) -> Step {
        let mut step = Step::new("Okta looks for a group");
        step.find(
            "the group",
            "one of this organization",
            "none",
            "form it first",
        );
        self.finish(step)
    }

    /// The member elements of those who are active and have the app: Okta pushes nobody else.
    fn pushable<'p>(&self, people: impl Iterator<Item = &'p OktaId>) -> Vec<Value> {
        people
            .filter_map(|id| self.people.get(id))
            .filter(|person| person.status != Status::Deprovisioned)
            .filter_map(|person| {
                let link = person.link.as_deref()?;
                Some(json!({"value": link, "display": person.profile.user_name}))
            })
            .collect()
    }

    pub(super) fn member_elements(&self, group: &Group) -> Vec<Value> {
        self.pushable(group.members.iter())
    }

    fn create_group(&mut self, step: &mut Step, group: &Group) -> Option<String> {
        let body = document::create_group(group);
        let mut expectations = check::resource("Group", &[201]);
        let echo = "Okta compares it with its own, letter case included";
        expectations.push(Expectation::body(
            "displayName",
            Is::Equal(json!(group.name)),
            echo,
        ));
        let request = Request::new("POST", "/Groups", Some(body));
        loop {
            let created = self.try_call(step, &request, &expectations);
            let made = match created {
                Ok(made) => Some(made?),
                // It may be there.
                Err(Lost) => self.groups_called(step, group)?.into_iter().next(),
            };
            if let Some(made) = made {
                return Some(made.get("id")?.as_str()?.to_owned());
            }
        }
    }

    /// Deletes a group; when the answer is lost, it may be gone the next time.
    fn delete_group(&mut self, step: &mut Step, link: &str) {
        let request = Request::new("DELETE", format!("/Groups/{link}"), None);
        let mut allowed: &[u16] = &[204];
        loop {
            let gone = Expectation::status(allowed, "RFC 7644 section 3.6");
            let Err(Lost) = self.try_call(step, &request, &[gone]) else {
                return;
            };
            allowed = &[204, 404];
        }
    }

    fn find_group(&mut self, step: &mut Step, group: &Group) -> Option<String> {
        let found = self.groups_called(step, group)?;
        if found.len() != 1 {
            let why = "Okta links to a group by its name";
            step.find("groups of that name", "1", found.len().to_string(), why);
        }
        Some(found.first()?.get("id")?.as_str()?.to_owned())
    }

    fn groups_called(&mut self, step: &mut Step, group: &Group) -> Option<Vec<Value>> {
        let filter = format!("displayName eq {}", json!(group.name));
        let filter = encode_query(&filter, Space::Percent);
        let path = format!("/Groups?filter={filter}&startIndex=1&count=100");
        let list = self.call(step, &Request::get(path), &check::list())?;
        let found = list.get("Resources").and_then(Value::as_array);
        Some(found.cloned().unwrap_or_default())
    }

    fn push_name(&mut self, step: &mut Step, link: &str, name: &str) {
        let why = "the name goes along with every change of members";
        let echo = Expectation::if_body("displayName", Is::Equal(json!(name)), why);
        self.patch_group(step, link, document::patch_name(link, name), &[echo]);
    }

    /// Removals first, then one addition, in chunks of the app's batch size.
    fn push_delta(&mut self, step: &mut Step, link: &str, removed: &[Value], added: &[Value]) {
        let changes: Vec<(bool, &Value)> = removed
            .iter()
            .map(|member| (false, member))
            .chain(added.iter().map(|member| (true, member)))
            .collect();
        for chunk in changes.chunks(self.app.batch_size.max(1)) {
            let mut operations: Vec<Value> = chunk
                .iter()
                .filter(|(joins, _)| !joins)
                .filter_map(|(_, member)| member.get("value")?.as_str())
                .map(|id| json!({"op": "remove", "path": format!("members[value eq {}]", json!(id))}))
                .collect();
            let joining: Vec<&Value> = chunk
                .iter()
                .filter(|(joins, _)| *joins)
                .map(|(_, member)| *member)
                .collect();
            if !joining.is_empty() {
                operations.push(json!({"op": "add", "path": "members", "value": joining}));
            }
            self.patch_group(step, link, document::patch(operations), &[]);
        }
    }

    pub(super) fn patch_group(
        &mut self,
        step: &mut Step,
        link: &str,
        body: Value,
        further: &[Expectation],
    ) {
        let mut expectations = check::changed();
        let same = "it stays the same group";
        expectations.push(Expectation::if_body("id", Is::Equal(json!(link)), same));
        expectations.extend_from_slice(further);
        let request = Request::new("PATCH", format!("/Groups/{link}"), Some(body));
        self.call(step, &request, &expectations);
    }

    fn put_group(&mut self, step: &mut Step, link: &str, name: &str, members: &[Value]) {
        let path = format!("/Groups/{link}");
        let read = check::resource("Group", &[200]);
        if self
            .call(step, &Request::get(path.as_str()), &read)
            .is_none()
        {
            return;
        }
        let mut expectations = check::resource("Group", &[200]);
        let same = "it stays the same group, with Okta's name";
        expectations.push(Expectation::body("id", Is::Equal(json!(link)), same));
        expectations.push(Expectation::body(
            "displayName",
            Is::Equal(json!(name)),
            same,
        ));
        let body = document::replace_group(link, name, &Value::Array(members.to_vec()));
        self.call(step, &Request::new("PUT", path, Some(body)), &expectations);
    }
}

/// The ids of a group's members, as they are listed.
pub(super) fn member_ids(group: &Value) -> Vec<String> {
    let members = group
        .get("members")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    members
        .iter()
        .filter_map(|member| Some(member.get("value")?.as_str()?.to_owned()))
        .collect()
}

pub(super) fn linked(step: &mut Step, group: &Group) -> Option<String> {
    if group.link.is_none() {
        let why = "an earlier step did not bring one";
        step.find("the id of the group at the server", "an id", "none", why);
    }
    group.link.clone()
}
