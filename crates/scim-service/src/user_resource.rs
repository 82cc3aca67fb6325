//! A member as a `User`, and back (RFC 7643 sections 4.1 and 4.3).
//!
//! What rules look at has columns of its own; the rest of what the directory said is kept as one
//! document. On the way out the columns win: a name edited in the panel is the name.

use rollcall_application::directory::UserView;
use rollcall_application::ports::MemberDocument;
use rollcall_domain::rules::provisioning::{ActiveFlag, DirectoryUser};
use rollcall_domain::{
    Attributes, Email, ExternalId, Member, MemberId, MemberStatus, Parts, PersonName, Text,
    TextError, UserName,
};
use rollcall_scim_protocol::error::ScimError;
use rollcall_scim_protocol::etag::ETag;
use rollcall_scim_protocol::messages::{Meta, location};
use rollcall_scim_protocol::schema::ResourceKind;
use rollcall_scim_protocol::urn;
use serde_json::{Map, Value, json};

type Object = Map<String, Value>;

/// Renders a member with everything that was loaded of it.
pub(crate) fn render(view: &UserView, base_url: &str) -> Value {
    let member = &view.member;
    let id = member.id.to_string();
    let mut said = member.attributes.object();
    let mut fields = Object::new();
    let link = member.link.as_ref();
    put(&mut fields, "userName", link.map(|link| link.name.as_str()));
    put_value(&mut fields, "name", name(member, said.remove("name")));
    put(
        &mut fields,
        "displayName",
        text(member.name.display.as_ref()),
    );
    let is_active = member.status == MemberStatus::Active;
    fields.insert("active".into(), is_active.into());
    put_value(&mut fields, "emails", emails(member, said.remove("emails")));
    put_value(&mut fields, "groups", groups(view, base_url));
    let said_enterprise = said.remove(urn::ENTERPRISE_USER);
    let enterprise = enterprise(view.reference.as_deref(), said_enterprise, base_url);
    fields.extend(said);
    let mut resource = Object::new();
    let mut schemas = vec![urn::USER];
    if enterprise.is_some() {
        schemas.push(urn::ENTERPRISE_USER);
    }
    resource.insert("schemas".into(), schemas.into());
    resource.insert("id".into(), id.as_str().into());
    let external = link.and_then(|link| link.external_id.as_ref());
    put(
        &mut resource,
        "externalId",
        external.map(ExternalId::as_str),
    );
    for attribute in ResourceKind::User.schema().attributes {
        if let Some(value) = fields.remove(attribute.name) {
            resource.insert(attribute.name.to_owned(), value);
        }
    }
    put_value(&mut resource, urn::ENTERPRISE_USER, enterprise);
    resource.insert("meta".into(), meta(member, &id, base_url).to_json());
    Value::Object(resource)
}

/// The version as the wire shows it (S-3.1-04).
pub(crate) const fn etag(member: &Member) -> ETag {
    ETag::of_version(member.version.0)
}

/// `meta` (RFC 7643 section 3.1).
pub(crate) fn meta(member: &Member, id: &str, base_url: &str) -> Meta {
    Meta {
        kind: ResourceKind::User,
        created: member.created_at,
        last_modified: member.updated_at,
        location: location(base_url, ResourceKind::User, id),
        version: etag(member),
    }
}

fn put(object: &mut Object, name: &str, value: Option<&str>) {
    put_value(object, name, value.map(Value::from));
}

fn put_value(object: &mut Object, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), value);
    }
}

fn text(text: Option<&Text>) -> Option<&str> {
    text.map(Text::as_str)
}

/// `name`: what was said, with the parts that have columns as they are now.
pub(crate) fn name(member: &Member, said: Option<Value>) -> Option<Value> {
    let mut name = object_of(said);
    put(&mut name, "familyName", text(member.name.family.as_ref()));
    put(&mut name, "givenName", text(member.name.given.as_ref()));
    (!name.is_empty()).then_some(Value::Object(name))
}

/// The list as it was said, with the primary address as it is now: its place is the one entry
/// that is kept without a value.
pub(crate) fn emails(member: &Member, said: Option<Value>) -> Option<Value> {
    let mut emails = match said {
        Some(Value::Array(emails)) => emails,
        _ => Vec::new(),
    };
    let place = emails.iter().position(|entry| entry.get("value").is_none());
    let address = member.email.as_ref().map(Email::as_str);
    match (place.and_then(|place| emails.get_mut(place)), address) {
        (Some(Value::Object(entry)), Some(address)) => {
            // `value` first, as everybody writes it.
            let rest = std::mem::take(entry);
            entry.insert("value".into(), address.into());
            entry.extend(rest);
        }
        (None, Some(address)) => {
            emails.insert(
                0,
                json!({ "value": address, "type": "work", "primary": true }),
            );
        }
        _ => {}
    }
    emails.retain(|entry| entry.get("value").is_some());
    (!emails.is_empty()).then_some(Value::Array(emails))
}

/// `groups` is read-only and follows the teams of the connection (S-4.1.2-03).
fn groups(view: &UserView, base_url: &str) -> Option<Value> {
    let groups = view.teams.iter().map(|team| {
        let id = team.id.to_string();
        json!({
            "value": id,
            "$ref": location(base_url, ResourceKind::Group, &id),
            "display": team.name.as_str(),
            "type": "direct",
        })
    });
    let groups: Vec<Value> = groups.collect();
    (!groups.is_empty()).then_some(Value::Array(groups))
}

