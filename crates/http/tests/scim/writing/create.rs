//! POST (RFC 7644 section 3.3).

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{ENTERPRISE, address, created, group, user};
use crate::stage::{GROUP, Stage, USER, okta_user};

#[actix_web::test]
async fn p_3_3_01_what_the_provider_owns_is_ignored_and_never_an_error() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let sent = json!({
        "id": "mine", "groups": [{"value": "x"}], "password": "a secret of theirs",
        "meta": {"resourceType": "Robot", "created": "1999-01-01T00:00:00Z", "version": "W/\"9\""},
        ENTERPRISE: {"manager": {"value": "nobody", "displayName": "Somebody"}},
    });
    let body = user("jane@x.test", &sent);
    let made = tenant.post("/Users", body).await.assert(201).json();
    assert_ne!(made["id"], "mine");
    assert!(made.get("groups").is_none() && made.get("password").is_none());
    assert!(
        !made.to_string().contains("a secret of theirs"),
        "S-4.1.1-04"
    );
    assert_eq!(made["meta"]["resourceType"], "User", "P-3.3.1-01");
    assert_eq!(made["meta"]["version"], "W/\"1\"", "S-3.1-03");
    assert_ne!(made["meta"]["created"], "1999-01-01T00:00:00Z", "S-3.1-03");
    assert_eq!(made["meta"]["created"], made["meta"]["lastModified"]);
    assert_eq!(
        made[ENTERPRISE]["manager"],
        json!({"value": "nobody"}),
        "S-4.3-01"
    );
}

#[actix_web::test]
async fn p_3_3_02_what_is_left_out_gets_a_default_and_what_is_set_to_nothing_does_not() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let nothing =
        json!({"title": null, "emails": [], "nickName": "", "name": {}, ENTERPRISE: null});
    let made = tenant.post("/Users", user("jane@x.test", &nothing)).await;
    let made = made.assert(201).json();
    assert_eq!(made["active"], true);
    for name in ["title", "emails", "nickName", "name", ENTERPRISE] {
        assert!(made.get(name).is_none(), "S-2.5-01: {name}");
    }
}

#[actix_web::test]
async fn p_3_3_03_the_answer_is_the_resource_with_its_address_and_version() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for (tail, kind, body) in [
        ("/Users", "User", okta_user("jane@x.test")),
        ("/Groups", "Group", group("Ops", &[])),
    ] {
        let answer = tenant.post(tail, body).await.assert(201);
        let made = answer.json();
        let location = address(&tenant, &format!("{tail}/{}", answer.id()));
        assert_eq!(made["meta"]["location"], location);
        assert_eq!(answer.header("location"), Some(location.as_str()));
        assert_eq!(answer.header("etag"), made["meta"]["version"].as_str());
        assert_eq!(made["meta"]["resourceType"], kind, "P-3.3.1-01");
        let read = tenant.get(&format!("{tail}/{}", answer.id())).await.json();
        assert_eq!(made, read);
    }
}

#[actix_web::test]
async fn p_3_3_04_a_name_that_is_taken_in_any_case_or_width_is_a_conflict() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    created(&tenant, "Jane@x.test", &json!({})).await;
    tenant.post("/Groups", group("Ops", &[])).await.assert(201);
    for name in ["Jane@x.test", "jANE@X.TEST", "ｊane@x.test"] {
        let refused = tenant.post("/Users", user(name, &json!({}))).await;
        refused.assert_error(409, Some("uniqueness"));
    }
    for name in ["Ops", " oPS "] {
        let refused = tenant.post("/Groups", group(name, &[])).await;
        refused.assert_error(409, Some("uniqueness"));
    }
    assert_eq!(tenant.get("/Users").await.json()["totalResults"], 1);
    assert_eq!(tenant.get("/Groups").await.json()["totalResults"], 1);
}

/// Each of them names the attribute, and leaves nobody behind.
#[actix_web::test]
async fn p_3_3_05_a_missing_name_or_a_wrong_type_is_an_invalid_value() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let two = json!([{"value": "a@x", "primary": true}, {"value": "b@x", "primary": true}]);
    let wrong = [
        ("userName", json!(null)),
        ("userName", json!("")),
        ("userName", json!("   ")),
        ("userName", json!(5)),
        ("userName", json!(["a"])),
        ("userName", json!("a\tb")),
        ("userName", json!("a\u{200B}b")),
        ("active", json!("maybe")),
        ("active", json!(1)),
        ("name", json!("Jane")),
        ("name", json!({"givenName": 5})),
        ("title", json!({})),
        ("title", json!(true)),
        ("profileUrl", json!(5)),
        ("emails", json!(5)),
        ("emails", json!([["a@x"]])),
        ("emails", json!([{"value": 5}])),
        ("emails", json!([{"value": "a@x", "primary": "maybe"}])),
        ("emails", two),
        ("x509Certificates", json!([{"value": "!!"}])),
        ("externalId", json!(5)),
        (ENTERPRISE, json!("Sales")),
        (ENTERPRISE, json!({"department": 5})),
        (ENTERPRISE, json!({"manager": 5})),
    ];
    for (name, value) in wrong {
        let mut body = json!({"schemas": [USER], "userName": "wrong@x.test"});
        body[name] = value.clone();
        let refused = tenant.post("/Users", body).await;
        let detail = refused.assert_error(400, Some("invalidValue"))["detail"].to_string();
        assert!(detail.contains(name), "{name} {value}: {detail}");
    }
    for body in [json!({"schemas": [USER]}), json!({"schemas": [GROUP]})] {
        let tail = if body["schemas"][0] == USER {
            "/Users"
        } else {
            "/Groups"
        };
        tenant
            .post(tail, body)
            .await
            .assert_error(400, Some("invalidValue"));
    }
    assert_eq!(tenant.get("/Users").await.json()["totalResults"], 0);
}

