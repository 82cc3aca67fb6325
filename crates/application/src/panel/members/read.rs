//! Looking at members.

use chrono::{DateTime, Utc};
use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::{Directories, DirectoryKind, Member, MemberId};

use crate::panel::surroundings::{managed_by, member_of};
use crate::ports::{MemberListItem, MemberQuery, Page, ReadTx, StoreExt, TeamLabel};
use crate::{Caller, Failure, Services};

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// The member, with the first teams.
    pub item: MemberListItem,
    /// The directory that holds the pen: read-only in the panel when there is one (R07).
    pub managed_by: Option<DirectoryKind>,
}

/// A member with everything its page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberDetails {
    /// The member.
    pub member: Member,
    /// Every team, by name.
    pub teams: Vec<TeamLabel>,
    /// The directory that holds the pen: read-only in the panel when there is one (R07).
    pub managed_by: Option<DirectoryKind>,
    /// When the open invitation was last sent.
    pub invitation_sent_at: Option<DateTime<Utc>>,
}

impl MemberDetails {
    /// Loads what a page shows beside the member itself.
    pub(crate) fn load(
        tx: &mut dyn ReadTx,
        member: Member,
        directories: &Directories,
    ) -> Result<Self, Failure> {
        let invitation = tx.invitation(member.organization, member.id)?;
        Ok(Self {
            teams: tx.teams_of_member(member.organization, member.id)?,
            managed_by: managed_by(directories.custody(member.origin, member.link.as_ref())),
            invitation_sent_at: invitation.map(|invitation| invitation.sent_at),
            member,
        })
    }
}

/// A page of members.
///
/// # Errors
/// `not_allowed`.
pub async fn list_members(
    services: &Services,
    caller: &Caller,
    query: MemberQuery,
) -> Result<Page<MemberRow>, Failure> {
    caller.require(Permission::ViewPeople)?;
    let organization = caller.organization;
    services
        .store
        .read(move |tx| {
            let directories = tx.directories(organization)?;
            let page = tx.member_page(organization, &query)?;
            Ok(rows(page, &directories))
        })
        .await
}

/// Rows with who holds the pen of each.
pub(crate) fn rows(page: Page<MemberListItem>, directories: &Directories) -> Page<MemberRow> {
    let row = |item: MemberListItem| MemberRow {
        managed_by: managed_by(directories.custody(item.member.origin, item.member.link.as_ref())),
        item,
    };
    Page {
        items: page.items.into_iter().map(row).collect(),
        next: page.next,
        total: page.total,
    }
}

/// One member.
///
/// # Errors
/// `not_allowed`; [`Failure::Absent`].
pub async fn get_member(
    services: &Services,
    caller: &Caller,
    id: MemberId,
) -> Result<MemberDetails, Failure> {
    caller.require(Permission::ViewPeople)?;
    let organization = caller.organization;
    services
        .store
        .read(move |tx| {
            let member = member_of(tx, organization, id, None)?;
            let directories = tx.directories(organization)?;
            MemberDetails::load(tx, member, &directories)
        })
        .await
}
