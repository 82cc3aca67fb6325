//! What every write of a directory begins with.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use rollcall_domain::rules::Facts;
use rollcall_domain::rules::owners::Owners;
use rollcall_domain::{Connection, Directories, Member, Refusal, Team, TeamId, WaysIn};

use super::DirectoryCaller;
use crate::panel::owners_around;
use crate::ports::{StoreExt, WriteTx};
use crate::{Failure, Services, Stamp};

/// How often a change that lost against another one is worked out anew.
const ATTEMPTS: u32 = 3;

/// The organization as one write of a directory finds it.
pub(super) struct Scene {
    pub(super) connection: Connection,
    pub(super) directories: Directories,
    pub(super) stamp: Stamp,
}

impl Scene {
    /// Asks whether the token still opens the connection, then looks around.
    pub(super) fn open(
        tx: &mut dyn WriteTx,
        caller: &DirectoryCaller,
        now: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        let (organization, connection) = (caller.organization, caller.connection);
        let opened = tx.directories_opened(organization, connection, &caller.token)?;
        let directories = opened.ok_or(Refusal::ConnectionClosed)?;
        let connection = directories.get(connection);
        let connection = connection.ok_or(Refusal::ConnectionClosed)?.clone();
        Ok(Self {
            connection,
            directories,
            stamp: caller.stamp(now),
        })
    }

    /// The facts for a rule about a member; about a new one where there is none.
    pub(super) fn facts(
        &self,
        tx: &mut dyn WriteTx,
        member: Option<&Member>,
    ) -> Result<Facts<'_>, Failure> {
        let organization = self.connection.organization;
        let nobody = Owners {
            others: 0,
            ways: WaysIn::PASSWORD,
        };
        let owners = match member {
            Some(member) => owners_around(tx, member)?,
            None => nobody,
        };
        let stored = tx.organization_with_seats(organization)?;
        let (stored, seats) = stored.ok_or(Failure::Absent("organization"))?;
        Ok(Facts {
            now: self.stamp.at,
            directories: &self.directories,
            seats,
            owners,
            roles_in_panel: stored.roles_in_panel,
        })
    }
}

/// Refuses once the token no longer opens the connection (R03).
pub(super) fn require_live_token(
    tx: &mut dyn WriteTx,
    caller: &DirectoryCaller,
) -> Result<(), Failure> {
    if tx.token_is_live(caller.organization, caller.connection, &caller.token)? {
        Ok(())
    } else {
        Err(Refusal::ConnectionClosed.into())
    }
}

/// The member of that id that the directory sees.
pub(super) fn seen_member(
    tx: &mut dyn WriteTx,
    caller: &DirectoryCaller,
    id: rollcall_domain::MemberId,
) -> Result<Member, Failure> {
    let member = tx.member(caller.organization, id)?;
    let seen = member.filter(|member| caller.sees(member.link.as_ref()));
    seen.ok_or(Failure::Absent("member"))
}

/// The team of that id that the directory sees.
pub(super) fn seen_team(
    tx: &mut dyn WriteTx,
    caller: &DirectoryCaller,
    id: TeamId,
) -> Result<Team, Failure> {
    let team = tx.team(caller.organization, id)?;
    let seen = team.filter(|team| caller.sees(team.link.as_ref()));
    seen.ok_or(Failure::Absent("team"))
}

/// Runs a write, and again when somebody else changed the object in between: a directory that
/// stated no version asked for the outcome, not for a race. A stated one is checked anew.
pub(super) async fn write<T, F>(services: &Services, job: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: FnMut(&mut dyn WriteTx) -> Result<T, Failure> + Send + 'static,
{
    let job = Arc::new(Mutex::new(job));
    for _ in 1..ATTEMPTS {
        match once(services, &job).await {
            Err(Failure::Refused(Refusal::VersionConflict)) => {}
            answer => return answer,
        }
    }
    match once(services, &job).await {
        Err(Failure::Refused(Refusal::VersionConflict)) => {
            Err(Failure::Unavailable { retry_after: 1 })
        }
        answer => answer,
    }
}

async fn once<T, F>(services: &Services, job: &Arc<Mutex<F>>) -> Result<T, Failure>
where
    T: Send + 'static,
    F: FnMut(&mut dyn WriteTx) -> Result<T, Failure> + Send + 'static,
{
    let job = Arc::clone(job);
    let run = move |tx: &mut dyn WriteTx| {
        let mut job = job.lock().unwrap_or_else(PoisonError::into_inner);
        (*job)(tx)
    };
    services.store.write(run).await
}

/// Carries something out of a job that fails, past the roll-back.
pub(super) struct Slot<T>(Arc<Mutex<Option<T>>>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Slot<T> {
    pub(super) fn put(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }

    /// What was put last, if anything.
    pub(super) fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
