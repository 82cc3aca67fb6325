//! Passwords: which are acceptable, and changing one's own (SEC-11).

use std::collections::HashSet;
use std::sync::LazyLock;

use rollcall_domain::rules::members;
use rollcall_domain::{FoldedKey, Member};
use unicode_normalization::UnicodeNormalization;

use super::{AccessPolicy, Confirmed, StartedSession, begin_session, require_confirmed};
use crate::panel::surroundings::{Surroundings, member_of};
use crate::ports::{SecretText, StoreExt};
use crate::{Caller, Failure, InvalidInput, Services};

/// The shortest password, in characters after normalization.
pub const MIN_PASSWORD_CHARACTERS: usize = 8;

/// The longest password, in characters after normalization; it is never cut.
pub const MAX_PASSWORD_CHARACTERS: usize = 256;

/// The commonest passwords, folded: the first that anybody tries.
static COMMON: LazyLock<HashSet<FoldedKey>> = LazyLock::new(|| {
    include_str!("common_passwords.txt")
        .lines()
        .map(FoldedKey::of)
        .collect()
});

/// Demands a password that is neither short, nor endless, nor among the first that anybody would
/// try for this person.
pub(crate) fn require_acceptable(
    field: &str,
    password: &SecretText,
    own: &[FoldedKey],
) -> Result<(), InvalidInput> {
    // What is longer than this in bytes is longer than the limit in characters, too.
    let length = if password.expose().len() > MAX_PASSWORD_CHARACTERS * 16 {
        usize::MAX
    } else {
        password.expose().nfc().count()
    };
    if length < MIN_PASSWORD_CHARACTERS {
        let reason = format!("must have at least {MIN_PASSWORD_CHARACTERS} characters");
        return Err(InvalidInput::new(field, reason));
    }
    if length > MAX_PASSWORD_CHARACTERS {
        let reason = format!("must not have more than {MAX_PASSWORD_CHARACTERS} characters");
        return Err(InvalidInput::new(field, reason));
    }
    let folded = FoldedKey::of(password.expose());
    if COMMON.contains(&folded) {
        let reason = "is one of the commonest passwords: choose another";
        return Err(InvalidInput::new(field, reason));
    }
    if own.contains(&folded) {
        let reason = "must not be your e-mail address or user name";
        return Err(InvalidInput::new(field, reason));
    }
    Ok(())
}

/// The names of a member that are no password.
pub(super) fn own_names(member: &Member) -> Vec<FoldedKey> {
    let email = member.email.as_ref().map(rollcall_domain::Email::key);
    [Some(member.login_key.clone()), email]
        .into_iter()
        .flatten()
        .collect()
}

/// Changes the caller's own password. Every session ends; the one that is returned begins in the
/// same transaction.
///
/// # Errors
/// `provisioned_read_only` for who signs in through a directory; [`Failure::Invalid`].
pub async fn change_password(
    services: &Services,
    policy: &AccessPolicy,
    caller: &Caller,
    confirmed: Confirmed,
    password: SecretText,
) -> Result<StartedSession, Failure> {
    require_confirmed(caller, Some(&confirmed))?;
    let (organization, id) = (caller.organization, caller.member);
    let member = services
        .store
        .read(move |tx| member_of(tx, organization, id, None))
        .await?;
    require_acceptable("new_password", &password, &own_names(&member))?;
    let hash = services.passwords.hash(password).await?;
    let (services, policy, caller) = (services.clone(), policy.clone(), caller.clone());
    let store = services.store.clone();
    store
        .write(move |tx| {
            let now = services.clock.now();
            let member = member_of(tx, organization, id, None)?;
            let around = Surroundings::load(tx, organization, id, now)?;
            let change = members::set_password(&member, &around.facts())?;
            let member = tx.save_member(change, &caller.stamp(now))?;
            tx.put_password_hash(organization, id, &hash)?;
            begin_session(tx, &services, &policy, &member, &caller.request)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(password: &str) -> Result<(), InvalidInput> {
        let own = [FoldedKey::of("ada.lovelace@example.com")];
        require_acceptable("password", &SecretText::new(password.to_owned()), &own)
    }

    #[test]
    fn a_password_has_8_to_256_characters_of_any_script() {
        assert!(judge("1x3y5z7").is_err());
        assert!(judge("1x3y5z7w").is_ok());
        assert!(judge("пароль-на-память").is_ok());
        assert!(judge(&"ü".repeat(256)).is_ok());
        assert!(judge(&"ü".repeat(257)).is_err());
        // One letter and its accent are one character after normalization.
        assert!(judge(&"u\u{308}".repeat(256)).is_ok());
        assert!(judge(&"x".repeat(1_000_000)).is_err());
    }

    #[test]
    fn common_passwords_and_the_own_e_mail_are_refused_in_any_case() {
        for password in [
            "password1",
            "PassWord1",
            "qwertyuiop",
            "Ada.Lovelace@example.com",
        ] {
            assert!(judge(password).is_err(), "{password}");
        }
    }

    #[test]
    fn the_list_holds_only_passwords_that_are_long_enough_to_matter() {
        assert!(COMMON.len() >= 300, "{}", COMMON.len());
        assert!(
            COMMON
                .iter()
                .all(|common| common.as_str().chars().count() >= 8)
        );
    }
}
