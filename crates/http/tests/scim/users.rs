//! `/Users`: the life of a member at its directory's hand.

use crate::stage::{SCIM, Stage, USER, okta_user};
use actix_web::http::Method;
use chrono::Duration;
use rollcall_domain::{Action, MemberStatus, Origin, Role};
use serde_json::{Value, json};

#[actix_web::test]
async fn r05_a_pushed_person_becomes_a_member_and_comes_back_as_sent() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let sent = okta_user("Runscope123Xy@Atko.com");
    let answer = tenant.post("/Users", sent.clone()).await.assert(201);
    let body = answer.json();
    let id = answer.id();
    for name in [
        "userName",
        "name",
        "emails",
        "displayName",
        "locale",
        "externalId",
        "active",
    ] {
        assert_eq!(body[name], sent[name], "P-12: {name}");
    }
    assert_eq!(body["schemas"], json!([USER]));
    assert!(body.get("password").is_none(), "SEC-21");
    let location = body["meta"]["location"].as_str().unwrap();
    assert_eq!(answer.header("location"), Some(location), "P-3.3-03");
    assert_eq!(
        location,
        format!("https://rollcall.example{}/Users/{id}", tenant.base)
    );
    assert_eq!(
        answer.header("etag"),
        body["meta"]["version"].as_str(),
        "S-3.1-04"
    );
    assert_eq!(tenant.get(&format!("/Users/{id}")).await.json(), body);
    let member = tenant.member(&id).await;
    assert_eq!(member.role, Role::Member);
    assert_eq!(member.status, MemberStatus::Active);
    assert!(matches!(member.origin, Origin::Provisioned(_)));
    assert_eq!(tenant.entries(Action::MemberCreated).await.len(), 1);
}

/// P-13, P-40, REL-9: a second POST, as after a lost answer, is a conflict and changes nothing; so
/// is one in another case.
#[actix_web::test]
async fn a_second_push_of_an_active_person_is_a_conflict() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    tenant.push_user("Jane@acme.example").await;
    let before = tenant.activity().await.len();
    let again = tenant.post("/Users", okta_user("JANE@acme.example")).await;
    let body = again.assert_error(409, Some("uniqueness"));
    assert!(body["detail"].as_str().unwrap().contains("member_exists"));
    assert_eq!(tenant.activity().await.len(), before);
}

/// P-12, P-30, and request 9 of Okta's suite.
#[actix_web::test]
async fn a_user_name_is_found_in_any_case_and_shown_as_sent() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    tenant.push_user("Jane@acme.example").await;
    let found = tenant.find_user("JANE@ACME.EXAMPLE").await;
    assert_eq!(found["totalResults"], 1);
    assert_eq!(found["itemsPerPage"], 1);
    assert_eq!(found["Resources"][0]["userName"], "Jane@acme.example");
}

/// P-36.
#[actix_web::test]
async fn an_unencoded_plus_in_a_filter_still_finds_the_person() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    tenant.push_user("jane+x@acme.example").await;
    assert_eq!(
        tenant.find_user("jane+x@acme.example").await["totalResults"],
        1
    );
    assert_eq!(
        tenant.find_user("jane%2Bx@acme.example").await["totalResults"],
        1
    );
    assert_eq!(
        tenant.find_user("jane+y@acme.example").await["totalResults"],
        0
    );
}

