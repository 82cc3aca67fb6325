//! Applies a modification to a resource in memory.

use serde_json::{Map, Value};

use super::target::{FilteredTarget, Target, TargetError};
use super::{PatchOp, PatchOperation, PatchRequest, elements};
use crate::dialect::{ComplexReplace, Dialect, Unknown};
use crate::error::ScimError;
use crate::path::AttributePath;
use crate::resource::value::{is_computed, normalise_leaf, normalise_single, read_parts};
use crate::resource::{arrange, place, report, require_name};
use crate::schema::{Attribute, Mutability, ResourceKind, Schema};

/// A resource after a modification.
#[derive(Debug, Clone, PartialEq)]
pub struct Patched {
    /// The new resource. What the provider owns (`id`, `meta`, `groups`) is as it was.
    pub resource: Value,
    /// Whether anything is different (P-3.5.2-10: if not, neither is the version).
    pub changed: bool,
    /// Names that no schema has, for a log.
    pub ignored: Vec<String>,
}

/// Applies the operations in order, all or none (P-3.5.2-04): on an error there is no new resource.
///
/// The names in `resource` must be canonical, as [`crate::resource::normalise`] makes them.
///
/// # Errors
/// As RFC 7644 section 3.5.2 says: `invalidPath`, `invalidFilter`, `noTarget`, `mutability` and
/// `invalidValue`.
pub fn apply(
    resource: &Value,
    request: &PatchRequest,
    kind: ResourceKind,
    dialect: &Dialect,
) -> Result<Patched, ScimError> {
    let Value::Object(before) = resource else {
        return Err(ScimError::invalid_syntax("a resource is a JSON object"));
    };
    let mut patcher = Patcher {
        kind,
        dialect,
        resource: before.clone(),
        ignored: Vec::new(),
    };
    for operation in &request.operations {
        patcher.operation(operation)?;
    }
    patcher.finish(before)
}

struct Patcher<'a> {
    kind: ResourceKind,
    dialect: &'a Dialect,
    resource: Map<String, Value>,
    ignored: Vec<String>,
}

