//! Attribute notation: `[URN:]attribute[.sub]` (RFC 7644 section 3.10).
//!
//! A path is resolved against the schema table as it is read, so that whatever holds one knows the
//! type and the case rule of what it names. The URN contains a dot of its own (`2.0`): it is
//! recognised by comparing with the known schema URNs, longest first, before any dot is looked at.

use std::fmt;

use serde_json::Value;

use crate::schema::{Attribute, ResourceKind, Schema};
use crate::urn;

/// Why a name is not a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// It is not an attribute name at all (RFC 7644 section 3.4.2.2, `attrPath`).
    #[error("not an attribute path")]
    Malformed,
    /// It is well-formed, but no schema of the resource has it.
    #[error("unknown attribute")]
    Unknown,
}

/// An attribute, or a part of one, in a resource of a known kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributePath {
    /// The extension the attribute belongs to; none for base and common attributes.
    pub extension: Option<&'static Schema>,
    /// The attribute.
    pub attribute: &'static Attribute,
    /// The part of it, if only that is meant.
    pub sub: Option<&'static Attribute>,
}

impl AttributePath {
    /// Reads a path.
    pub fn parse(text: &str, kind: ResourceKind) -> Result<Self, PathError> {
        let prefix = split_urn(text, kind);
        let name = match prefix {
            Prefix::None => text,
            Prefix::Base(rest) | Prefix::Extension(_, rest) => rest,
        };
        let (attribute, sub) = match name.split_once('.') {
            Some((attribute, sub)) => (attribute, Some(sub)),
            None => (name, None),
        };
        if !is_known_shape(text, attribute, sub) {
            return Err(PathError::Malformed);
        }
        let found = match prefix {
            Prefix::Extension(schema, _) => schema.attribute(attribute).map(|a| (Some(schema), a)),
            Prefix::Base(_) => kind.attribute(attribute).map(|attribute| (None, attribute)),
            Prefix::None => kind.bare_attribute(attribute),
        };
        let (extension, attribute) = found.ok_or(PathError::Unknown)?;
        let sub = match sub {
            Some(sub) => Some(attribute.sub_attribute(sub).ok_or(PathError::Unknown)?),
            None => None,
        };
        Ok(Self {
            extension,
            attribute,
            sub,
        })
    }

    /// Reads a path where resources of every kind are asked: an attribute that this kind has not may
    /// be another one's (RFC 7644 section 3.4.2.1).
    pub fn parse_for_every_kind(text: &str, first: ResourceKind) -> Result<Self, PathError> {
        let own = Self::parse(text, first);
        if own != Err(PathError::Unknown) {
            return own;
        }
        let others = ResourceKind::ALL.into_iter().filter(|kind| *kind != first);
        let mut found = others.filter_map(|kind| Self::parse(text, kind).ok());
        found.next().ok_or(PathError::Unknown)
    }

    /// The path of a whole attribute of the base schema or of an extension.
    #[must_use]
    pub const fn whole(extension: Option<&'static Schema>, attribute: &'static Attribute) -> Self {
        Self {
            extension,
            attribute,
            sub: None,
        }
    }

    /// The same attribute, but only the named part of it.
    #[must_use]
    pub const fn with_sub(self, sub: &'static Attribute) -> Self {
        Self {
            sub: Some(sub),
            ..self
        }
    }

    /// What the path ends at: the part if there is one, else the attribute.
    #[must_use]
    pub fn leaf(&self) -> &'static Attribute {
        self.sub.unwrap_or(self.attribute)
    }

    /// Whether this is the base or common attribute written as `name`, such as `emails.value`.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        let (attribute, sub) = match name.split_once('.') {
            Some((attribute, sub)) => (attribute, Some(sub)),
            None => (name, None),
        };
        self.extension.is_none()
            && self.attribute.name == attribute
            && self.sub.map(|part| part.name) == sub
    }

    /// Whether resources of this kind have the attribute at all.
    #[must_use]
    pub fn belongs_to(&self, kind: ResourceKind) -> bool {
        match self.extension {
            Some(schema) => kind.extensions().iter().any(|own| own.urn == schema.urn),
            None => kind.attribute(self.attribute.name) == Some(self.attribute),
        }
    }

    /// The value of the attribute (not of the part) in a resource whose names are canonical.
    #[must_use]
    pub fn attribute_in<'a>(&self, resource: &'a Value) -> Option<&'a Value> {
        let holder = match self.extension {
            Some(schema) => resource.get(schema.urn)?,
            None => resource,
        };
        holder.get(self.attribute.name)
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = self.extension {
            write!(formatter, "{}:", schema.urn)?;
        }
        formatter.write_str(self.attribute.name)?;
        match self.sub {
            Some(sub) => write!(formatter, ".{}", sub.name),
            None => Ok(()),
        }
    }
}

