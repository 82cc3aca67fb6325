//! What the templates show, in words.

use askama::Template;
use chrono::{DateTime, Utc};
use rollcall_application::panel::members::MemberRow;
use rollcall_application::panel::teams::TeamDetails;
use rollcall_application::ports::TeamLabel;
use rollcall_domain::{DirectoryKind, Link, LinkState, Member, MemberStatus, Origin, Seats};

use crate::accounts::AccountView;
use crate::assets;
use crate::params::{Pages, Params};
use crate::shell::{Shell, initials, role_label};

/// A moment: for people in UTC, for machines as RFC 3339; a script makes it local.
pub(crate) struct Moment {
    pub(crate) machine: String,
    pub(crate) human: String,
}

impl From<DateTime<Utc>> for Moment {
    fn from(at: DateTime<Utc>) -> Self {
        Self {
            machine: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            human: at.format("%Y-%m-%d %H:%M UTC").to_string(),
        }
    }
}

/// The picture of somebody or something, with the directory's badge (R08).
pub(crate) struct Avatar {
    pub(crate) initials: String,
    /// Its classes: a hue that the name decides, and the shape of a team.
    pub(crate) look: String,
    pub(crate) badge: Option<Badge>,
}

/// A directory's badge.
pub(crate) struct Badge {
    pub(crate) icon: String,
    pub(crate) alt: String,
}

/// How many hues avatars have, the plain one included.
const HUES: u32 = 6;

impl Avatar {
    /// Of a person.
    pub(crate) fn of(label: &str, origin: Origin) -> Self {
        let sum = label
            .chars()
            .fold(0_u32, |sum, c| sum.wrapping_mul(31) ^ u32::from(c));
        Self {
            initials: initials(label),
            look: format!("hue-{}", sum % HUES),
            badge: origin.directory().map(|kind| Badge {
                icon: assets::address(kind.icon(), "svg"),
                alt: format!("Provisioned by {kind}"),
            }),
        }
    }

    /// Of a team.
    pub(crate) fn of_team(name: &str, origin: Origin) -> Self {
        let person = Self::of(name, origin);
        Self {
            look: format!("team {}", person.look),
            ..person
        }
    }
}

/// Where a member or team comes from.
pub(crate) struct Source {
    pub(crate) label: &'static str,
    /// The directory's picture.
    pub(crate) icon: Option<String>,
}

impl From<Origin> for Source {
    fn from(origin: Origin) -> Self {
        let directory = origin.directory();
        Self {
            label: directory.map_or("Added here", DirectoryKind::label),
            icon: directory.map(|kind| assets::address(kind.icon(), "svg")),
        }
    }
}

/// A team by its name, where the rest of it does not matter.
pub(crate) struct TeamTag {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) avatar: Avatar,
}

impl From<&TeamLabel> for TeamTag {
    fn from(team: &TeamLabel) -> Self {
        let name = team.name.as_str();
        Self {
            id: team.id.to_string(),
            name: name.to_owned(),
            avatar: Avatar::of_team(name, team.origin),
        }
    }
}

/// A member as rows and pages show it.
pub(crate) struct MemberView {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) avatar: Avatar,
    pub(crate) email: String,
    pub(crate) role: &'static str,
    pub(crate) status: &'static str,
    pub(crate) tone: &'static str,
    pub(crate) source: Source,
    pub(crate) edit_in: Option<&'static str>,
    pub(crate) lost_by: Option<&'static str>,
    pub(crate) user_name: Option<String>,
    pub(crate) created: Moment,
    pub(crate) teams: String,
    /// Whether a list to choose from shows it chosen.
    pub(crate) chosen: bool,
}

