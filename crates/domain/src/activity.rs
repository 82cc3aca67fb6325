//! What *Activity > Actions* records (R14; part B, Activity).

use crate::ids::{ConnectionId, MemberId, OrganizationId, TeamId};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident => $text:literal,)+) => {
        /// What happened, under a stable name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action { $($(#[$doc])* $name,)+ }

        impl Action {
            /// Every action there is, in the order of their documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The action of a stable name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

actions! {
    /// The organization came to be.
    OrganizationCreated => "organization.created",
    /// Its name, seat limit or another setting changed.
    OrganizationUpdated => "organization.updated",
    /// A login method was changed.
    LoginMethodUpdated => "login_method.updated",
    /// A login method was tested; a warning when it failed.
    LoginMethodTested => "login_method.tested",
    /// Provisioning was turned on (R01).
    ProvisioningEnabled => "provisioning.enabled",
    /// Provisioning was turned off (R03).
    ProvisioningDisabled => "provisioning.disabled",
    /// A new Secret Token was issued (R03).
    ProvisioningCredentialsIssued => "provisioning.credentials_issued",
    /// How the SCIM of a connection is read was chosen anew.
    ProvisioningProfileChanged => "provisioning.profile_changed",
    /// An owner allowed the link of an owner or admin for a day (part B, POST /Users).
    ProvisioningLinkAllowed => "provisioning.link_allowed",
    /// Warning: a membership named an id that is no live member of the connection.
    ProvisioningMemberSkipped => "provisioning.member_skipped",
    /// Warning: the directory asked for what would leave no owner.
    ProvisioningLastOwnerKept => "provisioning.last_owner_kept",
    /// Warning: the directory pushed an owner or admin whose link waits for approval.
    ProvisioningLinkWaiting => "provisioning.link_waiting",
    /// Warning: the directory needed a seat and none was free.
    ProvisioningSeatMissing => "provisioning.seat_missing",
    /// A person was invited by hand (R09).
    MemberInvited => "member.invited",
    /// The invitation was sent again; the old link died.
    MemberInvitationResent => "member.invitation_resent",
    /// The invitation was withdrawn.
    MemberInvitationCancelled => "member.invitation_cancelled",
    /// The invited person accepted.
    MemberJoined => "member.joined",
    /// A directory created the member (R05).
    MemberCreated => "member.created",
    /// A directory took over an existing member (part B, POST /Users).
    MemberAdopted => "member.adopted",
    /// Name, e-mail or another attribute changed.
    MemberUpdated => "member.updated",
    /// Suspended in the panel.
    MemberSuspended => "member.suspended",
    /// Activated in the panel.
    MemberActivated => "member.activated",
    /// The directory said `active:false` (R05).
    MemberDeactivated => "member.deactivated",
    /// The directory said `active:true` again (R05).
    MemberReactivated => "member.reactivated",
    /// Removed.
    MemberDeleted => "member.deleted",
    /// Got another role.
    MemberRoleChanged => "member.role_changed",
    /// Turned on again, the directory no longer finds the member (R13).
    MemberLost => "member.lost",
    /// Turned on again, the directory finds the member as before (R13).
    MemberFound => "member.found",
    /// The member set or changed the password.
    MemberPasswordChanged => "member.password_changed",
    /// An account of an identity provider was bound to the member.
    MemberIdentityBound => "member.identity_bound",
    /// The member's account of an identity provider was set free.
    MemberIdentityReleased => "member.identity_released",
    /// A password reset was asked for by mail.
    MemberPasswordResetRequested => "member.password_reset_requested",
    /// Signed in.
    SessionStarted => "session.started",
    /// Signed out.
    SessionEnded => "session.ended",
    /// Warning: a sign-in was refused.
    SessionRefused => "session.refused",
    /// A team came to be.
    TeamCreated => "team.created",
    /// A team got another name.
    TeamRenamed => "team.renamed",
    /// Another attribute of a team changed.
    TeamUpdated => "team.updated",
    /// A team was removed.
    TeamDeleted => "team.deleted",
    /// A member joined a team.
    TeamMemberAdded => "team.member_added",
    /// A member left a team.
    TeamMemberRemoved => "team.member_removed",
    /// Turned on again, the directory no longer finds the team (R13).
    TeamLost => "team.lost",
    /// Turned on again, the directory finds the team as before (R13).
    TeamFound => "team.found",
}

/// How loud an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A change that took effect.
    Change,
    /// Something a person must know of that changed nothing.
    Warning,
}

impl EventKind {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Warning => "warning",
        }
    }

    /// The kind of a stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "change" => Some(Self::Change),
            "warning" => Some(Self::Warning),
            _ => None,
        }
    }
}

