//! Sorted pages of rows that come in another order, without keeping more than a page needs.

use uuid::Uuid;

use crate::ports::Direction;

/// The key that a row is sorted by, compared as bytes, ascending; ties by id.
pub type Key<T> = std::sync::Arc<dyn Fn(&T) -> Vec<u8> + Send + Sync>;

/// By what a list is sorted.
#[derive(Clone)]
pub struct Order<T> {
    /// Each row's key.
    pub key: Key<T>,
    /// Which way.
    pub direction: Direction,
}

/// The rows of one page, found among rows in any order: the keys of all rows up to the end of the
/// page are held, and at most twice as many.
pub(super) struct Ranking {
    rows: Vec<(Vec<u8>, Uuid)>,
    direction: Direction,
    offset: usize,
    end: usize,
}

impl Ranking {
    pub(super) fn new(direction: Direction, offset: u64, limit: u32) -> Self {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self {
            rows: Vec::new(),
            direction,
            offset,
            end: offset.saturating_add(limit),
        }
    }

    pub(super) fn add(&mut self, key: Vec<u8>, id: Uuid) {
        self.rows.push((key, id));
        if self.rows.len() >= self.end.saturating_mul(2).max(1_024) {
            self.tidy();
        }
    }

    /// The ids of the page, in order.
    pub(super) fn page(mut self) -> Vec<Uuid> {
        self.tidy();
        let rows = self.rows.into_iter().skip(self.offset);
        rows.map(|(_, id)| id).collect()
    }

    fn tidy(&mut self) {
        let direction = self.direction;
        self.rows.sort_unstable_by(|left, right| {
            let keys = match direction {
                Direction::Ascending => left.0.cmp(&right.0),
                Direction::Descending => right.0.cmp(&left.0),
            };
            keys.then(left.1.cmp(&right.1))
        });
        self.rows.truncate(self.end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_3_4_2_3_pages_of_a_long_list_are_those_of_the_sorted_whole() {
        let rows: Vec<(Vec<u8>, Uuid)> = (0..5_000_u128)
            .map(|number| {
                let key = u16::try_from((number * 7_919) % 301).expect("small");
                (key.to_be_bytes().to_vec(), Uuid::from_u128(number))
            })
            .collect();
        for direction in [Direction::Ascending, Direction::Descending] {
            let mut whole = rows.clone();
            whole.sort();
            if direction == Direction::Descending {
                whole.sort_by(|left, right| right.0.cmp(&left.0));
            }
            for (offset, limit) in [(0, 10), (100, 700), (4_995, 100), (9_000, 1), (0, 0)] {
                let mut ranking = Ranking::new(direction, offset, limit);
                for (key, id) in &rows {
                    ranking.add(key.clone(), *id);
                }
                let skipped = whole.iter().skip(usize::try_from(offset).expect("fits"));
                let page: Vec<Uuid> = skipped.take(limit as usize).map(|row| row.1).collect();
                assert_eq!(ranking.page(), page, "{direction:?} {offset} {limit}");
            }
        }
    }
}