#[actix_web::test]
async fn p_3_3_05_what_is_no_message_at_all_is_invalid_syntax() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let bodies: [&[u8]; 13] = [
        b"",
        b"{",
        b"[]",
        b"5",
        b"null",
        b"\"text\"",
        b"{'userName':1}",
        b"{\"userName\":\"a\",}",
        b"{\"userName\":\"a\",\"USERNAME\":\"b\"}",
        b"\xef\xbb\xbf{}",
        b"{\"userName\":\"\xff\"}",
        b"{\"userName\":\"\\ud800\"}",
        b"{\"schemas\":5,\"userName\":\"a\"}",
    ];
    for tail in ["/Users", "/Groups"] {
        for body in bodies {
            let knock = tenant.knock(Method::POST, tail).set_payload(body.to_vec());
            let refused = stage.send(knock).await;
            refused.assert_error(400, Some("invalidSyntax"));
        }
    }
    let version_1 = json!({"schemas": ["urn:scim:schemas:core:1.0"], "userName": "a@x.test"});
    let refused = tenant.post("/Users", version_1).await;
    let detail = refused.assert_error(400, Some("invalidSyntax"))["detail"].to_string();
    assert!(detail.contains("1.1"), "{detail}");
    assert_eq!(tenant.get("/Users").await.json()["totalResults"], 0);
}

#[actix_web::test]
async fn p_3_3_06_a_client_chooses_what_it_gets_back() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let tail = "/Users?attributes=userName";
    let answer = tenant
        .post(tail, okta_user("jane@x.test"))
        .await
        .assert(201);
    assert!(answer.header("etag").is_some());
    let made = answer.json();
    let names: Vec<&String> = made.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["schemas", "id", "userName"]);
    let tail = "/Groups?excludedAttributes=members";
    let made = tenant
        .post(tail, group("Ops", &[]))
        .await
        .assert(201)
        .json();
    assert!(made.get("members").is_none() && made["displayName"] == "Ops");
}

#[actix_web::test]
async fn p_3_3_07_attributes_and_schemas_nobody_knows_are_ignored() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let mut body = user(
        "jane@x.test",
        &json!({"shoeSize": 38, "name": {"givenName": "J", "nick": "x"}, "urn:acme:2.0:User": {"a": 1}}),
    );
    body["schemas"] = json!([USER, "urn:acme:2.0:User", "urn:acme:other"]);
    let made = tenant.post("/Users", body).await.assert(201).json();
    assert_eq!(made["schemas"], json!([USER]), "P-33");
    assert_eq!(made["name"], json!({"givenName": "J"}));
    assert!(made.get("shoeSize").is_none() && made.get("urn:acme:2.0:User").is_none());
    let unlisted = user(
        "li@x.test",
        &json!({ENTERPRISE.to_uppercase(): {"DEPARTMENT": "D"}}),
    );
    let made = tenant.post("/Users", unlisted).await.assert(201).json();
    assert_eq!(made["schemas"], json!([USER, ENTERPRISE]), "S-3-02");
    assert_eq!(made[ENTERPRISE], json!({"department": "D"}), "S-2.1-01");
}

#[actix_web::test]
async fn p_3_3_08_who_was_deleted_is_created_anew_and_who_left_is_revived() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let gone = created(&tenant, "jane@x.test", &json!({"externalId": "e1"})).await;
    tenant.delete(&gone).await.assert(204);
    let again = created(&tenant, "jane@x.test", &json!({"externalId": "e1"})).await;
    assert_ne!(gone, again, "S-3.1-01: an id is never used again");
    let off: Value = json!([{"op": "replace", "value": {"active": false}}]);
    tenant.patch(&again, off).await.assert(200);
    let back = tenant
        .post("/Users", user("JANE@x.test", &json!({"externalId": "e1"})))
        .await;
    let back = back.assert(201);
    assert_eq!(format!("/Users/{}", back.id()), again);
    assert_eq!(back.json()["active"], true);
    assert_eq!(
        back.header("location"),
        Some(address(&tenant, &again).as_str())
    );
}
