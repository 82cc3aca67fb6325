//! Reading the body of a create or replace request against the schema table.
//!
//! What comes out has the names of the schema, one shape for every value, nothing read-only, nothing
//! unassigned (RFC 7643 section 2.5), and `schemas` that lists exactly what is there.

mod schemas;
pub(crate) mod value;

use serde_json::{Map, Value};

use crate::dialect::{Dialect, Unknown};
use crate::error::ScimError;
use crate::path::{AttributePath, is_name};
use crate::schema::{ResourceKind, Schema};

pub(crate) use schemas::{check_message, get, list_schemas};

/// The most values of one attribute; members are counted by nobody but the size of the body.
pub const MAX_VALUES: usize = 100;
/// The longest `userName`, in bytes.
pub const MAX_USER_NAME_BYTES: usize = 320;
/// The longest text, in bytes.
pub const MAX_TEXT_BYTES: usize = 1024;
/// The longest URL, in bytes.
pub const MAX_URL_BYTES: usize = 4096;
/// The longest base64 value, in bytes.
pub const MAX_BINARY_BYTES: usize = 16 * 1024;
/// How many unknown names are reported; the rest is only counted by their absence.
const MAX_REPORTED: usize = 20;
/// The longest name that is reported or quoted.
const MAX_NAME_BYTES: usize = 100;

/// A body, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalised {
    /// The resource, with canonical names in the order of the schema.
    pub resource: Value,
    /// Attributes that the client set to nothing on purpose (`null`, `[]` or `""`), as paths. They
    /// get no default (P-3.3-02), and a replace does not keep their old value.
    pub cleared: Vec<String>,
    /// Names that no schema has, for a log: at most twenty, never their values.
    pub ignored: Vec<String>,
}

/// Reads the body of a create or replace request (RFC 7644 sections 3.3 and 3.5.1).
///
/// Read-only attributes are left out without a word (P-3.3-01, P-3.5.1-02), and so is `password`.
///
/// # Errors
/// `invalidSyntax` when the body is no resource of this kind, `invalidValue` when a value does not fit
/// its attribute or a required one is missing.
pub fn normalise(
    body: Value,
    kind: ResourceKind,
    dialect: &Dialect,
) -> Result<Normalised, ScimError> {
    let Value::Object(body) = body else {
        return Err(ScimError::invalid_syntax(format!(
            "a {} must be a JSON object",
            kind.name()
        )));
    };
    schemas::check(&body, kind, dialect)?;
    let mut reader = BodyReader::new(kind, dialect);
    for (key, value) in body {
        reader.read_key(&key, value)?;
    }
    reader.finish()
}

struct BodyReader<'a> {
    kind: ResourceKind,
    dialect: &'a Dialect,
    found: Vec<(AttributePath, Value)>,
    cleared: Vec<String>,
    ignored: Vec<String>,
}

impl<'a> BodyReader<'a> {
    fn new(kind: ResourceKind, dialect: &'a Dialect) -> Self {
        Self {
            kind,
            dialect,
            found: Vec::new(),
            cleared: Vec::new(),
            ignored: Vec::new(),
        }
    }

    fn read_key(&mut self, key: &str, value: Value) -> Result<(), ScimError> {
        if key.eq_ignore_ascii_case("schemas") {
            return Ok(());
        }
        if let Some(schema) = self.kind.extension(key) {
            return self.read_extension(schema, value);
        }
        let found = match self.dialect.unknown {
            Unknown::Ignore => self.kind.bare_attribute(key),
            Unknown::Refuse => self.kind.attribute(key).map(|attribute| (None, attribute)),
        };
        match found {
            Some((extension, attribute)) => {
                self.read_attribute(AttributePath::whole(extension, attribute), value)
            }
            None => self.unknown(key),
        }
    }

    fn read_extension(&mut self, schema: &'static Schema, value: Value) -> Result<(), ScimError> {
        let entries = match value {
            Value::Object(entries) => entries,
            Value::Null => {
                self.cleared.push(schema.urn.to_owned());
                return Ok(());
            }
            _ => {
                return Err(ScimError::invalid_value(format!(
                    "{} must be an object",
                    schema.urn
                )));
            }
        };
        for (key, value) in entries {
            match schema.attribute(&key) {
                Some(attribute) => {
                    self.read_attribute(AttributePath::whole(Some(schema), attribute), value)?;
                }
                None => self.unknown(&key)?,
            }
        }
        Ok(())
    }

