//! What a provider says of itself (`OpenID` Connect Discovery 1.0).

use rollcall_application::ports::ProviderClient;
use rollcall_domain::SignInFault;
use serde::Deserialize;
use ureq::http::Uri;

use crate::address::Hosts;

/// Where a provider's document lies (Discovery section 4).
#[must_use]
pub fn document_address(issuer: &str) -> String {
    format!("{issuer}/.well-known/openid-configuration")
}

/// How the client shows its secret at the token endpoint (Core section 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// In the `Authorization` header.
    Basic,
    /// In the form.
    Post,
}

/// What of a provider's document matters here, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Where people sign in.
    pub authorization_endpoint: Uri,
    /// Where codes are redeemed.
    pub token_endpoint: Uri,
    /// Where the keys lie.
    pub jwks_uri: Uri,
    /// How the secret is shown.
    pub authentication: ClientAuthentication,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    code_challenge_methods_supported: Option<Vec<String>>,
}

/// Reads a provider's document.
///
/// # Errors
/// [`SignInFault::Malformed`], [`SignInFault::IssuerDiffers`] unless it names the very issuer that
/// is configured (Discovery section 4.3), [`SignInFault::ForeignEndpoint`] or
/// [`SignInFault::AddressRefused`] for an endpoint elsewhere.
pub fn read(body: &[u8], client: &ProviderClient) -> Result<Metadata, SignInFault> {
    let document: Document = serde_json::from_slice(body).map_err(|_| SignInFault::Malformed)?;
    if document.issuer != client.issuer {
        return Err(SignInFault::IssuerDiffers);
    }
    let challenges = document.code_challenge_methods_supported;
    if challenges.is_some_and(|known| !known.iter().any(|method| method == "S256")) {
        return Err(SignInFault::Malformed);
    }
    let hosts = Hosts::of(client);
    Ok(Metadata {
        authorization_endpoint: hosts.require(&document.authorization_endpoint)?,
        token_endpoint: hosts.require(&document.token_endpoint)?,
        jwks_uri: hosts.require(&document.jwks_uri)?,
        authentication: authentication(document.token_endpoint_auth_methods_supported),
    })
}

fn authentication(supported: Option<Vec<String>>) -> ClientAuthentication {
    let supported = supported.unwrap_or_default();
    let takes = |method: &str| supported.iter().any(|one| one == method);
    if takes("client_secret_post") && !takes("client_secret_basic") {
        ClientAuthentication::Post
    } else {
        ClientAuthentication::Basic
    }
}

#[cfg(test)]
mod tests {
    use rollcall_domain::DirectoryKind;
    use serde_json::{Value, json};

    use super::*;

    fn client() -> ProviderClient {
        ProviderClient {
            kind: DirectoryKind::Okta,
            client_id: "0oa1".to_owned(),
            base_url: "https://acme.okta.com".to_owned(),
            issuer: "https://acme.okta.com/oauth2/default".to_owned(),
            audience: String::new(),
            redirect_uri: "https://panel.example/callback".to_owned(),
        }
    }

    fn document() -> Value {
        json!({
            "issuer": "https://acme.okta.com/oauth2/default",
            "authorization_endpoint": "https://acme.okta.com/oauth2/default/v1/authorize",
            "token_endpoint": "https://acme.okta.com/oauth2/default/v1/token",
            "jwks_uri": "https://acme.okta.com/oauth2/default/v1/keys",
            "code_challenge_methods_supported": ["S256"],
        })
    }

    fn read_with(field: &str, value: Value) -> Result<Metadata, SignInFault> {
        let mut document = document();
        document[field] = value;
        read(document.to_string().as_bytes(), &client())
    }

    #[test]
    fn a_document_of_the_configured_issuer_is_taken() {
        let metadata = read(document().to_string().as_bytes(), &client()).unwrap();
        assert_eq!(metadata.authentication, ClientAuthentication::Basic);
        let posts = json!(["client_secret_post", "private_key_jwt"]);
        let metadata = read_with("token_endpoint_auth_methods_supported", posts).unwrap();
        assert_eq!(metadata.authentication, ClientAuthentication::Post);
    }

    #[test]
    fn another_issuer_or_another_host_is_refused() {
        for issuer in [
            "https://acme.okta.com",
            "https://acme.okta.com/oauth2/default/",
            "https://evil.example",
        ] {
            let fault = read_with("issuer", json!(issuer));
            assert_eq!(fault, Err(SignInFault::IssuerDiffers), "{issuer}");
        }
        for endpoint in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            let fault = read_with(endpoint, json!("https://evil.example/x"));
            assert_eq!(fault, Err(SignInFault::ForeignEndpoint), "{endpoint}");
            let fault = read_with(endpoint, json!("http://acme.okta.com/x"));
            assert_eq!(fault, Err(SignInFault::AddressRefused), "{endpoint}");
        }
        let plain = read_with("code_challenge_methods_supported", json!(["plain"]));
        assert_eq!(plain, Err(SignInFault::Malformed));
        assert_eq!(read(b"<html>", &client()), Err(SignInFault::Malformed));
        assert_eq!(read(b"{}", &client()), Err(SignInFault::Malformed));
    }
}
