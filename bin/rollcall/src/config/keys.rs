//! Every setting there is: the one list that the environment, the unknown-key check, the error
//! sentences and `rollcall config` come from.

/// A setting.
#[derive(Debug)]
pub(crate) struct Key {
    /// Its name in the file; the environment variable is made from it.
    pub(crate) name: &'static str,
    /// What it is for.
    pub(crate) about: &'static str,
    /// What to write: the end of the sentence that refuses anything else.
    pub(crate) write: &'static str,
    /// A value that is accepted, in TOML.
    pub(crate) example: &'static str,
    /// What holds where nothing is written.
    pub(crate) default: &'static str,
}

impl Key {
    /// The environment variable of the setting.
    pub(crate) fn variable(&self) -> String {
        format!("ROLLCALL_{}", self.name.replace('.', "_").to_uppercase())
    }

    /// The setting of a name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// The setting of an environment variable.
    pub(crate) fn of_variable(variable: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.variable() == variable)
    }
}

/// Environment variables of ours that are no settings: what a command reads instead of an
/// argument, so that no secret stands in a list of processes.
pub(crate) const COMMAND_VARIABLES: [&str; 6] = [
    "ROLLCALL_COPY_FROM",
    "ROLLCALL_COPY_TO",
    "ROLLCALL_CONFIG",
    "ROLLCALL_OWNER_PASSWORD",
    "ROLLCALL_TENANT_URL",
    "ROLLCALL_SECRET_TOKEN",
];

