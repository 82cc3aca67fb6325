//! `rollcall serve`.

use std::net::TcpListener;
use std::process::ExitCode;

use anyhow::Context as _;
use rollcall_application::panel::operator::{self, StoredSecrets};
use rollcall_application::ports::StoreExt as _;
use rollcall_console::Console;
use rollcall_http::server::Endpoint;

use crate::config::{Config, MailSettings};
use crate::output::say;
use crate::service::Service;
use crate::{stop, wiring};

/// Runs the service until it is told to stop (REL-14).
///
/// # Errors
/// When it cannot start: the database, the key or the address.
pub(crate) async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let (endpoint, bound) = endpoint(&config)?;
    let services = wiring::services(&config, config.public_url(bound))?;
    let nobody = services
        .store
        .read(|tx| Ok(tx.organizations(1)?.is_empty()))
        .await?;
    tell_of_key(operator::try_key(&services).await?);
    let console = Console::new(services.clone(), config.http.access.clone());
    let link = nobody.then(|| console.set_up_link());
    let service = Service::start_with(&config, services.clone(), endpoint, console)?;
    say!(
        "Rollcall listens on {bound} and is reached at {}",
        services.public_url.as_str()
    );
    let version = env!("CARGO_PKG_VERSION");
    tracing::info!(version, address = %bound, "listening");
    if let MailSettings::Folder { path, .. } = &config.mail {
        let folder = path.display();
        tracing::warn!(%folder, "no smtp.host is set: mail is written into a folder");
    }
    if let Some(link) = link {
        say!(
            "There is no organization yet. Found one with: rollcall setup --organization NAME \
             --owner-email E-MAIL"
        );
        say!("Or open this one-time link in a browser: {}", link.expose());
    }
    service.run_until(stop::requested()).await?;
    Ok(ExitCode::SUCCESS)
}

/// Whoever cannot open what is stored still serves everybody who signs in with a password.
fn tell_of_key(secrets: StoredSecrets) {
    match secrets {
        StoredSecrets::Open => {}
        StoredSecrets::Shut => tracing::error!(
            "secret_key is not the one that the client secrets of login methods were sealed with: \
             give every node the same one; where it is lost, enter the client secrets again under \
             Settings > Login methods"
        ),
        StoredSecrets::KeyMissing => tracing::error!(
            "secret_key is not set, and client secrets of login methods are sealed in this \
             database: nobody signs in through them here. Set secret_key (ROLLCALL_SECRET_KEY) to \
             the one they were sealed with; where it is lost, set it to the output of \
             `openssl rand -base64 32` and enter the client secrets again under \
             Settings > Login methods"
        ),
    }
}

/// Port 0 is bound here, so that the public URL can name the port that the system chose.
fn endpoint(config: &Config) -> anyhow::Result<(Endpoint, std::net::SocketAddr)> {
    if config.listen.port() != 0 {
        return Ok((Endpoint::Addresses(vec![config.listen]), config.listen));
    }
    let listener = TcpListener::bind(config.listen)
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let bound = listener.local_addr()?;
    Ok((Endpoint::Listener(listener), bound))
}
