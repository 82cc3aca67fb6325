//! Names of all scripts (RFC 7644 section 5, RFC 8265 section 3.3): P-5-01.

use serde_json::{Value, json};

use super::asked;
use crate::stage::{Answer, GROUP, Stage, Tenant, USER};

async fn pushed(tenant: &Tenant<'_>, name: &str) -> Answer {
    let body = json!({"schemas": [USER], "userName": name});
    tenant.post("/Users", body).await
}

async fn found(tenant: &Tenant<'_>, filter: &str, name: &str) -> Value {
    let filter = filter.replace("NAME", &Value::from(name).to_string());
    let list = asked(tenant, "/Users", &filter).await;
    list.assert(200).json()["totalResults"].clone()
}

/// One person, shown as first written, found and taken in the other form.
#[actix_web::test]
async fn two_ways_to_write_one_name_are_one_name() {
    for stage in Stage::on_each_engine().await {
        let tenant = stage.organization("acme").await;
        for (name, other) in [
            ("bj@full", "ｂｊ＠FULL"),
            ("josé@n", "JOSE\u{301}@N"),
            ("GRÖẞE@z", "größe@z"),
            ("ΟΔΟΣ@g", "οδος@G"),
            ("John Smith", "JOHN SMITH"),
            ("ﾊﾝｶｸ@k", "ハンカク@k"),
            ("привет@r", "ПРИВЕТ@R"),
            ("Ǆ@c", "ǆ@c"),
            ("İ@t", "I\u{307}@T"),
        ] {
            let shown = pushed(&tenant, name).await.assert(201).json();
            assert_eq!(shown["userName"], name, "S-7-04");
            let taken = pushed(&tenant, other).await;
            taken.assert_error(409, Some("uniqueness"));
            for filter in [
                "userName eq NAME",
                "userName eq NAME and active eq true",
                "not (userName ne NAME)",
            ] {
                assert_eq!(found(&tenant, filter, other).await, 1, "{filter} {other}");
            }
        }
    }
}

/// RFC 8265 lower-cases and does not fold: these are different people.
#[actix_web::test]
async fn two_names_that_look_alike_are_two_names() {
    for stage in Stage::on_each_engine().await {
        let tenant = stage.organization("acme").await;
        for (name, other) in [
            ("straße@y", "strasse@y"),
            ("ı@d", "i@d"),
            ("İ@t", "i@t"),
            ("ﬁ@l", "fi@l"),
        ] {
            for one in [name, other] {
                pushed(&tenant, one).await.assert(201);
                assert_eq!(found(&tenant, "userName eq NAME", one).await, 1, "{one}");
            }
        }
    }
}

/// Control, invisible and unassigned characters; blank and too long names.
#[actix_web::test]
async fn a_name_that_cannot_be_seen_or_told_is_refused() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let long = "u".repeat(321);
    let long_in_bytes = "é".repeat(161);
    for name in [
        "a\0b",
        "a\u{7}b",
        "a\tb",
        "\n",
        "   ",
        "\u{3000}",
        "\u{200b}a",
        "a\u{200e}b",
        "a\u{202e}b",
        "\u{feff}a",
        "a\u{ad}b",
        "a\u{378}b",
        "\u{fffe}",
        "a\u{2028}b",
        "\u{115f}a",
        "a\u{2060}b",
        "\u{e0001}a",
        "a\u{34f}b",
        &long,
        &long_in_bytes,
    ] {
        let refused = pushed(&tenant, name).await;
        refused.assert_error(400, Some("invalidValue"));
    }
    pushed(&tenant, &"u".repeat(320)).await.assert(201);
    pushed(&tenant, &"é".repeat(160)).await.assert(201);
}

/// Every attribute that has no case is compared in the same way, group names too.
#[actix_web::test]
async fn text_of_every_attribute_is_compared_like_a_name() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let body = json!({
        "schemas": [USER], "userName": "x", "displayName": "Straße ŐΣ", "title": "Ünïcode",
        "name": {"familyName": "Ｗｉｄｅ"}
    });
    tenant.post("/Users", body).await.assert(201);
    for (filter, total) in [
        ("displayName eq \"straße őς\"", 1),
        ("displayName eq \"STRASSE ŐΣ\"", 0),
        ("title eq \"u\u{308}NÏCODE\"", 1),
        ("title co \"NÏ\"", 1),
        ("name.familyName eq \"wide\"", 1),
        ("displayName sw \"STRASSE\" or title ew \"CODE\"", 1),
    ] {
        assert_eq!(found(&tenant, filter, "").await, total, "{filter}");
    }
    tenant
        .post("/Groups", json!({"schemas": [GROUP], "displayName": "Éq"}))
        .await
        .assert(201);
    let same = json!({"schemas": [GROUP], "displayName": " e\u{301}Q"});
    tenant
        .post("/Groups", same)
        .await
        .assert_error(409, Some("uniqueness"));
    let list = asked(&tenant, "/Groups", "displayName eq \"E\u{301}Q\"").await;
    assert_eq!(list.json()["totalResults"], 1);
}
