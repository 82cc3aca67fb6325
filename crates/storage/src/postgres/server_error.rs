//! Why a server cannot be used, in sentences that say what to do.

use diesel::ConnectionError;

use super::address::Address;

/// Why a database on a server was not opened. Each says what to do in one sentence, and none says
/// the password.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address is not written as one.
    #[error(
        "the address of the database cannot be read: write postgres://USER:PASSWORD@HOST:5432/NAME, \
         with the special characters of the password percent-encoded"
    )]
    Address,
    /// A parameter of the address is not one.
    #[error(
        "the address of the database has a parameter after its `?` that is unknown or has a wrong \
         value: write connection parameters as libpq knows them, such as sslmode=verify-full"
    )]
    Parameter,
    /// Nobody answers there.
    #[error("{0} cannot be reached: check that PostgreSQL runs there and lets this machine in")]
    Unreachable(Address),
    /// The server refuses the user or the password.
    #[error("{0} refuses the user or the password: check both, and the server's pg_hba.conf")]
    Refused(Address),
    /// There is no such database.
    #[error("{0} does not exist: create the database and name it in `database`")]
    Missing(Address),
    /// The server takes no further connection.
    #[error(
        "{0} takes no more connections: raise its max_connections, or lower postgres.readers and \
         postgres.writers"
    )]
    Crowded(Address),
    /// The address asks for TLS, and this program is built without.
    #[error(
        "{0} is to be reached by TLS: use a Rollcall that is built with the feature postgres-tls"
    )]
    Tls(Address),
    /// The server lets nobody in from here, or not without TLS.
    #[error(
        "{0} lets this user in from here neither without TLS nor at all: check its pg_hba.conf, or \
         use sslmode=verify-full with a Rollcall that is built with the feature postgres-tls"
    )]
    Unencrypted(Address),
    /// The address asks for TLS, and the server has none.
    #[error("{0} offers no TLS: set ssl = on at the server, or leave sslmode out of the address")]
    NoTls(Address),
    /// The server does not prove that it is the one that was meant.
    #[error(
        "{0} cannot prove that it is meant: name its authority's certificate in sslrootcert, and the \
         server by the name that stands in its certificate"
    )]
    Certificate(Address),
    /// The server is a standby.
    #[error("{0} is read-only: name the server that takes writes")]
    ReadOnly(Address),
    /// The server is older than what is served.
    #[error("{address} is PostgreSQL {version}: Rollcall needs version 15 or later")]
    TooOld {
        /// Which database.
        address: Address,
        /// The version it says it has.
        version: String,
    },
    /// The database keeps its text in another encoding than UTF-8.
    #[error("{address} is encoded in {encoding}: create the database with ENCODING 'UTF8'")]
    Encoding {
        /// Which database.
        address: Address,
        /// Its encoding.
        encoding: String,
    },
    /// The user may not do what is needed.
    #[error(
        "the user of {0} may not use or change its tables: make it the owner of the database, or \
         GRANT CREATE, USAGE ON SCHEMA public to it"
    )]
    Rights(Address),
    /// The user may not read and write every table.
    #[error(
        "the user of {0} may not read and write every table: GRANT SELECT, INSERT, UPDATE, DELETE \
         ON ALL TABLES IN SCHEMA public to it, or use the owner of the tables"
    )]
    TableRights(Address),
    /// A newer version of the program has changed it.
    #[error(
        "{address} was changed by a newer version of Rollcall (migration {migration}): run that \
         version, or restore a backup made before the upgrade"
    )]
    Newer {
        /// Which database.
        address: Address,
        /// The first migration this program does not know.
        migration: String,
    },
    /// It lacks migrations, and the options say not to run them.
    #[error("{0} was made by an older version of Rollcall: migrate it first")]
    Older(Address),
    /// It holds tables of another program under the same names.
    #[error("{0} holds tables of another program: name a database of its own for Rollcall")]
    Foreign(Address),
    /// The server answered with an error.
    #[error("{address} cannot be used as a database")]
    Database {
        /// Which database.
        address: Address,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The threads that serve it cannot be started.
    #[error("the threads of the database cannot be started")]
    Threads(#[source] std::io::Error),
}

impl ServerError {
    /// What libpq says, in a sentence of ours: its own may quote pieces of the address.
    pub(super) fn not_connected(address: &Address, error: &ConnectionError) -> Self {
        let complete = error.to_string();
        let said = unquoted(&complete);
        let says = |pieces: &[&str]| pieces.iter().any(|piece| said.contains(piece));
        let address = address.clone();
        let asked = says(&["connection to server", "could not translate host name"]);
        if says(&["SSL support"]) {
            Self::Tls(address)
        } else if asked {
            Self::turned_away(address, &said)
        } else if complete.contains("connection option \"port\"") {
            Self::Address
        } else if says(&["query parameter", "invalid integer value", " value: "]) {
            Self::Parameter
        } else if says(&[
            "invalid",
            "missing",
            "unexpected",
            "forbidden",
            "extra",
            "could not match",
        ]) {
            Self::Address
        } else {
            Self::Unreachable(address)
        }
    }

    /// What the server says, or its absence.
    fn turned_away(address: Address, said: &str) -> Self {
        let says = |pieces: &[&str]| pieces.iter().any(|piece| said.contains(piece));
        if says(&["does not support SSL"]) {
            Self::NoTls(address)
        } else if says(&["certificate", "SSL error"]) {
            Self::Certificate(address)
        } else if says(&["no encryption", "SSL off"]) {
            Self::Unencrypted(address)
        } else if says(&["password", "authentication", "pg_hba.conf", "role "]) {
            Self::Refused(address)
        } else if says(&["does not exist"]) && says(&["database "]) {
            Self::Missing(address)
        } else if says(&["permission denied"]) {
            Self::Rights(address)
        } else if says(&["too many", "remaining connection slots"]) {
            Self::Crowded(address)
        } else if says(&["read-only", "hot standby"]) {
            Self::ReadOnly(address)
        } else {
            Self::Unreachable(address)
        }
    }

    /// What a statement failed with.
    pub(super) fn failed(address: &Address, source: diesel::result::Error) -> Self {
        Self::broken(address, Box::new(source))
    }

    /// What anything else failed with.
    pub(super) fn broken(
        address: &Address,
        source: Box<dyn std::error::Error + Send + Sync>,
    ) -> Self {
        let said = source.to_string();
        let address = address.clone();
        let rights = [
            "permission denied",
            "must be owner",
            "no schema has been selected",
        ];
        if rights.iter().any(|piece| said.contains(piece)) {
            Self::Rights(address)
        } else {
            Self::Database { address, source }
        }
    }
}

/// A message without what stands between its quotation marks: names that people chose, which may
/// be made of any words.
fn unquoted(message: &str) -> String {
    message.split('"').step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libpq_says_is_told_with_its_remedy() {
        let server = "connection to server at \"db\" (192.0.2.1), port 5432 failed: ";
        let cases = [
            ("invalid port number: \"x\"", "with the special characters"),
            ("invalid percent-encoded token: \"a%zz\"", "percent-encoded"),
            (
                "could not match 2 port numbers to 3 hosts",
                "percent-encoded",
            ),
            ("invalid URI query parameter: \"bogus\"", "after its `?`"),
            ("invalid sslmode value: \"bogus\"", "after its `?`"),
            (
                "invalid integer value \"x\" for connection option \"connect_timeout\"",
                "after its `?`",
            ),
            (
                "sslmode value \"require\" invalid when SSL support is not compiled in",
                "the feature postgres-tls",
            ),
            (
                "could not translate host name \"missing.invalid\" to address: Name or service not \
                 known",
                "cannot be reached",
            ),
            ("S:Connection refused", "cannot be reached"),
            (
                "S:FATAL:  the database system is starting up",
                "cannot be reached",
            ),
            (
                "S:FATAL:  password authentication failed for user \"x\"",
                "refuses the user or the password",
            ),
            ("S:fe_sendauth: no password supplied", "refuses the user"),
            (
                "S:FATAL:  role \"read-only\" does not exist",
                "refuses the user",
            ),
            (
                "S:FATAL:  no pg_hba.conf entry for host \"192.0.2.9\", user \"x\", database \"r\", no \
                 encryption",
                "check its pg_hba.conf",
            ),
            (
                "S:FATAL:  database \"password\" does not exist",
                "create the database",
            ),
            (
                "S:FATAL:  permission denied for database \"r\"",
                "the owner of the database",
            ),
            (
                "S:FATAL:  sorry, too many clients already",
                "max_connections",
            ),
            ("S:session is read-only", "takes writes"),
            (
                "S:server does not support SSL, but SSL was required",
                "ssl = on",
            ),
            ("S:SSL error: certificate verify failed", "sslrootcert"),
            (
                "S:server certificate for \"a\" does not match host name \"b\"",
                "sslrootcert",
            ),
            (
                "S:root certificate file \"/no.pem\" does not exist",
                "sslrootcert",
            ),
        ];
        let address = Address::parse("postgres://u:hunter2@db/r").unwrap();
        for (said, remedy) in cases {
            let said = said.replace("S:", server);
            let error = ConnectionError::BadConnection(said.clone());
            let sentence = ServerError::not_connected(&address, &error).to_string();
            assert!(sentence.contains(remedy), "{said}: {sentence}");
            assert!(!sentence.contains("hunter2") && !sentence.contains('\n'));
        }
    }
}
