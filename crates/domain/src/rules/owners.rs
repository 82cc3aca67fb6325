//! An organization always keeps an active owner who can sign in (part B, Last owner).

use crate::login::WaysIn;
use crate::member::Member;
use crate::refusal::Refusal;

/// What a rule has to know of the owners around the member at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owners {
    /// Owners who can sign in, the member at hand not counted.
    pub others: u32,
    /// The ways in that stand open to the member at hand.
    pub ways: WaysIn,
}

/// Demands that an owner who can sign in remains once `before` has become `after` (or is gone).
///
/// # Errors
/// [`Refusal::LastOwner`].
pub fn keep_an_owner(
    before: &Member,
    after: Option<&Member>,
    owners: Owners,
) -> Result<(), Refusal> {
    let remains = after.is_some_and(|member| member.is_effective_owner(owners.ways));
    if before.is_effective_owner(owners.ways) && !remains && owners.others == 0 {
        return Err(Refusal::LastOwner);
    }
    Ok(())
}

/// Demands that a change of the login methods does not shut out the last owner: `before` and
/// `after` count the owners who can sign in.
///
/// # Errors
/// [`Refusal::LastOwner`].
pub fn keep_a_way_in(before: u32, after: u32) -> Result<(), Refusal> {
    if before > 0 && after == 0 {
        return Err(Refusal::LastOwner);
    }
    Ok(())
}
