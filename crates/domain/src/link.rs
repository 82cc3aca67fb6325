//! What ties a member or team to a connection.

use crate::ids::ConnectionId;
use crate::text::{ExternalId, FoldedKey};

/// Whether the directory can find the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkState {
    /// It can: SCIM shows it.
    Live,
    /// It no longer can: invisible to SCIM, editable in the panel (R13).
    Lost,
}

impl LinkState {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Lost => "lost",
        }
    }

    /// The state of a stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "live" => Some(Self::Live),
            "lost" => Some(Self::Lost),
            _ => None,
        }
    }
}

/// The tie of one object to one connection; at most one per object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Which connection.
    pub connection: ConnectionId,
    /// Whether the directory can find the object.
    pub state: LinkState,
    /// The directory's own id of it.
    pub external_id: Option<ExternalId>,
    /// `userName` or `displayName` exactly as sent.
    pub name: String,
    /// That name folded: what the directory finds the object by.
    pub key: FoldedKey,
    /// The folded primary e-mail as last sent, so that an edit back is recognized (R13).
    pub email_key: Option<FoldedKey>,
    /// The last `active` the directory said; always true for a team.
    pub active: bool,
}
