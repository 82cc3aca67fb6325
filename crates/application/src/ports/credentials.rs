//! Passwords, sessions and resets of members.

use chrono::{DateTime, Utc};
use rollcall_domain::{MemberId, OrganizationId, SessionId};

use crate::ports::{Digest, StoreError};

/// A session to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Its id, which may be shown.
    pub id: SessionId,
    /// Of whom.
    pub organization: OrganizationId,
    /// Of whom.
    pub member: MemberId,
    /// The digest of its token.
    pub token: Digest,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// From which address.
    pub ip: Option<String>,
    /// By which client.
    pub user_agent: Option<String>,
}

/// A session as its member sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Its id.
    pub id: SessionId,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// From which address.
    pub ip: Option<String>,
    /// By which client.
    pub user_agent: Option<String>,
}

/// Reads of credentials.
pub trait CredentialReads {
    /// The stored password hash.
    fn password_hash(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
    ) -> Result<Option<String>, StoreError>;

    /// The member's sessions that have not ended, newest first.
    fn sessions(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionRecord>, StoreError>;
}

/// Writes of credentials.
pub trait CredentialWrites {
    /// Stores a password hash; whether there is one is part of the member and saved with it.
    fn put_password_hash(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
        hash: &str,
    ) -> Result<(), StoreError>;

    /// Begins a session.
    fn create_session(&mut self, session: &NewSession) -> Result<(), StoreError>;

    /// Notes that a session was used.
    fn touch_session(
        &mut self,
        organization: OrganizationId,
        session: SessionId,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Ends one session of a member; whether there was one.
    fn end_session(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
        session: SessionId,
    ) -> Result<bool, StoreError>;

    /// Ends every session of a member but the one to keep; how many.
    fn end_other_sessions(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
        kept: Option<SessionId>,
    ) -> Result<u64, StoreError>;

    /// Stores the digest of a password reset's link; earlier ones of the member die.
    fn put_reset(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
        token: &Digest,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError>;
}
