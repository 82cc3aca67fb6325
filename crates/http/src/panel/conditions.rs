//! Versions on the wire: `ETag` and `If-Match` (RFC 9110 sections 8.8.3 and 13.1.1).

use std::future::{Ready, ready};

use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, dev};
use rollcall_domain::Version;

use super::problem::Problem;

/// The version that the client saw, where it states one.
pub(super) struct IfMatch(pub(super) Option<Version>);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut dev::Payload) -> Self::Future {
        let mut values = request.headers().get_all(header::IF_MATCH);
        let seen = match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => parse(value.to_str().unwrap_or_default()),
            (Some(_), Some(_)) => Err(malformed()),
        };
        ready(seen.map(Self))
    }
}

fn parse(value: &str) -> Result<Option<Version>, Problem> {
    let value = value.trim();
    if value == "*" {
        return Ok(None);
    }
    let tag = value.strip_prefix("W/").unwrap_or(value);
    let number = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    let version = number.and_then(|number| number.parse().ok());
    version.map(|v| Some(Version(v))).ok_or_else(malformed)
}

fn malformed() -> Problem {
    Problem::invalid("If-Match", "must be one version, such as \"3\"")
}

/// The version of what is shown.
pub(super) fn etag(version: Version) -> (header::HeaderName, String) {
    (header::ETAG, format!("\"{}\"", version.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_back_as_it_was_shown() {
        let (_, shown) = etag(Version(7));
        assert_eq!(parse(&shown).ok(), Some(Some(Version(7))));
        assert_eq!(parse("W/\"7\"").ok(), Some(Some(Version(7))));
        assert_eq!(parse("*").ok(), Some(None));
        assert!(parse("7").is_err());
        assert!(parse("\"7\", \"8\"").is_err());
    }
}
