//! Who calls: a Secret Token in exactly one `Authorization` header, and nothing else (SEC-2,
//! SEC-3; RFC 6750 section 2.1).

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap};
use rollcall_application::directory::authenticate;
use rollcall_scim_service::{ScimError, ScimSession};

use super::Refused;
use super::route::Path;
use crate::{AppState, Request};

/// Whether the client showed a bearer token: then the challenge says it is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// It did.
    Token,
    /// It showed nothing, or something else.
    Nothing,
}

/// What is wrong with the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unreadable {
    Missing,
    Several,
    NoScheme,
    OtherScheme,
    Empty,
}

impl Unreadable {
    /// What the administrator of a directory has to change. Which is wrong is no secret: the
    /// client sent it.
    const fn detail(self) -> &'static str {
        match self {
            Self::Missing => {
                "the Authorization header is missing: send `Bearer ` followed by the Secret Token"
            }
            Self::Several => "there must be one Authorization header",
            Self::NoScheme => {
                "the Authorization header has no scheme: put `Bearer ` before the Secret Token"
            }
            Self::OtherScheme => {
                "the Authorization header must use the scheme `Bearer`, followed by the Secret \
                 Token"
            }
            Self::Empty => "the Secret Token is missing behind `Bearer `",
        }
    }
}

/// The guard in front of everything: lets a directory in that shows the token of the connection
/// in the address. Nothing of the body has been read.
pub(super) async fn admit(
    state: &AppState,
    request: &HttpRequest,
    known: &Request,
    path: &Path,
) -> Result<ScimSession, Refused> {
    let token = token(request.headers()).map_err(|unreadable| {
        let error = ScimError::with_status(401, unreadable.detail());
        Refused::Unauthorized(error.into(), Shown::Nothing)
    })?;
    let services = &state.services;
    let caller = authenticate(services, path.connection(), token, known.info()).await?;
    known.concerns(caller.organization);
    known.comes_through(caller.connection);
    Ok(ScimSession::new(Arc::clone(services), caller))
}

fn token(headers: &HeaderMap) -> Result<&str, Unreadable> {
    let mut values = headers.get_all(header::AUTHORIZATION);
    let Some(value) = values.next() else {
        return Err(Unreadable::Missing);
    };
    if values.next().is_some() {
        return Err(Unreadable::Several);
    }
    let value = value.to_str().map_err(|_| Unreadable::OtherScheme)?.trim();
    let Some((scheme, token)) = value.split_once([' ', '\t']) else {
        return Err(match value {
            "" => Unreadable::Missing,
            scheme if scheme.eq_ignore_ascii_case("bearer") => Unreadable::Empty,
            _ => Unreadable::NoScheme,
        });
    };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Unreadable::OtherScheme);
    }
    match token.trim() {
        "" => Err(Unreadable::Empty),
        token => Ok(token),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn read(values: &[&'static str]) -> Result<String, Unreadable> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_static(value));
        }
        token(&headers).map(str::to_owned)
    }

    #[test]
    fn sec_2_only_one_bearer_header_carries_a_token() {
        assert_eq!(read(&["Bearer abc"]).as_deref(), Ok("abc"));
        assert_eq!(read(&["bEARER   abc "]).as_deref(), Ok("abc"));
        assert_eq!(read(&[]), Err(Unreadable::Missing));
        assert_eq!(read(&[""]), Err(Unreadable::Missing));
        assert_eq!(read(&["Bearer"]), Err(Unreadable::Empty));
        assert_eq!(read(&["Bearer   "]), Err(Unreadable::Empty));
        assert_eq!(read(&["Bearer a", "Bearer a"]), Err(Unreadable::Several));
        assert_eq!(read(&["Basic abc"]), Err(Unreadable::OtherScheme));
        assert_eq!(read(&["abc"]), Err(Unreadable::NoScheme));
    }
}
