//! What a directory said of a person beyond what the rules look at.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
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
        let parts = self.parts();
        let emails = parts.get("emails").map(RawValue::get);
        // The entry of the primary address has none: most people need not be read further.
        let Some(emails) = emails.filter(|text| text.contains("\"value\"")) else {
            return BTreeSet::new();
        };
        let emails: Vec<Value> = serde_json::from_str(emails).unwrap_or_default();
        let addresses = emails
            .iter()
            .filter_map(|entry| entry.get("value")?.as_str());
        addresses
            .map(|address| FoldedKey::of(address.trim()))
            .collect()
    }

    /// The object opened no further than its names; empty when a stored text was damaged.
    #[must_use]
    pub fn parts(&self) -> Parts<'_> {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// What differs between two objects, attribute by attribute, for an activity entry.
    #[must_use]
    pub fn differences(&self, next: &Self) -> Vec<FieldChange> {
        if self == next {
            return Vec::new();
        }
        let (before, after) = (self.parts(), next.parts());
        let mut changes = Vec::new();
        for (name, old) in &before.0 {
            let new = after.get(name);
            if new.is_none_or(|new| differ(old, new)) {
                changes.push(FieldChange::new(name, Some(shown(old)), new.map(shown)));
            }
        }
        for (name, new) in &after.0 {
            if before.get(name).is_none() {
                changes.push(FieldChange::new(name, None, Some(shown(new))));
            }
        }
        changes
    }
}

/// Whether two values differ, and not only the texts they stand in.
fn differ(one: &RawValue, other: &RawValue) -> bool {
    one.get() != other.get() && read(one) != read(other)
}

fn shown(value: &RawValue) -> String {
    match read(value) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// The value of a part: a part is always a whole JSON value.
fn read(part: &RawValue) -> Value {
    serde_json::from_str(part.get()).unwrap_or_default()
}

/// As many names as most objects have.
const FEW: usize = 8;

/// A JSON object that is opened no further than its names.
#[derive(Debug, Clone, Default)]
pub struct Parts<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Parts<'a> {
    /// The value of a name, as it stands in the text.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a RawValue> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| *value)
    }

    /// Names and values in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), *value))
    }
}

impl<'de> Deserialize<'de> for Parts<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Parts<'de>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut parts = Vec::with_capacity(FEW);
                while let Some((Name(name), value)) = map.next_entry()? {
                    parts.push((name, value));
                }
                Ok(Parts(parts))
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

/// A name, where it stands in the text or, where it is written with escapes, by itself.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(Text)
    }
}
