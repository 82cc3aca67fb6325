//! Passwords of people, hashed with argon2id in a bounded pool of their own.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::{Error as HashError, PasswordHasher as _, PasswordVerifier as _, phc};
use argon2::{Algorithm, Params, Version};
use async_trait::async_trait;
use rollcall_application::Failure;
use rollcall_application::ports::{PasswordCheck, PasswordHasher, SecretText};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::hashing::Argon2Hashing;

/// Settings below the floor of SEC-11, or beyond what argon2 can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Too little memory.
    #[error("memory must be at least {} KiB", PasswordSettings::LEAST_MEMORY_KIB)]
    Memory,
    /// Too few passes.
    #[error("passes must be at least 2")]
    Passes,
    /// Argon2 cannot do it.
    #[error("argon2 does not work with these settings")]
    Impossible,
}

/// How costly one hash is (SEC-11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordSettings {
    /// Memory of one hash, in KiB.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub passes: u32,
    /// Lanes of one hash.
    pub lanes: u32,
}

impl PasswordSettings {
    /// The least memory of one hash, in KiB: 19 MiB (SEC-11).
    pub const LEAST_MEMORY_KIB: u32 = 19 * 1024;

    fn params(self) -> Result<Params, SettingsError> {
        if self.memory_kib < Self::LEAST_MEMORY_KIB {
            return Err(SettingsError::Memory);
        }
        if self.passes < 2 {
            return Err(SettingsError::Passes);
        }
        self.unchecked_params()
    }

    fn unchecked_params(self) -> Result<Params, SettingsError> {
        Params::new(self.memory_kib, self.passes, self.lanes, None)
            .map_err(|_| SettingsError::Impossible)
    }
}

impl Default for PasswordSettings {
    fn default() -> Self {
        Self {
            memory_kib: Self::LEAST_MEMORY_KIB,
            passes: 2,
            lanes: 1,
        }
    }
}

/// How much of the machine passwords may take: memory is at most `at_once` times the memory of
/// one hash (SEC-13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPool {
    /// Hashes computed at the same time.
    pub at_once: usize,
    /// Requests that may wait for their turn; one more is told to come back.
    pub waiting: usize,
}

impl Default for PasswordPool {
    fn default() -> Self {
        Self {
            at_once: 2,
            waiting: 64,
        }
    }
}

/// Argon2id over the NFC form of a password, of any length and in any script, never cut.
///
/// Works on blocking threads, so it needs a Tokio runtime; a hash that has begun runs to its end
/// and keeps its place in the pool even when nobody waits for it any more.
pub struct Argon2Passwords {
    hasher: Arc<Hasher>,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl fmt::Debug for Argon2Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Argon2Passwords")
    }
}

impl Argon2Passwords {
    /// Computes one hash at once: the one that stands for accounts that do not exist.
    ///
    /// # Errors
    /// [`SettingsError`] when the settings are weaker than SEC-11 allows.
    pub fn new(settings: PasswordSettings, pool: PasswordPool) -> Result<Self, SettingsError> {
        Self::with_params(settings.params()?, pool)
    }

    fn with_params(params: Params, pool: PasswordPool) -> Result<Self, SettingsError> {
        Ok(Self {
            hasher: Arc::new(Hasher::new(params)?),
            running: Arc::new(Semaphore::new(pool.at_once.max(1))),
            admitted: Arc::new(Semaphore::new(pool.at_once.max(1) + pool.waiting)),
        })
    }

    async fn run<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&Hasher) -> Result<T, HashError> + Send + 'static,
    {
        let place =
            Arc::clone(&self.admitted)
                .try_acquire_owned()
                .map_err(|error| match error {
                    TryAcquireError::NoPermits => Failure::Unavailable { retry_after: 1 },
                    TryAcquireError::Closed => internal("the password pool is closed"),
                })?;
        let turn = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|error| Failure::Internal(error.into()))?;
        let hasher = Arc::clone(&self.hasher);
        // Both permits move along: they come back when the work ends, not when the caller leaves.
        let permits: [OwnedSemaphorePermit; 2] = [place, turn];
        let done = tokio::task::spawn_blocking(move || {
            let result = work(&hasher);
            drop(permits);
            result
        });
        done.await
            .map_err(|error| Failure::Internal(error.into()))?
            .map_err(|error| internal(&format!("argon2 failed: {error}")))
    }
}