/// R05, P-25: deactivated users stay visible, and come back under the same id.
#[actix_web::test]
async fn a_person_is_deactivated_and_reactivated_in_both_dialects() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    let tail = format!("/Users/{id}");
    let off = json!([{"op": "replace", "value": {"active": false}}]);
    let answer = tenant.patch(&tail, off).await.assert(200);
    assert_eq!(answer.json()["active"], false);
    assert_eq!(answer.json()["schemas"], json!([USER]), "P-34");
    assert_eq!(tenant.member(&id).await.status, MemberStatus::Deactivated);
    assert_eq!(tenant.get(&tail).await.assert(200).json()["active"], false);
    assert_eq!(
        tenant.find_user("jane@acme.example").await["totalResults"],
        1
    );
    assert_eq!(tenant.entries(Action::MemberDeactivated).await.len(), 1);
    let on = json!([{"op": "replace", "value": {"active": true}}]);
    tenant.patch(&tail, on).await.assert(200);
    assert_eq!(tenant.entries(Action::MemberReactivated).await.len(), 1);
    // The wizard's applications put everything.
    let mut whole = okta_user("jane@acme.example");
    whole["active"] = json!(false);
    assert_eq!(
        tenant.put(&tail, whole).await.assert(200).json()["active"],
        false
    );
    let on = okta_user("jane@acme.example");
    assert_eq!(
        tenant.put(&tail, on).await.assert(200).json()["active"],
        true
    );
    assert_eq!(tenant.get(&tail).await.id(), id);
}

/// P-01, P-41, SEC-29: booleans as text, `op` in any case, `add` for `replace`.
#[actix_web::test]
async fn active_is_understood_however_it_is_written() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    let tail = format!("/Users/{id}");
    let said = [
        (
            json!([{"op": "Replace", "path": "active", "value": "False"}]),
            false,
        ),
        (
            json!([{"op": "Add", "path": "active", "value": "True"}]),
            true,
        ),
        (
            json!([{"op": "replace", "value": {"ACTIVE": "false"}}]),
            false,
        ),
        (json!([{"op": "add", "value": {"active": true}}]), true),
    ];
    for (operations, active) in said {
        let body = tenant.patch(&tail, operations).await.assert(200).json();
        assert_eq!(body["active"], Value::Bool(active));
    }
}

/// P-26, P-3.5.2-10, P-3.5.1-07, REL-4: what changes nothing leaves no trace.
#[actix_web::test]
async fn a_change_that_changes_nothing_moves_no_version_and_leaves_no_entry() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    let tail = format!("/Users/{id}");
    let before = tenant.get(&tail).await;
    let entries = tenant.activity().await.len();
    stage.clock.advance(Duration::minutes(5));
    tenant.put(&tail, before.json()).await.assert(200);
    tenant
        .put(&tail, okta_user("jane@acme.example"))
        .await
        .assert(200);
    for operations in [
        json!([{"op": "replace", "value": {"active": true}}]),
        json!([{"op": "replace", "path": "displayName", "value": "Given jane"}]),
        json!([{"op": "add", "path": "emails",
                "value": [{"value": "jane@acme.example", "type": "work", "primary": true}]}]),
        json!([{"op": "remove", "path": "nickName"}]),
    ] {
        tenant.patch(&tail, operations).await.assert(200);
    }
    let after = tenant.get(&tail).await;
    assert_eq!(after.body, before.body);
    assert_eq!(after.header("etag"), before.header("etag"));
    assert_eq!(tenant.activity().await.len(), entries);
}

/// P-14, P-3.5.1-04: PUT clears what it leaves out, but for `active` and `externalId`.
#[actix_web::test]
async fn put_clears_what_is_left_out_but_for_active_and_external_id() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let mut body = okta_user("jane@acme.example");
    body["title"] = json!("Engineer");
    body["active"] = json!(false);
    let id = tenant.post("/Users", body).await.assert(201).id();
    let tail = format!("/Users/{id}");
    let bare = json!({"schemas": [USER], "userName": "jane@acme.example"});
    let left = tenant.put(&tail, bare.clone()).await.assert(200).json();
    assert_eq!(
        left["active"], false,
        "a leaver is not reactivated by silence"
    );
    assert_eq!(left["externalId"], "00u-jane");
    for gone in ["title", "name", "displayName", "emails", "locale"] {
        assert!(left.get(gone).is_none(), "{gone}");
    }
    let mut cleared = bare;
    cleared["externalId"] = Value::Null;
    let left = tenant.put(&tail, cleared).await.assert(200).json();
    assert!(left.get("externalId").is_none());
}

