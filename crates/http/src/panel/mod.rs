//! The panel's JSON API under `/api/v1`.

use actix_web::web;

/// Adds everything under `/api/v1`.
pub fn configure(_config: &mut web::ServiceConfig) {}
