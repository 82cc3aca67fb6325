//! Time, ids and secrets as tests need them: known beforehand.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use rollcall_application::ports::{
    Authenticated, AuthorizationRequest, Clock, CodeExchange, Digest, Documents, Ids, KeyMissing,
    PasswordCheck, PasswordHasher, ProviderClient, RelyingParty, Sealer, SecretText, Store,
    Supplies, TokenKind, Tokens,
};
use rollcall_application::{Failure, PublicUrl, Services};
use rollcall_domain::SignInFault;
use uuid::Uuid;

/// A clock that moves only when told to. It begins at 2026-01-05 09:00 UTC.
#[derive(Debug)]
pub struct FixedClock(Mutex<DateTime<Utc>>);

impl Default for FixedClock {
    fn default() -> Self {
        let beginning = DateTime::from_timestamp(1_767_603_600, 0).expect("a valid instant");
        Self(Mutex::new(beginning))
    }
}

impl FixedClock {
    /// Moves the clock, forward or back.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// Sets the clock.
    pub fn set(&self, to: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ids of the form of UUID version 7, each one more than the one before.
#[derive(Debug)]
pub struct SequentialIds(AtomicU64);

impl Default for SequentialIds {
    fn default() -> Self {
        Self::starting_at(1)
    }
}

impl SequentialIds {
    /// Begins with a number, so that two sequences need not meet.
    #[must_use]
    pub fn starting_at(first: u64) -> Self {
        Self(AtomicU64::new(first))
    }
}

impl Ids for SequentialIds {
    fn next(&self) -> Uuid {
        let number = u128::from(self.0.fetch_add(1, Ordering::Relaxed));
        let (milliseconds, version, variant) = (1_767_603_600_000_u128, 7_u128, 2_u128);
        Uuid::from_u128(milliseconds << 80 | version << 76 | variant << 62 | number)
    }
}

/// Documents that name the member and every version of it.
pub const DOCUMENTS: Documents = Documents {
    form: 7,
    write: |member| format!("{} {} {:?}", member.id, member.version.0, member.label()),
};

/// What a store writes with: ids in sequence from a number on, and [`DOCUMENTS`].
#[must_use]
pub fn supplies(first_id: u64) -> Supplies {
    Supplies {
        ids: Arc::new(SequentialIds::starting_at(first_id)),
        documents: DOCUMENTS,
    }
}

/// Tokens that can be foreseen, and digests that are none but differ.
#[derive(Debug, Default)]
pub struct FakeTokens(AtomicU64);

impl Tokens for FakeTokens {
    fn mint(&self, kind: TokenKind) -> SecretText {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        SecretText::new(format!("{kind:?}-{number}"))
    }

    fn digest(&self, token: &str) -> Digest {
        // FNV-1a from four beginnings.
        let mut digest = [0; 32];
        for (part, seed) in digest.chunks_mut(8).zip(1_u64..) {
            let hash = token
                .bytes()
                .fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
                    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
                });
            part.copy_from_slice(&hash.to_be_bytes());
        }
        Digest(digest)
    }
}

/// Password hashes that are the password behind a prefix: `fake:`, or `old:` for an outdated one.
#[derive(Debug, Default)]
pub struct FakeHasher;

#[async_trait]
impl PasswordHasher for FakeHasher {
    async fn hash(&self, password: SecretText) -> Result<String, Failure> {
        Ok(format!("fake:{}", password.expose()))
    }

    async fn check(
        &self,
        password: SecretText,
        stored: Option<String>,
    ) -> Result<PasswordCheck, Failure> {
        let stored = stored.unwrap_or_default();
        Ok(match stored.split_once(':') {
            Some(("fake", known)) if known == password.expose() => PasswordCheck::Right,
            Some(("old", known)) if known == password.expose() => PasswordCheck::RightButOutdated,
            _ => PasswordCheck::Wrong,
        })
    }
}

/// Seals by writing the context before the secret, back to front.
#[derive(Debug, Default)]
pub struct FakeSealer;

impl Sealer for FakeSealer {
    fn require_lasting(&self) -> Result<(), KeyMissing> {
        Ok(())
    }

    fn seal(&self, context: &str, secret: &SecretText) -> Vec<u8> {
        let mut sealed = format!("{context}\n{}", secret.expose()).into_bytes();
        sealed.reverse();
        sealed
    }

    fn open(&self, context: &str, sealed: &[u8]) -> Option<SecretText> {
        let text: Vec<u8> = sealed.iter().rev().copied().collect();
        let text = String::from_utf8(text).ok()?;
        let (sealed_for, secret) = text.split_once('\n')?;
        (sealed_for == context).then(|| SecretText::new(secret.to_owned()))
    }
}

/// An identity provider that believes whatever it is told: a code is `subject,user name,e-mail`,
/// each of the last two perhaps empty, or the code of a fault.
#[derive(Debug, Default)]
pub struct FakeProvider;

#[async_trait]
impl RelyingParty for FakeProvider {
    async fn authorization_url(
        &self,
        client: &ProviderClient,
        request: AuthorizationRequest,
    ) -> Result<SecretText, SignInFault> {
        let (issuer, state) = (&client.issuer, request.state.expose());
        Ok(SecretText::new(format!("{issuer}/authorize?state={state}")))
    }

    async fn redeem(
        &self,
        _client: &ProviderClient,
        _secret: SecretText,
        exchange: CodeExchange,
    ) -> Result<Authenticated, SignInFault> {
        let code = exchange.code.expose();
        if let Some(fault) = SignInFault::parse(code) {
            return Err(fault);
        }
        let mut parts = code.split(',').map(str::to_owned);
        let mut next = || parts.next().filter(|part| !part.is_empty());
        Ok(Authenticated {
            subject: next().ok_or(SignInFault::CodeRefused)?,
            user_name: next(),
            verified_email: next(),
        })
    }

    async fn examine(&self, _: &ProviderClient, secret: SecretText) -> Result<(), SignInFault> {
        match SignInFault::parse(secret.expose()) {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }
}

/// Everything a use case leans on, over a store, at a fixed time.
#[must_use]
pub fn services(store: Arc<dyn Store>) -> Services {
    services_at(store, Arc::new(FixedClock::default()))
}

/// As [`services`], with a clock the test moves.
#[must_use]
pub fn services_at(store: Arc<dyn Store>, clock: Arc<FixedClock>) -> Services {
    Services {
        store,
        clock,
        // Far from the ids a store makes itself, so that none is mistaken for another.
        ids: Arc::new(SequentialIds::starting_at(1 << 40)),
        tokens: Arc::new(FakeTokens::default()),
        passwords: Arc::new(FakeHasher),
        sealer: Arc::new(FakeSealer),
        relying_party: Arc::new(FakeProvider),
        public_url: PublicUrl::new("https://rollcall.example.com"),
        refused_tokens: Arc::default(),
    }
}
