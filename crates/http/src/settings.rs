//! What an operator may tune. The defaults are the limits the service is meant to run with.

use std::time::Duration;

use rollcall_application::panel::access::AccessPolicy;

use crate::address::Network;
use crate::rate::Rate;

/// Limits of the doors. Every one is refused in time and without reading on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSettings {
    /// The longest request target, in bytes (414 beyond).
    pub target_limit: usize,
    /// The longest request head: names and values of all header fields, in bytes (431 beyond).
    pub head_limit: usize,
    /// The longest body, in bytes (413 beyond).
    pub body_limit: usize,
    /// The longest body of a write to a SCIM group, whose members are listed, in bytes.
    pub group_body_limit: usize,
    /// How long a client may take to send the head.
    pub head_timeout: Duration,
    /// How long a client may take to send the body.
    pub body_timeout: Duration,
    /// How long a request may be worked on (503 beyond).
    pub handler_timeout: Duration,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
    /// How long a client may take to close its side.
    pub disconnect_timeout: Duration,
    /// Connections at once, over all workers.
    pub max_connections: usize,
    /// How long requests under way may finish once the service is told to stop.
    pub shutdown_timeout: Duration,
    /// Worker threads; as many as there are processors when absent.
    pub workers: Option<usize>,
    /// How often one directory may ask (429 beyond), counted on each node; as often as it likes
    /// when absent.
    pub scim_rate: Option<Rate>,
    /// Whose `X-Forwarded-For` and `Forwarded` are believed; nobody's by default.
    pub trusted_proxies: Vec<Network>,
    /// Sign-in limits and session lifetimes of the panel.
    pub access: AccessPolicy,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            target_limit: 8 * 1024,
            head_limit: 16 * 1024,
            body_limit: 1024 * 1024,
            group_body_limit: 32 * 1024 * 1024,
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            handler_timeout: Duration::from_secs(15),
            keep_alive: Duration::from_secs(75),
            disconnect_timeout: Duration::from_secs(5),
            max_connections: 10_000,
            shutdown_timeout: Duration::from_secs(20),
            workers: None,
            scim_rate: Some(Rate::USUAL),
            trusted_proxies: Vec::new(),
            access: AccessPolicy::default(),
        }
    }
}
