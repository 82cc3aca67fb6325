//! Sorting and paging (RFC 7644 sections 3.4.2.3 and 3.4.2.4, RFC 9865).

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::{ENTERPRISE, SEARCH, encoded, resources};
use crate::stage::{Stage, Tenant, USER};

/// People whose attributes are there or not, in several cases and scripts.
const NAMES: [&str; 9] = ["b", "A", "ä", "Z", "ç", "a10", "a2", "É", "zz"];

async fn crowd(tenant: &Tenant<'_>) {
    for (place, name) in NAMES.into_iter().enumerate() {
        let mut body =
            json!({"schemas": [USER], "userName": format!("{name}@u"), "active": place % 4 > 0});
        if place % 3 > 0 {
            body["title"] = name.into();
            body["externalId"] = name.into();
        }
        if place % 2 == 0 {
            body["emails"] = json!([
                {"value": format!("x{place}@x"), "type": "home"},
                {"value": format!("{}@x", 9 - place), "type": "work", "primary": true}
            ]);
            body[ENTERPRISE] = json!({"department": name});
        } else if place % 3 > 0 {
            body["emails"] = json!([{"value": format!("k{place}@x")}, {"value": "0@x"}]);
        }
        tenant.post("/Users", body).await.assert(201);
    }
}

/// The primary value, else the first.
fn primary<'a>(user: &'a Value, part: &str) -> Option<&'a str> {
    let values = user["emails"].as_array()?;
    let primary = values.iter().find(|one| one["primary"] == true);
    primary.or(values.first())?[part].as_str()
}

type Read = fn(&Value) -> Option<String>;

fn folded(value: Option<&str>) -> Option<String> {
    value.map(str::to_lowercase)
}

/// P-3.4.2.3-01 to -04, P-3.4.2.4-06, C-2.2-01: every order, upwards and downwards, whole and page
/// by page, by index and by cursor.
#[actix_web::test]
async fn every_order_is_the_same_whole_and_in_pages() {
    for stage in Stage::on_each_engine().await {
        let tenant = stage.organization("acme").await;
        crowd(&tenant).await;
        let by: [(&str, Read); 9] = [
            ("userName", |user| folded(user["userName"].as_str())),
            (
                "urn:ietf:params:scim:schemas:core:2.0:USER:USERNAME",
                |user| folded(user["userName"].as_str()),
            ),
            ("title", |user| folded(user["title"].as_str())),
            ("externalId", |user| {
                user["externalId"].as_str().map(str::to_owned)
            }),
            ("emails", |user| folded(primary(user, "value"))),
            ("emails.type", |user| folded(primary(user, "type"))),
            ("department", |user| {
                folded(user[ENTERPRISE]["department"].as_str())
            }),
            ("active", |user| Some(user["active"].to_string())),
            ("nickName", |_| None),
        ];
        for (sort_by, read) in by {
            for order in ["", "&sortOrder=ascending", "&sortOrder=Descending"] {
                let query = format!("/Users?sortBy={}{order}", encoded(sort_by));
                let whole = tenant.get(&query).await.assert(200).json();
                // Who has no value comes last, and first downwards.
                let keys = resources(&whole)
                    .iter()
                    .map(|user| (read(user).is_none(), read(user)));
                let keys: Vec<_> = keys.collect();
                let mut sorted = keys.clone();
                sorted.sort();
                if order.ends_with("Descending") {
                    sorted.sort_by_key(|key| Reverse(key.clone()));
                }
                assert_eq!(keys, sorted, "{query}");
                let (mut by_index, mut by_cursor) = (Vec::new(), Vec::new());
                for start in [1, 5, 9] {
                    let page = tenant
                        .get(&format!("{query}&count=4&startIndex={start}"))
                        .await
                        .json();
                    by_index.extend(resources(&page).to_vec());
                }
                let mut cursor = json!("");
                while let Some(place) = cursor.as_str() {
                    let page = tenant
                        .get(&format!("{query}&count=4&cursor={place}"))
                        .await
                        .json();
                    by_cursor.extend(resources(&page).to_vec());
                    cursor = page["nextCursor"].clone();
                }
                assert_eq!(by_index, resources(&whole), "P-3.4.2.4-06 {query}");
                assert_eq!(by_cursor, resources(&whole), "C-2.2-01 {query}");
            }
        }
    }
}

/// P-3.4.2.4-06: a page late in a list is walked to from its end, and is the same.
#[actix_web::test]
async fn every_page_by_index_is_a_part_of_the_whole() {
    for stage in Stage::on_each_engine().await {
        let tenant = stage.organization("acme").await;
        crowd(&tenant).await;
        for list in [
            "",
            "sortBy=userName",
            "sortBy=userName&sortOrder=descending",
            "filter=active%20eq%20true",
            "filter=active%20eq%20true&sortBy=userName&sortOrder=descending",
        ] {
            let whole = tenant.get(&format!("/Users?{list}")).await.json();
            let all = resources(&whole);
            for (start, count) in (0..=all.len()).flat_map(|skip| [1, 2, 5, 99].map(|n| (skip, n)))
            {
                let query = format!("/Users?{list}&startIndex={}&count={count}", start + 1);
                let page = tenant.get(&query).await.assert(200).json();
                let end = all.len().min(start + count);
                assert_eq!(resources(&page), &all[start..end], "{query}");
                assert_eq!(page["totalResults"], all.len(), "{query}");
            }
        }
    }
}

