//! *Activity > Actions* (R14).

use actix_web::web;
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use rollcall_application::panel::activity::list_activity;
use rollcall_application::ports::{ActivityEntry, ActivityQuery};
use rollcall_domain::{Action, ActivityId, EventKind, FieldChange, Target, TargetKind};

use crate::Console;
use crate::error::{Answer, sentence};
use crate::form::{Choice, Field, choices};
use crate::gate::SignedIn;
use crate::params::{PAGE, Pages, Params};
use crate::shell::{Shell, render};
use crate::view::{Moment, count};

/// An entry in words.
pub(crate) struct EntryView {
    pub(crate) at: Moment,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) warning: bool,
    pub(crate) target: String,
    pub(crate) related: Option<String>,
    /// The page of the target.
    pub(crate) href: Option<String>,
    /// On the page of the one, the other object concerned.
    pub(crate) beside: Option<String>,
    pub(crate) source: &'static str,
    pub(crate) ip: String,
    pub(crate) request: String,
    /// Field, before, after.
    pub(crate) changes: Vec<(String, String, String)>,
}

/// `team.member_added` as "Team member added"; other words where those would be hard to read.
fn in_words(action: Action) -> String {
    let text = match action {
        Action::ProvisioningEnabled => "Provisioning turned on",
        Action::ProvisioningDisabled => "Provisioning turned off",
        Action::ProvisioningCredentialsIssued => "New credentials issued",
        Action::ProvisioningLinkAllowed => "Link of an owner or admin allowed",
        Action::ProvisioningLinkWaiting => "Push of an owner or admin refused",
        Action::ProvisioningMemberSkipped => "Unknown member of a group skipped",
        Action::ProvisioningLastOwnerKept => "Removal of the last owner refused",
        Action::ProvisioningSeatMissing => "Push refused: no seat is free",
        Action::MemberInvitationResent => "Invitation sent again",
        Action::MemberInvitationCancelled => "Invitation cancelled",
        Action::MemberAdopted => "Member taken over by the directory",
        Action::MemberRoleChanged => "Role changed",
        Action::MemberLost => "Member no longer found",
        Action::MemberFound => "Member found again",
        Action::MemberIdentityBound => "Sign-in account connected",
        Action::MemberIdentityReleased => "Sign-in account disconnected",
        Action::MemberPasswordChanged => "Password changed",
        Action::MemberPasswordResetRequested => "Password reset requested",
        Action::SessionStarted => "Signed in",
        Action::SessionEnded => "Signed out",
        Action::SessionRefused => "Sign-in refused",
        Action::TeamMemberAdded => "Member added to team",
        Action::TeamMemberRemoved => "Member removed from team",
        Action::TeamLost => "Team no longer found",
        Action::TeamFound => "Team found again",
        other => {
            let text = other.as_str().replace(['.', '_'], " ");
            return sentence(&text).trim_end_matches('.').to_owned();
        }
    };
    text.to_owned()
}

fn page_of(target: &Target) -> Option<String> {
    match target.kind {
        TargetKind::Member => Some(format!("/members/{}", target.id)),
        TargetKind::Team => Some(format!("/teams/{}", target.id)),
        TargetKind::Connection => Some("/settings/provisioning".to_owned()),
        TargetKind::Organization => None,
    }
}

impl EntryView {
    /// For the page of this object: the other one it happened with.
    pub(crate) fn on_page_of(self, label: &str) -> Self {
        let beside = if self.target == label {
            self.related.clone()
        } else {
            Some(self.target.clone())
        };
        Self { beside, ..self }
    }
}

/// Whether the action leaves nothing to look at.
fn gone(action: Action) -> bool {
    matches!(
        action,
        Action::MemberDeleted | Action::MemberInvitationCancelled | Action::TeamDeleted
    )
}

