//! What turning provisioning on again would do, shown before it is done (part B, *On again*).

use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::rules::switching;
use rollcall_domain::{Action, Connection, DirectoryKind, Member, Refusal, Target};

use super::relinking::{self, Forgotten};
use super::require_offered;
use crate::panel::owners_around;
use crate::ports::{ReadTx, StoreExt};
use crate::{Caller, Failure, Services};

/// How many of each are named.
const SHOWN: usize = 100;

/// Some things, the first of them by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// How many there are.
    pub count: u64,
    /// The first hundred.
    pub first: Vec<T>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self {
            count: 0,
            first: Vec::new(),
        }
    }
}

impl<T> Listed<T> {
    fn push(&mut self, item: T) {
        self.count += 1;
        if self.first.len() < SHOWN {
            self.first.push(item);
        }
    }
}

/// What turning on again would do. Computed by the rules that do it, and never saved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReconnectionPreview {
    /// Members the directory would find, whether it lost them before or not.
    pub members_found: u64,
    /// Teams the directory would find.
    pub teams_found: u64,
    /// Members it had lost and finds again.
    pub members_found_again: Listed<Target>,
    /// Teams it had lost and finds again.
    pub teams_found_again: Listed<Target>,
    /// Members it no longer finds: it will create new ones beside them (R13).
    pub members_lost: Listed<Target>,
    /// Teams it no longer finds: it will create new ones beside them (R13).
    pub teams_lost: Listed<Target>,
    /// Members who become deactivated, by the directory's last word on them.
    pub members_deactivated: Listed<Target>,
    /// Who leaves which managed team, for only whom the directory finds may sit in it.
    pub memberships_removed: Listed<(Target, Target)>,
    /// The refusal that turning on would meet.
    pub refused: Option<Refusal>,
}

/// Previews turning on again; empty when it was never on.
///
/// # Errors
/// `not_allowed`, `invalid_state` when it is on.
pub async fn preview_enabling(
    services: &Services,
    caller: &Caller,
    directory: DirectoryKind,
) -> Result<ReconnectionPreview, Failure> {
    caller.require(Permission::ManageProvisioning)?;
    require_offered(directory)?;
    let (caller, now) = (caller.clone(), services.clock.now());
    services
        .store
        .read(move |tx| {
            let directories = tx.directories(caller.organization)?;
            let Some(connection) = directories.of(directory) else {
                return Ok(ReconnectionPreview::default());
            };
            // The rule says whether it could be turned on at all.
            let _ = switching::enable(connection, &caller.actor(), now)?;
            let mut preview = ReconnectionPreview::default();
            preview_members(tx, connection, &mut preview)?;
            preview_teams(tx, connection, &mut preview)?;
            preview_outsiders(tx, connection, &mut preview)?;
            count_found(tx, connection, &mut preview)?;
            Ok(preview)
        })
        .await
}

fn preview_members(
    tx: &mut dyn ReadTx,
    connection: &Connection,
    preview: &mut ReconnectionPreview,
) -> Result<(), Failure> {
    let (mut forgotten, mut owners_gone) = (Forgotten::default(), 0);
    relinking::each_member(tx, connection, |tx, member| {
        let mut owners = owners_around(tx, member)?;
        owners.others = owners.others.saturating_sub(owners_gone);
        let namesake = relinking::member_namesake(tx, connection, member, &forgotten)?;
        let change = match switching::relink_member(member, connection, owners, namesake) {
            Ok(change) => change,
            Err(refusal) => {
                preview.refused = Some(refusal);
                return Ok(());
            }
        };
        if member.is_effective_owner(owners.ways) && !change.value.is_effective_owner(owners.ways) {
            owners_gone += 1;
        }
        for event in &change.events {
            if event.action == Action::MemberLost {
                forgotten.members.insert(member.id);
            }
            preview.note_member(event.action, member);
        }
        Ok(())
    })
}

fn preview_teams(
    tx: &mut dyn ReadTx,
    connection: &Connection,
    preview: &mut ReconnectionPreview,
) -> Result<(), Failure> {
    let mut forgotten = Forgotten::default();
    relinking::each_team(tx, connection, |tx, team| {
        let change = relinking::team_change(tx, connection, team, &forgotten)?;
        for event in change.events {
            if event.action == Action::TeamFound {
                preview.teams_found_again.push(event.target);
            } else {
                forgotten.teams.insert(team.id);
                preview.teams_lost.push(event.target);
            }
        }
        Ok(())
    })
}

fn preview_outsiders(
    tx: &mut dyn ReadTx,
    connection: &Connection,
    preview: &mut ReconnectionPreview,
) -> Result<(), Failure> {
    let limit = u32::try_from(SHOWN).unwrap_or(u32::MAX);
    let (outsiders, count) = tx.outsiders(connection.organization, connection.id, limit)?;
    preview.memberships_removed = Listed {
        count,
        first: outsiders
            .iter()
            .map(|(team, member)| {
                (
                    Target::team(team.id, team.name.as_str()),
                    Target::member(member.id, &member.label()),
                )
            })
            .collect(),
    };
    Ok(())
}

fn count_found(
    tx: &mut dyn ReadTx,
    connection: &Connection,
    preview: &mut ReconnectionPreview,
) -> Result<(), Failure> {
    let links = tx.link_counts(connection.organization, connection.id)?;
    preview.members_found = (links.live_members + preview.members_found_again.count)
        .saturating_sub(preview.members_lost.count);
    preview.teams_found = (links.live_teams + preview.teams_found_again.count)
        .saturating_sub(preview.teams_lost.count);
    Ok(())
}

impl ReconnectionPreview {
    fn note_member(&mut self, action: Action, member: &Member) {
        let target = Target::member(member.id, &member.label());
        match action {
            Action::MemberFound => self.members_found_again.push(target),
            Action::MemberLost => self.members_lost.push(target),
            Action::MemberDeactivated => self.members_deactivated.push(target),
            _ => {}
        }
    }
}
