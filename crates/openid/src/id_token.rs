//! The ID token (`OpenID` Connect Core section 3.1.3.7).

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use rollcall_application::ports::{Authenticated, ProviderClient};
use rollcall_domain::{DirectoryKind, SignInFault};
use serde::Deserialize;
use serde_json::Value;

use crate::keys::Keys;
use crate::signature;

/// How far the clocks of this service and the provider may be apart, in seconds.
pub const SKEW_SECONDS: i64 = 60;

/// How old a token may be, by its own word, when it arrives: it was made for this very request.
const MAX_AGE_SECONDS: i64 = 15 * 60;

/// The longest token that is looked at, in bytes.
const LIMIT: usize = 32 * 1024;

/// The longest subject (Core section 2).
const SUBJECT_LIMIT: usize = 255;

/// The algorithms that are taken: asymmetric ones, so that nobody who knows a key can sign.
const ALGORITHMS: [Algorithm; 2] = [Algorithm::RS256, Algorithm::ES256];

/// What a token has to fit.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The provider and this service as its client.
    pub client: &'a ProviderClient,
    /// What the request went out with.
    pub nonce: &'a str,
    /// The time.
    pub now: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    iat: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    azp: Option<String>,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    tid: Option<String>,
    #[serde(default)]
    preferred_username: Option<Value>,
    #[serde(default)]
    email: Option<Value>,
    #[serde(default)]
    email_verified: Option<Value>,
    #[serde(default)]
    xms_edov: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// Why a token was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// None of these keys has signed it; newer ones may have.
    UnknownKey,
    /// It is refused, whatever the keys.
    Fault(SignInFault),
}

impl From<SignInFault> for Refused {
    fn from(fault: SignInFault) -> Self {
        Self::Fault(fault)
    }
}

/// Verifies the signature of a token and judges its claims.
///
/// # Errors
/// [`Refused`], with the first thing that is wrong.
pub fn judge(token: &str, keys: &Keys, expected: Expected<'_>) -> Result<Authenticated, Refused> {
    signature::install();
    if token.len() > LIMIT {
        return Err(SignInFault::Malformed.into());
    }
    // `none` is no algorithm that this can even be read as.
    let header = decode_header(token).map_err(|_| SignInFault::SignatureWrong)?;
    // What is marked critical has to be understood (RFC 7515 section 4.1.11); nothing is.
    if !ALGORITHMS.contains(&header.alg) || header.crit.is_some() {
        return Err(SignInFault::SignatureWrong.into());
    }
    let candidates = keys.for_header(header.kid.as_deref(), header.alg);
    if candidates.is_empty() {
        return Err(Refused::UnknownKey);
    }
    let validation = signature_alone(header.alg);
    let verified = candidates
        .into_iter()
        .find_map(|key| decode::<Value>(token, key, &validation).ok());
    let claims = verified.ok_or(SignInFault::SignatureWrong)?.claims;
    let claims: Claims = serde_json::from_value(claims).map_err(|_| SignInFault::Malformed)?;
    require(&claims, expected)?;
    Ok(authenticated(claims, expected.client.kind))
}

/// The library verifies the signature; the claims are judged below, by the time that the service
/// goes by and not by the library's own.
fn signature_alone(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

fn require(claims: &Claims, expected: Expected<'_>) -> Result<(), SignInFault> {
    let client = expected.client;
    if claims.iss != client.issuer || !tenant_fits(claims, client) {
        return Err(SignInFault::TokenIssuer);
    }
    if !is_for(claims, client) {
        return Err(SignInFault::TokenAudience);
    }
    if !is_timely(claims, expected.now.timestamp()) {
        return Err(SignInFault::TokenTime);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(SignInFault::TokenNonce);
    }
    if claims.sub.trim().is_empty() || claims.sub.len() > SUBJECT_LIMIT {
        return Err(SignInFault::Malformed);
    }
    Ok(())
}

/// An issuer of Microsoft Entra ID names its tenant, and so does the token.
fn tenant_fits(claims: &Claims, client: &ProviderClient) -> bool {
    if client.kind != DirectoryKind::Entra {
        return true;
    }
    let tenant = client.issuer.strip_suffix("/v2.0");
    let tenant = tenant.and_then(|rest| rest.rsplit('/').next());
    claims.tid.is_some() && claims.tid.as_deref() == tenant
}

/// Meant for this client, and for nobody whom nobody configured.
fn is_for(claims: &Claims, client: &ProviderClient) -> bool {
    let audiences = claims.aud.all();
    let trusted = |one: &String| *one == client.client_id || *one == client.audience;
    let party = claims.azp.as_deref();
    audiences.contains(&client.client_id)
        && audiences.iter().all(trusted)
        && party.is_none_or(|party| party == client.client_id)
        && (audiences.len() == 1 || party.is_some())
}

fn is_timely(claims: &Claims, now: i64) -> bool {
    let ends = claims.exp.saturating_add(SKEW_SECONDS);
    let oldest = now.saturating_sub(MAX_AGE_SECONDS + SKEW_SECONDS);
    let newest = now.saturating_add(SKEW_SECONDS);
    let begun = claims.nbf.is_none_or(|from| from <= newest);
    now < ends && (oldest..=newest).contains(&claims.iat) && begun
}

fn authenticated(claims: Claims, kind: DirectoryKind) -> Authenticated {
    let text = |value: Option<Value>| match value {
        Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        _ => None,
    };
    let mut verified = is_true(claims.email_verified.as_ref());
    if kind == DirectoryKind::Entra {
        // Entra says by this claim of its own that the domain's owner was verified.
        verified |= is_true(claims.xms_edov.as_ref());
    }
    Authenticated {
        subject: claims.sub,
        user_name: text(claims.preferred_username),
        verified_email: text(claims.email).filter(|_| verified),
    }
}

fn is_true(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(yes)) => *yes,
        Some(Value::String(text)) => text == "true" || text == "1",
        Some(Value::Number(number)) => number.as_u64() == Some(1),
        _ => false,
    }
}
