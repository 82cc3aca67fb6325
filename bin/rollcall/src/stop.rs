//! Being told to stop.

use std::io;

/// Waits for SIGTERM or SIGINT; says which one came.
///
/// # Errors
/// When signals cannot be listened to.
#[cfg(unix)]
pub(crate) async fn requested() -> io::Result<&'static str> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    })
}

/// Waits for Ctrl-C.
///
/// # Errors
/// When it cannot be listened to.
#[cfg(not(unix))]
pub(crate) async fn requested() -> io::Result<&'static str> {
    tokio::signal::ctrl_c().await.map(|()| "Ctrl-C")
}
