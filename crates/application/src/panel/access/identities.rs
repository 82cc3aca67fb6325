//! Accounts of identity providers that are bound to members.

use rollcall_domain::rules::permissions::{Permission, require_over};
use rollcall_domain::rules::{owners, sign_on};
use rollcall_domain::{DirectoryKind, Identity, MemberId};
use uuid::Uuid;

use crate::panel::surroundings::member_of;
use crate::ports::StoreExt;
use crate::{Caller, Failure, Services};

/// The caller's own accounts.
///
/// # Errors
/// Only what the store answers.
pub async fn list_identities(
    services: &Services,
    caller: &Caller,
) -> Result<Vec<Identity>, Failure> {
    let (organization, member) = (caller.organization, caller.member);
    services
        .store
        .read(move |tx| Ok(tx.identities(organization, member)?))
        .await
}

/// The accounts of a member, for who may see members.
///
/// # Errors
/// `not_allowed`.
pub async fn member_identities(
    services: &Services,
    caller: &Caller,
    member: MemberId,
) -> Result<Vec<Identity>, Failure> {
    caller.require(Permission::ViewPeople)?;
    let organization = caller.organization;
    services
        .store
        .read(move |tx| Ok(tx.identities(organization, member)?))
        .await
}

/// Ends the tie between a member and their account of a provider: one's own, or another member's
/// for who may manage them. The next sign-in is a first one again. Every session of the member
/// that is not the caller's own ends.
///
/// # Errors
/// `not_allowed`, `last_owner`; [`Failure::Absent`] when there is none.
pub async fn release_identity(
    services: &Services,
    caller: &Caller,
    member: MemberId,
    kind: DirectoryKind,
) -> Result<(), Failure> {
    let (caller, now) = (caller.clone(), services.clock.now());
    let nobody = MemberId::new(Uuid::nil());
    services
        .store
        .write(move |tx| {
            let organization = caller.organization;
            let member = member_of(tx, organization, member, None)?;
            if member.id != caller.member {
                require_over(&caller.actor(), &member)?;
            }
            let before = tx.other_effective_owners(organization, nobody)?;
            let event = sign_on::released(&member, kind);
            if !tx.release_identities(member.id, kind, event, &caller.stamp(now))? {
                return Err(Failure::Absent("account"));
            }
            let after = tx.other_effective_owners(organization, nobody)?;
            owners::keep_a_way_in(before, after)?;
            let kept = Some(caller.session).filter(|_| member.id == caller.member);
            tx.end_other_sessions(organization, member.id, kept)?;
            Ok(())
        })
        .await
}