impl Patcher<'_> {
    fn operation(&mut self, operation: &PatchOperation) -> Result<(), ScimError> {
        let PatchOperation { op, path, value } = operation;
        let Some(path) = path else {
            return self.whole_resource(*op, value.clone());
        };
        let target = match Target::parse(path, self.kind, self.dialect.literals) {
            Ok(target) => target,
            Err(error) => return self.no_target(path, error),
        };
        match &target {
            Target::Attribute(path) => refuse_read_only(path.attribute, path.sub, path)?,
            Target::Filtered(filtered) => {
                refuse_read_only(filtered.path.attribute, filtered.sub, &filtered.path)?;
                filtered.check(*op, self.dialect)?;
            }
            Target::Resource | Target::Extension(_) => {}
        }
        self.target(*op, &target, value.clone())
    }

    fn no_target(&mut self, path: &str, error: TargetError) -> Result<(), ScimError> {
        if matches!(error, TargetError::Unknown) && self.dialect.unknown == Unknown::Ignore {
            report(&mut self.ignored, path);
            return Ok(());
        }
        Err(error.refused(path))
    }

    /// The keys of the value are paths (P-3.5.2-09). What the provider owns is passed over: clients
    /// send the `id` along.
    fn whole_resource(&mut self, op: PatchOp, value: Option<Value>) -> Result<(), ScimError> {
        let Some(Value::Object(entries)) = value else {
            return Err(ScimError::invalid_value(
                "without a path, value must be an object",
            ));
        };
        for (key, value) in entries {
            match Target::parse(&key, self.kind, self.dialect.literals) {
                Ok(target) if is_read_only(&target) => {}
                // The base URN inside a value would be a resource inside a resource.
                Ok(Target::Resource) => report(&mut self.ignored, &key),
                Ok(target) => self.target(op, &target, Some(value))?,
                Err(error) => self.no_target(&key, error)?,
            }
        }
        Ok(())
    }

    fn target(
        &mut self,
        op: PatchOp,
        target: &Target,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        match target {
            Target::Resource if op == PatchOp::Remove => {
                Err(ScimError::mutability("a resource is removed with DELETE"))
            }
            Target::Resource => self.whole_resource(op, value),
            Target::Extension(schema) => self.extension(op, schema, value),
            Target::Attribute(path) => self.attribute(op, *path, value),
            Target::Filtered(filtered) => self.filtered(op, filtered, value),
        }
    }

    fn extension(
        &mut self,
        op: PatchOp,
        schema: &'static Schema,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let entries = match value {
            Some(Value::Object(entries)) if op != PatchOp::Remove => entries,
            None | Some(Value::Null | Value::Object(_)) => {
                self.resource.shift_remove(schema.urn);
                return Ok(());
            }
            Some(_) => {
                return Err(ScimError::invalid_value(format!(
                    "{} must be an object",
                    schema.urn
                )));
            }
        };
        for (key, value) in entries {
            let path = format!("{}:{key}", schema.urn);
            match Target::parse(&path, self.kind, self.dialect.literals) {
                Ok(target) if is_read_only(&target) => {}
                Ok(target) => self.target(op, &target, Some(value))?,
                Err(error) => self.no_target(&path, error)?,
            }
        }
        Ok(())
    }

    fn attribute(
        &mut self,
        op: PatchOp,
        path: AttributePath,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        // `schemas` follows the data (P-3.5.2-08), and secrets are not kept (SEC-21).
        if path.is("schemas") || path.attribute.mutability == Mutability::WriteOnly {
            return Ok(());
        }
        match path.sub {
            Some(sub) => self.part(op, path, sub, value),
            None if path.attribute.multi_valued => self.list(op, path, value),
            None => self.singular(op, path, value),
        }
    }

    fn singular(
        &mut self,
        op: PatchOp,
        path: AttributePath,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        if op == PatchOp::Remove {
            if path.attribute.required {
                return Err(ScimError::mutability(format!("{path} is required")));
            }
            self.unassign(&path);
            return Ok(());
        }
        let raw = value.unwrap_or(Value::Null);
        let is_merge = op == PatchOp::Add || self.dialect.complex_replace == ComplexReplace::Merge;
        if path.attribute.is_complex() && is_merge && is_merged(&raw) {
            let parts = read_parts(&path, raw, self.dialect)?;
            let mut merged = match self.take(&path).pop() {
                Some(Value::Object(merged)) => merged,
                _ => Map::new(),
            };
            elements::merge_parts(path.attribute, &mut merged, &parts);
            self.put(&path, vec![Value::Object(merged)]);
            return Ok(());
        }
        match normalise_single(&path, raw, self.dialect)? {
            Some(value) => place(&mut self.resource, &path, value),
            None if path.attribute.required => {
                return Err(ScimError::invalid_value(format!(
                    "{path} must not be empty"
                )));
            }
            None => self.unassign(&path),
        }
        Ok(())
    }

    fn list(
        &mut self,
        op: PatchOp,
        path: AttributePath,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let current = self.take(&path);
        let values = match (op, value) {
            (PatchOp::Add, raw) => {
                elements::add(&path, current, raw.unwrap_or(Value::Null), self.dialect)?
            }
            (PatchOp::Replace, raw) => {
                elements::replace(&path, raw.unwrap_or(Value::Null), self.dialect)?
            }
            (PatchOp::Remove, None | Some(Value::Null)) => Vec::new(),
            (PatchOp::Remove, Some(raw)) => {
                elements::remove_listed(&path, current, raw, self.dialect)?
            }
        };
        self.put(&path, values);
        Ok(())
    }

    /// `name.familyName`, or a part of every value of a list.
    fn part(
        &mut self,
        op: PatchOp,
        path: AttributePath,
        sub: &'static Attribute,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let whole = AttributePath { sub: None, ..path };
        if sub.name == "$ref" {
            // The address stands for the id; taking it away changes nothing, as it is computed.
            let Some(value) = value.filter(|_| op != PatchOp::Remove) else {
                return Ok(());
            };
            let reference = Value::from_iter([("$ref", value)]);
            return self.attribute(op, whole, Some(reference));
        }
        if is_computed(path.attribute, sub) {
            return Ok(());
        }
        let part = match op {
            PatchOp::Remove => None,
            _ => normalise_leaf(&path, value.unwrap_or(Value::Null), self.dialect)?,
        };
        let values = elements::set_part(&whole, sub, self.take(&whole), part);
        self.put(&whole, values);
        Ok(())
    }

    fn filtered(
        &mut self,
        op: PatchOp,
        target: &FilteredTarget,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        if target
            .sub
            .is_some_and(|sub| is_computed(target.path.attribute, sub))
        {
            return Ok(());
        }
        let values = self.take(&target.path);
        let values = elements::Edit {
            op,
            target,
            dialect: self.dialect,
        }
        .run(values, value)?;
        self.put(&target.path, values);
        Ok(())
    }

    /// Takes the values out: of a list all of them, of a singular attribute the one.
    fn take(&mut self, path: &AttributePath) -> Vec<Value> {
        match self
            .holder(path)
            .and_then(|holder| holder.shift_remove(path.attribute.name))
        {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(values)) => values,
            Some(one) => vec![one],
        }
    }

    fn put(&mut self, path: &AttributePath, mut values: Vec<Value>) {
        if path.attribute.multi_valued {
            if !values.is_empty() {
                place(&mut self.resource, path, Value::Array(values));
            }
            return;
        }
        if let Some(value) = values.pop() {
            place(&mut self.resource, path, value);
        }
    }

    fn unassign(&mut self, path: &AttributePath) {
        if let Some(holder) = self.holder(path) {
            holder.shift_remove(path.attribute.name);
        }
    }

    fn holder(&mut self, path: &AttributePath) -> Option<&mut Map<String, Value>> {
        match path.extension {
            None => Some(&mut self.resource),
            Some(schema) => self.resource.get_mut(schema.urn)?.as_object_mut(),
        }
    }

    fn finish(mut self, before: &Map<String, Value>) -> Result<Patched, ScimError> {
        let kind = self.kind;
        let base = kind
            .schema()
            .attributes
            .iter()
            .map(|attribute| (None, attribute));
        let extensions = kind.extensions().iter().flat_map(|schema| {
            schema
                .attributes
                .iter()
                .map(move |attribute| (Some(*schema), attribute))
        });
        for (extension, attribute) in base.chain(extensions) {
            if !attribute.is_complex() || attribute.ignores_writes() {
                continue;
            }
            let path = AttributePath::whole(extension, attribute);
            let values = elements::settle(&path, self.take(&path))?;
            self.put(&path, values);
        }
        require_name(&self.resource, kind)?;
        let resource = arrange(self.resource, kind);
        let changed = differs(before, &resource);
        Ok(Patched {
            resource,
            changed,
            ignored: self.ignored,
        })
    }
}

