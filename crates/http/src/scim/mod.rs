//! The SCIM endpoints under the Tenant URL.
//!
//! One handler takes everything under `/scim`, so that the order of checks is one function to
//! read: authentication, route and method, size, type, and then the work. Nothing of a body is
//! read before the token was checked.

mod accept;
mod bearer;
mod body;
mod respond;
mod route;

use std::time::Instant;

use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use rollcall_application::Failure;
use rollcall_application::directory::note_heard;
use rollcall_scim_service::{
    Change, Conditions, Reply, Request as Asked, ScimError, ScimFailure, ScimSession,
};

use crate::{AppState, Request};
use accept::MediaType;
use route::{Path, Route};

pub(crate) use respond::error_response;

/// Adds everything under `/scim`.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(web::scope("/scim").default_service(web::to(serve)));
}

async fn serve(
    state: web::Data<AppState>,
    request: HttpRequest,
    known: Request,
    payload: web::Payload,
) -> HttpResponse {
    let media = MediaType::accepted(request.headers());
    let answer = work(&state, &request, &known, payload).await;
    match answer {
        Ok(reply) => respond::reply(reply, media),
        Err(refused) => respond::refused(refused, media, &known),
    }
}

/// Why a request is not served.
enum Refused {
    /// No valid token; whether one was shown at all decides the challenge (RFC 6750 section 3).
    Unauthorized(ScimFailure, bearer::Shown),
    /// The method does not go with the address; these do.
    Method(&'static [Method]),
    /// Anything else.
    Failed(ScimFailure),
}

impl<E: Into<ScimFailure>> From<E> for Refused {
    fn from(error: E) -> Self {
        let failure = error.into();
        if failure.error.status == StatusCode::UNAUTHORIZED.as_u16() {
            Self::Unauthorized(failure, bearer::Shown::Token)
        } else {
            Self::Failed(failure)
        }
    }
}

async fn work(
    state: &web::Data<AppState>,
    request: &HttpRequest,
    known: &Request,
    payload: web::Payload,
) -> Result<Reply, Refused> {
    let path = Path::parse(request.path());
    known.follows(path.template());
    let session = bearer::admit(state, request, known, &path).await?;
    let counted = state.count_request(session.caller().connection);
    counted.map_err(|retry_after| Failure::TooMany { retry_after })?;
    let route = path.route()?;
    let method = request.method();
    let allowed = route.methods();
    if !allowed.is_empty() && !allowed.contains(method) {
        return Err(Refused::Method(allowed));
    }
    let settings = &state.settings;
    let body =
        if matches!(*method, Method::POST | Method::PUT | Method::PATCH) && route.reads_body() {
            body::read(request, payload, body::Limit::of(&route, settings)).await?
        } else {
            web::Bytes::new()
        };
    let headers = request.headers();
    let conditions = Conditions {
        if_match: text(headers, &header::IF_MATCH),
        if_none_match: text(headers, &header::IF_NONE_MATCH),
    };
    let change = Change {
        body: &body,
        query: request.query_string(),
        conditions,
    };
    let asked = Asked {
        query: request.query_string(),
        conditions,
    };
    let within = settings.handler_timeout;
    let answer = if route == Route::Bulk {
        // It stops by itself between two operations, and says how far it came.
        session.bulk(change, Instant::now() + within).await
    } else {
        let work = dispatch(&session, method, &route, change, asked);
        let answer = tokio::time::timeout(within, work).await;
        answer.unwrap_or_else(|_| Err(ScimFailure::unavailable(1)))
    };
    heard(state, &session);
    Ok(answer?)
}

async fn dispatch(
    session: &ScimSession,
    method: &Method,
    route: &Route,
    change: Change<'_>,
    asked: Asked<'_>,
) -> Result<Reply, ScimFailure> {
    match (route, method.as_str()) {
        (Route::Discovery(wanted), _) => session.discover(wanted.as_discovery(), change.query),
        (Route::Root, _) => session.list_all(asked).await,
        (Route::SearchRoot, _) => session.search_all(change).await,
        (Route::Users, "POST") => session.create_user(change).await,
        (Route::Users, _) => session.list_users(asked).await,
        (Route::SearchUsers, _) => session.search_users(change).await,
        (Route::User(id), "PUT") => session.replace_user(id, change).await,
        (Route::User(id), "PATCH") => session.modify_user(id, change).await,
        (Route::User(id), "DELETE") => session.delete_user(id, change).await,
        (Route::User(id), _) => session.get_user(id, asked).await,
        (Route::Groups, "POST") => session.create_group(change).await,
        (Route::Groups, _) => session.list_groups(asked).await,
        (Route::SearchGroups, _) => session.search_groups(change).await,
        (Route::Group(id), "PUT") => session.replace_group(id, change).await,
        (Route::Group(id), "PATCH") => session.modify_group(id, change).await,
        (Route::Group(id), "DELETE") => session.delete_group(id, change).await,
        (Route::Group(id), _) => session.get_group(id, asked).await,
        (Route::Bulk, _) => session.bulk(change, Instant::now()).await,
        // Not 404, which makes some clients create everything anew (P-42, P-3.11-01, P-3.7-01).
        (Route::Unsupported(what), _) => Err(ScimError::with_status(
            StatusCode::NOT_IMPLEMENTED.as_u16(),
            format!("{what} is not supported"),
        )
        .into()),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Notes, after the answer and beside it, that the directory was heard.
fn heard(state: &web::Data<AppState>, session: &ScimSession) {
    // The first request after turning on is always noted: somebody is waiting to see it.
    let waited_for = session.caller().last_heard_at.is_none();
    if !state.is_due(session.caller().connection) && !waited_for {
        return;
    }
    let (services, caller) = (state.services.clone(), session.caller().clone());
    actix_web::rt::spawn(async move {
        if let Err(failure) = note_heard(&services, &caller).await {
            tracing::debug!(error = %failure, "cannot note when a directory was heard");
        }
    });
}
