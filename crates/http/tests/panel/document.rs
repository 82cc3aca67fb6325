//! The API's description of itself.

use std::path::Path;

use rollcall_http::panel::openapi_json;
use serde_json::Value;

use crate::harness::Panel;

#[test]
fn the_checked_in_document_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let stored = std::fs::read_to_string(path).unwrap();
    assert!(
        stored == openapi_json() + "\n",
        "docs/openapi.json is out of date: run `cargo run -- openapi > docs/openapi.json`"
    );
}

#[actix_web::test]
async fn the_document_is_served_to_anybody() {
    let panel = Panel::open().await;
    let reply = panel
        .stranger()
        .get("/api/v1/openapi.json")
        .await
        .expect(200);
    assert_eq!(reply.header("content-type"), "application/json");
    let document: Value = reply.json();
    assert_eq!(document["info"]["title"], "Rollcall");
}

/// Fields of the kind that must not be shown (SEC-7, SEC-15).
#[test]
fn sec_15_no_answer_declares_a_password_or_digest() {
    let document: Value = serde_json::from_str(&openapi_json()).unwrap();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if name.ends_with("View") || name.ends_with("Page") {
            let fields = schema["properties"].as_object().unwrap();
            for field in fields.keys() {
                let telling = [
                    "has_password",
                    "has_client_secret",
                    "secret_token",
                    "password_sign_in",
                    "password_sign_in_can_be_switched_off",
                ];
                let secret = field.contains("password") || field.contains("secret");
                assert!(
                    !secret || telling.contains(&field.as_str()),
                    "{name}.{field}"
                );
                assert!(
                    !field.contains("hash") && !field.contains("digest"),
                    "{name}.{field}"
                );
            }
        }
    }
}
