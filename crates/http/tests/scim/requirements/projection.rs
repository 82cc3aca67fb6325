//! `attributes` and `excludedAttributes` (RFC 7644 sections 3.4.2.5, 3.9 and 3.10), on every
//! operation that answers with a resource.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{ENTERPRISE, SEARCH, World, encoded, resources};
use crate::stage::{PATCH_OP, Stage, Tenant, USER};

/// The answers of every operation to one choice.
async fn every_answer(tenant: &Tenant<'_>, tail: &str, whole: &Value, query: &str) -> Vec<Value> {
    let (endpoint, id) = tail.rsplit_once('/').expect("an endpoint and an id");
    let filter = format!("id eq \"{id}\"");
    let (name, list) = query.split_once('=').expect("a list");
    let names: Vec<&str> = list.split(',').collect();
    let search = json!({"schemas": [SEARCH], "filter": filter, name: names});
    let mut put = whole.clone();
    for own in ["id", "meta", "groups"] {
        put.as_object_mut().expect("an object").remove(own);
    }
    let operation = json!({"op": "replace", "path": "externalId", "value": whole["externalId"]});
    let patch = json!({"schemas": [PATCH_OP], "Operations": [operation]});
    let mut answers = Vec::new();
    for (method, body) in [
        (Method::GET, None),
        (Method::PUT, Some(put)),
        (Method::PATCH, Some(patch)),
    ] {
        let answer = tenant.call(method, &format!("{tail}?{query}"), body).await;
        answers.push(answer.assert(200).json());
    }
    for (method, tail, body) in [
        (
            Method::GET,
            format!("{endpoint}?{query}&filter={}", encoded(&filter)),
            None,
        ),
        (
            Method::GET,
            format!("/?{query}&filter={}", encoded(&filter)),
            None,
        ),
        (
            Method::POST,
            format!("{endpoint}/.search"),
            Some(search.clone()),
        ),
        (Method::POST, "/.search".to_owned(), Some(search)),
    ] {
        let list = tenant.call(method, &tail, body).await.assert(200).json();
        answers.extend(resources(&list).to_vec());
    }
    answers
}

/// The keys that are wanted, and what stands in place of some.
fn part_of(whole: &Value, keys: &[&str], other: &Value) -> Value {
    let mut part = serde_json::Map::new();
    for (key, value) in whole.as_object().expect("an object") {
        if let Some(value) = other.get(key) {
            part.insert(key.clone(), value.clone());
        } else if ["schemas", "id"].contains(&key.as_str()) || keys.contains(&key.as_str()) {
            part.insert(key.clone(), value.clone());
        }
    }
    if whole["meta"]["resourceType"] == "User" {
        let listed = if part.contains_key(ENTERPRISE) {
            json!([USER, ENTERPRISE])
        } else {
            json!([USER])
        };
        part.insert("schemas".to_owned(), listed);
    }
    Value::Object(part)
}

/// An id, a choice of attributes, the keys that are left whole, and those of which a part is.
fn chosen(whole: &Value) -> Vec<(&'static str, String, Vec<&'static str>, Value)> {
    let version = json!({"version": whole["meta"]["version"]});
    let none = json!({});
    vec![
        (
            "P-3.9-03",
            "userName".to_owned(),
            vec!["userName"],
            none.clone(),
        ),
        ("P-3.9-03", "id,schemas".to_owned(), vec![], none.clone()),
        (
            "P-3.9-06",
            "foo,TITLE,".to_owned(),
            vec!["title"],
            none.clone(),
        ),
        ("P-3.9-05", "password".to_owned(), vec![], none.clone()),
        (
            "P-3.10-01",
            format!("{USER}:userName"),
            vec!["userName"],
            none.clone(),
        ),
        (
            "P-3.10-01",
            "NAME.givenname".to_owned(),
            vec![],
            json!({"name": {"givenName": "Alice"}}),
        ),
        (
            "P-3.10-01",
            "emails.type".to_owned(),
            vec![],
            json!({"emails": [{"type": "work"}, {"type": "home"}]}),
        ),
        (
            "P-3.10-01",
            "meta.version".to_owned(),
            vec![],
            json!({"meta": version}),
        ),
        (
            "P-3.10-01",
            "groups.display".to_owned(),
            vec![],
            json!({"groups": [{"display": "Ops"}]}),
        ),
        (
            "P-3.10-02",
            ENTERPRISE.to_uppercase(),
            vec![ENTERPRISE],
            none.clone(),
        ),
        (
            "P-3.10-02",
            format!("{ENTERPRISE}:department"),
            vec![],
            json!({ENTERPRISE: {"department": "Sales"}}),
        ),
        (
            "P-3.10-02",
            "department".to_owned(),
            vec![],
            json!({ENTERPRISE: {"department": "Sales"}}),
        ),
    ]
}

