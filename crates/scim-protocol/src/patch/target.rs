//! What an operation's path points at (RFC 7644 section 3.5.2, figure 7).

use super::PatchOp;
use crate::dialect::{Dialect, FilteredPath, Literals};
use crate::error::ScimError;
use crate::filter::{
    Comparison, ElementFilter, Expression, Limits, ParseOptions, Scope, parse_element_filter,
};
use crate::path::{AttributePath, PathError};
use crate::resource::quotable;
use crate::schema::{Attribute, ResourceKind, Schema};
use crate::urn;

/// The target of an operation.
pub(super) enum Target {
    /// The resource: the URN of its base schema.
    Resource,
    /// A whole extension: its bare URN (P-3.5.2-08).
    Extension(&'static Schema),
    /// An attribute or a part of it.
    Attribute(AttributePath),
    /// Some of the values of an attribute, or a part of each of them.
    Filtered(FilteredTarget),
}

/// `attribute[filter]` with an optional `.sub`.
pub(super) struct FilteredTarget {
    /// The attribute; its path has no sub-attribute.
    pub(super) path: AttributePath,
    pub(super) filter: Expression<Comparison>,
    pub(super) sub: Option<&'static Attribute>,
}

impl FilteredTarget {
    /// Whether a client may point at whole values with a filter (I-6.5). Removing them is how a
    /// member leaves a group, and has no other form.
    pub(super) fn check(&self, op: PatchOp, dialect: &Dialect) -> Result<(), ScimError> {
        let names_a_part = self.sub.is_some() || op == PatchOp::Remove;
        if dialect.filtered_path == FilteredPath::OnePart && !names_a_part {
            return Err(ScimError::invalid_path(format!(
                "behind a filter of {} the path must name a sub-attribute",
                self.path
            )));
        }
        Ok(())
    }
}

/// Why a path is no target.
pub(super) enum TargetError {
    /// It is well-formed and names nothing that is known: a lenient reader passes over it.
    Unknown,
    /// It is wrong.
    Wrong(ScimError),
}

impl TargetError {
    fn malformed() -> Self {
        Self::Wrong(ScimError::invalid_path("path is not an attribute path"))
    }

    /// The answer to a client that must not use unknown names (P-3.5.2-03).
    pub(super) fn refused(self, path: &str) -> ScimError {
        match self {
            Self::Unknown => {
                let name = quotable(path);
                ScimError::invalid_path(format!("no schema has the attribute {name}"))
            }
            Self::Wrong(error) => error,
        }
    }
}

impl From<PathError> for TargetError {
    fn from(error: PathError) -> Self {
        match error {
            PathError::Malformed => Self::malformed(),
            PathError::Unknown => Self::Unknown,
        }
    }
}

impl Target {
    pub(super) fn parse(
        text: &str,
        kind: ResourceKind,
        literals: Literals,
    ) -> Result<Self, TargetError> {
        let text = text.trim();
        if let Some((head, rest)) = text.split_once('[') {
            return parse_filtered(head, rest, kind, literals).map(Self::Filtered);
        }
        if let Some(schema) = kind.extension(text) {
            return Ok(Self::Extension(schema));
        }
        if urn::same(text, kind.schema().urn) {
            return Ok(Self::Resource);
        }
        Ok(Self::Attribute(AttributePath::parse(text, kind)?))
    }
}

fn parse_filtered(
    head: &str,
    rest: &str,
    kind: ResourceKind,
    literals: Literals,
) -> Result<FilteredTarget, TargetError> {
    let path = AttributePath::parse(head.trim_end(), kind)?;
    if path.sub.is_some() || !path.attribute.is_complex() {
        return Err(TargetError::malformed());
    }
    let options = ParseOptions {
        scope: Scope::OneKind,
        limits: Limits::ADDRESS,
        literals,
    };
    let ElementFilter { filter, rest: end } = parse_element_filter(rest, path, kind, options)
        .map_err(|error| TargetError::Wrong(error.into()))?;
    let behind = rest.get(end..).unwrap_or_default();
    if behind.is_empty() {
        return Ok(FilteredTarget {
            path,
            filter,
            sub: None,
        });
    }
    let name = behind
        .strip_prefix('.')
        .ok_or_else(TargetError::malformed)?;
    if !crate::path::is_name(name) {
        return Err(TargetError::malformed());
    }
    let sub = path
        .attribute
        .sub_attribute(name)
        .ok_or(TargetError::Unknown)?;
    Ok(FilteredTarget {
        path,
        filter,
        sub: Some(sub),
    })
}
