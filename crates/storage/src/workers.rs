//! The threads that work with the connections, as many as there are.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender};
use diesel::connection::SimpleConnection;
use diesel::result::QueryResult;
use rollcall_application::Failure;
use rollcall_application::ports::{ReadJob, StoreError, WriteJob};
use tokio::sync::oneshot;

use crate::pool::Connections;
use crate::tx::Tx;

/// How many jobs one commit carries at most.
const BATCH: usize = 256;

/// A job and where its outcome goes.
pub(crate) struct Request<J> {
    job: J,
    answer: oneshot::Sender<Result<(), Failure>>,
}

/// Threads that work off one bounded queue. Dropping them drains it and waits.
pub(crate) struct Workers<J> {
    queue: Option<Sender<Request<J>>>,
    threads: Vec<JoinHandle<()>>,
}

impl<J: Send + 'static> Workers<J> {
    /// Starts one thread for each connection.
    pub(crate) fn start(
        name: &str,
        bound: usize,
        connections: Connections,
        work: fn(&Connections, &Receiver<Request<J>>),
    ) -> std::io::Result<Self> {
        let (queue, requests) = crossbeam_channel::bounded(bound);
        let connections = Arc::new(connections);
        let mut threads = Vec::new();
        for _ in 0..connections.count() {
            let requests = requests.clone();
            let connections = Arc::clone(&connections);
            let thread = thread::Builder::new().name(name.to_owned());
            threads.push(thread.spawn(move || work(&connections, &requests))?);
        }
        Ok(Self {
            queue: Some(queue),
            threads,
        })
    }

    /// Puts a job into the queue and waits for its outcome. A full queue refuses at once: waiting
    /// would only move the queue to where nobody bounds it (REL-12, REL-18).
    pub(crate) async fn run(&self, job: J) -> Result<(), Failure> {
        let (answer, outcome) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or_else(unavailable)?;
        queue
            .try_send(Request { job, answer })
            .map_err(|_| unavailable())?;
        outcome.await.unwrap_or_else(|_| Err(unavailable()))
    }
}

impl<J> Drop for Workers<J> {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            // The last owner may be a job itself: a thread cannot wait for its own end.
            if thread.thread().id() != thread::current().id() && thread.join().is_err() {
                tracing::error!("a database thread ended by a panic");
            }
        }
    }
}

/// Runs read jobs, each on one snapshot.
pub(crate) fn read(connections: &Connections, requests: &Receiver<Request<ReadJob>>) {
    for Request { mut job, answer } in requests {
        let outcome = match connections.lease() {
            Ok(mut tx) => on_snapshot(&mut tx, &mut job),
            Err(error) => Err(error.into()),
        };
        // Whoever asked may have gone.
        let _ = answer.send(outcome);
    }
}

fn on_snapshot(tx: &mut Tx, job: &mut ReadJob) -> Result<(), Failure> {
    let outcome = match tx.connection.batch_execute("BEGIN DEFERRED") {
        Ok(()) => caught(|| job(tx)),
        Err(error) => Err(failed("a read could not begin", &error)),
    };
    // Nothing was written: ending it either way is the same.
    if let Err(error) = tx.connection.batch_execute("ROLLBACK") {
        tracing::warn!(%error, "a read did not end");
    }
    outcome
}

/// Runs write jobs: what is waiting shares one commit.
pub(crate) fn write(connections: &Connections, requests: &Receiver<Request<WriteJob>>) {
    while let Ok(first) = requests.recv() {
        let mut batch = vec![first];
        batch.extend(requests.try_iter().take(BATCH - 1));
        let outcomes = connections.lease().map_err(drop).and_then(|mut tx| {
            let outcomes = commit(&mut tx, &mut batch);
            if outcomes.is_err() {
                // It may have been rolled back already, by what went wrong.
                let _ = tx.connection.batch_execute("ROLLBACK");
            }
            outcomes
        });
        let mut outcomes = outcomes.unwrap_or_default().into_iter();
        for request in batch {
            let outcome = outcomes.next().unwrap_or_else(|| Err(unavailable()));
            let _ = request.answer.send(outcome);
        }
    }
}

/// Runs a batch in one transaction that takes the write lock at once (REL-5). An error is the
/// transaction's own: nothing of the batch is stored then.
fn commit(tx: &mut Tx, batch: &mut [Request<WriteJob>]) -> Result<Vec<Result<(), Failure>>, ()> {
    let told = |what: &'static str| {
        move |error: diesel::result::Error| {
            failed(what, &error);
        }
    };
    tx.connection
        .batch_execute("BEGIN IMMEDIATE")
        .map_err(told("writes could not begin"))?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for request in batch {
        let outcome = in_savepoint(tx, &mut request.job).map_err(told("a write was torn"))?;
        outcomes.push(outcome);
    }
    tx.connection
        .batch_execute("COMMIT")
        .map_err(told("writes could not be committed"))?;
    Ok(outcomes)
}

/// Runs one job so that its failure or panic takes back its own work and no other's.
fn in_savepoint(tx: &mut Tx, job: &mut WriteJob) -> QueryResult<Result<(), Failure>> {
    tx.connection.batch_execute("SAVEPOINT job")?;
    let outcome = caught(|| job(tx));
    if outcome.is_err() {
        tx.connection.batch_execute("ROLLBACK TO job")?;
    }
    // Fails when the database gave up the whole transaction by itself, as a full disk makes it.
    tx.connection.batch_execute("RELEASE job")?;
    Ok(outcome)
}

/// Turns a panic into a failure.
fn caught(job: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    catch_unwind(AssertUnwindSafe(job))
        .unwrap_or_else(|panic| Err(Failure::Internal(Box::new(Panicked(said(&*panic))))))
}

#[derive(Debug, thiserror::Error)]
#[error("a job panicked: {0}")]
struct Panicked(String);

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

fn failed(what: &str, error: &diesel::result::Error) -> Failure {
    tracing::error!(%error, "{what}");
    unavailable()
}

fn unavailable() -> Failure {
    StoreError::Unavailable.into()
}
