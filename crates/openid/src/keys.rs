//! The keys that a provider signs with (RFC 7517).

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use rollcall_domain::SignInFault;
use serde::Deserialize;
use serde_json::Value;

/// How many keys of one provider are looked at; providers publish a handful.
const LIMIT: usize = 64;

/// A key that verifies tokens.
#[derive(Clone)]
struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    decoding: DecodingKey,
}

/// The keys of one provider that this service can verify with: RS256 and ES256.
#[derive(Clone, Default)]
pub struct Keys(Vec<Key>);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Keys").field(&self.0.len()).finish()
    }
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

impl Keys {
    /// Reads a key set. Keys of other kinds, for other uses, or too weak are left out: a set may
    /// hold what this service has no use for.
    ///
    /// # Errors
    /// [`SignInFault::Malformed`]; [`SignInFault::NoKeys`] when none is left.
    pub fn read(body: &[u8]) -> Result<Self, SignInFault> {
        let set: Set = serde_json::from_slice(body).map_err(|_| SignInFault::Malformed)?;
        let keys: Vec<Key> = set.keys.into_iter().take(LIMIT).filter_map(key).collect();
        if keys.is_empty() {
            return Err(SignInFault::NoKeys);
        }
        Ok(Self(keys))
    }

    /// The keys that may have signed a token with this header. A token that names its key is
    /// verified by that one alone.
    pub(crate) fn for_header(&self, id: Option<&str>, algorithm: Algorithm) -> Vec<&DecodingKey> {
        let fits = |key: &&Key| {
            let named = id.is_none() || key.id.as_deref() == id;
            key.algorithm == algorithm && named
        };
        self.0
            .iter()
            .filter(fits)
            .map(|key| &key.decoding)
            .collect()
    }
}

fn key(value: Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let signs = matches!(
        jwk.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    );
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        // No symmetric key, above all: whoever knows it could sign.
        _ => return None,
    };
    let stated = match jwk.common.key_algorithm {
        None => true,
        Some(KeyAlgorithm::RS256) => algorithm == Algorithm::RS256,
        Some(KeyAlgorithm::ES256) => algorithm == Algorithm::ES256,
        Some(_) => false,
    };
    if !signs || !stated {
        return None;
    }
    Some(Key {
        id: jwk.common.key_id.clone(),
        algorithm,
        decoding: DecodingKey::from_jwk(&jwk).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(keys: &Value) -> Result<usize, SignInFault> {
        Keys::read(json!({ "keys": keys }).to_string().as_bytes()).map(|keys| keys.0.len())
    }

    #[test]
    fn only_keys_that_can_verify_are_kept() {
        let rsa = |extra: Value| {
            let mut key = json!({ "kty": "RSA", "kid": "1", "n": "AQAB", "e": "AQAB" });
            for (name, value) in extra.as_object().unwrap() {
                key[name] = value.clone();
            }
            key
        };
        assert_eq!(
            read(&json!([rsa(json!({ "use": "sig", "alg": "RS256" }))])),
            Ok(1)
        );
        assert_eq!(read(&json!([rsa(json!({}))])), Ok(1));
        let ec = json!({ "kty": "EC", "crv": "P-256", "x": "AQAB", "y": "AQAB" });
        assert_eq!(read(&json!([ec])), Ok(1));
        for useless in [
            rsa(json!({ "use": "enc" })),
            rsa(json!({ "alg": "RS512" })),
            rsa(json!({ "alg": "RSA-OAEP" })),
            json!({ "kty": "oct", "k": "c2VjcmV0" }),
            json!({ "kty": "EC", "crv": "P-384", "x": "AQAB", "y": "AQAB" }),
            json!({ "kty": "unheard-of" }),
            json!("nonsense"),
        ] {
            assert_eq!(
                read(&json!([useless])),
                Err(SignInFault::NoKeys),
                "{useless}"
            );
        }
        assert_eq!(Keys::read(b"[]").map(|_| ()), Err(SignInFault::Malformed));
    }
}
