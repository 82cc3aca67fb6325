//! Who tells the story: what was sent, what was answered, what changed; and what it claims, which
//! is checked.

use std::cell::RefCell;

use rollcall_idp_simulator::observe::Step;
use serde_json::Value;

use super::gist;
use super::panel::{Panel, items, text};
use crate::output::say;

/// Changed fields that a story does better without; Activity shows them all. `member` is told as
/// the other object concerned.
const UNTOLD: [&str; 5] = [
    "member",
    "external_id",
    "directory_active",
    "locale",
    "emails",
];

/// Tells, and keeps count of what turned out false.
pub(super) struct Narrator<'a> {
    panel: &'a Panel,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    /// The last entry of Activity that was told.
    last_told: String,
    held: usize,
    broken: Vec<String>,
}

impl<'a> Narrator<'a> {
    /// Begins after whatever Activity holds already.
    ///
    /// # Errors
    /// When Activity cannot be read.
    pub(super) fn new(panel: &'a Panel) -> anyhow::Result<Self> {
        let narrator = Self {
            panel,
            state: RefCell::default(),
        };
        narrator.unheard()?;
        Ok(narrator)
    }

    /// A new chapter.
    #[expect(
        clippy::unused_self,
        reason = "everything that is told is told by the narrator"
    )]
    pub(super) fn chapter(&self, title: &str) {
        say!("\n=== {title}");
    }

    /// A sentence.
    #[expect(
        clippy::unused_self,
        reason = "everything that is told is told by the narrator"
    )]
    pub(super) fn remark(&self, sentence: &str) {
        say!("  {sentence}");
    }

    /// Something that somebody did in the panel, and what changed by it.
    pub(super) fn act(&self, sentence: &str) {
        say!("\n* {sentence}");
        self.tell_changes();
    }

    /// Something that Okta did, request by request, and what changed by it.
    pub(super) fn step(&self, step: &Step) {
        say!("\n* {}", step.title);
        for exchange in &step.exchanges {
            say!(
                "    sent      {} {}",
                exchange.method,
                gist::of_path(&exchange.path)
            );
            if let Some(document) = &exchange.request {
                say!("              {}", gist::of_document(document));
            }
            say!(
                "    answered  {}",
                answer(exchange.status, exchange.body.as_ref())
            );
        }
        self.tell_changes();
    }

    /// Checks a claim of the story.
    pub(super) fn claim(&self, claim: &str, holds: bool) {
        let mut state = self.state.borrow_mut();
        if holds {
            state.held += 1;
            say!("    [ok] {claim}");
        } else {
            say!("    [FALSE] {claim}");
            state.broken.push(claim.to_owned());
        }
    }

    /// How many claims held, and which did not.
    pub(super) fn verdict(self) -> (usize, Vec<String>) {
        let state = self.state.into_inner();
        (state.held, state.broken)
    }

    fn tell_changes(&self) {
        match self.unheard() {
            Ok(entries) if entries.is_empty() => say!("    changed   nothing"),
            Ok(entries) => {
                for entry in entries {
                    say!("    changed   {}", sentence(&entry));
                }
            }
            Err(error) => self.claim(&format!("Activity can be read: {error:#}"), false),
        }
    }

    /// Entries of Activity that were not told yet, oldest first. Ids are time-ordered.
    fn unheard(&self) -> anyhow::Result<Vec<Value>> {
        let page = self.panel.get("/activity?limit=200")?;
        let mut state = self.state.borrow_mut();
        let mut entries: Vec<Value> = items(&page)
            .iter()
            .filter(|entry| text(entry, "/id") > state.last_told.as_str())
            .cloned()
            .collect();
        entries.reverse();
        if let Some(newest) = entries.last() {
            text(newest, "/id").clone_into(&mut state.last_told);
        }
        Ok(entries)
    }
}

fn answer(status: u16, body: Option<&Value>) -> String {
    let Some(body) = body else {
        return status.to_string();
    };
    if let Some(total) = body.get("totalResults") {
        return format!("{status}, {total} found");
    }
    format!("{status} {}", gist::of_document(body))
}

/// An entry of Activity in words: `member updated: Jane Doe (title: … -> …), by Okta`.
fn sentence(entry: &Value) -> String {
    let action = text(entry, "/action").replace(['.', '_'], " ");
    let warning = if text(entry, "/kind") == "warning" {
        "warning, "
    } else {
        ""
    };
    let related = match text(entry, "/related/label") {
        "" => String::new(),
        label => format!(", {label}"),
    };
    let changes: Vec<String> = entry
        .pointer("/changes")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice)
        .iter()
        .filter(|change| !UNTOLD.contains(&text(change, "/field")))
        .map(change)
        .collect();
    let changes = if changes.is_empty() {
        String::new()
    } else {
        format!(" ({})", changes.join("; "))
    };
    let (target, actor) = (text(entry, "/target/label"), text(entry, "/actor/label"));
    format!("{warning}{action}: {target}{related}{changes}, by {actor}")
}

fn change(change: &Value) -> String {
    let shown = |pointer| match text(change, pointer) {
        "" => "nothing",
        value => value,
    };
    format!(
        "{}: {} -> {}",
        text(change, "/field"),
        shown("/before"),
        shown("/after")
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_is_told_in_words() {
        let entry = json!({"action": "team.member_added", "kind": "change",
            "target": {"label": "Design"}, "related": {"label": "Li"}, "actor": {"label": "Okta"},
            "changes": [{"field": "member", "before": null, "after": "Li"}]});
        let expected = "team member added: Design, Li, by Okta";
        assert_eq!(sentence(&entry), expected);
        let entry = json!({"action": "member.updated", "kind": "change",
            "target": {"label": "Li"}, "actor": {"label": "Okta"},
            "changes": [{"field": "title", "before": null, "after": "Designer"}]});
        let expected = "member updated: Li (title: nothing -> Designer), by Okta";
        assert_eq!(sentence(&entry), expected);
    }
}
