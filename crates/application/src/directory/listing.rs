//! Pages of what a directory sees, in whatever order and however it pages.
//!
//! Memory holds a batch of rows and, where no index sorts them, the keys of one page: never more
//! than ten thousand of them. What is judged row by row ends at [`SCAN_LIMIT`] rows, so that no
//! request walks for ever; a page after a place ends earlier and says where to go on.

use std::sync::Arc;

use uuid::Uuid;

use super::ranking::Ranking;
use crate::Failure;
use crate::ports::{Cursor, Direction, LiveSort, ReadTx, Stretch, Window};

/// How many rows are judged for one list before the directory is asked to narrow it.
pub const SCAN_LIMIT: u64 = 200_000;

/// How many rows are judged for one page after a place; it goes on behind the last of them.
const PAGE_SCAN_LIMIT: u64 = 20_000;

/// Judges what no index can.
pub type Keep<T> = Arc<dyn Fn(&T) -> bool + Send + Sync>;

/// The key that a row is sorted by, compared as bytes, ascending; ties by id.
pub type Key<T> = Arc<dyn Fn(&T) -> Vec<u8> + Send + Sync>;

/// By what a list is sorted; ties by id.
#[derive(Clone)]
pub enum SortBy<T> {
    /// As they came to be: by id.
    Age,
    /// By the folded name that the directory knows them by, which an index sorts.
    Name,
    /// By a key of each row, which none does.
    Key(Key<T>),
}

/// An order.
#[derive(Clone)]
pub struct Order<T> {
    /// By what.
    pub by: SortBy<T>,
    /// Which way.
    pub direction: Direction,
}

impl<T> Default for Order<T> {
    fn default() -> Self {
        Self {
            by: SortBy::Age,
            direction: Direction::Ascending,
        }
    }
}

/// A row's place in an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The key it is sorted by: nothing for [`SortBy::Age`], the folded name for
    /// [`SortBy::Name`].
    pub key: Vec<u8>,
    /// Its id.
    pub id: Uuid,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// After so many rows; the total is told.
    Offset(u64),
    /// After this row, or at the beginning; where the next page begins is told.
    After(Option<Place>),
}

/// Which rows of a list are wanted.
#[derive(Clone)]
pub struct Wanted<T> {
    /// What no index serves.
    pub keep: Option<Keep<T>>,
    /// In which order.
    pub order: Order<T>,
    /// Where the page begins.
    pub start: Start,
    /// At most this many; none asks for the total alone.
    pub limit: u32,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many there are in all; unknown only after a place, where nobody looked at all of them.
    pub total: Option<u64>,
    /// The place of the last row, if there are more after it; told after a place alone.
    pub next: Option<Place>,
}

impl<T> Listed<T> {
    /// Nothing.
    #[must_use]
    pub const fn nothing() -> Self {
        Self {
            items: Vec::new(),
            total: Some(0),
            next: None,
        }
    }
}

/// What becomes of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<T> {
    /// A page of it.
    Page(Listed<T>),
    /// It is larger than can be worked out for one request: narrow it, or go from place to place.
    TooMany,
}

/// Where rows come from.
pub(super) trait Source {
    type Item;

    /// How many rows are looked at at a time.
    const BATCH: u32;

    /// A stretch of the rows that satisfy what an index serves.
    fn rows(&self, tx: &mut dyn ReadTx, stretch: &Stretch) -> Result<Vec<Self::Item>, Failure>;

    /// How many there are.
    fn count(&self, tx: &mut dyn ReadTx) -> Result<u64, Failure>;

    /// Rows of these ids, in this order.
    fn named(&self, tx: &mut dyn ReadTx, ids: &[Uuid]) -> Result<Vec<Self::Item>, Failure>;

    fn id(item: &Self::Item) -> Uuid;

    /// The folded name that an index sorts by.
    fn name(item: &Self::Item) -> &str;

    /// How much work it is to judge a row.
    fn weight(_item: &Self::Item) -> u64 {
        1
    }
}

/// A page of a source.
pub(super) fn page<S: Source>(
    tx: &mut dyn ReadTx,
    source: &S,
    wanted: &Wanted<S::Item>,
) -> Result<Found<S::Item>, Failure> {
    let sort = match &wanted.order.by {
        SortBy::Age => LiveSort::Id,
        SortBy::Name => LiveSort::Name,
        SortBy::Key(key) => return ranked(tx, source, wanted, key),
    };
    match (&wanted.keep, &wanted.start) {
        (None, _) => narrowed(tx, source, wanted, sort),
        (Some(keep), Start::Offset(offset)) => judged(tx, source, wanted, (sort, keep, *offset)),
        (Some(keep), Start::After(place)) => gathered(tx, source, wanted, (sort, keep, place)),
    }
}

