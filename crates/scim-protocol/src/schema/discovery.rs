//! RFC 7643 sections 5, 6 and 7: the schemas of the discovery resources themselves.

use super::{Attribute, AttributeType, Schema};
use crate::urn;

const SUPPORTED: Attribute = Attribute::boolean("supported", "Whether it is supported.")
    .required()
    .read_only();

const fn integer(name: &'static str, description: &'static str) -> Attribute {
    Attribute::of_type(AttributeType::Integer, name, description)
        .required()
        .read_only()
}

const fn optional_integer(name: &'static str, description: &'static str) -> Attribute {
    Attribute::of_type(AttributeType::Integer, name, description).read_only()
}

static SWITCH: [Attribute; 1] = [SUPPORTED];
static BULK: [Attribute; 3] = [
    SUPPORTED,
    integer(
        "maxOperations",
        "The largest number of operations in a request.",
    ),
    integer("maxPayloadSize", "The largest size of a request, in bytes."),
];
static FILTER: [Attribute; 2] = [
    SUPPORTED,
    integer(
        "maxResults",
        "The largest number of resources in a response.",
    ),
];
/// RFC 9865 section 4.
static PAGINATION: [Attribute; 6] = [
    Attribute::boolean("cursor", "Whether paging by cursor is supported.")
        .required()
        .read_only(),
    Attribute::boolean("index", "Whether paging by index is supported.")
        .required()
        .read_only(),
    Attribute::text(
        "defaultPaginationMethod",
        "How pages are counted by default.",
    )
    .canonical(&["cursor", "index"])
    .read_only(),
    optional_integer(
        "defaultPageSize",
        "How many resources a page holds by default.",
    ),
    optional_integer("maxPageSize", "How many resources a page holds at most."),
    optional_integer(
        "cursorTimeout",
        "How many seconds a cursor is good for at least.",
    ),
];
static SCHEMES: [Attribute; 6] = [
    Attribute::text("type", "The kind of scheme.")
        .canonical(&[
            "oauth",
            "oauth2",
            "oauthbearertoken",
            "httpbasic",
            "httpdigest",
        ])
        .required()
        .read_only(),
    Attribute::text("name", "The name of the scheme.")
        .required()
        .read_only(),
    Attribute::text("description", "What it is.")
        .required()
        .read_only(),
    Attribute::reference("specUri", &["external"], "Its specification.").read_only(),
    Attribute::reference("documentationUri", &["external"], "How to use it.").read_only(),
    Attribute::boolean("primary", "Whether it is the preferred one.").read_only(),
];

/// The configuration of the provider (RFC 7643 section 5).
pub static SERVICE_PROVIDER_CONFIG: Schema = Schema {
    urn: urn::SERVICE_PROVIDER_CONFIG,
    name: "Service Provider Configuration",
    description: "Schema for representing the service provider's configuration",
    attributes: &CONFIG,
};

static CONFIG: [Attribute; 9] = [
    Attribute::reference("documentationUri", &["external"], "The documentation.").read_only(),
    Attribute::complex("patch", &SWITCH, "Support of PATCH.")
        .required()
        .read_only(),
    Attribute::complex("bulk", &BULK, "Support of bulk requests.")
        .required()
        .read_only(),
    Attribute::complex("filter", &FILTER, "Support of filters.")
        .required()
        .read_only(),
    Attribute::complex("changePassword", &SWITCH, "Support of password changes.")
        .required()
        .read_only(),
    Attribute::complex("sort", &SWITCH, "Support of sorting.")
        .required()
        .read_only(),
    Attribute::complex("etag", &SWITCH, "Support of versions.")
        .required()
        .read_only(),
    Attribute::complex("pagination", &PAGINATION, "Support of paging.").read_only(),
    Attribute::multi(
        "authenticationSchemes",
        &SCHEMES,
        "The ways to authenticate.",
    )
    .required()
    .read_only(),
];

