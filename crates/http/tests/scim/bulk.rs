//! Bulk requests (RFC 7644 section 3.7).

use std::time::Duration;

use actix_web::http::Method;
use rollcall_http::HttpSettings;
use serde_json::{Value, json};

use crate::stage::{ERROR, GROUP, PATCH_OP, PUBLIC_URL, SCIM, Stage, Tenant, USER, okta_user};

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn request(operations: &Value) -> Value {
    json!({"schemas": [BULK], "Operations": operations})
}

fn user(name: &str, bulk_id: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": okta_user(name)})
}

fn group(name: &str, bulk_id: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    let data = json!({"schemas": [GROUP], "displayName": name, "members": members});
    json!({"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data})
}

async fn bulk(tenant: &Tenant<'_>, operations: Value) -> Vec<Value> {
    let answer = tenant.post("/Bulk", request(&operations)).await.assert(200);
    assert_eq!(answer.header("content-type"), Some(SCIM));
    let body = answer.json();
    let results = body["Operations"].as_array().expect("results").clone();
    for result in &results {
        let status = result["status"].as_str().expect("P-3.7-03: a text");
        if status.starts_with('2') {
            assert!(result.get("response").is_none());
        } else {
            assert_eq!(result["response"]["schemas"], json!([ERROR]));
            assert_eq!(result["response"]["status"], status);
        }
    }
    results
}

fn statuses(results: &[Value]) -> Vec<&str> {
    let mut statuses = Vec::new();
    for result in results {
        statuses.extend(result["status"].as_str());
    }
    statuses
}

fn id(result: &Value) -> &str {
    let address = result["location"].as_str().expect("a location");
    address.rsplit('/').next().expect("an id")
}

#[actix_web::test]
async fn p_3_7_03_every_operation_has_its_result_and_one_that_fails_stops_no_other() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let old = tenant.push_user("old@x.test").await;
    let results = bulk(
        &tenant,
        json!([
            user("jane@x.test", "j"),
            user("JANE@x.test", "again"),
            {"method": "patch", "path": format!("/Users/{old}"), "data": {"schemas": [PATCH_OP],
                "Operations": [{"op": "replace", "path": "title", "value": "Lead"}]}},
            {"method": "PUT", "path": format!("/Users/{old}"), "version": "W/\"1\"",
                "data": okta_user("old@x.test")},
            {"method": "DELETE", "path": "/Users/none"},
            {"method": "GET", "path": format!("/Users/{old}")},
            {"method": "DELETE", "path": format!("/Users/{old}"), "version": "W/\"2\""},
        ]),
    )
    .await;
    let expected = ["201", "409", "200", "412", "404", "400", "204"];
    assert_eq!(statuses(&results), expected, "P-3.7-06");
    assert_eq!(results[0]["bulkId"], "j");
    assert_eq!(results[0]["version"], "W/\"1\"");
    assert_eq!(results[1]["response"]["scimType"], "uniqueness");
    assert!(results[1].get("location").is_none());
    assert_eq!(results[2]["version"], "W/\"2\"");
    let location = format!("{PUBLIC_URL}{}/Users/{old}", tenant.base);
    assert_eq!(results[3]["location"], location);
    let jane = format!("/Users/{}", id(&results[0]));
    tenant.get(&jane).await.assert(200);
    tenant.get(&format!("/Users/{old}")).await.assert(404);
}

#[actix_web::test]
async fn p_3_7_2_01_references_work_backward_and_forward_in_data_paths_and_filters() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let results = bulk(
        &tenant,
        json!([
            group("Ops", "ops", &["bulkId:jane"]),
            {"method": "PATCH", "path": "/Groups/bulkId:ops", "data": {"schemas": [PATCH_OP],
                "Operations": [
                    {"op": "add", "path": "members", "value": [{"value": "bulkId:joe"}]},
                    {"op": "remove", "path": "members[value eq \"bulkId:jane\"]"}
                ]}},
            user("jane@x.test", "jane"),
            user("joe@x.test", "joe"),
            {"method": "PUT", "path": "/Users/bulkId:jane", "data": {
                "schemas": [USER], "userName": "jane@x.test",
                ENTERPRISE: {"manager": {"value": "bulkId:joe"}}}},
        ]),
    )
    .await;
    assert_eq!(statuses(&results), ["201", "204", "201", "201", "200"]);
    let (jane, joe) = (id(&results[2]), id(&results[3]));
    let ops = tenant
        .get(&format!("/Groups/{}", id(&results[0])))
        .await
        .json();
    assert_eq!(ops["members"][0]["value"], joe);
    assert_eq!(ops["members"].as_array().map(Vec::len), Some(1));
    let jane = tenant.get(&format!("/Users/{jane}")).await.json();
    assert_eq!(jane[ENTERPRISE]["manager"]["value"], joe);
    assert!(jane[ENTERPRISE]["manager"]["$ref"].is_string());
}

