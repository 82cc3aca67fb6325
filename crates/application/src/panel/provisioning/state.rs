//! What *Settings > User provisioning* shows.

use chrono::{DateTime, Utc};
use rollcall_domain::rules::organizations::read_only_sources;
use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::rules::provisioning::needs_link_approval;
use rollcall_domain::rules::sign_on::login_reminders;
use rollcall_domain::{
    Connection, ConnectionId, Directories, DirectoryKind, MemberId, OrganizationId, Profile, Role,
};

use crate::directory::TokenRefusals;
use crate::ports::{LinkCounts, ReadTx, StoreExt};
use crate::{Caller, Failure, PublicUrl, Services};

/// Where provisioning from a directory stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectoryStatus {
    /// Off.
    Off,
    /// On, and the directory was not heard yet.
    Waiting,
    /// On, and the directory was heard.
    Connected,
}

impl DirectoryStatus {
    /// Whether the directory may push.
    #[must_use]
    pub const fn is_on(self) -> bool {
        !matches!(self, Self::Off)
    }

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Waiting => "waiting",
            Self::Connected => "connected",
        }
    }
}

/// Provisioning from one directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryState {
    /// Which directory.
    pub directory: DirectoryKind,
    /// Its connection, once it was turned on for the first time.
    pub connection: Option<ConnectionId>,
    /// Where it stands.
    pub status: DirectoryStatus,
    /// How its SCIM is read.
    pub profile: Profile,
    /// The Tenant URL, once it was turned on for the first time.
    pub tenant_url: Option<String>,
    /// When it was last turned on.
    pub enabled_at: Option<DateTime<Utc>>,
    /// When the directory was last heard since then.
    pub last_request_at: Option<DateTime<Utc>>,
    /// What is linked to it.
    pub links: LinkCounts,
    /// Wrong Secret Tokens that this node has seen at its Tenant URL since it started.
    pub refused_tokens: Option<TokenRefusals>,
}

/// An owner or admin whose link waits for an owner's word, or has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingLink {
    /// Who.
    pub member: MemberId,
    /// What people call them.
    pub label: String,
    /// Their role.
    pub role: Role,
    /// Which directory pushes them.
    pub directory: DirectoryKind,
    /// When it last did.
    pub requested_at: DateTime<Utc>,
    /// Until when an owner has allowed it.
    pub allowed_until: Option<DateTime<Utc>>,
}

/// Why a directory's people cannot sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReminderCause {
    /// It is not enabled as a login method.
    NotEnabled,
    /// It is, and its last test failed.
    TestFailed,
}

/// A directory pushes people who cannot sign in, for it is no login method that works (R06).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginReminder {
    /// Which directory.
    pub directory: DirectoryKind,
    /// Why nobody can.
    pub cause: ReminderCause,
    /// How many of its active members have no password either; 10,000 stands for that many or
    /// more.
    pub members: u64,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisioningState {
    /// Every directory that can be turned on.
    pub directories: Vec<DirectoryState>,
    /// Where to remind of a login method (R06).
    pub login_reminders: Vec<LoginReminder>,
    /// The sources the read-only notice names; no notice when empty (R07).
    pub read_only_sources: Vec<DirectoryKind>,
    /// Links that wait for an owner's word, newest first.
    pub waiting_links: Vec<WaitingLink>,
}

/// The state of provisioning.
///
/// # Errors
/// `not_allowed`.
pub async fn get_provisioning(
    services: &Services,
    caller: &Caller,
) -> Result<ProvisioningState, Failure> {
    caller.require(Permission::ManageProvisioning)?;
    let (organization, url) = (caller.organization, services.public_url.clone());
    let mut found = services
        .store
        .read(move |tx| load(tx, organization, &url))
        .await?;
    for directory in &mut found.directories {
        let connection = directory.connection;
        directory.refused_tokens = connection.and_then(|id| services.refused_tokens.of(id));
    }
    Ok(found)
}

fn load(
    tx: &mut dyn ReadTx,
    organization: OrganizationId,
    url: &PublicUrl,
) -> Result<ProvisioningState, Failure> {
    let directories = tx.directories(organization)?;
    let methods = tx.login_methods(organization)?;
    let mut states = Vec::new();
    for kind in DirectoryKind::OFFERED {
        states.push(match directories.of(kind) {
            Some(connection) => state(tx, connection, url)?,
            None => never_on(kind),
        });
    }
    let mut reminders = Vec::new();
    for directory in login_reminders(&directories, &methods) {
        let members = tx.count_without_password(organization, directory)?;
        let provider = methods.provider(directory);
        let cause = if provider.is_some_and(|provider| provider.enabled) {
            ReminderCause::TestFailed
        } else {
            ReminderCause::NotEnabled
        };
        reminders.push(LoginReminder {
            directory,
            cause,
            members,
        });
    }
    let provisioned = provisioned(tx, &directories)?;
    Ok(ProvisioningState {
        directories: states,
        login_reminders: reminders,
        read_only_sources: read_only_sources(&directories, |connection| {
            provisioned.contains(&connection.id)
        }),
        waiting_links: waiting_links(tx, organization, &directories)?,
    })
}

/// The connections that find at least one member or team.
fn provisioned(
    tx: &mut dyn ReadTx,
    directories: &Directories,
) -> Result<Vec<ConnectionId>, Failure> {
    let mut found = Vec::new();
    for connection in directories.all() {
        if tx.has_live_links(connection.organization, connection.id)? {
            found.push(connection.id);
        }
    }
    Ok(found)
}

fn state(
    tx: &mut dyn ReadTx,
    connection: &Connection,
    url: &PublicUrl,
) -> Result<DirectoryState, Failure> {
    let status = match (connection.is_on(), connection.last_request_at) {
        (false, _) => DirectoryStatus::Off,
        (true, None) => DirectoryStatus::Waiting,
        (true, Some(_)) => DirectoryStatus::Connected,
    };
    Ok(DirectoryState {
        directory: connection.directory,
        connection: Some(connection.id),
        status,
        profile: connection.profile,
        tenant_url: Some(url.tenant_url(connection.id)),
        enabled_at: connection.enabled_at,
        last_request_at: connection.last_request_at,
        links: tx.link_counts(connection.organization, connection.id)?,
        refused_tokens: None,
    })
}

fn never_on(directory: DirectoryKind) -> DirectoryState {
    DirectoryState {
        directory,
        connection: None,
        status: DirectoryStatus::Off,
        profile: Profile::usual(directory),
        tenant_url: None,
        enabled_at: None,
        last_request_at: None,
        links: LinkCounts::default(),
        refused_tokens: None,
    }
}

fn waiting_links(
    tx: &mut dyn ReadTx,
    organization: OrganizationId,
    directories: &Directories,
) -> Result<Vec<WaitingLink>, Failure> {
    let requests = tx.link_requests(organization)?;
    let ids: Vec<MemberId> = requests.iter().map(|request| request.member).collect();
    let members = tx.members(organization, &ids)?;
    let shown = requests.into_iter().filter_map(|request| {
        let member = members.iter().find(|one| one.id == request.member)?;
        let connection = directories.get(request.connection)?;
        // Who was made a plain member since waits for nobody.
        if !connection.is_on() || !needs_link_approval(member, directories) {
            return None;
        }
        Some(WaitingLink {
            member: member.id,
            label: member.label(),
            role: member.role,
            directory: connection.directory,
            requested_at: request.requested_at,
            allowed_until: request.allowed_until,
        })
    });
    Ok(shown.collect())
}
