//! *Activity > Actions* (R14).

use chrono::{DateTime, Utc};
use rollcall_domain::{
    Action, ActivityEvent, ActivityId, EventKind, FieldChange, OrganizationId, RequestId, Target,
};

use crate::Stamp;
use crate::ports::{Page, StoreError};

/// An entry as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityEntry {
    /// Time-ordered.
    pub id: ActivityId,
    /// When.
    pub at: DateTime<Utc>,
    /// `member`, `directory` or `system`.
    pub actor_kind: String,
    /// The member or connection.
    pub actor_id: Option<String>,
    /// What people called the actor.
    pub actor_label: String,
    /// What happened.
    pub action: Action,
    /// A change or a warning.
    pub kind: EventKind,
    /// To what.
    pub target: Target,
    /// The other object concerned.
    pub related: Option<Target>,
    /// Changed fields.
    pub changes: Vec<FieldChange>,
    /// Through which request.
    pub request: RequestId,
    /// From which address.
    pub ip: Option<String>,
    /// By which client.
    pub user_agent: Option<String>,
}

/// Which entries are asked for, newest first. Filters combine by *and*.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActivityQuery {
    /// One of these actions; any when empty.
    pub actions: Vec<Action>,
    /// Changes or warnings.
    pub kind: Option<EventKind>,
    /// By this kind of actor: `member` (the panel), `directory` (SCIM) or `system`.
    pub actor_kind: Option<String>,
    /// By this actor.
    pub actor_id: Option<String>,
    /// About this object, as target or as the other object concerned.
    pub target_id: Option<String>,
    /// Left by this request.
    pub request: Option<RequestId>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
    /// Older than this entry: where the page before ended.
    pub before: Option<ActivityId>,
    /// At most this many.
    pub limit: u32,
}

impl ActivityQuery {
    /// How far entries are counted: the page of an organization with a million costs what that of one
    /// with a thousand does.
    pub const MOST_COUNTED: u32 = 1_000;
}

/// Reads of activity.
pub trait ActivityReads {
    /// A page, newest first. `total` counts up to [`ActivityQuery::MOST_COUNTED`] and no further.
    fn activity_page(
        &mut self,
        organization: OrganizationId,
        query: &ActivityQuery,
    ) -> Result<Page<ActivityEntry>, StoreError>;
}

/// Writes of activity that go with no object's change: sign-ins, warnings.
pub trait ActivityWrites {
    /// Records an entry.
    fn record(&mut self, event: ActivityEvent, stamp: &Stamp) -> Result<(), StoreError>;

    /// Records a warning unless the same one (organization, action, target, changes) was recorded
    /// in the last 24 hours. Returns whether it was recorded.
    fn record_warning(&mut self, event: ActivityEvent, stamp: &Stamp) -> Result<bool, StoreError>;
}
