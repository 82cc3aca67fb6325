//! The worker that empties the outbox.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rollcall_application::Failure;
use rollcall_application::ports::{Clock, OutboxMail};
use tokio::sync::{Notify, watch};

use crate::{Delivery, DeliveryError, OutboxQueue};

/// How patiently mails are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxSettings {
    /// How often the outbox is looked at when nobody rings.
    pub interval: Duration,
    /// How long a mail is kept from other workers; longer than one delivery can take.
    pub lease: TimeDelta,
    /// How long to wait after the first failure; doubles with each further one.
    pub first_retry: TimeDelta,
    /// The longest wait between two tries.
    pub longest_retry: TimeDelta,
    /// How often a mail is tried before it is given up.
    pub tries: u32,
}

impl Default for OutboxSettings {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(2),
            lease: TimeDelta::minutes(5),
            first_retry: TimeDelta::seconds(30),
            longest_retry: TimeDelta::hours(1),
            tries: 12,
        }
    }
}

impl OutboxSettings {
    /// When a mail that was tried `attempts` times before and failed again is due; never, once it
    /// was tried often enough.
    #[must_use]
    pub fn retry_at(&self, attempts: u32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if attempts.saturating_add(1) >= self.tries {
            return None;
        }
        let doubled = 1_i32.checked_shl(attempts.min(30)).unwrap_or(i32::MAX);
        let wait = self
            .first_retry
            .checked_mul(doubled)
            .unwrap_or(self.longest_retry)
            .min(self.longest_retry);
        Some(now + wait)
    }
}

/// Takes mails out of the outbox one at a time and sends them. Any number of workers may run on
/// one outbox.
pub struct OutboxWorker {
    queue: Arc<dyn OutboxQueue>,
    delivery: Arc<dyn Delivery>,
    clock: Arc<dyn Clock>,
    settings: OutboxSettings,
    bell: Arc<Notify>,
}

impl OutboxWorker {
    /// A worker that sends what is in `queue` through `delivery`.
    #[must_use]
    pub fn new(
        queue: Arc<dyn OutboxQueue>,
        delivery: Arc<dyn Delivery>,
        clock: Arc<dyn Clock>,
        settings: OutboxSettings,
    ) -> Self {
        Self {
            queue,
            delivery,
            clock,
            settings,
            bell: Arc::default(),
        }
    }

    /// Rings when a mail was written, so that it leaves at once; it leaves within the interval
    /// anyway.
    #[must_use]
    pub fn bell(&self) -> Arc<Notify> {
        Arc::clone(&self.bell)
    }

    /// Sends until `stop` says so (or its sender is gone). A mail under way is finished, and the
    /// rest stays in the outbox.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            self.empty(&stop).await;
            tokio::select! {
                ended = stop.wait_for(|stopped| *stopped) => {
                    drop(ended);
                    return;
                }
                () = self.bell.notified() => {}
                () = tokio::time::sleep(self.settings.interval) => {}
            }
        }
    }

    /// Sends everything that is due now, unless told to stop.
    async fn empty(&self, stop: &watch::Receiver<bool>) {
        while !*stop.borrow() {
            match self.send_next().await {
                Ok(Step::Worked) => {}
                Ok(Step::Idle) => return,
                Err(Failure::Unavailable { .. }) => {
                    tracing::debug!("the outbox is busy; it is looked at again later");
                    return;
                }
                Err(failure) => {
                    let cause = std::error::Error::source(&failure).map(ToString::to_string);
                    tracing::error!(error = %failure, cause, "the outbox cannot be read");
                    return;
                }
            }
        }
    }

    /// Sends the next mail that is due, if there is one.
    pub(crate) async fn send_next(&self) -> Result<Step, Failure> {
        let now = self.clock.now();
        let Some(mail) = self.queue.lease(now, now + self.settings.lease).await? else {
            return Ok(Step::Idle);
        };
        if let Err(error) = self.delivery.deliver(&mail, now).await {
            self.note_failure(&mail, &error).await?;
            return Ok(Step::Worked);
        }
        self.queue.sent(mail.id).await?;
        tracing::info!(mail.id = %mail.id, org.id = %mail.organization, "mail sent");
        Ok(Step::Worked)
    }

    async fn note_failure(&self, mail: &OutboxMail, error: &DeliveryError) -> Result<(), Failure> {
        let retry_at = if error.is_final() {
            None
        } else {
            self.settings.retry_at(mail.attempts, self.clock.now())
        };
        self.queue.failed(mail.id, retry_at).await?;
        let (id, organization, tries) = (mail.id, mail.organization, mail.attempts + 1);
        if let Some(at) = retry_at {
            let at = at.to_rfc3339();
            tracing::warn!(
                mail.id = %id, org.id = %organization, mail.tries = tries, mail.retry_at = at,
                %error, "mail not sent; it is tried again"
            );
        } else {
            tracing::error!(
                mail.id = %id, org.id = %organization, mail.tries = tries, %error,
                "mail given up"
            );
        }
        Ok(())
    }
}

