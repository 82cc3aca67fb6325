//! Identity providers, asked over the network.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rollcall_domain::{DirectoryKind, SignInFault};

use crate::ports::SecretText;

/// The service as the client of one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderClient {
    /// Which kind of provider.
    pub kind: DirectoryKind,
    /// The client id.
    pub client_id: String,
    /// The provider's base URL; its host may be asked, beside the issuer's.
    pub base_url: String,
    /// The issuer, exactly.
    pub issuer: String,
    /// Another audience its tokens may name; none when empty.
    pub audience: String,
    /// Where the browser comes back to, exactly.
    pub redirect_uri: String,
}

/// What a sign-in goes out with.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// Comes back with the answer.
    pub state: SecretText,
    /// Comes back inside the ID token.
    pub nonce: SecretText,
    /// The proof of which only a digest goes out (RFC 7636).
    pub verifier: SecretText,
}

/// What a code is redeemed with.
#[derive(Debug, Clone)]
pub struct CodeExchange {
    /// The code.
    pub code: SecretText,
    /// What the ID token must state.
    pub nonce: SecretText,
    /// The proof itself.
    pub verifier: SecretText,
    /// The time, by which the token is judged.
    pub now: DateTime<Utc>,
}

/// Who somebody is, as an ID token states it whose signature and claims hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    /// The subject.
    pub subject: String,
    /// The user name, as the provider calls it.
    pub user_name: Option<String>,
    /// The e-mail, where the provider says that it has verified it.
    pub verified_email: Option<String>,
}

/// The relying party of `OpenID` Connect: asks providers, and believes nothing unchecked.
#[async_trait]
pub trait RelyingParty: Send + Sync + 'static {
    /// The address to send the browser to. It holds the state, so it is a secret until it is used.
    async fn authorization_url(
        &self,
        client: &ProviderClient,
        request: AuthorizationRequest,
    ) -> Result<SecretText, SignInFault>;

    /// Redeems a code and judges the ID token.
    async fn redeem(
        &self,
        client: &ProviderClient,
        secret: SecretText,
        exchange: CodeExchange,
    ) -> Result<Authenticated, SignInFault>;

    /// Finds out whether people could sign in: discovery, keys, the client's secret and, as far
    /// as that can be told, the redirect URI.
    async fn examine(&self, client: &ProviderClient, secret: SecretText)
    -> Result<(), SignInFault>;
}
