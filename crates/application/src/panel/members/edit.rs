//! Editing a member's name and e-mail (R07, R12, R13).

use rollcall_domain::rules::members::{self, MemberEdit};
use rollcall_domain::{Member, MemberId, Version};

use super::MemberDetails;
use crate::panel::surroundings::{Surroundings, member_of};
use crate::panel::{NameChanges, input};
use crate::ports::{StoreExt, WriteTx};
use crate::{Caller, Failure, Services};

/// A change of a member; what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemberChanges {
    /// The name, part by part.
    pub name: NameChanges,
    /// The e-mail.
    pub email: Option<String>,
    /// The version the caller saw (If-Match).
    pub seen: Option<Version>,
}

/// Edits a member.
///
/// # Errors
/// `not_allowed`, `provisioned_read_only`, `invalid_state`, `member_exists`; [`Failure::Absent`],
/// [`Failure::Invalid`], [`Failure::PreconditionFailed`].
pub async fn edit_member(
    services: &Services,
    caller: &Caller,
    id: MemberId,
    command: MemberChanges,
) -> Result<MemberDetails, Failure> {
    let stamp = caller.stamp(services.clock.now());
    services
        .store
        .write(move |tx| {
            let member = member_of(tx, stamp.organization, id, command.seen)?;
            let around = Surroundings::load(tx, stamp.organization, id, stamp.at)?;
            let edit = edit_of(&member, &command)?;
            let taken_by = taken_by(tx, &member, &edit)?;
            let change = members::edit(&member, edit, &stamp.actor, &around.facts(), taken_by)?;
            let member = tx.save_member(change, &stamp)?;
            MemberDetails::load(tx, member, &around.directories)
        })
        .await
}

fn edit_of(member: &Member, command: &MemberChanges) -> Result<MemberEdit, Failure> {
    let email = match &command.email {
        Some(text) => Some(input::email("email", text)?),
        None => None,
    };
    Ok(MemberEdit {
        name: command.name.over(&member.name)?,
        email,
    })
}

/// Another member who answers to the new e-mail.
fn taken_by(
    tx: &mut dyn WriteTx,
    member: &Member,
    edit: &MemberEdit,
) -> Result<Option<MemberId>, Failure> {
    let Some(email) = &edit.email else {
        return Ok(None);
    };
    let keys = members::edit_keys(member, email);
    let same = tx.members_with_keys(member.organization, &keys)?;
    let other = same.into_iter().find(|other| other.id != member.id);
    Ok(other.map(|other| other.id))
}