impl From<ActivityEntry> for EntryView {
    fn from(entry: ActivityEntry) -> Self {
        let shown = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
        let change = |c: FieldChange| {
            let field = c.field.replace('_', " ");
            (field, shown(c.before), shown(c.after))
        };
        Self {
            at: entry.at.into(),
            actor: entry.actor_label,
            action: in_words(entry.action),
            warning: entry.kind == EventKind::Warning,
            href: page_of(&entry.target).filter(|_| !gone(entry.action)),
            beside: None,
            target: entry.target.label,
            related: entry.related.map(|target| target.label),
            source: match entry.actor_kind.as_str() {
                "member" => "Panel",
                "directory" => "SCIM",
                _ => "System",
            },
            ip: entry.ip.unwrap_or_default(),
            request: entry.request.to_string(),
            changes: entry.changes.into_iter().map(change).collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "activity.html")]
struct ActivityPage {
    shell: Shell,
    total: String,
    entries: Vec<EntryView>,
    /// Filters of the address that no field shows.
    kept: Vec<(&'static str, String)>,
    filters: Vec<Field>,
    from: String,
    until: String,
    pages: Pages,
    filtered: bool,
    csv: String,
    jsonl: String,
}

fn day(params: &Params, name: &str) -> Option<DateTime<Utc>> {
    let date: NaiveDate = params.get(name)?.parse().ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc())
}

fn query_of(params: &Params) -> Result<ActivityQuery, crate::error::PageError> {
    let source = match params.get("source") {
        Some("panel") => Some("member"),
        Some("scim") => Some("directory"),
        Some("system") => Some("system"),
        _ => None,
    };
    Ok(ActivityQuery {
        actions: params
            .get("action")
            .and_then(Action::parse)
            .into_iter()
            .collect(),
        kind: params.get("kind").and_then(EventKind::parse),
        actor_kind: source.map(str::to_owned),
        actor_id: params.get("actor").map(str::to_owned),
        target_id: params.get("target").map(str::to_owned),
        request: params.get("request").and_then(|id| id.parse().ok()),
        from: day(params, "from"),
        until: day(params, "until").map(|day| day + chrono::Duration::days(1)),
        before: params.cursor()?.map(|cursor| ActivityId::new(cursor.id)),
        limit: PAGE,
    })
}

fn filters(params: &Params) -> Vec<Field> {
    let chosen = |name: &str| params.get(name).unwrap_or_default().to_owned();
    let mut actions = choices(&[("", "Any action")], "");
    actions.extend(Action::ALL.iter().map(|action| Choice {
        value: action.as_str().to_owned(),
        label: in_words(*action),
        chosen: chosen("action") == action.as_str(),
    }));
    let sources = [
        ("", "Any source"),
        ("panel", "Panel"),
        ("scim", "SCIM"),
        ("system", "System"),
    ];
    let kinds = [
        ("", "Any kind"),
        ("change", "Changes"),
        ("warning", "Warnings"),
    ];
    vec![
        Field::choice("action", "Action", actions),
        Field::choice("source", "Source", choices(&sources, &chosen("source"))),
        Field::choice("kind", "Kind", choices(&kinds, &chosen("kind"))),
    ]
}

/// The same filters at the door for programs, which streams the file.
fn export(params: &Params, query: &ActivityQuery, format: &str) -> String {
    let time = |at: Option<DateTime<Utc>>| at.map_or(String::new(), |at| Moment::from(at).machine);
    let (from, until) = (time(query.from), time(query.until));
    let changes = [
        ("cursor", ""),
        ("trail", ""),
        ("format", format),
        ("from", &from),
        ("until", &until),
    ];
    params.with("/api/v1/activity/export", &changes)
}

/// How many there are, as far as they are counted.
fn total(number: u64) -> String {
    let number_of = count(number, "action");
    if number < u64::from(ActivityQuery::MOST_COUNTED) {
        number_of
    } else {
        format!("At least {number_of}")
    }
}

/// A page of entries.
pub(crate) async fn list(
    console: web::Data<Console>,
    caller: SignedIn,
    query: web::Query<Vec<(String, String)>>,
) -> Answer {
    let params = Params(query.into_inner());
    let query = query_of(&params)?;
    let page = list_activity(&console.services, &caller.0, query.clone()).await?;
    let unseen = ["actor", "target", "request"];
    let names = ["action", "source", "kind", "from", "until"];
    Ok(render(&ActivityPage {
        shell: Shell::of(&caller.0, "activity", "Actions"),
        total: total(page.total),
        kept: params.kept(&unseen),
        filters: filters(&params),
        from: params.text("from"),
        until: params.text("until"),
        pages: params.pages("/activity", page.next.as_ref()),
        filtered: names
            .iter()
            .chain(&unseen)
            .any(|name| params.get(name).is_some()),
        csv: export(&params, &query, "csv"),
        jsonl: export(&params, &query, "jsonl"),
        entries: page.items.into_iter().map(EntryView::from).collect(),
    }))
}
