//! Connections, their tokens, and links that wait for an owner's word.

use chrono::{DateTime, Utc};
use rollcall_domain::{
    ActivityEvent, Change, Connection, ConnectionId, Directories, Member, MemberId, OrganizationId,
    Team, TeamId,
};

use crate::Stamp;
use crate::ports::{Digest, StoreError};

/// How many objects a connection is linked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LinkCounts {
    /// Members the directory finds.
    pub live_members: u64,
    /// Members it no longer finds.
    pub lost_members: u64,
    /// Teams it finds.
    pub live_teams: u64,
    /// Teams it no longer finds.
    pub lost_teams: u64,
}

/// A push of an owner or admin that waits, or has been allowed (part B, POST /Users, 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRequest {
    /// Whom the directory pushed.
    pub member: MemberId,
    /// Through which connection.
    pub connection: ConnectionId,
    /// When it asked last.
    pub requested_at: DateTime<Utc>,
    /// Until when an owner has allowed it.
    pub allowed_until: Option<DateTime<Utc>>,
}

/// Reads of connections.
pub trait ConnectionReads {
    /// Every connection of an organization.
    fn directories(&mut self, organization: OrganizationId) -> Result<Directories, StoreError>;

    /// How many objects a connection is linked to; flat cost.
    fn link_counts(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
    ) -> Result<LinkCounts, StoreError>;

    /// Whether a connection finds at least one member or team (R07); flat cost.
    fn has_live_links(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
    ) -> Result<bool, StoreError>;

    /// Whether this token opens this connection at this moment: asked again inside every SCIM
    /// write, so that a write under way when the token dies does not land (R03).
    fn token_is_live(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        token: &Digest,
    ) -> Result<bool, StoreError>;

    /// Every connection of an organization, if this token opens this one: what every SCIM write
    /// begins with, at once.
    fn directories_opened(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        token: &Digest,
    ) -> Result<Option<Directories>, StoreError>;

    /// Links of owners and admins that wait or are allowed, newest first.
    fn link_requests(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<LinkRequest>, StoreError>;

    /// Members linked to the connection whom turning on could change, at most `limit` in id
    /// order after `after`: key moved, link lost, or status other than the directory's last
    /// word. A superset: the rule decides.
    fn members_to_relink(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        after: Option<MemberId>,
        limit: u32,
    ) -> Result<Vec<Member>, StoreError>;

    /// Teams linked to the connection that turning on could change: name moved, link lost, or
    /// name in another namespace than the connection's; see [`Self::members_to_relink`].
    fn teams_to_relink(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        after: Option<TeamId>,
        limit: u32,
    ) -> Result<Vec<Team>, StoreError>;

    /// Who leaves which team when the connection is turned on: memberships, in teams whose key as
    /// sent still equals theirs, of members who have no link to it or whose key as sent no longer
    /// equals theirs. At most `limit` of them, with the full count. For the preview.
    fn outsiders(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        limit: u32,
    ) -> Result<(Vec<(Team, Member)>, u64), StoreError>;
}

/// Writes of connections.
pub trait ConnectionWrites {
    /// Saves a change with its entries.
    fn save_connection(
        &mut self,
        change: Change<Connection>,
        stamp: &Stamp,
    ) -> Result<Connection, StoreError>;

    /// Revokes every token of the connection and, where one is given, stores the new one.
    fn replace_tokens(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        token: Option<&Digest>,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Notes when the directory was last heard. Leaves no entry and moves no version.
    fn note_request(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Notes that the push of an owner or admin waits for permission; repeated pushes move only
    /// its time.
    fn request_link(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
        connection: ConnectionId,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Stores an owner's permission with its entry. It is used up by
    /// [`rollcall_domain::Effect::UseLinkApproval`].
    fn allow_link(
        &mut self,
        member: MemberId,
        connection: ConnectionId,
        until: DateTime<Utc>,
        event: ActivityEvent,
        stamp: &Stamp,
    ) -> Result<(), StoreError>;

    /// Removes from every team live on the connection each member who is not live there, set-wise,
    /// one entry each (part B, *On again*). Returns how many left.
    fn remove_outsiders(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        stamp: &Stamp,
    ) -> Result<u64, StoreError>;
}
