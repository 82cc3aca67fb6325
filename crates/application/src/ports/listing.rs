//! Pages that cost the same however deep they are.

use uuid::Uuid;

/// Which way a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}

/// Where a page ended: the sort key of its last row, and its id for rows that share the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The sort key as text; times as microseconds.
    pub key: String,
    /// The row's id.
    pub id: Uuid,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; none on the last.
    pub next: Option<Cursor>,
    /// How many rows there are on all pages.
    pub total: u64,
}

/// A stretch of a list in its stable order (creation, id).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Skips this many rows.
    Offset(u64),
    /// Begins after the row of this id; at the beginning when absent.
    After(Option<Uuid>),
}
