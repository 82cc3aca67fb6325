//! A directory pushes a person: created, revived or adopted (R05; part B, POST /Users).

use rollcall_domain::rules::provisioning::{self, DirectoryUser, Intake, Matches};
use rollcall_domain::rules::{Facts, invitations, memberships};
use rollcall_domain::{Change, Custody, Member, MemberId, MemberStatus, Refusal, Target, TeamId};

use super::DirectoryCaller;
use super::scene::{Scene, Slot, write};
use super::warnings::{About, Notice, note, told};
use crate::ports::WriteTx;
use crate::{Failure, Services};

/// Whom a directory pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// Somebody new, in no team yet.
    New(Member),
    /// Somebody who was there before.
    Known(Member),
}

/// Takes in a person that a directory pushed.
///
/// # Errors
/// `member_exists`, `external_id_taken`, `ambiguous_match`, `linked_elsewhere`,
/// `link_needs_approval`, `seat_limit`, `last_owner`, `connection_closed`.
pub async fn receive_user(
    services: &Services,
    caller: &DirectoryCaller,
    user: DirectoryUser,
) -> Result<Received, Failure> {
    let id = MemberId::new(services.ids.next());
    let now = services.clock.now();
    let noted: Slot<Notice> = Slot::default();
    let (slot, who) = (noted.clone(), caller.clone());
    let outcome = write(services, move |tx| {
        slot.take();
        let scene = Scene::open(tx, &who, now)?;
        let matches = matches(tx, &who, &user)?;
        let intake = decide(tx, &who, &scene, &matches, &user)
            .inspect_err(|failure| note_candidate(&slot, failure, &scene, &matches))?;
        let newcomer = NewMember { id, user: &user };
        let change = carry_out(tx, &scene, &intake, newcomer).inspect_err(|failure| {
            note_intake(&slot, failure, &scene, &intake, &user);
        })?;
        let member = save(tx, &scene, change, &intake)?;
        Ok(match intake {
            Intake::Create => Received::New(member),
            Intake::Revive(_) | Intake::Adopt(_) => Received::Known(member),
        })
    })
    .await;
    told(services, caller, &noted, outcome).await
}

/// A person to be, with the id kept ready.
#[derive(Clone, Copy)]
struct NewMember<'a> {
    id: MemberId,
    user: &'a DirectoryUser,
}

fn matches(
    tx: &mut dyn WriteTx,
    caller: &DirectoryCaller,
    user: &DirectoryUser,
) -> Result<Matches, Failure> {
    let mut matches = tx.matches(caller.organization, caller.connection, user)?;
    let is_seen = |member: &Member| caller.sees(member.link.as_ref());
    matches.by_key.retain(|member| !is_seen(member));
    Ok(matches)
}

fn decide(
    tx: &mut dyn WriteTx,
    caller: &DirectoryCaller,
    scene: &Scene,
    matches: &Matches,
    user: &DirectoryUser,
) -> Result<Intake, Failure> {
    // Only owners and admins wait for permission, and few people are either.
    let guarded = |member: &Member| provisioning::needs_link_approval(member, &scene.directories);
    let allowed = if matches.by_key.iter().any(guarded) {
        allowed_links(tx, caller, scene)?
    } else {
        Vec::new()
    };
    Ok(provisioning::receive(
        matches,
        user,
        &scene.directories,
        &allowed,
    )?)
}

/// Whom an owner has allowed to be linked to this connection, as long as that holds.
fn allowed_links(
    tx: &mut dyn WriteTx,
    caller: &DirectoryCaller,
    scene: &Scene,
) -> Result<Vec<MemberId>, Failure> {
    let now = scene.stamp.at;
    let holds = |until| provisioning::approval_holds(until, now);
    let requests = tx.link_requests(caller.organization)?;
    let allowed = requests
        .into_iter()
        .filter(|request| request.connection == caller.connection)
        .filter(|request| request.allowed_until.is_some_and(holds))
        .map(|request| request.member);
    Ok(allowed.collect())
}

fn carry_out(
    tx: &mut dyn WriteTx,
    scene: &Scene,
    intake: &Intake,
    newcomer: NewMember<'_>,
) -> Result<Change<Member>, Failure> {
    let user = newcomer.user.clone();
    let connection = &scene.connection;
    let change = match intake {
        Intake::Create => {
            let facts: Facts<'_> = scene.facts(tx, None)?;
            provisioning::create(newcomer.id, connection, user, &facts)
        }
        Intake::Revive(member) => {
            let facts = scene.facts(tx, Some(member))?;
            provisioning::revive(member, connection, user, &facts)
        }
        Intake::Adopt(member) => {
            let facts = scene.facts(tx, Some(member))?;
            provisioning::adopt(member, connection, user, &facts)
        }
    };
    Ok(change?)
}

/// Saves, and lets who was invited and is adopted into the teams the invitation promised.
fn save(
    tx: &mut dyn WriteTx,
    scene: &Scene,
    change: Change<Member>,
    intake: &Intake,
) -> Result<Member, Failure> {
    let organization = scene.connection.organization;
    let promised: Vec<TeamId> = match intake {
        Intake::Adopt(member) if matches!(member.status, MemberStatus::Invited { .. }) => tx
            .invitation(organization, member.id)?
            .map(|record| record.invitation.teams)
            .unwrap_or_default(),
        _ => Vec::new(),
    };
    if change.is_none() {
        return Ok(change.value);
    }
    let member = tx.save_member(change, &scene.stamp)?;
    if promised.is_empty() {
        return Ok(member);
    }
    let teams = tx.teams(organization, &promised)?;
    for team in invitations::teams_on_acceptance(&member, &teams, &scene.directories) {
        tx.apply_memberships(&memberships::join(team, &member), &scene.stamp)?;
    }
    Ok(member)
}

/// A link that waits for an owner's word: the one member who could be adopted.
fn note_candidate(slot: &Slot<Notice>, failure: &Failure, scene: &Scene, matches: &Matches) {
    let Failure::Refused(refusal @ Refusal::LinkNeedsApproval) = failure else {
        return;
    };
    let free = |member: &&Member| {
        scene
            .directories
            .custody(member.origin, member.link.as_ref())
            == Custody::Panel
    };
    if let Some(member) = matches.by_key.iter().find(free) {
        let target = Target::member(member.id, &member.label());
        note(slot, refusal, target, About::Member(member.id));
    }
}

fn note_intake(
    slot: &Slot<Notice>,
    failure: &Failure,
    scene: &Scene,
    intake: &Intake,
    user: &DirectoryUser,
) {
    let Failure::Refused(refusal) = failure else {
        return;
    };
    match intake {
        Intake::Create => {
            let connection = &scene.connection;
            let target = Target::connection(connection.id, connection.directory.label());
            note(slot, refusal, target, About::Newcomer(&user.user_name));
        }
        Intake::Revive(member) | Intake::Adopt(member) => {
            let target = Target::member(member.id, &member.label());
            note(slot, refusal, target, About::Member(member.id));
        }
    }
}
