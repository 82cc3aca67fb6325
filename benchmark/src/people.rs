//! The people and groups of a run, always the same ones, in the words of a directory.

use std::fmt::Write as _;

const GIVEN: [&str; 8] = [
    "Ada", "Björn", "Chloé", "Dmitri", "Emeka", "Fatima", "Grace", "Hana",
];
const FAMILY: [&str; 8] = [
    "Novak", "Okafor", "Petrov", "Quispe", "Rossi", "Schmidt", "Tanaka", "Ueda",
];
const DEPARTMENTS: [&str; 4] = ["Engineering", "Finance", "Operations", "Sales"];

/// The `userName` of person number `n`; `group` keeps apart people of different parts of a run.
pub(crate) fn user_name(group: &str, n: usize) -> String {
    format!("person{n}.{group}@acme.test")
}

/// Those who come while it is measured: their names sort behind all others, so that the first page of
/// the panel shows the same people all the time.
pub(crate) const NEWCOMERS: &str = "new";

/// A person as Okta sends one.
pub(crate) fn user(group: &str, n: usize, title: &str) -> String {
    let given = GIVEN[n % GIVEN.len()];
    let initial = if group == NEWCOMERS { "Z. " } else { "" };
    let family = FAMILY[n / 8 % FAMILY.len()];
    let department = DEPARTMENTS[n % DEPARTMENTS.len()];
    let name = user_name(group, n);
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"{name}","externalId":"00u{group}{n}","name":{{"givenName":"{initial}{given}","familyName":"{family}"}},"displayName":"{initial}{given} {family}","title":"{title}","locale":"en-US","emails":[{{"primary":true,"value":"{name}","type":"work"}}],"phoneNumbers":[{{"value":"+1 555 {n:07}","type":"work"}}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{{"employeeNumber":"{n}","department":"{department}"}},"active":true}}"#
    )
}

/// `PATCH active`, as Okta deactivates and reactivates.
pub(crate) fn active(is_active: bool) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"replace","value":{{"active":{is_active}}}}}]}}"#
    )
}

/// A group without members.
pub(crate) fn group(name: &str) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{name}","members":[]}}"#
    )
}

/// Members join a group.
pub(crate) fn join<'a>(members: impl IntoIterator<Item = &'a String>) -> String {
    let mut values = String::new();
    for id in members {
        let comma = if values.is_empty() { "" } else { "," };
        // Writing to a text does not fail.
        let _ = write!(values, r#"{comma}{{"value":"{id}"}}"#);
    }
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"add","path":"members","value":[{values}]}}]}}"#
    )
}

/// Members leave a group, in one operation each, as Okta writes it.
pub(crate) fn leave<'a>(members: impl IntoIterator<Item = &'a String>) -> String {
    let mut operations = String::new();
    for id in members {
        let comma = if operations.is_empty() { "" } else { "," };
        // Writing to a text does not fail.
        let _ = write!(
            operations,
            r#"{comma}{{"op":"remove","path":"members[value eq \"{id}\"]"}}"#
        );
    }
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{operations}]}}"#
    )
}