impl MemberView {
    pub(crate) fn of(m: &Member, managed_by: Option<DirectoryKind>, now: DateTime<Utc>) -> Self {
        let (status, tone) = status(m.status, now);
        let label = m.label();
        Self {
            id: m.id.to_string(),
            avatar: Avatar::of(&label, m.origin),
            label,
            email: m.email.as_ref().map_or(String::new(), ToString::to_string),
            role: role_label(m.role),
            status,
            tone,
            source: m.origin.into(),
            edit_in: managed_by.map(DirectoryKind::label),
            lost_by: lost_by(m.origin, m.link.as_ref()),
            user_name: m.link.as_ref().map(|link| link.name.clone()),
            created: m.created_at.into(),
            teams: String::new(),
            chosen: false,
        }
    }

    pub(crate) fn row(row: &MemberRow, now: DateTime<Utc>) -> Self {
        let shown = row.item.teams.iter().take(2).map(|team| team.name.as_str());
        let mut teams = shown.collect::<Vec<_>>().join(", ");
        if row.item.team_count > 2 {
            teams = format!("{teams} and {} more", row.item.team_count - 2);
        }
        Self {
            teams,
            ..Self::of(&row.item.member, row.managed_by, now)
        }
    }
}

fn status(status: MemberStatus, now: DateTime<Utc>) -> (&'static str, &'static str) {
    match status {
        MemberStatus::Invited { expires_at } if expires_at <= now => ("Invitation expired", "warn"),
        MemberStatus::Invited { .. } => ("Invited", "info"),
        MemberStatus::Active => ("Active", "good"),
        MemberStatus::Suspended => ("Suspended", "warn"),
        MemberStatus::Deactivated => ("Deactivated", "off"),
    }
}

fn lost_by(origin: Origin, link: Option<&Link>) -> Option<&'static str> {
    let lost = link.is_some_and(|link| link.state == LinkState::Lost);
    origin
        .directory()
        .filter(|_| lost)
        .map(DirectoryKind::label)
}

/// A team as rows and pages show it.
pub(crate) struct TeamView {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) avatar: Avatar,
    pub(crate) members: String,
    pub(crate) source: Source,
    pub(crate) edit_in: Option<&'static str>,
    pub(crate) lost_by: Option<&'static str>,
    pub(crate) created: Moment,
}

impl From<&TeamDetails> for TeamView {
    fn from(details: &TeamDetails) -> Self {
        let team = &details.team;
        let name = team.name.as_str().to_owned();
        Self {
            id: team.id.to_string(),
            avatar: Avatar::of_team(&name, team.origin),
            name,
            members: count(u64::try_from(team.member_count).unwrap_or(0), "member"),
            source: team.origin.into(),
            edit_in: details.managed_by.map(DirectoryKind::label),
            lost_by: lost_by(team.origin, team.link.as_ref()),
            created: team.created_at.into(),
        }
    }
}

/// A number with its noun.
pub(crate) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// A number with its thousands parted.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A column's head that sorts.
pub(crate) struct Sort {
    pub(crate) label: &'static str,
    pub(crate) href: String,
    pub(crate) aria: &'static str,
}

impl Sort {
    /// Heads of these columns; the first sorts where the address says nothing.
    pub(crate) fn heads(
        params: &Params,
        path: &str,
        columns: &[(&'static str, &'static str)],
    ) -> Vec<Self> {
        let first = columns.first().map_or("", |column| column.0);
        let present = params.get("sort").unwrap_or(first);
        let descending = params.get("direction") == Some("desc");
        let head = |(key, label): &(&'static str, &'static str)| {
            let is_present = *key == present;
            let turned = is_present && !descending;
            let changes = [
                ("sort", *key),
                ("direction", if turned { "desc" } else { "asc" }),
                ("cursor", ""),
                ("trail", ""),
                ("done", ""),
            ];
            Self {
                label,
                href: params.with(path, &changes),
                aria: match (is_present, descending) {
                    (false, _) => "none",
                    (true, false) => "ascending",
                    (true, true) => "descending",
                },
            }
        };
        columns.iter().map(head).collect()
    }
}

/// An error, or another plain word.
#[derive(Template)]
#[template(path = "message.html")]
pub(crate) struct MessagePage {
    pub(crate) shell: Shell,
    pub(crate) text: String,
}

