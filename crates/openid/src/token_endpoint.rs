//! Redeeming a code (`OpenID` Connect Core section 3.1.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rollcall_application::ports::{ProviderClient, SecretText};
use rollcall_domain::SignInFault;
use serde::Deserialize;

use crate::discovery::{ClientAuthentication, Metadata};
use crate::fetch::{Ask, Fetched};

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

#[derive(Deserialize)]
struct Trouble {
    error: String,
}

/// The request that redeems a code.
pub(crate) fn ask(
    metadata: &Metadata,
    client: &ProviderClient,
    secret: &SecretText,
    (code, verifier): (&str, &str),
) -> Ask {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &client.redirect_uri),
        ("code_verifier", verifier),
    ];
    let mut authorization = None;
    match metadata.authentication {
        ClientAuthentication::Basic => {
            let pair = [encoded(&client.client_id), encoded(secret.expose())].join(":");
            authorization = Some(format!("Basic {}", STANDARD.encode(pair)));
        }
        ClientAuthentication::Post => {
            form.push(("client_id", &client.client_id));
            form.push(("client_secret", secret.expose()));
        }
    }
    Ask {
        uri: metadata.token_endpoint.clone(),
        form: Some(serde_urlencoded::to_string(&form).expect("pairs of text always encode")),
        authorization,
    }
}

/// Client id and secret are form-encoded before they are joined (RFC 6749 section 2.3.1).
fn encoded(text: &str) -> String {
    let pair = serde_urlencoded::to_string([("", text)]).expect("a text always encodes");
    pair.trim_start_matches('=').to_owned()
}

/// The ID token of an answer.
pub(crate) fn id_token(answer: &Fetched) -> Result<SecretText, SignInFault> {
    if answer.status != 200 {
        return Err(refused(answer));
    }
    let tokens: Tokens =
        serde_json::from_slice(&answer.body).map_err(|_| SignInFault::Malformed)?;
    Ok(SecretText::new(tokens.id_token))
}

/// What an error of the token endpoint means (RFC 6749 section 5.2).
pub(crate) fn refused(answer: &Fetched) -> SignInFault {
    if answer.status >= 500 {
        return SignInFault::Unreachable;
    }
    let trouble: Option<Trouble> = serde_json::from_slice(&answer.body).ok();
    match trouble.as_ref().map(|trouble| trouble.error.as_str()) {
        Some("invalid_client") => SignInFault::SecretRefused,
        Some("invalid_grant") => SignInFault::CodeRefused,
        Some(_) => SignInFault::RequestRefused,
        None if answer.status == 401 => SignInFault::SecretRefused,
        None => SignInFault::Malformed,
    }
}
