//! RFC 7643 section 4.2.

use super::{Attribute, Mutability, Schema};
use crate::urn;

/// Only people are members: groups do not nest here, and the table says so.
static MEMBERS: [Attribute; 4] = [
    Attribute::text("value", "The id of the member.")
        .exact()
        .mutable(Mutability::Immutable),
    Attribute::reference("$ref", &["User"], "The address of the member.")
        .mutable(Mutability::Immutable),
    Attribute::text("type", "The kind of member.")
        .canonical(&["User"])
        .mutable(Mutability::Immutable),
    Attribute::text(
        "display",
        "The name of the member, as the provider knows it.",
    )
    .mutable(Mutability::Immutable),
];

/// The attributes of a group (RFC 7643 section 4.2).
pub static GROUP: Schema = Schema {
    urn: urn::GROUP,
    name: "Group",
    description: "Group",
    attributes: &ATTRIBUTES,
};

static ATTRIBUTES: [Attribute; 2] = [
    Attribute::text("displayName", "The name of the group.").required(),
    Attribute::multi("members", &MEMBERS, "The members of the group."),
];
