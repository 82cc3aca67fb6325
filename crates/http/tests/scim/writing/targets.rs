//! What each operation does to each kind of target: RFC 7644 sections 3.5.2.1 to 3.5.2.3 as a table.

use serde_json::{Value, json};

use super::{created, members, operation};
use crate::stage::Stage;

/// A row: an operation, its path and value (`null` for none), and what is expected of which
/// attribute, which is absent where it says `null`.
type Row = (&'static str, &'static str, Value, &'static str, Value);

#[expect(clippy::too_many_lines, reason = "a table")]
fn rows() -> Vec<Row> {
    let (a, b) = (
        json!({"value": "a@x", "type": "work"}),
        json!({"value": "b@x", "type": "home"}),
    );
    let both = || json!([a, b]);
    let displayed = |value: &Value| {
        let mut value = value.clone();
        value["display"] = "D".into();
        value
    };
    vec![
        // A singular attribute.
        ("add", "title", json!("T"), "title", json!("T")),
        ("replace", "nickName", json!("N"), "nickName", json!("N")),
        ("remove", "title", json!(null), "title", json!(null)),
        // A singular complex attribute: what is not named stays.
        (
            "add",
            "name",
            json!({"givenName": "G"}),
            "name",
            json!({"familyName": "F", "givenName": "G"}),
        ),
        (
            "replace",
            "name",
            json!({"givenName": "G"}),
            "name",
            json!({"familyName": "F", "givenName": "G"}),
        ),
        ("remove", "name", json!(null), "name", json!(null)),
        (
            "replace",
            "name.familyName",
            json!("X"),
            "name",
            json!({"familyName": "X"}),
        ),
        (
            "remove",
            "name.familyName",
            json!(null),
            "name",
            json!(null),
        ),
        (
            "add",
            "addresses.country",
            json!("USA"),
            "addresses",
            json!([{"country": "USA"}]),
        ),
        // A list.
        (
            "add",
            "emails",
            json!([{"value": "c@x"}]),
            "emails",
            json!([a, b, {"value": "c@x"}]),
        ),
        (
            "add",
            "emails",
            json!({"value": "c@x"}),
            "emails",
            json!([a, b, {"value": "c@x"}]),
        ),
        ("add", "emails", a.clone(), "emails", both()),
        (
            "replace",
            "emails",
            json!([{"value": "c@x"}]),
            "emails",
            json!([{"value": "c@x"}]),
        ),
        ("replace", "emails", json!([]), "emails", json!(null)),
        ("remove", "emails", json!(null), "emails", json!(null)),
        (
            "remove",
            "emails",
            json!([{"value": "A@x"}]),
            "emails",
            json!([b]),
        ),
        // Some of its values.
        (
            "add",
            "emails[type eq \"work\"]",
            json!({"display": "D"}),
            "emails",
            json!([displayed(&a), b]),
        ),
        (
            "replace",
            "emails[type eq \"work\"]",
            json!({"value": "c@x"}),
            "emails",
            json!([{"value": "c@x", "type": "work"}, b]),
        ),
        (
            "replace",
            "emails[value co \"@x\"].display",
            json!("D"),
            "emails",
            json!([displayed(&a), displayed(&b)]),
        ),
        (
            "remove",
            "emails[type eq \"WORK\"]",
            json!(null),
            "emails",
            json!([b]),
        ),
        (
            "remove",
            "emails[value co \"@x\"]",
            json!(null),
            "emails",
            json!(null),
        ),
        (
            "remove",
            "emails[type eq \"work\"].value",
            json!(null),
            "emails",
            json!([b]),
        ),
        // None of them: made of what the filter says, where it says nothing but what is equal.
        (
            "add",
            "emails[type eq \"other\"]",
            json!({"value": "c@x"}),
            "emails",
            json!([a, b, {"value": "c@x", "type": "other"}]),
        ),
        (
            "replace",
            "emails[type eq \"other\"].value",
            json!("c@x"),
            "emails",
            json!([a, b, {"value": "c@x", "type": "other"}]),
        ),
        (
            "replace",
            "roles[primary eq \"True\"].value",
            json!("R"),
            "roles",
            json!([{"value": "R", "primary": true}]),
        ),
        (
            "remove",
            "emails[type eq \"other\"]",
            json!(null),
            "emails",
            both(),
        ),
        (
            "remove",
            "emails[type eq \"other\"].value",
            json!(null),
            "emails",
            both(),
        ),
        // `schemas` follows the data.
        (
            "add",
            "schemas",
            json!(["urn:acme"]),
            "schemas",
            json!([crate::stage::USER]),
        ),
    ]
}

/// P-3.5.2-03, P-3.5.2-08, P-08, P-11.
#[actix_web::test]
async fn p_3_5_2_the_table_of_targets_holds_row_by_row() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for (number, (op, path, value, attribute, expected)) in rows().into_iter().enumerate() {
        let attributes = json!({"title": "Guide", "name": {"familyName": "F"},
            "emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "home"}]});
        let user = created(&tenant, &format!("row-{number}@x.test"), &attributes).await;
        let what = format!("{op} {path} {value}");
        let operations = match &value {
            Value::Null => json!([{"op": op, "path": path}]),
            value => operation(op, path, value.clone()),
        };
        let now = tenant.patch(&user, operations).await;
        assert_eq!(now.status, 200, "{what}: {}", now.json());
        let found = now.json().get(attribute).cloned().unwrap_or_default();
        assert_eq!(found, expected, "{what}");
        assert_eq!(tenant.get(&user).await.json(), now.json(), "{what}");
    }
}

#[actix_web::test]
async fn p_3_5_2_a_filter_that_describes_nothing_has_no_target() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let user = created(&tenant, "a@x.test", &json!({})).await;
    for filter in [
        "type ne \"work\" and value co \"x\"",
        "type eq \"a\" or type eq \"b\"",
        "value pr",
    ] {
        let path = format!("emails[{filter}].value");
        let refused = tenant
            .patch(&user, operation("replace", &path, json!("x")))
            .await;
        refused.assert_error(400, Some("noTarget"));
    }
}

/// The same for members, by ids alone: P-02, P-03, P-04, P-06, P-09, P-16, P-20, P-21.
#[actix_web::test]
async fn p_3_5_2_members_come_and_go_by_every_form_of_path() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let a = tenant.push_user("a@x.test").await;
    let b = tenant.push_user("b@x.test").await;
    let group = format!("/Groups/{}", tenant.push_group("Ops").await);
    let id = group.trim_start_matches("/Groups/");
    let one = |id: &str| json!([{ "value": id }]);
    let at = |id: &str| format!("members[value eq \"{id}\"]");
    let core = crate::stage::GROUP;
    let both = format!("members[value eq \"{a}\" or value eq \"{b}\"]");
    let (none, all): (&[&String], &[&String]) = (&[], &[&a, &b]);
    let steps: Vec<(Value, &[&String])> = vec![
        (
            json!([{"op": "add", "path": "members", "value": one(&a)}]),
            &all[..1],
        ),
        (
            json!([{"op": "Add", "path": "members", "value": one(&b)}]),
            all,
        ),
        (
            json!([{"op": "replace", "value": {"id": id, "displayName": "Renamed"}}]),
            all,
        ),
        (
            json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": a}]}]),
            &all[1..],
        ),
        (
            json!([{"op": "remove", "path": "members", "value": []}]),
            &all[1..],
        ),
        (
            json!([{"op": "replace", "path": "members", "value": one(&a)}]),
            &all[..1],
        ),
        (
            json!([{"op": "replace", "value": {"members": one(&b)}}]),
            &all[1..],
        ),
        (json!([{"op": "add", "value": {"members": one(&a)}}]), all),
        (
            json!([{"op": "remove", "path": format!("{core}:{}", at(&a).replace("value eq", "VALUE EQ"))}]),
            &all[1..],
        ),
        (
            json!([{"op": "add", "path": "members", "value": one(&a)}, {"op": "remove", "path": at(&a)}]),
            &all[1..],
        ),
        (
            json!([{"op": "remove", "path": at(&b)}, {"op": "add", "path": "members", "value": one(&b)}]),
            &all[1..],
        ),
        (
            json!([{"op": "add", "path": at(&a), "value": {"value": a}}]),
            all,
        ),
        (json!([{"op": "remove", "path": both}]), none),
        (
            json!([{"op": "add", "path": "members", "value": [{"value": a}, {"value": b}]}]),
            all,
        ),
        (
            json!([{"op": "remove", "path": at(&a)}, {"op": "remove", "path": at(&b)}]),
            none,
        ),
        (
            json!([{"op": "add", "path": "members", "value": [{"value": a}, {"value": b}]}]),
            all,
        ),
        (json!([{"op": "remove", "path": "members"}]), none),
    ];
    for (operations, expected) in steps {
        tenant.patch(&group, operations.clone()).await.assert(204);
        let found = members(&tenant, &group).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{operations}");
    }
}
