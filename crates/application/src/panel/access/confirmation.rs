//! Asking for the password again before what cannot be taken back (SEC-9).

use rollcall_domain::{FoldedKey, MemberId};

use super::attempts::{Attempt, account_key, count};
use super::{AccessPolicy, NO_SESSION, PASSWORD_NEEDED, WRONG_PASSWORD};
use crate::ports::{PasswordCheck, SecretText, StoreExt};
use crate::{Caller, Failure, Services};

/// Proof that the caller gave the present password with this very request. Use cases that need it
/// take it as an argument, so it cannot be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmed {
    member: MemberId,
}

/// Checks the caller's present password, counted like a sign-in (SEC-13).
///
/// # Errors
/// [`Failure::NotAuthenticated`] with [`WRONG_PASSWORD`], [`Failure::TooMany`].
pub async fn confirm(
    services: &Services,
    policy: &AccessPolicy,
    caller: &Caller,
    password: SecretText,
) -> Result<Confirmed, Failure> {
    let (key, stored) = stored_password(services, caller).await?;
    let address = caller.request.ip.as_deref();
    count(services, policy, Attempt::Password, &key, address).await?;
    if services.passwords.check(password, stored).await? == PasswordCheck::Wrong {
        return Err(Failure::NotAuthenticated(WRONG_PASSWORD));
    }
    let key = account_key(services, Attempt::Password, &key);
    services
        .store
        .write(move |tx| Ok(tx.forget_attempts(&key)?))
        .await?;
    Ok(Confirmed {
        member: caller.member,
    })
}

async fn stored_password(
    services: &Services,
    caller: &Caller,
) -> Result<(FoldedKey, Option<String>), Failure> {
    let (organization, id) = (caller.organization, caller.member);
    services
        .store
        .read(move |tx| {
            let member = tx.member(organization, id)?;
            let member = member.ok_or(Failure::NotAuthenticated(NO_SESSION))?;
            let hash = tx.password_hash(organization, id)?;
            Ok((member.login_key, hash))
        })
        .await
}

/// Demands the proof, and that it is this caller's.
pub(crate) fn require_confirmed(
    caller: &Caller,
    confirmed: Option<&Confirmed>,
) -> Result<(), Failure> {
    match confirmed {
        Some(proof) if proof.member == caller.member => Ok(()),
        _ => Err(Failure::NotAuthenticated(PASSWORD_NEEDED)),
    }
}
