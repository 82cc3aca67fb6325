//! One value, made to fit its attribute or refused.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    MAX_BINARY_BYTES, MAX_TEXT_BYTES, MAX_URL_BYTES, MAX_USER_NAME_BYTES, MAX_VALUES, quotable,
};
use crate::binary;
use crate::dialect::{Dialect, Literals, Unknown};
use crate::error::ScimError;
use crate::fold::fold_unless;
use crate::json::holds_refused_control;
use crate::path::AttributePath;
use crate::schema::{Attribute, AttributeType, Mutability};

/// Makes a whole attribute canonical. `None` means unassigned (RFC 7643 section 2.5).
pub(crate) fn normalise_attribute(
    path: &AttributePath,
    raw: Value,
    dialect: &Dialect,
) -> Result<Option<Value>, ScimError> {
    if !path.attribute.multi_valued {
        return normalise_single(path, raw, dialect);
    }
    let values = normalise_list(path, raw, dialect)?;
    Ok((!values.is_empty()).then_some(Value::Array(values)))
}

/// Makes the values of a multi-valued attribute canonical, each of them once (S-2.4-02).
///
/// One object where an array belongs is taken as an array of one (P-3.5.2-13).
pub(crate) fn normalise_list(
    path: &AttributePath,
    raw: Value,
    dialect: &Dialect,
) -> Result<Vec<Value>, ScimError> {
    let raw = match raw {
        Value::Null => return Ok(Vec::new()),
        Value::Array(values) => values,
        one => vec![one],
    };
    if raw.len() > MAX_VALUES && !is_unbounded(path.attribute) {
        return Err(ScimError::invalid_value(format!(
            "{path} has more than {MAX_VALUES} values"
        )));
    }
    let mut values = Vec::with_capacity(raw.len());
    for value in raw {
        values.extend(normalise_single(path, value, dialect)?);
    }
    if values.len() < 2 {
        return Ok(values);
    }
    let mut list = DistinctList::new(path.attribute, Vec::new());
    for value in values {
        list.absorb(value);
    }
    Ok(list.into_values())
}

/// Members are as many as the body holds; everything else has an end.
pub(crate) fn is_unbounded(attribute: &Attribute) -> bool {
    attribute.name == "members"
}

/// Makes one value canonical: the value of a singular attribute, or one element of a list.
pub(crate) fn normalise_single(
    path: &AttributePath,
    raw: Value,
    dialect: &Dialect,
) -> Result<Option<Value>, ScimError> {
    if !path.attribute.is_complex() {
        return normalise_leaf(path, raw, dialect);
    }
    let parts = read_parts(path, raw, dialect)?.into_iter();
    let parts = parts
        .filter_map(|(sub, value)| Some((sub.name.to_owned(), value?)))
        .collect();
    Ok(says_something(path.attribute, &parts).then_some(Value::Object(parts)))
}

/// A value that only says what kind of value it would be (`type`, `primary`) says nothing.
pub(crate) fn says_something(attribute: &Attribute, parts: &Map<String, Value>) -> bool {
    if !attribute.multi_valued {
        return !parts.is_empty();
    }
    parts.keys().any(|name| name != "type" && name != "primary")
}

/// The parts of a complex value in the order of the schema, each canonical; `None` where the client
/// set a part to nothing.
pub(crate) fn read_parts(
    path: &AttributePath,
    raw: Value,
    dialect: &Dialect,
) -> Result<Vec<(&'static Attribute, Option<Value>)>, ScimError> {
    let mut raw = lift(path, raw, dialect)?;
    derive_value(path.attribute, &mut raw);
    let mut raw: Vec<(String, Value)> = raw.into_iter().collect();
    let mut parts = Vec::with_capacity(raw.len());
    for sub in path.attribute.sub_attributes {
        if is_computed(path.attribute, sub) {
            continue;
        }
        let mut names = raw.iter().map(|(name, _)| name);
        let Some(place) = names.position(|name| name.eq_ignore_ascii_case(sub.name)) else {
            continue;
        };
        let (_, value) = raw.swap_remove(place);
        parts.push((sub, normalise_leaf(&path.with_sub(sub), value, dialect)?));
    }
    refuse_unknown_parts(path, &raw, dialect)?;
    Ok(parts)
}

