//! The one table of attribute characteristics (RFC 7643 sections 2.2 and 7).
//!
//! The same table validates bodies, types filters, applies projections and is rendered at `/Schemas`,
//! so that what is published is what is done (I-5.1). It follows the JSON of RFC 7643 section 8.7
//! with its known errors put right: references, binary values and ids are case exact (section 2.3.6,
//! 2.3.7, erratum 6001), `Group.displayName` is required (section 4.2), `addresses` has `primary`
//! (section 2.4), `members` has `display`.

mod discovery;
mod enterprise;
mod group;
pub mod render;
mod user;

pub use discovery::{RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG};
pub use enterprise::ENTERPRISE_USER;
pub use group::GROUP;
pub use user::USER;

use crate::urn;

/// The data type of an attribute (RFC 7643 section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeType {
    /// Text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number without fraction.
    Integer,
    /// A moment, as `xsd:dateTime`.
    DateTime,
    /// Base64 text.
    Binary,
    /// A URI.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

impl AttributeType {
    /// The word used at `/Schemas`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }
}

/// Who may change an attribute, and when (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutability {
    /// The provider alone.
    ReadOnly,
    /// The client, at any time.
    ReadWrite,
    /// The client, as long as there is no value.
    Immutable,
    /// The client, who never gets it back.
    WriteOnly,
}

impl Mutability {
    /// The word used at `/Schemas`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "readOnly",
            Self::ReadWrite => "readWrite",
            Self::Immutable => "immutable",
            Self::WriteOnly => "writeOnly",
        }
    }
}

/// When an attribute is part of a response (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// In every one.
    Always,
    /// In none.
    Never,
    /// Unless the client chose others.
    Default,
    /// Only when the client asks for it.
    Request,
}

impl Returned {
    /// The word used at `/Schemas`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Never => "never",
            Self::Default => "default",
            Self::Request => "request",
        }
    }
}

/// Within which bounds a value is unique (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uniqueness {
    /// None.
    None,
    /// The tenant.
    Server,
}

impl Uniqueness {
    /// The word used at `/Schemas`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Server => "server",
        }
    }
}

/// One attribute and its characteristics (RFC 7643 section 2.2).
#[derive(Debug)]
pub struct Attribute {
    /// The name, in the case of the schema.
    pub name: &'static str,
    /// The data type.
    pub data_type: AttributeType,
    /// Whether there may be several values.
    pub multi_valued: bool,
    /// Whether the client must send it.
    pub required: bool,
    /// Whether case distinguishes values.
    pub case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// Within which bounds it is unique.
    pub uniqueness: Uniqueness,
    /// The values that are suggested, not enforced.
    pub canonical_values: &'static [&'static str],
    /// What a reference may point at.
    pub reference_types: &'static [&'static str],
    /// The parts of a complex attribute.
    pub sub_attributes: &'static [Attribute],
    /// What it is, for people.
    pub description: &'static str,
}

impl Attribute {
    /// Text, with the defaults of RFC 7643 section 2.2.
    pub(crate) const fn text(name: &'static str, description: &'static str) -> Self {
        Self {
            name,
            data_type: AttributeType::String,
            multi_valued: false,
            required: false,
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            canonical_values: &[],
            reference_types: &[],
            sub_attributes: &[],
            description,
        }
    }

    pub(crate) const fn of_type(
        data_type: AttributeType,
        name: &'static str,
        description: &'static str,
    ) -> Self {
        Self {
            data_type,
            ..Self::text(name, description)
        }
    }

    pub(crate) const fn boolean(name: &'static str, description: &'static str) -> Self {
        Self::of_type(AttributeType::Boolean, name, description)
    }