    fn read_attribute(&mut self, path: AttributePath, value: Value) -> Result<(), ScimError> {
        if path.attribute.ignores_writes() {
            return Ok(());
        }
        match value::normalise_attribute(&path, value, self.dialect)? {
            Some(value) => {
                value::refuse_two_primaries(&path, &value)?;
                self.found.push((path, value));
            }
            None => self.cleared.push(path.to_string()),
        }
        Ok(())
    }

    fn unknown(&mut self, name: &str) -> Result<(), ScimError> {
        if self.dialect.unknown == Unknown::Refuse {
            let name = quotable(name);
            return Err(ScimError::invalid_syntax(format!(
                "no schema has the attribute {name}"
            )));
        }
        report(&mut self.ignored, name);
        Ok(())
    }

    fn finish(self) -> Result<Normalised, ScimError> {
        let mut resource = Map::new();
        for (path, value) in self.found {
            place(&mut resource, &path, value);
        }
        require_name(&resource, self.kind)?;
        let resource = arrange(resource, self.kind);
        Ok(Normalised {
            resource,
            cleared: self.cleared,
            ignored: self.ignored,
        })
    }
}

/// Notes a name that no schema has, shortened, and not more of them than anybody reads.
pub(crate) fn report(ignored: &mut Vec<String>, name: &str) {
    if ignored.len() < MAX_REPORTED {
        ignored.push(quotable(name).to_owned());
    }
}

/// A name of the client's as it may stand in a sentence: only if it is a plain, short name.
pub(crate) fn quotable(name: &str) -> &str {
    let is_plain = name
        .split([':', '.'])
        .all(|part| is_name(part) || part.bytes().all(|b| b.is_ascii_digit()));
    if name.len() <= MAX_NAME_BYTES && is_plain {
        name
    } else {
        "(unprintable)"
    }
}

/// Puts a value where the path says.
pub(crate) fn place(resource: &mut Map<String, Value>, path: &AttributePath, value: Value) {
    let name = path.attribute.name.to_owned();
    let Some(schema) = path.extension else {
        resource.insert(name, value);
        return;
    };
    let holder = resource
        .entry(schema.urn)
        .or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(holder) = holder {
        holder.insert(name, value);
    }
}

/// The required attribute of each kind must be there and say something (P-3.3-05, SEC-27).
pub(crate) fn require_name(
    resource: &Map<String, Value>,
    kind: ResourceKind,
) -> Result<(), ScimError> {
    let name = kind.naming_attribute();
    let Some(text) = resource.get(name).and_then(Value::as_str) else {
        return Err(ScimError::invalid_value(format!(
            "{name} is required and must not be empty"
        )));
    };
    value::check_name(name, text)
}

/// Writes the resource in the order of the schema and recomputes `schemas` (S-3-02).
pub(crate) fn arrange(mut resource: Map<String, Value>, kind: ResourceKind) -> Value {
    resource.insert("schemas".into(), Value::Null);
    for schema in kind.extensions() {
        if let Some(values) = resource.get_mut(schema.urn) {
            *values = match values.take() {
                Value::Object(values) => Value::Object(in_order(values, &names(schema))),
                _ => Value::Null,
            };
        }
    }
    let extensions = kind.extensions().iter().map(|schema| schema.urn);
    let order = ["schemas", "id", "externalId"]
        .into_iter()
        .chain(names(kind.schema()))
        .chain(extensions.clone())
        .chain(["meta"]);
    let mut arranged = in_order(resource, &order);
    for urn in extensions {
        let says_nothing = |values: &Value| values.as_object().is_none_or(Map::is_empty);
        if arranged.get(urn).is_some_and(says_nothing) {
            arranged.shift_remove(urn);
        }
    }
    let listed = list_schemas(&arranged, kind);
    arranged.insert("schemas".into(), listed);
    Value::Object(arranged)
}

fn names(schema: &Schema) -> impl Iterator<Item = &'static str> + Clone {
    schema.attributes.iter().map(|attribute| attribute.name)
}

/// The entries with these names, in this order. There are few of either: comparing them costs less than
/// looking each name up.
fn in_order(
    object: Map<String, Value>,
    order: &(impl Iterator<Item = &'static str> + Clone),
) -> Map<String, Value> {
    let mut entries: Vec<(usize, String, Value)> = object
        .into_iter()
        .filter_map(|(name, value)| {
            let place = order.clone().position(|one| one == name)?;
            Some((place, name, value))
        })
        .collect();
    entries.sort_unstable_by_key(|(place, ..)| *place);
    let entries = entries.into_iter();
    entries.map(|(_, name, value)| (name, value)).collect()
}

#[cfg(test)]
mod tests;
