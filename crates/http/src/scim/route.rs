//! What an address under `/scim` means.
//!
//! Slashes at the end and doubled ones do not count (P-35), a missing version is the newest one
//! (RFC 7644 section 3.13), a query in the base is ignored (P-1.3-01).

use std::borrow::Cow;

use actix_web::http::Method;
use rollcall_domain::ConnectionId;
use rollcall_scim_service::{Discovery, ScimError, ScimType};

/// An address, split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    connection: Option<ConnectionId>,
    version: Version,
    route: Option<Route>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    Supported,
    Unsupported,
}

/// Where an address leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Discovery(Wanted),
    Root,
    SearchRoot,
    Bulk,
    Users,
    SearchUsers,
    User(String),
    Groups,
    SearchGroups,
    Group(String),
    /// A feature of the protocol that is not there.
    Unsupported(&'static str),
}

/// A discovery resource; see [`Discovery`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    Config,
    ResourceTypes,
    ResourceType(String),
    Schemas,
    Schema(String),
}

impl Wanted {
    pub(super) fn as_discovery(&self) -> Discovery<'_> {
        match self {
            Self::Config => Discovery::ServiceProviderConfig,
            Self::ResourceTypes => Discovery::ResourceTypes,
            Self::ResourceType(name) => Discovery::ResourceType(name),
            Self::Schemas => Discovery::Schemas,
            Self::Schema(urn) => Discovery::Schema(urn),
        }
    }
}

impl Path {
    /// Reads the path of a request, `/scim` included.
    pub(super) fn parse(path: &str) -> Self {
        let segments: Vec<Cow<'_, str>> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .skip(1)
            .map(decode)
            .collect();
        let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        let (connection, rest) = match segments.as_slice() {
            [connection, rest @ ..] => (connection.parse().ok(), rest),
            [] => (None, [].as_slice()),
        };
        let (version, rest) = match rest {
            [version, rest @ ..] if is_version(version) => {
                let supported = version.eq_ignore_ascii_case("v2");
                let version = if supported {
                    Version::Supported
                } else {
                    Version::Unsupported
                };
                (version, rest)
            }
            rest => (Version::Supported, rest),
        };
        let route = if segments.is_empty() {
            None
        } else {
            Route::parse(rest)
        };
        Self {
            connection,
            version,
            route,
        }
    }

    /// The connection of the address, if it could be one.
    pub(super) const fn connection(&self) -> Option<ConnectionId> {
        self.connection
    }

    /// Where it leads.
    ///
    /// # Errors
    /// `invalidVers` for another version (P-3.13-01), 404 for no route.
    pub(super) fn route(self) -> Result<Route, ScimError> {
        if self.version == Version::Unsupported {
            return Err(ScimError::new(
                ScimType::InvalidVers,
                "this version is not supported: use v2",
            ));
        }
        let absent = || ScimError::not_found("there is no such endpoint");
        self.route.ok_or_else(absent)
    }

    /// The address without what identifies anybody, for the log.
    pub(super) fn template(&self) -> &'static str {
        match &self.route {
            Some(route) => route.template(),
            None => "/scim/(unknown)",
        }
    }
}

impl Route {
    fn parse(segments: &[&str]) -> Option<Self> {
        Some(match segments {
            [] => Self::Root,
            [".search"] => Self::SearchRoot,
            ["ServiceProviderConfig"] => Self::Discovery(Wanted::Config),
            ["ResourceTypes"] => Self::Discovery(Wanted::ResourceTypes),
            ["ResourceTypes", name] => Self::Discovery(Wanted::ResourceType((*name).to_owned())),
            ["Schemas"] => Self::Discovery(Wanted::Schemas),
            ["Schemas", urn] => Self::Discovery(Wanted::Schema((*urn).to_owned())),
            ["Users"] => Self::Users,
            ["Users", ".search"] => Self::SearchUsers,
            ["Users", id] => Self::User((*id).to_owned()),
            ["Groups"] => Self::Groups,
            ["Groups", ".search"] => Self::SearchGroups,
            ["Groups", id] => Self::Group((*id).to_owned()),
            ["Me", ..] => Self::Unsupported("/Me"),
            ["Bulk"] => Self::Bulk,
            _ => return None,
        })
    }

