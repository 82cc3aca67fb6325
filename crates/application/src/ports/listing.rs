//! Pages that cost the same however deep they are.

use chrono::{DateTime, Utc};
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

impl Direction {
    /// The other way.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
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

/// Where a stretch of a list begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Window {
    /// Skips this many rows.
    Offset(u64),
    /// Begins after this row; at the beginning when absent. In the order of ids the key says
    /// nothing.
    After(Option<Cursor>),
}

/// What an index sorts the objects of a connection by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LiveSort {
    /// The id, which is the order in which they came to be.
    #[default]
    Id,
    /// The folded name by which the directory knows them, as bytes; ties by id.
    Name,
}

/// A stretch of what is live on a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// In which order.
    pub sort: LiveSort,
    /// Which way.
    pub direction: Direction,
    /// Where it begins.
    pub window: Window,
    /// At most this many rows.
    pub limit: u32,
}

impl Stretch {
    /// A stretch in the order in which the objects came to be.
    #[must_use]
    pub fn by_id(window: Window, limit: u32) -> Self {
        Self {
            sort: LiveSort::Id,
            direction: Direction::Ascending,
            window,
            limit,
        }
    }
}

/// A span of time: from an instant on, up to and without another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// Its first instant; the beginning of time when absent.
    pub from: Option<DateTime<Utc>>,
    /// The first instant after it; none when absent.
    pub until: Option<DateTime<Utc>>,
}