/// An index serves all of it.
fn narrowed<S: Source>(
    tx: &mut dyn ReadTx,
    source: &S,
    wanted: &Wanted<S::Item>,
    sort: LiveSort,
) -> Result<Found<S::Item>, Failure> {
    let (window, extra) = match &wanted.start {
        Start::Offset(0) => (Window::Offset(0), 0),
        Start::Offset(offset) => return deep(tx, source, wanted, (sort, *offset)),
        // One row more tells whether there is a next page.
        Start::After(place) => (Window::After(place.as_ref().map(cursor)), 1),
    };
    let is_first = matches!(wanted.start, Start::Offset(0) | Start::After(None));
    let mut items = match wanted.limit {
        0 => Vec::new(),
        limit => source.rows(tx, &stretch(wanted, sort, (window, limit + extra)))?,
    };
    let found = u32::try_from(items.len()).unwrap_or(u32::MAX);
    let total = if is_first && found < wanted.limit {
        u64::from(found)
    } else {
        source.count(tx)?
    };
    let limit = wanted.limit as usize;
    let has_more = extra == 1 && items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| has_more);
    let next = last.map(|item| place_of::<S>(item, sort));
    Ok(Found::Page(Listed {
        items,
        total: Some(total),
        next,
    }))
}

/// A page after so many rows: those are walked, and from the end where that is nearer.
fn deep<S: Source>(
    tx: &mut dyn ReadTx,
    source: &S,
    wanted: &Wanted<S::Item>,
    (sort, offset): (LiveSort, u64),
) -> Result<Found<S::Item>, Failure> {
    let total = source.count(tx)?;
    let left = total.saturating_sub(offset);
    let limit = u64::from(wanted.limit).min(left);
    let behind = left - limit;
    let is_late = behind < offset;
    let forwards = wanted.order.direction;
    let (direction, skipped) = if is_late {
        (forwards.reversed(), behind)
    } else {
        (forwards, offset)
    };
    let stretch = Stretch {
        sort,
        direction,
        window: Window::Offset(skipped),
        limit: u32::try_from(limit).unwrap_or(wanted.limit),
    };
    let mut items = match limit {
        0 => Vec::new(),
        _ => source.rows(tx, &stretch)?,
    };
    if is_late {
        items.reverse();
    }
    Ok(Found::Page(Listed {
        items,
        total: Some(total),
        next: None,
    }))
}

/// The page is taken as it comes by; every row comes by, for the total.
fn judged<S: Source>(
    tx: &mut dyn ReadTx,
    source: &S,
    wanted: &Wanted<S::Item>,
    (sort, keep, offset): (LiveSort, &Keep<S::Item>, u64),
) -> Result<Found<S::Item>, Failure> {
    let limit = wanted.limit as usize;
    let (mut items, mut passed) = (Vec::new(), 0_u64);
    let walk = Walk::new(wanted, sort, SCAN_LIMIT);
    let ended = walk.visit(tx, source, |item| {
        if keep(&item) {
            if passed >= offset && items.len() < limit {
                items.push(item);
            }
            passed += 1;
        }
        Next::Row
    })?;
    Ok(match ended {
        Ended::TooMany(_) => Found::TooMany,
        _ => Found::Page(Listed {
            items,
            total: Some(passed),
            next: None,
        }),
    })
}

/// The page is taken as it comes by; nobody looks at what comes after it, nor at more than
/// [`PAGE_SCAN_LIMIT`] rows: then the page is short and goes on where the looking ended.
fn gathered<S: Source>(
    tx: &mut dyn ReadTx,
    source: &S,
    wanted: &Wanted<S::Item>,
    (sort, keep, place): (LiveSort, &Keep<S::Item>, &Option<Place>),
) -> Result<Found<S::Item>, Failure> {
    let limit = wanted.limit as usize;
    let mut items: Vec<S::Item> = Vec::new();
    let walk = Walk {
        after: place.clone(),
        ..Walk::new(wanted, sort, PAGE_SCAN_LIMIT)
    };
    let mut has_more = false;
    let ended = match limit {
        0 => Ended::AtTheEnd,
        _ => walk.visit(tx, source, |item| {
            if !keep(&item) {
                return Next::Row;
            }
            if items.len() == limit {
                has_more = true;
                return Next::Stop;
            }
            items.push(item);
            Next::Row
        })?,
    };
    let next = match ended {
        Ended::TooMany(last) => Some(last),
        _ if has_more => items.last().map(|item| place_of::<S>(item, sort)),
        _ => None,
    };
    Ok(Found::Page(Listed {
        items,
        total: None,
        next,
    }))
}

