//! The table of *Activity > Actions* (R14). Rows are written, never changed.

use std::ops::Range;
use std::sync::LazyLock;

use chrono::Duration;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use rollcall_application::Stamp;
use rollcall_application::ports::{
    ActivityEntry, ActivityQuery, ActivityReads, ActivityWrites, Cursor, Page, StoreError,
};
use rollcall_domain::{
    Action, ActivityEvent, ActivityId, EventKind, FieldChange, OrganizationId, RequestId, Target,
    TargetKind,
};

use super::Backend;
use super::Tx;
use super::counting::CountOf;
use super::dialect::{PLACE, effect_here};
use super::errors::store_error;
use crate::kept::run_kept;
use crate::literal::literals;
use crate::schema::activity;
use crate::values::{Id, Key, counted, damaged, instant, key, micros};

/// How many entries one statement inserts, the most first: each is prepared once and kept, whereas one
/// for just as many as there are would take more than half as long again to prepare as to run.
const ROWS_PER_STATEMENT: [usize; 2] = [64, 8];
/// The columns that entries of one stamp have in common.
const SHARED_COLUMNS: &str =
    "org_id, at, actor_kind, actor_id, actor_label, request_id, ip, user_agent";
/// The others.
const OWN_COLUMNS: &str = "id, action, kind, target_kind, target_id, target_label, related_kind, \
    related_id, related_label, changes";
/// How far a total is counted.
const COUNT_LIMIT: i64 = 10_000;
/// How long a warning is not repeated, in hours.
const REPEAT_AFTER_HOURS: i64 = 24;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = activity, treat_none_as_default_value = false)]
struct ActivityRow {
    org_id: Key,
    id: Key,
    at: i64,
    actor_kind: String,
    actor_id: Option<String>,
    actor_label: String,
    action: String,
    kind: String,
    target_kind: String,
    target_id: String,
    target_label: String,
    related_kind: Option<String>,
    related_id: Option<String>,
    related_label: Option<String>,
    changes: String,
    request_id: Key,
    ip: Option<String>,
    user_agent: Option<String>,
    repeat_key: Option<String>,
}

impl ActivityRow {
    fn new(id: Key, event: ActivityEvent, stamp: &Stamp) -> Self {
        let (related_kind, related_id, related_label) = match event.related {
            Some(related) => (
                Some(related.kind.as_str().to_owned()),
                Some(related.id),
                Some(related.label),
            ),
            None => (None, None, None),
        };
        Self {
            org_id: key(stamp.organization),
            id,
            at: micros(stamp.at),
            actor_kind: stamp.actor.kind().to_owned(),
            actor_id: stamp.actor.id(),
            actor_label: stamp.actor.label().to_owned(),
            action: event.action.as_str().to_owned(),
            kind: event.kind.as_str().to_owned(),
            target_kind: event.target.kind.as_str().to_owned(),
            target_id: event.target.id,
            target_label: event.target.label,
            related_kind,
            related_id,
            related_label,
            changes: rendered(&event.changes),
            request_id: key(stamp.request.id),
            ip: stamp.request.ip.clone(),
            user_agent: stamp.request.user_agent.clone(),
            repeat_key: None,
        }
    }

    fn entry(self) -> Result<ActivityEntry, StoreError> {
        let related = match (self.related_kind, self.related_id) {
            (Some(kind), Some(id)) => {
                Some(target(&kind, id, self.related_label.unwrap_or_default())?)
            }
            _ => None,
        };
        Ok(ActivityEntry {
            id: ActivityId::new(self.id.0),
            at: instant(self.at)?,
            actor_kind: self.actor_kind,
            actor_id: self.actor_id,
            actor_label: self.actor_label,
            action: Action::parse(&self.action).ok_or_else(|| damaged("action"))?,
            kind: EventKind::parse(&self.kind).ok_or_else(|| damaged("kind of entry"))?,
            target: target(&self.target_kind, self.target_id, self.target_label)?,
            related,
            changes: parsed(&self.changes)?,
            request: RequestId::from(self.request_id),
            ip: self.ip,
            user_agent: self.user_agent,
        })
    }
}

fn target(kind: &str, id: String, label: String) -> Result<Target, StoreError> {
    let kind = TargetKind::parse(kind).ok_or_else(|| damaged("kind of target"))?;
    Ok(Target { kind, id, label })
}

