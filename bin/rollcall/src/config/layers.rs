//! Where settings are written: file, environment, command line. The later wins.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use ::config::{Source, ValueKind};

use super::ConfigError;
use super::keys::{COMMAND_VARIABLES, Key};

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// In this file.
    File(PathBuf),
    /// In this environment variable.
    Environment(String),
    /// As this argument.
    Argument(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "in {}", path.display()),
            Self::Environment(variable) => write!(f, "in the environment variable {variable}"),
            Self::Argument(argument) => write!(f, "given as {argument}"),
        }
    }
}

/// A value as written. Never printed: it may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Written {
    /// One value.
    One(String),
    /// A list; only a file has them.
    List(Vec<String>),
}

/// What was written, by the name of the setting.
#[derive(Clone, Default)]
pub(crate) struct Layers {
    values: BTreeMap<&'static str, (Written, Origin)>,
}

impl Layers {
    /// What stands for a setting, and where.
    pub(crate) fn get(&self, key: &Key) -> Option<&(Written, Origin)> {
        self.values.get(key.name)
    }

    /// Puts a file's settings on top.
    pub(crate) fn add_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        // Opened once by hand: whether it is there and readable is another sentence than what is
        // wrong in it.
        let unreadable = |error: std::io::Error| ConfigError::Unreadable {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let file = ::config::File::from_str(&text, ::config::FileFormat::Toml);
        let table = file.collect().map_err(|error| not_toml(path, &error))?;
        self.add_table("", table, path)
    }

    fn add_table(
        &mut self,
        prefix: &str,
        table: ::config::Map<String, ::config::Value>,
        path: &Path,
    ) -> Result<(), ConfigError> {
        for (name, value) in table {
            let name = format!("{prefix}{name}");
            let origin = Origin::File(path.to_owned());
            match (Key::named(&name), value.kind) {
                (Some(key), value) => {
                    let written = written(value).ok_or_else(|| ConfigError::bad(key, &origin))?;
                    self.values.insert(key.name, (written, origin));
                }
                (None, ValueKind::Table(inner)) => {
                    self.add_table(&format!("{name}."), inner, path)?;
                }
                (None, _) => return Err(ConfigError::Unknown { name, origin }),
            }
        }
        Ok(())
    }

    /// Puts the environment's settings on top; variables that are not ours are passed over.
    pub(crate) fn add_environment(
        &mut self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        for (variable, value) in variables {
            if !variable.starts_with("ROLLCALL_") || COMMAND_VARIABLES.contains(&variable.as_str())
            {
                continue;
            }
            let origin = Origin::Environment(variable.clone());
            let Some(key) = Key::of_variable(&variable) else {
                return Err(ConfigError::Unknown {
                    name: variable,
                    origin,
                });
            };
            self.values.insert(key.name, (Written::One(value), origin));
        }
        Ok(())
    }

    /// Puts an argument on top, if it was given.
    pub(crate) fn add_argument(&mut self, name: &str, argument: &'static str, value: Option<&str>) {
        let (Some(key), Some(value)) = (Key::named(name), value) else {
            return;
        };
        let written = Written::One(value.to_owned());
        self.values
            .insert(key.name, (written, Origin::Argument(argument)));
    }
}

/// What is wrong in a file, without the line itself: it may hold a secret.
fn not_toml(path: &Path, error: &::config::ConfigError) -> ConfigError {
    let text = error.to_string();
    let mut lines = text.lines();
    let line = lines
        .find_map(|line| line.split("at line ").nth(1))
        .and_then(|rest| rest.split(',').next())
        .and_then(|number| number.trim().parse().ok());
    ConfigError::NotToml {
        path: path.to_owned(),
        line: line.unwrap_or(1),
        reason: text.lines().last().unwrap_or_default().trim().to_owned(),
    }
}

/// A value as text; tables and lists of lists are none.
fn written(value: ValueKind) -> Option<Written> {
    match value {
        ValueKind::Array(items) => items
            .into_iter()
            .map(|item| scalar(item.kind))
            .collect::<Option<_>>()
            .map(Written::List),
        value => scalar(value).map(Written::One),
    }
}

fn scalar(value: ValueKind) -> Option<String> {
    match value {
        ValueKind::String(text) => Some(text),
        ValueKind::I64(number) => Some(number.to_string()),
        ValueKind::Boolean(truth) => Some(truth.to_string()),
        _ => None,
    }
}