    pub(crate) const fn reference(
        name: &'static str,
        reference_types: &'static [&'static str],
        description: &'static str,
    ) -> Self {
        // RFC 7643 section 2.3.7: references are case exact.
        let plain = Self::of_type(AttributeType::Reference, name, description);
        Self {
            case_exact: true,
            reference_types,
            ..plain
        }
    }

    pub(crate) const fn complex(
        name: &'static str,
        sub_attributes: &'static [Self],
        description: &'static str,
    ) -> Self {
        Self {
            sub_attributes,
            ..Self::of_type(AttributeType::Complex, name, description)
        }
    }

    pub(crate) const fn multi(
        name: &'static str,
        sub_attributes: &'static [Self],
        description: &'static str,
    ) -> Self {
        Self {
            multi_valued: true,
            ..Self::complex(name, sub_attributes, description)
        }
    }

    pub(crate) const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    pub(crate) const fn exact(self) -> Self {
        Self {
            case_exact: true,
            ..self
        }
    }

    pub(crate) const fn several(self) -> Self {
        Self {
            multi_valued: true,
            ..self
        }
    }

    pub(crate) const fn mutable(self, mutability: Mutability) -> Self {
        Self { mutability, ..self }
    }

    pub(crate) const fn read_only(self) -> Self {
        self.mutable(Mutability::ReadOnly)
    }

    pub(crate) const fn returned(self, returned: Returned) -> Self {
        Self { returned, ..self }
    }

    pub(crate) const fn unique(self) -> Self {
        Self {
            uniqueness: Uniqueness::Server,
            ..self
        }
    }

    pub(crate) const fn canonical(self, canonical_values: &'static [&'static str]) -> Self {
        Self {
            canonical_values,
            ..self
        }
    }

    /// The sub-attribute of that name, which is compared without case (RFC 7643 section 2.1).
    #[must_use]
    pub fn sub_attribute(&self, name: &str) -> Option<&'static Attribute> {
        find(self.sub_attributes, name)
    }

    /// Whether the attribute is an object of sub-attributes.
    #[must_use]
    pub fn is_complex(&self) -> bool {
        self.data_type == AttributeType::Complex
    }

    /// Whether values of the client are dropped: the provider owns it, or keeps no secrets (SEC-21).
    #[must_use]
    pub fn ignores_writes(&self) -> bool {
        matches!(
            self.mutability,
            Mutability::ReadOnly | Mutability::WriteOnly
        )
    }
}

impl PartialEq for Attribute {
    /// The table is static: an attribute is itself and nothing else.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Attribute {}

fn find(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes
        .iter()
        .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// A schema: a URN and its attributes (RFC 7643 section 7).
#[derive(Debug)]
pub struct Schema {
    /// The URN.
    pub urn: &'static str,
    /// The name, for people.
    pub name: &'static str,
    /// What it describes, for people.
    pub description: &'static str,
    /// The attributes, in the order in which they are written.
    pub attributes: &'static [Attribute],
}

impl Schema {
    /// The attribute of that name, which is compared without case.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        find(self.attributes, name)
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.urn == other.urn
    }
}

impl Eq for Schema {}

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

    /// The attribute by which the client names a resource of this kind, which must not be empty.
    #[must_use]
    pub const fn naming_attribute(self) -> &'static str {
        match self {
            Self::User => "userName",
            Self::Group => "displayName",
        }
    }
}

/// Every schema that is published at `/Schemas` (P-4-05: messages are not).
#[must_use]
pub fn published() -> [&'static Schema; 6] {
    [
        &USER,
        &GROUP,
        &ENTERPRISE_USER,
        &SERVICE_PROVIDER_CONFIG,
        &RESOURCE_TYPE,
        &SCHEMA,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_2_1_01_names_are_found_in_any_case() {
        let found = ResourceKind::User
            .attribute("USERNAME")
            .map(|attribute| attribute.name);
        assert_eq!(found, Some("userName"));
        let emails = ResourceKind::User.attribute("Emails").expect("emails");
        assert_eq!(
            emails.sub_attribute("VALUE").map(|sub| sub.name),
            Some("value")
        );
        assert!(
            ResourceKind::User
                .extension(&urn::ENTERPRISE_USER.to_uppercase())
                .is_some()
        );
    }

    #[test]
    fn ids_references_and_binary_values_are_case_exact_as_the_errata_say() {
        let exact = |kind: ResourceKind, attribute: &str, sub: &str| {
            let attribute = kind.attribute(attribute).expect("attribute");
            attribute
                .sub_attribute(sub)
                .expect("sub-attribute")
                .case_exact
        };
        assert!(exact(ResourceKind::Group, "members", "value"));
        assert!(exact(ResourceKind::Group, "members", "$ref"));
        assert!(exact(ResourceKind::User, "groups", "value"));
        assert!(exact(ResourceKind::User, "photos", "value"));
        assert!(exact(ResourceKind::User, "x509Certificates", "value"));
        assert!(!exact(ResourceKind::User, "emails", "value"));
        assert!(
            ResourceKind::User
                .attribute("profileUrl")
                .expect("profileUrl")
                .case_exact
        );
    }

    #[test]
    fn only_names_of_people_and_groups_are_required() {
        for kind in ResourceKind::ALL {
            let required: Vec<_> = kind
                .schema()
                .attributes
                .iter()
                .filter(|a| a.required)
                .collect();
            assert_eq!(required.len(), 1);
            assert_eq!(required[0].name, kind.naming_attribute());
        }
    }
}
