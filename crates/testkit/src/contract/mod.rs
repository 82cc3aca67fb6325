//! What every store promises. Each promise is a function over a store that is empty; a store is
//! put under all of them by [`crate::store_contract!`].

mod directory_lists;
mod isolation;
mod keeping;
mod memberships;
mod pages;
mod saving;
mod sign_on;

pub use directory_lists::*;
pub use isolation::*;
pub use keeping::*;
pub use memberships::*;
pub use pages::*;
pub use saving::*;
pub use sign_on::*;

use std::future::Future;
use std::sync::Arc;

use rollcall_application::ports::{
    MemberCondition, MemberDocument, ReadTx, Store, StoreError, Stretch, Teams,
};
use rollcall_domain::{ConnectionId, Member, MemberId, OrganizationId};

use crate::DOCUMENTS;

/// What makes a store for a promise: an answer, or none where its server is not installed.
pub trait Made<K> {
    /// The store, and what is kept until the end.
    fn made(self) -> Option<(Arc<dyn Store>, K)>;
}

impl<K> Made<K> for (Arc<dyn Store>, K) {
    fn made(self) -> Option<(Arc<dyn Store>, K)> {
        Some(self)
    }
}

impl<K> Made<K> for Option<(Arc<dyn Store>, K)> {
    fn made(self) -> Option<(Arc<dyn Store>, K)> {
        self
    }
}

/// Runs one promise over a new store; what `make` answers beside the store is kept until the end.
/// Where there is none to make, the promise is passed over.
///
/// # Panics
/// When the promise is broken.
pub fn keep<M: Made<K>, K, F: Future<Output = ()>>(
    make: impl FnOnce() -> M,
    promise: impl FnOnce(Arc<dyn Store>) -> F,
) {
    let Some((store, kept)) = make().made() else {
        return;
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime starts")
        .block_on(promise(store));
    drop(kept);
}

/// The members that a directory sees, each of which it reads by its document as it reads them whole.
fn live_members(
    tx: &mut dyn ReadTx,
    organization: OrganizationId,
    connection: ConnectionId,
    conditions: &[MemberCondition],
    stretch: &Stretch,
) -> Result<Vec<Member>, StoreError> {
    let members = tx.live_members(organization, connection, conditions, stretch)?;
    let document = |member: &Member| MemberDocument {
        id: member.id,
        key: member.link.as_ref().expect("a link").key.clone(),
        version: member.version,
        text: (DOCUMENTS.write)(member),
    };
    let ids: Vec<MemberId> = members.iter().map(|member| member.id).collect();
    let teams = tx.live_teams_of_members(organization, connection, &ids)?;
    for wanted in [Teams::Skip, Teams::Load] {
        let teams_of = |member: &Member| match wanted {
            Teams::Skip => Vec::new(),
            Teams::Load => teams.get(&member.id).cloned().unwrap_or_default(),
        };
        let documents = tx.live_documents(organization, connection, conditions, stretch, wanted)?;
        let expected = members
            .iter()
            .map(|member| (document(member), teams_of(member)));
        assert_eq!(documents, expected.collect::<Vec<_>>());
    }
    Ok(members)
}

/// Makes one test of each promise, over stores that `$make` (a `fn() -> impl Made<K>`) makes; `K` is whatever has to live as long as the store.
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
            entries_of_one_change_are_as_each_alone_would_be,
            a_login_key_is_taken_once_in_an_organization,
            a_team_name_is_taken_once_in_a_namespace,
            an_external_id_is_taken_once_among_live_links,
            what_was_edited_while_off_claims_nothing_when_turned_on,
            seats_follow_every_member,
            nothing_of_another_organization_is_read,
            nothing_of_another_organization_is_written,
            a_reference_across_organizations_is_refused,
            a_stamp_of_another_organization_is_refused,
            two_connections_of_one_organization_do_not_mix,
            a_delta_does_what_is_new_and_nothing_twice,
            a_directory_adds_its_own_live_members_alone,
            a_replacing_delta_leaves_exactly_the_named,
            the_panel_adds_and_removes_in_one_go,
            a_delta_for_a_team_that_is_gone_is_refused,
            a_removed_member_leaves_every_team,
            whom_turning_on_could_change_is_visited,
            outsiders_leave_managed_teams_and_no_other,
            member_pages_are_complete_in_every_order,
            a_page_that_fits_exactly_is_the_last,
            a_page_is_stable_while_rows_come_and_go,
            a_search_is_folded_and_literal,
            a_search_for_the_impossible_finds_nothing,
            a_directory_that_looks_for_the_impossible_finds_nothing,
            member_filters_combine,
            a_row_shows_ten_teams_and_their_number,
            a_directory_sees_the_teams_that_are_live_on_it_by_name,
            team_pages_are_complete_in_every_order,
            a_directory_sees_its_live_objects_in_id_order,
            a_directory_sees_its_live_teams_in_id_order,
            a_directory_sees_its_live_objects_in_the_order_of_names,
            a_directory_sees_its_live_objects_backwards,
            a_document_says_what_the_member_is,
            a_member_is_found_by_every_e_mail_address,
            objects_are_found_by_label_and_time,
            a_connection_keeps_its_profile,
            activity_is_paged_and_filtered,
            activity_is_counted_to_a_bound,
            sessions_end_with_the_change_that_ends_them,
            what_was_seen_is_kept_to_the_minute,
            a_new_token_ends_the_old_one,
            who_could_be_the_pushed_person_is_found,
            a_new_link_ends_the_old_one,
            sign_in_finds_active_members_by_e_mail,
            effective_owners_are_counted,
            attempts_count_in_their_window,
            a_mail_is_leased_to_one_worker,
            purging_is_bounded_and_takes_what_is_past,
            a_warning_is_not_repeated_for_a_day,
            a_link_waits_for_permission,
            login_methods_keep_their_secret,
            a_domain_is_offered_the_enabled_providers_that_name_it,
            an_account_is_bound_once_and_goes_with_its_member,
            a_sign_in_is_taken_out_once_and_in_its_own_organization,
            a_provider_session_ends_with_the_session,
            the_sessions_of_a_provider_end_together_but_for_one,
            who_has_no_password_is_counted,
            a_connection_knows_whether_it_finds_anything,
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
