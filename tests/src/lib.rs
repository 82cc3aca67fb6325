//! Support for the tests of the whole: the real binary, a signed-in panel client, and a directory's
//! client, all over real HTTP on loopback.

mod browser;
mod forwarder;
mod home;
mod panel;
mod scim;
mod server;
mod visitor;

pub use browser::{Browser, Key};
pub use forwarder::Forwarder;
pub use home::{Engine, Home};
pub use panel::{Answer, Panel};
pub use scim::Scim;
pub use server::{PASSWORD, Provisioned, Server, binary};
pub use visitor::{Page, Visitor};
