//! DELETE (RFC 7644 section 3.6), and `/Me`, which there is not (section 3.11).

use actix_web::http::Method;
use serde_json::json;

use super::{ENTERPRISE, created, group, members, operation, user};
use crate::stage::{PATCH_OP, Stage};

#[actix_web::test]
async fn p_3_6_01_what_is_deleted_is_404_for_every_operation() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let person = created(&tenant, "a@x.test", &json!({})).await;
    let team = format!("/Groups/{}", tenant.push_group("Ops").await);
    for (path, put) in [
        (person, user("a@x.test", &json!({}))),
        (team, group("Ops", &[])),
    ] {
        let gone = tenant.delete(&path).await.assert(204);
        assert!(gone.body.is_empty());
        tenant.delete(&path).await.assert_error(404, None);
        tenant.get(&path).await.assert_error(404, None);
        tenant.put(&path, put).await.assert_error(404, None);
        let change = operation("replace", "externalId", json!("x"));
        tenant.patch(&path, change).await.assert_error(404, None);
    }
}

#[actix_web::test]
async fn p_3_6_02_who_is_deleted_is_gone_from_lists_groups_and_as_a_manager() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let path = created(&tenant, "boss@x.test", &json!({"displayName": "Boss"})).await;
    let id = path.trim_start_matches("/Users/");
    let below = json!({ENTERPRISE: {"manager": {"value": id}}});
    let report = created(&tenant, "report@x.test", &below).await;
    let body = group("Ops", &[id]);
    let team = tenant.post("/Groups", body).await.assert(201).id();
    let team = format!("/Groups/{team}");
    let manager = |shown: serde_json::Value| shown[ENTERPRISE]["manager"].clone();
    let before = manager(tenant.get(&report).await.json());
    assert_eq!(before["displayName"], "Boss");
    let version = tenant.get(&team).await.json()["meta"]["version"].clone();

    tenant.delete(&path).await.assert(204);
    assert!(members(&tenant, &team).await.is_empty());
    assert_ne!(
        tenant.get(&team).await.json()["meta"]["version"],
        version,
        "P-3.14-07"
    );
    assert_eq!(tenant.get("/Users").await.json()["totalResults"], 1);
    assert_eq!(tenant.find_user("boss@x.test").await["totalResults"], 0);
    for filter in ["members.value", "members"] {
        let tail = format!("/Groups?filter={filter}%20eq%20%22{id}%22");
        assert_eq!(
            tenant.get(&tail).await.assert(200).json()["totalResults"],
            0
        );
    }
    // The id is kept as it was sent, but it names nobody any more.
    assert_eq!(
        manager(tenant.get(&report).await.json()),
        json!({"value": id})
    );
}

#[actix_web::test]
async fn p_3_6_03_and_04_a_deleted_name_is_free_and_a_deactivated_one_is_still_there() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let path = created(&tenant, "a@x.test", &json!({})).await;
    tenant.delete(&path).await.assert(204);
    let again = created(&tenant, "A@x.test", &json!({})).await;
    assert_ne!(again, path, "P-3.6-03");
    let team = tenant.push_group("Ops").await;
    tenant.delete(&format!("/Groups/{team}")).await.assert(204);
    assert_ne!(tenant.push_group("Ops").await, team, "P-3.6-03");

    let off = operation("replace", "active", json!(false));
    tenant.patch(&again, off).await.assert(200);
    assert_eq!(
        tenant.get(&again).await.assert(200).json()["active"],
        false,
        "P-3.6-04"
    );
    assert_eq!(
        tenant.get("/Users").await.json()["totalResults"],
        1,
        "P-3.6-04"
    );
}

#[actix_web::test]
async fn p_3_11_01_me_is_501_in_every_way_of_asking() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let body = json!({"schemas": [PATCH_OP], "Operations": [{"op": "remove", "path": "title"}]});
    for method in [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ] {
        let body = (method != Method::GET && method != Method::DELETE).then(|| body.clone());
        let answer = tenant.call(method, "/Me", body).await;
        answer.assert_error(501, None);
    }
}
