//! Import: Okta reads all users and groups, a hundred at a time.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Okta, OktaGroupId, OktaId};
use crate::check;
use crate::http::Request;
use crate::observe::Step;

/// What Okta asks for per page; it also adds this number to find the next page, whatever came.
const PAGE: u64 = 100;

impl Okta<'_> {
    /// Reads everything and looks for what comes twice, or not at all.
    pub fn import(&mut self) -> Step {
        let mut step = Step::new("Okta imports users and groups");
        let users = self
            .people
            .values()
            .filter_map(|person| person.link.clone())
            .collect();
        self.walk(&mut step, "/Users", &users);
        let groups = self
            .groups
            .values()
            .filter_map(|group| group.link.clone())
            .collect();
        self.walk(&mut step, "/Groups", &groups);
        self.finish(step)
    }

    fn walk(&mut self, step: &mut Step, endpoint: &str, linked: &BTreeSet<String>) {
        let mut seen = BTreeSet::new();
        let mut start = 1;
        for _ in 0..self.app.page_limit {
            let path = format!("{endpoint}?startIndex={start}&count={PAGE}");
            let Some(page) = self.call(step, &Request::get(path), &check::list()) else {
                return;
            };
            let total = page
                .get("totalResults")
                .and_then(Value::as_u64)
                .unwrap_or_default();
            judge_page(step, endpoint, &page, (start, total));
            for resource in page
                .get("Resources")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                let id = resource
                    .get("id")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                if id.is_empty() {
                    step.find(
                        &format!("{endpoint}: id"),
                        "an id",
                        "none",
                        "Okta links by it",
                    );
                } else if !seen.insert(id.to_owned()) {
                    let why = "the order must be the same on every page";
                    step.find(&format!("{endpoint}: pages"), "each id once", id, why);
                }
            }
            start += PAGE;
            if start > total {
                break;
            }
        }
        for missing in linked.difference(&seen) {
            let why = "Okta takes what is not listed for gone";
            step.find(&format!("{endpoint}: pages"), missing, "not listed", why);
        }
    }

    /// The people who are linked, in the order of their ids.
    #[must_use]
    pub fn linked_people(&self) -> Vec<OktaId> {
        let linked = self
            .people
            .iter()
            .filter(|(_, person)| person.link.is_some());
        linked.map(|(id, _)| id.clone()).collect()
    }

    /// The groups that are pushed, in the order of their ids.
    #[must_use]
    pub fn pushed_groups(&self) -> Vec<OktaGroupId> {
        let pushed = self.groups.iter().filter(|(_, group)| group.link.is_some());
        pushed.map(|(id, _)| id.clone()).collect()
    }
}

/// A page is full unless it is the last one, and counts what it holds.
fn judge_page(step: &mut Step, endpoint: &str, page: &Value, (start, total): (u64, u64)) {
    let resources = page
        .get("Resources")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let held = u64::try_from(resources).unwrap_or(u64::MAX);
    let due = total.saturating_sub(start - 1).min(PAGE);
    if held != due {
        let why = "Okta asks for 100 and goes on at the next hundred; what is left out is lost";
        let what = format!("{endpoint}: resources on the page from {start}");
        step.find(&what, &due.to_string(), held.to_string(), why);
    }
    if let Some(told) = page.get("itemsPerPage").and_then(Value::as_u64)
        && told != held
    {
        let why = "it is the number of resources on the page (RFC 7644 section 3.4.2.4)";
        step.find(
            &format!("{endpoint}: itemsPerPage"),
            &held.to_string(),
            told.to_string(),
            why,
        );
    }
}
