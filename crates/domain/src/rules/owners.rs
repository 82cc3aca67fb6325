//! An organization always keeps an active owner who can sign in (part B, Last owner).

use crate::member::Member;
use crate::refusal::Refusal;

/// Demands that an owner who can sign in remains once `before` has become `after` (or is gone).
///
/// # Errors
/// [`Refusal::LastOwner`].
pub fn keep_an_owner(
    before: &Member,
    after: Option<&Member>,
    other_owners: u32,
) -> Result<(), Refusal> {
    let remains = after.is_some_and(Member::is_effective_owner);
    if before.is_effective_owner() && !remains && other_owners == 0 {
        return Err(Refusal::LastOwner);
    }
    Ok(())
}