/// The page is known once every row came by (RFC 7644 section 3.4.2.3).
fn ranked<S: Source>(
    tx: &mut dyn ReadTx,
    source: &S,
    wanted: &Wanted<S::Item>,
    key: &Key<S::Item>,
) -> Result<Found<S::Item>, Failure> {
    let mut ranking = Ranking::new(wanted.order.direction, &wanted.start, wanted.limit);
    let walk = Walk {
        direction: Direction::Ascending,
        ..Walk::new(wanted, LiveSort::Id, SCAN_LIMIT)
    };
    let mut total = 0;
    let ended = walk.visit(tx, source, |item| {
        if wanted.keep.as_ref().is_none_or(|keep| keep(&item)) {
            total += 1;
            ranking.add(key(&item), S::id(&item));
        }
        Next::Row
    })?;
    let is_whole = !matches!(ended, Ended::TooMany(_));
    let Some(ranked) = ranking.page(total).filter(|_| is_whole) else {
        return Ok(Found::TooMany);
    };
    let ids: Vec<Uuid> = ranked.places.iter().map(|place| place.id).collect();
    Ok(Found::Page(Listed {
        items: source.named(tx, &ids)?,
        total: Some(total),
        next: ranked.places.last().filter(|_| ranked.has_more).cloned(),
    }))
}

/// Whether a walk goes on.
enum Next {
    Row,
    Stop,
}

/// Why a walk ended.
enum Ended {
    AtTheEnd,
    Stopped,
    /// After so many rows; this was the last of them.
    TooMany(Place),
}

/// All rows of a source one by one, in batches: memory holds one of those.
struct Walk {
    sort: LiveSort,
    direction: Direction,
    after: Option<Place>,
    limit: u64,
}

impl Walk {
    fn new<T>(wanted: &Wanted<T>, sort: LiveSort, limit: u64) -> Self {
        Self {
            sort,
            direction: wanted.order.direction,
            after: None,
            limit,
        }
    }

    fn visit<S: Source>(
        mut self,
        tx: &mut dyn ReadTx,
        source: &S,
        mut show: impl FnMut(S::Item) -> Next,
    ) -> Result<Ended, Failure> {
        let mut scanned = 0;
        loop {
            let stretch = Stretch {
                sort: self.sort,
                direction: self.direction,
                window: Window::After(self.after.as_ref().map(cursor)),
                limit: S::BATCH,
            };
            let batch = source.rows(tx, &stretch)?;
            let Some(last) = batch.last() else {
                return Ok(Ended::AtTheEnd);
            };
            let last = place_of::<S>(last, self.sort);
            let is_last = batch.len() < S::BATCH as usize;
            for item in batch {
                scanned += S::weight(&item);
                if matches!(show(item), Next::Stop) {
                    return Ok(Ended::Stopped);
                }
            }
            if is_last {
                return Ok(Ended::AtTheEnd);
            }
            if scanned >= self.limit {
                return Ok(Ended::TooMany(last));
            }
            self.after = Some(last);
        }
    }
}

fn stretch<T>(wanted: &Wanted<T>, sort: LiveSort, (window, limit): (Window, u32)) -> Stretch {
    Stretch {
        sort,
        direction: wanted.order.direction,
        window,
        limit,
    }
}

/// The place of a row in an order that an index keeps.
fn place_of<S: Source>(item: &S::Item, sort: LiveSort) -> Place {
    let key = match sort {
        LiveSort::Id => Vec::new(),
        LiveSort::Name => S::name(item).as_bytes().to_vec(),
    };
    let id = S::id(item);
    Place { key, id }
}

/// A place as the store takes it: names are text.
fn cursor(place: &Place) -> Cursor {
    Cursor {
        key: String::from_utf8_lossy(&place.key).into_owned(),
        id: place.id,
    }
}
