//! Pairs of an address or a form, and addresses made of them.

use std::fmt::Write as _;

use rollcall_application::ports::{Cursor, Direction};
use rollcall_application::{Failure, InvalidInput};
use rollcall_domain::MemberId;
use uuid::Uuid;

/// Rows of a page.
pub(crate) const PAGE: u32 = 50;

/// How many pages back are remembered in the address.
const TRAIL: usize = 4;

/// Names and values, as a browser sends them; a name may stand several times.
pub(crate) struct Params(pub(crate) Vec<(String, String)>);

impl Params {
    /// The value, trimmed; none when it is missing or empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(key, _)| key == name);
        value.map(|(_, v)| v.trim()).filter(|v| !v.is_empty())
    }

    /// The value exactly as sent, empty when missing: passwords are never trimmed.
    pub(crate) fn raw(&self, name: &str) -> &str {
        let value = self.0.iter().find(|(key, _)| key == name);
        value.map_or("", |(_, v)| v.as_str())
    }

    /// The value as typed, to show it again.
    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    /// Every value of the name.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        let values = self.0.iter().filter(|(key, _)| key == name);
        values.map(|(_, v)| v.clone()).collect()
    }

    /// Values of these names, to go along with a form that has no field for them.
    pub(crate) fn kept(&self, names: &[&'static str]) -> Vec<(&'static str, String)> {
        let kept = names.iter().filter_map(|name| {
            let value = self.get(name)?;
            Some((*name, value.to_owned()))
        });
        kept.collect()
    }

    /// With `order`, as a list to choose from sends it, parted into `sort` and `direction`.
    pub(crate) fn ordered(mut self) -> Self {
        let order = self.get("order").map(str::to_owned);
        self.0.retain(|(key, _)| key != "order");
        if let Some((sort, direction)) = order.as_deref().and_then(|order| order.split_once(' ')) {
            self.0
                .retain(|(key, _)| key != "sort" && key != "direction");
            self.0.push(("sort".to_owned(), sort.to_owned()));
            self.0.push(("direction".to_owned(), direction.to_owned()));
        }
        self
    }

    /// Members' ids of the name.
    pub(crate) fn members(&self, name: &str) -> Result<Vec<MemberId>, Failure> {
        let ids = self.all(name);
        ids.iter().map(|id| member_id(id)).collect()
    }

    /// The same address with other values; an empty one leaves the name out.
    pub(crate) fn with(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let kept = self
            .0
            .iter()
            .filter(|(key, value)| !value.is_empty() && changes.iter().all(|(name, _)| key != name))
            .map(|(key, value)| (key.as_str(), value.as_str()));
        let new = changes.iter().copied().filter(|(_, v)| !v.is_empty());
        let pairs: Vec<(&str, &str)> = kept.chain(new).collect();
        let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
        if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{query}")
        }
    }

    /// Where the page begins.
    pub(crate) fn cursor(&self) -> Result<Option<Cursor>, Failure> {
        let Some(text) = self.get("cursor") else {
            return Ok(None);
        };
        let cursor = text.split_at_checked(32).and_then(|(id, key)| {
            Some(Cursor {
                id: Uuid::try_parse(id).ok()?,
                key: String::from_utf8(bytes(key)?).ok()?,
            })
        });
        let malformed = || InvalidInput::new("cursor", "is not the address of a page");
        Ok(Some(cursor.ok_or_else(malformed)?))
    }

    /// Which way the list is sorted.
    pub(crate) fn direction(&self) -> Direction {
        match self.get("direction") {
            Some("desc") => Direction::Descending,
            _ => Direction::Ascending,
        }
    }

    /// Links to the pages before and after.
    pub(crate) fn pages(&self, path: &str, next: Option<&Cursor>) -> Pages {
        let here = self.get("cursor").unwrap_or("0");
        let trail: Vec<&str> = self.get("trail").map_or(vec![], |t| t.split('.').collect());
        let mut longer = trail.clone();
        longer.push(here);
        let begin = longer.len().saturating_sub(TRAIL);
        let longer = longer.get(begin..).unwrap_or_default().join(".");
        let previous = trail.split_last().map(|(last, rest)| {
            let last = if *last == "0" { "" } else { last };
            self.with(path, &[("cursor", last), ("trail", &rest.join("."))])
        });
        let next = next.map(|next| {
            let cursor = cursor_text(next);
            self.with(path, &[("cursor", &cursor), ("trail", &longer)])
        });
        let first = (here != "0").then(|| self.with(path, &[("cursor", ""), ("trail", "")]));
        Pages {
            previous,
            next,
            first,
        }
    }
}

/// Links of a long list.
pub(crate) struct Pages {
    /// The page before.
    pub(crate) previous: Option<String>,
    /// The page after.
    pub(crate) next: Option<String>,
    /// The first page, from any other.
    pub(crate) first: Option<String>,
}

impl Pages {
    /// Whether there is more than this page.
    pub(crate) fn any(&self) -> bool {
        self.previous.is_some() || self.next.is_some() || self.first.is_some()
    }
}

fn cursor_text(cursor: &Cursor) -> String {
    let mut text = cursor.id.as_simple().to_string();
    for byte in cursor.key.as_bytes() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    if !hexadecimal.is_ascii() || !hexadecimal.len().is_multiple_of(2) {
        return None;
    }
    (0..hexadecimal.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(hexadecimal.get(at..at + 2)?, 16).ok())
        .collect()
}

/// A member's id; what is no id names nobody (SEC-4).
pub(crate) fn member_id(text: &str) -> Result<MemberId, Failure> {
    text.parse().map_err(|_| Failure::Absent("member"))
}

/// A team's id; see [`member_id`].
pub(crate) fn team_id(text: &str) -> Result<rollcall_domain::TeamId, Failure> {
    text.parse().map_err(|_| Failure::Absent("team"))
}