static EXTENSIONS: [Attribute; 2] = [
    Attribute::reference("schema", &["uri"], "The URN of the extension.")
        .required()
        .read_only(),
    Attribute::boolean("required", "Whether every resource must carry it.")
        .required()
        .read_only(),
];

/// The description of a resource type (RFC 7643 section 6, with erratum 7522).
pub static RESOURCE_TYPE: Schema = Schema {
    urn: urn::RESOURCE_TYPE,
    name: "ResourceType",
    description: "Specifies the schema that describes a SCIM resource type",
    attributes: &TYPES,
};

static TYPES: [Attribute; 6] = [
    Attribute::text("id", "The identifier, equal to the name.").read_only(),
    Attribute::text("name", "The name.").required().read_only(),
    Attribute::text("description", "What it is, for people.").read_only(),
    Attribute::reference(
        "endpoint",
        &["uri"],
        "Where it is served, relative to the base.",
    )
    .required()
    .read_only(),
    Attribute::reference("schema", &["uri"], "The URN of the base schema.")
        .required()
        .read_only(),
    Attribute::multi("schemaExtensions", &EXTENSIONS, "The extensions.").read_only(),
];

const DATA_TYPES: &[&str] = &[
    "string",
    "complex",
    "boolean",
    "decimal",
    "integer",
    "dateTime",
    "binary",
    "reference",
];

/// The characteristics of an attribute; those of a sub-attribute are the same ones.
const CHARACTERISTICS: [Attribute; 11] = [
    Attribute::text("name", "The name.")
        .exact()
        .required()
        .read_only(),
    Attribute::text("type", "The data type.")
        .canonical(DATA_TYPES)
        .required()
        .read_only(),
    Attribute::boolean("multiValued", "Whether there may be several values.")
        .required()
        .read_only(),
    Attribute::text("description", "What it is, for people.")
        .exact()
        .read_only(),
    Attribute::boolean("required", "Whether the client must send it.").read_only(),
    Attribute::text("canonicalValues", "The suggested values.")
        .exact()
        .several()
        .read_only(),
    Attribute::boolean("caseExact", "Whether case distinguishes values.").read_only(),
    Attribute::text("mutability", "Who may change it.")
        .exact()
        .canonical(&["readOnly", "readWrite", "immutable", "writeOnly"])
        .read_only(),
    Attribute::text("returned", "When it is returned.")
        .exact()
        .canonical(&["always", "never", "default", "request"])
        .read_only(),
    Attribute::text("uniqueness", "Within which bounds it is unique.")
        .exact()
        .canonical(&["none", "server", "global"])
        .read_only(),
    Attribute::text("referenceTypes", "What it may point at.")
        .exact()
        .several()
        .read_only(),
];

static SUB_CHARACTERISTICS: [Attribute; 11] = CHARACTERISTICS;

static ALL_CHARACTERISTICS: [Attribute; 12] = {
    let [a, b, c, d, e, f, g, h, i, j, k] = CHARACTERISTICS;
    let parts = Attribute::multi(
        "subAttributes",
        &SUB_CHARACTERISTICS,
        "The parts of a complex one.",
    )
    .read_only();
    [a, b, c, d, e, f, g, h, i, j, k, parts]
};

/// The description of a schema (RFC 7643 section 7).
pub static SCHEMA: Schema = Schema {
    urn: urn::SCHEMA,
    name: "Schema",
    description: "Specifies the schema that describes a SCIM schema",
    attributes: &SCHEMA_ATTRIBUTES,
};

static SCHEMA_ATTRIBUTES: [Attribute; 4] = [
    Attribute::text("id", "The URN.").required().read_only(),
    Attribute::text("name", "The name, for people.")
        .required()
        .read_only(),
    Attribute::text("description", "What it describes, for people.").read_only(),
    Attribute::multi("attributes", &ALL_CHARACTERISTICS, "The attributes.")
        .required()
        .read_only(),
];