/// P-06 to P-10: the shapes of modifications that are seen in the field.
#[actix_web::test]
async fn modifications_in_every_shape_seen_in_the_field_are_understood() {
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    let boss = tenant.push_user("boss@acme.example").await;
    let tail = format!("/Users/{id}");
    let operations = json!([
        {"op": "replace", "value": {"name.givenName": "Janet",
            format!("{ENTERPRISE}:department"): "R&D"}},
        {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+1 555"},
        {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "new@acme.example"},
        {"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": boss},
        {"op": "replace", "path": "favouriteColour", "value": "blue"}
    ]);
    let body = tenant.patch(&tail, operations).await.assert(200).json();
    assert_eq!(
        body["name"],
        json!({"familyName": "jane", "givenName": "Janet"})
    );
    assert_eq!(
        body["phoneNumbers"],
        json!([{"value": "+1 555", "type": "mobile"}])
    );
    assert_eq!(body["emails"][0]["value"], "new@acme.example");
    assert_eq!(body[ENTERPRISE]["department"], "R&D");
    assert_eq!(body[ENTERPRISE]["manager"]["value"], boss.as_str());
    let address = format!("https://rollcall.example{}/Users/{boss}", tenant.base);
    assert_eq!(body[ENTERPRISE]["manager"]["$ref"], address);
    assert_eq!(body["schemas"], json!([USER, ENTERPRISE]));
    let member = tenant.member(&id).await;
    assert_eq!(member.email.unwrap().as_str(), "new@acme.example");
    // Part B: a manager that does not exist is kept as sent, without an address of ours.
    let nobody = json!([{"op": "replace", "path": format!("{ENTERPRISE}:manager"),
                         "value": {"value": "ghost"}}]);
    let body = tenant.patch(&tail, nobody).await.assert(200).json();
    assert_eq!(body[ENTERPRISE]["manager"], json!({"value": "ghost"}));
}

/// P-3.5.2-04, SEC-31, REL-3: all or nothing.
#[actix_web::test]
async fn a_bad_operation_takes_the_good_ones_with_it() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    let tail = format!("/Users/{id}");
    let before = tenant.get(&tail).await;
    let operations = json!([
        {"op": "replace", "path": "title", "value": "Engineer"},
        {"op": "replace", "path": "id", "value": "x"}
    ]);
    tenant
        .patch(&tail, operations)
        .await
        .assert_error(400, Some("mutability"));
    let broken = json!([{"op": "replace", "path": "emails[type eq", "value": "x"}]);
    tenant
        .patch(&tail, broken)
        .await
        .assert_error(400, Some("invalidFilter"));
    tenant
        .patch(&tail, json!([]))
        .await
        .assert_error(400, Some("invalidSyntax"));
    let no_path = json!([{"op": "remove"}]);
    tenant
        .patch(&tail, no_path)
        .await
        .assert_error(400, Some("noTarget"));
    assert_eq!(tenant.get(&tail).await.body, before.body);
}

/// SEC-17, SEC-21.
#[actix_web::test]
async fn sec_17_nothing_in_a_body_makes_an_owner_or_sets_what_is_not_the_directorys() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let other = stage.organization("other").await;
    let mut body = okta_user("jane@acme.example");
    body["id"] = json!("11111111-1111-1111-1111-111111111111");
    body["role"] = json!("owner");
    body["roles"] = json!([{"value": "owner", "primary": true}]);
    body["org_id"] = json!(other.organization.to_string());
    body["organization"] = json!(other.organization.to_string());
    body["meta"] = json!({"created": "1999-01-01T00:00:00Z", "version": "W/\"99\""});
    body["groups"] = json!([{"value": "some"}]);
    let answer = tenant.post("/Users", body).await.assert(201);
    let id = answer.id();
    let member = tenant.member(&id).await;
    assert_ne!(id, "11111111-1111-1111-1111-111111111111");
    assert_eq!(member.role, Role::Member);
    assert!(!member.has_password);
    assert_eq!(member.organization, tenant.organization);
    let shown = answer.json();
    assert_eq!(shown["meta"]["version"], "W/\"1\"");
    assert!(shown.get("groups").is_none());
    assert!(!shown.to_string().contains("4a9XuKkx"));
    let operations = json!([{"op": "add", "value": {"role": "owner", "password": "x"}}]);
    tenant
        .patch(&format!("/Users/{id}"), operations)
        .await
        .assert(200);
    assert_eq!(tenant.member(&id).await.role, Role::Member);
}

