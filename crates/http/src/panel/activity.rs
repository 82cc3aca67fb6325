//! *Activity > Actions* (R14).

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use rollcall_application::panel::activity;
use rollcall_application::ports::{ActivityEntry, ActivityQuery};
use rollcall_domain::{Action, ActivityId, EventKind, FieldChange, Target};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::Query;
use super::export::{self, Format};
use super::gate::SignedIn;
use super::paging::{cursor, cursor_text, known, limit};
use super::problem::{Answer, Problem};
use crate::AppState;

/// Which entries. Filters combine by *and*.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ActivityListQuery {
    /// Actions, parted by commas, such as `team.member_added,team.member_removed`.
    action: Option<String>,
    /// `change` or `warning`.
    kind: Option<String>,
    /// `panel`, `scim` or `system`.
    source: Option<String>,
    /// The id of a member or connection that acted.
    actor: Option<String>,
    /// The id of a member, team, connection or organization it is about.
    target: Option<String>,
    /// The id of the request that left it.
    request: Option<String>,
    /// Not before, as `2027-01-31T00:00:00Z`.
    from: Option<String>,
    /// Before, as `2027-02-28T00:00:00Z`.
    until: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 200.
    limit: Option<String>,
    /// For an export: `csv` (the default) or `jsonl`.
    format: Option<String>,
}

impl ActivityListQuery {
    fn parse(self) -> Result<(ActivityQuery, Format), Problem> {
        let kinds = "must be change or warning";
        let sources = "must be one of: panel, scim, system";
        let source = |text: &str| match text {
            "panel" => Some("member".to_owned()),
            "scim" => Some("directory".to_owned()),
            "system" => Some("system".to_owned()),
            _ => None,
        };
        let format = known(
            self.format.as_deref(),
            Format::parse,
            "format",
            "must be csv or jsonl",
        );
        let request = |text: &str| text.parse().ok();
        let query = ActivityQuery {
            actions: actions(self.action.as_deref())?,
            kind: known(self.kind.as_deref(), EventKind::parse, "kind", kinds)?,
            actor_kind: known(self.source.as_deref(), source, "source", sources)?,
            actor_id: self.actor,
            target_id: self.target,
            request: known(self.request.as_deref(), request, "request", "must be an id")?,
            from: instant(self.from.as_deref(), "from")?,
            until: instant(self.until.as_deref(), "until")?,
            before: cursor(self.cursor.as_deref())?.map(|cursor| ActivityId::new(cursor.id)),
            limit: limit(self.limit.as_deref())?,
        };
        Ok((query, format?.unwrap_or(Format::Csv)))
    }
}

fn actions(text: Option<&str>) -> Result<Vec<Action>, Problem> {
    let names = text.unwrap_or_default().split(',').map(str::trim);
    let unknown = |name: &str| Problem::invalid("action", format!("{name} is no action"));
    names
        .filter(|name| !name.is_empty())
        .map(|name| Action::parse(name).ok_or_else(|| unknown(name)))
        .collect()
}

fn instant(text: Option<&str>, field: &str) -> Result<Option<DateTime<Utc>>, Problem> {
    let parse = |text: &str| {
        let instant = DateTime::parse_from_rfc3339(text).ok()?;
        Some(instant.with_timezone(&Utc))
    };
    known(
        text,
        parse,
        field,
        "must be a time such as 2027-01-31T00:00:00Z",
    )
}

/// An entry.
#[derive(Serialize, ToSchema)]
pub(super) struct ActivityEntryView {
    /// Its id; later ones are greater.
    id: String,
    /// When.
    at: DateTime<Utc>,
    /// What happened.
    action: &'static str,
    /// `change` or `warning`.
    kind: &'static str,
    /// `panel`, `scim` or `system`.
    source: &'static str,
    /// Who did it.
    actor: ActivityActor,
    /// To what.
    target: ActivityTarget,
    /// The other object concerned, such as the member who joined a team.
    related: Option<ActivityTarget>,
    /// What changed.
    changes: Vec<ActivityChange>,
    /// Through which request.
    request_id: String,
    /// From which address.
    ip: Option<String>,
    /// By which client.
    user_agent: Option<String>,
}

/// Who did it.
#[derive(Serialize, ToSchema)]
pub(super) struct ActivityActor {
    /// `member`, `directory` or `system`.
    kind: String,
    /// The member or connection.
    id: Option<String>,
    /// What people called it then.
    label: String,
}

/// An object an entry is about.
#[derive(Serialize, ToSchema)]
pub(super) struct ActivityTarget {
    /// `organization`, `connection`, `member` or `team`.
    kind: &'static str,
    /// Its id.
    id: String,
    /// What people called it then.
    label: String,
}

