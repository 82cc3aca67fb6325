//! Use cases and the ports they need.
//!
//! One file is one use case is one public function: load, ask a rule of `rollcall-domain`, save
//! the [`rollcall_domain::Change`] it answers, in one `store.write(…)`. Ports are traits that
//! adapters fill: no SQL, HTTP, clock or randomness here.

mod caller;
pub mod directory;
pub mod export;
mod failure;
pub mod panel;
pub mod ports;
mod services;
mod stamp;

pub use caller::Caller;
pub use failure::{Failure, InvalidInput};
pub use services::{PublicUrl, Services};
pub use stamp::{RequestInfo, Stamp};