/// `schemas` is computed, so that it says nothing about a change.
fn differs(before: &Map<String, Value>, after: &Value) -> bool {
    let Value::Object(after) = after else {
        return true;
    };
    let count = |resource: &Map<String, Value>| {
        resource.len() - usize::from(resource.contains_key("schemas"))
    };
    let mut entries = after.iter().filter(|(name, _)| *name != "schemas");
    count(before) != count(after) || entries.any(|(name, value)| before.get(name) != Some(value))
}

/// Only an object with something in it, or what stands for one, is merged; nothing unassigns.
fn is_merged(raw: &Value) -> bool {
    match raw {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        _ => true,
    }
}

/// A path that ends at something the provider owns is refused (P-3.5.2-05).
fn refuse_read_only(
    attribute: &Attribute,
    sub: Option<&'static Attribute>,
    path: &AttributePath,
) -> Result<(), ScimError> {
    let is_read_only = |attribute: &Attribute| attribute.mutability == Mutability::ReadOnly;
    let is_identity =
        |sub: &Attribute| sub.mutability == Mutability::Immutable && sub.name == "value";
    if is_read_only(attribute) || sub.is_some_and(|sub| is_read_only(sub) || is_identity(sub)) {
        return Err(ScimError::mutability(format!("{path} cannot be changed")));
    }
    Ok(())
}

/// Inside a value, the same is passed over.
fn is_read_only(target: &Target) -> bool {
    let (attribute, sub) = match target {
        Target::Attribute(path) => (path.attribute, path.sub),
        Target::Filtered(filtered) => (filtered.path.attribute, filtered.sub),
        Target::Resource | Target::Extension(_) => return false,
    };
    attribute.ignores_writes() || sub.is_some_and(Attribute::ignores_writes)
}
