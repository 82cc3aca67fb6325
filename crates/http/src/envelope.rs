//! What surrounds every request: its id, the client's address, limits on the head, a deadline,
//! security headers and one line in the access log.

use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use rollcall_application::RequestInfo;
use rollcall_domain::RequestId;

use crate::address::client_address;
use crate::body_deadline::BodyDeadline;
use crate::failures::{answer, is_api, is_scim};
use crate::{AppState, HttpSettings, Request};

/// The header that names the request, here and in *Activity > Actions*.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest name of a client that is kept, in bytes.
const USER_AGENT_LIMIT: usize = 256;

/// The middleware.
pub(crate) async fn envelope(
    state: web::Data<AppState>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let exchange = Exchange::begin(&request, &state);
    if let Some((status, detail)) = head_too_large(&request, &state.settings) {
        let response = exchange.refuse(status, "too_large", detail);
        return Ok(request.into_response(response).map_into_right_body());
    }
    let deadline = deadline(&request, &state.settings);
    let body = BodyDeadline::around(&mut request, state.settings.body_timeout);
    let served = tokio::time::timeout(deadline, next.call(request)).await;
    // Whatever its reader made of a body that broke off, the client is told the truth.
    if body.was_missed() {
        let detail = "the body did not arrive in time";
        let response = exchange.refuse(StatusCode::REQUEST_TIMEOUT, "too_slow", detail);
        return Err(InternalError::from_response(detail, response).into());
    }
    match served {
        Ok(Ok(mut response)) => {
            let route = response.request().match_pattern();
            exchange.finish(route.as_deref(), response.response_mut());
            Ok(response.map_into_left_body())
        }
        Ok(Err(error)) => {
            let mut response = error.error_response();
            exchange.finish(None, &mut response);
            Err(InternalError::from_response(error, response).into())
        }
        Err(elapsed) => {
            let detail = "this took too long: try again";
            let status = StatusCode::SERVICE_UNAVAILABLE;
            let mut response = exchange.refuse(status, "unavailable", detail);
            let retry = HeaderValue::from_static("1");
            response.headers_mut().insert(header::RETRY_AFTER, retry);
            Err(InternalError::from_response(elapsed, response).into())
        }
    }
}

/// A request under way.
struct Exchange {
    known: Request,
    method: Method,
    path: String,
    /// What shows a failure to who asks for pages.
    page: Option<fn(StatusCode, &str) -> HttpResponse>,
    began: Instant,
}

impl Exchange {
    fn begin(request: &ServiceRequest, state: &AppState) -> Self {
        let known = Request::new(describe(request, state));
        request.extensions_mut().insert(known.clone());
        request.extensions_mut().insert(known.shared_info());
        Self {
            known,
            method: request.method().clone(),
            path: request.path().to_owned(),
            page: state.failure_page().filter(|_| wants_page(request)),
            began: Instant::now(),
        }
    }

    /// An answer that no handler gives, in the language of its door.
    fn refuse(&self, status: StatusCode, code: &str, detail: &str) -> HttpResponse {
        let mut response = match self.page {
            Some(page) => page(status, detail),
            None => answer(&self.path, status, code, detail),
        };
        self.finish(None, &mut response);
        response
    }

    /// What every answer leaves with: its headers and its line in the access log.
    fn finish<B>(&self, route: Option<&str>, response: &mut HttpResponse<B>) {
        decorate(response.headers_mut(), &self.known, &self.path);
        self.log(route, response.status());
    }

    /// One line a request: never the query, a token, an e-mail or the body (SEC-22, SEC-34).
    fn log(&self, route: Option<&str>, status: StatusCode) {
        let subject = self.known.subject();
        let organization = subject.organization.map(tracing::field::display);
        let connection = subject.connection.map(tracing::field::display);
        tracing::info!(
            http.method = %self.method,
            http.route = subject.route.or(route).unwrap_or("(none)"),
            http.status = status.as_u16(),
            duration_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            request.id = %self.known.id(),
            org.id = organization,
            connection.id = connection,
            "request served"
        );
    }
}

/// Whether a person looks at the answer: a browser asks for HTML, away from the doors for programs.
fn wants_page(request: &ServiceRequest) -> bool {
    let accepted = request.headers().get(header::ACCEPT);
    let html = accepted.is_some_and(|types| types.as_bytes().starts_with(b"text/html"));
    html && !is_scim(request.path()) && !is_api(request.path())
}

fn describe(request: &ServiceRequest, state: &AppState) -> RequestInfo {
    let peer = request.peer_addr().map(|socket| socket.ip());
    let ip = client_address(peer, request.headers(), &state.settings.trusted_proxies);
    let agent = request.headers().get(header::USER_AGENT);
    RequestInfo {
        id: RequestId::new(state.services.ids.next()),
        ip: ip.map(|address| address.to_string()),
        user_agent: agent.and_then(|value| value.to_str().ok()).map(shortened),
    }
}

/// Header values that are text are ASCII, so any byte is a boundary of a character.
fn shortened(agent: &str) -> String {
    agent.chars().take(USER_AGENT_LIMIT).collect()
}

fn head_too_large(
    request: &ServiceRequest,
    settings: &HttpSettings,
) -> Option<(StatusCode, &'static str)> {
    let target = request
        .uri()
        .path_and_query()
        .map_or(0, |t| t.as_str().len());
    if target > settings.target_limit {
        return Some((StatusCode::URI_TOO_LONG, "the address is too long"));
    }
    let headers = request.headers().iter();
    let size: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    (size > settings.head_limit).then_some((
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        "the request head is too large",
    ))
}

/// Who sends a body has the time for that beside the time of the work.
fn deadline(request: &ServiceRequest, settings: &HttpSettings) -> Duration {
    let headers = request.headers();
    let sends_body = headers.contains_key(header::CONTENT_LENGTH)
        || headers.contains_key(header::TRANSFER_ENCODING);
    let work = settings.handler_timeout;
    if sends_body || is_scim(request.path()) {
        // The SCIM door keeps the time of the work apart itself.
        work + settings.body_timeout
    } else {
        work
    }
}

/// Security headers for everything; data is never kept by a cache (ASVS V3.4, V14.3).
fn decorate(headers: &mut HeaderMap, known: &Request, path: &str) {
    let id = known.id().to_string();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    let mut default = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::REFERRER_POLICY, "no-referrer");
    if !path.starts_with("/assets/") {
        default(header::CACHE_CONTROL, "no-store");
    }
}
