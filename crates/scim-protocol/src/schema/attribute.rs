//! Attributes and their characteristics (RFC 7643 sections 2.2 and 7).

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

    /// Whether it is the address of a resource of this provider: `$ref` or `meta.location`.
    pub(crate) fn is_resource_address(&self) -> bool {
        self.data_type == AttributeType::Reference && matches!(self.name, "$ref" | "location")
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

pub(super) fn find(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes
        .iter()
        .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
