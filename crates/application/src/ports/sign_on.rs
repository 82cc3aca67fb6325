//! Login methods, accounts of identity providers, and sign-ins under way.

use chrono::{DateTime, Utc};
use rollcall_domain::{
    ActivityEvent, Change, DirectoryKind, Identity, LoginMethods, MemberId, OrganizationId,
    ProviderTest, SessionId, WaysIn,
};

use crate::Stamp;
use crate::ports::{Digest, StoreError};

/// A sign-in through a provider that has begun: what its answer has to fit. It holds nothing
/// secret: the proof (PKCE), the nonce and the browser's key are digests of what the browser
/// alone has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingLogin {
    /// Whose login method.
    pub organization: OrganizationId,
    /// The digest of the state it went out with.
    pub state: Digest,
    /// The digest of the key that the browser's cookie holds.
    pub browser: Digest,
    /// Which provider was asked.
    pub kind: DirectoryKind,
    /// Under which issuer.
    pub issuer: String,
    /// Who asked, while signed in, to have the account tied to them.
    pub member: Option<MemberId>,
    /// A path of ours to go on to.
    pub next: String,
    /// When its answer comes too late.
    pub expires_at: DateTime<Utc>,
}

/// A session that began through a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderSession {
    /// Which provider.
    pub kind: DirectoryKind,
    /// When it began.
    pub began_at: DateTime<Utc>,
}

/// A client secret as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// Of which provider.
    pub kind: DirectoryKind,
    /// Encrypted.
    pub sealed: Vec<u8>,
}

/// Reads of login methods and accounts.
pub trait SignOnReads {
    /// Login methods.
    fn login_methods(&mut self, organization: OrganizationId) -> Result<LoginMethods, StoreError>;

    /// The sealed client secret of a provider.
    fn client_secret(
        &mut self,
        organization: OrganizationId,
        kind: DirectoryKind,
    ) -> Result<Option<SealedSecret>, StoreError>;

    /// The ways in that stand open to a member: whether passwords open the panel, and whether an
    /// account is bound at the issuer of a provider that works (part B, Last owner).
    fn ways_in(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
    ) -> Result<WaysIn, StoreError>;

    /// The account of an issuer and subject.
    fn identity(
        &mut self,
        organization: OrganizationId,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<Identity>, StoreError>;

    /// The accounts bound to a member, by kind.
    fn identities(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
    ) -> Result<Vec<Identity>, StoreError>;

    /// Whether an active owner has signed in, since the given instant, by an account at the
    /// issuer of a provider that works.
    fn owner_came_through_provider(
        &mut self,
        organization: OrganizationId,
        since: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// How many active members of this origin have no password: they sign in through their
    /// provider or not at all. Counts up to 10,000 and no further.
    fn count_without_password(
        &mut self,
        organization: OrganizationId,
        kind: DirectoryKind,
    ) -> Result<u64, StoreError>;

    /// The provider through which a session began, if it was one.
    fn provider_session(
        &mut self,
        organization: OrganizationId,
        session: SessionId,
    ) -> Result<Option<ProviderSession>, StoreError>;
}

/// Writes of login methods and accounts.
pub trait SignOnWrites {
    /// Saves the login methods with their entries; a given sealed secret replaces the stored one
    /// of its provider.
    fn save_login_methods(
        &mut self,
        change: Change<LoginMethods>,
        secret: Option<SealedSecret>,
        stamp: &Stamp,
    ) -> Result<(), StoreError>;

    /// Notes what the test of a provider found, with its entry.
    fn note_test(
        &mut self,
        kind: DirectoryKind,
        test: &ProviderTest,
        event: ActivityEvent,
        stamp: &Stamp,
    ) -> Result<(), StoreError>;

    /// Stores a tie between a member and an account, with its entry.
    fn bind_identity(
        &mut self,
        identity: &Identity,
        event: ActivityEvent,
        stamp: &Stamp,
    ) -> Result<(), StoreError>;

    /// Ends the ties of a member to a kind of provider, with their entry; whether there was one.
    fn release_identities(
        &mut self,
        member: MemberId,
        kind: DirectoryKind,
        event: ActivityEvent,
        stamp: &Stamp,
    ) -> Result<bool, StoreError>;

    /// Notes that a member signed in by an account.
    fn note_sign_in(&mut self, identity: &Identity, at: DateTime<Utc>) -> Result<(), StoreError>;

    /// Notes through which provider a session began.
    fn put_provider_session(
        &mut self,
        organization: OrganizationId,
        session: SessionId,
        kind: DirectoryKind,
    ) -> Result<(), StoreError>;

    /// Ends every session that began through a provider but the kept one; how many.
    fn end_provider_sessions(
        &mut self,
        organization: OrganizationId,
        kind: DirectoryKind,
        kept: SessionId,
    ) -> Result<u64, StoreError>;

    /// Stores a sign-in that begins.
    fn put_pending_login(&mut self, login: &PendingLogin) -> Result<(), StoreError>;

    /// Takes a sign-in out by the digest of its state: a second answer finds none.
    fn take_pending_login(
        &mut self,
        organization: OrganizationId,
        state: &Digest,
    ) -> Result<Option<PendingLogin>, StoreError>;
}
