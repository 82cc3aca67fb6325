//! The data model (RFC 7643 sections 2 to 4), as it is seen over HTTP.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{ENTERPRISE, asked};
use crate::stage::{GROUP, PUBLIC_URL, Stage, Tenant, USER};

async fn created(tenant: &Tenant<'_>, body: Value) -> Value {
    tenant.post("/Users", body).await.assert(201).json()
}

/// Each is 400 `invalidValue`, names the attribute, and makes nobody.
#[actix_web::test]
async fn a_value_that_is_none_is_refused_by_name() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let two_der = json!([{"value": "MAAwAA=="}]);
    let two_primaries =
        json!([{"value": "a@x", "primary": true}, {"value": "b@x", "primary": true}]);
    for (id, attribute, value) in [
        ("S-2.3-01", "active", json!("x")),
        ("S-2.3-01", "active", json!(3)),
        ("S-2.3-01", "active", json!([true])),
        ("S-2.3-01", "title", json!(3)),
        ("S-2.3-01", "title", json!({"a": 1})),
        ("S-2.3-01", "name", json!("Jane")),
        ("S-2.3-01", "userName", json!(true)),
        ("S-2.3.6-01", "x509Certificates", json!([{"value": "!!"}])),
        ("S-4.1.2-04", "x509Certificates", two_der),
        ("S-2.4-01", "emails", two_primaries),
        ("S-4.1.1-01", "userName", json!("")),
        ("S-4.1.1-01", "userName", Value::Null),
        ("P-3.8-04", "title", "x".repeat(1_025).into()),
        (
            "P-3.8-04",
            "profileUrl",
            format!("https://x/{}", "x".repeat(4_087)).into(),
        ),
        (
            "P-3.8-04",
            "emails",
            (0..101)
                .map(|n| json!({"value": format!("e{n}@x")}))
                .collect(),
        ),
    ] {
        let mut body = json!({"schemas": [USER], "userName": "odd"});
        body[attribute] = value;
        let refused = tenant.post("/Users", body).await;
        let error = refused.assert_error(400, Some("invalidValue"));
        let detail = error["detail"].as_str().unwrap_or_default();
        assert!(detail.starts_with(attribute), "{id}: {detail}");
    }
    assert_eq!(tenant.get("/Users").await.json()["totalResults"], 0);
    let nameless = tenant.post("/Groups", json!({"schemas": [GROUP]})).await;
    nameless.assert_error(400, Some("invalidValue"));
}

/// What identity providers send, whether or not it is what the RFCs had in mind.
#[actix_web::test]
async fn a_value_that_can_be_kept_is_kept_as_it_was_sent() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for (id, attribute, value) in [
        ("S-4.1.1-02", "displayName", json!("Jane D")),
        ("S-4.1.1-03", "locale", json!("en_US")),
        ("S-4.1.1-03", "timezone", json!("Middle Earth")),
        ("S-4.1.1-03", "preferredLanguage", json!("en-US,de;q=0.8")),
        (
            "S-4.1.2-02",
            "addresses",
            json!([{"country": "USA", "primary": true}]),
        ),
        (
            "S-4.1.2-01",
            "phoneNumbers",
            json!([{"value": "call me", "type": "work"}]),
        ),
        ("S-2.3.6-01", "x509Certificates", json!([{"value": "MAA"}])),
        (
            "S-2.4-02",
            "emails",
            json!([{"value": "a@x", "type": "work"}, {"value": "a@x", "type": "home"}]),
        ),
        (
            "S-2.4-03",
            "emails",
            json!([{"value": "A@EX.COM", "type": "Work"}]),
        ),
    ] {
        let name = format!("{id}-{attribute}");
        let mut body = json!({"schemas": [USER], "userName": name});
        body[attribute] = value.clone();
        let shown = created(&tenant, body).await;
        assert_eq!(shown[attribute], value, "{id}");
    }
    // However it is written, it is found as what it is.
    for (id, filter) in [
        (
            "S-2.4-03",
            r#"emails[type eq "work" and value eq "a@ex.com"]"#,
        ),
        ("S-4.1.2-01", r#"emails co "ex.com""#),
    ] {
        let list = asked(&tenant, "/Users", filter).await.json();
        assert_eq!(list["totalResults"], 1, "{id}");
    }
    let twice = json!([{"value": "a@x", "type": "work"}, {"value": "A@X", "type": "work"}]);
    let shown = created(
        &tenant,
        json!({"schemas": [USER], "userName": "twice", "emails": twice}),
    )
    .await;
    assert_eq!(
        shown["emails"].as_array().map(Vec::len),
        Some(1),
        "S-2.4-02"
    );
}

