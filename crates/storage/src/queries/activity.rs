//! The table of *Activity > Actions* (R14). Rows are written, never changed.

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
use super::dialect::effect_here;
use super::errors::store_error;
use super::statements::ENTER;
use crate::literal::literals;
use crate::schema::activity;
use crate::values::{Id, Key, counted, damaged, instant, key, micros};

/// How many entries one statement inserts, so that their text does not grow with a change.
const ROWS_PER_STATEMENT: usize = 1_500;
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

/// What those of many who join one team say alike: action, kind, what it happened to (kind, id, label),
/// the kind of the other object.
type Subject<'e> = [Option<&'e str>; 6];

fn subject(event: &ActivityEvent) -> Subject<'_> {
    let (target, related) = (&event.target, event.related.as_ref());
    [
        Some(event.action.as_str()),
        Some(event.kind.as_str()),
        Some(target.kind.as_str()),
        Some(&target.id),
        Some(&target.label),
        related.map(|related| related.kind.as_str()),
    ]
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
            .limit(i64::from(ActivityQuery::MOST_COUNTED));
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
        match <[ActivityEvent; 1]>::try_from(events) {
            Ok([event]) => {
                let row = ActivityRow::new(Key(self.next_id()), event, stamp);
                self.insert_entry(&row)
            }
            Err(events) => events
                .chunks(ROWS_PER_STATEMENT)
                .try_for_each(|events| self.insert_entries(events, stamp)),
        }
    }

    fn insert_entry(&mut self, row: &ActivityRow) -> Result<(), StoreError> {
        let entered = diesel::insert_into(activity::table).values(row);
        effect_here!(self, entered, activity::id).map_err(store_error)
    }

    /// Several at once, as one bound value: to prepare a statement with a place for each value of each
    /// row would take more than half as long again as to run it.
    fn insert_entries(
        &mut self,
        events: &[ActivityEvent],
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        let first = events.first().map(subject).unwrap_or_default();
        let is_shared = events.iter().all(|event| subject(event) == first);
        let rows: Vec<_> = events
            .iter()
            .map(|event| {
                let related = event.related.as_ref();
                (
                    self.next_id().simple().to_string(),
                    related.map(|related| &related.id),
                    related.map(|related| &related.label),
                    rendered(&event.changes),
                    (!is_shared).then(|| subject(event)),
                )
            })
            .collect();
        let rows = serde_json::to_string(&rows).expect("texts always render");
        let shared = if is_shared { first } else { Subject::default() };
        let [
            action,
            kind,
            target_kind,
            target_id,
            target_label,
            related_kind,
        ] = shared;
        diesel::sql_query(ENTER)
            .bind::<Id, _>(key(stamp.organization))
            .bind::<BigInt, _>(micros(stamp.at))
            .bind::<Text, _>(stamp.actor.kind())
            .bind::<Nullable<Text>, _>(stamp.actor.id())
            .bind::<Text, _>(stamp.actor.label())
            .bind::<Id, _>(key(stamp.request.id))
            .bind::<Nullable<Text>, _>(&stamp.request.ip)
            .bind::<Nullable<Text>, _>(&stamp.request.user_agent)
            .bind::<Text, _>(rows)
            .bind::<Nullable<Text>, _>(action)
            .bind::<Nullable<Text>, _>(kind)
            .bind::<Nullable<Text>, _>(target_kind)
            .bind::<Nullable<Text>, _>(target_id)
            .bind::<Nullable<Text>, _>(target_label)
            .bind::<Nullable<Text>, _>(related_kind)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }
}
