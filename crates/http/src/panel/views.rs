//! What the API shows: exactly the declared fields, and never a secret (SEC-15).

use chrono::{DateTime, Utc};
use rollcall_application::panel::members::{MemberDetails, MemberRow};
use rollcall_application::panel::teams::TeamDetails;
use rollcall_application::ports::{Page, TeamLabel};
use rollcall_domain::{DirectoryKind, Link, LinkState, Member, MemberStatus, Origin};
use serde::Serialize;
use utoipa::ToSchema;

use super::paging::cursor_text;

/// A directory, with the icon that marks what it provisioned (R08).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct DirectoryView {
    /// Its stable name.
    pub(super) kind: &'static str,
    /// What people call it.
    pub(super) label: &'static str,
    /// The name of its icon.
    pub(super) icon: &'static str,
}

impl From<DirectoryKind> for DirectoryView {
    fn from(kind: DirectoryKind) -> Self {
        Self {
            kind: kind.as_str(),
            label: kind.label(),
            icon: kind.icon(),
        }
    }
}

/// A team as a member's row shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct TeamLabelView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// The directory that provisioned it, on or off (R08).
    badge: Option<DirectoryView>,
}

impl From<&TeamLabel> for TeamLabelView {
    fn from(team: &TeamLabel) -> Self {
        Self {
            id: team.id.to_string(),
            name: team.name.as_str().to_owned(),
            badge: badge(team.origin),
        }
    }
}

/// A member.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct MemberView {
    /// Its id.
    id: String,
    /// What people call the member.
    label: String,
    /// Display name.
    display_name: Option<String>,
    /// Given name.
    given_name: Option<String>,
    /// Family name.
    family_name: Option<String>,
    /// Primary e-mail.
    email: Option<String>,
    /// The user name as the directory sent it.
    user_name: Option<String>,
    /// `invited`, `expired`, `active`, `suspended` or `deactivated`.
    status: &'static str,
    /// `member`, `admin` or `owner`.
    role: &'static str,
    /// `manual`, or the directory's name.
    source: &'static str,
    /// The directory that provisioned the member, on or off (R08).
    badge: Option<DirectoryView>,
    /// The directory in which alone the member can be edited (R07); none: editable here.
    managed_by: Option<DirectoryView>,
    /// Whether the directory no longer finds the member (R13).
    lost: bool,
    /// Whether a local password is set.
    has_password: bool,
    /// When the open invitation dies.
    invitation_expires_at: Option<DateTime<Utc>>,
    /// When the open invitation was last sent; shown for a single member.
    invitation_sent_at: Option<DateTime<Utc>>,
    /// Teams by name: up to ten in a list, all for a single member.
    teams: Vec<TeamLabelView>,
    /// How many teams there are.
    team_count: u64,
    /// Moves with every change; the ETag.
    version: i64,
    /// When the member came to be.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

impl MemberView {
    fn of(member: &Member, managed_by: Option<DirectoryKind>, now: DateTime<Utc>) -> Self {
        let text = |text: &Option<rollcall_domain::Text>| text.as_ref().map(ToString::to_string);
        let invitation_expires_at = match member.status {
            MemberStatus::Invited { expires_at } => Some(expires_at),
            _ => None,
        };
        let expired = invitation_expires_at.is_some_and(|expires_at| expires_at <= now);
        Self {
            id: member.id.to_string(),
            label: member.label(),
            display_name: text(&member.name.display),
            given_name: text(&member.name.given),
            family_name: text(&member.name.family),
            email: member.email.as_ref().map(ToString::to_string),
            user_name: member.link.as_ref().map(|link| link.name.clone()),
            status: if expired {
                "expired"
            } else {
                member.status.as_str()
            },
            role: member.role.as_str(),
            source: member.origin.as_str(),
            badge: badge(member.origin),
            managed_by: managed_by.map(DirectoryView::from),
            lost: is_lost(member.link.as_ref()),
            has_password: member.has_password,
            invitation_expires_at,
            invitation_sent_at: None,
            teams: Vec::new(),
            team_count: 0,
            version: member.version.0,
            created_at: member.created_at,
            updated_at: member.updated_at,
        }
    }

    /// A single member.
    pub(super) fn whole(details: &MemberDetails, now: DateTime<Utc>) -> Self {
        Self {
            invitation_sent_at: details.invitation_sent_at,
            teams: details.teams.iter().map(TeamLabelView::from).collect(),
            team_count: details.teams.len() as u64,
            ..Self::of(&details.member, details.managed_by, now)
        }
    }

    /// A row of a list.
    fn row(row: &MemberRow, now: DateTime<Utc>) -> Self {
        Self {
            teams: row.item.teams.iter().map(TeamLabelView::from).collect(),
            team_count: row.item.team_count,
            ..Self::of(&row.item.member, row.managed_by, now)
        }
    }
}

/// A page of members.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct MemberPage {
    /// The members.
    items: Vec<MemberView>,
    /// The `cursor` of the next page; none on the last.
    next: Option<String>,
    /// How many there are on all pages.
    total: u64,
}

impl MemberPage {
    /// Renders a page.
    pub(super) fn of(page: &Page<MemberRow>, now: DateTime<Utc>) -> Self {
        Self {
            items: page
                .items
                .iter()
                .map(|row| MemberView::row(row, now))
                .collect(),
            next: page.next.as_ref().map(cursor_text),
            total: page.total,
        }
    }
}

/// A team.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct TeamView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// How many members it has.
    member_count: i64,
    /// `manual`, or the directory's name.
    source: &'static str,
    /// The directory that provisioned the team, on or off (R08).
    badge: Option<DirectoryView>,
    /// The directory in which alone the team can be edited (R07); none: editable here.
    managed_by: Option<DirectoryView>,
    /// Whether the directory no longer finds the team (R13).
    lost: bool,
    /// Moves with every change, membership included; the ETag.
    version: i64,
    /// When the team came to be.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

impl From<&TeamDetails> for TeamView {
    fn from(details: &TeamDetails) -> Self {
        let team = &details.team;
        Self {
            id: team.id.to_string(),
            name: team.name.as_str().to_owned(),
            member_count: team.member_count,
            source: team.origin.as_str(),
            badge: badge(team.origin),
            managed_by: details.managed_by.map(DirectoryView::from),
            lost: is_lost(team.link.as_ref()),
            version: team.version.0,
            created_at: team.created_at,
            updated_at: team.updated_at,
        }
    }
}

/// A page of teams.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct TeamPage {
    /// The teams.
    items: Vec<TeamView>,
    /// The `cursor` of the next page; none on the last.
    next: Option<String>,
    /// How many there are on all pages.
    total: u64,
}

impl From<&Page<TeamDetails>> for TeamPage {
    fn from(page: &Page<TeamDetails>) -> Self {
        Self {
            items: page.items.iter().map(TeamView::from).collect(),
            next: page.next.as_ref().map(cursor_text),
            total: page.total,
        }
    }
}

fn badge(origin: Origin) -> Option<DirectoryView> {
    origin.directory().map(DirectoryView::from)
}

fn is_lost(link: Option<&Link>) -> bool {
    link.is_some_and(|link| link.state == LinkState::Lost)
}