fn internal(what: &str) -> Failure {
    Failure::Internal(what.to_owned().into())
}

#[async_trait]
impl PasswordHasher for Argon2Passwords {
    async fn hash(&self, password: SecretText) -> Result<String, Failure> {
        self.run(move |hasher| hasher.hash(&password)).await
    }

    async fn check(
        &self,
        password: SecretText,
        stored: Option<String>,
    ) -> Result<PasswordCheck, Failure> {
        self.run(move |hasher| match stored {
            Some(stored) => hasher.check(&password, &stored),
            None => hasher.check_nobody(&password),
        })
        .await
    }
}

struct Hasher {
    argon2: Argon2Hashing,
    nobody: String,
}

impl Hasher {
    fn new(params: Params) -> Result<Self, SettingsError> {
        let argon2 = Argon2Hashing::new(params);
        let mut random = [0; 32];
        getrandom::fill(&mut random).expect("the operating system gives random bytes");
        let nobody = argon2
            .hash_password(&random)
            .map_err(|_| SettingsError::Impossible)?
            .to_string();
        Ok(Self { argon2, nobody })
    }

    fn hash(&self, password: &SecretText) -> Result<String, HashError> {
        let hash = self.argon2.hash_password(normalized(password).as_bytes())?;
        Ok(hash.to_string())
    }

    fn check(&self, password: &SecretText, stored: &str) -> Result<PasswordCheck, HashError> {
        let stored = phc::PasswordHash::new(stored).map_err(|_| HashError::EncodingInvalid)?;
        let verdict = self
            .argon2
            .verify_password(normalized(password).as_bytes(), &stored);
        match verdict {
            Ok(()) if self.is_current(&stored) => Ok(PasswordCheck::Right),
            Ok(()) => Ok(PasswordCheck::RightButOutdated),
            Err(HashError::PasswordInvalid) => Ok(PasswordCheck::Wrong),
            Err(error) => Err(error),
        }
    }

    /// The same work for an account that does not exist, and never right (SEC-14).
    fn check_nobody(&self, password: &SecretText) -> Result<PasswordCheck, HashError> {
        self.check(password, &self.nobody)?;
        Ok(PasswordCheck::Wrong)
    }

    fn is_current(&self, stored: &phc::PasswordHash) -> bool {
        let Ok(params) = Params::try_from(stored) else {
            return false;
        };
        let wanted = &self.argon2.params;
        stored.algorithm.as_str() == Algorithm::Argon2id.as_str()
            && stored.version == Some(Version::V0x13.into())
            && params.m_cost() == wanted.m_cost()
            && params.t_cost() == wanted.t_cost()
            && params.p_cost() == wanted.p_cost()
    }
}