const fn key([name, about, write, example, default]: [&'static str; 5]) -> Key {
    Key {
        name,
        about,
        write,
        example,
        default,
    }
}

/// Every setting, in the order in which they are explained.
pub(crate) const KEYS: &[Key] = &[
    key([
        "data_dir",
        "Where the database, the key and undelivered mail live.",
        "a folder, such as ./data",
        r#""./data""#,
        "./data",
    ]),
    key([
        "database",
        "The database: a file of this machine, or a PostgreSQL database that any number of nodes share.",
        "sqlite:// and a file, such as sqlite:///var/lib/rollcall/rollcall.db, or postgres://USER:PASSWORD@HOST:5432/NAME",
        r#""sqlite:///var/lib/rollcall/rollcall.db""#,
        "rollcall.db in data_dir",
    ]),
    key([
        "sqlite.synchronous",
        "Whether every commit waits for the disk (full), or a power cut may cost the last ones (normal).",
        "full or normal",
        r#""normal""#,
        "full",
    ]),
    key([
        "sqlite.readers",
        "Reads that run at once.",
        "a number between 1 and 256",
        "8",
        "one for each processor",
    ]),
    key([
        "postgres.readers",
        "Connections of this node that read, where the database is PostgreSQL.",
        "a number between 1 and 256",
        "16",
        "8",
    ]),
    key([
        "postgres.writers",
        "Connections of this node that write, where the database is PostgreSQL.",
        "a number between 1 and 256",
        "32",
        "16",
    ]),
    key([
        "listen",
        "The address to listen on.",
        "an IP address and a port, such as 127.0.0.1:8080",
        r#""127.0.0.1:8080""#,
        "127.0.0.1:8080",
    ]),
    key([
        "public_url",
        "The address under which people and the identity provider reach the service; every link comes from it.",
        "an https:// address without query, such as https://panel.example.com; http:// is taken for this machine alone, or with insecure_http = true",
        r#""https://panel.example.com""#,
        "http:// and the address of listen, when that is on this machine",
    ]),
    key([
        "insecure_http",
        "Lets public_url be http:// on a network you trust: session cookies and tokens then travel in clear.",
        "true or false",
        "true",
        "false",
    ]),
    key([
        "trusted_proxies",
        "Whose X-Forwarded-For is believed.",
        "a list of IP addresses or networks, such as [\"10.0.0.0/8\"]",
        r#"["10.0.0.0/8", "::1"]"#,
        "nobody",
    ]),
    key([
        "secret_key",
        "The key that secrets are sealed with in the database. Losing it loses them.",
        "32 random bytes in base64 or hexadecimal, as `openssl rand -base64 32` makes",
        r#""c2l4dGVlbiBieXRlcywgdGhlbiBzaXh0ZWVuIG1vcmU=""#,
        "secret.key in data_dir if there is one; else no client secret of a login method can be stored",
    ]),
    key([
        "log.format",
        "How log lines are written, one for each event.",
        "json or human",
        r#""json""#,
        "human",
    ]),
    key([
        "log.level",
        "What is logged.",
        "error, warn, info, debug or trace, or a list such as warn,rollcall_http=debug",
        r#""warn,rollcall_http=debug""#,
        "info, without the web server's own",
    ]),
    key([
        "mail.from",
        "The sender of every mail.",
        "an e-mail address, alone or as in Rollcall <rollcall@example.com>",
        r#""Rollcall <rollcall@example.com>""#,
        "Rollcall <rollcall@localhost>; needed with smtp.host",
    ]),
    key([
        "mail.folder",
        "Where mail is written when there is no smtp.host, one file each.",
        "a folder, such as ./data/mail",
        r#""./data/mail""#,
        "mail in data_dir",
    ]),
    key([
        "smtp.host",
        "The server that sends mail.",
        "a host name, such as smtp.example.com",
        r#""smtp.example.com""#,
        "none: mail goes into mail.folder",
    ]),
    key([
        "smtp.port",
        "Its port.",
        "a port between 1 and 65535",
        "587",
        "465, 587 or 25, after smtp.tls",
    ]),
    key([
        "smtp.tls",
        "How the connection to it is protected.",
        "implicit, starttls or off",
        r#""starttls""#,
        "implicit",
    ]),
    key([
        "smtp.username",
        "Who signs in there.",
        "a user name, together with smtp.password",
        r#""rollcall""#,
        "nobody",
    ]),
    key([
        "smtp.password",
        "With which password.",
        "a password, together with smtp.username",
        r#""from the environment, rather""#,
        "none",
    ]),
    key([
        "smtp.timeout_seconds",
        "How long one step of sending may take.",
        "a number of seconds between 1 and 120",
        "15",
        "15",
    ]),
    key([
        "http.workers",
        "Threads that serve requests.",
        "a number between 1 and 1024",
        "4",
        "one for each processor",
    ]),
    key([
        "http.max_connections",
        "Connections at once.",
        "a number between 1 and 1000000",
        "10000",
        "10000",
    ]),
    key([
        "http.body_limit",
        "The longest request body, in bytes.",
        "a number of bytes between 65536 and 1073741824",
        "1048576",
        "1048576",
    ]),
    key([
        "http.group_body_limit",
        "The longest body of a write to a SCIM group, in bytes.",
        "a number of bytes between 65536 and 1073741824",
        "33554432",
        "33554432",
    ]),
    key([
        "http.handler_timeout_seconds",
        "How long a request may be worked on.",
        "a number of seconds between 1 and 600",
        "15",
        "15",
    ]),
    key([
        "http.shutdown_timeout_seconds",
        "How long requests under way may finish once the service is told to stop.",
        "a number of seconds between 0 and 600",
        "20",
        "20",
    ]),
    key([
        "scim.requests_per_second",
        "How often one directory may ask, in the long run; what is more is answered with 429 and Retry-After. Counted on each node.",
        "a number between 1 and 1000000, or 0 for as often as it likes",
        "50",
        "50",
    ]),
    key([
        "scim.burst",
        "How many requests one directory may send at once after a rest.",
        "a number between 1 and 1000000",
        "200",
        "200",
    ]),
    key([
        "passwords.memory_kib",
        "Memory of one password hash (argon2id), in KiB.",
        "a number between 19456 and 4194304",
        "65536",
        "19456",
    ]),
    key([
        "passwords.passes",
        "Passes of one password hash.",
        "a number between 2 and 100",
        "3",
        "2",
    ]),
    key([
        "passwords.at_once",
        "Password hashes computed at the same time.",
        "a number between 1 and 256",
        "4",
        "2",
    ]),
    key([
        "access.attempts_per_account",
        "Sign-ins tried for one account in a window, before it has to wait.",
        "a number between 1 and 1000000",
        "5",
        "10",
    ]),
    key([
        "access.attempts_per_address",
        "Sign-ins tried from one address (IPv6: one /64) in a window, before it has to wait.",
        "a number between 1 and 1000000",
        "50",
        "100",
    ]),
    key([
        "access.window_seconds",
        "The length of that window.",
        "a number of seconds between 10 and 86400",
        "900",
        "900",
    ]),
    key([
        "access.session_idle_minutes",
        "A session that was not used for this long has ended.",
        "a number of minutes between 1 and 525600",
        "120",
        "480",
    ]),
    key([
        "access.session_lifetime_minutes",
        "A session ends this long after it began, used or not.",
        "a number of minutes between 1 and 525600",
        "1440",
        "10080",
    ]),
    key([
        "access.reset_lifetime_minutes",
        "How long the link of a password reset works.",
        "a number of minutes between 1 and 525600",
        "30",
        "60",
    ]),
    key([
        "login.private_providers",
        "Whether identity providers at private addresses, this very machine included, may be asked when people sign in through them.",
        "true or false",
        "true",
        "false",
    ]),
    key([
        "login.timeout_seconds",
        "How long one request to an identity provider may take.",
        "a number of seconds between 1 and 60",
        "5",
        "8",
    ]),
    key([
        "activity.retention_days",
        "After how many days entries of Activity > Actions are deleted.",
        "a number of days between 1 and 36500, or 0 for never",
        "730",
        "0: never",
    ]),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_and_variables_are_unique() {
        let names: HashSet<&str> = KEYS.iter().map(|key| key.name).collect();
        let variables: HashSet<String> = KEYS.iter().map(Key::variable).collect();
        assert_eq!(names.len(), KEYS.len());
        assert_eq!(variables.len(), KEYS.len());
        for variable in COMMAND_VARIABLES {
            assert!(!variables.contains(variable));
        }
    }
}
