//! From what was written to typed values.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use actix_web::http::Uri;
use rollcall_application::PublicUrl;

use rollcall_storage::Location;

use super::ConfigError;
use super::keys::Key;
use super::layers::{Layers, Written};

/// Reads settings by name; a value that cannot be read is refused in the setting's own words.
pub(super) struct Reader<'a> {
    layers: &'a Layers,
}

impl<'a> Reader<'a> {
    pub(super) fn new(layers: &'a Layers) -> Self {
        Self { layers }
    }

    /// One value, read by a function that answers none for what it cannot take.
    pub(super) fn with<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let key = key(name);
        let Some((written, origin)) = self.layers.get(key) else {
            return Ok(None);
        };
        let value = match written {
            Written::One(text) => read(text),
            Written::List(_) => None,
        };
        value.map(Some).ok_or_else(|| ConfigError::bad(key, origin))
    }

    /// A list; one text is split at its commas, which is how the environment writes lists.
    pub(super) fn list<T>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<Vec<T>>, ConfigError> {
        let key = key(name);
        let Some((written, origin)) = self.layers.get(key) else {
            return Ok(None);
        };
        let items: Vec<&str> = match written {
            Written::List(items) => items.iter().map(String::as_str).collect(),
            Written::One(text) => text
                .split(',')
                .filter(|item| !item.trim().is_empty())
                .collect(),
        };
        let values: Option<Vec<T>> = items.into_iter().map(|item| read(item.trim())).collect();
        values
            .map(Some)
            .ok_or_else(|| ConfigError::bad(key, origin))
    }

    pub(super) fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, ConfigError> {
        self.with(name, |text| text.trim().parse().ok())
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, ConfigError> {
        self.with(name, |text| {
            (!text.trim().is_empty()).then(|| text.to_owned())
        })
    }

    pub(super) fn path(&self, name: &str) -> Result<Option<PathBuf>, ConfigError> {
        Ok(self.text(name)?.map(PathBuf::from))
    }

    /// One of a few words.
    pub(super) fn one_of<T: Copy>(
        &self,
        name: &str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, ConfigError> {
        self.with(name, |text| {
            let found = words.iter().find(|(word, _)| *word == text.trim());
            found.map(|(_, value)| *value)
        })
    }

    /// The sentence for a setting that another one needs.
    #[expect(clippy::unused_self, reason = "reads as one of the reader's answers")]
    pub(super) fn missing(&self, name: &str, because: &'static str) -> ConfigError {
        let key = key(name);
        ConfigError::Missing {
            name: key.name,
            because,
            write: key.write,
        }
    }

    pub(super) fn place(&self) -> Result<Option<Location>, ConfigError> {
        self.with("database", |text| Location::parse(text.trim()))
    }

    /// The public URL, which is a must as soon as `listen` is open to other machines.
    pub(super) fn public_url(&self, listen: SocketAddr) -> Result<Option<PublicUrl>, ConfigError> {
        let insecure = [("true", true), ("false", false)];
        let insecure = self.one_of("insecure_http", &insecure)?.unwrap_or(false);
        let url = self.with("public_url", |text| public_url(text.trim(), insecure))?;
        if url.is_none() && !listen.ip().is_loopback() {
            return Err(self.missing("public_url", "listen is open to other machines"));
        }
        Ok(url)
    }
}

/// A setting that is in the list.
fn key(name: &str) -> &'static Key {
    Key::named(name).expect("the reader asks for settings of the list alone")
}

/// A number within bounds.
pub(super) fn numbers<T: FromStr + PartialOrd + Copy>(text: &str, least: T, most: T) -> Option<T> {
    let number: T = text.trim().parse().ok()?;
    (number >= least && number <= most).then_some(number)
}

/// A number of seconds within bounds.
pub(super) fn seconds(text: &str, least: u64, most: u64) -> Option<Duration> {
    numbers(text, least, most).map(Duration::from_secs)
}

fn public_url(text: &str, insecure: bool) -> Option<PublicUrl> {
    let uri: Uri = text.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let plain = uri.query().is_none() && !text.contains('#') && !authority.as_str().contains('@');
    let allowed = match scheme {
        "https" => true,
        "http" => insecure || is_this_machine(authority.host()),
        _ => false,
    };
    (plain && allowed && !authority.host().is_empty()).then(|| PublicUrl::new(text))
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => bare == "localhost" || bare.ends_with(".localhost"),
    }
}
