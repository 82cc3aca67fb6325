//! Teams and memberships.

use rollcall_domain::{
    Change, ConnectionId, ExternalId, FoldedKey, Member, MemberId, MembershipDelta, OrganizationId,
    Origin, Team, TeamId, Version,
};
use uuid::Uuid;

use crate::Stamp;
use crate::ports::{Cursor, Direction, Page, Span, StoreError, Stretch};

/// What a list of teams is sorted by; ties by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TeamSort {
    /// The folded name.
    #[default]
    Name,
    /// When they came to be.
    Created,
}

/// Which teams the panel asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TeamQuery {
    /// Text contained in the name, compared folded and literally.
    pub search: Option<String>,
    /// Source.
    pub source: Option<Origin>,
    /// Order.
    pub sort: TeamSort,
    /// Which way.
    pub direction: Direction,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// At most this many.
    pub limit: u32,
}

/// A condition a store can serve by an index over the live teams of one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TeamCondition {
    /// `id eq`.
    Id(TeamId),
    /// `displayName eq`, trimmed and folded.
    Name(FoldedKey),
    /// `externalId eq`, exact.
    ExternalId(ExternalId),
    /// `members.value eq`.
    HasMember(MemberId),
    /// When the team came to be.
    Created(Span),
    /// When the team last changed.
    Changed(Span),
}

/// A member as a group shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberLabel {
    /// Its id.
    pub id: MemberId,
    /// What people call it.
    pub label: String,
}

/// What a delta really did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppliedDelta {
    /// Who joined and was not in before.
    pub added: Vec<MemberId>,
    /// Who left and was in before.
    pub removed: Vec<MemberId>,
    /// Ids named by a directory that are no live members of its connection.
    pub skipped: Vec<MemberId>,
    /// The team's version now; moved only if anybody joined or left.
    pub version: Version,
}

/// Reads of teams and memberships.
pub trait TeamReads {
    /// A team of the organization.
    fn team(
        &mut self,
        organization: OrganizationId,
        id: TeamId,
    ) -> Result<Option<Team>, StoreError>;

    /// Teams of these ids, in this order; absent ones are left out.
    fn teams(
        &mut self,
        organization: OrganizationId,
        ids: &[TeamId],
    ) -> Result<Vec<Team>, StoreError>;

    /// The team that bears a name in a namespace (the organization's or a connection's id).
    fn team_by_name(
        &mut self,
        organization: OrganizationId,
        namespace: Uuid,
        key: &FoldedKey,
    ) -> Result<Option<TeamId>, StoreError>;

    /// The team live on the connection with this `externalId`.
    fn live_team_by_external_id(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        external_id: &ExternalId,
    ) -> Result<Option<TeamId>, StoreError>;

    /// A page of the panel's list.
    fn team_page(
        &mut self,
        organization: OrganizationId,
        query: &TeamQuery,
    ) -> Result<Page<Team>, StoreError>;

    /// How many teams are live on the connection and satisfy every condition.
    fn count_live_teams(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[TeamCondition],
    ) -> Result<u64, StoreError>;

    /// Teams live on the connection that satisfy every condition.
    fn live_teams(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[TeamCondition],
        stretch: &Stretch,
    ) -> Result<Vec<Team>, StoreError>;

    /// Members of a team in id order after `after`, with the label SCIM shows (`userName` as
    /// sent, else the member's label).
    fn team_member_labels(
        &mut self,
        organization: OrganizationId,
        team: TeamId,
        after: Option<MemberId>,
        limit: u32,
    ) -> Result<Vec<MemberLabel>, StoreError>;

    /// Which of these members are in the team.
    fn team_members_among(
        &mut self,
        organization: OrganizationId,
        team: TeamId,
        members: &[MemberId],
    ) -> Result<Vec<Member>, StoreError>;
}

/// Writes of teams and memberships.
pub trait TeamWrites {
    /// Saves a change with its entries under the version that was read, and returns the team as
    /// stored. A removal takes its memberships along.
    fn save_team(&mut self, change: Change<Team>, stamp: &Stamp) -> Result<Team, StoreError>;

    /// Applies a delta set-wise: one statement each way, one entry for each row that came or
    /// went, one version bump if any did. Its cost does not depend on the team's size, but for a
    /// delta that replaces.
    fn apply_memberships(
        &mut self,
        delta: &MembershipDelta,
        stamp: &Stamp,
    ) -> Result<AppliedDelta, StoreError>;
}
