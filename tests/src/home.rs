//! What a server leaves behind and finds again: a data folder and a database.

use std::path::Path;
use std::process::Command;

use rollcall_testkit::postgres::{self, Cluster};
use tempfile::TempDir;

use crate::server::{PASSWORD, binary, setup};

/// What every node of a test seals secrets with.
const SECRET_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// What a server keeps its data in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file in its folder.
    Sqlite,
    /// A PostgreSQL database of its own.
    Postgres,
}

/// Makes a test of each named function for each engine: `sqlite::name` and `postgres::name`. A
/// function takes the engine; it is passed over where no PostgreSQL is installed, and says so.
#[macro_export]
macro_rules! on_each_engine {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[test]
                fn $test() {
                    super::$test($crate::Engine::Sqlite);
                }
            )+
        }

        mod postgres {
            $(
                #[test]
                fn $test() {
                    if $crate::Engine::Postgres.is_there() {
                        super::$test($crate::Engine::Postgres);
                    }
                }
            )+
        }
    };
}

impl Engine {
    /// Whether there is one; says that a test is skipped where not.
    #[must_use]
    pub fn is_there(self) -> bool {
        self == Self::Sqlite || postgres::is_there()
    }
}

/// A data folder and a database; both go with it.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
    database: Option<String>,
    secret_key: Option<&'static str>,
}

impl Home {
    /// A new one with an organization `Acme` and the owner `owner@acme.test`.
    ///
    /// # Panics
    /// When it cannot be set up.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        let home = Self::empty(engine);
        setup(&home, "Acme", "owner@acme.test");
        home
    }

    /// A new one without anybody.
    ///
    /// # Panics
    /// When there is no server for it.
    #[must_use]
    pub fn empty(engine: Engine) -> Self {
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(postgres::new_database().expect("a server, as was asked")),
        };
        Self::at(database)
    }

    /// A new one on a server of the test's own.
    ///
    /// # Panics
    /// When it cannot be set up.
    #[must_use]
    pub fn on(cluster: &Cluster) -> Self {
        let home = Self::at(Some(cluster.url("postgres")));
        setup(&home, "Acme", "owner@acme.test");
        home
    }

    /// A further node's: a folder of its own, and the same database.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self::at(self.database.clone())
    }

    fn at(database: Option<String>) -> Self {
        Self {
            folder: TempDir::new().expect("a temporary folder"),
            database,
            secret_key: Some(SECRET_KEY),
        }
    }

    /// Lets whoever lives here have no key to seal secrets with.
    #[must_use]
    pub fn without_secret_key(mut self) -> Self {
        self.secret_key = None;
        self
    }

    /// Lets whoever lives here seal with a key of their own.
    #[must_use]
    pub fn with_secret_key(mut self, key: &'static str) -> Self {
        self.secret_key = Some(key);
        self
    }

    /// Makes somebody an owner with the password of every test.
    ///
    /// # Panics
    /// When it is refused.
    pub fn grant_owner(&self, email: &str) {
        let done = self
            .command(&["grant-owner", "--email", email])
            .env("ROLLCALL_OWNER_PASSWORD", PASSWORD)
            .output()
            .expect("it runs");
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
    }

    /// The data folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The address of the database, where it is not in the folder.
    #[must_use]
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// The program, told to live here.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).arg("--data-dir").arg(self.path());
        if let Some(database) = &self.database {
            command.env("ROLLCALL_DATABASE", database);
        }
        // Every node on one database seals with the same key.
        if let Some(key) = self.secret_key {
            command.env("ROLLCALL_SECRET_KEY", key);
        }
        command
    }
}
