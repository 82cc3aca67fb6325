//! PUT (RFC 7644 section 3.5.1).

use serde_json::{Value, json};

use super::{ENTERPRISE, created, group, members, user};
use crate::stage::{Stage, USER};

#[actix_web::test]
async fn p_3_5_01_put_never_creates() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for id in ["00000000-0000-7000-8000-0000000000ff", "none", "bulkId:x"] {
        let person = user("jane@x.test", &json!({}));
        let refused = tenant.put(&format!("/Users/{id}"), person).await;
        refused.assert_error(404, None);
        let refused = tenant
            .put(&format!("/Groups/{id}"), group("Ops", &[]))
            .await;
        refused.assert_error(404, None);
    }
    assert_eq!(tenant.get("/Users").await.json()["totalResults"], 0);
    assert_eq!(tenant.get("/Groups").await.json()["totalResults"], 0);
}

fn everything() -> Value {
    json!({
        "externalId": "e1", "active": false, "title": "Guide", "nickName": "B",
        "name": {"givenName": "Barbara", "familyName": "Jensen"},
        "emails": [{"value": "b@x.test", "type": "work"}],
        ENTERPRISE: {"department": "Tours"},
    })
}

#[actix_web::test]
async fn p_3_5_1_01_and_04_what_is_sent_takes_the_place_of_all_but_active_and_external_id() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let path = created(&tenant, "b@x.test", &everything()).await;
    let body = user("b@x.test", &json!({"title": "Boss"}));
    let answer = tenant.put(&path, body).await.assert(200);
    let now = answer.json();
    assert_eq!(now["title"], "Boss", "P-3.5.1-01");
    for cleared in ["nickName", "name", "emails", ENTERPRISE] {
        assert!(now.get(cleared).is_none(), "P-3.5.1-04: {cleared}");
    }
    assert_eq!(now["schemas"], json!([USER]));
    assert_eq!(
        now["active"], false,
        "P-14: a leaver does not come back by a title"
    );
    assert_eq!(now["externalId"], "e1", "P-3.5.1-04");
    assert_eq!(now, tenant.get(&path).await.json(), "P-3.5.1-06");
    assert_eq!(answer.header("etag"), Some("W/\"2\""), "P-3.5.1-06");
    assert_eq!(now["meta"]["version"], "W/\"2\"");

    let body = user("b@x.test", &json!({"title": null, "externalId": null}));
    let now = tenant.put(&path, body).await.assert(200).json();
    assert!(
        now.get("title").is_none() && now.get("externalId").is_none(),
        "P-3.5.1-05"
    );
}

#[actix_web::test]
async fn p_3_5_1_02_what_the_provider_owns_is_ignored_even_if_it_differs() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let path = created(&tenant, "b@x.test", &json!({"title": "Guide"})).await;
    let before = tenant.get(&path).await.json();
    let theirs = json!({"title": "Guide", "id": "other", "groups": [{"value": "g"}],
        "meta": {"location": "https://elsewhere.test", "created": "1999-01-01T00:00:00Z"}});
    let now = tenant.put(&path, user("b@x.test", &theirs)).await;
    assert_eq!(now.assert(200).json(), before);
}

/// P-15: a second list of members is a new list, not a change of the old ones.
#[actix_web::test]
async fn p_3_5_1_03_members_come_and_go_and_the_same_ones_are_no_change() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let a = tenant.push_user("a@x.test").await;
    let b = tenant.push_user("b@x.test").await;
    let path = format!("/Groups/{}", tenant.push_group("Ops").await);
    let put = |members: Value| {
        let mut body = group("Ops", &[]);
        body["members"] = members;
        tenant.put(&path, body)
    };
    let both = put(json!([{"value": a}, {"value": b}])).await.assert(200);
    assert_eq!(both.json()["members"].as_array().map(Vec::len), Some(2));
    let same =
        json!([{"value": b, "type": "User", "display": "?", "$ref": "../Users/x"}, {"value": a}]);
    let again = put(same).await.assert(200);
    assert_eq!(again.json(), both.json());
    put(json!([{"value": b}])).await.assert(200);
    assert_eq!(members(&tenant, &path).await, std::slice::from_ref(&b));
    let mut bare = group("Ops", &[]);
    bare.as_object_mut().expect("an object").remove("members");
    tenant.put(&path, bare).await.assert(200);
    assert!(members(&tenant, &path).await.is_empty(), "P-3.5.1-04");
}

#[actix_web::test]
async fn p_3_5_1_05_and_06_a_name_is_required_and_a_taken_one_is_a_conflict() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    created(&tenant, "a@x.test", &json!({"externalId": "a"})).await;
    let path = created(&tenant, "b@x.test", &json!({"externalId": "b"})).await;
    tenant.push_group("Ops").await;
    let team = format!("/Groups/{}", tenant.push_group("Dev").await);
    let before = (
        tenant.get(&path).await.json(),
        tenant.get(&team).await.json(),
    );
    for name in [json!(null), json!(""), json!([])] {
        let body = json!({"schemas": [USER], "userName": name, "title": "x"});
        let refused = tenant.put(&path, body).await;
        refused.assert_error(400, Some("invalidValue"));
        let mut body = group("", &[]);
        body["displayName"] = name;
        let refused = tenant.put(&team, body).await;
        refused.assert_error(400, Some("invalidValue"));
    }
    let taken = tenant.put(&path, user("A@X.test", &json!({}))).await;
    taken.assert_error(409, Some("uniqueness"));
    let taken = tenant
        .put(&path, user("b@x.test", &json!({"externalId": "a"})))
        .await;
    taken.assert_error(409, Some("uniqueness"));
    let taken = tenant.put(&team, group(" oPS", &[])).await;
    taken.assert_error(409, Some("uniqueness"));
    let after = (
        tenant.get(&path).await.json(),
        tenant.get(&team).await.json(),
    );
    assert_eq!(before, after);
    let projected = format!("{path}?attributes=userName");
    let shown = tenant.put(&projected, user("b@x.test", &json!({}))).await;
    let shown = shown.assert(200).json();
    assert_eq!(
        shown.as_object().map(serde_json::Map::len),
        Some(3),
        "P-3.5.1-06: {shown}"
    );
}

#[actix_web::test]
async fn p_3_5_1_07_what_changes_nothing_moves_neither_version_nor_time() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let path = created(&tenant, "b@x.test", &everything()).await;
    let first = tenant.get(&path).await.json();
    let entries = tenant.activity().await.len();
    let again = tenant.put(&path, user("b@x.test", &everything())).await;
    assert_eq!(again.assert(200).json(), first);
    // As a client that sends back what it read.
    let echoed = tenant.put(&path, first.clone()).await;
    assert_eq!(echoed.assert(200).json(), first);
    assert_eq!(tenant.activity().await.len(), entries);
}
