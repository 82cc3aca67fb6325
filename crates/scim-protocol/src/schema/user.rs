//! RFC 7643 section 4.1.

use super::{Attribute, AttributeType, Mutability, Returned, Schema};
use crate::urn;

const DISPLAY: Attribute = Attribute::text("display", "A label, for people.");
const PRIMARY: Attribute = Attribute::boolean(
    "primary",
    "Whether this is the preferred value. At most one is.",
);
const TYPE: Attribute = Attribute::text("type", "What the value is used for.");
const PLACES: &[&str] = &["work", "home", "other"];

static NAME: [Attribute; 6] = [
    Attribute::text("formatted", "The full name, ready to be shown."),
    Attribute::text("familyName", "The family name."),
    Attribute::text("givenName", "The given name."),
    Attribute::text("middleName", "The middle name or names."),
    Attribute::text(
        "honorificPrefix",
        "The title before the name, such as `Ms.`.",
    ),
    Attribute::text(
        "honorificSuffix",
        "The suffix after the name, such as `III`.",
    ),
];

static EMAILS: [Attribute; 4] = [
    Attribute::text("value", "The address."),
    DISPLAY,
    TYPE.canonical(PLACES),
    PRIMARY,
];

static PHONE_NUMBERS: [Attribute; 4] = [
    Attribute::text("value", "The number, as it was sent."),
    DISPLAY,
    TYPE.canonical(&["work", "home", "mobile", "fax", "pager", "other"]),
    PRIMARY,
];

static IMS: [Attribute; 4] = [
    Attribute::text("value", "The address."),
    DISPLAY,
    TYPE.canonical(&[
        "aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo", "other",
    ]),
    PRIMARY,
];

static PHOTOS: [Attribute; 4] = [
    Attribute::reference("value", &["external"], "The address of the photo."),
    DISPLAY,
    TYPE.canonical(&["photo", "thumbnail"]),
    PRIMARY,
];

static ADDRESSES: [Attribute; 8] = [
    Attribute::text(
        "formatted",
        "The full address, ready to be shown; may have several lines.",
    ),
    Attribute::text("streetAddress", "Street, house number and the like."),
    Attribute::text("locality", "The city."),
    Attribute::text("region", "The state or region."),
    Attribute::text("postalCode", "The postal code."),
    Attribute::text("country", "The country, as ISO 3166-1 alpha-2."),
    TYPE.canonical(PLACES),
    PRIMARY,
];

static GROUPS: [Attribute; 4] = [
    Attribute::text("value", "The id of the group.")
        .exact()
        .read_only(),
    Attribute::reference("$ref", &["User", "Group"], "The address of the group.").read_only(),
    Attribute::text("display", "The name of the group.").read_only(),
    TYPE.canonical(&["direct", "indirect"]).read_only(),
];

static PLAIN: [Attribute; 4] = [
    Attribute::text("value", "The value."),
    DISPLAY,
    TYPE,
    PRIMARY,
];

static CERTIFICATES: [Attribute; 4] = [
    Attribute::of_type(
        AttributeType::Binary,
        "value",
        "One certificate, DER in base64.",
    )
    .exact(),
    DISPLAY,
    TYPE,
    PRIMARY,
];

/// The attributes of a person (RFC 7643 section 4.1).
pub static USER: Schema = Schema {
    urn: urn::USER,
    name: "User",
    description: "User Account",
    attributes: &ATTRIBUTES,
};

static ATTRIBUTES: [Attribute; 21] = [
    Attribute::text(
        "userName",
        "The name by which the person signs in. Unique, without case.",
    )
    .required()
    .unique(),
    Attribute::complex("name", &NAME, "The parts of the person's name."),
    Attribute::text("displayName", "The name to show."),
    Attribute::text("nickName", "The casual name."),
    Attribute::reference("profileUrl", &["external"], "A page about the person."),
    Attribute::text("title", "The job title."),
    Attribute::text(
        "userType",
        "The relation to the organization, such as `Contractor`.",
    ),
    Attribute::text(
        "preferredLanguage",
        "The preferred language, such as `en-US`.",
    ),
    Attribute::text(
        "locale",
        "The locale for dates and numbers, such as `en-US`.",
    ),
    Attribute::text("timezone", "The time zone, such as `Europe/Vilnius`."),
    Attribute::boolean(
        "active",
        "Whether the account is in use. True unless sent otherwise.",
    ),
    Attribute::text("password", "Accepted and not kept.")
        .mutable(Mutability::WriteOnly)
        .returned(Returned::Never),
    Attribute::multi("emails", &EMAILS, "E-mail addresses."),
    Attribute::multi("phoneNumbers", &PHONE_NUMBERS, "Phone numbers."),
    Attribute::multi("ims", &IMS, "Instant messaging addresses."),
    Attribute::multi("photos", &PHOTOS, "Addresses of photos."),
    Attribute::multi("addresses", &ADDRESSES, "Postal addresses."),
    Attribute::multi(
        "groups",
        &GROUPS,
        "The groups the person is in. Changed through Group.",
    )
    .read_only(),
    Attribute::multi("entitlements", &PLAIN, "What the person is entitled to."),
    Attribute::multi("roles", &PLAIN, "The roles of the person."),
    Attribute::multi(
        "x509Certificates",
        &CERTIFICATES,
        "Certificates of the person.",
    ),
];
