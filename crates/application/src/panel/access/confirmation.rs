//! Asking for the password again before what cannot be taken back (SEC-9).

use chrono::Duration;
use rollcall_domain::{FoldedKey, MemberId};

use super::attempts::{Attempt, account_key, count};
use super::{AccessPolicy, FRESH_SIGN_IN_NEEDED, NO_SESSION, PASSWORD_NEEDED, WRONG_PASSWORD};
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
    let (key, stored, fresh) = stored_password(services, caller).await?;
    if password.expose().is_empty() || stored.is_none() {
        return by_fresh_sign_in(caller, stored.is_some(), fresh);
    }
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

/// A session that began through a provider is a confirmation for this long: whoever has no
/// password shows by it that they are still the one who signed in.
const FRESH: Duration = Duration::minutes(10);

fn by_fresh_sign_in(
    caller: &Caller,
    has_password: bool,
    fresh: Fresh,
) -> Result<Confirmed, Failure> {
    match (fresh, has_password) {
        (Fresh::Yes, _) => Ok(Confirmed {
            member: caller.member,
        }),
        (Fresh::No, true) => Err(Failure::NotAuthenticated(WRONG_PASSWORD)),
        (Fresh::No, false) => Err(Failure::NotAuthenticated(FRESH_SIGN_IN_NEEDED)),
    }
}

/// Whether the caller has just signed in through a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fresh {
    Yes,
    No,
}

async fn stored_password(
    services: &Services,
    caller: &Caller,
) -> Result<(FoldedKey, Option<String>, Fresh), Failure> {
    let (organization, id, session) = (caller.organization, caller.member, caller.session);
    let since = services.clock.now() - FRESH;
    services
        .store
        .read(move |tx| {
            let member = tx.member(organization, id)?;
            let member = member.ok_or(Failure::NotAuthenticated(NO_SESSION))?;
            let hash = tx.password_hash(organization, id)?;
            let began = tx.provider_session(organization, session)?;
            let fresh = if began.is_some_and(|began| began.began_at >= since) {
                Fresh::Yes
            } else {
                Fresh::No
            };
            Ok((member.login_key, hash, fresh))
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
