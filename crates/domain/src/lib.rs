//! Members, teams and the rules of provisioning, as functions of values.
//!
//! This crate is the law of the product and nothing else: no async, no I/O, no clock, no random
//! numbers, no logging. Time and new ids come in as arguments; what comes out is a [`Change`] with
//! the entries it leaves in *Activity > Actions*, or a [`Refusal`] with a stable code.
//!
//! Another service uses it alone:
//!
//! ```
//! use rollcall_domain::*;
//! use rollcall_domain::rules::teams;
//!
//! let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a valid instant");
//! let organization = OrganizationId::from_u128(1);
//! let okta = Connection::new(ConnectionId::from_u128(2), organization, DirectoryKind::Okta, now)
//!     .switched(Switch::On, now);
//! let directories = Directories::new(vec![okta.clone()]);
//!
//! // A team that Okta pushed is read-only in the panel while provisioning is on (R07).
//! let pushed = teams::create_from_directory(
//!     TeamId::from_u128(3),
//!     &okta,
//!     teams::DirectoryGroup {
//!         name: TeamName::parse("Engineering").expect("a valid name"),
//!         external_id: None,
//!     },
//!     teams::Namesakes::default(),
//!     now,
//! )
//! .expect("the name is free")
//! .value;
//! let admin = Actor::member(MemberId::from_u128(4), Role::Admin, "Ada");
//! let refused = teams::rename(
//!     &pushed,
//!     TeamName::parse("Platform").expect("a valid name"),
//!     &admin,
//!     &directories,
//!     teams::Namesakes::default(),
//! );
//! assert_eq!(refused, Err(Refusal::ProvisionedReadOnly { directory: DirectoryKind::Okta }));
//!
//! // Switched off, it is editable, and still bears Okta's badge (R08, R12).
//! let off = Directories::new(vec![okta.switched(Switch::Off, now)]);
//! let renamed = teams::rename(
//!     &pushed,
//!     TeamName::parse("Platform").expect("a valid name"),
//!     &admin,
//!     &off,
//!     teams::Namesakes::default(),
//! )
//! .expect("nothing manages it now");
//! assert_eq!(renamed.value.origin, Origin::Provisioned(DirectoryKind::Okta));
//! assert_eq!(renamed.events[0].action, Action::TeamRenamed);
//! ```
//!
//! # What to call when
//!
//! | When | Ask | Then |
//! |---|---|---|
//! | a role is at stake | [`rules::permissions::require`], [`rules::permissions::require_over`] | every panel rule below asks by itself |
//! | a member is edited, suspended, activated, deleted, given a role or a password in the panel | [`rules::members`] | save the change; `taken_by` is who else answers to [`rules::members::edit_keys`] |
//! | a person is invited, reminded, accepts | [`rules::invitations`] | after [`rules::invitations::accept`], one [`rules::memberships::join`] for each of [`rules::invitations::teams_on_acceptance`] |
//! | a team is made, renamed or deleted by either side | [`rules::teams`] | |
//! | somebody joins or leaves a team | [`rules::memberships::add`], [`rules::memberships::remove`]; a directory: [`rules::memberships::from_directory`] | apply the delta, one [`rules::memberships::entry`] for each row that moved, one [`rules::memberships::skipped`] for each id that is no live member |
//! | a directory posts a user | [`rules::provisioning::receive`] | as its [`rules::provisioning::Intake`] says: [`rules::provisioning::create`], [`rules::provisioning::revive`] or [`rules::provisioning::adopt`] |
//! | a directory changes or removes a user | [`rules::provisioning::update`], [`rules::provisioning::delete`] | on a refusal, save its [`rules::provisioning::warning`], if any |
//! | provisioning is switched, or gets new credentials | [`rules::switching::enable`], [`rules::switching::disable`], [`rules::switching::issue_credentials`] | revoke the old tokens in the same transaction |
//! | it was turned on | [`rules::switching::relink_member`] and [`rules::switching::relink_team`] of everything linked, live links first | take out of its managed teams whoever [`rules::switching::leaves_managed_teams`] |
//! | an owner lets a directory take over an owner or admin | [`rules::switching::allow_link`] | remember it until [`rules::provisioning::approval_holds`] no more |
//! | the panel draws a page | [`Directories::custody`], [`Origin::directory`], [`rules::sign_on::login_reminders`], [`rules::organizations::read_only_sources`], [`rules::invitations::offers`] | |
//! | the organization itself changes | [`rules::organizations`] | |
//! | a login method changes, or somebody signs in through an identity provider | [`rules::sign_on`] | after a change of login methods, [`rules::owners::keep_a_way_in`] |
//!
//! # What the caller owes the rules
//!
//! - What a rule is told must be read in the transaction that saves its answer: who else holds a
//!   key or a name, seats in use, owners who can sign in ([`rules::Facts`]).
//! - Saving a [`Change`] stores the object under the version it was read with, its entries and its
//!   [`Effect`]s together; one of kind [`ChangeKind::None`] is not saved. Versions and times of
//!   change are moved by the store.
//! - [`Matches::by_key`](rules::provisioning::Matches::by_key) never holds a member who is live on
//!   the pushing connection.

mod activity;
mod actor;
mod attributes;
mod change;
mod connection;
mod ids;
mod invitation;
mod link;
mod login;
mod member;
mod membership;
mod organization;
mod refusal;
pub mod rules;
mod team;
mod text;
mod version;

pub use activity::{Action, ActivityEvent, EventKind, FieldChange, Target, TargetKind};
pub use actor::{Actor, Role};
pub use attributes::{Attributes, AttributesError, Parts};
pub use change::{Change, ChangeKind, Effect};
pub use connection::{Connection, Custody, Directories, DirectoryKind, Origin, Profile, Switch};
pub use ids::{
    ActivityId, ConnectionId, InvalidId, MemberId, OrganizationId, RequestId, SessionId, TeamId,
};
pub use invitation::{INVITATION_LIFETIME_HOURS, Invitation};
pub use link::{Link, LinkState};
pub use login::{
    Identity, LoginMethods, LoginProvider, PasswordSignIn, ProviderTest, ProviderWay, SignInFault,
    WaysIn,
};
pub use member::{Member, MemberStatus, PersonName};
pub use membership::{DeltaScope, MembershipDelta};
pub use organization::{Organization, Seats};
pub use refusal::Refusal;
pub use team::Team;
pub use text::{
    Email, ExternalId, FOLD_VERSION, FoldedKey, OrganizationName, TeamName, Text, TextError,
    UserName,
};
pub use version::Version;