/// One changed field.
#[derive(Serialize, ToSchema)]
pub(super) struct ActivityChange {
    /// Which field.
    field: String,
    /// Before.
    before: Option<String>,
    /// After.
    after: Option<String>,
}

/// A page of entries, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct ActivityPage {
    /// The entries.
    items: Vec<ActivityEntryView>,
    /// The `cursor` of the next page; none on the last.
    next: Option<String>,
    /// How many there are on all pages, counted up to 1,000.
    total: u64,
}

/// A page of Activity, newest first
#[utoipa::path(get, path = "/api/v1/activity", tag = "Activity", params(ActivityListQuery),
    responses((status = 200, body = ActivityPage)))]
pub(super) async fn list_activity(
    state: web::Data<AppState>,
    caller: SignedIn,
    query: Query<ActivityListQuery>,
) -> Answer {
    let (query, _) = query.0.parse()?;
    let page = activity::list_activity(&state.services, &caller.0, query).await?;
    Ok(HttpResponse::Ok().json(ActivityPage {
        next: page.next.as_ref().map(cursor_text),
        total: page.total,
        items: page
            .items
            .into_iter()
            .map(ActivityEntryView::from)
            .collect(),
    }))
}

/// All of Activity that the filters let through, as CSV or JSON Lines
///
/// Streamed page by page. Text that a spreadsheet could take for a formula begins with `'`.
#[utoipa::path(get, path = "/api/v1/activity/export", tag = "Activity",
    params(ActivityListQuery),
    responses((status = 200, body = String, content_type = "text/csv")))]
pub(super) async fn export_activity(
    state: web::Data<AppState>,
    caller: SignedIn,
    query: Query<ActivityListQuery>,
) -> Answer {
    let (query, format) = query.0.parse()?;
    let day = state.services.clock.now().format("%Y-%m-%d");
    let name = format!(
        "attachment; filename=\"activity-{day}.{}\"",
        format.extension()
    );
    let export = export::export(&state.services, &caller.0, query, format).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, format.content_type()))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .streaming(export))
}

impl From<ActivityEntry> for ActivityEntryView {
    fn from(entry: ActivityEntry) -> Self {
        let source = match entry.actor_kind.as_str() {
            "member" => "panel",
            "directory" => "scim",
            _ => "system",
        };
        Self {
            id: entry.id.to_string(),
            at: entry.at,
            action: entry.action.as_str(),
            kind: entry.kind.as_str(),
            source,
            actor: ActivityActor {
                kind: entry.actor_kind,
                id: entry.actor_id,
                label: entry.actor_label,
            },
            target: entry.target.into(),
            related: entry.related.map(ActivityTarget::from),
            changes: entry
                .changes
                .into_iter()
                .map(ActivityChange::from)
                .collect(),
            request_id: entry.request.to_string(),
            ip: entry.ip,
            user_agent: entry.user_agent,
        }
    }
}

impl From<Target> for ActivityTarget {
    fn from(target: Target) -> Self {
        Self {
            kind: target.kind.as_str(),
            id: target.id,
            label: target.label,
        }
    }
}

impl From<FieldChange> for ActivityChange {
    fn from(change: FieldChange) -> Self {
        Self {
            field: change.field,
            before: change.before,
            after: change.after,
        }
    }
}

impl ActivityEntryView {
    /// The columns of an export.
    pub(super) const COLUMNS: [&'static str; 17] = [
        "id",
        "at",
        "action",
        "kind",
        "source",
        "actor_kind",
        "actor_id",
        "actor",
        "target_kind",
        "target_id",
        "target",
        "related_kind",
        "related_id",
        "related",
        "changes",
        "request_id",
        "ip",
    ];

    /// One row of an export, in the order of [`Self::COLUMNS`].
    pub(super) fn row(&self) -> [String; 17] {
        let shown = |value: &Option<String>| value.clone().unwrap_or_default();
        let related = self.related.as_ref();
        let related = |part: fn(&ActivityTarget) -> &str| {
            related
                .map(|target| part(target).to_owned())
                .unwrap_or_default()
        };
        let changes: Vec<String> = self
            .changes
            .iter()
            .map(|c| format!("{}: {} -> {}", c.field, shown(&c.before), shown(&c.after)))
            .collect();
        [
            self.id.clone(),
            self.at.to_rfc3339(),
            self.action.to_owned(),
            self.kind.to_owned(),
            self.source.to_owned(),
            self.actor.kind.clone(),
            shown(&self.actor.id),
            self.actor.label.clone(),
            self.target.kind.to_owned(),
            self.target.id.clone(),
            self.target.label.clone(),
            related(|target| target.kind),
            related(|target| &target.id),
            related(|target| &target.label),
            changes.join("; "),
            self.request_id.clone(),
            shown(&self.ip),
        ]
    }
}
