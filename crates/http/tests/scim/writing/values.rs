//! PATCH (RFC 7644 section 3.5.2): what becomes of the values: mutability, primary ones, extensions,
//! and the spellings of clients.

use serde_json::{Value, json};

use super::{ENTERPRISE, created, members, operation, person};
use crate::stage::{Stage, USER};

#[actix_web::test]
async fn p_3_5_2_05_what_cannot_be_written_is_refused_as_a_path_and_ignored_inside_a_value() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let path = created(&tenant, "b@x.test", &person()).await;
    let id = path.trim_start_matches("/Users/").to_owned();
    let team = format!("/Groups/{}", tenant.push_group("Ops").await);
    let join = operation("add", "members", json!([{"value": id}]));
    tenant.patch(&team, join).await.assert(204);
    let before = (
        tenant.get(&path).await.json(),
        tenant.get(&team).await.json(),
    );
    let manager = format!("{ENTERPRISE}:manager.displayName");
    let of_user = [
        "id",
        "meta",
        "meta.created",
        "groups",
        "groups.value",
        "groups[value eq \"x\"]",
        &manager,
    ];
    let member = format!("members[value eq \"{id}\"]");
    let (value, display) = (format!("{member}.value"), format!("{member}.display"));
    let of_team = [
        "id",
        "meta.version",
        "members.value",
        &value,
        &display,
        &member,
    ];
    for (tail, paths) in [(&path, &of_user[..]), (&team, &of_team[..])] {
        for at in paths {
            let refused = tenant
                .patch(tail, operation("replace", at, json!("x")))
                .await;
            refused.assert_error(400, Some("mutability"));
        }
    }
    let after = (
        tenant.get(&path).await.json(),
        tenant.get(&team).await.json(),
    );
    assert_eq!(before, after, "S-4.2-01");

    let theirs =
        json!([{"op": "replace", "value": {"id": "x", "meta": {}, "groups": [], "title": "T"}}]);
    assert_eq!(
        tenant.patch(&path, theirs).await.assert(200).json()["title"],
        "T"
    );
    let manager = json!({"value": id, "displayName": "Not said by us", "$ref": "x"});
    let at = format!("{ENTERPRISE}:manager");
    let now = tenant
        .patch(&path, operation("add", &at, manager))
        .await
        .assert(200)
        .json();
    assert_ne!(now[ENTERPRISE]["manager"]["displayName"], "Not said by us");
    let member = json!([{"value": id, "display": "Not said by us", "type": "User"}]);
    tenant
        .patch(&team, operation("add", "members", member))
        .await
        .assert(204);
    assert_eq!(tenant.get(&team).await.json()["meta"], before.1["meta"]);
}

#[actix_web::test]
async fn p_3_5_2_06_one_primary_value_at_most_the_latest() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let path = created(&tenant, "b@x.test", &person()).await;
    let more = json!([{"value": "c@x.test", "primary": true}]);
    let two =
        json!([{"value": "d@x.test", "primary": true}, {"value": "e@x.test", "primary": true}]);
    for (op, at, value, primary) in [
        ("add", "emails", more, Some("c@x.test")),
        (
            "replace",
            "emails[type eq \"home\"].primary",
            json!(true),
            Some("b@home.test"),
        ),
        (
            "replace",
            "emails[type eq \"home\"].primary",
            json!("False"),
            None,
        ),
        ("add", "emails", two.clone(), Some("e@x.test")),
        ("replace", "emails", two, Some("e@x.test")),
    ] {
        let now = tenant
            .patch(&path, operation(op, at, value))
            .await
            .assert(200)
            .json();
        let found: Vec<&str> = (now["emails"].as_array().expect("emails").iter())
            .filter(|email| email["primary"] == true)
            .filter_map(|email| email["value"].as_str())
            .collect();
        assert_eq!(found, Vec::from_iter(primary), "{op} {at}");
    }
}