/// P-3.4.2.3-02, P-3.4.2.3-05, P-3.4.2.2-13.
#[actix_web::test]
async fn what_is_no_order_is_an_invalid_value() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for query in [
        "sortBy=foo",
        "sortBy=name",
        "sortBy=meta",
        "sortBy=password",
        "sortBy=emails.foo",
        "sortBy=members",
        "sortBy=userName,title",
        "sortBy=userName%20desc",
        "sortBy=1",
        "sortBy=userName&sortOrder=up",
        "sortOrder=up",
    ] {
        let refused = tenant.get(&format!("/Users?{query}")).await;
        refused.assert_error(400, Some("invalidValue"));
    }
    tenant.get("/Users?sortBy=&sortOrder=").await.assert(200);
}

/// An id, the words, `startIndex`, how many come of nine.
#[actix_web::test]
async fn start_and_count_are_brought_into_their_bounds() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    crowd(&tenant).await;
    for (id, query, start, items) in [
        ("P-3.4.2.4-01", "", 1, 9),
        ("P-3.4.2.4-01", "startIndex=0", 1, 9),
        ("P-3.4.2.4-01", "startIndex=-1", 1, 9),
        ("P-3.4.2.4-01", "startIndex=-99999999999999999999", 1, 9),
        ("P-3.4.2.4-01", "startIndex=", 1, 9),
        ("P-3.4.2.4-02", "count=0", 1, 0),
        ("P-3.4.2.4-02", "count=-5", 1, 0),
        ("P-3.4.2.4-02", "count=2", 1, 2),
        ("P-3.4.2.4-03", "count=2&startIndex=9", 9, 1),
        ("P-3.4.2.4-04", "count=99999", 1, 9),
        ("P-3.4.2.4-04", "count=99999999999999999999", 1, 9),
        ("P-3.4.2.4-05", "startIndex=9999", 9_999, 0),
        (
            "P-3.4.2.4-05",
            "startIndex=99999999999999999999",
            i64::MAX,
            0,
        ),
    ] {
        let list = tenant
            .get(&format!("/Users?{query}"))
            .await
            .assert(200)
            .json();
        assert_eq!(list["startIndex"], start, "{id} {query}");
        assert_eq!(list["itemsPerPage"], items, "P-3.4.2.4-03 {id} {query}");
        assert_eq!(resources(&list).len(), items, "{id} {query}");
        assert_eq!(list["totalResults"], 9, "P-3.4.2-04 {id} {query}");
        assert!(list.get("nextCursor").is_none(), "C-2.3-01 {query}");
    }
    for word in ["abc", "1.5", "1e3", "0x1", "null", "%221%22"] {
        for name in ["count", "startIndex"] {
            let refused = tenant.get(&format!("/Users?{name}={word}")).await;
            refused.assert_error(400, Some("invalidValue"));
        }
    }
}

/// P-3.4.3-01: the words of a body mean what those of an address mean.
#[actix_web::test]
async fn a_search_request_means_what_the_address_means() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    crowd(&tenant).await;
    for (query, body) in [
        ("count=0", json!({"count": 0})),
        ("count=-1", json!({"count": -1})),
        ("startIndex=0&count=2", json!({"startIndex": 0, "count": 2})),
        (
            "startIndex=3",
            json!({"startIndex": 3, "attributes": [], "filter": null, "cursor": null}),
        ),
        (
            "sortBy=title&sortOrder=descending&count=3",
            json!({"sortBy": "title", "SORTORDER": "descending", "Count": 3}),
        ),
        (
            "attributes=userName,title",
            json!({"attributes": ["userName", "title"], "foo": 1}),
        ),
        (
            "excludedAttributes=emails",
            json!({"excludedAttributes": ["emails"]}),
        ),
        (
            "filter=active%20eq%20true",
            json!({"filter": "active eq true"}),
        ),
    ] {
        let mut body = body;
        body["SCHEMAS"] = json!([SEARCH.to_uppercase()]);
        for endpoint in ["/Users", "/Groups", ""] {
            let by_address = tenant.get(&format!("{endpoint}/?{query}")).await;
            let by_body = tenant
                .post(&format!("{endpoint}/.search"), body.clone())
                .await;
            assert_eq!(by_body.status, by_address.status, "{endpoint} {query}");
            assert_eq!(by_body.json(), by_address.json(), "{endpoint} {query}");
        }
    }
}

/// P-3.4.3-02.
#[actix_web::test]
async fn what_is_no_search_request_is_refused() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for schemas in [
        json!([]),
        json!(["x"]),
        json!([USER]),
        json!(5),
        Value::Null,
    ] {
        let refused = tenant
            .post("/Users/.search", json!({"schemas": schemas}))
            .await;
        refused.assert_error(400, Some("invalidSyntax"));
    }
    for body in [json!([]), json!("x"), Value::Null] {
        let refused = tenant.post("/Users/.search", body).await;
        refused.assert_error(400, Some("invalidSyntax"));
    }
    for (name, value) in [
        ("count", json!("5")),
        ("count", json!(1.5)),
        ("startIndex", json!([1])),
        ("filter", json!(5)),
        ("attributes", json!("userName")),
        ("attributes", json!([1])),
        ("excludedAttributes", json!({})),
        ("sortBy", json!(7)),
        ("sortOrder", json!("up")),
        ("cursor", json!(5)),
    ] {
        let mut body = json!({"schemas": [SEARCH]});
        body[name] = value;
        let refused = tenant.post("/Users/.search", body).await;
        refused.assert_error(400, Some("invalidValue"));
    }
    let both = json!({"schemas": [SEARCH], "startIndex": 1, "cursor": ""});
    let refused = tenant.post("/Users/.search", both).await;
    refused.assert_error(400, Some("invalidValue"));
}
