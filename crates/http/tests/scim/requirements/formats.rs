//! Errors, media types, versions in the address and who may ask (RFC 7644 sections 2, 3.8, 3.12 and
//! 3.13).

use actix_web::http::Method;
use serde_json::json;

use crate::stage::{PUBLIC_URL, Stage, USER};

/// P-3.12-01, P-3.12-02, P-3.2-01, P-3.8-03, P-3.11-01: every error is a message of its own.
#[actix_web::test]
async fn every_wrong_address_and_method_is_an_error_message() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@x.example").await;
    let suffixed = format!("/Users/{id}.scim");
    let upper = format!("/Users/{}", id.to_uppercase());
    let braced = format!("/Users/%7B{id}%7D");
    let bare = format!("/Users/{}", id.replace('-', ""));
    for (row, method, tail, status) in [
        ("P-3.4.1-01", Method::GET, "/Users/none", 404),
        ("P-3.4.1-01", Method::GET, &upper, 404),
        ("P-3.4.1-01", Method::GET, &braced, 404),
        ("P-3.4.1-01", Method::GET, &bare, 404),
        ("P-3.4.1-01", Method::GET, "/Groups/none", 404),
        ("P-3.8-03", Method::GET, &suffixed, 404),
        ("P-3.12-01", Method::GET, "/Printers", 404),
        ("P-3.12-01", Method::GET, "/Users/a/b", 404),
        ("P-3.2-01", Method::PUT, "/Users", 405),
        ("P-3.2-01", Method::POST, "/Users/none", 405),
        ("P-3.4.2-06", Method::DELETE, "/Groups", 405),
        ("P-3.12-01", Method::OPTIONS, "/Users", 405),
        ("P-3.12-01", Method::TRACE, "/Users", 405),
        ("P-3.4.3-01", Method::GET, "/Users/.search", 405),
        ("P-3.4.3-01", Method::PUT, "/.search", 405),
        ("P-3.12-01", Method::POST, "/", 405),
        ("P-3.11-01", Method::GET, "/Me", 501),
    ] {
        let answer = tenant.call(method.clone(), tail, None).await;
        answer.assert_error(status, None);
        assert_eq!(
            answer.header("allow").is_some(),
            status == 405,
            "{row} {method} {tail}"
        );
    }
}

/// P-3.13-01, P-1.3-01.
#[actix_web::test]
async fn a_version_in_the_address_is_v2_or_none() {
    let stage = Stage::new().await;
    let mut tenant = stage.organization("acme").await;
    let base = tenant.base.trim_end_matches("/v2").to_owned();
    tenant.base = base;
    for tail in [
        "/v2/Users",
        "/V2/Users/",
        "/Users",
        "/v2?x=1",
        "?x=1",
        "//v2//Users?a=b",
    ] {
        tenant.get(tail).await.assert(200);
    }
    for tail in [
        "/v1/Users",
        "/v9/Users",
        "/v3",
        "/v99999999999999999999/Schemas",
    ] {
        tenant
            .get(tail)
            .await
            .assert_error(400, Some("invalidVers"));
    }
    tenant.get("/v2.1/Users").await.assert_error(404, None);
}

/// P-3.8-01, P-3.8-04: a body is UTF-8, and reads in one way alone.
#[actix_web::test]
async fn a_body_that_is_no_json_or_can_be_read_in_two_ways_is_refused() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let text = format!("{{\"schemas\":[\"{USER}\"],\"userName\":\"é\"}}");
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin: Vec<u8> = text
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?'))
        .collect();
    let deep = format!(
        "{{\"userName\":\"a\",\"x\":{}{}}}",
        "[".repeat(40),
        "]".repeat(40)
    );
    for body in [
        utf_16,
        latin,
        b"{".to_vec(),
        Vec::new(),
        deep.into_bytes(),
        br#"{"userName":"a","USERNAME":"b"}"#.to_vec(),
        br#"{"userName":"a","userName":"b"}"#.to_vec(),
        br#"{"userName":"a\ud800"}"#.to_vec(),
    ] {
        let request = tenant.knock(Method::POST, "/Users").set_payload(body);
        stage
            .send(request)
            .await
            .assert_error(400, Some("invalidSyntax"));
    }
    assert_eq!(tenant.get("/Users").await.json()["totalResults"], 0);
}

/// P-2-01, P-2-03, P-7.6-01: without a token nobody reads, asks or makes anything.
#[actix_web::test]
async fn nobody_gets_in_without_a_bearer_token() {
    let stage = Stage::new().await;
    let mut tenant = stage.organization("acme").await;
    let body = json!({"schemas": [USER], "userName": "anonymous"});
    let right = std::mem::replace(&mut tenant.token, "wrong".to_owned());
    for (method, tail, body) in [
        (Method::GET, "/Users", None),
        (Method::POST, "/Users", Some(body)),
        (Method::GET, "/Printers", None),
        (Method::GET, "/v9/Users", None),
        (Method::DELETE, "/Users", None),
        (Method::GET, "/Me", None),
    ] {
        let refused = tenant.call(method, tail, body).await;
        refused.assert_error(401, None);
        let challenge = refused.header("www-authenticate").unwrap_or_default();
        assert!(
            challenge.starts_with("Bearer realm=") && challenge.contains("invalid_token"),
            "P-2-01"
        );
    }
    let in_address = format!("/Users?access_token={right}");
    tenant.get(&in_address).await.assert_error(401, None);
    tenant.token = right;
    assert_eq!(
        tenant.get("/Users").await.json()["totalResults"],
        0,
        "P-7.6-01"
    );
}

/// P-3.12-03: a failure of ours says that it is one, and nothing of the inside.
#[actix_web::test]
async fn an_error_tells_nothing_of_the_inside() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    stage.fail_from_now_on();
    let answer = tenant.get("/Users").await;
    let error = answer.assert_error(503, None).to_string().to_lowercase();
    for inside in ["sql", "select", "/src/", "panicked", "diesel", PUBLIC_URL] {
        assert!(!error.contains(inside), "{error}");
    }
}