/// The list of members.
#[derive(Template)]
#[template(path = "members.html")]
pub(crate) struct MembersPage {
    pub(crate) shell: Shell,
    pub(crate) rows: Vec<MemberView>,
    pub(crate) sorts: Vec<Sort>,
    pub(crate) pages: Pages,
    pub(crate) total: String,
    pub(crate) seats: SeatsView,
    pub(crate) search: String,
    pub(crate) filters: Vec<crate::form::Field>,
    pub(crate) filtered: bool,
    /// Filters of the address that no field shows.
    pub(crate) kept: Vec<(&'static str, String)>,
    /// Whether the time of creation sorts the list, and is shown.
    pub(crate) by_created: bool,
    pub(crate) export: String,
}

/// Seats in words, and in numbers where there is a limit.
pub(crate) struct SeatsView {
    pub(crate) text: String,
    pub(crate) used: u32,
    pub(crate) limit: Option<u32>,
}

impl From<Seats> for SeatsView {
    fn from(seats: Seats) -> Self {
        let used = u64::from(seats.used);
        Self {
            text: match seats.limit {
                Some(limit) => format!(
                    "{} of {} seats in use",
                    grouped(used),
                    grouped(u64::from(limit))
                ),
                None => format!("{} in use", count(used, "seat")),
            },
            used: seats.used,
            limit: seats.limit,
        }
    }
}

/// What can be done, or would be possible were it not managed.
pub(crate) struct ActionLink {
    pub(crate) href: String,
    pub(crate) label: &'static str,
    pub(crate) danger: bool,
    /// Whether only the directory may do it.
    pub(crate) locked: bool,
}

/// One member.
#[derive(Template)]
#[template(path = "member.html")]
pub(crate) struct MemberPage {
    pub(crate) shell: Shell,
    pub(crate) member: MemberView,
    pub(crate) teams: Vec<TeamTag>,
    pub(crate) accounts: Vec<AccountView>,
    pub(crate) may_disconnect: bool,
    pub(crate) actions: Vec<ActionLink>,
    pub(crate) sent: Option<Moment>,
    pub(crate) entries: Vec<crate::activity::EntryView>,
}

/// The list of teams.
#[derive(Template)]
#[template(path = "teams.html")]
pub(crate) struct TeamsPage {
    pub(crate) shell: Shell,
    pub(crate) rows: Vec<TeamView>,
    pub(crate) pages: Pages,
    pub(crate) total: String,
    pub(crate) sorts: Vec<Sort>,
    /// What of the address no field shows.
    pub(crate) kept: Vec<(&'static str, String)>,
    pub(crate) search: String,
    pub(crate) filters: Vec<crate::form::Field>,
    pub(crate) filtered: bool,
}

/// One team.
#[derive(Template)]
#[template(path = "team.html")]
pub(crate) struct TeamPage {
    pub(crate) shell: Shell,
    pub(crate) team: TeamView,
    pub(crate) rows: Vec<MemberView>,
    pub(crate) pages: Pages,
}

/// Choosing people for a team.
#[derive(Template)]
#[template(path = "choose.html")]
pub(crate) struct ChoosePage {
    pub(crate) shell: Shell,
    pub(crate) rows: Vec<MemberView>,
    pub(crate) search: String,
    pub(crate) name: Option<String>,
    pub(crate) note: &'static str,
    pub(crate) back: String,
    pub(crate) submit: &'static str,
    pub(crate) error: Option<String>,
    pub(crate) more: bool,
}

/// What became of each.
#[derive(Template)]
#[template(path = "results.html")]
pub(crate) struct ResultsPage {
    pub(crate) shell: Shell,
    /// Whom, whether it worked, and what happened.
    pub(crate) rows: Vec<(String, bool, String)>,
    pub(crate) summary: String,
    pub(crate) back: (&'static str, &'static str),
    pub(crate) again: Option<(&'static str, &'static str)>,
    /// A form, by names and values, that offers what was refused again; empty for none.
    pub(crate) correct: Vec<(String, String)>,
}
