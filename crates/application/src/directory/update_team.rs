//! A directory changes a team: name, `externalId` and who is in it, in one transaction (R05;
//! part B, Membership by SCIM).

use rollcall_domain::rules::memberships::{self, DirectoryMemberships};
use rollcall_domain::rules::teams::{self, DirectoryGroup, Namesakes};
use rollcall_domain::{MemberId, Team, TeamId};

use super::scene::{Scene, Slot, seen_team, write};
use super::{DirectoryCaller, Precondition, Rejection};
use crate::ports::WriteTx;
use crate::{Failure, InvalidInput, Services};

/// Whoever is named is not repeated: a refusal does not tell another's ids from none.
const STRANGERS: &str = "some of the ids are no user that this directory provisioned";
/// How many skipped ids of one request are worth an entry each.
const SKIPPED_LIMIT: usize = 100;

/// What becomes of a request that names members who are nobody here (part B, Membership by SCIM).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strangers {
    /// They are passed over, each with a warning.
    #[default]
    Skip,
    /// It is refused as a whole.
    Refuse,
}

/// A group as its directory wants it to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamWish {
    /// Name and `externalId`, whole.
    pub group: DirectoryGroup,
    /// Who joins and leaves.
    pub memberships: DirectoryMemberships,
    /// Ids to add that are no ids of ours at all.
    pub strangers: Vec<String>,
    /// What becomes of these, and of ids that are no live member of the connection.
    pub on_strangers: Strangers,
}

/// A team after an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamUpdate {
    /// As stored now.
    pub team: Team,
    /// How many it had before: a replacement that empties a team is worth a line in the log.
    pub members_before: i64,
}

/// Changes a team to what `resolve` makes of the one stored. Its members are never loaded.
///
/// # Errors
/// What `resolve` answers; `absent`, `precondition_failed`, `name_taken`, `external_id_taken`,
/// `connection_closed`; `invalid` for strangers that are not to be passed over.
pub async fn update_team<E, F>(
    services: &Services,
    caller: &DirectoryCaller,
    id: TeamId,
    precondition: Precondition,
    mut resolve: F,
) -> Result<TeamUpdate, Rejection<E>>
where
    E: Send + 'static,
    F: FnMut(&Team) -> Result<TeamWish, E> + Send + 'static,
{
    let now = services.clock.now();
    let unresolved: Slot<E> = Slot::default();
    let (failed, who) = (unresolved.clone(), caller.clone());
    let outcome = write(services, move |tx| {
        failed.take();
        let scene = Scene::open(tx, &who, now)?;
        let stored = seen_team(tx, &who, id)?;
        precondition.check(stored.version)?;
        let wish = resolve(&stored).map_err(|error| {
            failed.put(error);
            Failure::Absent("change")
        })?;
        let members_before = stored.member_count;
        let team = rename(tx, &scene, stored, &wish.group)?;
        let team = apply_memberships(tx, &scene, team, &wish)?;
        Ok(TeamUpdate {
            team,
            members_before,
        })
    })
    .await;
    if let Some(error) = unresolved.take() {
        return Err(Rejection::Unresolved(error));
    }
    Ok(outcome?)
}

fn rename(
    tx: &mut dyn WriteTx,
    scene: &Scene,
    stored: Team,
    group: &DirectoryGroup,
) -> Result<Team, Failure> {
    let link = stored.link.as_ref();
    let same_id = link.is_some_and(|link| link.external_id == group.external_id);
    if same_id && stored.name == group.name {
        return Ok(stored);
    }
    let namesakes = namesakes(tx, scene, group)?;
    let others = Namesakes {
        organization: None,
        connection: namesakes.connection.filter(|other| *other != stored.id),
        external_id: namesakes.external_id.filter(|other| *other != stored.id),
    };
    let change = teams::update_from_directory(
        &stored,
        &scene.connection,
        group.clone(),
        others,
        &scene.directories,
    )?;
    if change.is_none() {
        return Ok(stored);
    }
    Ok(tx.save_team(change, &scene.stamp)?)
}

/// Who bears the name or `externalId` among the teams of the connection.
pub(super) fn namesakes(
    tx: &mut dyn WriteTx,
    scene: &Scene,
    group: &DirectoryGroup,
) -> Result<Namesakes, Failure> {
    let (organization, connection) = (scene.connection.organization, scene.connection.id);
    let external_id = match &group.external_id {
        Some(external) => tx.live_team_by_external_id(organization, connection, external)?,
        None => None,
    };
    Ok(Namesakes {
        organization: None,
        connection: tx.team_by_name(organization, connection.uuid(), &group.name.key())?,
        external_id,
    })
}

/// Applies the delta, reports who was skipped, and returns the team as it is stored then.
pub(super) fn apply_memberships(
    tx: &mut dyn WriteTx,
    scene: &Scene,
    team: Team,
    wish: &TeamWish,
) -> Result<Team, Failure> {
    let wanted = &wish.memberships;
    let is_empty = !wanted.replace && wanted.add.is_empty() && wanted.remove.is_empty();
    if is_empty && wish.strangers.is_empty() {
        return Ok(team);
    }
    let delta =
        memberships::from_directory(&team, &scene.connection, wanted.clone(), &scene.directories)?;
    let applied = tx.apply_memberships(&delta, &scene.stamp)?;
    let skipped = applied.skipped.iter().map(MemberId::to_string);
    let named: Vec<String> = skipped.chain(wish.strangers.iter().cloned()).collect();
    if wish.on_strangers == Strangers::Refuse && !named.is_empty() {
        return Err(InvalidInput::new("members", STRANGERS).into());
    }
    for id in named.iter().take(SKIPPED_LIMIT) {
        tx.record_warning(memberships::skipped(&team, id), &scene.stamp)?;
    }
    let stored = tx.team(team.organization, team.id)?;
    stored.ok_or(Failure::Absent("team"))
}
