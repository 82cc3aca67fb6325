//! Identity providers as clients over real HTTP.
//!
//! [`okta::Okta`] does what Okta does, in both of its dialects, and judges every answer;
//! [`entra::Entra`] is Microsoft Entra ID, with and without the flag of its modifications; a
//! [`recorded::Runner`] replays recorded exchanges. Both may be pointed at any SCIM 2.0 server: this
//! crate knows nothing of the members and teams behind it.
//!
//! ```
//! use rollcall_idp_simulator::http::{ScimClient, Token};
//! use rollcall_idp_simulator::observe::{Silent, Sleep, Step};
//! use rollcall_idp_simulator::okta::{App, Dialect, Okta, Profile};
//! use rollcall_idp_simulator::scenario;
//!
//! // By hand: one person, one act after another.
//! let client = ScimClient::new("http://127.0.0.1:1/scim/v2/acme", Token::new("secret"));
//! let mut okta = Okta::new(client.clone(), App::new(Dialect::Catalogue), Silent, Sleep);
//! let jane = okta.hire(Profile::new("Jane", "Doe", "Jane.Doe@example.com"));
//! let step: Step = okta.assign(&jane);
//! assert!(!step.ok(), "nobody listens on that port, and the step says so");
//! println!("{}: {:?}", step.title, step.findings);
//!
//! // Or all of it. The suffix makes the names unique, so that a live tenant is safe.
//! let print = |step: &Step| println!("{}", step.title);
//! let mut okta = Okta::new(client, App::new(Dialect::Wizard), print, Sleep);
//! let report = scenario::okta_everything(&mut okta, "2026-11-24");
//! assert!(!report.ok());
//! ```
//!
//! It must not depend on the crates of the product, log a token, or wait by itself: waiting goes
//! through [`observe::Pause`].

pub mod check;
pub mod entra;
pub mod http;
pub mod json_path;
pub mod observe;
pub mod okta;
pub mod recorded;
pub mod scenario;
pub mod seed;