/// Changes as stored: `[[field, before, after], …]`.
fn rendered(changes: &[FieldChange]) -> String {
    let changes: Vec<(&str, Option<&str>, Option<&str>)> = changes
        .iter()
        .map(|c| (c.field.as_str(), c.before.as_deref(), c.after.as_deref()))
        .collect();
    serde_json::to_string(&changes).expect("texts always render")
}

fn parsed(changes: &str) -> Result<Vec<FieldChange>, StoreError> {
    let changes: Vec<(String, Option<String>, Option<String>)> =
        serde_json::from_str(changes).map_err(|_| damaged("changes"))?;
    Ok(changes
        .into_iter()
        .map(|(field, before, after)| FieldChange {
            field,
            before,
            after,
        })
        .collect())
}

literals! {
    /// An entry of the kind that few are.
    OfWarnings = "kind = 'warning'";
}

/// The entries a query asks for, but for where its page begins.
fn asked(organization: OrganizationId, query: &ActivityQuery) -> activity::BoxedQuery<'_, Backend> {
    let mut entries = activity::table
        .filter(activity::org_id.eq(key(organization)))
        .into_boxed();
    if !query.actions.is_empty() {
        let actions = query.actions.iter().map(|action| action.as_str());
        entries = entries.filter(activity::action.eq_any(actions));
    }
    match query.kind {
        None => {}
        // A literal, so that the index of the few warnings serves it.
        Some(EventKind::Warning) => entries = entries.filter(OfWarnings),
        Some(kind) => entries = entries.filter(activity::kind.eq(kind.as_str())),
    }
    if let Some(kind) = &query.actor_kind {
        entries = entries.filter(activity::actor_kind.eq(kind));
    }
    if let Some(actor) = &query.actor_id {
        entries = entries.filter(activity::actor_id.eq(actor));
    }
    if let Some(object) = &query.target_id {
        entries = entries.filter(
            sql::<Bool>("activity.id IN (SELECT id FROM activity AS about WHERE about.org_id = ")
                .bind::<Id, _>(key(organization))
                .sql(" AND about.target_id = ")
                .bind::<Text, _>(object)
                .sql(" UNION ALL SELECT id FROM activity AS about WHERE about.org_id = ")
                .bind::<Id, _>(key(organization))
                .sql(" AND about.related_id = ")
                .bind::<Text, _>(object)
                .sql(")"),
        );
    }
    if let Some(request) = query.request {
        entries = entries.filter(activity::request_id.eq(key(request)));
    }
    if let Some(from) = query.from {
        entries = entries.filter(activity::at.ge(micros(from)));
    }
    if let Some(until) = query.until {
        entries = entries.filter(activity::at.lt(micros(until)));
    }
    entries
}

impl ActivityReads for Tx {
    fn activity_page(
        &mut self,
        organization: OrganizationId,
        query: &ActivityQuery,
    ) -> Result<Page<ActivityEntry>, StoreError> {
        let bounded = asked(organization, query)
            .select(activity::id)
            .limit(COUNT_LIMIT);
        let total: i64 = CountOf(bounded)
            .get_result(&mut *self.connection)
            .map_err(store_error)?;
        let mut entries = asked(organization, query);
        if let Some(before) = query.before {
            entries = entries.filter(activity::id.lt(Key(before.uuid())));
        }
        let mut rows: Vec<ActivityRow> = entries
            .order(activity::id.desc())
            .limit(i64::from(query.limit) + 1)
            .select(ActivityRow::as_select())
            .load(&mut *self.connection)
            .map_err(store_error)?;
        let more = rows.len() > query.limit as usize;
        rows.truncate(query.limit as usize);
        let next = rows.last().filter(|_| more).map(|last| Cursor {
            key: last.at.to_string(),
            id: last.id.0,
        });
        let items: Result<Vec<_>, _> = rows.into_iter().map(ActivityRow::entry).collect();
        Ok(Page {
            items: items?,
            next,
            total: counted(total),
        })
    }
}

impl ActivityWrites for Tx {
    fn record(&mut self, event: ActivityEvent, stamp: &Stamp) -> Result<(), StoreError> {
        self.write_entries(vec![event], stamp)
    }

