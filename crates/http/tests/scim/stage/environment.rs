//! The ports a test needs: a clock that stands, ids that count, passwords that cost nothing, and
//! a store that slips when told to.

use std::collections::HashMap;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use rollcall_application::Failure;
use rollcall_application::ports::{
    Clock, Digest, Ids, PasswordCheck, PasswordHasher, ReadJob, SecretText, Store, StoreError,
    Supplies, TokenKind, Tokens, WriteJob,
};
use rollcall_storage::{Address, Options, PostgresStore, ServerOptions, SqliteStore};
use uuid::Uuid;

pub(crate) struct TestClock(Mutex<DateTime<Utc>>);

impl Default for TestClock {
    fn default() -> Self {
        let start = DateTime::from_timestamp(1_800_000_000, 0).expect("a valid instant");
        Self(Mutex::new(start))
    }
}

impl TestClock {
    pub(crate) fn advance(&self, by: Duration) {
        *self.0.lock().expect("nobody panics with it") += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().expect("nobody panics with it")
    }
}

#[derive(Default)]
pub(crate) struct CountingIds(AtomicU64);

impl Ids for CountingIds {
    fn next(&self) -> Uuid {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        Uuid::from_u128((0x0198_abcd_ef01_7000_8000 << 48) | u128::from(count))
    }
}

/// Tokens that count; the digest is told by a table, so nothing is guessed.
#[derive(Default)]
pub(crate) struct TestTokens {
    minted: AtomicU64,
    known: Mutex<HashMap<String, u64>>,
}

impl Tokens for TestTokens {
    fn mint(&self, _kind: TokenKind) -> SecretText {
        let count = self.minted.fetch_add(1, Ordering::Relaxed) + 1;
        SecretText::new(format!("rcst_TestToken{count:032}"))
    }

    fn digest(&self, token: &str) -> Digest {
        let mut known = self.known.lock().expect("nobody panics with it");
        let next = known.len() as u64 + 1;
        let number = *known.entry(token.to_owned()).or_insert(next);
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        Digest(bytes)
    }
}

pub(crate) struct PlainPasswords;

#[async_trait]
impl PasswordHasher for PlainPasswords {
    async fn hash(&self, password: SecretText) -> Result<String, Failure> {
        Ok(password.expose().to_owned())
    }

    async fn check(
        &self,
        password: SecretText,
        stored: Option<String>,
    ) -> Result<PasswordCheck, Failure> {
        Ok(if stored.as_deref() == Some(password.expose()) {
            PasswordCheck::Right
        } else {
            PasswordCheck::Wrong
        })
    }
}

type Interruption = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A store before whose next write something else happens first, or that cannot be reached.
pub(crate) struct SlipperyStore {
    inner: Arc<dyn Store>,
    interruption: Mutex<Option<Interruption>>,
    fails: AtomicBool,
}

impl SlipperyStore {
    pub(crate) fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            interruption: Mutex::new(None),
            fails: AtomicBool::new(false),
        }
    }

    pub(crate) fn interrupt(&self, interruption: Interruption) {
        *self.interruption.lock().expect("nobody panics with it") = Some(interruption);
    }

    pub(crate) fn fail(&self) {
        self.fails.store(true, Ordering::Relaxed);
    }

    fn check(&self) -> Result<(), StoreError> {
        if self.fails.load(Ordering::Relaxed) {
            Err(StoreError::Unavailable)
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl Store for SlipperyStore {
    async fn run_read(&self, job: ReadJob) -> Result<(), Failure> {
        self.check()?;
        self.inner.run_read(job).await
    }

    async fn run_write(&self, job: WriteJob) -> Result<(), Failure> {
        self.check()?;
        let interruption = self
            .interruption
            .lock()
            .expect("nobody panics with it")
            .take();
        if let Some(interruption) = interruption {
            interruption.await;
        }
        self.inner.run_write(job).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.check()?;
        self.inner.ready().await
    }
}

/// What stores write with, as the service wires them.
fn supplies(ids: Arc<dyn Ids>) -> Supplies {
    let documents = rollcall_scim_service::DOCUMENTS;
    Supplies { ids, documents }
}

/// A new database of a PostgreSQL server; none where there is no server.
pub(crate) fn open_server(ids: Arc<dyn Ids>) -> Option<Arc<dyn Store>> {
    let address = rollcall_testkit::postgres::new_database()?;
    let address = Address::parse(&address).expect("an address");
    let options = ServerOptions {
        readers: 2,
        writers: 1,
        ..ServerOptions::default()
    };
    let store = PostgresStore::open(&address, &options, supplies(ids)).expect("opens");
    Some(Arc::new(store))
}

pub(crate) fn open_store(folder: &Path, ids: Arc<dyn Ids>) -> Arc<dyn Store> {
    let path = folder.join("rollcall.db");
    let store = SqliteStore::open(&path, &Options::default(), supplies(ids)).expect("opens");
    Arc::new(store)
}
