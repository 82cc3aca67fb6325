//! What a hash leaves behind, in a process of its own: other tests would take memory beside it.

#![cfg(target_os = "linux")]

use rollcall_application::ports::{PasswordHasher, SecretText};
use rollcall_secrets::{Argon2Passwords, PasswordPool, PasswordSettings};

/// Memory that this process holds, in KiB.
fn held() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says so");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let held = line.and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse().ok());
    held.expect("a number")
}

#[tokio::test]
async fn a_hash_gives_its_memory_back_sec_13() {
    let pool = PasswordPool {
        at_once: 4,
        waiting: 0,
    };
    let passwords = Argon2Passwords::new(PasswordSettings::default(), pool).expect("allowed");
    let before = held();
    for _ in 0..3 {
        let password = || SecretText::new("correct horse".to_owned());
        let [one, two, three, four] = std::array::from_fn(|_| passwords.hash(password()));
        let hashed = tokio::try_join!(one, two, three, four);
        assert!(hashed.is_ok());
    }
    let grown = held().saturating_sub(before);
    assert!(
        grown < PasswordSettings::LEAST_MEMORY_KIB / 2,
        "{grown} KiB are still held"
    );
}
