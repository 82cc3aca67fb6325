//! Writing answers and Error messages (RFC 7644 sections 3.8 and 3.12).

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, HttpResponseBuilder};
use rollcall_scim_service::{MEDIA_TYPE, Reply, ScimError, ScimFailure};

use super::Refused;
use super::accept::MediaType;
use super::bearer::Shown;
use crate::Request;

/// The challenge of RFC 6750 section 3.
const CHALLENGE: &str = "Bearer realm=\"Rollcall SCIM\"";

/// The challenge to who showed a token: it is unknown, replaced or revoked.
const INVALID_TOKEN: &str = "Bearer realm=\"Rollcall SCIM\", error=\"invalid_token\"";

pub(super) fn reply(reply: Reply, media: MediaType) -> HttpResponse {
    let mut response = builder(reply.status);
    if let Some(etag) = reply.etag {
        response.insert_header((header::ETAG, etag));
    }
    if let Some(location) = reply.location {
        response.insert_header((header::LOCATION, location));
    }
    match reply.body {
        Some(body) => response.content_type(media.as_str()).body(body),
        None => response.finish(),
    }
}

pub(super) fn refused(refused: Refused, media: MediaType, known: &Request) -> HttpResponse {
    let (failure, mut response) = match refused {
        Refused::Unauthorized(failure, shown) => {
            let challenge = match shown {
                Shown::Token => INVALID_TOKEN,
                Shown::Nothing => CHALLENGE,
            };
            let mut response = builder(failure.error.status);
            let challenge = HeaderValue::from_static(challenge);
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
            (failure, response)
        }
        Refused::Method(allowed) => {
            let error = ScimError::with_status(405, "this method cannot be used here");
            let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
            let mut response = builder(error.status);
            response.insert_header((header::ALLOW, names.join(", ")));
            (error.into(), response)
        }
        Refused::Failed(failure) => {
            let response = builder(failure.error.status);
            (failure, response)
        }
    };
    if let Some(seconds) = failure.retry_after {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    log(&failure, known);
    response
        .content_type(media.as_str())
        .body(failure.error.to_json().to_string())
}

/// Logged once, here: what broke, for who has the request id (SEC-24).
fn log(failure: &ScimFailure, known: &Request) {
    let request = known.id();
    if let Some(cause) = &failure.cause {
        tracing::error!(request.id = %request, error = %chain(cause.as_ref()), "a SCIM request failed");
    } else if let Some(code) = failure.code {
        tracing::info!(request.id = %request, refusal = code, "a SCIM request was refused");
    }
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn builder(status: u16) -> HttpResponseBuilder {
    HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
}

/// An Error message outside of any handler: limits and deadlines of the envelope.
pub(crate) fn error_response(status: StatusCode, detail: &str) -> HttpResponse {
    let error = ScimError::with_status(status.as_u16(), detail);
    HttpResponse::build(status)
        .content_type(MEDIA_TYPE)
        .body(error.to_json().to_string())
}
