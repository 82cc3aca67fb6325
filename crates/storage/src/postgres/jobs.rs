//! How jobs run on PostgreSQL: a thread and its connection, a transaction for each job.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use diesel::connection::SimpleConnection;
use diesel::result::{DatabaseErrorKind, Error};
use rollcall_application::Failure;
use rollcall_application::ports::{ReadJob, Supplies, WriteJob};
use rollcall_domain::Refusal;

use super::Tx;
use super::address::Address;
use super::errors::{Trouble, take_trouble};
use super::open::connect;
use super::tx::Kind;
use crate::workers::{Request, caught, unavailable};

/// How often a job is run again after another transaction was first.
const RETRIES: u32 = 3;
/// How long nobody tries to connect after it did not work: whoever asks is answered at once.
const PAUSE: Duration = Duration::from_millis(500);

/// A job that reads.
pub(crate) enum Reading {
    /// On one snapshot.
    Snapshot(ReadJob),
    /// On none: the server is not asked twice more to begin and to end one.
    Glance(ReadJob),
}

/// What all threads know of the server: when it could not be reached, unless one reached it since.
#[derive(Default)]
pub(crate) struct Reach(Mutex<Tries>);

#[derive(Default)]
struct Tries {
    failed_at: Option<Instant>,
    reached_at: Option<Instant>,
}

impl Reach {
    /// Whether somebody has just tried in vain.
    fn is_pausing(&self) -> bool {
        let failed_at = self.tries().failed_at;
        failed_at.is_some_and(|at| at.elapsed() < PAUSE)
    }

    fn reached(&self) {
        *self.tries() = Tries {
            failed_at: None,
            reached_at: Some(Instant::now()),
        };
    }

    /// Notes a try in vain, unless another one that began later was not.
    fn failed(&self, began: Instant) {
        let mut tries = self.tries();
        if tries.reached_at.is_none_or(|at| at < began) {
            tries.failed_at = Some(Instant::now());
        }
    }

    fn tries(&self) -> MutexGuard<'_, Tries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread's connection: opened when it is first needed and again when it broke.
pub(crate) struct Worker {
    address: Arc<Address>,
    supplies: Supplies,
    reach: Arc<Reach>,
    tx: Option<Tx>,
}

impl Worker {
    pub(crate) fn new(address: Arc<Address>, supplies: Supplies, reach: Arc<Reach>) -> Self {
        Self {
            address,
            supplies,
            reach,
            tx: None,
        }
    }

    /// Runs read jobs.
    pub(crate) fn read(mut self, requests: &Receiver<Request<Reading>>) {
        for Request { job, turn, answer } in requests {
            if !turn.take() {
                continue;
            }
            let outcome = match job {
                Reading::Snapshot(mut job) => self.run(Kind::Reading, |tx| job(tx)),
                Reading::Glance(mut job) => self.run(Kind::Glancing, |tx| job(tx)),
            };
            // Whoever asked may have gone.
            let _ = answer.send(outcome);
        }
    }

    /// Runs write jobs, each in a transaction of its own: they commit together where the server
    /// lets them.
    pub(crate) fn write(mut self, requests: &Receiver<Request<WriteJob>>) {
        for Request {
            mut job,
            turn,
            answer,
        } in requests
        {
            if !turn.take() {
                continue;
            }
            let outcome = self.run(Kind::Writing, |tx| job(tx));
            let _ = answer.send(outcome);
        }
    }

    /// Runs a job, again where another run may end otherwise.
    fn run(
        &mut self,
        kind: Kind,
        mut job: impl FnMut(&mut Tx) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (mut kind, mut retries, mut reconnected) = (kind, 0, false);
        loop {
            let end = self.once(kind, &mut job)?;
            match end {
                End::Done(outcome) => return outcome,
                End::ToBeAlone => kind = Kind::WritingAlone,
                End::Lost if !reconnected => reconnected = true,
                End::Lost => return Err(unavailable()),
                End::Overtaken(outcome) if retries == RETRIES => return outcome,
                End::Overtaken(_) => retries += 1,
            }
        }
    }