/// What is left of a value has no name in the schema, or is the provider's to say (I-5.3).
fn refuse_unknown_parts(
    path: &AttributePath,
    rest: &[(String, Value)],
    dialect: &Dialect,
) -> Result<(), ScimError> {
    if dialect.unknown == Unknown::Ignore {
        return Ok(());
    }
    let is_unknown = |name: &&String| path.attribute.sub_attribute(name).is_none();
    match rest.iter().map(|(name, _)| name).find(is_unknown) {
        None => Ok(()),
        Some(name) => Err(ScimError::invalid_syntax(format!(
            "no schema has the attribute {path}.{}",
            quotable(name)
        ))),
    }
}

/// Parts that the provider writes itself, whatever the client says: read-only ones, addresses
/// (SEC-33), and what a group says about a member beside its id.
pub(crate) fn is_computed(attribute: &Attribute, sub: &Attribute) -> bool {
    let describes_member = sub.mutability == Mutability::Immutable && sub.name != "value";
    sub.mutability == Mutability::ReadOnly
        || attribute.mutability == Mutability::ReadOnly
        || sub.name == "$ref"
        || describes_member
}

/// Turns what clients send for a complex value into an object: a bare string is its `value`, and an
/// array of one stands for a singular value (P-10).
fn lift(
    path: &AttributePath,
    raw: Value,
    dialect: &Dialect,
) -> Result<Map<String, Value>, ScimError> {
    let has_value = path.attribute.sub_attribute("value").is_some();
    let is_lenient = dialect.literals == Literals::Lenient && has_value;
    match raw {
        Value::Object(parts) => Ok(parts),
        Value::Null => Ok(Map::new()),
        Value::String(text) if is_lenient => {
            Ok(Map::from_iter([("value".to_owned(), Value::String(text))]))
        }
        Value::Array(mut values)
            if is_lenient && values.len() < 2 && !path.attribute.multi_valued =>
        {
            match values.pop() {
                Some(Value::Array(_)) => Err(wrong_type(path, "an object")),
                Some(one) => lift(path, one, dialect),
                None => Ok(Map::new()),
            }
        }
        _ => Err(wrong_type(path, "an object")),
    }
}

/// `$ref` names the same resource as `value`, so it can stand in for it (RFC 7643 section 2.4).
fn derive_value(attribute: &Attribute, parts: &mut Map<String, Value>) {
    if attribute.sub_attribute("$ref").is_none() {
        return;
    }
    let named = |name: &str| parts.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    if named("value").is_some_and(|(_, value)| !value.is_null()) {
        return;
    }
    let Some(reference) = named("$ref").and_then(|(_, value)| value.as_str()) else {
        return;
    };
    let id = reference
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned();
    parts.retain(|key, _| !key.eq_ignore_ascii_case("value"));
    parts.insert("value".into(), Value::String(id));
}

/// Makes a value of a simple type canonical.
pub(crate) fn normalise_leaf(
    path: &AttributePath,
    raw: Value,
    dialect: &Dialect,
) -> Result<Option<Value>, ScimError> {
    match (path.leaf().data_type, raw) {
        (_, Value::Null) => Ok(None),
        // RFC 7643 section 2.5 equates null and the empty array; clients clear with "" as well.
        (_, Value::String(text)) if text.is_empty() => Ok(None),
        (_, Value::Array(values)) if values.is_empty() => Ok(None),
        (AttributeType::Boolean, Value::Bool(value)) => Ok(Some(Value::Bool(value))),
        (AttributeType::Boolean, Value::String(text)) if dialect.literals == Literals::Lenient => {
            let value = read_boolean(&text).ok_or_else(|| wrong_type(path, "true or false"))?;
            Ok(Some(Value::Bool(value)))
        }
        (AttributeType::Boolean, _) => Err(wrong_type(path, "true or false")),
        (AttributeType::Binary, Value::String(text)) => {
            check_length(path, &text)?;
            let bytes = binary::decode(&text).ok_or_else(|| wrong_type(path, "base64 text"))?;
            if binary::holds_two_certificates(&bytes) {
                return Err(wrong_type(path, "one certificate"));
            }
            Ok(Some(Value::String(text)))
        }
        (AttributeType::Integer | AttributeType::Complex, _) => Err(ScimError::invalid_value(
            format!("{path} cannot be written"),
        )),
        (_, Value::String(text)) => {
            check_length(path, &text)?;
            Ok(Some(Value::String(text)))
        }
        (_, _) => Err(wrong_type(path, "a string")),
    }
}

