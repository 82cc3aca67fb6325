//! The simulator against a small server that can be made to misbehave: a check that cannot fail is
//! worth nothing.

#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod entra;
mod fake;
mod faults;
mod journeys;
mod stories;
