//! The doors: SCIM endpoints, the panel's JSON API, health. A handler extracts, calls a use case
//! and renders; no rules and no SQL here.

pub mod panel;
pub mod scim;
