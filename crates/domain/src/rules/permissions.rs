//! Who may do what (part B, Roles).

use crate::actor::{Actor, Role};
use crate::member::Member;
use crate::refusal::Refusal;

/// Something a role permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See and change the own profile, see the own teams.
    OwnProfile,
    /// See members and teams.
    ViewPeople,
    /// Invite, edit, suspend, activate, delete members.
    ManageMembers,
    /// Create, rename, delete teams and change who is in them.
    ManageTeams,
    /// Turn provisioning on and off, issue credentials (R01).
    ManageProvisioning,
    /// Read *Activity > Actions*.
    ViewActivity,
    /// See the organization's settings and login methods.
    ViewSettings,
    /// Change the organization's settings and login methods.
    ManageSettings,
    /// Allow the link of an owner or admin to a directory.
    AllowLink,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 9] = [
        Self::OwnProfile,
        Self::ViewPeople,
        Self::ManageMembers,
        Self::ManageTeams,
        Self::ManageProvisioning,
        Self::ViewActivity,
        Self::ViewSettings,
        Self::ManageSettings,
        Self::AllowLink,
    ];

    /// The least role that has it.
    #[must_use]
    pub const fn least_role(self) -> Role {
        match self {
            Self::OwnProfile => Role::Member,
            Self::ViewPeople
            | Self::ManageMembers
            | Self::ManageTeams
            | Self::ManageProvisioning
            | Self::ViewActivity
            | Self::ViewSettings => Role::Admin,
            Self::ManageSettings | Self::AllowLink => Role::Owner,
        }
    }
}

/// Whether a role has a permission.
#[must_use]
pub fn allows(role: Role, permission: Permission) -> bool {
    role >= permission.least_role()
}

/// Demands a permission of an actor. A directory has none of the panel's permissions; the
/// operator has all.
///
/// # Errors
/// [`Refusal::NotAllowed`].
pub fn require(actor: &Actor, permission: Permission) -> Result<(), Refusal> {
    let allowed = match actor {
        Actor::Member { role, .. } => allows(*role, permission),
        Actor::System { .. } => true,
        Actor::Directory { .. } => false,
    };
    if allowed {
        Ok(())
    } else {
        Err(Refusal::NotAllowed)
    }
}

/// Demands that the actor may manage this member: an admin has no command at all on an owner.
///
/// # Errors
/// [`Refusal::NotAllowed`].
pub fn require_over(actor: &Actor, member: &Member) -> Result<(), Refusal> {
    require(actor, Permission::ManageMembers)?;
    require_role_within(actor, member.role)
}

/// Demands that a role is not above the actor's own.
///
/// # Errors
/// [`Refusal::NotAllowed`].
pub fn require_role_within(actor: &Actor, role: Role) -> Result<(), Refusal> {
    match actor {
        Actor::Member { role: own, .. } if role > *own => Err(Refusal::NotAllowed),
        Actor::Directory { .. } => Err(Refusal::NotAllowed),
        Actor::Member { .. } | Actor::System { .. } => Ok(()),
    }
}
