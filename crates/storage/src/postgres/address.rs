//! Where a PostgreSQL database is, told without its password.

use std::fmt;

/// What is asked of every connection unless the address says otherwise: bounded waits for a server
/// that is gone, and the one that takes writes where several hosts are named.
const DEFAULTS: [(&str, &str); 7] = [
    ("connect_timeout", "3"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "15000"),
    ("target_session_attrs", "read-write"),
    ("application_name", "rollcall"),
];

/// The address of a database on a PostgreSQL server, as a URI
/// (`postgres://user:password@host:5432/name?sslmode=require`). What shows it leaves out the
/// password and the parameters (SEC-22).
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    complete: String,
    shown: String,
}

impl Address {
    /// Takes an address that begins with `postgres://` or `postgresql://`; answers nothing for
    /// anything else. Whether it leads anywhere is found out when it is used.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text
            .strip_prefix("postgres://")
            .or_else(|| text.strip_prefix("postgresql://"))?;
        let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        // A password may hold an `@`, however it should be written; a host cannot.
        let (person, place) = place.rsplit_once('@').unwrap_or(("", place));
        let user = person.split(':').next().unwrap_or_default();
        let at = if user.is_empty() { "" } else { "@" };
        let mut complete = text.to_owned();
        for (name, value) in DEFAULTS {
            let given = parameters.split('&').any(|parameter| {
                let given = parameter.split('=').next().unwrap_or_default();
                given == name
            });
            if !given {
                complete.push(if complete.contains('?') { '&' } else { '?' });
                complete.push_str(name);
                complete.push('=');
                complete.push_str(value);
            }
        }
        Some(Self {
            complete,
            shown: format!("postgres://{user}{at}{place}"),
        })
    }

    /// The whole address, password and all: for the connection alone.
    pub(crate) fn expose(&self) -> &str {
        &self.complete
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_password_and_parameters() {
        let shown = [
            ("postgres://db/rollcall", "postgres://db/rollcall"),
            (
                "postgresql://u:p@db:6432/r?sslmode=require&password=p",
                "postgres://u@db:6432/r",
            ),
            ("postgres://u:p@ss/w@db/r", "postgres://u@db/r"),
            ("postgres:///r?host=/run/postgresql", "postgres:///r"),
        ];
        for (given, shown) in shown {
            let address = Address::parse(given).unwrap();
            assert_eq!(address.to_string(), shown);
            assert_eq!(format!("{address:?}"), format!("Address({shown})"));
            assert!(address.expose().starts_with(given));
        }
    }

    #[test]
    fn what_is_asked_of_a_connection_can_be_said_otherwise() {
        let address = Address::parse("postgres://db/r?connect_timeout=9").unwrap();
        assert!(!address.expose().contains("connect_timeout=3"));
        assert!(
            address
                .expose()
                .contains("&target_session_attrs=read-write")
        );
    }

    #[test]
    fn other_databases_have_other_addresses() {
        for other in [
            "sqlite:///var/lib/rollcall.db",
            "mysql://db/r",
            "postgres:r",
            "",
        ] {
            assert_eq!(Address::parse(other), None);
        }
    }
}
