//! What reading a filter, asking it, modifying a user and choosing attributes cost, without a server.

use divan::{Bencher, black_box};
use rollcall_scim_protocol::dialect::Dialect;
use rollcall_scim_protocol::filter::{Filter, Limits, ParseOptions, Scope};
use rollcall_scim_protocol::json;
use rollcall_scim_protocol::patch::{PatchRequest, apply};
use rollcall_scim_protocol::projection::Projection;
use rollcall_scim_protocol::resource::normalise;
use rollcall_scim_protocol::schema::ResourceKind;
use serde_json::Value;

const KIND: ResourceKind = ResourceKind::User;

const FILTERS: [&str; 3] = [
    r#"userName eq "ada.novak@acme.test""#,
    r#"emails[type eq "work" and value co "@acme"] and active eq true"#,
    r#"(title pr and not (name.familyName sw "N")) or meta.lastModified gt "2026-01-01T00:00:00Z""#,
];

const USER: &str = r#"{
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
    "userName": "ada.novak@acme.test", "externalId": "00u1", "displayName": "Ada Novak",
    "name": {"givenName": "Ada", "familyName": "Novak"}, "title": "Engineer", "active": true,
    "emails": [{"primary": true, "value": "ada.novak@acme.test", "type": "work"}],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Sales"}}"#;

const PATCHES: [&str; 2] = [
    r#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "value": {"active": false}}]}"#,
    r#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
        {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "ada@acme.test"},
        {"op": "Add", "path": "name.familyName", "value": "Okafor"}]}"#,
];

fn main() {
    divan::main();
}

fn options() -> ParseOptions {
    ParseOptions {
        limits: Limits::BODY,
        literals: Dialect::OKTA.literals,
        scope: Scope::OneKind,
    }
}

fn user() -> Value {
    let body = json::parse(USER.as_bytes()).expect("valid JSON");
    let read = normalise(body, KIND, &Dialect::OKTA).expect("a valid user");
    read.resource
}

#[divan::bench(args = FILTERS)]
fn filter_parse(text: &str) -> Filter {
    Filter::parse(black_box(text), KIND, options()).expect("a valid filter")
}

#[divan::bench(args = FILTERS)]
fn filter_evaluation(bencher: Bencher<'_, '_>, text: &str) {
    let filter = Filter::parse(text, KIND, options()).expect("a valid filter");
    let user = user();
    bencher.bench(|| filter.matches(black_box(&user)));
}

#[divan::bench(args = PATCHES)]
fn patch_apply(bencher: Bencher<'_, '_>, body: &str) {
    let body = json::parse(body.as_bytes()).expect("valid JSON");
    let request = PatchRequest::parse(body, &Dialect::OKTA).expect("a valid request");
    let user = user();
    bencher.bench(|| apply(black_box(&user), &request, KIND, &Dialect::OKTA));
}

#[divan::bench]
fn reading_a_body() -> Value {
    user()
}

#[divan::bench]
fn rendering(bencher: Bencher<'_, '_>) {
    let without_groups = ["groups".to_owned()];
    let projection = Projection::new(None, Some(&without_groups), KIND).expect("valid");
    let user = user();
    bencher.bench(|| projection.apply(black_box(user.clone())).to_string());
}
