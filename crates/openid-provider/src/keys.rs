//! Keys that sign.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};

/// Keys of RSA take long to make; these are published with the tests and worth nothing.
const RSA_KEYS: [&[u8]; 2] = [
    include_bytes!("../keys/one.der"),
    include_bytes!("../keys/two.der"),
];

/// How tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// RSA.
    Rs256,
    /// The curve P-256.
    Es256,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ec(Box<EcdsaKeyPair>),
}

/// A key with the id it is published under.
pub(crate) struct SigningKey {
    pub(crate) number: usize,
    pair: Pair,
}

impl SigningKey {
    pub(crate) fn new(algorithm: SigningAlgorithm, number: usize) -> Self {
        let pair = match algorithm {
            SigningAlgorithm::Rs256 => {
                let der = RSA_KEYS[number % RSA_KEYS.len()];
                Pair::Rsa(Box::new(RsaKeyPair::from_pkcs8(der).expect("a key of RSA")))
            }
            SigningAlgorithm::Es256 => {
                let (curve, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
                let der = EcdsaKeyPair::generate_pkcs8(curve, &random).expect("a new key");
                let pair = EcdsaKeyPair::from_pkcs8(curve, der.as_ref(), &random);
                Pair::Ec(Box::new(pair.expect("the key that was just made")))
            }
        };
        Self { number, pair }
    }

    /// The id it is published under.
    pub(crate) fn id(&self) -> String {
        format!("key-{}", self.number)
    }

    pub(crate) fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Ec(_) => "ES256",
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .expect("a signature of the modulus' length");
                signature
            }
            Pair::Ec(pair) => {
                let signature = pair.sign(&random, message).expect("a signature");
                signature.as_ref().to_vec()
            }
        }
    }

    /// The public key, as an attacker would use it for HMAC.
    pub(crate) fn public_bytes(&self) -> &[u8] {
        match &self.pair {
            Pair::Rsa(pair) => pair.public_key().as_ref(),
            Pair::Ec(pair) => pair.public_key().as_ref(),
        }
    }

    /// As it is published (RFC 7517).
    pub(crate) fn jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.pair {
            Pair::Rsa(pair) => {
                let components = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id(),
                    "n": text(&components.n), "e": text(&components.e) })
            }
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref();
                json!({ "kty": "EC", "use": "sig", "alg": "ES256", "kid": self.id(),
                    "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..65]) })
            }
        }
    }
}

/// Text that nobody can guess.
pub(crate) fn random_text() -> String {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).expect("random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}
