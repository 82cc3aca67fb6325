//! Liveness and readiness.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::AppState;

/// A store that does not answer within this time counts as not ready (REL-11).
const READY_WITHIN: Duration = Duration::from_secs(2);

/// Adds `/health/live` and `/health/ready`.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/health/live", web::get().to(live))
        .route("/health/live", web::head().to(live))
        .route("/health/ready", web::get().to(ready))
        .route("/health/ready", web::head().to(ready));
}

/// The process runs; says nothing of the database, so that a restart is not tried where it
/// cannot help.
async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "live" }))
}

/// The service can do its work, and is not about to stop.
async fn ready(state: web::Data<AppState>) -> HttpResponse {
    if state.is_draining() {
        return HttpResponse::ServiceUnavailable().json(json!({ "status": "stopping" }));
    }
    match tokio::time::timeout(READY_WITHIN, state.services.store.ready()).await {
        Ok(Ok(())) => HttpResponse::Ok().json(json!({ "status": "ready" })),
        _ => HttpResponse::ServiceUnavailable().json(json!({ "status": "unavailable" })),
    }
}
