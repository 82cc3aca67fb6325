//! A directory pushes a group: it becomes a team (R05; part B, Teams).

use rollcall_domain::rules::teams;
use rollcall_domain::{Team, TeamId};

use super::DirectoryCaller;
use super::scene::{Scene, write};
use super::update_team::{TeamWish, apply_memberships, namesakes};
use crate::{Failure, Services};

/// Creates the team of a pushed group, with the members it came with.
///
/// # Errors
/// `name_taken`, `external_id_taken`, `connection_closed`; `invalid` for strangers that are not to
/// be passed over.
pub async fn receive_team(
    services: &Services,
    caller: &DirectoryCaller,
    wish: TeamWish,
) -> Result<Team, Failure> {
    let id = TeamId::new(services.ids.next());
    let now = services.clock.now();
    let who = caller.clone();
    write(services, move |tx| {
        let scene = Scene::open(tx, &who, now)?;
        let namesakes = namesakes(tx, &scene, &wish.group)?;
        let group = wish.group.clone();
        let change = teams::create_from_directory(id, &scene.connection, group, namesakes, now)?;
        let team = tx.save_team(change, &scene.stamp)?;
        apply_memberships(tx, &scene, team, &wish)
    })
    .await
}
