//! What use cases need of the outside, as traits.

mod activity;
mod connections;
mod credentials;
mod environment;
mod listing;
mod members;
mod organizations;
mod outbox;
mod relying_party;
mod sign_on;
mod store;
mod teams;
mod unscoped;

pub use activity::{ActivityEntry, ActivityQuery, ActivityReads, ActivityWrites};
pub use connections::{ConnectionReads, ConnectionWrites, LinkCounts, LinkRequest};
pub use credentials::{CredentialReads, CredentialWrites, NewSession, SessionRecord};
pub use environment::{
    Clock, Digest, Ids, KeyMissing, PasswordCheck, PasswordHasher, Sealer, SecretText, TokenKind,
    Tokens,
};
pub use listing::{Cursor, Direction, LiveSort, Page, Span, Stretch, Window};
pub use members::{
    Documents, InvitationRecord, MemberCondition, MemberDocument, MemberListItem, MemberQuery,
    MemberReads, MemberSort, MemberWrites, StatusFilter, Supplies, TeamLabel, Teams, WithTeams,
};
pub use organizations::{OrganizationReads, OrganizationWrites};
pub use outbox::{OutboxMail, OutboxWrites, OutgoingMail};
pub use relying_party::{
    Authenticated, AuthorizationRequest, CodeExchange, ProviderClient, RelyingParty,
};
pub use sign_on::{PendingLogin, ProviderSession, SealedSecret, SignOnReads, SignOnWrites};
pub use store::{Job, ReadJob, ReadTx, Store, StoreError, StoreExt, WriteJob, WriteTx};
pub use teams::{
    AppliedDelta, MemberLabel, TeamCondition, TeamQuery, TeamReads, TeamSort, TeamWrites,
};
pub use unscoped::{
    Attempts, InvitationHolder, OfferedProvider, ResetHolder, SessionHolder, SignInCandidate,
    TokenHolder, UnscopedReads, UnscopedWrites,
};