    fn record_warning(&mut self, event: ActivityEvent, stamp: &Stamp) -> Result<bool, StoreError> {
        let said = format!(
            "{} {} {}",
            event.action.as_str(),
            event.target.id,
            rendered(&event.changes)
        );
        let since = stamp.at - Duration::hours(REPEAT_AFTER_HOURS);
        let same = activity::table
            .filter(activity::org_id.eq(key(stamp.organization)))
            .filter(activity::repeat_key.eq(&said))
            .filter(activity::at.gt(micros(since)));
        let repeated: bool = diesel::select(diesel::dsl::exists(same))
            .get_result(&mut *self.connection)
            .map_err(store_error)?;
        if repeated {
            return Ok(false);
        }
        let row = ActivityRow {
            repeat_key: Some(said),
            ..ActivityRow::new(Key(self.next_id()), event, stamp)
        };
        self.insert_entry(&row)?;
        Ok(true)
    }
}

impl Tx {
    /// Records entries in their order under one stamp.
    pub(crate) fn write_entries(
        &mut self,
        events: Vec<ActivityEvent>,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        let mut left = events.as_slice();
        for (rows, insertion) in ROWS_PER_STATEMENT.into_iter().zip(&*INSERTIONS) {
            while let Some((now, later)) = left.split_at_checked(rows) {
                self.insert_entries(insertion, now, stamp)?;
                left = later;
            }
        }
        let single = events.len() - left.len();
        for event in events.into_iter().skip(single) {
            let row = ActivityRow::new(Key(self.next_id()), event, stamp);
            self.insert_entry(&row)?;
        }
        Ok(())
    }

    fn insert_entry(&mut self, row: &ActivityRow) -> Result<(), StoreError> {
        let entered = diesel::insert_into(activity::table).values(row);
        effect_here!(self, entered, activity::id).map_err(store_error)
    }

    /// As many at once as the statement has places for.
    fn insert_entries(
        &mut self,
        insertion: &'static str,
        events: &[ActivityEvent],
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        let actor = stamp.actor.id();
        let mut entered = diesel::sql_query(insertion)
            .into_boxed::<Backend>()
            .bind::<Id, _>(key(stamp.organization))
            .bind::<BigInt, _>(micros(stamp.at))
            .bind::<Text, _>(stamp.actor.kind())
            .bind::<Nullable<Text>, _>(actor)
            .bind::<Text, _>(stamp.actor.label())
            .bind::<Id, _>(key(stamp.request.id))
            .bind::<Nullable<Text>, _>(&stamp.request.ip)
            .bind::<Nullable<Text>, _>(&stamp.request.user_agent);
        for event in events {
            let (target, related) = (&event.target, event.related.as_ref());
            entered = entered
                .bind::<Id, _>(Key(self.next_id()))
                .bind::<Text, _>(event.action.as_str())
                .bind::<Text, _>(event.kind.as_str())
                .bind::<Text, _>(target.kind.as_str())
                .bind::<Text, _>(&target.id)
                .bind::<Text, _>(&target.label)
                .bind::<Nullable<Text>, _>(related.map(|related| related.kind.as_str()))
                .bind::<Nullable<Text>, _>(related.map(|related| &related.id))
                .bind::<Nullable<Text>, _>(related.map(|related| &related.label))
                .bind::<Text, _>(rendered(&event.changes));
        }
        run_kept(&mut *self.connection, entered).map_err(store_error)
    }
}

/// The statements that insert several entries. Each place of a value has a number: those of what is
/// shared come first, and stand in every row.
static INSERTIONS: LazyLock<[String; ROWS_PER_STATEMENT.len()]> =
    LazyLock::new(|| ROWS_PER_STATEMENT.map(insertion));

fn insertion(rows: usize) -> String {
    let (shared, own) = (columns(SHARED_COLUMNS), columns(OWN_COLUMNS));
    let places = |numbers: Range<usize>| {
        let places = numbers.map(|number| format!("{PLACE}{}", number + 1));
        places.collect::<Vec<_>>().join(", ")
    };
    let row = |row: usize| {
        let first = shared + row * own;
        format!("({}, {})", places(0..shared), places(first..first + own))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!(
        "INSERT INTO activity ({SHARED_COLUMNS}, {OWN_COLUMNS}) VALUES {}",
        rows.join(", ")
    )
}

fn columns(names: &str) -> usize {
    names.split(',').count()
}
