//! The panel's JSON API under `/api/v1`.
//!
//! [`routes::routes`] is the one table of what there is and who may use it: the router, the gate,
//! the OpenAPI document and the tests all read it. A handler extracts, calls a use case of
//! `rollcall_application::panel` and renders; every error is a problem (RFC 9457) with a stable
//! code.

mod activity;
mod body;
mod conditions;
mod cookie;
mod export;
mod gate;
mod invitations;
mod login_methods;
mod member_commands;
mod members;
mod openapi;
mod organization;
mod origin;
mod paging;
mod passwords;
mod problem;
mod profile;
mod provisioning;
pub mod routes;
mod session;
mod teams;
mod views;

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, ResponseError, guard, web};

pub use openapi::openapi_json;

use problem::Problem;
use routes::PanelRoute;

/// Adds everything under `/api/v1`.
pub fn configure(config: &mut web::ServiceConfig) {
    let mut by_path: BTreeMap<&'static str, Vec<PanelRoute>> = BTreeMap::new();
    let mut order = Vec::new();
    for route in routes::routes() {
        if !by_path.contains_key(route.path) {
            order.push(route.path);
        }
        by_path.entry(route.path).or_default().push(route);
    }
    for path in order {
        let routes = by_path.remove(path).unwrap_or_default();
        config.service(resource(path, routes));
    }
}

/// One address with its methods; any other is answered 405 with the list of them (RFC 9110
/// section 15.5.6).
fn resource(
    path: &'static str,
    routes: Vec<PanelRoute>,
) -> impl actix_web::dev::HttpServiceFactory {
    let allowed = allowed(&routes);
    let mut resource = web::resource(path);
    for route in routes {
        let access = route.access;
        let methods = guard::fn_guard(move |context| {
            let method = &context.head().method;
            *method == route.method || (*method == Method::HEAD && route.method == Method::GET)
        });
        let handler = (route.handler)()
            .guard(methods)
            .wrap(from_fn(move |request, next| {
                gate::enter(access, request, next)
            }));
        resource = resource.route(handler);
    }
    resource.default_service(web::to(move || {
        let allowed = allowed.clone();
        async move { method_not_allowed(allowed) }
    }))
}

fn allowed(routes: &[PanelRoute]) -> String {
    let mut names: Vec<&str> = routes.iter().map(|route| route.method.as_str()).collect();
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    names.join(", ")
}

fn method_not_allowed(allowed: String) -> HttpResponse {
    let mut response = Problem::method_not_allowed(&allowed).error_response();
    if let Ok(value) = allowed.try_into() {
        let allow = actix_web::http::header::ALLOW;
        response.headers_mut().insert(allow, value);
    }
    response
}
