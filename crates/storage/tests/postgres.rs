//! PostgreSQL keeps every promise of a store.

#![cfg(unix)]

use std::sync::Arc;

use rollcall_application::ports::Store;
use rollcall_storage::{Address, PostgresStore, ServerOptions};
use rollcall_testkit::{postgres, supplies};

fn new_store() -> Option<(Arc<dyn Store>, ())> {
    let address = Address::parse(&postgres::new_database()?).expect("an address");
    let options = ServerOptions {
        readers: 1,
        writers: 2,
        ..ServerOptions::default()
    };
    let store = PostgresStore::open(&address, &options, supplies(1)).expect("a new database opens");
    Some((Arc::new(store), ()))
}

rollcall_testkit::store_contract!(new_store);
