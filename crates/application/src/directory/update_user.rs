//! A directory changes a member: data, `active`, name, everything at once (R05).

use rollcall_domain::rules::provisioning::{self, DirectoryUser, Holders};
use rollcall_domain::{Member, MemberId, Target};

use super::scene::{Scene, Slot, seen_member, write};
use super::warnings::{About, Notice, note, told};
use super::{DirectoryCaller, Precondition, Rejection};
use crate::ports::WriteTx;
use crate::{Failure, Services};

/// Changes a member to what `resolve` makes of the one stored: a modification is worked out on
/// the record loaded in the transaction that saves it, so nothing is lost in between. Nothing is
/// written where nothing differs.
///
/// # Errors
/// What `resolve` answers; `absent`, `precondition_failed`, `member_exists`,
/// `external_id_taken`, `seat_limit`, `last_owner`, `connection_closed`.
pub async fn update_user<E, F>(
    services: &Services,
    caller: &DirectoryCaller,
    id: MemberId,
    precondition: Precondition,
    mut resolve: F,
) -> Result<Member, Rejection<E>>
where
    E: Send + 'static,
    F: FnMut(&Member) -> Result<DirectoryUser, E> + Send + 'static,
{
    let now = services.clock.now();
    let noted: Slot<Notice> = Slot::default();
    let unresolved: Slot<E> = Slot::default();
    let (slot, failed, who) = (noted.clone(), unresolved.clone(), caller.clone());
    let outcome = write(services, move |tx| {
        slot.take();
        failed.take();
        let scene = Scene::open(tx, &who, now)?;
        let member = seen_member(tx, &who, id)?;
        precondition.check(member.version)?;
        let user = resolve(&member).map_err(|error| {
            failed.put(error);
            Failure::Absent("change")
        })?;
        apply(tx, &scene, &member, user).inspect_err(|failure| {
            if let Failure::Refused(refusal) = failure {
                let target = Target::member(member.id, &member.label());
                note(&slot, refusal, target, About::Member(member.id));
            }
        })
    })
    .await;
    if let Some(error) = unresolved.take() {
        return Err(Rejection::Unresolved(error));
    }
    Ok(told(services, caller, &noted, outcome).await?)
}

fn apply(
    tx: &mut dyn WriteTx,
    scene: &Scene,
    member: &Member,
    user: DirectoryUser,
) -> Result<Member, Failure> {
    let holders = holders(tx, scene, member, &user)?;
    let facts = scene.facts(tx, Some(member))?;
    let change = provisioning::update(member, &scene.connection, user, &facts, holders)?;
    if change.is_none() {
        return Ok(member.clone());
    }
    Ok(tx.save_member(change, &scene.stamp)?)
}

/// Looks for others only where the name or `externalId` moves.
fn holders(
    tx: &mut dyn WriteTx,
    scene: &Scene,
    member: &Member,
    user: &DirectoryUser,
) -> Result<Holders, Failure> {
    let (organization, connection) = (member.organization, scene.connection.id);
    let key = user.user_name.key();
    let mut holders = Holders::default();
    if key != member.login_key {
        let bearers = tx.members_with_keys(organization, std::slice::from_ref(&key))?;
        let bearer = bearers.iter().find(|other| other.login_key == key);
        holders.user_name = bearer.map(|other| other.id);
    }
    let stored = member
        .link
        .as_ref()
        .and_then(|link| link.external_id.as_ref());
    if let Some(external) = user.external_id.as_ref().filter(|id| Some(*id) != stored) {
        let other = tx.live_member_by_external_id(organization, connection, external)?;
        holders.external_id = other.map(|other| other.id);
    }
    Ok(holders)
}