/// The manager's address and name are ours to tell (S-4.3-01), and there is one only where the manager is a user that
/// the directory sees (SEC-33).
pub(crate) fn enterprise(
    manager: Option<&str>,
    said: Option<Value>,
    base_url: &str,
) -> Option<Value> {
    let mut enterprise = object_of(said);
    if let Some(label) = manager
        && let Some(Value::Object(manager)) = enterprise.get_mut("manager")
        && let Some(id) = manager.get("value").and_then(Value::as_str)
    {
        let address = location(base_url, ResourceKind::User, id);
        manager.insert("$ref".into(), address.into());
        manager.insert("displayName".into(), label.into());
    }
    (!enterprise.is_empty()).then_some(Value::Object(enterprise))
}

fn object_of(value: Option<Value>) -> Object {
    match value {
        Some(Value::Object(object)) => object,
        _ => Object::new(),
    }
}

/// Whom a member reports to, if that is an id of ours.
pub(crate) fn manager_of(member: &Member) -> Option<MemberId> {
    manager_in(member.attributes.as_str())
}

/// Whom a member reports to, by its document.
pub(crate) fn manager_of_document(document: &MemberDocument) -> Option<MemberId> {
    manager_in(&document.text)
}

fn manager_in(said: &str) -> Option<MemberId> {
    // Most people's document names no manager, and need not be read.
    if !said.contains("\"manager\"") {
        return None;
    }
    let said: Parts<'_> = serde_json::from_str(said).ok()?;
    let enterprise: Value = serde_json::from_str(said.get(urn::ENTERPRISE_USER)?.get()).ok()?;
    let id = enterprise.get("manager")?.get("value");
    id?.as_str()?.parse().ok()
}

/// Reads a user from a resource with canonical names, as the protocol normalises it.
///
/// # Errors
/// `invalidValue` where a text cannot be kept.
pub(crate) fn read(resource: Value) -> Result<DirectoryUser, ScimError> {
    let mut said = object_of(Some(resource));
    for computed in ["schemas", "id", "meta", "groups", "password"] {
        said.shift_remove(computed);
    }
    let user_name = said.shift_remove("userName");
    let user_name = user_name.as_ref().and_then(Value::as_str);
    let user_name = user_name.unwrap_or_default();
    let user_name = UserName::parse(user_name).map_err(|error| invalid("userName", error))?;
    let external_id = said.shift_remove("externalId");
    let external_id = match external_id.as_ref().and_then(Value::as_str) {
        Some(id) if !id.trim().is_empty() => {
            Some(ExternalId::parse(id).map_err(|error| invalid("externalId", error))?)
        }
        _ => None,
    };
    let active = match said.shift_remove("active") {
        Some(Value::Bool(true)) => ActiveFlag::Yes,
        Some(Value::Bool(false)) => ActiveFlag::No,
        _ => ActiveFlag::Unsaid,
    };
    let name = take_name(&mut said);
    let email = take_primary(&mut said)?;
    drop_reference(&mut said);
    Ok(DirectoryUser {
        user_name,
        external_id,
        email,
        name,
        active,
        attributes: Attributes::of(&said),
    })
}

fn invalid(attribute: &str, error: TextError) -> ScimError {
    ScimError::invalid_value(format!("{attribute} {error}"))
}

fn take_name(said: &mut Object) -> PersonName {
    let display = said.shift_remove("displayName");
    let mut name = PersonName {
        display: person_text(display.as_ref()),
        ..PersonName::default()
    };
    if let Some(Value::Object(parts)) = said.get_mut("name") {
        name.family = person_text(parts.shift_remove("familyName").as_ref());
        name.given = person_text(parts.shift_remove("givenName").as_ref());
        if parts.is_empty() {
            said.shift_remove("name");
        }
    }
    name
}

/// A name as people read it. A stray invisible character must not keep a person out: what cannot
/// be kept is left out of the text.
fn person_text(value: Option<&Value>) -> Option<Text> {
    let text = value?.as_str()?;
    if let Ok(text) = Text::parse(text) {
        return Some(text);
    }
    let visible: String = text
        .chars()
        .filter(|letter| Text::parse(&format!("x{letter}")).is_ok())
        .collect();
    Text::parse(visible.trim()).ok()
}

/// Takes the primary address out of its entry, which stays as its place: the one marked so, else
/// the only one. Only that address ever identifies anybody (part B, POST /Users).
fn take_primary(said: &mut Object) -> Result<Option<Email>, ScimError> {
    let Some(Value::Array(emails)) = said.get_mut("emails") else {
        return Ok(None);
    };
    let marked = emails
        .iter()
        .position(|entry| entry.get("primary") == Some(&Value::Bool(true)));
    let place = marked.or_else(|| (emails.len() == 1).then_some(0));
    let Some(Value::Object(entry)) = place.and_then(|place| emails.get_mut(place)) else {
        return Ok(None);
    };
    let Some(Value::String(address)) = entry.shift_remove("value") else {
        return Ok(None);
    };
    let email = Email::from_directory(&address).map_err(|error| invalid("emails.value", error))?;
    Ok(Some(email))
}

/// An address in a body is nobody's to tell but ours (SEC-33).
fn drop_reference(said: &mut Object) {
    if let Some(Value::Object(enterprise)) = said.get_mut(urn::ENTERPRISE_USER)
        && let Some(Value::Object(manager)) = enterprise.get_mut("manager")
    {
        manager.shift_remove("$ref");
        manager.shift_remove("displayName");
        if manager.is_empty() {
            enterprise.shift_remove("manager");
        }
        if enterprise.is_empty() {
            said.shift_remove(urn::ENTERPRISE_USER);
        }
    }
}

#[cfg(test)]
#[path = "user_resource_tests.rs"]
mod tests;
