//! `rollcall demo`: the product, told by itself. A throw-away organization, a server on this
//! machine, and a simulated Okta that drives it over real HTTP; every claim the story makes is
//! checked, and one that is false fails the command.

mod gist;
mod narrator;
mod panel;
mod seed;
mod story;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::ExitCode;

use anyhow::Context as _;
use rollcall_application::ports::SecretText;
use rollcall_http::server::Endpoint;

use crate::cli::DemoArguments;
use crate::output::say;
use crate::service::Service;
use crate::{logging, stop, wiring};

/// The port that is tried first.
const USUAL_PORT: u16 = 8080;

/// Where the story takes place, and who tells it.
pub(super) struct Stage {
    /// The address of the service.
    pub(super) url: String,
    /// The owner's e-mail.
    pub(super) email: String,
    /// The owner's password.
    pub(super) password: SecretText,
}

/// Runs the demonstration.
///
/// # Errors
/// When the server cannot start. A claim that is false is no error but a failed exit code.
pub(crate) async fn run(arguments: DemoArguments) -> anyhow::Result<ExitCode> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let listener = listener(arguments.port)?;
    let bound = listener.local_addr()?;
    let config = arguments.settings(folder.path(), bound)?;
    logging::start(&config.log)?;
    let services = wiring::services(&config, config.public_url(bound))?;
    let owner = seed::organization(&services).await?;
    let url = services.public_url.as_str().to_owned();
    let service = Service::start(&config, services, Endpoint::Listener(listener))?;
    let stage = Stage {
        url,
        email: owner.email,
        password: owner.password,
    };
    let telling = tokio::task::spawn_blocking(move || {
        let ending = story::tell(&stage);
        (stage, ending)
    });
    let (stage, ending) = tokio::select! {
        told = telling => told?,
        stopped = stop::requested() => {
            stopped?;
            service.stop().await;
            return Ok(ExitCode::FAILURE);
        }
    };
    let passed = match &ending {
        Ok(ending) => ending.tell(),
        Err(error) => {
            say!("\nThe story broke off: {error:#}");
            false
        }
    };
    if arguments.exit {
        service.stop().await;
    } else {
        invite_to_look(&stage, ending.as_ref().ok());
        service.run_until(stop::requested()).await?;
    }
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The asked-for port, or the usual one if it is free, or any.
fn listener(port: Option<u16>) -> anyhow::Result<TcpListener> {
    let on = |port| TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    match port {
        Some(port) => on(port).with_context(|| format!("cannot listen on port {port}")),
        None => on(USUAL_PORT)
            .or_else(|_| on(0))
            .context("cannot listen on any port"),
    }
}

fn invite_to_look(stage: &Stage, ending: Option<&story::Ending>) {
    say!();
    say!("The server is still running. Sign in:");
    say!("    URL        {}", stage.url);
    say!("    E-mail     {}", stage.email);
    say!("    Password   {}", stage.password.expose());
    say!(
        "For example, with the JSON API (its document: {}/api/v1/openapi.json):",
        stage.url
    );
    say!(
        "    curl -c jar -H 'Content-Type: application/json' {}/api/v1/session \\\n         -d \
         '{{\"email\":\"{}\",\"password\":\"{}\"}}'",
        stage.url,
        stage.email,
        stage.password.expose()
    );
    say!("    curl -b jar {}/api/v1/members", stage.url);
    if let Some(ending) = ending {
        say!("Or let Okta do everything it can, in both of its dialects:");
        say!(
            "    ROLLCALL_SECRET_TOKEN={} rollcall simulate okta --tenant-url {}",
            ending.secret_token,
            ending.tenant_url
        );
    }
    say!("Ctrl-C ends it, and nothing is left behind.");
}
