//! Configuration: defaults, then a file, then the environment, then the command line. Whatever is
//! wrong is said in one sentence that names the setting and what to write.

mod keys;
mod layers;
mod read;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use chrono::TimeDelta;
use rollcall_application::PublicUrl;
use rollcall_application::panel::access::AccessPolicy;
use rollcall_application::ports::SecretText;
use rollcall_http::address::Network;
use rollcall_http::{HttpSettings, Rate};
use rollcall_mail::{Mailbox, SmtpCredentials, SmtpSettings, SmtpTls};
use rollcall_openid::{FetchSettings, PrivateAddresses};
use rollcall_secrets::{PasswordPool, PasswordSettings, SealingKey};
use rollcall_storage::{Address, Location, Options, ServerOptions, Synchronous};

pub(crate) use keys::{KEYS, Key};
pub(crate) use layers::{Layers, Origin};
use read::{Reader, numbers, seconds};

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "rollcall.toml";

/// What is logged when nothing is said: what happens to people and teams, without the web server's
/// own housekeeping.
const DEFAULT_LEVEL: &str = "info,actix_server=warn";

/// What is wrong with the configuration; each is one sentence.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A value is not acceptable.
    #[error("`{name}` ({origin}) must be {write}")]
    Bad {
        /// The setting.
        name: &'static str,
        /// Where it was written.
        origin: Origin,
        /// What to write.
        write: &'static str,
    },
    /// Nothing of that name exists.
    #[error("`{name}` ({origin}) is no setting; `rollcall config` lists every one")]
    Unknown {
        /// What was written.
        name: String,
        /// Where it was written.
        origin: Origin,
    },
    /// A setting that another one needs is missing.
    #[error("`{name}` must be set, since {because}; write {write}")]
    Missing {
        /// The setting.
        name: &'static str,
        /// Which other setting needs it.
        because: &'static str,
        /// What to write.
        write: &'static str,
    },
    /// The file cannot be read.
    #[error("cannot read the configuration file {path}: {reason}", path = path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file is no TOML.
    #[error("{path} is not TOML at line {line}: {reason}", path = path.display())]
    NotToml {
        /// Which file.
        path: PathBuf,
        /// Which line.
        line: usize,
        /// Why.
        reason: String,
    },
}

impl ConfigError {
    fn bad(key: &Key, origin: &Origin) -> Self {
        Self::Bad {
            name: key.name,
            origin: origin.clone(),
            write: key.write,
        }
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// For machines.
    Json,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogSettings {
    /// How.
    pub(crate) format: LogFormat,
    /// What, as a filter of `tracing-subscriber`.
    pub(crate) level: String,
}

/// Where mail goes.
#[derive(Debug, Clone)]
pub(crate) enum MailSettings {
    /// Into a folder.
    Folder {
        /// Which one.
        path: PathBuf,
        /// From whom.
        from: Mailbox,
    },
    /// To a server.
    Smtp(Box<SmtpSettings>),
}

/// The database, and how it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Database {
    /// A `SQLite` file.
    File(PathBuf, Options),
    /// A database on a PostgreSQL server.
    Server(Address, ServerOptions),
}

impl Database {
    /// The options that go with a place.
    pub(crate) fn of(place: Location, file: Options, server: ServerOptions) -> Self {
        match place {
            Location::File(path) => Self::File(path, file),
            Location::Server(address) => Self::Server(address, server),
        }
    }
}

/// Where it is; an address is shown without its password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, _) => write!(f, "{}", path.display()),
            Self::Server(address, _) => write!(f, "{address}"),
        }
    }
}

/// Everything that can be set, checked.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Where files live.
    pub(crate) data_dir: PathBuf,
    /// The database, and how it is served.
    pub(crate) database: Database,
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Where the service is reached, when that was written.
    public_url: Option<PublicUrl>,
    /// The key that secrets are sealed with, when that was written.
    pub(crate) secret_key: Option<SealingKey>,
    /// How identity providers are asked.
    pub(crate) identity_providers: FetchSettings,
    /// Logging.
    pub(crate) log: LogSettings,
    /// Mail.
    pub(crate) mail: MailSettings,
    /// The doors.
    pub(crate) http: HttpSettings,
    /// How costly a password hash is.
    pub(crate) passwords: PasswordSettings,
    /// How many at once.
    pub(crate) password_pool: PasswordPool,
    /// How long activity is kept; for ever when absent.
    pub(crate) activity_retention: Option<TimeDelta>,
}

