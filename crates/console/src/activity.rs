//! *Activity > Actions* (R14).

use actix_web::web;
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use rollcall_application::panel::activity::list_activity;
use rollcall_application::ports::{ActivityEntry, ActivityQuery};
use rollcall_domain::{Action, ActivityId, EventKind};

use crate::Console;
use crate::error::{Answer, sentence};
use crate::form::{Choice, Field, choices};
use crate::gate::SignedIn;
use crate::params::{PAGE, Pages, Params};
use crate::shell::{Shell, render};
use crate::view::Moment;

/// An entry in words.
pub(crate) struct EntryView {
    pub(crate) at: Moment,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) warning: bool,
    pub(crate) target: String,
    pub(crate) related: Option<String>,
    pub(crate) source: &'static str,
    pub(crate) ip: String,
    pub(crate) request: String,
    /// Field, before, after.
    pub(crate) changes: Vec<(String, String, String)>,
}

/// `team.member_added` as "Team member added".
fn in_words(action: Action) -> String {
    let text = action.as_str().replace(['.', '_'], " ");
    sentence(&text).trim_end_matches('.').to_owned()
}

impl From<ActivityEntry> for EntryView {
    fn from(entry: ActivityEntry) -> Self {
        let shown = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
        let change = |c: rollcall_domain::FieldChange| (c.field, shown(c.before), shown(c.after));
        Self {
            at: entry.at.into(),
            actor: entry.actor_label,
            action: in_words(entry.action),
            warning: entry.kind == EventKind::Warning,
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
    entries: Vec<EntryView>,
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
        target_id: params.get("target").map(str::to_owned),
        from: day(params, "from"),
        until: day(params, "until").map(|day| day + chrono::Duration::days(1)),
        before: params.cursor()?.map(|cursor| ActivityId::new(cursor.id)),
        limit: PAGE,
        ..ActivityQuery::default()
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
        ("", "Changes and warnings"),
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

/// A page of entries.
pub(crate) async fn list(
    console: web::Data<Console>,
    caller: SignedIn,
    query: web::Query<Vec<(String, String)>>,
) -> Answer {
    let params = Params(query.into_inner());
    let query = query_of(&params)?;
    let page = list_activity(&console.services, &caller.0, query.clone()).await?;
    let names = ["action", "source", "kind", "from", "until", "target"];
    Ok(render(&ActivityPage {
        shell: Shell::of(&caller.0, "activity", "Actions"),
        filters: filters(&params),
        from: params.text("from"),
        until: params.text("until"),
        pages: params.pages("/activity", page.next.as_ref()),
        filtered: names.iter().any(|name| params.get(name).is_some()),
        csv: export(&params, &query, "csv"),
        jsonl: export(&params, &query, "jsonl"),
        entries: page.items.into_iter().map(EntryView::from).collect(),
    }))
}
