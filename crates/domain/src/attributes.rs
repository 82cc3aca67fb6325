//! What a directory said of a person beyond what the rules look at.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::activity::FieldChange;
use crate::text::FoldedKey;

/// The text is not a JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("further attributes must be a JSON object")]
pub struct AttributesError;

/// A JSON object of further attributes (phone numbers, addresses, title, extensions), opaque to
/// every rule, kept as text so that a plain read passes it through untouched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Attributes(String);

impl Default for Attributes {
    fn default() -> Self {
        Self("{}".to_owned())
    }
}

impl Attributes {
    /// Renders an object.
    #[must_use]
    pub fn of(object: &Map<String, Value>) -> Self {
        Self(serde_json::to_string(object).expect("a JSON object always renders"))
    }

    /// Checks a text.
    ///
    /// # Errors
    /// [`AttributesError`] when it is not a JSON object.
    pub fn parse(text: &str) -> Result<Self, AttributesError> {
        let object: Map<String, Value> = serde_json::from_str(text).map_err(|_| AttributesError)?;
        Ok(Self::of(&object))
    }

    /// Takes a text that was checked when it was stored.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The object, for reading single attributes; empty when a stored text was damaged.
    #[must_use]
    pub fn object(&self) -> Map<String, Value> {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// The e-mail addresses beside the primary one, trimmed and folded, each once: the primary
    /// address itself has a place of its own, and its entry here no value.
    #[must_use]
    pub fn further_email_keys(&self) -> BTreeSet<FoldedKey> {
        if !self.0.contains("\"emails\"") {
            return BTreeSet::new();
        }
        let object = self.object();
        let emails = object.get("emails").and_then(Value::as_array);
        let addresses = emails
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.get("value")?.as_str());
        addresses
            .map(|address| FoldedKey::of(address.trim()))
            .collect()
    }

    /// What differs between two objects, attribute by attribute, for an activity entry.
    #[must_use]
    pub fn differences(&self, next: &Self) -> Vec<FieldChange> {
        if self == next {
            return Vec::new();
        }
        let (before, after) = (self.object(), next.object());
        let mut changes = Vec::new();
        for (name, old) in &before {
            let new = after.get(name);
            if new != Some(old) {
                changes.push(FieldChange::new(name, Some(shown(old)), new.map(shown)));
            }
        }
        for (name, new) in &after {
            if !before.contains_key(name) {
                changes.push(FieldChange::new(name, None, Some(shown(new))));
            }
        }
        changes
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
