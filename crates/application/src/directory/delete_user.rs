//! A directory removes a member (R05).

use rollcall_domain::rules::provisioning;
use rollcall_domain::{MemberId, Target};

use super::scene::{Scene, Slot, seen_member, write};
use super::warnings::{About, Notice, note, told};
use super::{DirectoryCaller, Precondition};
use crate::{Failure, Services};

/// Removes a member that the directory sees.
///
/// # Errors
/// `absent`, `precondition_failed`, `last_owner`, `connection_closed`.
pub async fn delete_user(
    services: &Services,
    caller: &DirectoryCaller,
    id: MemberId,
    precondition: Precondition,
) -> Result<(), Failure> {
    let now = services.clock.now();
    let noted: Slot<Notice> = Slot::default();
    let (slot, who) = (noted.clone(), caller.clone());
    let outcome = write(services, move |tx| {
        slot.take();
        let scene = Scene::open(tx, &who, now)?;
        let member = seen_member(tx, &who, id)?;
        precondition.check(member.version)?;
        let facts = scene.facts(tx, Some(&member))?;
        let change = provisioning::delete(&member, &scene.connection, &facts);
        let change = change.inspect_err(|refusal| {
            let target = Target::member(member.id, &member.label());
            note(&slot, refusal, target, About::Member(member.id));
        })?;
        tx.save_member(change, &scene.stamp)?;
        Ok(())
    })
    .await;
    told(services, caller, &noted, outcome).await
}
