//! The kinds of resource (RFC 7643 section 6) and what every one of them has.

use super::attribute::find;
use super::{Attribute, AttributeType, ENTERPRISE_USER, GROUP, Returned, Schema, USER};
use crate::urn;

/// The two kinds of resource that are provisioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResourceKind {
    /// A person (RFC 7643 section 4.1).
    User,
    /// A group of people (RFC 7643 section 4.2).
    Group,
}

impl ResourceKind {
    /// Both kinds, in the order in which they are listed.
    pub const ALL: [Self; 2] = [Self::User, Self::Group];

    /// The name of the resource type, as in `meta.resourceType`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The endpoint, relative to the base address, with its leading slash.
    #[must_use]
    pub const fn endpoint(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }

    /// What it is, for people.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::User => "User Account",
            Self::Group => "Group",
        }
    }

    /// The base schema.
    #[must_use]
    pub fn schema(self) -> &'static Schema {
        match self {
            Self::User => &USER,
            Self::Group => &GROUP,
        }
    }

    /// The extensions that a resource of this kind may carry. None is required.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static Schema] {
        static USER_EXTENSIONS: [&Schema; 1] = [&ENTERPRISE_USER];
        match self {
            Self::User => &USER_EXTENSIONS,
            Self::Group => &[],
        }
    }

    /// The extension of that URN.
    #[must_use]
    pub fn extension(self, wanted: &str) -> Option<&'static Schema> {
        self.extensions()
            .iter()
            .copied()
            .find(|schema| urn::same(schema.urn, wanted))
    }

    /// A base or common attribute by name, compared without case.
    #[must_use]
    pub fn attribute(self, name: &str) -> Option<&'static Attribute> {
        find(&COMMON, name).or_else(|| self.schema().attribute(name))
    }

    /// An attribute by its bare name: a base attribute, or else that of an extension whose URN was
    /// left out. Clients address `manager` so, and no name occurs twice.
    #[must_use]
    pub fn bare_attribute(
        self,
        name: &str,
    ) -> Option<(Option<&'static Schema>, &'static Attribute)> {
        if let Some(attribute) = self.attribute(name) {
            return Some((None, attribute));
        }
        let mut extensions = self.extensions().iter().copied();
        extensions.find_map(|schema| Some((Some(schema), schema.attribute(name)?)))
    }

    /// The attribute by which the client names a resource of this kind, which must not be empty.
    #[must_use]
    pub const fn naming_attribute(self) -> &'static str {
        match self {
            Self::User => "userName",
            Self::Group => "displayName",
        }
    }
}

/// The attributes that every resource has (RFC 7643 sections 3 and 3.1).
pub static COMMON: [Attribute; 4] = [
    Attribute::reference("schemas", &["uri"], "The schemas of the resource.")
        .several()
        .returned(Returned::Always)
        .insensitive(),
    Attribute::text(
        "id",
        "The identifier that the provider gave to the resource.",
    )
    .exact()
    .read_only()
    .unique()
    .returned(Returned::Always),
    Attribute::text(
        "externalId",
        "The identifier that the client gave to the resource.",
    )
    .exact(),
    Attribute::complex("meta", &META, "What the provider knows about the resource.").read_only(),
];

static META: [Attribute; 5] = [
    Attribute::text("resourceType", "The name of the resource type.")
        .exact()
        .read_only(),
    Attribute::of_type(AttributeType::DateTime, "created", "When it was created.").read_only(),
    Attribute::of_type(
        AttributeType::DateTime,
        "lastModified",
        "When it last changed.",
    )
    .read_only(),
    Attribute::reference("location", &["uri"], "The address of the resource.").read_only(),
    Attribute::text("version", "The version, equal to the ETag header.")
        .exact()
        .read_only(),
];

impl Attribute {
    /// `schemas` holds URNs, and those are compared without case (RFC 7643 section 2.1).
    const fn insensitive(self) -> Self {
        Self {
            case_exact: false,
            ..self
        }
    }
}