/// `true` and `false` as text, in any case (P-01).
pub(crate) fn read_boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    text.eq_ignore_ascii_case("false").then_some(false)
}

fn wrong_type(path: &AttributePath, wanted: &str) -> ScimError {
    ScimError::invalid_value(format!("{path} must be {wanted}"))
}

fn check_length(path: &AttributePath, text: &str) -> Result<(), ScimError> {
    let leaf = path.leaf();
    let limit = match leaf.data_type {
        AttributeType::Reference => MAX_URL_BYTES,
        AttributeType::Binary => MAX_BINARY_BYTES,
        _ if leaf.name == "userName" => MAX_USER_NAME_BYTES,
        _ => MAX_TEXT_BYTES,
    };
    if text.len() > limit {
        return Err(ScimError::invalid_value(format!(
            "{path} is longer than {limit} bytes"
        )));
    }
    if holds_refused_control(text) {
        return Err(ScimError::invalid_value(format!(
            "{path} contains a control character"
        )));
    }
    Ok(())
}

/// A name that identifies: not blank, and on one line (SEC-27).
pub(crate) fn check_name(name: &str, text: &str) -> Result<(), ScimError> {
    if text.trim().is_empty() {
        return Err(ScimError::invalid_value(format!(
            "{name} is required and must not be empty"
        )));
    }
    if text.chars().any(char::is_control) {
        let name = quotable(name);
        return Err(ScimError::invalid_value(format!(
            "{name} contains a control character"
        )));
    }
    Ok(())
}

/// At most one value may be the primary one (RFC 7643 section 2.4).
pub(crate) fn refuse_two_primaries(path: &AttributePath, value: &Value) -> Result<(), ScimError> {
    let values = value.as_array().map_or(&[][..], Vec::as_slice);
    if values.iter().filter(|value| is_primary(value)).count() > 1 {
        return Err(ScimError::invalid_value(format!(
            "{path} has more than one primary value"
        )));
    }
    Ok(())
}

pub(crate) fn is_primary(value: &Value) -> bool {
    value.get("primary") == Some(&Value::Bool(true))
}

/// A list in which no two values have the same `type` and `value` (S-2.4-02).
pub(crate) struct DistinctList {
    attribute: &'static Attribute,
    values: Vec<Value>,
    places: HashMap<String, usize>,
}

impl DistinctList {
    pub(crate) fn new(attribute: &'static Attribute, values: Vec<Value>) -> Self {
        let keyed = values.iter().enumerate();
        let places = keyed
            .map(|(place, value)| (key(attribute, value), place))
            .collect();
        Self {
            attribute,
            values,
            places,
        }
    }

    /// Adds the value, or lets the one that is already there take over its other parts. Answers where
    /// the value now stands.
    pub(crate) fn absorb(&mut self, value: Value) -> usize {
        let key = key(self.attribute, &value);
        if let Some(&place) = self.places.get(&key) {
            merge_into(self.values.get_mut(place), value);
            return place;
        }
        let place = self.values.len();
        self.places.insert(key, place);
        self.values.push(value);
        place
    }

    pub(crate) fn into_values(self) -> Vec<Value> {
        self.values
    }
}

fn merge_into(existing: Option<&mut Value>, value: Value) {
    if let (Some(Value::Object(existing)), Value::Object(parts)) = (existing, value) {
        existing.extend(parts);
    }
}

/// What makes a value the same value: `type` and `value`, or everything where there is no `value`.
fn key(attribute: &Attribute, value: &Value) -> String {
    let Some(object) = value.as_object() else {
        return value.to_string();
    };
    let part = |name: &str| {
        let case_exact = attribute
            .sub_attribute(name)
            .is_some_and(|sub| sub.case_exact);
        object
            .get(name)
            .and_then(Value::as_str)
            .map(|text| fold_unless(case_exact, text))
    };
    match part("value") {
        // Members and groups are distinguished by id alone.
        Some(id) if attribute.sub_attribute("$ref").is_some() => id.into_owned(),
        Some(text) => format!("{}\u{0}{text}", part("type").unwrap_or_default()),
        None => {
            let mut parts: Vec<_> = object
                .iter()
                .filter(|(name, _)| *name != "primary")
                .collect();
            parts.sort_by_key(|(name, _)| *name);
            format!("{parts:?}")
        }
    }
}
