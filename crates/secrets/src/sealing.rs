//! Secrets that must be readable again.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rollcall_application::ports::{KeyMissing, Sealer, SecretText};

use crate::SealingKey;

/// First byte of what is sealed, so that another algorithm can follow this one.
const FORMAT: u8 = 1;

/// Length of the nonce, in bytes: long enough to be drawn at random without ever repeating.
const NONCE_LENGTH: usize = 24;

/// Seals with XChaCha20-Poly1305: format byte, random nonce, ciphertext with its tag. The context
/// is authenticated with it, so what was sealed for one row opens on no other.
pub struct AeadSealer {
    cipher: XChaCha20Poly1305,
    /// Whether the key is there again after a restart.
    lasting: bool,
}

impl fmt::Debug for AeadSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AeadSealer")
    }
}

impl AeadSealer {
    /// Seals with this key.
    #[must_use]
    pub fn new(key: &SealingKey) -> Self {
        Self {
            cipher: XChaCha20Poly1305::new(key.bytes().into()),
            lasting: true,
        }
    }

    /// Seals with a random key that ends with this process: good for what is not kept, such as
    /// the cursor of a list.
    #[must_use]
    pub fn passing() -> Self {
        Self {
            lasting: false,
            ..Self::new(&SealingKey::random())
        }
    }
}

impl Sealer for AeadSealer {
    fn seal(&self, context: &str, secret: &SecretText) -> Vec<u8> {
        let mut nonce = [0; NONCE_LENGTH];
        getrandom::fill(&mut nonce).expect("the operating system gives random bytes");
        let payload = Payload {
            msg: secret.expose().as_bytes(),
            aad: context.as_bytes(),
        };
        let ciphertext = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .expect("a text in memory is far below the cipher's limit of 256 GiB");
        let mut sealed = Vec::with_capacity(1 + NONCE_LENGTH + ciphertext.len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        sealed
    }

    fn require_lasting(&self) -> Result<(), KeyMissing> {
        self.lasting.then_some(()).ok_or(KeyMissing)
    }

    fn open(&self, context: &str, sealed: &[u8]) -> Option<SecretText> {
        let (&FORMAT, rest) = sealed.split_first()? else {
            return None;
        };
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LENGTH>()?;
        let payload = Payload {
            msg: ciphertext,
            aad: context.as_bytes(),
        };
        let plain = self.cipher.decrypt(&XNonce::from(*nonce), payload).ok()?;
        String::from_utf8(plain).ok().map(SecretText::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> SecretText {
        SecretText::new("client secret of Okta".to_owned())
    }

    #[test]
    fn what_is_sealed_opens_for_the_same_context() {
        let sealer = AeadSealer::new(&SealingKey::random());
        let closed = sealer.seal("login/okta/1", &secret());
        assert_eq!(sealer.open("login/okta/1", &closed), Some(secret()));
    }

    #[test]
    fn what_is_sealed_does_not_open_for_another_context_or_key() {
        let sealer = AeadSealer::new(&SealingKey::random());
        let closed = sealer.seal("login/okta/1", &secret());
        assert_eq!(sealer.open("login/okta/2", &closed), None);
        let other = AeadSealer::new(&SealingKey::random());
        assert_eq!(other.open("login/okta/1", &closed), None);
    }

    #[test]
    fn any_changed_or_missing_byte_keeps_it_shut() {
        let sealer = AeadSealer::new(&SealingKey::random());
        let closed = sealer.seal("c", &secret());
        for at in 0..closed.len() {
            let mut changed = closed.clone();
            changed[at] ^= 1;
            assert_eq!(sealer.open("c", &changed), None, "changed at {at}");
            assert_eq!(sealer.open("c", &closed[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn the_same_secret_is_sealed_differently_each_time_and_never_in_clear() {
        let sealer = AeadSealer::new(&SealingKey::random());
        let first = sealer.seal("c", &secret());
        assert_ne!(first, sealer.seal("c", &secret()));
        let clear = secret().expose().as_bytes().to_vec();
        assert!(!first.windows(clear.len()).any(|window| window == clear));
        assert_eq!(format!("{sealer:?}"), "AeadSealer");
    }

    #[test]
    fn without_a_lasting_key_nothing_is_kept_and_the_sentence_says_what_to_do() {
        let missing = AeadSealer::passing().require_lasting().unwrap_err();
        assert!(missing.to_string().contains("secret_key"), "{missing}");
        let lasting = AeadSealer::new(&SealingKey::random());
        assert_eq!(lasting.require_lasting(), Ok(()));
    }
}