#[actix_web::test]
async fn a_chosen_part_of_a_user_is_the_same_on_every_operation() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let world = World::of(&tenant).await;
    let tail = world.fill("/Users/{alice}");
    let whole = tenant.get(&tail).await.json();
    for (id, names, keys, other) in chosen(&whole) {
        let expected = part_of(&whole, &keys, &other);
        let answers = every_answer(&tenant, &tail, &whole, &format!("attributes={names}")).await;
        assert_eq!(answers.len(), 7, "P-3.9-01");
        for answer in answers {
            assert_eq!(answer, expected, "{id} {names}");
        }
    }
}

#[actix_web::test]
async fn an_excluded_part_of_a_user_is_missing_on_every_operation() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let world = World::of(&tenant).await;
    let tail = world.fill("/Users/{alice}");
    let whole = tenant.get(&tail).await.json();
    let all: Vec<&str> = whole
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    let mut extension = whole[ENTERPRISE].clone();
    extension
        .as_object_mut()
        .expect("an object")
        .remove("department");
    let department = format!("{ENTERPRISE}:department");
    let addresses =
        json!([{"value": "alice@ex.com", "primary": true}, {"value": "alice@home.org"}]);
    for (id, names, gone, other) in [
        ("P-3.9-04", "title,meta", vec!["title", "meta"], json!({})),
        ("P-3.9-04", "id,schemas,TITLE", vec!["title"], json!({})),
        ("P-3.9-06", "foo,groups", vec!["groups"], json!({})),
        (
            "P-3.9-06",
            "name.givenName,name.familyName",
            vec!["name"],
            json!({"name": {"formatted": "Alice A"}}),
        ),
        (
            "P-3.9-06",
            "emails.type",
            vec![],
            json!({"emails": addresses}),
        ),
        ("P-3.10-02", ENTERPRISE, vec![ENTERPRISE], json!({})),
        (
            "P-3.10-02",
            &department,
            vec![],
            json!({ENTERPRISE: extension}),
        ),
    ] {
        let kept: Vec<&str> = all
            .iter()
            .copied()
            .filter(|key| !gone.contains(key))
            .collect();
        let expected = part_of(&whole, &kept, &other);
        for answer in every_answer(
            &tenant,
            &tail,
            &whole,
            &format!("excludedAttributes={names}"),
        )
        .await
        {
            assert_eq!(answer, expected, "{id} {names}");
        }
    }
}

#[actix_web::test]
async fn members_are_chosen_and_excluded_alike_on_every_operation() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let world = World::of(&tenant).await;
    let tail = world.fill("/Groups/{ops}");
    let whole = tenant.get(&tail).await.json();
    let values = json!([{"value": world.alice["id"]}, {"value": world.bob["id"]}]);
    for (id, query, keys, other) in [
        (
            "P-3.9-03",
            "attributes=displayName",
            &["displayName"][..],
            json!({}),
        ),
        (
            "P-3.9-04",
            "excludedAttributes=members,id",
            &["displayName", "externalId", "meta"],
            json!({}),
        ),
        (
            "P-3.10-01",
            "attributes=members.value",
            &[],
            json!({"members": values}),
        ),
    ] {
        let expected = part_of(&whole, keys, &other);
        for answer in every_answer(&tenant, &tail, &whole, query).await {
            assert_eq!(answer, expected, "{id} {query}");
        }
    }
}

/// P-3.9-02: both lists are refused, before anything is done.
#[actix_web::test]
async fn both_lists_are_refused_before_anything_is_done() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@x.example").await;
    let both = "attributes=id&excludedAttributes=name";
    let body = json!({"schemas": [USER], "userName": "both", "title": "x"});
    let patch = json!({"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "title", "value": "x"}]});
    for (method, tail, body) in [
        (Method::GET, "/Users".to_owned(), None),
        (Method::GET, format!("/Users/{id}"), None),
        (Method::POST, "/Users".to_owned(), Some(body.clone())),
        (Method::PUT, format!("/Users/{id}"), Some(body)),
        (Method::PATCH, format!("/Users/{id}"), Some(patch)),
    ] {
        let refused = tenant.call(method, &format!("{tail}?{both}"), body).await;
        refused.assert_error(400, Some("invalidValue"));
    }
    let list = tenant.get("/Users").await.json();
    assert_eq!(list["totalResults"], 1);
    assert!(resources(&list)[0].get("title").is_none());
    // An empty list is none.
    tenant
        .get(&format!("/Users/{id}?attributes=&excludedAttributes=name"))
        .await
        .assert(200);
}