/// What kind of object an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TargetKind {
    /// The organization itself.
    Organization,
    /// A provisioning connection.
    Connection,
    /// A member.
    Member,
    /// A team.
    Team,
}

impl TargetKind {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Connection => "connection",
            Self::Member => "member",
            Self::Team => "team",
        }
    }

    /// The kind of a stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "organization" => Some(Self::Organization),
            "connection" => Some(Self::Connection),
            "member" => Some(Self::Member),
            "team" => Some(Self::Team),
            _ => None,
        }
    }
}

/// The object an entry is about, with its label at the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What kind of object.
    pub kind: TargetKind,
    /// Its id, in the canonical form.
    pub id: String,
    /// What people called it when it happened.
    pub label: String,
}

impl Target {
    /// An organization.
    #[must_use]
    pub fn organization(id: OrganizationId, label: &str) -> Self {
        Self::new(TargetKind::Organization, id.to_string(), label)
    }

    /// A connection.
    #[must_use]
    pub fn connection(id: ConnectionId, label: &str) -> Self {
        Self::new(TargetKind::Connection, id.to_string(), label)
    }

    /// A member.
    #[must_use]
    pub fn member(id: MemberId, label: &str) -> Self {
        Self::new(TargetKind::Member, id.to_string(), label)
    }

    /// A team.
    #[must_use]
    pub fn team(id: TeamId, label: &str) -> Self {
        Self::new(TargetKind::Team, id.to_string(), label)
    }

    fn new(kind: TargetKind, id: String, label: &str) -> Self {
        Self {
            kind,
            id,
            label: label.to_owned(),
        }
    }
}

/// A field's value before and after; never a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The field, in the words of the panel's API.
    pub field: String,
    /// Before; absent when it had no value.
    pub before: Option<String>,
    /// After; absent when it lost its value.
    pub after: Option<String>,
}

impl FieldChange {
    /// A change of one field.
    #[must_use]
    pub fn new(field: &str, before: Option<String>, after: Option<String>) -> Self {
        Self {
            field: field.to_owned(),
            before,
            after,
        }
    }

    /// A change of one field, or nothing when both sides are equal.
    #[must_use]
    pub fn between(field: &str, before: Option<&str>, after: Option<&str>) -> Option<Self> {
        (before != after)
            .then(|| Self::new(field, before.map(str::to_owned), after.map(str::to_owned)))
    }
}

/// One entry to be, before the stamp (who, when, which request) is put on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityEvent {
    /// What happened.
    pub action: Action,
    /// A change, or a warning.
    pub kind: EventKind,
    /// The object it happened to.
    pub target: Target,
    /// The other object concerned: the member of a membership entry.
    pub related: Option<Target>,
    /// Changed fields.
    pub changes: Vec<FieldChange>,
}

impl ActivityEvent {
    /// A change without field details.
    #[must_use]
    pub fn change(action: Action, target: Target) -> Self {
        Self {
            action,
            kind: EventKind::Change,
            target,
            related: None,
            changes: Vec::new(),
        }
    }

    /// A warning.
    #[must_use]
    pub fn warning(action: Action, target: Target) -> Self {
        Self {
            kind: EventKind::Warning,
            ..Self::change(action, target)
        }
    }

    /// With changed fields.
    #[must_use]
    pub fn with(mut self, changes: Vec<FieldChange>) -> Self {
        self.changes = changes;
        self
    }

    /// With the other object concerned.
    #[must_use]
    pub fn about(mut self, related: Target) -> Self {
        self.related = Some(related);
        self
    }
}
