//! Whether a request comes from our own pages (SEC-25).

use actix_web::http::header::{self, HeaderMap, HeaderName};
use actix_web::http::{Method, StatusCode};
use rollcall_application::PublicUrl;

use super::problem::Problem;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what another site may have sent in a member's name: a change needs our own origin
/// where a browser states one, and a JSON body, which no form can send. The cookie's `SameSite`
/// is the third lock.
///
/// # Errors
/// 403 `cross_site`, 415 `unsupported_media_type`.
pub(super) fn require_own(
    method: &Method,
    headers: &HeaderMap,
    public_url: &PublicUrl,
) -> Result<(), Problem> {
    if matches!(*method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    let foreign_site = headers
        .get_all(SEC_FETCH_SITE)
        .any(|site| site != "same-origin" && site != "none");
    let own = public_url.origin();
    let foreign_origin = headers
        .get_all(header::ORIGIN)
        .any(|origin| origin.as_bytes() != own.as_bytes());
    if foreign_site || foreign_origin {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "cross_site",
            "this request comes from another site",
        ));
    }
    if *method != Method::DELETE && !is_json(headers) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "send the body as application/json",
        ));
    }
    Ok(())
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE);
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let Ok(text) = value.to_str() else {
        return false;
    };
    let mut parts = text.split(';').map(str::trim);
    let json = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    json && parts.all(|parameter| parameter.eq_ignore_ascii_case("charset=utf-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_a_port_that_is_not_the_usual_one() {
        for (url, origin) in [
            ("https://Rollcall.example/base/", "https://rollcall.example"),
            ("https://rollcall.example:443", "https://rollcall.example"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(PublicUrl::new(url).origin(), origin);
        }
    }
}
