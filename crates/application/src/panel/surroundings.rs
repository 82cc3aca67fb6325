//! What a rule about one member has to know of the organization around it, loaded in the
//! transaction that acts on it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rollcall_domain::rules::Facts;
use rollcall_domain::rules::owners::Owners;
use rollcall_domain::{
    Custody, Directories, DirectoryKind, Member, MemberId, MemberStatus, Organization,
    OrganizationId, Role, Seats, Team, TeamId, Version, WaysIn,
};

use crate::Failure;
use crate::ports::ReadTx;

/// The owned half of [`Facts`].
pub(crate) struct Surroundings {
    now: DateTime<Utc>,
    pub(crate) organization: Organization,
    pub(crate) directories: Directories,
    seats: Seats,
    owners: Owners,
}

impl Surroundings {
    /// Loads what the rules have to know to decide about `subject`.
    pub(crate) fn load(
        tx: &mut dyn ReadTx,
        organization: OrganizationId,
        subject: MemberId,
        now: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        let found = tx.organization_with_seats(organization)?;
        let (found, seats) = found.ok_or(Failure::Absent("organization"))?;
        Ok(Self {
            now,
            organization: found,
            directories: tx.directories(organization)?,
            seats,
            owners: Owners {
                others: tx.other_effective_owners(organization, subject)?,
                ways: tx.ways_in(organization, subject)?,
            },
        })
    }

    /// As the rules take it.
    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            now: self.now,
            directories: &self.directories,
            seats: self.seats,
            owners: self.owners,
            roles_in_panel: self.organization.roles_in_panel,
        }
    }
}

/// Owners who can sign in, and the member's own ways: asked only where the rules look at it.
pub(crate) fn owners_around<T: ReadTx + ?Sized>(
    tx: &mut T,
    member: &Member,
) -> Result<Owners, Failure> {
    if member.role != Role::Owner || member.status != MemberStatus::Active {
        return Ok(Owners {
            others: 0,
            ways: WaysIn::PASSWORD,
        });
    }
    Ok(Owners {
        others: tx.other_effective_owners(member.organization, member.id)?,
        ways: tx.ways_in(member.organization, member.id)?,
    })
}

/// The organization of a caller.
pub(crate) fn organization_of(
    tx: &mut dyn ReadTx,
    id: OrganizationId,
) -> Result<Organization, Failure> {
    tx.organization(id)?.ok_or(Failure::Absent("organization"))
}

/// A member of the organization, at the version the caller saw, where one is stated (If-Match).
pub(crate) fn member_of(
    tx: &mut dyn ReadTx,
    organization: OrganizationId,
    id: MemberId,
    seen: Option<Version>,
) -> Result<Member, Failure> {
    let member = tx
        .member(organization, id)?
        .ok_or(Failure::Absent("member"))?;
    require_seen(seen, member.version)?;
    Ok(member)
}

/// A team of the organization, at the version the caller saw, where one is stated (If-Match).
pub(crate) fn team_of(
    tx: &mut dyn ReadTx,
    organization: OrganizationId,
    id: TeamId,
    seen: Option<Version>,
) -> Result<Team, Failure> {
    let team = tx.team(organization, id)?.ok_or(Failure::Absent("team"))?;
    require_seen(seen, team.version)?;
    Ok(team)
}

/// Members of these ids, each of them or none (SEC-4: another organization's is nobody's).
pub(crate) fn every_member(
    tx: &mut dyn ReadTx,
    organization: OrganizationId,
    ids: &[MemberId],
) -> Result<Vec<Member>, Failure> {
    let members = tx.members(organization, ids)?;
    let known: HashSet<MemberId> = members.iter().map(|member| member.id).collect();
    if ids.iter().all(|id| known.contains(id)) {
        Ok(members)
    } else {
        Err(Failure::Absent("member"))
    }
}

/// Teams of these ids, each of them or none.
pub(crate) fn every_team(
    tx: &mut dyn ReadTx,
    organization: OrganizationId,
    ids: &[TeamId],
) -> Result<Vec<Team>, Failure> {
    let teams = tx.teams(organization, ids)?;
    let known: HashSet<TeamId> = teams.iter().map(|team| team.id).collect();
    if ids.iter().all(|id| known.contains(id)) {
        Ok(teams)
    } else {
        Err(Failure::Absent("team"))
    }
}

/// The directory that holds the pen, as the panel shows it; none when the panel itself does.
pub(crate) fn managed_by(custody: Custody) -> Option<DirectoryKind> {
    match custody {
        Custody::Panel => None,
        Custody::Directory(_, directory) => Some(directory),
    }
}

fn require_seen(seen: Option<Version>, stored: Version) -> Result<(), Failure> {
    match seen {
        Some(version) if version != stored => Err(Failure::PreconditionFailed),
        _ => Ok(()),
    }
}
