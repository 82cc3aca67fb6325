//! Sorted pages of rows that come in another order, without keeping more than a page needs.

use std::cmp::Ordering;

use uuid::Uuid;

use super::listing::{Place, Start};
use crate::ports::Direction;

/// How many rows a ranking keeps at most, so that its memory is bounded: whoever wants a later page
/// goes from place to place, which needs no more than a page.
pub(super) const RANKED: usize = 10_000;

/// The rows of one page, found among rows in any order.
pub(super) struct Ranking {
    rows: Vec<Place>,
    direction: Direction,
    after: Option<Place>,
    offset: u64,
    limit: usize,
    /// How many rows are kept beyond the page: one, after a place, to tell whether more follow.
    beyond: usize,
    /// How many rows are kept.
    kept: usize,
}

/// A page.
pub(super) struct Ranked {
    pub(super) places: Vec<Place>,
    /// Whether rows follow, where the page was asked for after a place.
    pub(super) has_more: bool,
}

impl Ranking {
    pub(super) fn new(direction: Direction, start: &Start, limit: u32) -> Self {
        let (offset, after, beyond) = match start {
            Start::Offset(offset) => (*offset, None, 0),
            Start::After(place) => (0, place.clone(), 1),
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let end = usize::try_from(offset).unwrap_or(usize::MAX);
        let kept = end.saturating_add(limit).saturating_add(beyond);
        Self {
            rows: Vec::new(),
            direction,
            after,
            offset,
            limit,
            beyond,
            kept: kept.min(RANKED),
        }
    }

    pub(super) fn add(&mut self, key: Vec<u8>, id: Uuid) {
        let row = Place { key, id };
        let is_before = |after: &Place| order(self.direction, &row, after) != Ordering::Greater;
        if self.after.as_ref().is_some_and(is_before) {
            return;
        }
        self.rows.push(row);
        if self.rows.len() >= self.kept.saturating_mul(2).max(1_024) {
            self.tidy();
        }
    }

    /// The page, in order, of so many rows in all; none where it lies beyond what is kept.
    pub(super) fn page(mut self, total: u64) -> Option<Ranked> {
        self.tidy();
        let is_empty = self.offset >= total || self.limit == 0;
        let end = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let end = end.saturating_add(self.limit);
        if !is_empty && end > RANKED && total > RANKED as u64 {
            return None;
        }
        let offset = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let has_more = self.beyond > 0 && self.limit > 0 && self.rows.len() > self.limit;
        let rows = self.rows.into_iter().skip(offset).take(self.limit);
        Some(Ranked {
            places: rows.collect(),
            has_more,
        })
    }

    fn tidy(&mut self) {
        let direction = self.direction;
        self.rows
            .sort_unstable_by(|left, right| order(direction, left, right));
        self.rows.truncate(self.kept);
    }
}

/// By key in the direction asked for, then by id.
fn order(direction: Direction, left: &Place, right: &Place) -> Ordering {
    let keys = match direction {
        Direction::Ascending => left.key.cmp(&right.key),
        Direction::Descending => right.key.cmp(&left.key),
    };
    keys.then(left.id.cmp(&right.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: u128) -> Vec<(Vec<u8>, Uuid)> {
        let key = |number: u128| u16::try_from((number * 7_919) % 301).expect("small");
        (0..count)
            .map(|number| (key(number).to_be_bytes().to_vec(), Uuid::from_u128(number)))
            .collect()
    }

    fn sorted(rows: &[(Vec<u8>, Uuid)], direction: Direction) -> Vec<Uuid> {
        let mut whole = rows.to_vec();
        whole.sort();
        if direction == Direction::Descending {
            whole.sort_by(|left, right| right.0.cmp(&left.0));
        }
        whole.into_iter().map(|row| row.1).collect()
    }

    fn ranked(
        rows: &[(Vec<u8>, Uuid)],
        direction: Direction,
        start: &Start,
        limit: u32,
    ) -> Option<Ranked> {
        let mut ranking = Ranking::new(direction, start, limit);
        for (key, id) in rows {
            ranking.add(key.clone(), *id);
        }
        assert!(ranking.rows.len() <= 2 * RANKED);
        ranking.page(rows.len() as u64)
    }

    #[test]
    fn p_3_4_2_3_pages_of_a_long_list_are_those_of_the_sorted_whole() {
        let rows = rows(5_000);
        for direction in [Direction::Ascending, Direction::Descending] {
            let whole = sorted(&rows, direction);
            for (offset, limit) in [(0, 10), (100, 700), (4_995, 100), (9_000, 1), (0, 0)] {
                let skipped = whole.iter().skip(usize::try_from(offset).expect("fits"));
                let page: Vec<Uuid> = skipped.take(limit as usize).copied().collect();
                let found = ranked(&rows, direction, &Start::Offset(offset), limit).expect("kept");
                let found: Vec<Uuid> = found.places.iter().map(|place| place.id).collect();
                assert_eq!(found, page, "{direction:?} {offset} {limit}");
            }
        }
    }

    #[test]
    fn c_2_02_pages_from_place_to_place_are_the_sorted_whole() {
        let rows = rows(777);
        for direction in [Direction::Ascending, Direction::Descending] {
            for limit in [1, 7, 776, 777, 778] {
                let (mut seen, mut start) = (Vec::new(), Start::After(None));
                loop {
                    let page = ranked(&rows, direction, &start, limit).expect("kept");
                    assert_eq!(page.has_more, seen.len() + page.places.len() < 777);
                    seen.extend(page.places.iter().map(|place| place.id));
                    if !page.has_more {
                        break;
                    }
                    start = Start::After(page.places.last().cloned());
                }
                assert_eq!(seen, sorted(&rows, direction), "{direction:?} {limit}");
            }
        }
    }

    #[test]
    fn what_lies_beyond_the_kept_rows_is_not_answered_but_an_end_is() {
        let rows = rows(RANKED as u128 + 5);
        let start = |offset| Start::Offset(offset);
        let page = |offset| ranked(&rows, Direction::Ascending, &start(offset), 10);
        assert!(page(RANKED as u64 - 10).is_some());
        assert!(page(RANKED as u64 - 9).is_none());
        assert!(page(RANKED as u64 + 5).expect("empty").places.is_empty());
        assert!(page(u64::MAX).expect("empty").places.is_empty());
    }
}
