//! The doors: SCIM endpoints, the panel's JSON API, health. A handler extracts, calls a use case
//! and renders; no rules and no SQL here.
//!
//! [`server::serve`] runs everything; [`app`] is the same application for tests, and
//! [`configure`] its routes alone, without limits, log and headers.

pub mod address;
mod body_deadline;
mod envelope;
pub mod failures;
pub mod health;
pub mod panel;
mod rate;
pub mod request;
pub mod scim;
pub mod server;
mod settings;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, Error, HttpResponse, web};
use chrono::{DateTime, Duration, Utc};
use rollcall_application::Services;
use rollcall_domain::ConnectionId;

pub use rate::Rate;
pub use request::Request;
pub use settings::HttpSettings;

/// How exactly it is kept when a connection was last heard.
const HEARD_EVERY_SECONDS: i64 = 10;

/// Pages that another room serves beside the doors for programs.
#[derive(Clone)]
pub struct Pages {
    /// Registers them, on every worker.
    pub routes: Arc<dyn Fn(&mut web::ServiceConfig) + Send + Sync>,
    /// What a browser is shown where no handler answers: a status and a sentence, as a page.
    pub failure: fn(StatusCode, &str) -> HttpResponse,
}

/// What every handler leans on, as `web::Data<AppState>`.
#[derive(Clone)]
pub struct AppState {
    /// The ports of the use cases.
    pub services: Arc<Services>,
    /// Limits and who is trusted.
    pub settings: HttpSettings,
    pages: Option<Pages>,
    draining: Arc<AtomicBool>,
    heard: Arc<Mutex<HashMap<ConnectionId, DateTime<Utc>>>>,
    rates: Arc<rate::Buckets<ConnectionId>>,
}

impl AppState {
    /// A service that is open for business.
    #[must_use]
    pub fn new(services: Services, settings: HttpSettings) -> Self {
        Self {
            services: Arc::new(services),
            settings,
            pages: None,
            draining: Arc::new(AtomicBool::new(false)),
            heard: Arc::default(),
            rates: Arc::default(),
        }
    }

    /// Adds pages beside the doors of this room.
    #[must_use]
    pub fn with_pages(mut self, pages: Pages) -> Self {
        self.pages = Some(pages);
        self
    }

    /// What shows a failure as a page, where there are pages.
    pub(crate) fn failure_page(&self) -> Option<fn(StatusCode, &str) -> HttpResponse> {
        self.pages.as_ref().map(|pages| pages.failure)
    }

    /// Counts a request of a directory; the seconds to wait where there are too many.
    pub(crate) fn count_request(&self, connection: ConnectionId) -> Result<(), u32> {
        let Some(rate) = self.settings.scim_rate else {
            return Ok(());
        };
        self.rates.take(connection, rate, Instant::now())
    }

    /// Whether it is time to note that a connection was heard: a burst of requests is worth one
    /// write from here, not one each.
    pub(crate) fn is_due(&self, connection: ConnectionId) -> bool {
        let now = self.services.clock.now();
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |at: &DateTime<Utc>| now - *at < Duration::seconds(HEARD_EVERY_SECONDS);
        if heard.get(&connection).is_some_and(is_recent) {
            return false;
        }
        heard.insert(connection, now);
        true
    }

    /// Makes readiness answer 503 from now on, so that a load balancer sends nobody here any
    /// more; requests are still served (REL-14).
    pub fn begin_draining(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether the service is about to stop.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }
}

/// Every route, and what answers where there is none.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .configure(health::configure)
        .configure(scim::configure)
        .configure(panel::configure)
        .default_service(web::to(failures::no_such_route));
}

/// The whole application: routes within limits, request ids, log and security headers.
pub fn app(
    state: web::Data<AppState>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let pages = state.pages.clone();
    App::new()
        .app_data(state)
        .configure(configure)
        .configure(|config| {
            if let Some(pages) = pages {
                (pages.routes)(config);
            }
        })
        .wrap(Compress::default())
        .wrap(from_fn(envelope::envelope))
}