#[actix_web::test]
async fn sec_28_a_body_that_can_be_read_in_two_ways_is_refused() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let bodies: [&[u8]; 5] = [
        br#"{"userName":"a@x","USERNAME":"b@x"}"#,
        br#"{"userName":"a@x","userName":"b@x"}"#,
        b"{\"userName\":\"a\xff@x\"}",
        b"\xef\xbb\xbf{\"userName\":\"a@x\"}",
        b"{\"userName\":",
    ];
    for body in bodies {
        let request = tenant
            .knock(Method::POST, "/Users")
            .insert_header(("content-type", SCIM))
            .set_payload(body.to_vec());
        let answer = stage.send(request).await;
        answer.assert_error(400, Some("invalidSyntax"));
    }
    assert_eq!(tenant.get("/Users").await.json()["totalResults"], 0);
}

/// SEC-29: a wrong type is refused, or read as the schema's, and never stored as it came.
#[actix_web::test]
async fn p_3_3_05_a_missing_name_and_a_wrong_type_are_invalid_values() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for body in [
        json!({"schemas": [USER], "displayName": "Jane"}),
        json!({"schemas": [USER], "userName": ""}),
        json!({"schemas": [USER], "userName": "jane", "active": "maybe"}),
        json!({"schemas": [USER], "userName": "ja\u{200b}ne"}),
        json!({"schemas": [USER], "userName": "x".repeat(321)}),
    ] {
        let answer = tenant.post("/Users", body).await;
        answer.assert_error(400, Some("invalidValue"));
    }
}

/// P-3.5.2-11, P-3.6-01, P-39, and requests 4 and 12 of Okta's suite.
#[actix_web::test]
async fn an_id_that_is_nobodys_is_404_whatever_its_form_and_whatever_the_body() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    tenant.delete(&format!("/Users/{id}")).await.assert(204);
    let upper = tenant.push_user("john@acme.example").await.to_uppercase();
    for id in [
        "010101001010101011001010101011",
        "00919288221112222",
        &id,
        &upper,
        "%00",
    ] {
        let tail = format!("/Users/{id}");
        tenant.get(&tail).await.assert_error(404, None);
        tenant
            .put(&tail, json!("broken"))
            .await
            .assert_error(404, None);
        tenant
            .patch(&tail, json!("broken"))
            .await
            .assert_error(404, None);
        tenant.delete(&tail).await.assert_error(404, None);
    }
}

/// P-3.6-03.
#[actix_web::test]
async fn a_deleted_person_can_be_pushed_again_as_somebody_new() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    let deleted = tenant.delete(&format!("/Users/{id}")).await.assert(204);
    assert!(deleted.body.is_empty());
    assert_eq!(
        tenant.find_user("jane@acme.example").await["totalResults"],
        0
    );
    assert_eq!(tenant.entries(Action::MemberDeleted).await.len(), 1);
    assert_ne!(tenant.push_user("jane@acme.example").await, id);
}

/// P-3.14-02 to -04.
#[actix_web::test]
async fn stale_versions_are_412_and_known_ones_304_where_that_is_true() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    let tail = format!("/Users/{id}");
    let knock = |method: Method, if_match: &str, body: Value| {
        let request = tenant
            .knock(method, &tail)
            .insert_header(("if-match", if_match))
            .insert_header(("content-type", SCIM))
            .set_payload(body.to_string());
        stage.send(request)
    };
    let mut changed = okta_user("jane@acme.example");
    changed["title"] = json!("Engineer");
    knock(Method::PUT, "W/\"7\"", changed.clone())
        .await
        .assert_error(412, None);
    knock(Method::PUT, "W/\"7\"", json!("broken"))
        .await
        .assert_error(412, None);
    knock(Method::DELETE, "\"7\"", Value::Null)
        .await
        .assert_error(412, None);
    let put = knock(Method::PUT, "W/\"1\"", changed).await.assert(200);
    assert_eq!(put.header("etag"), Some("W/\"2\""));
    let known = |query: &str| {
        let request = tenant
            .knock(Method::GET, &format!("{tail}{query}"))
            .insert_header(("if-none-match", "W/\"2\""));
        stage.send(request)
    };
    // The version does not follow `groups`, so an answer with groups is never "not modified".
    assert_eq!(known("").await.status, 200);
    let unmodified = known("?excludedAttributes=groups").await;
    assert_eq!((unmodified.status, unmodified.body.len()), (304, 0));
    assert_eq!(unmodified.header("etag"), Some("W/\"2\""));
}

