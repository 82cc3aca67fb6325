//! The doors: SCIM endpoints, the panel's JSON API, health.
