//! Support for the tests of the whole: the real binary, a signed-in panel client, and a directory's
//! client, all over real HTTP on loopback.

mod browser;
mod home;
mod panel;
mod server;

pub use browser::{Browser, Key};
pub use home::{Engine, Home};
pub use panel::{Answer, Panel};
pub use server::{PASSWORD, Provisioned, Server, binary};
