//! How an object's changes are counted.

/// Counts the effective changes of an object; the ETag on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub i64);

impl Default for Version {
    fn default() -> Self {
        Self::FIRST
    }
}

impl Version {
    /// Of a new object.
    pub const FIRST: Self = Self(1);

    /// After one more change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}
