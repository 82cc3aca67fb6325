//! Looking at teams.

use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::{Directories, DirectoryKind, Origin, Team, TeamId};

use crate::panel::input;
use crate::panel::members::MemberRow;
use crate::panel::surroundings::{managed_by, team_of};
use crate::ports::{MemberQuery, Page, StoreExt, TeamQuery};
use crate::{Caller, Failure, Services};

/// A team as the panel shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamDetails {
    /// The team.
    pub team: Team,
    /// The directory that holds the pen: read-only in the panel when there is one (R07).
    pub managed_by: Option<DirectoryKind>,
}

impl TeamDetails {
    pub(super) fn of(team: Team, directories: &Directories) -> Self {
        Self {
            managed_by: managed_by(directories.custody(team.origin, team.link.as_ref())),
            team,
        }
    }
}

/// A page of teams.
///
/// # Errors
/// `not_allowed`; a cursor that this list did not give out.
pub async fn list_teams(
    services: &Services,
    caller: &Caller,
    query: TeamQuery,
) -> Result<Page<TeamDetails>, Failure> {
    caller.require(Permission::ViewPeople)?;
    input::cursor(query.after.as_ref(), query.sort)?;
    let organization = caller.organization;
    services
        .store
        .read(move |tx| {
            let directories = tx.directories(organization)?;
            let page = tx.team_page(organization, &query)?;
            let shown = page.items.into_iter();
            Ok(Page {
                items: shown
                    .map(|team| TeamDetails::of(team, &directories))
                    .collect(),
                next: page.next,
                total: page.total,
            })
        })
        .await
}

/// A page of the teams an invitation may offer: manually created ones only (R10). Whatever
/// source the query names is overruled.
///
/// # Errors
/// `not_allowed`.
pub async fn list_invitable_teams(
    services: &Services,
    caller: &Caller,
    query: TeamQuery,
) -> Result<Page<TeamDetails>, Failure> {
    let query = TeamQuery {
        source: Some(Origin::Manual),
        ..query
    };
    list_teams(services, caller, query).await
}

/// One team.
///
/// # Errors
/// `not_allowed`; [`Failure::Absent`].
pub async fn get_team(
    services: &Services,
    caller: &Caller,
    id: TeamId,
) -> Result<TeamDetails, Failure> {
    caller.require(Permission::ViewPeople)?;
    let organization = caller.organization;
    services
        .store
        .read(move |tx| {
            let team = team_of(tx, organization, id, None)?;
            let directories = tx.directories(organization)?;
            Ok(TeamDetails::of(team, &directories))
        })
        .await
}

/// A page of a team's members; whatever team the query names is overruled.
///
/// # Errors
/// `not_allowed`; [`Failure::Absent`]; a cursor that this list did not give out.
pub async fn list_team_members(
    services: &Services,
    caller: &Caller,
    id: TeamId,
    query: MemberQuery,
) -> Result<Page<MemberRow>, Failure> {
    caller.require(Permission::ViewPeople)?;
    input::cursor(query.after.as_ref(), query.sort)?;
    let organization = caller.organization;
    let query = MemberQuery {
        team: Some(id),
        ..query
    };
    services
        .store
        .read(move |tx| {
            team_of(tx, organization, id, None)?;
            let directories = tx.directories(organization)?;
            let page = tx.member_page(organization, &query)?;
            Ok(crate::panel::members::rows(page, &directories))
        })
        .await
}
