//! A deadline around the body of a request: actix's own stops at the head, so a client that sends
//! its body a byte at a time would hold a connection for as long as it likes.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpMessage as _;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_core::Stream;
use tokio::time::{Instant, Sleep, sleep_until};

type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>>;

/// Whether the body of a request was still awaited when its time was up.
pub(crate) struct BodyDeadline(Rc<Cell<bool>>);

impl BodyDeadline {
    /// Gives the body of a request so much time from now on. A body that nobody reads is never
    /// late.
    pub(crate) fn around(request: &mut ServiceRequest, within: Duration) -> Self {
        let missed = Rc::new(Cell::new(false));
        let body = request.take_payload();
        if matches!(body, Payload::None) {
            return Self(missed);
        }
        let timed: Chunks = Box::pin(Timed {
            body,
            until: Instant::now() + within,
            timer: None,
            missed: Rc::clone(&missed),
        });
        request.set_payload(Payload::from(timed));
        Self(missed)
    }

    /// Whether its reader was told that it did not arrive in time.
    pub(crate) fn was_missed(&self) -> bool {
        self.0.get()
    }
}

struct Timed {
    body: Payload,
    until: Instant,
    /// Set once the body is waited for: most have arrived with their head.
    timer: Option<Pin<Box<Sleep>>>,
    missed: Rc<Cell<bool>>,
}

impl Stream for Timed {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Poll::Ready(chunk) = Pin::new(&mut self.body).poll_next(context) {
            return Poll::Ready(chunk);
        }
        let until = self.until;
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(until)));
        if timer.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.missed.set(true);
        let late = io::Error::from(io::ErrorKind::TimedOut);
        Poll::Ready(Some(Err(PayloadError::Incomplete(Some(late)))))
    }
}