impl Config {
    /// Checks what was written and fills in the defaults.
    pub(crate) fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        let read = Reader::new(layers);
        let data_dir = read.path("data_dir")?.unwrap_or_else(|| "./data".into());
        let listen = read
            .parsed("listen")?
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        Ok(Self {
            database: Database::of(
                read.place()?
                    .unwrap_or_else(|| Location::File(data_dir.join("rollcall.db"))),
                sqlite_options(&read)?,
                server_options(&read)?,
            ),
            public_url: read.public_url(listen)?,
            secret_key: read.with("secret_key", |text| SealingKey::parse(text).ok())?,
            identity_providers: identity_providers(&read)?,
            log: log_settings(&read)?,
            mail: mail_settings(&read, &data_dir)?,
            http: http_settings(&read)?,
            passwords: password_settings(&read)?,
            password_pool: password_pool(&read)?,
            activity_retention: read
                .with("activity.retention_days", |text| numbers(text, 0, 36_500))?
                .filter(|days| *days > 0)
                .map(TimeDelta::days),
            data_dir,
            listen,
        })
    }

    /// Where the service is reached, once it listens on `bound`.
    pub(crate) fn public_url(&self, bound: SocketAddr) -> PublicUrl {
        match &self.public_url {
            Some(url) => url.clone(),
            None => PublicUrl::new(&format!("http://{bound}")),
        }
    }

    /// The file in which a key may lie that is not written in the configuration.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.data_dir.join("secret.key")
    }
}

/// The file to read: the named one, or the usual one if it is there.
pub(crate) fn file_to_read(named: Option<PathBuf>) -> Option<PathBuf> {
    let usual = || Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists());
    named.or_else(usual)
}

fn identity_providers(read: &Reader<'_>) -> Result<FetchSettings, ConfigError> {
    let words = [
        ("true", PrivateAddresses::Allowed),
        ("false", PrivateAddresses::Refused),
    ];
    let usual = FetchSettings::default();
    let private = read.one_of("login.private_providers", &words)?;
    let timeout = read.with("login.timeout_seconds", |text| seconds(text, 1, 60))?;
    Ok(FetchSettings {
        private_addresses: private.unwrap_or_default(),
        timeout: timeout.unwrap_or(usual.timeout),
        ..usual
    })
}

fn sqlite_options(read: &Reader<'_>) -> Result<Options, ConfigError> {
    let usual = Options::default();
    let words = [("full", Synchronous::Full), ("normal", Synchronous::Normal)];
    let readers = read.with("sqlite.readers", |text| numbers(text, 1, 256))?;
    Ok(Options {
        synchronous: read
            .one_of("sqlite.synchronous", &words)?
            .unwrap_or_default(),
        readers: readers.unwrap_or(usual.readers),
        ..usual
    })
}

fn server_options(read: &Reader<'_>) -> Result<ServerOptions, ConfigError> {
    let usual = ServerOptions::default();
    let connections = |text: &str| numbers(text, 1, 256);
    Ok(ServerOptions {
        readers: read
            .with("postgres.readers", connections)?
            .unwrap_or(usual.readers),
        writers: read
            .with("postgres.writers", connections)?
            .unwrap_or(usual.writers),
        ..usual
    })
}

fn access_policy(read: &Reader<'_>) -> Result<AccessPolicy, ConfigError> {
    let usual = AccessPolicy::default();
    let minutes = |text: &str| numbers(text, 1, 525_600).map(TimeDelta::minutes);
    let attempts = |text: &str| numbers(text, 1, 1_000_000);
    Ok(AccessPolicy {
        attempts_per_account: read
            .with("access.attempts_per_account", attempts)?
            .unwrap_or(usual.attempts_per_account),
        attempts_per_address: read
            .with("access.attempts_per_address", attempts)?
            .unwrap_or(usual.attempts_per_address),
        window_seconds: read
            .with("access.window_seconds", |text| numbers(text, 10, 86_400))?
            .unwrap_or(usual.window_seconds),
        session_idle: read
            .with("access.session_idle_minutes", minutes)?
            .unwrap_or(usual.session_idle),
        session_lifetime: read
            .with("access.session_lifetime_minutes", minutes)?
            .unwrap_or(usual.session_lifetime),
        reset_lifetime: read
            .with("access.reset_lifetime_minutes", minutes)?
            .unwrap_or(usual.reset_lifetime),
    })
}

fn log_settings(read: &Reader<'_>) -> Result<LogSettings, ConfigError> {
    let formats = [("human", LogFormat::Human), ("json", LogFormat::Json)];
    let level = read.with("log.level", |text| {
        let usable = tracing_subscriber::EnvFilter::try_new(text).is_ok();
        (usable && !text.trim().is_empty()).then(|| text.to_owned())
    })?;
    Ok(LogSettings {
        format: read.one_of("log.format", &formats)?.unwrap_or_default(),
        level: level.unwrap_or_else(|| DEFAULT_LEVEL.to_owned()),
    })
}

