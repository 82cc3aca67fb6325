//! Inputs that are meant to bring a service down: refused early, and the process lives.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::stage::{PATCH_OP, Stage, Tenant, USER};

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// Everything is as before, and somebody is still there to say so.
async fn assert_unchanged(tenant: &Tenant<'_>, tail: &str, before: &Value) {
    assert_eq!(&tenant.get(tail).await.assert(200).json(), before);
    assert_eq!(tenant.get("/Users").await.json()["totalResults"], 1);
}

#[actix_web::test]
async fn p_3_4_2_2_14_giant_inputs_are_refused_early_and_change_nothing() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let tail = format!("/Users/{}", tenant.push_user("jane@x.test").await);
    let before = tenant.get(&tail).await.json();

    // 200,000 nested negations: in a body, in a path of a modification, and more than fits into an
    // address.
    let nested = "not (".repeat(200_000);
    let filter = format!("{nested}active eq true{}", ")".repeat(200_000));
    // Beyond a megabyte the body itself is refused; 150,000 fit.
    let body = json!({"schemas": [SEARCH], "filter": filter});
    tenant
        .post("/Users/.search", body)
        .await
        .assert_error(413, None);
    let filter = "not (".repeat(150_000);
    let body = json!({"schemas": [SEARCH], "filter": filter});
    for at in ["/Users/.search", "/Groups/.search", "/.search"] {
        // A text this long is refused where bodies are read.
        let refused = tenant.post(at, body.clone()).await;
        assert_eq!(refused.status, 400, "{at}");
        refused.assert_error(400, refused.json()["scimType"].as_str());
    }
    let deep = format!("/Users?filter={}", "not%20(".repeat(400));
    tenant
        .get(&deep)
        .await
        .assert_error(400, Some("invalidFilter"));
    let path = format!("emails[{}]", "not (".repeat(10_000));
    let refused = tenant
        .patch(&tail, json!([{"op": "remove", "path": path}]))
        .await;
    assert_eq!(refused.status, 400);
    assert_unchanged(&tenant, &tail, &before).await;

    // 10,000 operations on one resource.
    let operation = json!({"op": "replace", "path": "title", "value": "x"});
    let many = tenant.patch(&tail, vec![operation; 10_000].into()).await;
    let detail = many.assert_error(413, None)["detail"].to_string();
    assert!(detail.contains("1000"), "{detail}");
    assert_unchanged(&tenant, &tail, &before).await;

    // 50,000 e-mail addresses.
    let emails: Vec<Value> = (0..50_000)
        .map(|n| json!({"value": format!("a{n}@x")}))
        .collect();
    let body = json!({"schemas": [USER], "userName": "many@x.test", "emails": emails});
    let refused = tenant.post("/Users", body).await;
    assert!([400, 413].contains(&refused.status), "{}", refused.status);
    let some: Vec<Value> = (0..20_000)
        .map(|n| json!({"value": format!("a{n}@x")}))
        .collect();
    let operation = json!([{"op": "add", "path": "emails", "value": some}]);
    let refused = tenant.patch(&tail, operation).await;
    let detail = refused.assert_error(400, Some("invalidValue"))["detail"].to_string();
    assert!(detail.contains("emails"), "{detail}");
    assert_unchanged(&tenant, &tail, &before).await;

    // A number of 1,000,000 digits, as a value and in a filter.
    let digits = "9".repeat(1_000_000);
    let body = format!(r#"{{"schemas":["{USER}"],"userName":"n@x.test","title":{digits}}}"#);
    let refused = stage
        .send(tenant.knock(Method::POST, "/Users").set_payload(body))
        .await;
    refused.assert_error(400, Some("invalidValue"));
    let filter = format!("active eq {}", "9".repeat(3_000)).replace(' ', "%20");
    let refused = tenant.get(&format!("/Users?filter={filter}")).await;
    refused.assert_error(400, Some("invalidFilter"));

    // Brackets as deep as a body is long, in an attribute and in a modification.
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let value = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        let create = format!(r#"{{"schemas":["{USER}"],"userName":"d@x.test","x":{value}}}"#);
        let patch = format!(
            r#"{{"schemas":["{PATCH_OP}"],"Operations":[{{"op":"add","value":{value}}}]}}"#
        );
        for (method, at, body) in [
            (Method::POST, "/Users", create),
            (Method::PATCH, tail.as_str(), patch),
        ] {
            let refused = stage.send(tenant.knock(method, at).set_payload(body)).await;
            refused.assert_error(400, Some("invalidSyntax"));
        }
    }
    assert_unchanged(&tenant, &tail, &before).await;
}
