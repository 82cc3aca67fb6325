//! The database, as jobs over one transaction each.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::Failure;
use crate::ports::{
    ActivityReads, ActivityWrites, ConnectionReads, ConnectionWrites, CredentialReads,
    CredentialWrites, MemberReads, MemberWrites, OrganizationReads, OrganizationWrites,
    OutboxWrites, SignOnReads, SignOnWrites, TeamReads, TeamWrites, UnscopedReads, UnscopedWrites,
};

/// What a store can answer instead of a value.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another member of the organization has the login key.
    #[error("the login key is taken")]
    LoginKeyTaken,
    /// Another team of the namespace has the name.
    #[error("the team name is taken")]
    TeamNameTaken,
    /// Another live object of the connection has the `externalId`.
    #[error("the externalId is taken")]
    ExternalIdTaken,
    /// The stored version is no longer the one that was read, or the object is gone.
    #[error("the version moved on")]
    VersionConflict,
    /// Busy, full, or not reachable: the same job may succeed later.
    #[error("the store is unavailable")]
    Unavailable,
    /// Anything else.
    #[error("the store failed")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Everything that can be read in a transaction. Every method takes the organization, but for
/// those of [`UnscopedReads`].
pub trait ReadTx:
    OrganizationReads
    + ConnectionReads
    + MemberReads
    + TeamReads
    + ActivityReads
    + CredentialReads
    + SignOnReads
    + UnscopedReads
{
}

impl<T> ReadTx for T where
    T: OrganizationReads
        + ConnectionReads
        + MemberReads
        + TeamReads
        + ActivityReads
        + CredentialReads
        + SignOnReads
        + UnscopedReads
{
}

/// Everything that can be written in a transaction.
pub trait WriteTx:
    ReadTx
    + OrganizationWrites
    + ConnectionWrites
    + MemberWrites
    + TeamWrites
    + ActivityWrites
    + CredentialWrites
    + OutboxWrites
    + SignOnWrites
    + UnscopedWrites
{
}

impl<T> WriteTx for T where
    T: ReadTx
        + OrganizationWrites
        + ConnectionWrites
        + MemberWrites
        + TeamWrites
        + ActivityWrites
        + CredentialWrites
        + OutboxWrites
        + SignOnWrites
        + UnscopedWrites
{
}

/// Work inside one transaction. It may run more than once (a serialization failure is retried as
/// a unit), so it keeps nothing from one run to the next; `Err` rolls everything back.
pub type Job<Tx> = Box<dyn FnMut(&mut Tx) -> Result<(), Failure> + Send>;

/// A job that only reads.
pub type ReadJob = Job<dyn ReadTx>;

/// A job that writes; once the answer is `Ok` the work is durable.
pub type WriteJob = Job<dyn WriteTx>;

/// The database. Use it through [`StoreExt`].
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Runs a job on one snapshot.
    async fn run_read(&self, job: ReadJob) -> Result<(), Failure>;

    /// Runs a job that looks at a few rows by their keys. Each statement sees what is committed when
    /// it is asked, and no two of them need see the same: to open a snapshot around them and to end it
    /// costs as much as they do. A store that answers such a job in microseconds may run it where it
    /// is asked: handing it to another thread and waiting for the answer costs several times as much.
    async fn run_glance(&self, job: ReadJob) -> Result<(), Failure> {
        self.run_read(job).await
    }

    /// Runs a job in one transaction: all of it and durable, or none of it. Dropping the future
    /// neither tears nor stops a job that has begun.
    async fn run_write(&self, job: WriteJob) -> Result<(), Failure>;

    /// Answers at once whether the database can be reached, for readiness.
    async fn ready(&self) -> Result<(), StoreError>;
}

/// Jobs with an answer.
#[async_trait]
pub trait StoreExt {
    /// Runs a job on one snapshot and returns its answer.
    async fn read<T, F>(&self, job: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnMut(&mut dyn ReadTx) -> Result<T, Failure> + Send + 'static;

    /// Runs a job that looks at a few rows by their keys, on no snapshot, and returns its answer.
    async fn glance<T, F>(&self, job: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnMut(&mut dyn ReadTx) -> Result<T, Failure> + Send + 'static;

    /// Runs a job in one transaction and returns its answer.
    async fn write<T, F>(&self, job: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnMut(&mut dyn WriteTx) -> Result<T, Failure> + Send + 'static;
}

#[async_trait]
impl<S: Store + ?Sized> StoreExt for S {
    async fn read<T, F>(&self, mut job: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnMut(&mut dyn ReadTx) -> Result<T, Failure> + Send + 'static,
    {
        let answer = Answer::default();
        let slot = answer.clone();
        self.run_read(Box::new(move |tx| job(tx).map(|value| slot.put(value))))
            .await?;
        Ok(answer.take())
    }

    async fn glance<T, F>(&self, mut job: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnMut(&mut dyn ReadTx) -> Result<T, Failure> + Send + 'static,
    {
        let answer = Answer::default();
        let slot = answer.clone();
        self.run_glance(Box::new(move |tx| job(tx).map(|value| slot.put(value))))
            .await?;
        Ok(answer.take())
    }

    async fn write<T, F>(&self, mut job: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnMut(&mut dyn WriteTx) -> Result<T, Failure> + Send + 'static,
    {
        let answer = Answer::default();
        let slot = answer.clone();
        self.run_write(Box::new(move |tx| job(tx).map(|value| slot.put(value))))
            .await?;
        Ok(answer.take())
    }
}

/// Carries a job's answer out of the thread it ran on.
struct Answer<T>(Arc<Mutex<Option<T>>>);

impl<T> Default for Answer<T> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(None)))
    }
}

impl<T> Clone for Answer<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Answer<T> {
    fn put(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }

    fn take(&self) -> T {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.take()
            .expect("a store answers Ok only after the job ran and put its answer")
    }
}