fn mail_settings(
    read: &Reader<'_>,
    data_dir: &std::path::Path,
) -> Result<MailSettings, ConfigError> {
    let from: Option<Mailbox> = read.parsed("mail.from")?;
    let folder = read.path("mail.folder")?;
    let smtp = smtp_settings(read, from.clone())?;
    if let Some(smtp) = smtp {
        return Ok(MailSettings::Smtp(Box::new(smtp)));
    }
    let usual = "Rollcall <rollcall@localhost>";
    Ok(MailSettings::Folder {
        path: folder.unwrap_or_else(|| data_dir.join("mail")),
        from: match from {
            Some(from) => from,
            None => usual.parse().expect("a mailbox by its form"),
        },
    })
}

fn smtp_settings(
    read: &Reader<'_>,
    from: Option<Mailbox>,
) -> Result<Option<SmtpSettings>, ConfigError> {
    let modes = [
        ("implicit", SmtpTls::Implicit),
        ("starttls", SmtpTls::Starttls),
        ("off", SmtpTls::Off),
    ];
    let tls = read.one_of("smtp.tls", &modes)?.unwrap_or_default();
    let port = read.with("smtp.port", |text| numbers(text, 1, u16::MAX))?;
    let timeout = read.with("smtp.timeout_seconds", |text| seconds(text, 1, 120))?;
    let credentials = match (read.text("smtp.username")?, read.text("smtp.password")?) {
        (Some(username), Some(password)) => Some(SmtpCredentials {
            username,
            password: SecretText::new(password),
        }),
        (None, None) => None,
        (Some(_), None) => return Err(read.missing("smtp.password", "smtp.username is")),
        (None, Some(_)) => return Err(read.missing("smtp.username", "smtp.password is")),
    };
    let Some(host) = read.text("smtp.host")? else {
        return Ok(None);
    };
    let from = from.ok_or_else(|| read.missing("mail.from", "smtp.host is"))?;
    Ok(Some(SmtpSettings {
        host,
        port: port.unwrap_or_else(|| tls.default_port()),
        tls,
        credentials,
        timeout: timeout.unwrap_or(Duration::from_secs(15)),
        from,
    }))
}

fn http_settings(read: &Reader<'_>) -> Result<HttpSettings, ConfigError> {
    let usual = HttpSettings::default();
    let body = |text: &str| numbers(text, 65_536, 1_073_741_824);
    let proxies = read.list("trusted_proxies", |text| text.parse::<Network>().ok())?;
    Ok(HttpSettings {
        trusted_proxies: proxies.unwrap_or_default(),
        access: access_policy(read)?,
        workers: read.with("http.workers", |text| numbers(text, 1, 1_024))?,
        max_connections: read
            .with("http.max_connections", |text| numbers(text, 1, 1_000_000))?
            .unwrap_or(usual.max_connections),
        body_limit: read
            .with("http.body_limit", body)?
            .unwrap_or(usual.body_limit),
        group_body_limit: read
            .with("http.group_body_limit", body)?
            .unwrap_or(usual.group_body_limit),
        handler_timeout: read
            .with("http.handler_timeout_seconds", |text| seconds(text, 1, 600))?
            .unwrap_or(usual.handler_timeout),
        shutdown_timeout: read
            .with("http.shutdown_timeout_seconds", |text| {
                seconds(text, 0, 600)
            })?
            .unwrap_or(usual.shutdown_timeout),
        scim_rate: scim_rate(read)?,
        ..usual
    })
}

/// How often one directory may ask; as often as it likes when that was written as 0.
fn scim_rate(read: &Reader<'_>) -> Result<Option<Rate>, ConfigError> {
    let per_second = read.with("scim.requests_per_second", |text| {
        numbers(text, 0, 1_000_000)
    })?;
    let burst = read.with("scim.burst", |text| numbers(text, 1, 1_000_000))?;
    let rate = Rate {
        per_second: per_second.unwrap_or(Rate::USUAL.per_second),
        burst: burst.unwrap_or(Rate::USUAL.burst),
    };
    Ok(Some(rate).filter(|rate| rate.per_second > 0))
}

fn password_settings(read: &Reader<'_>) -> Result<PasswordSettings, ConfigError> {
    let usual = PasswordSettings::default();
    Ok(PasswordSettings {
        memory_kib: read
            .with("passwords.memory_kib", |text| {
                numbers(text, 19_456, 4_194_304)
            })?
            .unwrap_or(usual.memory_kib),
        passes: read
            .with("passwords.passes", |text| numbers(text, 2, 100))?
            .unwrap_or(usual.passes),
        lanes: usual.lanes,
    })
}

fn password_pool(read: &Reader<'_>) -> Result<PasswordPool, ConfigError> {
    let usual = PasswordPool::default();
    let at_once = read.with("passwords.at_once", |text| numbers(text, 1, 256))?;
    Ok(PasswordPool {
        at_once: at_once.unwrap_or(usual.at_once),
        ..usual
    })
}

#[cfg(test)]
mod tests;