#[derive(Clone, Copy)]
enum Prefix<'a> {
    None,
    Base(&'a str),
    Extension(&'static Schema, &'a str),
}

/// Takes a known schema URN and its colon off the front, the longest match first.
fn split_urn(text: &str, kind: ResourceKind) -> Prefix<'_> {
    let mut found: Prefix<'_> = Prefix::None;
    let mut length = 0;
    for schema in kind.extensions() {
        if let Some(rest) = strip(text, schema.urn)
            && schema.urn.len() > length
        {
            (found, length) = (Prefix::Extension(schema, rest), schema.urn.len());
        }
    }
    let base = kind.schema().urn;
    match strip(text, base) {
        Some(rest) if base.len() > length => Prefix::Base(rest),
        _ => found,
    }
}

fn strip<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    if !urn::same(head, prefix) {
        return None;
    }
    text.get(prefix.len()..)?.strip_prefix(':')
}

/// A foreign URN may stand before the name; it makes the name unknown, not malformed.
fn is_known_shape(text: &str, attribute: &str, sub: Option<&str>) -> bool {
    if is_name(attribute) && sub.is_none_or(is_name) {
        return true;
    }
    let is_urn = text
        .get(..4)
        .is_some_and(|head| head.eq_ignore_ascii_case("urn:"));
    let Some((_, name)) = text.rsplit_once(':') else {
        return false;
    };
    is_urn
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'"')
        && !name.is_empty()
}

/// `ATTRNAME` of RFC 7643 section 2.1, with the `$` of `$ref` allowed in front (S-2.1-02).
#[must_use]
pub fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'$')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"$-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str, kind: ResourceKind) -> Result<String, PathError> {
        AttributePath::parse(text, kind).map(|path| path.to_string())
    }

    #[test]
    fn p_3_10_01_names_are_read_in_any_case_and_written_in_the_schemas() {
        let user = ResourceKind::User;
        assert_eq!(canonical("USERNAME", user), Ok("userName".into()));
        assert_eq!(
            canonical("Name.FamilyName", user),
            Ok("name.familyName".into())
        );
        assert_eq!(
            canonical("meta.lastmodified", user),
            Ok("meta.lastModified".into())
        );
        assert_eq!(
            canonical("members.$ref", ResourceKind::Group),
            Ok("members.$ref".into())
        );
    }

    #[test]
    fn p_09_the_dot_of_the_urn_is_not_the_dot_of_a_sub_attribute() {
        let enterprise = urn::ENTERPRISE_USER;
        let user = ResourceKind::User;
        let path = format!("{}:manager.value", enterprise.to_lowercase());
        assert_eq!(
            canonical(&path, user),
            Ok(format!("{enterprise}:manager.value"))
        );
        assert_eq!(
            canonical(&format!("{}:userName", urn::USER), user),
            Ok("userName".into())
        );
        assert_eq!(
            canonical(&format!("{enterprise}.department"), user),
            Err(PathError::Unknown)
        );
    }

    #[test]
    fn an_unknown_name_and_a_malformed_one_are_told_apart() {
        let user = ResourceKind::User;
        assert_eq!(canonical("favouriteColour", user), Err(PathError::Unknown));
        assert_eq!(canonical("name.nick", user), Err(PathError::Unknown));
        assert_eq!(
            canonical("urn:acme:1.0:User:badge", user),
            Err(PathError::Unknown)
        );
        assert_eq!(canonical("members", user), Err(PathError::Unknown));
        for malformed in [
            "",
            ".",
            "a b",
            "1st",
            "name.",
            "name..x",
            "user\u{e9}",
            "-a",
            "a.b.c",
        ] {
            assert_eq!(
                canonical(malformed, user),
                Err(PathError::Malformed),
                "{malformed}"
            );
        }
    }

    #[test]
    fn an_extension_attribute_is_found_without_its_urn_if_no_base_attribute_has_the_name() {
        let enterprise = urn::ENTERPRISE_USER;
        let found = canonical("Manager.value", ResourceKind::User);
        assert_eq!(found, Ok(format!("{enterprise}:manager.value")));
        let base = format!("{}:manager", urn::USER);
        assert_eq!(
            canonical(&base, ResourceKind::User),
            Err(PathError::Unknown)
        );
    }

    #[test]
    fn a_path_knows_its_plain_name() {
        let path = AttributePath::parse("EMAILS.Value", ResourceKind::User).expect("path");
        assert!(path.is("emails.value"));
        assert!(!path.is("emails"));
    }
}
