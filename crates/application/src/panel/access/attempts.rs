//! Counting attempts, so that passwords cannot be guessed (SEC-13).

use std::net::{IpAddr, Ipv6Addr};

use chrono::{DateTime, Utc};
use rollcall_domain::FoldedKey;

use super::AccessPolicy;
use crate::ports::{Attempts, Digest, StoreExt};
use crate::{Failure, Services};

/// What is being attempted; each is counted by itself.
#[derive(Debug, Clone, Copy)]
pub(super) enum Attempt {
    /// Giving a password.
    Password,
    /// Asking for a reset by mail.
    Reset,
}

impl Attempt {
    const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Reset => "reset",
        }
    }
}

/// The key under which an account's attempts are counted: the same whether it exists or not, so
/// that a limit tells nothing (SEC-14).
pub(super) fn account_key(services: &Services, attempt: Attempt, account: &FoldedKey) -> Digest {
    let text = format!("{} account {account}", attempt.name());
    services.tokens.digest(&text)
}

/// Counts an attempt against its account and its address.
///
/// # Errors
/// [`Failure::TooMany`] once either is past its limit; known and unknown accounts alike.
pub(super) async fn count(
    services: &Services,
    policy: &AccessPolicy,
    attempt: Attempt,
    account: &FoldedKey,
    address: Option<&str>,
) -> Result<(), Failure> {
    let mut limits = vec![(
        account_key(services, attempt, account),
        policy.attempts_per_account,
    )];
    if let Some(address) = address {
        let text = format!("{} address {}", attempt.name(), address_group(address));
        limits.push((services.tokens.digest(&text), policy.attempts_per_address));
    }
    let now = services.clock.now();
    let window = policy.window_seconds;
    let refused = services
        .store
        .write(move |tx| {
            let mut refused: Option<Attempts> = None;
            for (key, limit) in &limits {
                let attempts = tx.count_attempt(key, now, window)?;
                if attempts.count > *limit {
                    refused = Some(attempts);
                }
            }
            Ok(refused)
        })
        .await?;
    match refused {
        Some(attempts) => {
            tracing::warn!(attempt = attempt.name(), "too many attempts");
            Err(too_many(&attempts, now))
        }
        None => Ok(()),
    }
}

/// How many times more often a sign-in through a provider may begin than a password be tried: it
/// guesses nothing, and a whole office may share one address.
const BEGUN_FACTOR: u32 = 10;

/// Counts a sign-in through a provider that begins, against its address.
///
/// # Errors
/// [`Failure::TooMany`].
pub(super) async fn count_begun(
    services: &Services,
    policy: &AccessPolicy,
    address: Option<&str>,
) -> Result<(), Failure> {
    let Some(address) = address else {
        return Ok(());
    };
    let text = format!("provider address {}", address_group(address));
    let key = services.tokens.digest(&text);
    let limit = policy.attempts_per_address.saturating_mul(BEGUN_FACTOR);
    let (now, window) = (services.clock.now(), policy.window_seconds);
    let attempts = services
        .store
        .write(move |tx| Ok(tx.count_attempt(&key, now, window)?))
        .await?;
    if attempts.count > limit {
        tracing::warn!(attempt = "provider", "too many attempts");
        return Err(too_many(&attempts, now));
    }
    Ok(())
}

fn too_many(attempts: &Attempts, now: DateTime<Utc>) -> Failure {
    let seconds = (attempts.window_ends_at - now).num_seconds().max(1);
    Failure::TooMany {
        retry_after: u32::try_from(seconds).unwrap_or(u32::MAX),
    }
}

/// What counts as one address: an IPv4 address, or the /64 that one IPv6 customer has.
fn address_group(address: &str) -> String {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).to_string(),
        },
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::address_group;

    #[test]
    fn an_ipv6_address_counts_as_its_network_of_64_bits() {
        assert_eq!(address_group("2001:db8:1:2:3::4"), "2001:db8:1:2::");
        assert_eq!(
            address_group("2001:db8:1:2::1"),
            address_group("2001:db8:1:2:ffff:ffff:ffff:ffff")
        );
        assert_ne!(
            address_group("2001:db8:1:2::1"),
            address_group("2001:db8:1:3::1")
        );
    }

    #[test]
    fn an_ipv4_address_counts_by_itself_however_it_is_written() {
        assert_eq!(address_group("192.0.2.7"), "192.0.2.7");
        assert_eq!(address_group("::ffff:192.0.2.7"), "192.0.2.7");
    }
}
