//! Part B, Refusal codes.

use std::collections::HashSet;

use rollcall_domain::rules::provisioning::warning;
use rollcall_domain::{MemberId, Refusal, Target};

/// The codes other systems rely on. A line may be added, none may change.
const CODES: [&str; 15] = [
    "provisioned_read_only",
    "manual_member_in_provisioned_team",
    "last_owner",
    "seat_limit",
    "name_taken",
    "member_exists",
    "external_id_taken",
    "linked_elsewhere",
    "ambiguous_match",
    "link_needs_approval",
    "not_allowed",
    "invitation_expired",
    "invalid_state",
    "version_conflict",
    "connection_closed",
];

#[test]
fn b_refusal_codes_are_stable_snake_case_and_each_its_own() {
    let codes: Vec<&str> = Refusal::all().iter().map(Refusal::code).collect();
    assert_eq!(codes, CODES);
    let distinct: HashSet<&str> = codes.iter().copied().collect();
    assert_eq!(distinct.len(), codes.len());
    for code in codes {
        assert!(
            code.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
            "{code}"
        );
    }
}

#[test]
fn b_refusal_codes_every_refusal_says_something_a_person_can_read() {
    for refusal in Refusal::all() {
        if let Refusal::InvalidState(_) = refusal {
            continue;
        }
        let text = refusal.to_string();
        assert!(text.contains(' '), "{}: {text}", refusal.code());
        assert!(!text.contains("  "), "{}: {text}", refusal.code());
    }
    assert_eq!(
        Refusal::InvalidState("already active").to_string(),
        "already active"
    );
}

#[test]
fn b_activity_only_refusals_a_person_must_know_leave_a_warning() {
    let warned = ["last_owner", "seat_limit", "link_needs_approval"];
    for refusal in Refusal::all() {
        let target = Target::member(MemberId::from_u128(1), "Jane");
        let event = warning(&refusal, target);
        let code = refusal.code();
        assert_eq!(event.is_some(), warned.contains(&code), "{code}");
    }
}
