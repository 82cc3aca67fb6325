//! Each fault of the server is found by the story, and named.

use std::time::Duration;

use rollcall_idp_simulator::check::Finding;
use rollcall_idp_simulator::observe::{Report, Silent};
use rollcall_idp_simulator::okta::{App, Dialect, Okta, Profile, PushMode};
use rollcall_idp_simulator::scenario;

use crate::fake::{Fake, Fault};

fn story(dialect: Dialect, fault: Fault) -> Report {
    let fake = Fake::start(fault);
    fake.fill(150);
    let mut okta = Okta::new(fake.client(), App::new(dialect), Silent, |_: Duration| {});
    scenario::okta_everything(&mut okta, "f1")
}

/// Where a fault must show: a part of `what` and a part of `got`.
fn table() -> Vec<(Fault, &'static str, &'static str)> {
    use Fault::{
        AcceptsAnyToken, AcceptsDuplicates, ActiveAsText, AnswersHtmlErrors, AnswersPlainText,
        CapsPages, ComparesLetterCase, EmptyDetail, ForgetsTitle, HidesInactive, KeepsCleared,
        LowerCasesUserName, NotFoundForEmptyList, NumbersAsTexts, NumericErrorStatus, OmitsId,
        Redirects, ShowsPassword, ShufflesPages, SkipsLast, TellsRequestedCount, Throttles,
    };
    vec![
        (NumbersAsTexts, "totalResults", "\"0\""),
        (NotFoundForEmptyList, "GET /Users?filter", "404"),
        (LowerCasesUserName, ": userName", "jane.doe+f1@example.com"),
        (OmitsId, "POST /Users: id", "nothing"),
        (AnswersHtmlErrors, "Content-Type", "text/html"),
        (AnswersHtmlErrors, ": detail", "no JSON: <h1>"),
        (NumericErrorStatus, ": status", "401"),
        (EmptyDetail, ": detail", "\"\""),
        (AnswersPlainText, "Content-Type", "text/plain"),
        (ComparesLetterCase, "the search", "nobody"),
        (
            HidesInactive,
            "the search for the deactivated user",
            "nobody",
        ),
        (HidesInactive, "HTTP status", "404"),
        (AcceptsDuplicates, "POST /Users: HTTP status", "201"),
        (ShowsPassword, ": password", "\""),
        (ForgetsTitle, ": title", "nothing"),
        (KeepsCleared, ": title", "Staff Engineer"),
        (CapsPages, "resources on the page", "50"),
        (SkipsLast, "/Users: pages", "not listed"),
        (ShufflesPages, "/Users: pages", "f99"),
        (TellsRequestedCount, "itemsPerPage", "100"),
        (AcceptsAnyToken, "HTTP status", "200"),
        (ActiveAsText, ": active", "\"true\""),
        (Redirects, "HTTP status", "302"),
        (
            Throttles(1, "Wed, 21 Oct 2026 07:28:00 GMT"),
            "Retry-After",
            "Wed",
        ),
    ]
}

fn assert_found(dialect: Dialect, fault: Fault, what: &str, got: &str) {
    let report = story(dialect, fault);
    let matches = |finding: &Finding| finding.what.contains(what) && finding.got.contains(got);
    let found = report.findings.iter().any(|(_, finding)| matches(finding));
    assert!(
        found,
        "{dialect:?} {fault:?}: no finding on {what:?} with {got:?} in {report}"
    );
}

#[test]
fn every_fault_is_found_in_both_dialects() {
    for (fault, what, got) in table() {
        for dialect in [Dialect::Catalogue, Dialect::Wizard] {
            assert_found(dialect, fault, what, got);
        }
    }
}

#[test]
fn faults_of_membership_patches_are_found_in_the_catalogue_dialect() {
    // P-04, P-18, P-05, P-03.
    let faults = [
        (Fault::RenameEmptiesGroup, "the members"),
        (Fault::RefusesUnknownMembers, "HTTP status"),
        (Fault::ReplaceAddsMembers, "the members"),
        (Fault::RemoveEmptiesGroup, "the members"),
    ];
    for (fault, what) in faults {
        assert_found(Dialect::Catalogue, fault, what, "");
    }
}

#[test]
fn every_finding_says_why_it_matters() {
    for (fault, _, _) in table() {
        for (title, finding) in story(Dialect::Catalogue, fault).findings {
            assert!(!finding.why.is_empty(), "{title}: {finding}");
        }
    }
}

/// Whichever answer is lost, the request is made good and nobody is there twice.
#[test]
fn lost_answers_are_asked_for_again_and_nothing_is_made_twice() {
    for dialect in [Dialect::Catalogue, Dialect::Wizard] {
        for each in 3..8 {
            let fake = Fake::start(Fault::LosesAnswers(each));
            let mut okta = Okta::new(fake.client(), App::new(dialect), Silent, |_: Duration| {});
            okta.test_credentials();
            let jane = okta.hire(Profile::new("Jane", "Doe", "jane.doe@example.com"));
            let group = okta.form_group("Platform", std::slice::from_ref(&jane));
            okta.assign(&jane);
            okta.push_group(&group, PushMode::Create);
            okta.verify_user(&jane);
            okta.verify_group(&group);
            let report = okta.report();
            assert!(report.ok(), "{dialect:?}, one of {each}: {report}");
            assert!(report.lost > 0, "{dialect:?}, one of {each}: {report}");
            assert_eq!(fake.all("Users", "userName"), ["jane.doe@example.com"]);
            assert_eq!(fake.all("Groups", "displayName"), ["Platform"]);
        }
        let report = story(dialect, Fault::LosesAnswers(7));
        assert!(report.ok(), "{dialect:?}: {report}");
    }
}

#[test]
fn a_server_that_never_answers_is_not_asked_again() {
    let report = story(Dialect::Catalogue, Fault::LosesAnswers(1));
    assert_eq!(report.lost, 0);
    let (title, finding) = &report.findings[0];
    assert_eq!(title, "Okta tests the credentials");
    assert_eq!(finding.expected, "an answer");
}
