//! Threads that work off a bounded queue of jobs: threads that block are what connections are.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use rollcall_application::Failure;
use rollcall_application::ports::StoreError;
use tokio::sync::oneshot;

/// A job and where its outcome goes.
pub(crate) struct Request<J> {
    pub(crate) job: J,
    pub(crate) turn: Turn,
    pub(crate) answer: oneshot::Sender<Result<(), Failure>>,
}

/// Whose turn it is, where whoever asked does not wait for ever: the thread that begins the job, or
/// whoever gave up waiting for that. One of them alone can take it.
#[derive(Clone, Default)]
pub(crate) struct Turn(Option<Arc<AtomicBool>>);

impl Turn {
    fn that_can_be_missed() -> Self {
        Self(Some(Arc::default()))
    }

    /// Takes the turn, unless the other one was first.
    pub(crate) fn take(&self) -> bool {
        let taken = |taken: &Arc<AtomicBool>| taken.swap(true, Ordering::AcqRel);
        !self.0.as_ref().is_some_and(taken)
    }
}

/// Threads that work off one bounded queue. Dropping them drains it and waits.
pub(crate) struct Workers<J> {
    queue: Option<Sender<Request<J>>>,
    threads: Vec<JoinHandle<()>>,
}

impl<J: Send + 'static> Workers<J> {
    /// Starts threads that work until the queue is closed and empty.
    pub(crate) fn start<W>(name: &str, bound: usize, threads: Vec<W>) -> std::io::Result<Self>
    where
        W: FnOnce(&Receiver<Request<J>>) + Send + 'static,
    {
        let (queue, requests) = crossbeam_channel::bounded(bound);
        let threads = threads
            .into_iter()
            .map(|work| {
                let requests = requests.clone();
                let thread = thread::Builder::new().name(name.to_owned());
                thread.spawn(move || work(&requests))
            })
            .collect::<std::io::Result<_>>()?;
        Ok(Self {
            queue: Some(queue),
            threads,
        })
    }

    /// Puts a job into the queue and waits for its outcome. A full queue refuses at once: waiting
    /// would only move the queue to where nobody bounds it (REL-12, REL-18).
    pub(crate) async fn run(&self, job: J) -> Result<(), Failure> {
        let outcome = self.put(job, Turn::default())?;
        outcome.await.unwrap_or_else(|_| Err(unavailable()))
    }

    /// The same, and a job whose turn has not come in time is not begun at all. Once begun, it is
    /// waited for: what became of it has to be known.
    pub(crate) async fn run_within(&self, patience: Duration, job: J) -> Result<(), Failure> {
        let turn = Turn::that_can_be_missed();
        let mut outcome = self.put(job, turn.clone())?;
        let ended = match tokio::time::timeout(patience, &mut outcome).await {
            Ok(ended) => ended,
            Err(_) if turn.take() => return Err(unavailable()),
            Err(_) => outcome.await,
        };
        ended.unwrap_or_else(|_| Err(unavailable()))
    }

    fn put(&self, job: J, turn: Turn) -> Result<oneshot::Receiver<Result<(), Failure>>, Failure> {
        let (answer, outcome) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or_else(unavailable)?;
        queue
            .try_send(Request { job, turn, answer })
            .map_err(|_| unavailable())?;
        Ok(outcome)
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

/// Turns a panic into a failure.
pub(crate) fn caught(job: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
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

/// The answer to whoever asks again later.
pub(crate) fn unavailable() -> Failure {
    StoreError::Unavailable.into()
}
