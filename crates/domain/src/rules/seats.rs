//! Seats (part B, Seats).

use crate::member::MemberStatus;
use crate::organization::Seats;
use crate::refusal::Refusal;

/// Demands a free seat when a member comes to use one that did not before. Nobody is ever
/// evicted: who has a seat keeps it, even past a lowered limit.
///
/// # Errors
/// [`Refusal::SeatLimit`].
pub fn require_seat(
    before: Option<&MemberStatus>,
    after: &MemberStatus,
    seats: Seats,
) -> Result<(), Refusal> {
    let had_one = before.is_some_and(MemberStatus::uses_seat);
    if had_one || !after.uses_seat() {
        return Ok(());
    }
    match seats.limit {
        Some(limit) if seats.used >= limit => Err(Refusal::SeatLimit {
            used: seats.used,
            limit,
        }),
        _ => Ok(()),
    }
}
