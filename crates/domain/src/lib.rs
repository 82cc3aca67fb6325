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

pub use activity::{Action, ActivityEvent, EventKind, FieldChange, Target, TargetKind};
pub use actor::{Actor, Role};
pub use attributes::{Attributes, AttributesError};
pub use change::{Change, ChangeKind, Effect};
pub use connection::{Connection, Custody, Directories, DirectoryKind, Origin, Switch};
pub use ids::{
    ActivityId, ConnectionId, InvalidId, MemberId, OrganizationId, RequestId, SessionId, TeamId,
};
pub use invitation::{INVITATION_LIFETIME_HOURS, Invitation};
pub use link::{Link, LinkState};
pub use login::{LoginMethods, OktaLogin};
pub use member::{Member, MemberStatus, PersonName, Version};
pub use membership::{DeltaScope, MembershipDelta};
pub use organization::{Organization, Seats};
pub use refusal::Refusal;
pub use team::Team;
pub use text::{
    Email, ExternalId, FOLD_VERSION, FoldedKey, OrganizationName, TeamName, Text, TextError,
    UserName,
};
