//! A directory removes a group; its members stay (R05).

use rollcall_domain::TeamId;
use rollcall_domain::rules::teams;

use super::scene::{Scene, seen_team, write};
use super::{DirectoryCaller, Precondition};
use crate::{Failure, Services};

/// Removes a team that the directory sees.
///
/// # Errors
/// `absent`, `precondition_failed`, `connection_closed`.
pub async fn delete_team(
    services: &Services,
    caller: &DirectoryCaller,
    id: TeamId,
    precondition: Precondition,
) -> Result<(), Failure> {
    let now = services.clock.now();
    let who = caller.clone();
    write(services, move |tx| {
        let scene = Scene::open(tx, &who, now)?;
        let team = seen_team(tx, &who, id)?;
        precondition.check(team.version)?;
        let change = teams::delete_from_directory(&team, &scene.connection, &scene.directories)?;
        tx.save_team(change, &scene.stamp)?;
        Ok(())
    })
    .await
}
