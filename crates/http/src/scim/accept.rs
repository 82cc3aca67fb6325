//! Which media type an answer bears (RFC 7644 section 3.8).

use actix_web::http::header::{self, HeaderMap};
use rollcall_scim_service::MEDIA_TYPE;

/// The same JSON under one of its two names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/scim+json`.
    Scim,
    /// `application/json`, for who takes nothing else.
    Json,
}

impl MediaType {
    /// SCIM's own type, unless the client accepts plain JSON and not that (P-3.8-01). Whoever
    /// accepts neither gets it all the same: an answer is worth more than 406.
    pub(super) fn accepted(headers: &HeaderMap) -> Self {
        let mut takes_json = false;
        for value in headers.get_all(header::ACCEPT) {
            let Ok(value) = value.to_str() else { continue };
            for range in value.split(',').filter(|range| !is_refused(range)) {
                let range = range.split(';').next().unwrap_or_default().trim();
                let range = range.to_ascii_lowercase();
                match range.as_str() {
                    MEDIA_TYPE | "*/*" | "application/*" => return Self::Scim,
                    "application/json" => takes_json = true,
                    _ => {}
                }
            }
        }
        if takes_json { Self::Json } else { Self::Scim }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Scim => MEDIA_TYPE,
            Self::Json => "application/json",
        }
    }
}

/// Whether a range of types has the weight 0: just what is not wanted (RFC 9110 section 12.4.2).
fn is_refused(range: &str) -> bool {
    range.split(';').skip(1).any(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        name.trim().eq_ignore_ascii_case("q") && value.trim().parse() == Ok(0.0)
    })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn p_3_8_01_plain_json_is_the_name_only_for_who_takes_nothing_else() {
        let named = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            MediaType::accepted(&headers)
        };
        assert_eq!(MediaType::accepted(&HeaderMap::new()), MediaType::Scim);
        assert_eq!(named("application/scim+json"), MediaType::Scim);
        assert_eq!(named("application/json; charset=utf-8"), MediaType::Json);
        assert_eq!(
            named("application/json, application/SCIM+json;q=0.5"),
            MediaType::Scim
        );
        assert_eq!(named("application/json, */*"), MediaType::Scim);
        assert_eq!(named("text/html"), MediaType::Scim);
        let not_scim = "application/scim+json;q=0, application/json;q=0.1";
        assert_eq!(named(not_scim), MediaType::Json);
        assert_eq!(named("application/json; Q=0.00"), MediaType::Scim);
    }
}
