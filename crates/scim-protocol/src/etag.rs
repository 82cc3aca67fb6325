//! Versions as weak entity tags, and conditions on them (RFC 7644 section 3.14, RFC 9110 section 8.8).
//!
//! Tags are weak because a projection changes the bytes but not the version. Comparison is always
//! the weak one: SCIM's own examples send weak tags in `If-Match`, where strong comparison would
//! never match (P-3.14-04).

use std::fmt;

/// The version of a resource, written `W/"n"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ETag(i64);

impl ETag {
    /// The tag of a version.
    #[must_use]
    pub const fn of_version(version: i64) -> Self {
        Self(version)
    }

    pub(crate) const fn version(self) -> i64 {
        self.0
    }

    fn has_opaque(self, opaque: &str) -> bool {
        self.0.to_string() == opaque
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "W/\"{}\"", self.0)
    }
}

/// The value of `If-Match` or `If-None-Match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `*`: any existing resource.
    Any,
    /// One of these tags, without `W/` and quotes.
    OneOf(Vec<String>),
}

impl Condition {
    /// Reads a header value. A tag without quotes is taken as it stands; what is no tag at all matches
    /// nothing.
    #[must_use]
    pub fn parse(header: &str) -> Self {
        if header.trim() == "*" {
            return Self::Any;
        }
        let tags = header
            .split(',')
            .map(str::trim)
            .filter(|tag| !tag.is_empty());
        Self::OneOf(tags.map(opaque).collect())
    }

    /// Whether the resource of this version meets it.
    #[must_use]
    pub fn matches(&self, current: ETag) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|tag| current.has_opaque(tag)),
        }
    }
}

fn opaque(tag: &str) -> String {
    let tag = tag
        .strip_prefix("W/")
        .or_else(|| tag.strip_prefix("w/"))
        .unwrap_or(tag);
    let quoted = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    quoted.unwrap_or(tag).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_3_1_04_a_version_is_written_as_a_weak_tag() {
        assert_eq!(ETag::of_version(7).to_string(), "W/\"7\"");
    }

    #[test]
    fn p_3_14_03_and_04_conditions_compare_weakly_in_lists_and_with_the_star() {
        let current = ETag::of_version(7);
        for header in [
            "W/\"7\"",
            "\"7\"",
            "*",
            " W/\"6\" , W/\"7\"",
            "7",
            "w/\"7\"",
        ] {
            assert!(Condition::parse(header).matches(current), "{header}");
        }
        for header in ["W/\"6\"", "", "W/\"77\"", "\"7", "W/", "07"] {
            assert!(!Condition::parse(header).matches(current), "{header}");
        }
    }
}
