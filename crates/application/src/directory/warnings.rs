//! Refusals that a person must know of are entries too, in a transaction of their own (part B,
//! Activity).

use rollcall_domain::rules::provisioning;
use rollcall_domain::{ActivityEvent, FieldChange, MemberId, Refusal, Target, UserName};

use super::DirectoryCaller;
use super::scene::{Slot, require_live_token};
use crate::ports::{StoreExt, WriteTx};
use crate::{Failure, Services};

/// What to tell a person about a refusal.
pub(super) struct Notice {
    event: ActivityEvent,
    /// Whose link waits for an owner's word.
    waiting: Option<MemberId>,
}

/// Remembers, beside a refusal, whom it was about; nothing where nobody needs to know.
pub(super) fn note(slot: &Slot<Notice>, refusal: &Refusal, target: Target, about: About<'_>) {
    let Some(event) = provisioning::warning(refusal, target) else {
        return;
    };
    let (event, waiting) = match about {
        About::Member(id) => {
            let waiting = (*refusal == Refusal::LinkNeedsApproval).then_some(id);
            (event, waiting)
        }
        // Nobody is stored yet: the name the directory gave says who is missing a seat.
        About::Newcomer(name) => {
            let name = FieldChange::new("user_name", None, Some(name.as_str().to_owned()));
            (event.with(vec![name]), None)
        }
    };
    slot.put(Notice { event, waiting });
}

/// Whom a refusal is about.
#[derive(Clone, Copy)]
pub(super) enum About<'a> {
    /// A stored member.
    Member(MemberId),
    /// Somebody who is not stored.
    Newcomer(&'a UserName),
}

/// Passes an outcome on, and records what was noted if it is a refusal. A notice that cannot be
/// stored does not change the answer.
pub(super) async fn told<T>(
    services: &Services,
    caller: &DirectoryCaller,
    noted: &Slot<Notice>,
    outcome: Result<T, Failure>,
) -> Result<T, Failure> {
    if let Err(Failure::Refused(_)) = &outcome
        && let Some(notice) = noted.take()
        && let Err(failure) = record(services, caller, notice).await
    {
        let request = caller.request.id;
        tracing::warn!(request.id = %request, error = %failure, "cannot record a warning");
    }
    outcome
}

async fn record(
    services: &Services,
    caller: &DirectoryCaller,
    notice: Notice,
) -> Result<(), Failure> {
    let now = services.clock.now();
    let caller = caller.clone();
    let job = move |tx: &mut dyn WriteTx| {
        require_live_token(tx, &caller)?;
        if let Some(member) = notice.waiting {
            tx.request_link(caller.organization, member, caller.connection, now)?;
        }
        tx.record_warning(notice.event.clone(), &caller.stamp(now))?;
        Ok(())
    };
    services.store.write(job).await
}