/// What the worker did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It sent a mail, or tried to.
    Worked,
    /// Nothing is due.
    Idle,
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;
    use rollcall_application::ports::OutgoingMail;
    use rollcall_domain::{Email, OrganizationId};
    use uuid::Uuid;

    use super::*;

    pub(crate) fn instant(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a valid instant")
    }

    pub(crate) fn mail(number: u128) -> OutboxMail {
        OutboxMail {
            id: Uuid::from_u128(number),
            organization: OrganizationId::from_u128(7),
            attempts: 0,
            mail: OutgoingMail {
                to: Email::parse("greetings@example.org").expect("an address"),
                subject: "You are invited".to_owned(),
                body: "Grüße!\n\nhttps://rollcall.example/accept?token=rci_0123456789012345678901234567890123456789\n".to_owned(),
            },
        }
    }

    struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> DateTime<Utc> {
            instant(0)
        }
    }

    type Failed = (Uuid, Option<DateTime<Utc>>);

    #[derive(Default)]
    struct Rows {
        due: Mutex<Vec<OutboxMail>>,
        sent: Mutex<Vec<Uuid>>,
        failed: Mutex<Vec<Failed>>,
    }

    impl Rows {
        fn of(mails: Vec<OutboxMail>) -> Arc<Self> {
            Arc::new(Self {
                due: Mutex::new(mails),
                ..Self::default()
            })
        }
    }

    #[async_trait]
    impl OutboxQueue for Rows {
        async fn lease(
            &self,
            now: DateTime<Utc>,
            leased_until: DateTime<Utc>,
        ) -> Result<Option<OutboxMail>, Failure> {
            assert!(leased_until > now);
            Ok(self.due.lock().expect("not poisoned").pop())
        }

        async fn sent(&self, id: Uuid) -> Result<(), Failure> {
            self.sent.lock().expect("not poisoned").push(id);
            Ok(())
        }

        async fn failed(&self, id: Uuid, retry_at: Option<DateTime<Utc>>) -> Result<(), Failure> {
            self.failed
                .lock()
                .expect("not poisoned")
                .push((id, retry_at));
            Ok(())
        }
    }

    /// Answers each delivery with the next verdict, then with success; tells when it delivered.
    #[derive(Default)]
    struct Scripted {
        verdicts: Mutex<Vec<DeliveryError>>,
        delivered: Notify,
    }

    #[async_trait]
    impl Delivery for Scripted {
        async fn deliver(&self, _: &OutboxMail, _: DateTime<Utc>) -> Result<(), DeliveryError> {
            self.delivered.notify_one();
            match self.verdicts.lock().expect("not poisoned").pop() {
                Some(error) => Err(error),
                None => Ok(()),
            }
        }
    }

    fn worker(rows: &Arc<Rows>, verdicts: Vec<DeliveryError>) -> (OutboxWorker, Arc<Scripted>) {
        let delivery = Arc::new(Scripted {
            verdicts: Mutex::new(verdicts),
            delivered: Notify::new(),
        });
        let queue: Arc<dyn OutboxQueue> = Arc::<Rows>::clone(rows);
        let way: Arc<dyn Delivery> = Arc::<Scripted>::clone(&delivery);
        let settings = OutboxSettings {
            interval: Duration::from_hours(1),
            ..OutboxSettings::default()
        };
        (
            OutboxWorker::new(queue, way, Arc::new(Stopped), settings),
            delivery,
        )
    }

    fn deferred() -> DeliveryError {
        DeliveryError::Deferred {
            reason: "it answered 452".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_mail_that_left_leaves_the_outbox() {
        let rows = Rows::of(vec![mail(1)]);
        let (worker, _) = worker(&rows, vec![]);
        assert_eq!(worker.send_next().await.expect("worked"), Step::Worked);
        assert_eq!(worker.send_next().await.expect("worked"), Step::Idle);
        assert_eq!(*rows.sent.lock().expect("not poisoned"), [mail(1).id]);
        assert!(rows.failed.lock().expect("not poisoned").is_empty());
    }

    #[tokio::test]
    async fn a_mail_that_failed_is_due_again_later_and_later_and_then_given_up() {
        let mut tired = mail(2);
        tired.attempts = 3;
        let mut last = mail(3);
        last.attempts = 11;
        let rows = Rows::of(vec![last, tired, mail(1)]);
        let (worker, _) = worker(&rows, vec![deferred(), deferred(), deferred()]);
        for _ in 0..3 {
            worker.send_next().await.expect("worked");
        }
        let expected = [
            (mail(1).id, Some(instant(30))),
            (mail(2).id, Some(instant(240))),
            (mail(3).id, None),
        ];
        assert_eq!(*rows.failed.lock().expect("not poisoned"), expected);
        assert!(rows.sent.lock().expect("not poisoned").is_empty());
    }

    #[tokio::test]
    async fn a_mail_that_can_never_leave_is_given_up_at_once() {
        let rows = Rows::of(vec![mail(1)]);
        let refused = DeliveryError::Refused {
            code: "550".to_owned(),
        };
        let (worker, _) = worker(&rows, vec![refused]);
        worker.send_next().await.expect("worked");
        assert_eq!(
            *rows.failed.lock().expect("not poisoned"),
            [(mail(1).id, None)]
        );
    }

    #[test]
    fn the_wait_between_two_tries_is_bounded() {
        let settings = OutboxSettings {
            tries: u32::MAX,
            ..OutboxSettings::default()
        };
        for attempts in [7, 31, 32, 1_000, u32::MAX - 2] {
            assert_eq!(
                settings.retry_at(attempts, instant(0)),
                Some(instant(3_600))
            );
        }
    }

    #[tokio::test]
    async fn the_bell_wakes_the_worker_and_stop_ends_it() {
        let rows = Rows::of(vec![mail(1)]);
        let (worker, delivery) = worker(&rows, vec![]);
        let bell = worker.bell();
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(worker.run(stopped));
        delivery.delivered.notified().await;

        rows.due.lock().expect("not poisoned").push(mail(2));
        bell.notify_one();
        delivery.delivered.notified().await;

        stop.send(true).expect("it listens");
        running.await.expect("it ended");
        assert_eq!(
            *rows.sent.lock().expect("not poisoned"),
            [mail(1).id, mail(2).id]
        );
    }
}
