//! What a rule answers when it says no.

use crate::connection::DirectoryKind;

/// A rule said no. The code is stable, and the same in the panel, over SCIM, in logs and metrics.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Managed by a directory, so read-only here (R07).
    #[error("provisioned by {directory}: edit this in {directory}")]
    ProvisionedReadOnly {
        /// Where it can be edited.
        directory: DirectoryKind,
    },
    /// A manually created member cannot be in a provisioned team while provisioning is on (R10).
    #[error(
        "a manually created member cannot be added to a team provisioned by {directory} while \
         provisioning is on"
    )]
    ManualMemberInProvisionedTeam {
        /// Whose team it is.
        directory: DirectoryKind,
    },
    /// It would leave the organization without an owner who can sign in (part B, Last owner).
    #[error("the organization would be left without an active owner who can sign in")]
    LastOwner,
    /// Every seat is taken (part B, Seats).
    #[error("{used} of {limit} seats are in use")]
    SeatLimit {
        /// Seats in use.
        used: u32,
        /// Seats there are.
        limit: u32,
    },
    /// Another team has that name (part B, Teams).
    #[error("a team of that name exists already")]
    NameTaken,
    /// Another member has that e-mail or user name (part B, Identity).
    #[error("a member with that user name or e-mail exists already")]
    MemberExists,
    /// Another object of the directory bears that `externalId` (part B, POST /Users, 2).
    #[error("another object of this directory has that externalId")]
    ExternalIdTaken,
    /// The member belongs to another directory that is on (part B, POST /Users, 4).
    #[error("that member is provisioned by {directory}, which is turned on")]
    LinkedElsewhere {
        /// The directory it belongs to.
        directory: DirectoryKind,
    },
    /// Two different members match what the directory pushed (part B, POST /Users).
    #[error("more than one member matches this user name, externalId and e-mail")]
    AmbiguousMatch,
    /// An owner or admin is linked to a directory only after an owner allowed it (part B).
    #[error(
        "this person is an owner or admin here: an owner has to allow the link in the Control \
         Panel under Settings, User provisioning; then push again"
    )]
    LinkNeedsApproval,
    /// The role does not permit it (part B, Roles).
    #[error("your role does not permit this")]
    NotAllowed,
    /// The invitation was used, cancelled, replaced or is too old (part B, Member states).
    #[error("this invitation is no longer valid")]
    InvitationExpired,
    /// The object is not in a state in which this can be done.
    #[error("{0}")]
    InvalidState(&'static str),
    /// Somebody changed it in between.
    #[error("it was changed in the meantime: load it again")]
    VersionConflict,
    /// The connection is off, or its token was replaced, while the request was under way (R03).
    #[error("provisioning was turned off or its credentials were replaced")]
    ConnectionClosed,
}

impl Refusal {
    /// One of each, for documentation and exhaustive tests.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let directory = DirectoryKind::Okta;
        vec![
            Self::ProvisionedReadOnly { directory },
            Self::ManualMemberInProvisionedTeam { directory },
            Self::LastOwner,
            Self::SeatLimit { used: 1, limit: 1 },
            Self::NameTaken,
            Self::MemberExists,
            Self::ExternalIdTaken,
            Self::LinkedElsewhere { directory },
            Self::AmbiguousMatch,
            Self::LinkNeedsApproval,
            Self::NotAllowed,
            Self::InvitationExpired,
            Self::InvalidState(""),
            Self::VersionConflict,
            Self::ConnectionClosed,
        ]
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ProvisionedReadOnly { .. } => "provisioned_read_only",
            Self::ManualMemberInProvisionedTeam { .. } => "manual_member_in_provisioned_team",
            Self::LastOwner => "last_owner",
            Self::SeatLimit { .. } => "seat_limit",
            Self::NameTaken => "name_taken",
            Self::MemberExists => "member_exists",
            Self::ExternalIdTaken => "external_id_taken",
            Self::LinkedElsewhere { .. } => "linked_elsewhere",
            Self::AmbiguousMatch => "ambiguous_match",
            Self::LinkNeedsApproval => "link_needs_approval",
            Self::NotAllowed => "not_allowed",
            Self::InvitationExpired => "invitation_expired",
            Self::InvalidState(_) => "invalid_state",
            Self::VersionConflict => "version_conflict",
            Self::ConnectionClosed => "connection_closed",
        }
    }
}