#[actix_web::test]
async fn p_3_7_1_01_references_in_a_circle_are_resolved() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let managed = |name: &str, bulk_id: &str, manager: &str| {
        let mut operation = user(name, bulk_id);
        operation["data"][ENTERPRISE] = json!({"manager": {"value": manager}});
        operation
    };
    let mut third = user("c@x.test", "c");
    third["data"]["groups"] = json!([{"value": "bulkId:g"}]);
    let operations = json!([
        managed("a@x.test", "a", "bulkId:b"),
        managed("b@x.test", "b", "bulkId:a"),
        third,
        group("All", "g", &["bulkId:a", "bulkId:c"]),
        managed("own@x.test", "own", "bulkId:own"),
    ]);
    let results = bulk(&tenant, operations).await;
    assert_eq!(statuses(&results), ["201"; 5]);
    let read = async |place: usize| {
        let address = results[place]["location"].as_str().expect("a location");
        let tail = address.split("/v2").nth(1).expect("of ours").to_owned();
        let found = tenant.get(&tail).await.assert(200);
        assert_eq!(results[place]["version"], found.json()["meta"]["version"]);
        found.json()
    };
    for (place, manager) in [(0, 1), (1, 0), (4, 4)] {
        let shown = read(place).await;
        assert_eq!(shown[ENTERPRISE]["manager"]["value"], id(&results[manager]));
    }
    let members = read(3).await;
    assert_eq!(members["members"].as_array().map(Vec::len), Some(2));
}

#[actix_web::test]
async fn p_3_7_05_and_07_who_refers_to_what_failed_or_is_not_there_is_not_done() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    tenant.push_user("taken@x.test").await;
    let results = bulk(
        &tenant,
        json!([
            group("Ops", "ops", &["bulkId:taken"]),
            user("taken@x.test", "taken"),
            group("Dev", "dev", &["bulkId:nobody"]),
            user("one@x.test", "same"),
            user("two@x.test", "same"),
        ]),
    )
    .await;
    assert_eq!(statuses(&results), ["409", "409", "400", "201", "400"]);
    assert_eq!(results[2]["response"]["scimType"], "invalidValue");
    assert_eq!(tenant.get("/Groups").await.json()["totalResults"], 0);
    assert_eq!(tenant.get("/Users").await.json()["totalResults"], 2);
}

#[actix_web::test]
async fn p_3_7_04_after_so_many_errors_nothing_more_is_done_and_what_was_done_stays() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let failing = json!({"method": "DELETE", "path": "/Users/none"});
    let operations = json!([
        user("a@x.test", "a"),
        failing,
        user("b@x.test", "b"),
        failing,
        user("c@x.test", "c")
    ]);
    let mut body = request(&operations);
    body["failOnErrors"] = 2.into();
    let answer = tenant.post("/Bulk", body).await.assert(200).json();
    let results = answer["Operations"].as_array().expect("results");
    assert_eq!(statuses(results), ["201", "404", "201", "404"]);
    assert_eq!(tenant.get("/Users").await.json()["totalResults"], 2);
}

#[actix_web::test]
async fn p_3_7_4_01_what_is_too_much_is_refused_by_the_name_of_its_limit() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let config = tenant.get("/ServiceProviderConfig").await.json();
    let bulk = &config["bulk"];
    assert_eq!(bulk["supported"], true);
    let most = bulk["maxOperations"].as_u64().expect("a number");
    let operation = json!({"method": "DELETE", "path": "/Users/none"});
    let many = vec![operation; usize::try_from(most + 1).expect("fits")];
    let refused = tenant.post("/Bulk", request(&many.into())).await;
    let detail = refused.assert_error(413, None)["detail"].to_string();
    assert!(detail.contains("maxOperations") && detail.contains(&most.to_string()));
    let size = bulk["maxPayloadSize"].as_u64().expect("a number");
    let body = vec![b' '; usize::try_from(size + 1).expect("fits")];
    let knock = tenant.knock(Method::POST, "/Bulk").set_payload(body);
    let refused = stage.send(knock).await;
    let detail = refused.assert_error(413, None)["detail"].to_string();
    assert!(detail.contains("maxPayloadSize") && detail.contains(&size.to_string()));
    for broken in [
        json!({}),
        json!([]),
        json!({"schemas": [BULK], "Operations": []}),
    ] {
        let refused = tenant.post("/Bulk", broken).await;
        refused.assert_error(400, Some("invalidSyntax"));
    }
    tenant.get("/Bulk").await.assert_error(405, None);
}

/// SEC-4: what is another organization's is nobody's, in bulk too.
#[actix_web::test]
async fn sec_4_bulk_reaches_nobody_elses_objects() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let other = stage.organization("other").await;
    let foreign = other.push_user("z@x.test").await;
    let path = format!("/Users/{foreign}");
    let results = bulk(
        &tenant,
        json!([
            {"method": "DELETE", "path": path},
            {"method": "PUT", "path": path, "data": okta_user("z@x.test")},
            {"method": "PATCH", "path": path, "data": {"schemas": [PATCH_OP], "Operations": [
                {"op": "replace", "path": "active", "value": false}]}},
            group("Ops", "g", &[&foreign]),
        ]),
    )
    .await;
    assert_eq!(statuses(&results), ["404", "404", "404", "201"]);
    let ops = tenant
        .get(&format!("/Groups/{}", id(&results[3])))
        .await
        .json();
    assert_eq!(ops["members"], json!([]));
    other.get(&path).await.assert(200);
}

#[actix_web::test]
async fn what_is_not_reached_in_time_is_answered_as_such() {
    let settings = HttpSettings {
        scim_rate: None,
        handler_timeout: Duration::ZERO,
        ..HttpSettings::default()
    };
    let stage = Stage::with(settings).await;
    let tenant = stage.organization("acme").await;
    let results = bulk(
        &tenant,
        json!([user("a@x.test", "a"), user("b@x.test", "b")]),
    )
    .await;
    assert_eq!(statuses(&results), ["503", "503"]);
}