/// P-3.4.2.4: paging as Okta's import does it.
#[actix_web::test]
async fn pages_are_complete_disjoint_and_counted() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let mut pushed = Vec::new();
    for number in 0..5 {
        pushed.push(tenant.push_user(&format!("p{number}@acme.example")).await);
    }
    let mut seen = Vec::new();
    for start in [1, 3, 5] {
        let tail = format!("/Users?startIndex={start}&count=2");
        let page = tenant.get(&tail).await.assert(200).json();
        assert_eq!(page["totalResults"], 5);
        assert_eq!(page["startIndex"], start);
        let items = page["Resources"].as_array().unwrap();
        assert_eq!(page["itemsPerPage"], items.len());
        seen.extend(
            items
                .iter()
                .map(|item| item["id"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(seen, pushed);
    let empty = tenant.get("/Users?startIndex=6").await.json();
    assert_eq!(
        (&empty["itemsPerPage"], &empty["totalResults"]),
        (&json!(0), &json!(5))
    );
    let total = tenant.get("/Users?count=0").await.json();
    assert_eq!(total["totalResults"], 5);
    assert_eq!(total["Resources"], json!([]));
    let first = tenant.get("/Users?startIndex=-3&count=1").await.json();
    assert_eq!(first["startIndex"], 1);
    tenant
        .get("/Users?count=many")
        .await
        .assert_error(400, Some("invalidValue"));
}

/// P-3.4.2.2: what no index serves is judged row by row, with exact totals.
#[actix_web::test]
async fn filters_find_what_they_say_and_nothing_else() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for (name, title) in [("ann", "Engineer"), ("bob", "Chef"), ("cat", "Engineer")] {
        let mut body = okta_user(&format!("{name}@acme.example"));
        body["title"] = json!(title);
        tenant.post("/Users", body).await.assert(201);
    }
    let id = tenant.find_user("bob@acme.example").await["Resources"][0]["id"].clone();
    let id = id.as_str().unwrap();
    tenant
        .patch(
            &format!("/Users/{id}"),
            json!([{"op": "replace", "value": {"active": false}}]),
        )
        .await
        .assert(200);
    let count = async |filter: &str| {
        let encoded = filter
            .replace(' ', "%20")
            .replace('"', "%22")
            .replace('@', "%40");
        let tail = format!("/Users?filter={encoded}&count=1");
        tenant.get(&tail).await.assert(200).json()["totalResults"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(count("active eq true").await, 2);
    assert_eq!(count("active eq \"False\"").await, 1);
    assert_eq!(count(&format!("id eq \"{id}\"")).await, 1);
    assert_eq!(count("externalId eq \"00u-ann\"").await, 1);
    assert_eq!(
        count("externalId eq \"00U-ANN\"").await,
        0,
        "S-3.1-02: exact"
    );
    assert_eq!(count("title eq \"engineer\"").await, 2);
    assert_eq!(count("title eq \"engineer\" and active eq true").await, 2);
    assert_eq!(
        count("emails[type eq \"work\" and value co \"BOB@\"]").await,
        1
    );
    assert_eq!(count("emails.value eq \"cat@acme.example\"").await, 1);
    assert_eq!(count("not (userName sw \"a\")").await, 2);
    assert_eq!(
        count("userName eq \"ann@acme.example\" or title sw \"c\"").await,
        2
    );
    assert_eq!(count("meta.created ge \"2011-01-01T00:00:00Z\"").await, 3);
    for broken in [
        "userName%20regex%20%22x%22",
        "foo%20eq%20%22x%22",
        "password%20pr",
    ] {
        let answer = tenant.get(&format!("/Users?filter={broken}")).await;
        answer.assert_error(400, Some("invalidFilter"));
    }
    let deep = format!("/Users?filter={}", "(".repeat(4_000));
    tenant
        .get(&deep)
        .await
        .assert_error(400, Some("invalidFilter"));
}

#[actix_web::test]
async fn a_query_in_a_body_finds_the_same() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    tenant.push_user("jane@acme.example").await;
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "userName eq \"jane@acme.example\"", "attributes": ["userName"]
    });
    let found = tenant
        .post("/Users/.search", search)
        .await
        .assert(200)
        .json();
    assert_eq!(found["totalResults"], 1);
    let keys: Vec<&String> = found["Resources"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["schemas", "id", "userName"]);
}

/// P-3.9-01 to -04.
#[actix_web::test]
async fn a_client_chooses_what_it_gets_on_every_operation() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let created = tenant
        .post("/Users?attributes=userName", okta_user("jane@x.example"))
        .await;
    let body = created.assert(201).json();
    let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["schemas", "id", "userName"]);
    let tail = format!("/Users/{}", body["id"].as_str().unwrap());
    let less = tenant
        .get(&format!("{tail}?excludedAttributes=emails,name.givenName"))
        .await;
    let less = less.assert(200).json();
    assert!(less.get("emails").is_none());
    assert_eq!(less["name"], json!({"familyName": "jane"}));
    let patch = json!([{"op": "replace", "path": "title", "value": "x"}]);
    let patched = tenant
        .patch(&format!("{tail}?attributes=title"), patch)
        .await
        .json();
    assert_eq!(patched["title"], "x");
    assert!(patched.get("userName").is_none());
    let both = format!("{tail}?attributes=id&excludedAttributes=name");
    tenant
        .get(&both)
        .await
        .assert_error(400, Some("invalidValue"));
}

