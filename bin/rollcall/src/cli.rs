//! The command line.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use actix_web::http::Uri;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{Config, ConfigError, Layers, file_to_read};

/// Members and teams of an organization, provisioned over SCIM 2.0 from its identity provider.
#[derive(Debug, Parser)]
#[command(name = "rollcall", version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where what was configured is found, for every command that uses it. Every other setting stands
/// in a file or the environment.
#[derive(Debug, Args)]
pub(crate) struct PlaceArguments {
    /// Configuration file [default: rollcall.toml, if it is there]
    #[arg(long, value_name = "FILE", env = "ROLLCALL_CONFIG")]
    config: Option<PathBuf>,
    /// Where the database, the key and undelivered mail live
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<String>,
    #[arg(
        long,
        value_name = "URL",
        help = "The database: sqlite:///var/lib/rollcall/rollcall.db or \
                postgres://rollcall@db.example.com/rollcall; a password is better told by \
                ROLLCALL_DATABASE than by an argument, which everybody on the machine can read"
    )]
    database: Option<String>,
}

/// How a command that runs on tells what happens.
#[derive(Debug, Args)]
pub(crate) struct LogArguments {
    /// How log lines are written: human or json
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// What is logged: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the product: a throw-away organization, provisioned by a simulated Okta
    Demo(DemoArguments),
    /// Run the service
    Serve(ServeArguments),
    /// Found an organization with its first owner
    Setup(SetupArguments),
    /// Make somebody an owner who can sign in
    GrantOwner(GrantArguments),
    /// Set a member's password and end their sessions
    ResetPassword(PersonArguments),
    /// Bring the database to this program's schema
    Migrate(PlaceArguments),
    /// Write a backup of a SQLite database, also while the service runs
    Backup(BackupArguments),
    /// Copy everything from one database to another, new one, of either engine
    Copy(CopyArguments),
    /// Drive any deployment as an identity provider would, and check its answers
    Simulate {
        /// Which identity provider
        #[command(subcommand)]
        provider: Provider,
    },
    /// Print the OpenAPI document of the panel's JSON API
    Openapi,
    /// List every setting, with its environment variable and default
    Config,
}

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub(crate) struct BackupArguments {
    /// The new file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// The address under which people and the identity provider reach the service
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
    #[command(flatten)]
    pub(crate) log: LogArguments,
}

/// Arguments of `setup`.
#[derive(Debug, Args)]
pub(crate) struct SetupArguments {
    /// Name of the organization
    #[arg(long, value_name = "NAME")]
    pub(crate) organization: String,
    /// E-mail of its first owner
    #[arg(long, value_name = "E-MAIL")]
    pub(crate) owner_email: String,
    /// Name of its first owner
    #[arg(long, value_name = "NAME")]
    pub(crate) owner_name: Option<String>,
    /// Found it although there is an organization already
    #[arg(long)]
    pub(crate) another: bool,
    #[command(flatten)]
    pub(crate) password: PasswordArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

/// Arguments of `grant-owner`.
#[derive(Debug, Args)]
pub(crate) struct GrantArguments {
    #[command(flatten)]
    pub(crate) person: PersonArguments,
    /// Name of the person, if new
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
}

/// Arguments of `copy`. A password is better told by the environment than by an argument, which
/// everybody on the machine can read.
#[derive(Debug, Args)]
pub(crate) struct CopyArguments {
    /// The database to copy from
    #[arg(
        long,
        value_name = "URL",
        env = "ROLLCALL_COPY_FROM",
        hide_env_values = true
    )]
    pub(crate) from: String,
    /// The new database to copy to
    #[arg(
        long,
        value_name = "URL",
        env = "ROLLCALL_COPY_TO",
        hide_env_values = true
    )]
    pub(crate) to: String,
}

/// Arguments of the commands about one person.
#[derive(Debug, Args)]
pub(crate) struct PersonArguments {
    #[command(flatten)]
    pub(crate) about: NameArguments,
    #[command(flatten)]
    pub(crate) password: PasswordArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

/// Who is meant.
#[derive(Debug, Args)]
pub(crate) struct NameArguments {
    /// E-mail of the person
    #[arg(long, value_name = "E-MAIL")]
    pub(crate) email: String,
    /// Id of the organization, where several could be meant
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<String>,
}

/// Where a password comes from.
#[derive(Debug, Args)]
pub(crate) struct PasswordArguments {
    #[arg(
        long,
        help = "Read the password from standard input, up to the end of the first line [default: \
                the environment variable ROLLCALL_OWNER_PASSWORD, else one is made and printed once]"
    )]
    pub(crate) password_stdin: bool,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// The port to listen on [default: 8080 if it is free, else any]
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
    /// End after the story instead of leaving the server running
    #[arg(long)]
    pub(crate) exit: bool,
    #[command(flatten)]
    pub(crate) log: LogArguments,
}

/// Identity providers that can be simulated.
#[derive(Debug, Subcommand)]
pub(crate) enum Provider {
    /// Okta
    Okta(OktaArguments),
    /// Microsoft Entra ID
    Entra(EntraArguments),
}

