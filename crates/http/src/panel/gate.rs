//! What every request of the panel passes before its handler: where it comes from, who asks, and
//! whether the route's rule lets them (SEC-1). The use case asks its own rules again.

use std::future::{Ready, ready};

use actix_web::body::BoxBody;
use actix_web::dev::{self, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, ResponseError, web};
use rollcall_application::panel::access::authenticate;
use rollcall_application::{Caller, RequestInfo};
use rollcall_domain::rules::permissions::Permission;

use super::problem::Problem;
use super::{cookie, origin};
use crate::{AppState, Request};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody: what lets people in.
    Public,
    /// Whoever is signed in and has the permission.
    Needs(Permission),
}

/// The middleware of one route.
pub(super) async fn enter(
    access: Access,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match admit(access, &request).await {
        Ok(()) => next.call(request).await,
        Err(problem) => Ok(request.into_response(problem.error_response())),
    }
}

async fn admit(access: Access, request: &ServiceRequest) -> Result<(), Problem> {
    let state = request
        .app_data::<web::Data<AppState>>()
        .expect("the application is built with its state");
    let public_url = &state.services.public_url;
    origin::require_own(request.method(), request.headers(), public_url)?;
    let info = info(request, state);
    let Access::Needs(permission) = access else {
        request.extensions_mut().insert(Known(info, None));
        return Ok(());
    };
    let token = cookie::read(request.headers(), public_url);
    let token = token.ok_or_else(Problem::not_authenticated)?;
    let caller = authenticate(&state.services, &state.settings.access, token, info.clone()).await?;
    if let Some(known) = request.extensions().get::<Request>() {
        known.concerns(caller.organization);
    }
    if let Err(refused) = caller.require(permission) {
        tracing::info!(
            org.id = %caller.organization,
            member.id = %caller.member,
            http.route = request.match_pattern(),
            "a role did not permit a request"
        );
        return Err(refused.into());
    }
    request.extensions_mut().insert(Known(info, Some(caller)));
    Ok(())
}

/// The request as the envelope described it.
fn info(request: &ServiceRequest, state: &AppState) -> RequestInfo {
    let described = request.extensions().get::<Request>().map(Request::info);
    described.unwrap_or_else(|| RequestInfo {
        id: rollcall_domain::RequestId::new(state.services.ids.next()),
        ip: None,
        user_agent: None,
    })
}

/// What the gate found out.
struct Known(RequestInfo, Option<Caller>);

/// The signed-in member, for handlers behind a rule.
pub(super) struct SignedIn(pub(super) Caller);

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut dev::Payload) -> Self::Future {
        let extensions = request.extensions();
        let caller = extensions.get::<Known>().and_then(|known| known.1.clone());
        ready(caller.map(Self).ok_or_else(Problem::not_authenticated))
    }
}

/// The request's id and where it came from, for handlers that anybody may call.
pub(super) struct Visitor(pub(super) RequestInfo);

impl FromRequest for Visitor {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut dev::Payload) -> Self::Future {
        let extensions = request.extensions();
        let info = extensions.get::<Known>().map(|known| known.0.clone());
        ready(info.map(Self).ok_or_else(Problem::not_authenticated))
    }
}