/// The same characters typed on another keyboard are the same password (SEC-11, NFC once).
fn normalized(password: &SecretText) -> Zeroizing<String> {
    Zeroizing::new(password.expose().nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretText {
        SecretText::new(text.to_owned())
    }

    fn cheap(passes: u32, pool: PasswordPool) -> Argon2Passwords {
        let params = PasswordSettings {
            memory_kib: 64,
            passes,
            lanes: 1,
        }
        .unchecked_params()
        .expect("possible");
        Argon2Passwords::with_params(params, pool).expect("possible")
    }

    #[tokio::test]
    async fn a_password_of_200_characters_with_another_last_letter_is_refused_sec_11() {
        let passwords = cheap(1, PasswordPool::default());
        let right = "é".repeat(199) + "a";
        let wrong = "é".repeat(199) + "b";
        let stored = passwords.hash(secret(&right)).await.expect("hashed");
        let check = |text| passwords.check(secret(text), Some(stored.clone()));
        assert_eq!(check(&right).await.expect("checked"), PasswordCheck::Right);
        assert_eq!(check(&wrong).await.expect("checked"), PasswordCheck::Wrong);
    }

    #[tokio::test]
    async fn composed_and_decomposed_letters_are_one_password_sec_11() {
        let passwords = cheap(1, PasswordPool::default());
        let stored = passwords
            .hash(secret("caf\u{e9} au lait"))
            .await
            .expect("hashed");
        let check = passwords.check(secret("cafe\u{301} au lait"), Some(stored));
        assert_eq!(check.await.expect("checked"), PasswordCheck::Right);
    }

    #[tokio::test]
    async fn a_hash_of_older_settings_is_right_but_outdated_sec_11() {
        let older = cheap(1, PasswordPool::default());
        let newer = cheap(2, PasswordPool::default());
        let stored = older.hash(secret("correct horse")).await.expect("hashed");
        let right = newer.check(secret("correct horse"), Some(stored.clone()));
        assert_eq!(
            right.await.expect("checked"),
            PasswordCheck::RightButOutdated
        );
        let wrong = newer.check(secret("correct house"), Some(stored));
        assert_eq!(wrong.await.expect("checked"), PasswordCheck::Wrong);
    }

    #[tokio::test]
    async fn nobody_has_a_password_sec_14() {
        let passwords = cheap(1, PasswordPool::default());
        let check = passwords.check(secret(""), None).await.expect("checked");
        assert_eq!(check, PasswordCheck::Wrong);
        let stored = phc::PasswordHash::new(&passwords.hasher.nobody).expect("a hash");
        assert!(
            passwords.hasher.is_current(&stored),
            "it costs what any other costs"
        );
    }

    #[tokio::test]
    async fn a_stored_hash_that_is_none_is_an_internal_failure_and_not_a_wrong_password() {
        let passwords = cheap(1, PasswordPool::default());
        let check = passwords.check(secret("x"), Some("plain".to_owned())).await;
        assert!(matches!(check, Err(Failure::Internal(_))));
    }

    #[tokio::test]
    async fn a_hash_is_the_one_that_the_library_makes() {
        let passwords = cheap(1, PasswordPool::default());
        let params = passwords.hasher.argon2.params.clone();
        let library = argon2::Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let theirs = library.hash_password(b"correct horse").expect("hashed");
        let check = passwords.check(secret("correct horse"), Some(theirs.to_string()));
        assert_eq!(check.await.expect("checked"), PasswordCheck::Right);
        let ours = passwords.hash(secret("correct horse")).await;
        let ours = phc::PasswordHash::new(&ours.expect("hashed")).expect("a hash");
        assert_eq!(library.verify_password(b"correct horse", &ours), Ok(()));
    }

    #[tokio::test]
    async fn a_full_queue_answers_unavailable_sec_13() {
        let pool = PasswordPool {
            at_once: 1,
            waiting: 0,
        };
        let passwords = cheap(1, pool);
        let busy = Arc::clone(&passwords.admitted)
            .try_acquire_owned()
            .expect("the only place");
        let refused = passwords.hash(secret("x")).await;
        assert!(matches!(refused, Err(Failure::Unavailable { .. })));
        drop(busy);
        assert!(passwords.hash(secret("x")).await.is_ok());
    }

    #[test]
    fn settings_below_the_floor_are_refused_sec_11() {
        let weak = |memory_kib, passes| {
            let settings = PasswordSettings {
                memory_kib,
                passes,
                lanes: 1,
            };
            Argon2Passwords::new(settings, PasswordPool::default()).err()
        };
        assert_eq!(weak(1024, 2), Some(SettingsError::Memory));
        assert_eq!(weak(19 * 1024, 1), Some(SettingsError::Passes));
    }

    #[tokio::test]
    async fn the_default_makes_argon2id_hashes_of_19_mib_sec_11() {
        let passwords = Argon2Passwords::new(PasswordSettings::default(), PasswordPool::default())
            .expect("the default is allowed");
        let stored = passwords
            .hash(secret("correct horse"))
            .await
            .expect("hashed");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(format!("{passwords:?}"), "Argon2Passwords");
    }
}
