//! What a directory writes, requirement by requirement: RFC 7644 sections 3.3 (create), 3.5
//! (replace and modify), 3.6 (delete), 3.11 and 3.14 (versions), over HTTP. The names of the tests
//! begin with the ids of the requirements; what one request does inside is tested where it is done.

mod create;
mod delete;
mod modify;
mod replace;
mod strict;
mod targets;
mod values;
mod versions;

use serde_json::{Value, json};

use crate::stage::{GROUP, PUBLIC_URL, Tenant, USER};

pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A user of this name with these attributes beside it.
pub(super) fn user(name: &str, attributes: &Value) -> Value {
    let mut body = json!({"schemas": [USER], "userName": name});
    let more = attributes.as_object().expect("an object").clone();
    body.as_object_mut().expect("an object").extend(more);
    body
}

pub(super) fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    json!({"schemas": [GROUP], "displayName": name, "members": members})
}

/// One operation of a modification.
#[expect(clippy::needless_pass_by_value, reason = "reads well at every call")]
pub(super) fn operation(op: &str, path: &str, value: Value) -> Value {
    json!([{"op": op, "path": path, "value": value}])
}

/// Creates a user of this name with these attributes; the path of the resource.
pub(super) async fn created(tenant: &Tenant<'_>, name: &str, attributes: &Value) -> String {
    let answer = tenant.post("/Users", user(name, attributes)).await;
    format!("/Users/{}", answer.assert(201).id())
}

/// A user's attributes: single ones, a complex one, and two values of which one is primary.
pub(super) fn person() -> Value {
    json!({"title": "Guide", "externalId": "e1", "name": {"givenName": "B", "familyName": "J"},
        "emails": [{"value": "b@work.test", "type": "work", "primary": true},
                   {"value": "b@home.test", "type": "home"}]})
}

/// The ids of a group's members, sorted.
pub(super) async fn members(tenant: &Tenant<'_>, path: &str) -> Vec<String> {
    let body = tenant.get(path).await.assert(200).json();
    let mut ids: Vec<String> = (body["members"].as_array().expect("members").iter())
        .map(|member| member["value"].as_str().expect("an id").to_owned())
        .collect();
    ids.sort_unstable();
    ids
}

/// The address of a resource as the service states it.
pub(super) fn address(tenant: &Tenant<'_>, path: &str) -> String {
    format!("{PUBLIC_URL}{}{path}", tenant.base)
}