/// What an administrator copies from the panel.
#[derive(Debug, Args)]
pub(crate) struct TenantArguments {
    /// Tenant URL, as the panel shows it
    #[arg(long, value_name = "URL", env = "ROLLCALL_TENANT_URL", value_parser = tenant_url)]
    pub(crate) tenant_url: String,
    /// Secret Token, as the panel shows it once; better in the environment than in the list of
    /// processes
    #[arg(
        long,
        value_name = "TOKEN",
        env = "ROLLCALL_SECRET_TOKEN",
        hide_env_values = true
    )]
    pub(crate) token: String,
}

fn tenant_url(text: &str) -> Result<String, String> {
    let is_http = |url: &Uri| matches!(url.scheme_str(), Some("http" | "https"));
    match text.parse::<Uri>() {
        Ok(url) if is_http(&url) && url.host().is_some_and(|host| !host.is_empty()) => {
            Ok(text.to_owned())
        }
        _ => Err("it must be an https:// or http:// address, as the panel shows it".to_owned()),
    }
}

/// Arguments of `simulate okta`.
#[derive(Debug, Args)]
pub(crate) struct OktaArguments {
    #[command(flatten)]
    pub(crate) tenant: TenantArguments,
    /// Which kind of Okta application to be
    #[arg(long, value_enum, default_value_t = DialectChoice::Both)]
    pub(crate) dialect: DialectChoice,
}

/// Okta speaks SCIM in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DialectChoice {
    /// An application of the catalogue (Okta Integration Network)
    Oin,
    /// An application made by hand (App Integration Wizard)
    Aiw,
    /// One after the other
    Both,
}

/// Arguments of `simulate entra`.
#[derive(Debug, Args)]
pub(crate) struct EntraArguments {
    #[command(flatten)]
    pub(crate) tenant: TenantArguments,
    /// Whether the flag aadOptscim062020 stands behind the Tenant URL
    #[arg(long, value_enum, default_value_t = FlagChoice::Both)]
    pub(crate) flag: FlagChoice,
}

/// The flag changes how Entra writes a PATCH.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FlagChoice {
    /// Without the flag, as Entra does by itself
    Absent,
    /// With the flag
    Present,
    /// One after the other
    Both,
}

impl PlaceArguments {
    /// Reads the configuration: file, environment, arguments.
    ///
    /// # Errors
    /// [`ConfigError`], which is one sentence.
    pub(crate) fn load(self) -> Result<Config, ConfigError> {
        Config::from_layers(&self.layers()?)
    }

    fn layers(self) -> Result<Layers, ConfigError> {
        let mut layers = Layers::default();
        if let Some(file) = file_to_read(self.config) {
            layers.add_file(&file)?;
        }
        layers.add_environment(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))?;
        layers.add_argument("data_dir", "--data-dir", self.data_dir.as_deref());
        layers.add_argument("database", "--database", self.database.as_deref());
        Ok(layers)
    }
}

impl ServeArguments {
    /// Reads the configuration: file, environment, arguments.
    ///
    /// # Errors
    /// [`ConfigError`], which is one sentence.
    pub(crate) fn load(self) -> Result<Config, ConfigError> {
        let mut layers = self.place.layers()?;
        self.log.add_to(&mut layers);
        layers.add_argument("listen", "--listen", self.listen.as_deref());
        layers.add_argument("public_url", "--public-url", self.public_url.as_deref());
        Config::from_layers(&layers)
    }
}

impl LogArguments {
    fn add_to(&self, layers: &mut Layers) {
        layers.add_argument("log.format", "--log-format", self.log_format.as_deref());
        layers.add_argument("log.level", "--log-level", self.log_level.as_deref());
    }
}

impl DemoArguments {
    /// The configuration of the demonstration: nothing of this machine's but how to log, since
    /// what it shows must not touch what is real.
    ///
    /// # Errors
    /// [`ConfigError`], which is one sentence.
    pub(crate) fn settings(
        &self,
        folder: &Path,
        listen: SocketAddr,
    ) -> Result<Config, ConfigError> {
        let mut layers = Layers::default();
        let (folder, listen) = (folder.to_string_lossy(), listen.to_string());
        layers.add_argument("data_dir", "--data-dir", Some(&folder));
        layers.add_argument("listen", "--port", Some(&listen));
        let usual = self.log.log_level.is_none().then_some("warn");
        layers.add_argument("log.level", "--log-level", usual);
        self.log.add_to(&mut layers);
        Config::from_layers(&layers)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    /// An argument that is taken and does nothing is a lie.
    #[test]
    fn commands_take_the_settings_that_they_use_and_no_other() {
        let takes = |command: &clap::Command, name: &str| {
            command.get_arguments().any(|it| it.get_id() == name)
        };
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            let uses_a_database = [
                "serve",
                "setup",
                "grant-owner",
                "reset-password",
                "migrate",
                "backup",
            ];
            for setting in ["config", "data_dir", "database"] {
                let uses = uses_a_database.contains(&name);
                assert_eq!(takes(command, setting), uses, "{name} --{setting}");
            }
            for setting in ["log_format", "log_level"] {
                let logs = ["serve", "demo"].contains(&name);
                assert_eq!(takes(command, setting), logs, "{name} --{setting}");
            }
        }
    }
}
