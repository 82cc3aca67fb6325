//! Discovery (RFC 7644 section 4, RFC 7643 sections 5 to 7).

use std::fmt::Write;

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{ENTERPRISE, LIST, World, encoded, resources};
use crate::stage::{GROUP, PUBLIC_URL, Stage, USER};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:";
const SINGLE: [&str; 3] = ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes"];

/// P-4-02, P-4-08: the lists are whole, whatever is asked of them.
#[actix_web::test]
async fn the_lists_are_whole_whatever_paging_and_order_are_asked_for() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for query in [
        "",
        "?count=1",
        "?startIndex=2&count=0",
        "?sortBy=foo",
        "?count=abc",
        "?cursor=zzz",
    ] {
        for (endpoint, total) in [("/Schemas", 6), ("/ResourceTypes", 2)] {
            let list = tenant
                .get(&format!("{endpoint}{query}"))
                .await
                .assert(200)
                .json();
            assert_eq!(list["schemas"], json!([LIST]));
            let said = [
                &list["totalResults"],
                &list["itemsPerPage"],
                &list["startIndex"],
            ];
            assert_eq!(
                said,
                [&json!(total), &json!(total), &json!(1)],
                "{endpoint}{query}"
            );
            assert_eq!(resources(&list).len(), total);
        }
    }
}

/// P-4-03, P-4-05, S-6-01, S-7-01: each thing under its own name, in any case; messages are none.
#[actix_web::test]
async fn everything_listed_is_found_by_its_name_and_nothing_else_is() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let schemas = tenant.get("/Schemas").await.json();
    for schema in resources(&schemas) {
        let urn = schema["id"].as_str().expect("a URN");
        for name in [urn.to_owned(), urn.to_uppercase(), encoded(urn)] {
            let one = tenant.get(&format!("/Schemas/{name}")).await.assert(200);
            assert_eq!(one.json(), *schema, "P-4-03 {name}");
        }
        let location = format!("{PUBLIC_URL}{}/Schemas/{urn}", tenant.base);
        assert_eq!(
            schema["meta"],
            json!({"resourceType": "Schema", "location": location})
        );
        assert_eq!(schema["schemas"], json!([format!("{CORE}Schema")]));
    }
    let types = tenant.get("/ResourceTypes").await.json();
    for kind in resources(&types) {
        let name = kind["name"].as_str().expect("a name");
        let one = tenant
            .get(&format!("/ResourceTypes/{name}"))
            .await
            .assert(200);
        assert_eq!(one.json(), *kind, "P-4-09");
        let location = format!("{PUBLIC_URL}{}/ResourceTypes/{name}", tenant.base);
        assert_eq!(
            kind["meta"],
            json!({"resourceType": "ResourceType", "location": location})
        );
        assert_eq!(
            (&kind["id"], &kind["endpoint"]),
            (&json!(name), &json!(format!("/{name}s"))),
            "I-5.1-01"
        );
        assert!(kind["description"].is_string(), "P-4-09");
        let extensions = kind["schemaExtensions"].as_array().into_iter().flatten();
        for urn in extensions
            .map(|one| &one["schema"])
            .chain([&kind["schema"]])
        {
            let urn = urn.as_str().expect("a URN");
            tenant.get(&format!("/Schemas/{urn}")).await.assert(200);
        }
    }
    let extension = json!([{"schema": ENTERPRISE, "required": false}]);
    assert_eq!(
        resources(&types)[0]["schemaExtensions"],
        extension,
        "S-6-01"
    );
    for message in [
        "PatchOp",
        "ListResponse",
        "Error",
        "SearchRequest",
        "BulkRequest",
    ] {
        let urn = format!("urn:ietf:params:scim:api:messages:2.0:{message}");
        tenant
            .get(&format!("/Schemas/{urn}"))
            .await
            .assert_error(404, None);
    }
    tenant
        .get("/ResourceTypes/Printer")
        .await
        .assert_error(404, None);
}

/// P-4-04, P-4-06, P-4-07, P-3.4-02: they take no filter and no other method, and want the token.
#[actix_web::test]
async fn discovery_is_read_with_a_token_and_without_a_filter() {
    let stage = Stage::new().await;
    let mut tenant = stage.organization("acme").await;
    let one = [format!("/Schemas/{USER}"), "/ResourceTypes/User".to_owned()];
    let tails: Vec<&str> = SINGLE
        .into_iter()
        .chain(one.iter().map(String::as_str))
        .collect();
    for tail in &tails {
        let filtered = tenant
            .get(&format!("{tail}?filter={}", encoded("id pr")))
            .await;
        filtered.assert_error(403, None);
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let refused = tenant.call(method, tail, Some(json!({}))).await;
            refused.assert_error(405, None);
            assert_eq!(refused.header("allow"), Some("GET, HEAD"), "P-4-07 {tail}");
        }
        tenant.call(Method::HEAD, tail, None).await.assert(200);
    }
    tenant.token = "wrong".to_owned();
    for tail in tails {
        tenant.get(tail).await.assert_error(401, None);
    }
}

