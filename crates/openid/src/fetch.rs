//! The only part that speaks to the network: short, bounded, over TLS, to an address that was
//! looked at before it is connected to.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rollcall_domain::SignInFault;
use tokio::sync::Semaphore;
use ureq::http::{Request, Uri};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, config::Config};

use crate::address::{is_public, names_this_machine};

/// Whether identity providers at private addresses, this very machine included, may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PrivateAddresses {
    /// They are refused.
    #[default]
    Refused,
    /// They are asked: the provider is in the same network.
    Allowed,
}

/// The bounds of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchSettings {
    /// Private addresses.
    pub private_addresses: PrivateAddresses,
    /// How long one request may take, from the look-up of the name to the last byte.
    pub timeout: Duration,
    /// The largest answer that is read, in bytes.
    pub body_limit: u64,
    /// How many requests are under way at once.
    pub at_once: usize,
}

impl Default for FetchSettings {
    fn default() -> Self {
        Self {
            private_addresses: PrivateAddresses::Refused,
            timeout: Duration::from_secs(8),
            body_limit: 256 * 1024,
            at_once: 16,
        }
    }
}

/// An answer, whatever its status.
#[derive(Clone)]
pub struct Fetched {
    /// The status.
    pub status: u16,
    /// Where it would lead; redirects are never followed.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Fetched {
    // The body may hold a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetched")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// A request: its address has been judged by [`crate::address::Hosts`].
pub(crate) struct Ask {
    /// Where.
    pub(crate) uri: Uri,
    /// A form to post; a GET without one.
    pub(crate) form: Option<String>,
    /// The `Authorization` header.
    pub(crate) authorization: Option<String>,
}

impl Ask {
    /// A GET.
    pub(crate) fn get(uri: Uri) -> Self {
        Self {
            uri,
            form: None,
            authorization: None,
        }
    }
}

/// The client.
#[derive(Clone)]
pub(crate) struct Fetcher {
    agent: Agent,
    settings: FetchSettings,
    under_way: Arc<Semaphore>,
}

impl Fetcher {
    pub(crate) fn new(settings: FetchSettings) -> Self {
        let config = Config::builder()
            .timeout_global(Some(settings.timeout))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_response_header_size(16 * 1024)
            .max_idle_connections(4)
            // A proxy of the environment would connect where nobody looked.
            .proxy(None)
            .user_agent("rollcall")
            .build();
        let resolver = LookedAt {
            inner: DefaultResolver::default(),
            private: settings.private_addresses,
        };
        Self {
            agent: Agent::with_parts(config, DefaultConnector::default(), resolver),
            settings,
            under_way: Arc::new(Semaphore::new(settings.at_once)),
        }
    }

    /// Sends a request from a thread that may wait.
    pub(crate) async fn send(&self, ask: Ask) -> Result<Fetched, SignInFault> {
        let turn = Arc::clone(&self.under_way).acquire_owned();
        let turn = tokio::time::timeout(self.settings.timeout, turn).await;
        let Ok(Ok(turn)) = turn else {
            return Err(SignInFault::Unreachable);
        };
        let this = self.clone();
        let sent = tokio::task::spawn_blocking(move || {
            let answer = this.exchange(ask);
            drop(turn);
            answer
        });
        sent.await.unwrap_or(Err(SignInFault::Unreachable))
    }

    fn exchange(&self, ask: Ask) -> Result<Fetched, SignInFault> {
        let host = ask.uri.host().unwrap_or_default().to_owned();
        self.run(ask).map_err(|error| {
            tracing::warn!(server.address = %host, %error, "an identity provider did not answer");
            fault(&error)
        })
    }

    fn run(&self, ask: Ask) -> Result<Fetched, ureq::Error> {
        let mut request = Request::builder()
            .uri(ask.uri)
            .header("accept", "application/json");
        if let Some(authorization) = ask.authorization {
            request = request.header("authorization", authorization);
        }
        let mut answer = match ask.form {
            Some(form) => {
                let form_type = "application/x-www-form-urlencoded";
                let request = request.method("POST").header("content-type", form_type);
                self.agent.run(request.body(form)?)?
            }
            None => self.agent.run(request.body(())?)?,
        };
        let location = answer.headers().get("location");
        let location = location.and_then(|value| Some(value.to_str().ok()?.to_owned()));
        let body = answer.body_mut().with_config();
        Ok(Fetched {
            location,
            body: body.limit(self.settings.body_limit).read_to_vec()?,
            status: answer.status().as_u16(),
        })
    }
}

fn fault(error: &ureq::Error) -> SignInFault {
    match error {
        ureq::Error::BodyExceedsLimit(_) => SignInFault::Malformed,
        ureq::Error::Other(inner) if inner.is::<Refused>() => SignInFault::AddressRefused,
        _ => SignInFault::Unreachable,
    }
}

/// Resolves a name and looks at what it means; the connection goes to the very addresses that were
/// looked at, so a name that means something else a moment later is of no use.
#[derive(Debug)]
struct LookedAt {
    inner: DefaultResolver,
    private: PrivateAddresses,
}

/// A name means an address that is not asked.
#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("its address is private, and private addresses are not allowed")
    }
}

impl std::error::Error for Refused {}

impl Resolver for LookedAt {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let plain = uri.scheme_str() != Some("https");
        let machine = names_this_machine(uri.host().unwrap_or_default());
        for address in &found {
            let ip = address.ip();
            let allowed = is_public(ip) || self.private == PrivateAddresses::Allowed;
            if !allowed || (plain && !(machine && ip.is_loopback())) {
                return Err(ureq::Error::Other(Box::new(Refused)));
            }
        }
        Ok(found)
    }
}
