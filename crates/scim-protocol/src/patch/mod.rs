//! Modification of resources (RFC 7644 section 3.5.2).
//!
//! A request is read with [`PatchRequest::parse`]. [`apply`] works on a resource that is in memory;
//! [`group::plan`] works on none, so that the members of a large group need not be loaded.
//!
//! ```
//! use rollcall_scim_protocol::dialect::Dialect;
//! use rollcall_scim_protocol::patch::{PatchRequest, apply};
//! use rollcall_scim_protocol::schema::ResourceKind;
//! use serde_json::json;
//!
//! let stored = json!({"userName": "jane", "active": true});
//! let request = PatchRequest::parse(
//!     json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
//!            "Operations": [{"op": "Replace", "path": "active", "value": "False"}]}),
//!     &Dialect::ENTRA,
//! )?;
//! let patched = apply(&stored, &request, ResourceKind::User, &Dialect::ENTRA)?;
//! assert_eq!(patched.resource["active"], false);
//! # Ok::<(), rollcall_scim_protocol::error::ScimError>(())
//! ```

mod apply;
mod elements;
pub mod group;
mod target;

pub use apply::{Patched, apply};

use serde_json::{Map, Value};

use target::Target;

use crate::dialect::{Dialect, PathlessPatch};
use crate::error::ScimError;
use crate::resource::{check_message, get};
use crate::schema::ResourceKind;
use crate::urn;

/// The most operations in one request; more is 413.
pub const MAX_OPERATIONS: usize = 1_000;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PatchOp {
    /// Adds values, or sets one.
    Add,
    /// Takes values away.
    Remove,
    /// Puts values in the place of others.
    Replace,
}

impl PatchOp {
    /// Reads the keyword, in any case (P-3.5.2-02).
    fn parse(text: &str) -> Option<Self> {
        match text {
            text if text.eq_ignore_ascii_case("add") => Some(Self::Add),
            text if text.eq_ignore_ascii_case("remove") => Some(Self::Remove),
            text if text.eq_ignore_ascii_case("replace") => Some(Self::Replace),
            _ => None,
        }
    }
}

/// One operation, as sent.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchOperation {
    /// What it does.
    pub op: PatchOp,
    /// What it does it to; none means the whole resource.
    pub path: Option<String>,
    /// What it does it with. `null` is a value: it unassigns.
    pub value: Option<Value>,
}

/// A modification: operations that are applied in order, all or none.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchRequest {
    /// The operations; there is at least one.
    pub operations: Vec<PatchOperation>,
}

impl PatchRequest {
    /// Reads a `PatchOp` message. Names of members are compared without case.
    ///
    /// # Errors
    /// `invalidSyntax` for the wrong message (P-3.5.2-01), `noTarget` for a removal without path
    /// (P-3.5.2-03), 413 for more than [`MAX_OPERATIONS`].
    pub fn parse(body: Value, dialect: &Dialect) -> Result<Self, ScimError> {
        let Value::Object(mut body) = body else {
            return Err(ScimError::invalid_syntax("a PatchOp must be a JSON object"));
        };
        check_message(&body, urn::PATCH_OP, dialect.missing_schemas)?;
        let operations = match take(&mut body, "Operations") {
            Some(Value::Array(operations)) if !operations.is_empty() => operations,
            _ => {
                return Err(ScimError::invalid_syntax(
                    "Operations must be a non-empty array",
                ));
            }
        };
        if operations.len() > MAX_OPERATIONS {
            return Err(ScimError::too_large(format!(
                "a PATCH request may have {MAX_OPERATIONS} operations at most"
            )));
        }
        let read = operations
            .into_iter()
            .map(|operation| read_operation(operation, dialect));
        Ok(Self {
            operations: read.collect::<Result<_, _>>()?,
        })
    }

    /// Whether every operation is about this one attribute, whatever it does to it: then nothing else
    /// of the resource is needed to apply them.
    #[must_use]
    pub fn is_only_about(&self, name: &str, kind: ResourceKind, dialect: &Dialect) -> bool {
        let is_it = |path: &str| {
            let target = Target::parse(path, kind, dialect.literals);
            matches!(target, Ok(Target::Attribute(path)) if path.is(name))
        };
        self.operations
            .iter()
            .all(|operation| match (&operation.path, &operation.value) {
                (Some(path), _) => is_it(path),
                (None, Some(Value::Object(entries))) => entries.keys().all(|key| is_it(key)),
                (None, _) => false,
            })
    }
}

fn read_operation(operation: Value, dialect: &Dialect) -> Result<PatchOperation, ScimError> {
    let Value::Object(mut operation) = operation else {
        return Err(ScimError::invalid_syntax(
            "an operation must be a JSON object",
        ));
    };
    let op = get(&operation, "op")
        .and_then(Value::as_str)
        .and_then(PatchOp::parse);
    let op = op.ok_or(ScimError::invalid_syntax(
        "op must be add, remove or replace",
    ))?;
    let path = match take(&mut operation, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) if path.trim().is_empty() => None,
        Some(Value::String(path)) => Some(path),
        Some(_) => return Err(ScimError::invalid_path("path must be a string")),
    };
    if path.is_none() && op == PatchOp::Remove {
        return Err(ScimError::no_target("remove needs a path"));
    }
    if path.is_none() && dialect.pathless_patch == PathlessPatch::Refuse {
        return Err(ScimError::invalid_syntax("every operation needs a path"));
    }
    let value = take(&mut operation, "value");
    if value.is_none() && op != PatchOp::Remove {
        return Err(ScimError::invalid_value("add and replace need a value"));
    }
    Ok(PatchOperation { op, path, value })
}

fn take(object: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = object
        .keys()
        .find(|key| key.eq_ignore_ascii_case(name))
        .cloned()?;
    object.swap_remove(&key)
}

#[cfg(test)]
mod tests;
