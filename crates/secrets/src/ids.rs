//! Time-ordered ids.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rollcall_application::ports::Ids;
use uuid::Uuid;

/// Bits of a version 7 UUID that are neither time, version nor variant (RFC 9562 section 5.7).
const TAIL_BITS: u32 = 74;

/// UUIDs of version 7, each greater than the one before, within one process: inside a millisecond
/// the random tail counts up by a random step (RFC 9562 section 6.2, method 2), so that entries
/// of one request keep their order and the next id still cannot be guessed.
#[derive(Debug, Default)]
pub struct TimeOrderedIds {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last: Stamped,
    /// Random bytes that were fetched and not yet used.
    ahead: Vec<u8>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Stamped {
    millis: u64,
    tail: u128,
}

impl Ids for TimeOrderedIds {
    fn next(&self) -> Uuid {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let millis = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let random = random_bits(&mut state.ahead);
        state.last = after(state.last, millis, random);
        render(state.last)
    }
}

/// The stamp after `last` at the given time; a clock that stands or goes back counts on.
fn after(last: Stamped, millis: u64, random: u128) -> Stamped {
    if millis > last.millis {
        // The highest bit stays free, so that there is room to count.
        let tail = random & ((1 << (TAIL_BITS - 1)) - 1);
        return Stamped { millis, tail };
    }
    let step = (random & 0xFFFF_FFFF) + 1;
    let tail = last.tail + step;
    if tail >> TAIL_BITS == 0 {
        return Stamped { tail, ..last };
    }
    Stamped {
        millis: last.millis + 1,
        tail: step,
    }
}

fn render(stamped: Stamped) -> Uuid {
    let time = u128::from(stamped.millis) & 0xFFFF_FFFF_FFFF;
    let high = stamped.tail >> 62;
    let low = stamped.tail & ((1 << 62) - 1);
    Uuid::from_u128(time << 80 | 7 << 76 | high << 64 | 0b10 << 62 | low)
}

/// How many random bytes are fetched at once: asking the operating system for those of one id takes
/// longer than everything else about it.
const FETCHED: usize = 512;

/// Random bits, each given out once.
fn random_bits(ahead: &mut Vec<u8>) -> u128 {
    loop {
        if let Some((rest, bytes)) = ahead.split_last_chunk() {
            let (left, bits) = (rest.len(), u128::from_be_bytes(*bytes));
            ahead.truncate(left);
            return bits;
        }
        ahead.resize(FETCHED, 0);
        getrandom::fill(ahead).expect("the operating system gives random bytes");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_id_is_later_than_the_one_before_and_of_version_7() {
        let ids = TimeOrderedIds::default();
        let made: Vec<Uuid> = (0..10_000).map(|_| ids.next()).collect();
        assert!(made.is_sorted_by(|a, b| a < b));
        for id in made {
            assert_eq!(id.get_version_num(), 7);
            assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        }
    }

    #[test]
    fn random_bits_are_given_out_once() {
        let mut ahead = Vec::new();
        let bits: HashSet<u128> = (0..1_000).map(|_| random_bits(&mut ahead)).collect();
        assert_eq!(bits.len(), 1_000);
    }

    #[test]
    fn a_clock_that_goes_back_does_not_take_ids_back() {
        let first = after(Stamped::default(), 1_000, u128::MAX);
        let second = after(first, 500, 0);
        assert!(render(second) > render(first));
    }

    #[test]
    fn a_full_millisecond_borrows_from_the_next() {
        let full = Stamped {
            millis: 7,
            tail: (1 << TAIL_BITS) - 1,
        };
        let next = after(full, 7, 5);
        assert_eq!(next.millis, 8);
        assert!(render(next) > render(full));
    }
}
