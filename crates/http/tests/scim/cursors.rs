//! Paging by cursor (RFC 9865).

use chrono::Duration;
use serde_json::{Value, json};

use crate::stage::{Stage, Tenant, okta_user};

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

fn names(list: &Value, attribute: &str) -> Vec<String> {
    let resources = list["Resources"].as_array().expect("a list").iter();
    let text = |one: &Value| one[attribute].as_str().unwrap_or("none").to_owned();
    resources.map(text).collect()
}

fn next(list: &Value) -> Option<String> {
    list.get("nextCursor").map(|cursor| {
        let cursor = cursor.as_str().expect("a text").to_owned();
        let is_unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        assert!(cursor.chars().all(is_unreserved), "C-2-01");
        cursor
    })
}

/// Every page of a query, and how many there were.
async fn walked(tenant: &Tenant<'_>, query: &str, attribute: &str) -> (Vec<String>, usize) {
    let (mut seen, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let list = tenant.get(&format!("{query}&cursor={cursor}")).await;
        let list = list.assert(200).json();
        assert!(list.get("startIndex").is_none());
        assert!(list.get("previousCursor").is_none(), "C-2-03");
        seen.extend(names(&list, attribute));
        pages += 1;
        match next(&list) {
            Some(next) => cursor = next,
            None => return (seen, pages),
        }
    }
}

async fn crowd(tenant: &Tenant<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for (number, title) in ["b", "A", "c", "a", "B"].iter().enumerate() {
        let mut user = okta_user(&format!("m{number}@x.test"));
        user["title"] = (*title).into();
        tenant.post("/Users", user).await.assert(201);
        all.push(format!("m{number}@x.test"));
    }
    all
}

#[actix_web::test]
async fn c_2_02_pages_of_every_order_and_filter_make_up_the_whole_without_a_gap() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let all = crowd(&tenant).await;
    for (count, pages) in [(1, 5), (2, 3), (5, 1), (6, 1)] {
        let query = format!("/Users?count={count}");
        assert_eq!(
            walked(&tenant, &query, "userName").await,
            (all.clone(), pages)
        );
    }
    let by = async |query: &str| walked(&tenant, query, "userName").await.0;
    let mut down = all.clone();
    down.reverse();
    let order = |numbers: [usize; 5]| numbers.map(|number| all[number].clone()).to_vec();
    assert_eq!(by("/Users?count=2&sortBy=userName").await, all);
    for sort in ["id", "userName", "emails.value"] {
        let query = format!("/Users?count=2&sortBy={sort}&sortOrder=descending");
        assert_eq!(by(&query).await, down, "C-2.2-01 {sort}");
    }
    let titles = "/Users?count=2&sortBy=title";
    assert_eq!(by(titles).await, order([1, 3, 0, 4, 2]));
    let some = "/Users?count=1&filter=title+co+%22b%22";
    assert_eq!(by(some).await, [all[0].clone(), all[4].clone()]);
    let sorted = "/Users?count=1&filter=title+co+%22b%22&sortBy=userName&sortOrder=descending";
    assert_eq!(by(sorted).await, [all[4].clone(), all[0].clone()]);
    for name in ["Ops", "dev"] {
        tenant.push_group(name).await;
    }
    let groups = walked(&tenant, "/Groups?count=1&sortBy=displayName", "displayName");
    assert_eq!(groups.await, (vec!["dev".to_owned(), "Ops".to_owned()], 2));
}

#[actix_web::test]
async fn c_2_05_the_total_is_told_where_an_index_counts_it() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    crowd(&tenant).await;
    let first = tenant.get("/Users?cursor&count=2").await.assert(200).json();
    assert_eq!(first["totalResults"], 5);
    assert_eq!(first["itemsPerPage"], 2);
    let cursor = next(&first).expect("more");
    let second = tenant.get(&format!("/Users?cursor={cursor}")).await.json();
    assert_eq!(second["totalResults"], 5);
    assert_eq!(
        second["itemsPerPage"], 2,
        "the count of the first page holds"
    );
    let none = tenant.get("/Users?cursor=&count=0").await.json();
    assert_eq!(none["totalResults"], 5);
    assert_eq!((names(&none, "id").len(), next(&none)), (0, None));
    let index = tenant.get("/Users?count=1").await.json();
    assert_eq!(index["startIndex"], 1, "C-2.4-01: index is the default");
    assert!(index.get("nextCursor").is_none());
}

#[actix_web::test]
async fn a_page_by_cursor_skips_and_repeats_nobody_while_others_come_and_go() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    crowd(&tenant).await;
    let first = tenant.get("/Users?cursor=&count=2").await.json();
    let gone = first["Resources"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    tenant.delete(&format!("/Users/{gone}")).await.assert(204);
    let cursor = next(&first).expect("more");
    let second = tenant.get(&format!("/Users?count=2&cursor={cursor}")).await;
    assert_eq!(
        names(&second.json(), "userName"),
        ["m2@x.test", "m3@x.test"]
    );
}

