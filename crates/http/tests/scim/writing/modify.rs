//! PATCH (RFC 7644 section 3.5.2): messages, paths, order, mutability and what is answered.

use actix_web::http::Method;
use serde_json::json;

use super::{created, operation, person};
use crate::stage::{PATCH_OP, Stage, USER};

#[actix_web::test]
async fn p_3_5_2_01_what_is_no_modification_is_invalid_syntax() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let path = created(&tenant, "b@x.test", &person()).await;
    let team = format!("/Groups/{}", tenant.push_group("Ops").await);
    let change = json!({"op": "replace", "path": "externalId", "value": "x"});
    let operations = [
        json!([]),
        json!({}),
        json!(null),
        json!("x"),
        json!([5]),
        json!([{}]),
        json!([{"op": "move", "path": "title", "value": "x"}]),
        json!([{"op": 5, "path": "title", "value": "x"}]),
        json!([{"path": "title", "value": "x"}]),
        // The first one is fine, and does not happen.
        json!([change, {"op": "exchange"}]),
    ];
    let before = (
        tenant.get(&path).await.json(),
        tenant.get(&team).await.json(),
    );
    for tail in [&path, &team] {
        for operations in &operations {
            let refused = tenant.patch(tail, operations.clone()).await;
            refused.assert_error(400, Some("invalidSyntax"));
        }
        for body in [
            json!([]),
            json!({"schemas": [USER], "Operations": [change]}),
        ] {
            let refused = tenant.call(Method::PATCH, tail, Some(body)).await;
            refused.assert_error(400, Some("invalidSyntax"));
        }
    }
    let after = (
        tenant.get(&path).await.json(),
        tenant.get(&team).await.json(),
    );
    assert_eq!(before, after);
}

#[actix_web::test]
async fn p_3_5_2_02_words_and_names_have_no_case() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let path = created(&tenant, "b@x.test", &person()).await;
    for op in ["Replace", "REPLACE", "Add", "aDD"] {
        let body = json!({"schemas": [PATCH_OP.to_uppercase()],
            "operations": [{"OP": op, "Path": "TITLE", "VALUE": op}]});
        let now = tenant.call(Method::PATCH, &path, Some(body)).await;
        assert_eq!(now.assert(200).json()["title"], op);
    }
    let now = tenant
        .patch(&path, json!([{"op": "Remove", "path": "Name.GIVENNAME"}]))
        .await;
    assert_eq!(now.assert(200).json()["name"], json!({"familyName": "J"}));
}

#[actix_web::test]
async fn p_3_5_2_03_a_bad_path_is_told_from_a_bad_filter_and_from_no_target() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let path = created(&tenant, "b@x.test", &person()).await;
    let team = format!("/Groups/{}", tenant.push_group("Ops").await);
    let before = (
        tenant.get(&path).await.json(),
        tenant.get(&team).await.json(),
    );
    for tail in [&path, &team] {
        for operation in [
            json!({"op": "remove"}),
            json!({"op": "remove", "value": {"title": "x"}}),
        ] {
            let refused = tenant.patch(tail, json!([operation])).await;
            refused.assert_error(400, Some("noTarget"));
        }
    }
    let malformed = [
        "name.",
        ".name",
        "name..givenName",
        "a b",
        "1abc",
        "/title",
        "\"title\"",
        "emails]",
        "emails[type eq \"work\"].",
        "emails[type eq \"work\"]x",
        "emails[type eq \"work\"].value.x",
        "emails[type eq \"work\"][value eq \"x\"]",
        "title[value eq \"x\"]",
    ];
    for at in malformed {
        let refused = tenant
            .patch(&path, operation("replace", at, json!("x")))
            .await;
        refused.assert_error(400, Some("invalidPath"));
    }
    let filters = [
        "emails[",
        "emails[]",
        "emails[type eq]",
        "emails[type zz \"work\"].value",
        "emails[shoeSize eq 38].value",
        "emails[(type eq \"work\"].value",
        "emails[emails[type eq \"work\"]].value",
    ];
    for at in filters {
        let refused = tenant
            .patch(&path, operation("replace", at, json!("x")))
            .await;
        refused.assert_error(400, Some("invalidFilter"));
    }
    for at in [
        "members[display eq \"x\"]",
        "members[value co \"x\"]",
        "members[value eq",
    ] {
        let refused = tenant
            .patch(&team, json!([{"op": "remove", "path": at}]))
            .await;
        refused.assert_error(400, Some("invalidFilter"));
    }
    let after = (
        tenant.get(&path).await.json(),
        tenant.get(&team).await.json(),
    );
    assert_eq!(before, after);
}

