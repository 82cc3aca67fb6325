//! How members of an organization sign in to the panel.

/// Okta as a login method: what the panel stores and shows. The client secret is kept apart and
/// never read back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OktaLogin {
    /// Whether it is switched on.
    pub enabled: bool,
    /// The client id of the application in Okta.
    pub client_id: String,
    /// Okta's base URL, such as `https://example.okta.com`.
    pub base_url: String,
    /// The issuer of its tokens.
    pub issuer: String,
    /// The audience of its tokens.
    pub audience: String,
}

/// The login methods of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoginMethods {
    /// Okta, when it was ever configured. A password always works for who has one.
    pub okta: Option<OktaLogin>,
}

impl LoginMethods {
    /// Whether Okta is switched on as a login method (R06).
    #[must_use]
    pub fn okta_enabled(&self) -> bool {
        self.okta.as_ref().is_some_and(|okta| okta.enabled)
    }
}
