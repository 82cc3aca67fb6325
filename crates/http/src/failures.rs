//! Answers that no handler gives: unknown routes, limits, deadlines. Each door speaks its own
//! language: problem details under `/api` (RFC 9457), Error messages under `/scim` (RFC 7644
//! section 3.12).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

/// The media type of problem details (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A problem with its stable code and a sentence for people.
#[must_use]
pub fn problem(status: StatusCode, code: &str, detail: &str) -> HttpResponse {
    HttpResponse::build(status).content_type(PROBLEM_JSON).body(
        json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or("Error"),
            "status": status.as_u16(),
            "code": code,
            "detail": detail,
        })
        .to_string(),
    )
}

/// An answer in the language of the door that the path leads to.
pub(crate) fn answer(path: &str, status: StatusCode, code: &str, detail: &str) -> HttpResponse {
    if is_scim(path) {
        crate::scim::error_response(status, detail)
    } else {
        problem(status, code, detail)
    }
}

/// Whether the path leads to the SCIM door.
pub(crate) fn is_scim(path: &str) -> bool {
    first(path) == Some("scim")
}

/// Whether the path leads to the panel's JSON API.
pub(crate) fn is_api(path: &str) -> bool {
    first(path) == Some("api")
}

fn first(path: &str) -> Option<&str> {
    path.split('/').find(|segment| !segment.is_empty())
}

/// No route leads here.
pub(crate) async fn no_such_route(request: HttpRequest) -> HttpResponse {
    answer(
        request.path(),
        StatusCode::NOT_FOUND,
        "not_found",
        "there is nothing at this address",
    )
}
