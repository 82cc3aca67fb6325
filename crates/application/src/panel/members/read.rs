//! Looking at members.

use chrono::{DateTime, Utc};
use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::{Directories, DirectoryKind, Member, MemberId};

use crate::panel::input;
use crate::panel::surroundings::{managed_by, member_of};
use crate::ports::{MemberListItem, MemberQuery, Page, ReadTx, StoreExt, TeamLabel};
use crate::{Caller, Failure, Services};

/// How many members can be chosen from a list in one go.
pub const CHOSEN_LIMIT: usize = 1000;

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
/// `not_allowed`; a cursor that this list did not give out.
pub async fn list_members(
    services: &Services,
    caller: &Caller,
    query: MemberQuery,
) -> Result<Page<MemberRow>, Failure> {
    caller.require(Permission::ViewPeople)?;
    input::cursor(query.after.as_ref(), query.sort)?;
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

fn row(item: MemberListItem, directories: &Directories) -> MemberRow {
    let custody = directories.custody(item.member.origin, item.member.link.as_ref());
    MemberRow {
        managed_by: managed_by(custody),
        item,
    }
}

/// Rows with who holds the pen of each.
pub(crate) fn rows(page: Page<MemberListItem>, directories: &Directories) -> Page<MemberRow> {
    let items = page.items.into_iter();
    Page {
        items: items.map(|item| row(item, directories)).collect(),
        next: page.next,
        total: page.total,
    }
}

/// Members by their ids, in the order of the ids; an id that names nobody is left out, and so is
/// what goes beyond [`CHOSEN_LIMIT`].
///
/// # Errors
/// `not_allowed`.
pub async fn chosen_members(
    services: &Services,
    caller: &Caller,
    mut ids: Vec<MemberId>,
) -> Result<Vec<MemberRow>, Failure> {
    caller.require(Permission::ViewPeople)?;
    ids.truncate(CHOSEN_LIMIT);
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let organization = caller.organization;
    services
        .store
        .read(move |tx| {
            let directories = tx.directories(organization)?;
            let mut found = tx.members(organization, &ids)?;
            found.sort_by_key(|member| ids.iter().position(|id| *id == member.id));
            let item = |member| MemberListItem {
                member,
                teams: Vec::new(),
                team_count: 0,
            };
            Ok(found
                .into_iter()
                .map(|member| row(item(member), &directories))
                .collect())
        })
        .await
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
