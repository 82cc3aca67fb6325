//! *Settings > User provisioning*: turning it on and off, credentials, and what follows (R01–R03,
//! R06, R07, R12, R13).

mod credentials;
mod link_approval;
mod preview;
mod profile;
mod relinking;
mod state;
mod switch;

pub use credentials::{Credentials, issue_credentials};
pub use link_approval::allow_link;
pub use preview::{Listed, ReconnectionPreview, preview_enabling};
pub use profile::choose_profile;
pub use state::{
    DirectoryState, DirectoryStatus, LoginReminder, ProvisioningState, ReminderCause, WaitingLink,
    get_provisioning,
};
pub use switch::{disable, enable};

use rollcall_domain::{Connection, DirectoryKind, OrganizationId, Refusal};

use crate::Failure;
use crate::ports::ReadTx;

/// What the panel offers to turn on; anything else names nothing.
fn require_offered(directory: DirectoryKind) -> Result<(), Failure> {
    if DirectoryKind::OFFERED.contains(&directory) {
        Ok(())
    } else {
        Err(Failure::Absent("directory"))
    }
}

/// The organization's connection to a directory, once it was turned on for the first time.
fn connection_of(
    tx: &mut dyn ReadTx,
    organization: OrganizationId,
    directory: DirectoryKind,
) -> Result<Connection, Failure> {
    require_offered(directory)?;
    let connection = tx.directories(organization)?.of(directory).cloned();
    let never = Refusal::InvalidState("provisioning is turned off: turn it on");
    Ok(connection.ok_or(never)?)
}
