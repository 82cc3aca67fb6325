//! The server: listens, keeps to its limits, stops gracefully.

use std::io;
use std::net::{SocketAddr, TcpListener};

use actix_web::dev::Server;
use actix_web::{HttpServer, web};

use crate::{AppState, app};

/// Where to listen.
#[derive(Debug)]
pub enum Endpoint {
    /// On these addresses.
    Addresses(Vec<SocketAddr>),
    /// On a listener that is bound already, such as one on port 0 under test.
    Listener(TcpListener),
}

/// Starts serving. The future ends when the server has stopped; its handle stops it, letting
/// requests under way finish for as long as the settings allow (REL-14). Signals are the
/// caller's: tell [`AppState::begin_draining`] first.
///
/// # Errors
/// When an address cannot be listened on.
pub fn serve(state: AppState, endpoint: Endpoint) -> io::Result<Server> {
    let settings = state.settings.clone();
    let available = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = settings.workers.unwrap_or(available).max(1);
    let state = web::Data::new(state);
    let server = HttpServer::new(move || app(state.clone()))
        .workers(workers)
        .max_connections(settings.max_connections.div_ceil(workers))
        .client_request_timeout(settings.head_timeout)
        .client_disconnect_timeout(settings.disconnect_timeout)
        .keep_alive(settings.keep_alive)
        .shutdown_timeout(settings.shutdown_timeout.as_secs())
        .disable_signals();
    let server = match endpoint {
        Endpoint::Addresses(addresses) => server.bind(addresses.as_slice())?,
        Endpoint::Listener(listener) => server.listen(listener)?,
    };
    Ok(server.run())
}
