//! What is written for people names what the rules answer.

use rollcall_domain::{Action, Refusal};

const REFUSALS: &str = include_str!("../../../../docs/REFUSALS.md");

#[test]
fn the_page_of_refusals_has_a_row_for_every_code_and_none_for_any_other() {
    let rows: Vec<&str> = REFUSALS
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(code, _)| code)
        .collect();
    let codes: Vec<&str> = Refusal::all().iter().map(Refusal::code).collect();
    assert_eq!(rows, codes, "in the order of the code");
}

#[test]
fn the_page_of_refusals_names_the_warnings_they_leave() {
    for action in [
        Action::ProvisioningLastOwnerKept,
        Action::ProvisioningSeatMissing,
        Action::ProvisioningLinkWaiting,
        Action::ProvisioningMemberSkipped,
    ] {
        assert!(REFUSALS.contains(action.as_str()), "{}", action.as_str());
    }
}