#[actix_web::test]
async fn p_3_5_2_04_operations_build_on_one_another_and_fall_together() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let path = created(&tenant, "b@x.test", &person()).await;
    let id = path.trim_start_matches("/Users/");
    let team = format!("/Groups/{}", tenant.push_group("Ops").await);
    let (before, entries) = (
        (
            tenant.get(&path).await.json(),
            tenant.get(&team).await.json(),
        ),
        tenant.activity().await.len(),
    );
    let bad = json!({"op": "replace", "path": "id", "value": "x"});
    let good = json!({"op": "replace", "path": "title", "value": "changed"});
    let refused = tenant.patch(&path, json!([good, bad])).await;
    refused.assert_error(400, Some("mutability"));
    let join = json!({"op": "add", "path": "members", "value": [{"value": id}]});
    let name = json!({"op": "replace", "path": "displayName", "value": "Renamed"});
    let refused = tenant.patch(&team, json!([join, name, bad])).await;
    refused.assert_error(400, Some("mutability"));
    let after = (
        tenant.get(&path).await.json(),
        tenant.get(&team).await.json(),
    );
    assert_eq!(before, after);
    assert_eq!(tenant.activity().await.len(), entries);

    let in_order = json!([
        {"op": "add", "path": "nickName", "value": "N"},
        {"op": "replace", "path": "title", "value": "1"},
        {"op": "replace", "path": "title", "value": "2"},
        {"op": "remove", "path": "nickName"},
        {"op": "add", "path": "emails", "value": [{"value": "c@x.test", "type": "other"}]},
        {"op": "replace", "path": "emails[type eq \"other\"].value", "value": "d@x.test"},
    ]);
    let now = tenant.patch(&path, in_order).await.assert(200).json();
    assert_eq!(now["title"], "2");
    assert!(now.get("nickName").is_none());
    assert_eq!(now["emails"][2]["value"], "d@x.test");
    assert_eq!(
        now["meta"]["version"], "W/\"2\"",
        "one request is one version"
    );
}

#[actix_web::test]
async fn p_3_5_2_07_a_user_is_answered_and_a_group_only_when_it_is_asked_for() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let path = created(&tenant, "b@x.test", &person()).await;
    let team = format!("/Groups/{}", tenant.push_group("Ops").await);
    let title = |to: &str| operation("replace", "title", json!(to));
    let now = tenant.patch(&path, title("A")).await.assert(200);
    assert_eq!(now.json(), tenant.get(&path).await.json(), "P-34");
    let now = tenant
        .patch(&format!("{path}?attributes=title"), title("B"))
        .await;
    assert_eq!(
        now.assert(200).json().as_object().map(serde_json::Map::len),
        Some(3)
    );
    let name = |to: &str| operation("replace", "displayName", json!(to));
    assert!(
        tenant
            .patch(&team, name("A"))
            .await
            .assert(204)
            .body
            .is_empty()
    );
    let now = tenant
        .patch(&format!("{team}?attributes=id"), name("B"))
        .await;
    assert_eq!(
        now.assert(200).json().as_object().map(serde_json::Map::len),
        Some(2)
    );
    let now = tenant
        .patch(&format!("{team}?excludedAttributes=members"), name("C"))
        .await;
    let now = now.assert(200).json();
    assert!(now["displayName"] == "C" && now.get("members").is_none());
}

