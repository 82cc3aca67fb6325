//! Reading a body, once the caller is known: type and size are bounded here, time around every
//! door.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, web};
use rollcall_scim_service::{BULK_LIMITS, MEDIA_TYPE, ScimError};

use super::route::Route;
use crate::HttpSettings;

/// How long a body may be, and what that limit is called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    bytes: usize,
    name: Option<&'static str>,
}

impl Limit {
    /// The limit of a route.
    pub(super) fn of(route: &Route, settings: &HttpSettings) -> Self {
        let (bytes, name) = match route {
            Route::Groups | Route::Group(_) => (settings.group_body_limit, None),
            Route::Bulk => {
                let bytes = usize::try_from(BULK_LIMITS.max_payload_bytes).unwrap_or(usize::MAX);
                (bytes, Some("maxPayloadSize"))
            }
            _ => (settings.body_limit, None),
        };
        Self { bytes, name }
    }
}

/// Reads a body within its limit.
///
/// # Errors
/// 413 before anything is read where the length says so, 415 for another type, 400 for a body that
/// breaks off.
pub(super) async fn read(
    request: &HttpRequest,
    payload: web::Payload,
    limit: Limit,
) -> Result<web::Bytes, ScimError> {
    let headers = request.headers();
    if length(headers).is_some_and(|length| length > limit.bytes) {
        return Err(too_large(limit));
    }
    check_type(headers)?;
    match payload.to_bytes_limited(limit.bytes).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => Err(ScimError::invalid_syntax("the body broke off")),
        Err(_) => Err(too_large(limit)),
    }
}

fn length(headers: &HeaderMap) -> Option<usize> {
    let length = headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

fn too_large(limit: Limit) -> ScimError {
    let bytes = limit.bytes;
    ScimError::too_large(match limit.name {
        Some(name) => format!("the body is larger than {name}, which is {bytes} bytes"),
        None => format!("the body is larger than {bytes} bytes"),
    })
}

/// SCIM's type or plain JSON, with any parameters, or none said at all (P-3.8-02, P-28).
fn check_type(headers: &HeaderMap) -> Result<(), ScimError> {
    let unsupported =
        |detail: &str| ScimError::with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE.as_u16(), detail);
    let encoding = headers.get(header::CONTENT_ENCODING);
    let is_plain = |value: &header::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if !encoding.is_none_or(is_plain) {
        return Err(unsupported("the body must not be encoded"));
    }
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Ok(());
    };
    let value = value.to_str().unwrap_or("unreadable");
    let essence = value.split(';').next().unwrap_or_default().trim();
    let accepted = ["", MEDIA_TYPE, "application/json"];
    if accepted
        .iter()
        .any(|name| essence.eq_ignore_ascii_case(name))
    {
        Ok(())
    } else {
        Err(unsupported(
            "the Content-Type must be application/scim+json or application/json",
        ))
    }
}
