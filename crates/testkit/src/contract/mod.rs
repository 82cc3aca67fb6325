//! What every store promises. Each promise is a function over a store that is empty; a store is
//! put under all of them by [`crate::store_contract!`].

mod saving;

pub use saving::*;

use std::future::Future;
use std::sync::Arc;

use rollcall_application::ports::Store;

/// Runs one promise over a new store; what `make` answers beside the store is kept until the end.
///
/// # Panics
/// When the promise is broken.
pub fn keep<K, F: Future<Output = ()>>(
    make: impl FnOnce() -> (Arc<dyn Store>, K),
    promise: impl FnOnce(Arc<dyn Store>) -> F,
) {
    let (store, kept) = make();
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime starts")
        .block_on(promise(store));
    drop(kept);
}

/// Makes one test of each promise, over stores that `$make` (a `fn() -> (Arc<dyn Store>, K)`)
/// makes; `K` is whatever has to live as long as the store.
#[macro_export]
macro_rules! store_contract {
    ($make:path) => {
        $crate::store_contract! { @each $make:
            a_saved_object_is_read_back_as_it_was,
            a_change_moves_the_version_by_one_and_time_never_back,
            a_stale_change_is_refused_and_leaves_nothing,
            a_change_of_nothing_leaves_nothing,
            a_refused_job_leaves_nothing,
            a_panicking_job_leaves_nothing_and_stops_nobody,
            a_change_its_entries_and_its_effects_are_one,
            a_login_key_is_taken_once_in_an_organization,
            a_team_name_is_taken_once_in_a_namespace,
            an_external_id_is_taken_once_among_live_links,
            what_was_edited_while_off_claims_nothing_when_turned_on,
            seats_follow_every_member,
        }
    };
    (@each $make:path: $($promise:ident,)+) => {
        $(
            #[test]
            fn $promise() {
                $crate::contract::keep($make, $crate::contract::$promise);
            }
        )+
    };
}