#[actix_web::test]
async fn c_2_1_01_a_cursor_is_good_for_its_query_its_count_and_its_time_alone() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    crowd(&tenant).await;
    let query = "/Users?count=2&sortBy=userName";
    let first = tenant.get(&format!("{query}&cursor=")).await.json();
    let cursor = next(&first).expect("more");
    let refused = async |tail: String, kind: &'static str| {
        tenant.get(&tail).await.assert_error(400, Some(kind));
    };
    refused("/Users?cursor=zzz".to_owned(), "invalidCursor").await;
    refused(
        format!("/Users?cursor={}", "x".repeat(5_000)),
        "invalidCursor",
    )
    .await;
    let mut forged = cursor.clone().into_bytes();
    forged[40] = if forged[40] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).expect("ASCII");
    refused(format!("{query}&cursor={forged}"), "invalidCursor").await;
    for other in [
        "/Users?count=2",
        "/Users?count=2&sortBy=userName&sortOrder=descending",
        "/Users?count=2&sortBy=userName&filter=active+eq+true",
        "/Users?count=2&sortBy=userName&attributes=userName",
        "/Groups?count=2&sortBy=userName",
        "/?count=2&sortBy=userName",
    ] {
        refused(format!("{other}&cursor={cursor}"), "invalidCursor").await;
    }
    let count = format!("/Users?count=3&sortBy=userName&cursor={cursor}");
    // C-2-04: the count of the first page holds for all of them.
    refused(count, "invalidCount").await;
    refused(
        format!("{query}&startIndex=1&cursor={cursor}"),
        "invalidValue",
    )
    .await;
    stage.clock.advance(Duration::seconds(3_600));
    tenant
        .get(&format!("{query}&cursor={cursor}"))
        .await
        .assert(200);
    stage.clock.advance(Duration::seconds(1));
    refused(format!("{query}&cursor={cursor}"), "expiredCursor").await;
}

/// C-5.2-01, C-5.2-02: another client's cursor does not work, and answers as a forged one.
#[actix_web::test]
async fn c_5_2_01_a_cursor_works_for_nobody_else_and_not_after_new_credentials() {
    let stage = Stage::new().await;
    let mut tenant = stage.organization("acme").await;
    let other = stage.organization("other").await;
    crowd(&tenant).await;
    let first = tenant.get("/Users?cursor=&count=2").await.json();
    let tail = format!("/Users?count=2&cursor={}", next(&first).expect("more"));
    let foreign = other.get(&tail).await;
    let forged = tenant.get("/Users?count=2&cursor=zzz").await;
    assert_eq!(
        foreign.assert_error(400, Some("invalidCursor")),
        forged.assert_error(400, Some("invalidCursor"))
    );
    tenant.get(&tail).await.assert(200);
    tenant.new_credentials().await;
    tenant
        .get(&tail)
        .await
        .assert_error(400, Some("invalidCursor"));
}

#[actix_web::test]
async fn c_3_01_a_search_pages_by_cursor_and_a_cursor_hides_whom_it_names() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let all = crowd(&tenant).await;
    let search = async |cursor: &str| {
        let body = json!({"schemas": [SEARCH], "cursor": cursor, "count": 3, "sortBy": "userName"});
        tenant.post("/Users/.search", body).await.assert(200).json()
    };
    let first = search("").await;
    assert_eq!(names(&first, "userName"), all[..3]);
    let cursor = next(&first).expect("more");
    let decoded = base64_bytes(&cursor);
    assert!(!String::from_utf8_lossy(&decoded).contains("x.test"));
    let second = search(&cursor).await;
    assert_eq!(names(&second, "userName"), all[3..]);
    assert_eq!(next(&second), None);
}

fn base64_bytes(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits = text.bytes().flat_map(|letter| {
        let value = LETTERS.iter().position(|known| *known == letter);
        let value = value.expect("base64");
        (0..6).rev().map(move |bit| u8::from(value >> bit & 1 == 1))
    });
    let bits: Vec<u8> = bits.collect();
    let byte = |bits: &[u8]| bits.iter().fold(0, |byte, bit| byte << 1 | bit);
    bits.chunks_exact(8).map(byte).collect()
}

#[actix_web::test]
async fn c_4_01_both_ways_of_paging_are_advertised() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let config = tenant.get("/ServiceProviderConfig").await.json();
    let expected = json!({"cursor": true, "index": true, "defaultPaginationMethod": "index",
        "defaultPageSize": 100, "maxPageSize": 1000, "cursorTimeout": 3600});
    assert_eq!(config["pagination"], expected);
}
