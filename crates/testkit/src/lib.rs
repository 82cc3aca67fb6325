//! For tests only: a fixed clock, ids in sequence, secrets that are none, tenants to play with,
//! and the contract that every store must keep.
//!
//! A store is put under the contract by one line, which becomes one test for each promise:
//!
//! ```ignore
//! rollcall_testkit::store_contract!(open_store);
//! ```

#[expect(clippy::unwrap_used, reason = "a broken promise is a failing test")]
pub mod contract;
mod environment;
#[cfg(unix)]
pub mod postgres;
mod tenant;

pub use environment::{
    DOCUMENTS, FakeHasher, FakeProvider, FakeSealer, FakeTokens, FixedClock, SequentialIds,
    services, services_at, supplies,
};
pub use tenant::Tenant;