    /// Runs a job once. An error is one of getting a connection.
    fn once(
        &mut self,
        kind: Kind,
        job: &mut impl FnMut(&mut Tx) -> Result<(), Failure>,
    ) -> Result<End, Failure> {
        let tx = self.lease()?;
        let end = in_transaction(tx, kind, job);
        if matches!(end, End::Lost) {
            self.tx = None;
        }
        Ok(end)
    }

    fn lease(&mut self) -> Result<&mut Tx, Failure> {
        if self.tx.is_none() {
            if self.reach.is_pausing() {
                return Err(unavailable());
            }
            let began = Instant::now();
            let connection = connect(&self.address).map_err(|error| {
                self.reach.failed(began);
                tracing::error!(%error, "the database cannot be reached");
                unavailable()
            })?;
            self.reach.reached();
            self.tx = Some(Tx::new(connection, self.supplies.clone()));
        }
        self.tx.as_mut().ok_or_else(unavailable)
    }
}

/// How one run of a job ended.
enum End {
    /// It is committed, or it failed for good.
    Done(Result<(), Failure>),
    /// Another transaction was first.
    Overtaken(Result<(), Failure>),
    /// It has to be the only one that writes.
    ToBeAlone,
    /// The connection is gone, and the work with it.
    Lost,
}

fn in_transaction(
    tx: &mut Tx,
    kind: Kind,
    job: &mut impl FnMut(&mut Tx) -> Result<(), Failure>,
) -> End {
    let beginning = match kind {
        Kind::Glancing => return at_a_glance(tx, job),
        Kind::Reading => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        Kind::Writing | Kind::WritingAlone => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    };
    tx.begin(kind);
    let _ = take_trouble();
    if tx.connection.batch_execute(beginning).is_err() {
        return End::Lost;
    }
    let outcome = caught(|| job(tx));
    let trouble = take_trouble();
    if outcome.is_ok() && trouble.is_none() {
        return commit(tx);
    }
    if trouble == Some(Trouble::Lost) || tx.connection.batch_execute("ROLLBACK").is_err() {
        return End::Lost;
    }
    if tx.wants_to_be_alone {
        return End::ToBeAlone;
    }
    // A job that made light of a failed statement has not been done.
    let outcome = outcome.and_then(|()| Err(unavailable()));
    let overtaken = matches!(outcome, Err(Failure::Refused(Refusal::VersionConflict)));
    if kind != Kind::Reading && (overtaken || trouble == Some(Trouble::Failed)) {
        End::Overtaken(outcome)
    } else {
        End::Done(outcome)
    }
}

/// Runs a job that needs no transaction.
fn at_a_glance(tx: &mut Tx, job: &mut impl FnMut(&mut Tx) -> Result<(), Failure>) -> End {
    tx.begin(Kind::Glancing);
    let _ = take_trouble();
    let outcome = caught(|| job(tx));
    let Some(trouble) = take_trouble() else {
        return End::Done(outcome);
    };
    // Not every statement that fails since the connection is gone says so.
    if trouble == Trouble::Lost || tx.connection.batch_execute("SELECT 1").is_err() {
        return End::Lost;
    }
    // A job that made light of a failed statement has not been done.
    End::Done(outcome.and_then(|()| Err(unavailable())))
}

/// Commits. A connection that breaks here leaves open whether the work was stored, so that it must
/// not be done again: whoever asked is told to, and finds out.
fn commit(tx: &mut Tx) -> End {
    match tx.connection.batch_execute("COMMIT") {
        Ok(()) => End::Done(Ok(())),
        Err(Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _)) => {
            End::Overtaken(Err(unavailable()))
        }
        Err(error) => {
            tracing::error!(%error, "a write could not be committed");
            let _ = tx.connection.batch_execute("ROLLBACK");
            End::Done(Err(unavailable()))
        }
    }
}
