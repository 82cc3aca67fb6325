//! The Control Panel in the browser.
//!
//! Server-rendered pages over the same use cases as the panel's JSON API: a handler extracts,
//! calls a use case and renders a template. Everything works without scripts; what is served
//! comes from this program alone.

mod access;
mod accounts;
mod activity;
mod assets;
mod compatibility;
mod error;
mod export;
mod form;
mod gate;
mod invitations;
mod login_methods;
mod member_actions;
mod members;
mod params;
mod profile;
mod provisioning;
mod routes;
mod settings;
mod setup;
mod shell;
mod sign_in;
mod switching;
mod teams;
mod view;

use std::sync::{Arc, Mutex, PoisonError};

use rollcall_application::Services;
use rollcall_application::panel::access::AccessPolicy;
use rollcall_application::ports::{Digest, SecretText, TokenKind};

pub use error::failure_page;
pub use routes::configure;

/// What every page leans on, as `web::Data<Console>`.
#[derive(Clone)]
pub struct Console {
    pub(crate) services: Services,
    pub(crate) access: AccessPolicy,
    set_up: Arc<Mutex<Option<Digest>>>,
}

impl Console {
    /// Pages over these use cases.
    #[must_use]
    pub fn new(services: Services, access: AccessPolicy) -> Self {
        Self {
            services,
            access,
            set_up: Arc::default(),
        }
    }

    /// Opens the first-run page under a one-time link, for a service without an organization. The
    /// link dies with this process, and as soon as it was used.
    #[must_use]
    pub fn set_up_link(&self) -> SecretText {
        let token = self.services.tokens.mint(TokenKind::Invitation);
        let digest = self.services.tokens.digest(token.expose());
        *self.lock() = Some(digest);
        let url = self.services.public_url.as_str();
        SecretText::new(format!("{url}/setup/{}", token.expose()))
    }

    /// Whether this is the token of the open link.
    pub(crate) fn opens_set_up(&self, token: &str) -> bool {
        *self.lock() == Some(self.services.tokens.digest(token))
    }

    /// Takes the link away, so that two requests cannot both use it.
    pub(crate) fn take_set_up(&self, token: &str) -> Option<Digest> {
        let mut open = self.lock();
        if *open == Some(self.services.tokens.digest(token)) {
            open.take()
        } else {
            None
        }
    }

    /// Gives it back where nothing was founded.
    pub(crate) fn restore_set_up(&self, link: Digest) {
        *self.lock() = Some(link);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Digest>> {
        self.set_up.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