/// P-3.4.2-01: the flag some administrators put behind the Tenant URL.
#[actix_web::test]
async fn unknown_parameters_are_ignored() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    tenant
        .get("/Users?aadOptscim062020=true&foo=1")
        .await
        .assert(200);
}

/// Part B: an `externalId` is unique among the live links of one connection, on PUT and PATCH.
#[actix_web::test]
async fn names_and_external_ids_of_others_are_conflicts_on_put_and_patch() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let jane = tenant.push_user("jane@acme.example").await;
    let john = tenant.push_user("john@acme.example").await;
    let tail = format!("/Users/{jane}");
    let taken = |path: &str, value: &str| json!([{"op": "replace", "path": path, "value": value}]);
    tenant
        .patch(&tail, taken("userName", "JOHN@acme.example"))
        .await
        .assert_error(409, Some("uniqueness"));
    tenant
        .patch(&tail, taken("externalId", "00u-john"))
        .await
        .assert_error(409, Some("uniqueness"));
    tenant
        .put(&tail, okta_user("john@acme.example"))
        .await
        .assert_error(409, Some("uniqueness"));
    let own = taken("userName", "JANE@acme.example");
    tenant.patch(&tail, own).await.assert(200);
    assert_eq!(tenant.member(&john).await.version.0, 1);
}

/// Part B: a name changed by SCIM moves the login key, and with it who is found.
#[actix_web::test]
async fn a_rename_is_found_under_the_new_name_alone() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    let renamed = okta_user("Jane.Doe@acme.example");
    tenant
        .put(&format!("/Users/{id}"), renamed)
        .await
        .assert(200);
    assert_eq!(
        tenant.find_user("jane@acme.example").await["totalResults"],
        0
    );
    assert_eq!(
        tenant.find_user("jane.doe@acme.example").await["totalResults"],
        1
    );
}
