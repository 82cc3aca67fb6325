//! The running service: the server, the outbox worker and housekeeping, started and stopped
//! together.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use anyhow::Context as _;
use chrono::TimeDelta;
use rollcall_application::ports::StoreExt as _;
use rollcall_application::{Failure, Services};
use rollcall_console::Console;
use rollcall_http::server::{Endpoint, serve};
use rollcall_http::{AppState, Pages};
use rollcall_mail::{OutboxSettings, OutboxWorker, StoreQueue};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::{stop, wiring};

/// How often what is past its time is deleted.
const HOUSEKEEPING_INTERVAL: Duration = Duration::from_mins(10);

/// How much is deleted in one transaction, so that no writer waits for long.
const HOUSEKEEPING_BATCH: u32 = 1_000;

/// A service that runs.
pub(crate) struct Service {
    state: AppState,
    server: JoinHandle<io::Result<()>>,
    handle: ServerHandle,
    background: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

impl Service {
    /// Starts everything.
    ///
    /// # Errors
    /// When the address is taken, or mail cannot be set up.
    pub(crate) fn start(
        config: &Config,
        services: Services,
        endpoint: Endpoint,
    ) -> anyhow::Result<Self> {
        let console = Console::new(services.clone(), config.http.access.clone());
        Self::start_with(config, services, endpoint, console)
    }

    /// Starts everything, with pages that somebody else has prepared.
    ///
    /// # Errors
    /// When the address is taken, or mail cannot be set up.
    pub(crate) fn start_with(
        config: &Config,
        services: Services,
        endpoint: Endpoint,
        console: Console,
    ) -> anyhow::Result<Self> {
        let pages = Pages {
            routes: Arc::new(move |routes| rollcall_console::configure(&console, routes)),
            failure: rollcall_console::failure_page,
        };
        let state = AppState::new(services.clone(), config.http.clone()).with_pages(pages);
        let server = serve(state.clone(), endpoint)
            .with_context(|| format!("cannot listen on {}", config.listen))?;
        let handle = server.handle();
        let (stop, stopped) = watch::channel(false);
        let worker = OutboxWorker::new(
            Arc::new(StoreQueue::new(Arc::clone(&services.store))),
            wiring::delivery(&config.mail)?,
            Arc::clone(&services.clock),
            OutboxSettings::default(),
        );
        let mail = actix_web::rt::spawn(worker.run(stopped.clone()));
        let retention = config.activity_retention;
        let tidy = actix_web::rt::spawn(keep_house(services, retention, stopped));
        Ok(Self {
            state,
            server: actix_web::rt::spawn(server),
            handle,
            background: vec![mail, tidy],
            stop,
        })
    }

    /// Runs until `told` resolves, then stops: readiness answers 503, nobody new is let in,
    /// requests under way finish, and the mail under way is sent.
    ///
    /// # Errors
    /// When the server breaks, or signals cannot be listened to.
    pub(crate) async fn run_until(
        mut self,
        told: impl Future<Output = io::Result<&'static str>>,
    ) -> anyhow::Result<()> {
        tokio::select! {
            ended = &mut self.server => {
                ended.context("the server was aborted")?.context("the server broke")?;
            }
            reason = told => {
                let reason = reason.context("cannot listen to signals")?;
                tracing::info!(reason, "stopping: requests under way may finish");
                self.stop().await;
            }
        }
        Ok(())
    }

    /// Stops in order.
    pub(crate) async fn stop(self) {
        self.state.begin_draining();
        tokio::select! {
            () = self.handle.stop(true) => {}
            again = stop::requested() => {
                drop(again);
                tracing::warn!("told again to stop: requests under way are cut off");
                self.handle.stop(false).await;
            }
        }
        let _ = self.stop.send(true);
        for task in self.background {
            if let Err(error) = task.await {
                tracing::error!(%error, "a background task was aborted");
            }
        }
        tracing::info!("stopped");
    }
}

/// Deletes what is past its time, again and again.
async fn keep_house(
    services: Services,
    retention: Option<TimeDelta>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        match tidy(&services, retention, &stop).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "deleted what was past its time"),
            Err(error) => tracing::warn!(%error, "cannot delete what is past its time"),
        }
        tokio::select! {
            ended = stop.wait_for(|stopped| *stopped) => {
                drop(ended);
                return;
            }
            () = tokio::time::sleep(HOUSEKEEPING_INTERVAL) => {}
        }
    }
}

async fn tidy(
    services: &Services,
    retention: Option<TimeDelta>,
    stop: &watch::Receiver<bool>,
) -> Result<u64, Failure> {
    let now = services.clock.now();
    let before = retention.and_then(|kept| now.checked_sub_signed(kept));
    let mut rows = 0;
    while !*stop.borrow() {
        let purge = services
            .store
            .write(move |tx| Ok(tx.purge(now, before, HOUSEKEEPING_BATCH)?));
        match purge.await? {
            0 => break,
            some => rows += some,
        }
    }
    Ok(rows)
}
