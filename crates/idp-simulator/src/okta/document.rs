//! The JSON documents that Okta sends.

use serde_json::{Map, Value, json};

use super::{Group, OktaId, Person};
use crate::seed::Seed;

/// The schema URN of users (RFC 7643 section 4.1).
pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The schema URN of groups (RFC 7643 section 4.2).
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The message URN of PATCH (RFC 7644 section 3.5.2).
pub(crate) const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// The schema URN of the enterprise extension (RFC 7643 section 4.3).
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What Okta knows of a person and maps to the app.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// The first name.
    pub given_name: String,
    /// The last name.
    pub family_name: String,
    /// What is sent as `userName`, letter case as it is.
    pub user_name: String,
    /// The primary e-mail; not always the user name.
    pub email: String,
    /// The language.
    pub locale: String,
    /// Attributes that an administrator mapped beside the basic ones: `title`, `phoneNumbers`, a
    /// whole extension under its URN. An empty value clears the attribute.
    pub mapped: Map<String, Value>,
}

impl Profile {
    /// A person with the basic attributes; the e-mail is the user name in lower case.
    #[must_use]
    pub fn new(given_name: &str, family_name: &str, user_name: &str) -> Self {
        Self {
            given_name: given_name.to_owned(),
            family_name: family_name.to_owned(),
            user_name: user_name.to_owned(),
            email: user_name.to_lowercase(),
            locale: "en-US".to_owned(),
            mapped: Map::new(),
        }
    }

    /// Another e-mail.
    #[must_use]
    pub fn with_email(mut self, email: &str) -> Self {
        email.clone_into(&mut self.email);
        self
    }

    /// A further attribute.
    #[must_use]
    pub fn with(mut self, attribute: &str, value: Value) -> Self {
        self.mapped.insert(attribute.to_owned(), value);
        self
    }

    /// First and last name.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

/// The body of a create: a meaningless password is always part of it.
pub(crate) fn create_user(id: &OktaId, person: &Person, seed: &mut Seed) -> Value {
    let profile = &person.profile;
    let mut document = json!({
        "schemas": [USER],
        "userName": profile.user_name,
        "name": {"givenName": profile.given_name, "familyName": profile.family_name},
        "emails": [{"primary": true, "value": profile.email, "type": "work"}],
        "displayName": profile.full_name(),
        "locale": profile.locale,
        "externalId": id.as_str(),
        "groups": [],
        "password": seed.letters(8),
        "active": true,
    });
    lay_over(&mut document, &profile.mapped);
    document
}

/// The body of a profile push: the document that the server answered, with Okta's values laid over
/// it. What Okta does not know goes back as it came.
pub(crate) fn replace_user(
    mut document: Value,
    id: &OktaId,
    person: &Person,
    seed: &mut Seed,
) -> Value {
    let profile = &person.profile;
    let mut name = document
        .get("name")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    name.insert("givenName".to_owned(), json!(profile.given_name));
    name.insert("familyName".to_owned(), json!(profile.family_name));
    // The formatted name of the server is a consequence of the old parts.
    name.remove("formatted");
    let emails = with_primary_email(document.get("emails"), &profile.email);
    let Value::Object(basic) = json!({
        "userName": profile.user_name,
        "name": name,
        "emails": emails,
        "displayName": profile.full_name(),
        "locale": profile.locale,
        "externalId": id.as_str(),
        "active": person.status != super::Status::Deprovisioned,
        "password": seed.letters(16),
    }) else {
        return document;
    };
    lay_over(&mut document, &basic);
    lay_over(&mut document, &profile.mapped);
    document
}

fn with_primary_email(known: Option<&Value>, email: &str) -> Value {
    let mut emails = known.and_then(Value::as_array).cloned().unwrap_or_default();
    let primary = emails
        .iter()
        .position(|one| one.get("primary") == Some(&json!(true)));
    match emails
        .get_mut(primary.unwrap_or(0))
        .and_then(Value::as_object_mut)
    {
        Some(entry) => {
            entry.insert("value".to_owned(), json!(email));
        }
        None => emails.push(json!({"primary": true, "value": email, "type": "work"})),
    }
    Value::Array(emails)
}

/// Sets the attributes in a resource, and names the extensions among them in `schemas`.
fn lay_over(document: &mut Value, attributes: &Map<String, Value>) {
    let Some(document) = document.as_object_mut() else {
        return;
    };
    for (name, value) in attributes {
        if name.starts_with("urn:")
            && let Some(schemas) = document.get_mut("schemas").and_then(Value::as_array_mut)
            && !schemas.contains(&json!(name))
        {
            schemas.push(json!(name));
        }
        document.insert(name.clone(), value.clone());
    }
}

/// A PATCH message.
pub(crate) fn patch(operations: impl Into<Value>) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations.into()})
}

/// The PATCH that switches a user on or off; Okta names no path.
pub(crate) fn patch_active(active: &Value) -> Value {
    patch(json!([{"op": "replace", "value": {"active": active}}]))
}

/// The PATCH that carries a group's name, with its id beside it.
pub(crate) fn patch_name(link: &str, name: &str) -> Value {
    patch(json!([{"op": "replace", "value": {"id": link, "displayName": name}}]))
}

/// A new group, still empty.
pub(crate) fn create_group(group: &Group) -> Value {
    json!({"schemas": [GROUP], "displayName": group.name, "members": []})
}

/// A group as a whole.
pub(crate) fn replace_group(link: &str, name: &str, members: &Value) -> Value {
    json!({"schemas": [GROUP], "id": link, "displayName": name, "members": members})
}