    const fn template(&self) -> &'static str {
        match self {
            Self::Discovery(Wanted::Config) => "/scim/{connection}/v2/ServiceProviderConfig",
            Self::Discovery(Wanted::ResourceTypes) => "/scim/{connection}/v2/ResourceTypes",
            Self::Discovery(Wanted::ResourceType(_)) => {
                "/scim/{connection}/v2/ResourceTypes/{name}"
            }
            Self::Discovery(Wanted::Schemas) => "/scim/{connection}/v2/Schemas",
            Self::Discovery(Wanted::Schema(_)) => "/scim/{connection}/v2/Schemas/{urn}",
            Self::Root => "/scim/{connection}/v2",
            Self::SearchRoot => "/scim/{connection}/v2/.search",
            Self::Bulk => "/scim/{connection}/v2/Bulk",
            Self::Users => "/scim/{connection}/v2/Users",
            Self::SearchUsers => "/scim/{connection}/v2/Users/.search",
            Self::User(_) => "/scim/{connection}/v2/Users/{id}",
            Self::Groups => "/scim/{connection}/v2/Groups",
            Self::SearchGroups => "/scim/{connection}/v2/Groups/.search",
            Self::Group(_) => "/scim/{connection}/v2/Groups/{id}",
            Self::Unsupported(_) => "/scim/{connection}/v2/(unsupported)",
        }
    }

    /// The methods that go with it; any where the answer is the same for all.
    pub(super) const fn methods(&self) -> &'static [Method] {
        match self {
            Self::Discovery(_) | Self::Root => &[Method::GET, Method::HEAD],
            Self::Users | Self::Groups => &[Method::GET, Method::HEAD, Method::POST],
            Self::Bulk | Self::SearchRoot | Self::SearchUsers | Self::SearchGroups => {
                &[Method::POST]
            }
            Self::User(_) | Self::Group(_) => &[
                Method::GET,
                Method::HEAD,
                Method::PUT,
                Method::PATCH,
                Method::DELETE,
            ],
            Self::Unsupported(_) => &[],
        }
    }

    /// Whether a body means anything there.
    pub(super) const fn reads_body(&self) -> bool {
        !matches!(self, Self::Unsupported(_))
    }
}

/// `v` and a number (RFC 7644 section 3.13).
fn is_version(segment: &str) -> bool {
    let digits = segment
        .strip_prefix('v')
        .or_else(|| segment.strip_prefix('V'));
    digits.is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Decodes percent signs; what is none, or no UTF-8 then, stays as it is and names nothing.
fn decode(segment: &str) -> Cow<'_, str> {
    if !segment.contains('%') {
        return Cow::Borrowed(segment);
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let byte = match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                match (digit(*high), digit(*low)) {
                    (Some(high), Some(low)) => {
                        rest = after;
                        u8::try_from(high * 16 + low).unwrap_or(b'%')
                    }
                    _ => b'%',
                }
            }
            (byte, _) => *byte,
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(segment), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00000000-0000-0000-0000-000000000001";

    fn route(tail: &str) -> Result<Route, ScimError> {
        Path::parse(&format!("/scim/{ID}{tail}")).route()
    }

    #[test]
    fn p_35_slashes_do_not_count() {
        for tail in ["/v2/Users", "/v2/Users/", "//v2//Users//", "/Users"] {
            assert_eq!(route(tail), Ok(Route::Users), "{tail}");
        }
        let path = Path::parse(&format!("/scim/{ID}/v2"));
        assert_eq!(path.connection(), Some(ConnectionId::from_u128(1)));
        assert_eq!(path.route(), Ok(Route::Root));
    }

    #[test]
    fn p_3_13_01_another_version_is_invalid() {
        let error = route("/v9/Users").expect_err("refused");
        assert_eq!(error.scim_type, Some(ScimType::InvalidVers));
        assert!(route("/v1").is_err());
        assert_eq!(route("/vX/Users").expect_err("no route").status, 404);
    }

    #[test]
    fn names_are_decoded_and_unknown_ones_lead_nowhere() {
        let urn = "urn:ietf:params:scim:schemas:core:2.0:User";
        let encoded = format!("/v2/Schemas/{}", urn.replace(':', "%3A"));
        let wanted = Wanted::Schema(urn.to_owned());
        assert_eq!(route(&encoded), Ok(Route::Discovery(wanted)));
        assert_eq!(route("/v2/Users/a/b").expect_err("nothing").status, 404);
        assert_eq!(route("/v2/users").expect_err("nothing").status, 404);
        assert_eq!(route("/v2/Users/100%"), Ok(Route::User("100%".to_owned())));
        assert_eq!(
            Path::parse("/scim").route().expect_err("nothing").status,
            404
        );
    }

    #[test]
    fn a_template_names_nobody() {
        let path = Path::parse(&format!("/scim/{ID}/v2/Users/{ID}"));
        assert_eq!(path.template(), "/scim/{connection}/v2/Users/{id}");
    }
}
