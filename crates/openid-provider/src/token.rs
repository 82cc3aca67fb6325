//! ID tokens, true and false.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::hmac;
use serde_json::{Value, json};

use crate::keys::{SigningAlgorithm, SigningKey};
use crate::{Code, Lie, State};

/// What a PKCE verifier goes out as (RFC 7636 section 4.2).
pub(crate) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("a clock after 1970").as_secs()
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The token that answers a code.
pub(crate) fn id_token(state: &State, code: &Code) -> String {
    let key = state.keys.last().expect("there is always a key");
    let claims = claims(state, code);
    let mut header = json!({ "alg": key.algorithm(), "kid": key.id() });
    match state.lie {
        Some(Lie::Unsigned) => {
            header["alg"] = json!("none");
            format!("{}.{}.", part(&header), part(&claims))
        }
        Some(Lie::HmacWithPublicKey) => {
            header["alg"] = json!("HS256");
            let message = format!("{}.{}", part(&header), part(&claims));
            let secret = hmac::Key::new(hmac::HMAC_SHA256, key.public_bytes());
            let tag = hmac::sign(&secret, message.as_bytes());
            format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
        }
        Some(Lie::UnknownKey) => {
            header["kid"] = json!("nobody-published-this");
            signed(&header, &claims, key)
        }
        Some(Lie::WrongKey) => {
            let other = SigningKey::new(SigningAlgorithm::Rs256, key.number + 1);
            signed(&header, &claims, &other)
        }
        Some(Lie::Tampered) => {
            let token = signed(&header, &claims, key);
            let mut changed = claims;
            changed["sub"] = json!("somebody-else");
            let signature = token.rsplit('.').next().unwrap_or_default();
            format!("{}.{}.{signature}", part(&header), part(&changed))
        }
        _ => signed(&header, &claims, key),
    }
}

fn signed(header: &Value, claims: &Value, key: &SigningKey) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = key.sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn claims(state: &State, code: &Code) -> Value {
    let (now, person) = (now(), &code.person);
    let mut claims = json!({
        "iss": state.issuer,
        "sub": person.subject,
        "aud": code.client,
        "iat": now,
        "exp": now + 300,
        "nonce": code.nonce,
        "preferred_username": person.user_name,
        "email": person.email,
        "email_verified": person.email_verified,
    });
    if let Some(tenant) = &state.tenant {
        claims["tid"] = json!(tenant);
    }
    match state.lie {
        Some(Lie::Nonce) => claims["nonce"] = json!("another nonce"),
        Some(Lie::NoNonce) => claims["nonce"] = Value::Null,
        Some(Lie::Issuer) => claims["iss"] = json!("https://evil.example"),
        Some(Lie::Audience) => claims["aud"] = json!("another-client"),
        Some(Lie::SecondAudience) => claims["aud"] = json!([code.client, "another-client"]),
        Some(Lie::Expired(ago)) => claims["exp"] = json!(now - ago),
        Some(Lie::FromTheFuture(ahead)) => {
            claims["iat"] = json!(now + ahead);
            claims["nbf"] = json!(now + ahead);
        }
        _ => {}
    }
    claims
}