#[actix_web::test]
async fn names_and_their_order_make_no_difference() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let body = json!({
        ENTERPRISE.to_uppercase(): {"DEPARTMENT": "D"}, "NAME": {"GIVENNAME": "A"},
        "SCHEMAS": [USER.to_uppercase()], "USERNAME": "a@x"
    });
    let shown = created(&tenant, body).await;
    assert_eq!(shown["userName"], "a@x", "S-2.1-01");
    assert_eq!(shown["name"], json!({"givenName": "A"}), "S-2.3.8-01");
    assert_eq!(shown[ENTERPRISE], json!({"department": "D"}), "S-2.1-01");
    assert_eq!(
        shown["schemas"],
        json!([USER, ENTERPRISE]),
        "S-3-02, S-3.3-01"
    );
}

#[actix_web::test]
async fn what_is_unassigned_is_not_shown() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let body = json!({
        "schemas": [USER, ENTERPRISE], "userName": "a@x", "title": null, "emails": [],
        "nickName": "", "name": {}, "displayName": "D"
    });
    let shown = created(&tenant, body).await;
    for absent in ["title", "emails", "nickName", "name", ENTERPRISE] {
        assert!(shown.get(absent).is_none(), "S-2.5-01 {absent}");
    }
    assert_eq!(shown["schemas"], json!([USER]), "S-3-02");
    let tail = format!("/Users/{}", shown["id"].as_str().expect("an id"));
    let body = json!({"schemas": [USER], "userName": "a@x", "displayName": null});
    let replaced = tenant.put(&tail, body).await.assert(200).json();
    assert!(replaced.get("displayName").is_none(), "S-2.5-01");
}

/// S-3.1-01, S-3.1-03, S-3.1-04, P-3.3-03: what the server says of a resource is its own.
#[actix_web::test]
async fn the_servers_own_attributes_are_not_the_clients() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let body = json!({
        "schemas": [USER], "userName": "a@x", "id": "mine", "groups": [{"value": "g"}],
        "meta": {"resourceType": "Group", "created": "1999-01-01T00:00:00Z", "version": "1"}
    });
    let answer = tenant.post("/Users", body).await.assert(201);
    let shown = answer.json();
    let id = shown["id"].as_str().expect("an id");
    assert!(id != "mine" && !id.contains("bulkId"), "S-3.1-01");
    let location = format!("{PUBLIC_URL}{}/Users/{id}", tenant.base);
    let meta = json!({
        "resourceType": "User", "created": "2027-01-15T08:00:00.000Z",
        "lastModified": "2027-01-15T08:00:00.000Z", "location": location, "version": "W/\"1\""
    });
    assert_eq!(shown["meta"], meta, "S-3.1-03, S-2.3.5-01");
    assert_eq!(
        answer.header("location"),
        Some(location.as_str()),
        "S-3.1-03"
    );
    let read = tenant.get(&format!("/Users/{id}")).await;
    for answer in [&answer, &read] {
        assert_eq!(answer.header("etag"), Some("W/\"1\""), "S-3.1-04");
    }
    assert!(shown.get("groups").is_none(), "S-4.1.2-03");
    assert_eq!(read.json(), shown, "P-3.4-01");
    let same = json!({"schemas": [USER], "userName": "A@X"});
    let taken = tenant.post("/Users", same).await;
    taken.assert_error(409, Some("uniqueness")); // S-7-05
}

