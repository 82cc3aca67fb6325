//! The few look-ups that cannot name an organization because they find it: tokens, sign-in, the
//! outbox, retention. Nothing else may stand here; a test lists them.

use chrono::{DateTime, Utc};
use rollcall_domain::{
    ConnectionId, DirectoryKind, FoldedKey, Invitation, MemberId, Organization, OrganizationId,
    Profile, SessionId,
};
use uuid::Uuid;

use crate::ports::{Digest, OutboxMail, StoreError};

/// The connection that a Secret Token opens, which is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHolder {
    /// Whose.
    pub organization: OrganizationId,
    /// The connection.
    pub connection: ConnectionId,
    /// To which kind of directory.
    pub directory: DirectoryKind,
    /// How the directory wants to be served.
    pub profile: Profile,
    /// When it was last heard, to the minute.
    pub last_request_at: Option<DateTime<Utc>>,
}

/// Whose session token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionHolder {
    /// The session.
    pub session: SessionId,
    /// Whose.
    pub organization: OrganizationId,
    /// Whose.
    pub member: MemberId,
    /// When it was last used, to the minute.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
}

/// Whose invitation link it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationHolder {
    /// The invitation.
    pub invitation: Invitation,
}

/// Whose password reset link it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetHolder {
    /// Whose.
    pub organization: OrganizationId,
    /// Whose.
    pub member: MemberId,
    /// When the link dies.
    pub expires_at: DateTime<Utc>,
}

/// A member who may be meant by an e-mail at sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInCandidate {
    /// The organization.
    pub organization: OrganizationId,
    /// Its name, to ask which one where it is ambiguous.
    pub organization_name: String,
    /// The member.
    pub member: MemberId,
    /// The stored hash.
    pub password_hash: String,
}

/// A login method that an e-mail address is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedProvider {
    /// Whose.
    pub organization: OrganizationId,
    /// Its name, for nobody signs in to a provider without knowing for whom.
    pub organization_name: String,
    /// Which provider.
    pub kind: DirectoryKind,
}

/// Attempts counted in a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// How many, this one included.
    pub count: u32,
    /// When the window ends.
    pub window_ends_at: DateTime<Utc>,
}

/// Unscoped reads.
pub trait UnscopedReads {
    /// Every organization, oldest first, at most `limit`: for set-up and the operator's commands.
    fn organizations(&mut self, limit: u32) -> Result<Vec<Organization>, StoreError>;

    /// The connection a live Secret Token opens.
    fn token_holder(&mut self, token: &Digest) -> Result<Option<TokenHolder>, StoreError>;

    /// The session of a token.
    fn session_holder(&mut self, token: &Digest) -> Result<Option<SessionHolder>, StoreError>;

    /// The invitation of a link.
    fn invitation_holder(&mut self, token: &Digest)
    -> Result<Option<InvitationHolder>, StoreError>;

    /// The password reset of a link.
    fn reset_holder(&mut self, token: &Digest) -> Result<Option<ResetHolder>, StoreError>;

    /// Active members with a password whose login key or folded primary e-mail this is, at most
    /// 20 over all organizations.
    fn sign_in_candidates(&mut self, key: &FoldedKey) -> Result<Vec<SignInCandidate>, StoreError>;

    /// The enabled providers of every organization that names this domain of e-mail addresses, at
    /// most 20. It tells nothing of whether an account exists (SEC-14).
    fn providers_of_domain(&mut self, domain: &str) -> Result<Vec<OfferedProvider>, StoreError>;

    /// Active members, managed or not, with or without a password, whose login key or folded
    /// primary e-mail this is, at most 20: who may ask for a password reset.
    fn members_by_email(
        &mut self,
        key: &FoldedKey,
    ) -> Result<Vec<(OrganizationId, MemberId)>, StoreError>;
}

/// Unscoped writes.
pub trait UnscopedWrites {
    /// Counts an attempt under a key (the digest of an account or address) in a window of
    /// `window_seconds`; an ended window begins anew.
    fn count_attempt(
        &mut self,
        key: &Digest,
        at: DateTime<Utc>,
        window_seconds: u32,
    ) -> Result<Attempts, StoreError>;

    /// Forgets the attempts under a key.
    fn forget_attempts(&mut self, key: &Digest) -> Result<(), StoreError>;

    /// Hands out mails that are due, leased until the given instant so that no other worker sends
    /// them too.
    fn lease_mails(
        &mut self,
        now: DateTime<Utc>,
        leased_until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<OutboxMail>, StoreError>;

    /// A mail was sent: its row goes.
    fn mail_sent(&mut self, id: Uuid) -> Result<(), StoreError>;

    /// A mail could not be sent: it is due again at the given instant, or given up and deleted.
    fn mail_failed(&mut self, id: Uuid, retry_at: Option<DateTime<Utc>>) -> Result<(), StoreError>;

    /// Deletes what is past its time: ended sessions, dead resets, sign-ins and attempts, and activity
    /// older than the given instant. At most `limit` rows of each kind; how many went.
    fn purge(
        &mut self,
        now: DateTime<Utc>,
        activity_before: Option<DateTime<Utc>>,
        limit: u32,
    ) -> Result<u64, StoreError>;
}
