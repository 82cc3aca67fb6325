//! The `schemas` attribute of resources and messages (RFC 7643 section 3, RFC 7644 section 3.1).

use serde_json::{Map, Value};

use crate::dialect::{Dialect, MissingSchemas, Unknown};
use crate::error::ScimError;
use crate::schema::ResourceKind;
use crate::urn;

/// Looks a key up without case.
pub(crate) fn get<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let exact = object.get(name);
    exact.or_else(|| {
        object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, v)| v)
    })
}

/// The URNs that the client listed.
fn listed(body: &Map<String, Value>) -> Result<Vec<&str>, ScimError> {
    let wrong = || ScimError::invalid_syntax("schemas must be an array of URNs");
    match get(body, "schemas") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one]),
        Some(Value::Array(several)) => several
            .iter()
            .map(|urn| urn.as_str().ok_or_else(wrong))
            .collect(),
        Some(_) => Err(wrong()),
    }
}

/// Checks the list of a resource (S-3-01).
pub(super) fn check(
    body: &Map<String, Value>,
    kind: ResourceKind,
    dialect: &Dialect,
) -> Result<(), ScimError> {
    let listed = listed(body)?;
    let base = kind.schema().urn;
    let has_base = listed.iter().any(|listed| urn::same(listed, base));
    if !has_base
        && listed
            .iter()
            .any(|listed| listed.starts_with(urn::VERSION_1_PREFIX))
    {
        return Err(ScimError::invalid_syntax(format!(
            "this is SCIM 2.0; SCIM 1.1 is not supported: send the schema {base}"
        )));
    }
    if dialect.missing_schemas == MissingSchemas::Refuse && !has_base {
        return Err(ScimError::invalid_syntax(format!(
            "schemas must list {base}"
        )));
    }
    let is_known = |listed: &&str| urn::same(listed, base) || kind.extension(listed).is_some();
    if dialect.unknown == Unknown::Refuse && !listed.iter().all(is_known) {
        return Err(ScimError::invalid_syntax(format!(
            "schemas lists a schema that a {} does not have",
            kind.name()
        )));
    }
    Ok(())
}

/// Checks the list of a message such as `PatchOp`.
pub(crate) fn check_message(
    body: &Map<String, Value>,
    wanted: &str,
    missing: MissingSchemas,
) -> Result<(), ScimError> {
    let listed = listed(body)?;
    let is_listed = listed.iter().any(|listed| urn::same(listed, wanted));
    if is_listed || (listed.is_empty() && missing == MissingSchemas::Infer) {
        return Ok(());
    }
    Err(ScimError::invalid_syntax(format!(
        "schemas must list {wanted}"
    )))
}

/// The base schema and the extensions of which there is data (S-3-02, S-3.3-01).
pub(crate) fn list_schemas(resource: &Map<String, Value>, kind: ResourceKind) -> Value {
    let extensions = kind.extensions().iter().map(|schema| schema.urn);
    let present = extensions.filter(|urn| resource.contains_key(*urn));
    std::iter::once(kind.schema().urn)
        .chain(present)
        .map(Value::from)
        .collect()
}
