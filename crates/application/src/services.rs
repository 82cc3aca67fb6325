//! Everything a use case may lean on.

use std::sync::Arc;

use rollcall_domain::{ConnectionId, DirectoryKind, OrganizationId};

use crate::directory::RefusedTokens;
use crate::ports::{Clock, Ids, PasswordHasher, RelyingParty, Sealer, Store, Tokens};

/// The address under which the service is reached, without a trailing slash. Every link comes
/// from it and never from a request (SEC-33).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Takes a checked absolute http(s) URL.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self(url.trim_end_matches('/').to_owned())
    }

    /// The URL, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether browsers reach it over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The name of the session cookie: bound to this very host and to TLS, where there is TLS
    /// (SEC-10). One session opens every door.
    #[must_use]
    pub fn session_cookie(&self) -> &'static str {
        if self.is_https() {
            "__Host-rollcall"
        } else {
            "rollcall"
        }
    }

    /// What the session cookie is bound to (SEC-10).
    #[must_use]
    pub fn session_cookie_attributes(&self) -> &'static str {
        if self.is_https() {
            "Path=/; HttpOnly; SameSite=Lax; Secure"
        } else {
            "Path=/; HttpOnly; SameSite=Lax"
        }
    }

    /// Scheme, host and port, as a browser states them (RFC 6454 section 6.2).
    #[must_use]
    pub fn origin(&self) -> String {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("https", &self.0));
        let host = rest.split('/').next().unwrap_or(rest).to_ascii_lowercase();
        let plain = match scheme {
            "https" => host.strip_suffix(":443"),
            _ => host.strip_suffix(":80"),
        };
        format!("{scheme}://{}", plain.unwrap_or(&host))
    }

    /// The name of the cookie that ties a sign-in through a provider to its browser.
    #[must_use]
    pub fn sign_in_cookie(&self) -> &'static str {
        if self.is_https() {
            "__Host-rollcall-sign-in"
        } else {
            "rollcall-sign-in"
        }
    }

    /// The address of an organization's own sign-in page.
    #[must_use]
    pub fn sign_in_url(&self, organization: OrganizationId) -> String {
        format!("{}/sign-in/{organization}", self.0)
    }

    /// Where a sign-in through a provider begins. Okta calls it the *initiate login URI*.
    #[must_use]
    pub fn initiate_login_uri(&self, organization: OrganizationId, kind: DirectoryKind) -> String {
        format!("{}/{}", self.sign_in_url(organization), kind.as_str())
    }

    /// Where a provider sends the browser back to. Each login method has its own, so that an
    /// answer that one provider was tricked into cannot be taken for another's (RFC 9700 4.4.2).
    #[must_use]
    pub fn redirect_uri(&self, organization: OrganizationId, kind: DirectoryKind) -> String {
        format!("{}/callback", self.initiate_login_uri(organization, kind))
    }

    /// The Tenant URL of a connection, which is also its SCIM base.
    #[must_use]
    pub fn tenant_url(&self, connection: ConnectionId) -> String {
        [&self.0, "/scim/", &connection.to_string(), "/v2"].concat()
    }
}

/// The ports a use case may lean on, wired once by the binary.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// Random tokens and their digests.
    pub tokens: Arc<dyn Tokens>,
    /// Passwords of people.
    pub passwords: Arc<dyn PasswordHasher>,
    /// Secrets that must be readable again.
    pub sealer: Arc<dyn Sealer>,
    /// Identity providers.
    pub relying_party: Arc<dyn RelyingParty>,
    /// Where the service is reached.
    pub public_url: PublicUrl,
    /// Wrong Secret Tokens, as far as this node has seen them.
    pub refused_tokens: Arc<RefusedTokens>,
}
