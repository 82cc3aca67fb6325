//! The SCIM endpoints under the Tenant URL.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::json;

/// The media type of SCIM (RFC 7644 section 8.1).
pub(crate) const SCIM_JSON: &str = "application/scim+json";

/// Adds everything under `/scim`.
pub fn configure(_config: &mut web::ServiceConfig) {}

/// An Error message (RFC 7644 section 3.12).
pub(crate) fn error_response(status: StatusCode, detail: &str) -> HttpResponse {
    HttpResponse::build(status).content_type(SCIM_JSON).body(
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": status.as_u16().to_string(),
            "detail": detail,
        })
        .to_string(),
    )
}
