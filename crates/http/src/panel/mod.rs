//! The panel's JSON API under `/api/v1`.
