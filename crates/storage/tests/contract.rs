//! SQLite keeps every promise of a store.

use std::sync::Arc;

use rollcall_application::ports::Store;
use rollcall_storage::{Options, SqliteStore, Synchronous};
use rollcall_testkit::supplies;
use tempfile::TempDir;

fn new_store() -> (Arc<dyn Store>, TempDir) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let options = Options {
        readers: 1,
        synchronous: Synchronous::Normal,
        ..Options::default()
    };
    let store = SqliteStore::open(&folder.path().join("rollcall.db"), &options, supplies(1))
        .expect("a new database opens");
    (Arc::new(store), folder)
}

rollcall_testkit::store_contract!(new_store);
