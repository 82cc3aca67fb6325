//! The one table of attribute characteristics (RFC 7643 sections 2.2 and 7).
//!
//! The same table validates bodies, types filters, applies projections and is rendered at `/Schemas`,
//! so that what is published is what is done (I-5.1). It follows the JSON of RFC 7643 section 8.7
//! with its known errors put right: references, binary values and ids are case exact (section 2.3.6,
//! 2.3.7, erratum 6001), `Group.displayName` is required (section 4.2), `addresses` has `primary`
//! (section 2.4), `members` has `display`.

mod attribute;
mod discovery;
mod enterprise;
mod group;
mod kind;
pub mod render;
mod user;

pub use attribute::{Attribute, AttributeType, Mutability, Returned, Uniqueness};
pub use discovery::{RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG};
pub use enterprise::ENTERPRISE_USER;
pub use group::GROUP;
pub use kind::{COMMON, ResourceKind};
pub use user::USER;

use attribute::find;

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
    use crate::urn;

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
