//! What stands on every activity entry of one request.

use chrono::{DateTime, Utc};
use rollcall_domain::{Actor, OrganizationId, RequestId};

/// Where a request came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestInfo {
    /// The request.
    pub id: RequestId,
    /// The client's address, as text; none from the command line.
    pub ip: Option<String>,
    /// The client's own name of itself, cut to 256 bytes.
    pub user_agent: Option<String>,
}

/// Who, when, which request: made once per request and put on every entry it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Whose activity.
    pub organization: OrganizationId,
    /// Who acted.
    pub actor: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// Through which request.
    pub request: RequestInfo,
}