/// S-2.3.7-01, S-4.1.2-03, S-4.3-01: the server writes addresses and names of others, and each
/// address leads there.
#[actix_web::test]
async fn references_are_the_servers_and_lead_where_they_say() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let boss = created(
        &tenant,
        json!({"schemas": [USER], "userName": "boss", "displayName": "B"}),
    )
    .await;
    let other = "https://evil.example/Users/1";
    let manager = json!({"value": boss["id"], "displayName": "X", "$ref": other});
    let body = json!({"schemas": [USER], "userName": "jane", ENTERPRISE: {"manager": manager}});
    let jane = created(&tenant, body).await;
    let members = json!([{"value": jane["id"], "display": "X", "type": "Group", "$ref": other}]);
    let body = json!({"schemas": [GROUP], "displayName": "Ops", "members": members});
    let ops = tenant.post("/Groups", body).await.assert(201).json();
    let jane = tenant
        .get(&format!("/Users/{}", jane["id"].as_str().expect("an id")))
        .await
        .json();
    let manager = &jane[ENTERPRISE]["manager"];
    assert_eq!(manager["displayName"], "B", "S-4.3-01");
    let group = &jane["groups"][0];
    assert_eq!(
        (&group["value"], &group["type"]),
        (&ops["id"], &json!("direct")),
        "S-4.1.2-03"
    );
    let member = &ops["members"][0];
    assert_eq!(
        (&member["display"], &member["type"]),
        (&json!("jane"), &json!("User")),
        "S-4.2-01"
    );
    for address in [&manager["$ref"], &group["$ref"], &member["$ref"]] {
        let address = address
            .as_str()
            .and_then(|text| text.strip_prefix(PUBLIC_URL));
        let tail = address
            .and_then(|path| path.strip_prefix(&tenant.base))
            .expect("ours");
        tenant.get(tail).await.assert(200);
    }
    let nobody = json!({"schemas": [USER], "userName": "kim", ENTERPRISE: {"manager": "nobody"}});
    let kept = created(&tenant, nobody).await;
    assert_eq!(
        kept[ENTERPRISE]["manager"],
        json!({"value": "nobody"}),
        "S-2.3.7-02, P-10"
    );
}

/// S-2.4-04, S-2.4-02: a member is named by an address in any of its forms, and is one member.
#[actix_web::test]
async fn an_address_names_a_member_in_every_version() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let jane = tenant.push_user("jane@x.example").await;
    let ops = tenant.push_group("Ops").await;
    let absolute = format!("{PUBLIC_URL}{}/Users/{jane}", tenant.base);
    for address in [
        format!("Users/{jane}"),
        format!("/v1/Users/{jane}"),
        absolute,
    ] {
        let add = json!([{"op": "add", "path": "members", "value": [{"$ref": address}]}]);
        tenant
            .patch(&format!("/Groups/{ops}"), add)
            .await
            .assert(204);
        let shown = tenant.get(&format!("/Groups/{ops}")).await.json();
        assert_eq!(shown["members"].as_array().map(Vec::len), Some(1));
        assert_eq!(shown["members"][0]["value"], jane.as_str());
    }
}

/// S-4.1.1-04, P-3.9-05: a password is taken and forgotten, and nothing tells that it was there.
#[actix_web::test]
async fn a_password_is_never_shown() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let body = json!({"schemas": [USER], "userName": "jane", "password": "hunter-2-hunter"});
    for tail in [
        "/Users?attributes=password",
        "/Users?attributes=userName,password",
    ] {
        let mut body = body.clone();
        body["userName"] = tail.into();
        let shown = tenant.post(tail, body).await.assert(201).json();
        let text = tenant
            .get(&format!("{tail}&count=9"))
            .await
            .json()
            .to_string();
        assert!(!text.contains("hunter") && shown.get("password").is_none());
    }
}

/// S-3-01: `schemas` is inferred where it is missing, and of another kind of resource it is refused.
#[actix_web::test]
async fn schemas_are_inferred_or_those_of_the_resource() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let shown = created(&tenant, json!({"userName": "jane"})).await;
    assert_eq!(shown["schemas"], json!([USER]));
}

/// S-9-01, P-2-02: the same person is somebody else in another organization.
#[actix_web::test]
async fn two_organizations_cannot_tell_that_they_know_the_same_person() {
    let stage = Stage::new().await;
    let (one, two) = (
        stage.organization("one").await,
        stage.organization("two").await,
    );
    let (here, there) = (
        one.push_user("jane@x.example").await,
        two.push_user("jane@x.example").await,
    );
    assert_ne!(here, there);
    for method in [Method::GET, Method::DELETE] {
        let foreign = two.call(method, &format!("/Users/{here}"), None).await;
        foreign.assert_error(404, None);
    }
}