#[actix_web::test]
async fn p_3_5_2_08_and_09_extensions_are_reached_by_urn_flat_nested_and_whole() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let path = created(&tenant, "b@x.test", &json!({})).await;
    let patch =
        |operations: Value| async { tenant.patch(&path, operations).await.assert(200).json() };
    let department = format!("{ENTERPRISE}:department");
    let now = patch(operation("add", &department, json!("Tours"))).await;
    assert_eq!(now["schemas"], json!([USER, ENTERPRISE]));
    assert_eq!(now[ENTERPRISE], json!({"department": "Tours"}));
    let now = patch(json!([{"op": "remove", "path": department.to_uppercase()}])).await;
    assert_eq!(now["schemas"], json!([USER]));
    assert!(now.get(ENTERPRISE).is_none());
    let whole = json!({"costCenter": "C", "department": "D"});
    let now = patch(operation("add", ENTERPRISE, whole.clone())).await;
    assert_eq!(now[ENTERPRISE], whole);
    let now = patch(json!([{"op": "remove", "path": ENTERPRISE}])).await;
    assert!(now.get(ENTERPRISE).is_none());
    let core = format!("{USER}:name.familyName");
    let flat = json!({
        department: "Flat", "name.givenName": "A", core: "F", (format!("{USER}:title")): "T",
        "emails[type eq \"work\"].value": "a@b.test", "phoneNumbers[type eq \"mobile\"].value": "+1",
        (format!("{ENTERPRISE}:manager.value")): "m1",
    });
    let now = patch(json!([{"op": "replace", "value": flat}])).await;
    assert_eq!(
        now[ENTERPRISE],
        json!({"department": "Flat", "manager": {"value": "m1"}})
    );
    assert_eq!(now["name"], json!({"givenName": "A", "familyName": "F"}));
    assert_eq!(
        now["emails"][0],
        json!({"value": "a@b.test", "type": "work"})
    );
    assert_eq!(
        now["phoneNumbers"][0],
        json!({"value": "+1", "type": "mobile"})
    );
    assert_eq!(now["title"], "T");
    let nested = json!([{"op": "add", "value": {ENTERPRISE: {"division": "N"}}}]);
    assert_eq!(patch(nested).await[ENTERPRISE]["division"], "N");
}

#[actix_web::test]
async fn p_3_5_2_13_what_clients_send_for_a_value_is_understood_and_what_nobody_could_is_refused() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let path = created(&tenant, "b@x.test", &person()).await;
    let id = path.trim_start_matches("/Users/").to_owned();
    let team = format!("/Groups/{}", tenant.push_group("Ops").await);
    let at = format!("{ENTERPRISE}:manager");
    for manager in [
        json!("m1"),
        json!({"value": "m1"}),
        json!([{"$ref": "../Users/m1", "value": "m1"}]),
    ] {
        let now = tenant
            .patch(&path, operation("replace", &at, manager))
            .await;
        assert_eq!(
            now.assert(200).json()[ENTERPRISE]["manager"]["value"],
            "m1",
            "P-10"
        );
        let gone = tenant
            .patch(&path, operation("replace", &at, json!({"value": ""})))
            .await;
        assert!(gone.assert(200).json().get(ENTERPRISE).is_none(), "P-10");
    }
    for (said, active) in [
        ("False", false),
        ("true", true),
        ("FALSE", false),
        ("True", true),
    ] {
        let now = tenant
            .patch(&path, operation("Add", "active", json!(said)))
            .await;
        assert_eq!(now.assert(200).json()["active"], active, "P-01, P-41");
    }
    for member in [
        json!({"value": id, "displayName": "x", "$ref": null}),
        json!([{"$ref": format!("https://elsewhere.test/v2/Users/{id}")}]),
        json!(id),
        json!([id]),
    ] {
        tenant
            .patch(&team, operation("add", "members", member))
            .await
            .assert(204);
        assert_eq!(members(&tenant, &team).await, std::slice::from_ref(&id));
        tenant
            .patch(&team, operation("replace", "members", json!([])))
            .await
            .assert(204);
        assert!(members(&tenant, &team).await.is_empty(), "P-21");
    }
    let before = (
        tenant.get(&path).await.json(),
        tenant.get(&team).await.json(),
    );
    for value in [
        json!(5),
        json!(true),
        json!([5]),
        json!([[id]]),
        json!([{"value": 5}]),
    ] {
        let refused = tenant
            .patch(&team, operation("add", "members", value))
            .await;
        refused.assert_error(400, Some("invalidValue"));
    }
    for operation in [
        json!({"op": "add", "path": "title"}),
        json!({"op": "replace", "path": "title"}),
        json!({"op": "replace", "path": "active", "value": "maybe"}),
        json!({"op": "add"}),
        json!({"op": "add", "value": 5}),
        json!({"op": "replace", "path": "emails", "value": [{"value": {}}]}),
        json!({"op": "replace", "path": "name", "value": "B. J."}),
    ] {
        let refused = tenant.patch(&path, json!([operation])).await;
        refused.assert_error(400, Some("invalidValue"));
    }
    let after = (
        tenant.get(&path).await.json(),
        tenant.get(&team).await.json(),
    );
    assert_eq!(before, after);
}
