//! The strict profile: the interoperability profile to the letter, and nobody passed over.

use rollcall_application::panel::provisioning::choose_profile;
use rollcall_domain::{DirectoryKind, Profile};
use serde_json::{Value, json};

use super::{created, group, members, operation, user};
use crate::stage::{Stage, Tenant, USER};

async fn strict(stage: &Stage) -> Tenant<'_> {
    let tenant = stage.organization("acme").await;
    let okta = DirectoryKind::Okta;
    choose_profile(&stage.services, &tenant.owner, okta, Profile::Strict)
        .await
        .expect("the profile is chosen");
    tenant
}

/// P-18 and part B, Membership by SCIM: by hand, another tenant's, and nobody's answer alike.
#[actix_web::test]
async fn s_2_3_7_02_a_member_who_is_nobody_refuses_the_request_and_changes_nothing() {
    let stage = Stage::new().await;
    let other = stage.organization("other").await;
    let foreign = other.push_user("z@x.test").await;
    let tenant = strict(&stage).await;
    let by_hand = tenant
        .manual("hand@x.test", rollcall_domain::Role::Member)
        .await
        .to_string();
    let jane = tenant.push_user("jane@x.test").await;
    let path = format!("/Groups/{}", tenant.push_group("Ops").await);
    let (before, entries) = (
        tenant.get(&path).await.json(),
        tenant.activity().await.len(),
    );
    let nobody = "00000000-0000-7000-8000-0000000000ff";
    let mut details = Vec::new();
    for stranger in [&foreign, &by_hand, nobody, "not-an-id"] {
        let ids = [jane.as_str(), stranger];
        let add: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
        for answer in [
            tenant
                .patch(&path, operation("add", "members", add.into()))
                .await,
            tenant.put(&path, group("Renamed", &ids)).await,
            tenant.post("/Groups", group("New", &ids)).await,
        ] {
            let error = answer.assert_error(400, Some("invalidValue"));
            details.push(error["detail"].to_string());
        }
    }
    assert!(details[0].contains("members") && details.iter().all(|one| *one == details[0]));
    assert_eq!(tenant.get(&path).await.json(), before);
    assert_eq!(tenant.get("/Groups").await.json()["totalResults"], 1);
    assert_eq!(tenant.activity().await.len(), entries);
    // Who is to leave and is nobody has left already.
    let leave = json!([{"op": "remove", "path": format!("members[value eq \"{nobody}\"]")}]);
    tenant.patch(&path, leave).await.assert(204);
    let join = operation("add", "members", json!([{"value": jane}]));
    tenant.patch(&path, join).await.assert(204);
    assert_eq!(members(&tenant, &path).await, [jane]);
}

#[actix_web::test]
async fn i_5_3_unknown_names_and_missing_schemas_are_invalid_syntax() {
    let stage = Stage::new().await;
    let tenant = strict(&stage).await;
    for body in [
        user("a@x.test", &json!({"shoeSize": 38})),
        user("a@x.test", &json!({"name": {"nick": "x"}})),
        json!({"schemas": [USER, "urn:acme:2.0:User"], "userName": "a@x.test"}),
        json!({"userName": "a@x.test"}),
    ] {
        tenant
            .post("/Users", body)
            .await
            .assert_error(400, Some("invalidSyntax"));
    }
    assert_eq!(tenant.get("/Users").await.json()["totalResults"], 0);
}

#[actix_web::test]
async fn i_6_5_a_modification_names_one_attribute_of_one_value() {
    let stage = Stage::new().await;
    let tenant = strict(&stage).await;
    let emails =
        json!([{"value": "a@x.test", "type": "work"}, {"value": "b@x.test", "type": "work"}]);
    let attributes = json!({"emails": emails, "name": {"givenName": "A", "familyName": "B"}});
    let path = created(&tenant, "a@x.test", &attributes).await;
    let before = tenant.get(&path).await.json();
    for (op, at, value, kind) in [
        (
            "replace",
            "emails[type eq \"work\"].display",
            json!("x"),
            "invalidFilter",
        ),
        (
            "replace",
            "emails[value eq \"a@x.test\"]",
            json!({"value": "c"}),
            "invalidPath",
        ),
        (
            "replace",
            "emails[type eq \"home\"].value",
            json!("c"),
            "noTarget",
        ),
        ("replace", "shoeSize", json!(38), "invalidPath"),
        ("replace", "active", json!("False"), "invalidValue"),
    ] {
        let refused = tenant.patch(&path, operation(op, at, value)).await;
        refused.assert_error(400, Some(kind));
    }
    let pathless = json!([{"op": "replace", "value": {"title": "x"}}]);
    let refused = tenant.patch(&path, pathless).await;
    refused.assert_error(400, Some("invalidSyntax"));
    assert_eq!(tenant.get(&path).await.json(), before);
    let whole = operation("replace", "name", json!({"givenName": "Z"}));
    let now = tenant.patch(&path, whole).await.assert(200).json();
    assert_eq!(now["name"], json!({"givenName": "Z"}));
}