/// P-4-01, C-4-01, E-4-01, P-3.4.2.2-01, P-3.4.2.3-01, P-3.5-02: what the provider can do, and no word of the rest.
#[actix_web::test]
async fn the_configuration_says_what_there_is() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let config = tenant
        .get("/ServiceProviderConfig")
        .await
        .assert(200)
        .json();
    let mut keys: Vec<&str> = config
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    let expected = [
        "authenticationSchemes",
        "bulk",
        "changePassword",
        "etag",
        "filter",
        "meta",
        "pagination",
        "patch",
        "schemas",
        "sort",
    ];
    assert_eq!(keys, expected);
    for feature in ["patch", "bulk", "filter", "sort", "etag"] {
        assert_eq!(config[feature]["supported"], true, "P-4-01 {feature}");
    }
    assert_eq!(config["changePassword"], json!({"supported": false}));
    let paging = json!({
        "cursor": true, "index": true, "defaultPaginationMethod": "index",
        "defaultPageSize": 100, "maxPageSize": 1000, "cursorTimeout": 3600
    });
    assert_eq!(config["pagination"], paging, "C-4-01");
    let scheme = &config["authenticationSchemes"][0];
    assert_eq!(scheme["type"], "oauthbearertoken");
    assert!(
        scheme["name"].is_string() && scheme["description"].is_string(),
        "P-4-01"
    );
}

/// A line for each attribute: what a client may rely on.
fn published(schema: &Value) -> String {
    let mut text = String::new();
    lines(&mut text, "", &schema["attributes"]);
    text
}

fn lines(text: &mut String, parent: &str, attributes: &Value) {
    for one in attributes.as_array().into_iter().flatten() {
        let name = format!("{parent}{}", one["name"].as_str().unwrap_or("?"));
        let word = |key: &str| one[key].as_str().unwrap_or("-").to_owned();
        let yes = |key: &str| match one.get(key) {
            Some(Value::Bool(true)) => "yes",
            Some(Value::Bool(false)) => "no",
            _ => "-",
        };
        let list = |key: &str| {
            let words = one[key].as_array().into_iter().flatten();
            let words: Vec<&str> = words.filter_map(Value::as_str).collect();
            if words.is_empty() {
                "-".to_owned()
            } else {
                words.join(",")
            }
        };
        writeln!(
            text,
            "{name} | {} | {} | {} | {} | {} | {} | {} | {} | {}",
            word("type"),
            yes("multiValued"),
            yes("required"),
            yes("caseExact"),
            word("mutability"),
            word("returned"),
            word("uniqueness"),
            list("canonicalValues"),
            list("referenceTypes"),
        )
        .expect("a String takes everything");
        lines(text, &format!("{name}."), &one["subAttributes"]);
    }
}

/// S-2.2-01, S-7-02, S-7-03, I-5.1-01: the schemas are those of RFC 7643 section 8.7 with the corrections of its text
/// and errata, characteristic by characteristic; `schemas.txt` was compared with the RFC's own.
#[actix_web::test]
async fn the_schemas_are_those_of_the_rfc_as_corrected() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let list = tenant.get("/Schemas").await.json();
    let mut text = String::new();
    for schema in resources(&list) {
        writeln!(text, "# {}", schema["id"].as_str().unwrap_or("?")).expect("text");
        text.push_str(&published(schema));
    }
    let expected = include_str!("schemas.txt");
    let differing = text
        .lines()
        .zip(expected.lines())
        .find(|(is, was)| is != was);
    assert_eq!(differing, None);
    assert_eq!(text.lines().count(), expected.lines().count());
}

/// I-5.1-01: whatever a resource shows stands in its schemas.
#[actix_web::test]
async fn what_a_resource_shows_is_published() {
    fn assert_published(value: &Value, parent: &str, names: &str) {
        for (key, value) in value.as_object().into_iter().flatten() {
            let name = format!("{parent}{key}");
            let is_common = ["schemas", "id", "externalId", "meta"].contains(&name.as_str());
            if is_common || key == ENTERPRISE {
                continue;
            }
            assert!(names.contains(&format!("\n{name} | ")), "{name}");
            let parts = value
                .as_array()
                .map_or(std::slice::from_ref(value), Vec::as_slice);
            for part in parts {
                assert_published(part, &format!("{name}."), names);
            }
        }
    }
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let world = World::of(&tenant).await;
    let id = world.bob["id"].as_str().expect("an id");
    let bob = tenant.get(&format!("/Users/{id}")).await.json();
    for (urn, resource) in [
        (USER, &world.alice),
        (USER, &bob),
        (GROUP, &world.ops),
        (ENTERPRISE, &world.alice[ENTERPRISE]),
        (ENTERPRISE, &bob[ENTERPRISE]),
    ] {
        let schema = tenant.get(&format!("/Schemas/{urn}")).await.json();
        assert_published(resource, "", &format!("\n{}", published(&schema)));
    }
    let config = tenant.get("/ServiceProviderConfig").await.json();
    let schema = tenant
        .get(&format!("/Schemas/{CORE}ServiceProviderConfig"))
        .await
        .json();
    assert_published(&config, "", &format!("\n{}", published(&schema)));
}
