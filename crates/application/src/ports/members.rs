//! Members.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rollcall_domain::rules::provisioning::{DirectoryUser, Matches};
use rollcall_domain::{
    Change, ConnectionId, ExternalId, FoldedKey, Invitation, Member, MemberId, OrganizationId,
    Origin, Role, TeamId, TeamName, Version,
};

use crate::Stamp;
use crate::ports::{Cursor, Digest, Direction, Ids, Page, Span, StoreError, Stretch};

/// A status as the panel filters by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusFilter {
    /// Invited, the link still good at the given instant.
    Invited(DateTime<Utc>),
    /// Invited, the link dead at the given instant.
    Expired(DateTime<Utc>),
    /// Active.
    Active,
    /// Suspended.
    Suspended,
    /// Deactivated.
    Deactivated,
}

/// What a list of members is sorted by; ties by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MemberSort {
    /// The folded label.
    #[default]
    Name,
    /// The login key.
    Email,
    /// When they came to be.
    Created,
}

/// Which members the panel asks for. Filters combine by *and*.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemberQuery {
    /// Text contained in label, e-mail or directory name, compared folded and literally.
    pub search: Option<String>,
    /// Status.
    pub status: Option<StatusFilter>,
    /// Role.
    pub role: Option<Role>,
    /// Source.
    pub source: Option<Origin>,
    /// Members of this team.
    pub team: Option<TeamId>,
    /// Order.
    pub sort: MemberSort,
    /// Which way.
    pub direction: Direction,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// At most this many.
    pub limit: u32,
}

/// A team as a member's row shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamLabel {
    /// Its id.
    pub id: TeamId,
    /// Its name.
    pub name: TeamName,
    /// Its origin, for the badge.
    pub origin: Origin,
}

/// A row of the panel's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberListItem {
    /// The member.
    pub member: Member,
    /// Up to ten of the member's teams, by name.
    pub teams: Vec<TeamLabel>,
    /// How many teams the member is in.
    pub team_count: u64,
}

/// A condition a store can serve by an index over the live links of one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberCondition {
    /// `id eq`.
    Id(MemberId),
    /// `userName eq`, folded.
    UserName(FoldedKey),
    /// `externalId eq`, exact.
    ExternalId(ExternalId),
    /// `active eq`.
    Active(bool),
    /// `groups.value eq`, for a team live on the same connection.
    InTeam(TeamId),
    /// Any of the e-mail addresses, trimmed and folded.
    Email(FoldedKey),
    /// What people call the member, folded: the display name, where there is one.
    Label(FoldedKey),
    /// When the member came to be.
    Created(Span),
    /// When the member last changed.
    Changed(Span),
}

/// An open invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRecord {
    /// The invitation.
    pub invitation: Invitation,
    /// When its link was last sent.
    pub sent_at: DateTime<Utc>,
}

/// How a store writes the document of a member that it keeps beside it (ADR 11).
#[derive(Debug, Clone, Copy)]
pub struct Documents {
    /// Which form the writer gives them. A document of another form, which another version of the
    /// program wrote, is not read but written anew from the member.
    pub form: i32,
    /// Writes one. It must depend on nothing but the member.
    pub write: fn(&Member) -> String,
}

/// What a store takes from elsewhere to write with.
#[derive(Clone)]
pub struct Supplies {
    /// Names activity entries and mails.
    pub ids: Arc<dyn Ids>,
    /// Writes the documents of members.
    pub documents: Documents,
}

impl fmt::Debug for Supplies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supplies")
            .field("documents", &self.documents)
            .finish_non_exhaustive()
    }
}

/// A member as its directory reads it: the document that was written when the member was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberDocument {
    /// Whose document.
    pub id: MemberId,
    /// The folded name that the directory knows the member by.
    pub key: FoldedKey,
    /// The version of the member it was written of.
    pub version: Version,
    /// What [`Documents::write`] wrote.
    pub text: String,
}

/// Whether the teams of a member are read with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Teams {
    /// Those live on the connection.
    Load,
    /// They are not wanted.
    Skip,
}

/// A member, and its teams that are live on the connection, if they were asked for.
pub type WithTeams<M> = (M, Vec<TeamLabel>);

/// Reads of members.
pub trait MemberReads {
    /// A member of the organization.
    fn member(
        &mut self,
        organization: OrganizationId,
        id: MemberId,
    ) -> Result<Option<Member>, StoreError>;

    /// Members of these ids, in this order; absent ones are left out.
    fn members(
        &mut self,
        organization: OrganizationId,
        ids: &[MemberId],
    ) -> Result<Vec<Member>, StoreError>;

    /// Members whose login key or folded primary e-mail is one of these, at most 20.
    fn members_with_keys(
        &mut self,
        organization: OrganizationId,
        keys: &[FoldedKey],
    ) -> Result<Vec<Member>, StoreError>;

    /// Who could be the person that a directory pushes. [`Matches::by_key`] holds everybody whose
    /// login key or folded primary e-mail is one of the person's, at most 24, whoever is live on the
    /// connection too.
    fn matches(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        user: &DirectoryUser,
    ) -> Result<Matches, StoreError>;

    /// The member live on the connection with this `externalId`.
    fn live_member_by_external_id(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        external_id: &ExternalId,
    ) -> Result<Option<Member>, StoreError>;

    /// Active owners who can sign in by a password, where passwords open the panel, or by an
    /// account bound at a provider that works; one member not counted (part B, Last owner).
    fn other_effective_owners(
        &mut self,
        organization: OrganizationId,
        excluded: MemberId,
    ) -> Result<u32, StoreError>;

    /// A page of the panel's list.
    fn member_page(
        &mut self,
        organization: OrganizationId,
        query: &MemberQuery,
    ) -> Result<Page<MemberListItem>, StoreError>;

    /// Every team of a member, by name.
    fn teams_of_member(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
    ) -> Result<Vec<TeamLabel>, StoreError>;

    /// How many members are live on the connection and satisfy every condition.
    fn count_live_members(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[MemberCondition],
    ) -> Result<u64, StoreError>;

    /// Members live on the connection that satisfy every condition.
    fn live_members(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[MemberCondition],
        stretch: &Stretch,
    ) -> Result<Vec<Member>, StoreError>;

    /// The same members, each as its document, and its teams as [`Self::live_teams_of_members`] has
    /// them, if they are asked for. Whom a key names is one look-up, teams included.
    fn live_documents(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[MemberCondition],
        stretch: &Stretch,
        teams: Teams,
    ) -> Result<Vec<WithTeams<MemberDocument>>, StoreError>;

    /// The teams live on the connection that these members are in, by name. Who is in none is left
    /// out.
    fn live_teams_of_members(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        members: &[MemberId],
    ) -> Result<HashMap<MemberId, Vec<TeamLabel>>, StoreError>;

    /// The member's open invitation.
    fn invitation(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
    ) -> Result<Option<InvitationRecord>, StoreError>;
}

/// Writes of members.
pub trait MemberWrites {
    /// Saves a change, its entries and its effects under the version that was read, and returns
    /// the member as stored: its version one on, its time of change never earlier than before.
    /// A removal takes the member out of every team, one entry each, and bumps their versions.
    fn save_member(&mut self, change: Change<Member>, stamp: &Stamp) -> Result<Member, StoreError>;

    /// Stores an invitation and the digest of its link; an earlier link of the member dies.
    fn put_invitation(
        &mut self,
        invitation: &Invitation,
        token: &Digest,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError>;
}
