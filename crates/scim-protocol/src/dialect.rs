//! Where the RFCs leave room, or where clients in the field do not keep to them: the choices, as data.
//!
//! Nothing else in this crate asks which identity provider is speaking.

/// What to do with attributes and schemas that the provider does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// Leave them out and report their names to the caller (P-3.3-07, P-32).
    Ignore,
    /// Refuse the request (interoperability profile, I-5.3).
    Refuse,
}

/// What to do with a body whose `schemas` is missing or incomplete (S-3-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingSchemas {
    /// Infer them from the endpoint and the data.
    Infer,
    /// Refuse the request.
    Refuse,
}

/// How literals are read: in filters and as values of boolean attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literals {
    /// Bare words and single quotes in filters, `"True"` for a boolean (P-01, P-11).
    Lenient,
    /// Exactly the grammar of the RFCs.
    Strict,
}

/// Whether a modification may leave out `path` (RFC 7644 section 3.5.2 allows it, I-6.5 does not).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathlessPatch {
    /// The keys of `value` are the paths.
    Accept,
    /// 400 `invalidSyntax`.
    Refuse,
}

/// What `replace` does to a singular complex attribute such as `name`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComplexReplace {
    /// Sub-attributes that are not named stay (RFC 7644 section 3.5.2.3).
    Merge,
    /// The whole value is replaced (I-6.5).
    Whole,
}

/// What `replace` does when its value filter selects nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoMatch {
    /// A filter that consists of `eq` terms alone makes the value it describes (P-08).
    Create,
    /// 400 `noTarget` (RFC 7644 section 3.5.2.3).
    NoTarget,
}

/// What `replace` means for the whole list of a group's members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MembersReplace {
    /// The list is replaced (RFC 7644 section 3.5.2.3).
    Replace,
    /// The values are added: for clients that send additions in this way (P-05).
    Add,
}

/// What a filter in the path of a modification may select.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilteredPath {
    /// Any number of values, or a part of each (RFC 7644 section 3.5.2).
    Any,
    /// One value at most, and one part of it, unless values are removed (I-6.5).
    OnePart,
}

/// What to do with the id of a member that is no live user of the connection (S-2.3.7-02, P-18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownMembers {
    /// Leave it out and warn: clients do not repeat what was refused, and the batch would be lost.
    Skip,
    /// 400 `invalidValue`.
    Refuse,
}

/// How one kind of client speaks SCIM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// A stable name, for logs.
    pub name: &'static str,
    /// Unknown attributes and schemas.
    pub unknown: Unknown,
    /// Missing or incomplete `schemas`, in resources and in messages.
    pub missing_schemas: MissingSchemas,
    /// How literals are read.
    pub literals: Literals,
    /// Modifications without `path`.
    pub pathless_patch: PathlessPatch,
    /// `replace` on a singular complex attribute.
    pub complex_replace: ComplexReplace,
    /// `replace` whose filter selects nothing.
    pub no_match: NoMatch,
    /// Filters in the paths of modifications.
    pub filtered_path: FilteredPath,
    /// `replace` on the whole list of members.
    pub members_replace: MembersReplace,
    /// Ids of members that are nobody's.
    pub unknown_members: UnknownMembers,
}

impl Dialect {
    /// Any client: the RFCs, with the tolerance that recorded traffic shows to be needed.
    pub const GENERIC: Self = Self {
        name: "generic",
        unknown: Unknown::Ignore,
        missing_schemas: MissingSchemas::Infer,
        literals: Literals::Lenient,
        pathless_patch: PathlessPatch::Accept,
        complex_replace: ComplexReplace::Merge,
        no_match: NoMatch::Create,
        filtered_path: FilteredPath::Any,
        members_replace: MembersReplace::Replace,
        unknown_members: UnknownMembers::Skip,
    };
    /// Okta, catalogue and wizard applications alike.
    pub const OKTA: Self = Self {
        name: "okta",
        ..Self::GENERIC
    };
    /// Microsoft Entra ID, with and without its compliance flag.
    pub const ENTRA: Self = Self {
        name: "entra",
        ..Self::GENERIC
    };
    /// Microsoft Entra ID where it writes the addition of members as a replacement (P-05).
    pub const ENTRA_ADDITIVE: Self = Self {
        name: "entra_additive",
        members_replace: MembersReplace::Add,
        ..Self::ENTRA
    };
    /// The interoperability profile, to the letter.
    pub const STRICT: Self = Self {
        name: "strict",
        unknown: Unknown::Refuse,
        missing_schemas: MissingSchemas::Refuse,
        literals: Literals::Strict,
        pathless_patch: PathlessPatch::Refuse,
        complex_replace: ComplexReplace::Whole,
        no_match: NoMatch::NoTarget,
        filtered_path: FilteredPath::OnePart,
        members_replace: MembersReplace::Replace,
        unknown_members: UnknownMembers::Refuse,
    };
}

impl Default for Dialect {
    fn default() -> Self {
        Self::GENERIC
    }
}