#[actix_web::test]
async fn p_3_5_2_10_what_changes_nothing_succeeds_and_leaves_no_trace() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let path = created(&tenant, "b@x.test", &person()).await;
    let id = path.trim_start_matches("/Users/").to_owned();
    let team = format!("/Groups/{}", tenant.push_group("Ops").await);
    let join = operation("add", "members", json!([{"value": id}]));
    tenant.patch(&team, join.clone()).await.assert(204);
    let before = (
        tenant.get(&path).await.json(),
        tenant.get(&team).await.json(),
    );
    let entries = tenant.activity().await.len();
    for (tail, operations) in [
        (&path, operation("replace", "title", json!("Guide"))),
        (
            &path,
            operation(
                "add",
                "emails",
                json!([{"value": "b@home.test", "type": "home"}]),
            ),
        ),
        (&path, json!([{"op": "remove", "path": "nickName"}])),
        (
            &path,
            json!([{"op": "remove", "path": "emails[type eq \"none\"]"}]),
        ),
        (&path, operation("add", "emails", json!([]))),
        (&team, join),
        (
            &team,
            json!([{"op": "remove", "path": "members[value eq \"nobody\"]"}]),
        ),
        (
            &team,
            operation("remove", "members", json!([{"value": "nobody"}])),
        ),
        (&team, operation("replace", "displayName", json!("Ops"))),
        (&team, operation("add", "members", json!([]))),
    ] {
        let answer = tenant.patch(tail, operations.clone()).await;
        assert!(
            [200, 204].contains(&answer.status),
            "{operations}: {answer:?}"
        );
    }
    let after = (
        tenant.get(&path).await.json(),
        tenant.get(&team).await.json(),
    );
    assert_eq!(before.0["meta"], after.0["meta"]);
    assert_eq!(before.1, after.1);
    assert_eq!(tenant.activity().await.len(), entries);
}

#[actix_web::test]
async fn p_3_5_2_11_who_is_not_there_is_404_whatever_the_body() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for tail in [
        "/Users/none",
        "/Groups/none",
        "/Users/00000000-0000-7000-8000-0000000000ff",
    ] {
        for method in [Method::PATCH, Method::PUT] {
            let knock = tenant.knock(method, tail).set_payload("{bad");
            stage.send(knock).await.assert_error(404, None);
        }
    }
}

#[actix_web::test]
async fn p_3_5_2_12_a_taken_name_is_a_conflict_and_a_required_one_stays() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    created(&tenant, "taken@x.test", &json!({"externalId": "taken"})).await;
    let path = created(&tenant, "b@x.test", &person()).await;
    tenant.push_group("Taken").await;
    let team = format!("/Groups/{}", tenant.push_group("Ops").await);
    let before = (
        tenant.get(&path).await.json(),
        tenant.get(&team).await.json(),
    );
    for (tail, at, value) in [
        (&path, "userName", "TAKEN@x.test"),
        (&path, "externalId", "taken"),
        (&team, "displayName", " taken "),
    ] {
        let refused = tenant
            .patch(tail, operation("replace", at, json!(value)))
            .await;
        refused.assert_error(409, Some("uniqueness"));
    }
    for (tail, at) in [(&path, "userName"), (&team, "displayName")] {
        let refused = tenant
            .patch(tail, json!([{"op": "remove", "path": at}]))
            .await;
        refused.assert_error(400, Some("mutability"));
        for nothing in [json!(null), json!(""), json!("  "), json!([])] {
            let refused = tenant.patch(tail, operation("replace", at, nothing)).await;
            refused.assert_error(400, Some("invalidValue"));
        }
    }
    let after = (
        tenant.get(&path).await.json(),
        tenant.get(&team).await.json(),
    );
    assert_eq!(before, after);
}

#[actix_web::test]
async fn p_3_5_02_modifications_are_declared() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let config = tenant.get("/ServiceProviderConfig").await.json();
    assert_eq!(config["patch"], json!({"supported": true}));
    assert_eq!(config["etag"], json!({"supported": true}), "P-3.14-01");
    assert_eq!(
        config["changePassword"],
        json!({"supported": false}),
        "S-4.1.1-04"
    );
}
