//! SQLite behind the storage ports.
