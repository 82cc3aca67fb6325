//! The port, filled.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use rollcall_application::ports::{
    Authenticated, AuthorizationRequest, CodeExchange, ProviderClient, RelyingParty, SecretText,
};
use rollcall_domain::SignInFault;

use crate::address::Hosts;
use crate::cache::{Cache, Known};
use crate::discovery::{self, Metadata};
use crate::fetch::{Ask, FetchSettings, Fetcher};
use crate::id_token::{self, Expected, Refused};
use crate::keys::Keys;
use crate::token_endpoint;

/// What people are asked to let this service know.
const SCOPE: &str = "openid profile email";

/// Asks identity providers over the network.
pub struct OpenIdRelyingParty {
    fetcher: Fetcher,
    cache: Cache,
}

impl std::fmt::Debug for OpenIdRelyingParty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenIdRelyingParty")
    }
}

impl OpenIdRelyingParty {
    /// Asks within these bounds.
    #[must_use]
    pub fn new(settings: FetchSettings) -> Self {
        Self {
            fetcher: Fetcher::new(settings),
            cache: Cache::default(),
        }
    }

    async fn known(&self, client: &ProviderClient) -> Result<Known, SignInFault> {
        match self.cache.find(client) {
            Some(known) => Ok(known),
            None => self.learn(client).await,
        }
    }

    /// Asks the provider for its document and keys.
    async fn learn(&self, client: &ProviderClient) -> Result<Known, SignInFault> {
        let address = discovery::document_address(&client.issuer);
        let address = Hosts::of(client).require(&address)?;
        let metadata = discovery::read(&self.get(address).await?, client)?;
        let keys = Keys::read(&self.get(metadata.jwks_uri.clone()).await?)?;
        let known = Known::now(metadata, keys);
        self.cache.put(client, known.clone());
        Ok(known)
    }

    async fn get(&self, uri: ureq::http::Uri) -> Result<Vec<u8>, SignInFault> {
        let answer = self.fetcher.send(Ask::get(uri)).await?;
        match answer.status {
            200 => Ok(answer.body),
            status if status >= 500 => Err(SignInFault::Unreachable),
            _ => Err(SignInFault::Malformed),
        }
    }

    /// Judges a token; one that names a key nobody has seen yet is judged by newer keys.
    async fn judge(
        &self,
        client: &ProviderClient,
        token: &SecretText,
        known: Known,
        exchange: &CodeExchange,
    ) -> Result<Authenticated, SignInFault> {
        let expected = Expected {
            client,
            nonce: exchange.nonce.expose(),
            now: exchange.now,
        };
        match id_token::judge(token.expose(), &known.keys, expected) {
            Ok(who) => return Ok(who),
            Err(Refused::Fault(fault)) => return Err(fault),
            Err(Refused::UnknownKey) => {}
        }
        let known = if self.cache.takes_refresh(client) {
            self.learn(client).await?
        } else {
            // Somebody else may just have asked.
            self.known(client).await?
        };
        id_token::judge(token.expose(), &known.keys, expected).map_err(|refused| match refused {
            Refused::UnknownKey => SignInFault::SignatureWrong,
            Refused::Fault(fault) => fault,
        })
    }

    /// Shows the secret with a code that is none: whoever knows the client says that the code is
    /// wrong.
    async fn try_secret(
        &self,
        metadata: &Metadata,
        client: &ProviderClient,
        secret: &SecretText,
    ) -> Result<(), SignInFault> {
        let verifier = "rollcall-asks-whether-the-secret-is-right-00";
        let ask = token_endpoint::ask(metadata, client, secret, ("rollcall-test", verifier));
        let answer = self.fetcher.send(ask).await?;
        if answer.status < 400 {
            return Err(SignInFault::Malformed);
        }
        match token_endpoint::refused(&answer) {
            SignInFault::CodeRefused => Ok(()),
            fault => Err(fault),
        }
    }

    /// Asks for a sign-in that nobody is there for. A provider that knows the redirect URI sends
    /// the browser there, or to its own page; one that does not says so on a page of its own.
    async fn try_redirect(
        &self,
        metadata: &Metadata,
        client: &ProviderClient,
    ) -> Result<(), SignInFault> {
        let text = || SecretText::new("rollcall-test-of-the-redirect-uri-0000000000".to_owned());
        let request = AuthorizationRequest {
            state: text(),
            nonce: text(),
            verifier: text(),
        };
        let address = authorization_url(metadata, client, &request) + "&prompt=none";
        let uri = address.parse().map_err(|_| SignInFault::AddressRefused)?;
        let answer = self.fetcher.send(Ask::get(uri)).await?;
        let told = answer.location.unwrap_or_default();
        let query = told.strip_prefix(&client.redirect_uri);
        match (answer.status, query) {
            (300..400, Some(query)) if is_own_refusal(query) => Err(SignInFault::RequestRefused),
            (400..500, _) => Err(SignInFault::RedirectRefused),
            (500.., _) => Err(SignInFault::Unreachable),
            _ => Ok(()),
        }
    }
}

/// Whether the answer at our own address says that the request itself is wrong.
fn is_own_refusal(query: &str) -> bool {
    [
        "unauthorized_client",
        "unsupported_response_type",
        "invalid_scope",
        "invalid_request",
    ]
    .iter()
    .any(|error| query.contains(&format!("error={error}")))
}

fn authorization_url(
    metadata: &Metadata,
    client: &ProviderClient,
    request: &AuthorizationRequest,
) -> String {
    let hashed = digest(&SHA256, request.verifier.expose().as_bytes());
    let challenge = URL_SAFE_NO_PAD.encode(hashed);
    let query = [
        ("response_type", "code"),
        ("response_mode", "query"),
        ("client_id", &client.client_id),
        ("redirect_uri", &client.redirect_uri),
        ("scope", SCOPE),
        ("state", request.state.expose()),
        ("nonce", request.nonce.expose()),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let query = serde_urlencoded::to_string(query).expect("pairs of text always encode");
    let endpoint = metadata.authorization_endpoint.to_string();
    let joint = if endpoint.contains('?') { '&' } else { '?' };
    format!("{endpoint}{joint}{query}")
}

#[async_trait]
impl RelyingParty for OpenIdRelyingParty {
    async fn authorization_url(
        &self,
        client: &ProviderClient,
        request: AuthorizationRequest,
    ) -> Result<SecretText, SignInFault> {
        let known = self.known(client).await?;
        Ok(SecretText::new(authorization_url(
            &known.metadata,
            client,
            &request,
        )))
    }

    async fn redeem(
        &self,
        client: &ProviderClient,
        secret: SecretText,
        exchange: CodeExchange,
    ) -> Result<Authenticated, SignInFault> {
        let known = self.known(client).await?;
        let proof = (exchange.code.expose(), exchange.verifier.expose());
        let ask = token_endpoint::ask(&known.metadata, client, &secret, proof);
        let token = token_endpoint::id_token(&self.fetcher.send(ask).await?)?;
        self.judge(client, &token, known, &exchange).await
    }

    async fn examine(
        &self,
        client: &ProviderClient,
        secret: SecretText,
    ) -> Result<(), SignInFault> {
        // A test is about now, not about ten minutes ago.
        self.cache.forget(client);
        let known = self.learn(client).await?;
        self.try_secret(&known.metadata, client, &secret).await?;
        self.try_redirect(&known.metadata, client).await
    }
}
