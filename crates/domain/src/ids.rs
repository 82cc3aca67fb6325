//! Typed identifiers: an id of one kind cannot stand where another is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not an id in its canonical form (lower-case, hyphenated UUID).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID made elsewhere; time-ordered (version 7) ones keep indexes compact.
            #[must_use]
            pub const fn new(value: Uuid) -> Self {
                Self(value)
            }

            /// An id from a number, for examples and tests.
            #[must_use]
            pub const fn from_u128(value: u128) -> Self {
                Self(Uuid::from_u128(value))
            }

            /// The UUID inside.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.as_hyphenated(), f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Accepts the canonical form alone: ids compare exactly (RFC 7643 section 3.1), so
            /// an upper-case or braced spelling names nothing.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let id = Uuid::try_parse(text).map_err(|_| InvalidId)?;
                let mut buffer = Uuid::encode_buffer();
                if id.as_hyphenated().encode_lower(&mut buffer) == text {
                    Ok(Self(id))
                } else {
                    Err(InvalidId)
                }
            }
        }
    };
}

id!(
    /// The tenant. Everything belongs to exactly one.
    OrganizationId
);
id!(
    /// A person in an organization; the SCIM `id` of a User.
    MemberId
);
id!(
    /// A group of members; the SCIM `id` of a Group.
    TeamId
);
id!(
    /// One organization's provisioning from one directory; the tenant key in the Tenant URL.
    ConnectionId
);
id!(
    /// An entry of *Activity > Actions*; time-ordered.
    ActivityId
);
id!(
    /// What one request did, however many entries that left.
    RequestId
);
id!(
    /// A signed-in browser or API client.
    SessionId
);
