//! Entra's story: a fair server passes, and each fault is found and named.

use std::cell::RefCell;
use std::time::Duration;

use rollcall_idp_simulator::check::Finding;
use rollcall_idp_simulator::entra::{Entra, Flag, Group, Person};
use rollcall_idp_simulator::observe::{Report, Silent};
use rollcall_idp_simulator::scenario;

use crate::fake::{Fake, Fault};
use crate::stories::nobody_waits;

fn story(flag: Flag, fault: Fault) -> Report {
    let fake = Fake::start(fault);
    let mut entra = Entra::new(fake.client(), flag, Silent, |_: Duration| {});
    scenario::entra_everything(&mut entra, "e1")
}

#[test]
fn the_whole_story_of_entra_finds_nothing_wrong_with_a_fair_server() {
    for flag in [Flag::Absent, Flag::Present] {
        let fake = Fake::start(Fault::None);
        let mut entra = Entra::new(fake.client(), flag, Silent, nobody_waits);
        let report = scenario::entra_everything(&mut entra, "e1");
        assert!(report.ok(), "{flag:?}: {report}");
        assert_eq!(report.exchanges, fake.seen().len());
    }
}

#[test]
fn requests_side_by_side_are_repeated_when_the_server_asks_for_it() {
    let fake = Fake::start(Fault::Throttles(3, "7"));
    let waits = RefCell::new(Vec::new());
    let pause = |wait: Duration| waits.borrow_mut().push(wait.as_secs());
    let mut entra = Entra::new(fake.client(), Flag::Present, Silent, pause);
    let group = Group {
        name: "Research".to_owned(),
        object_id: String::new(),
        link: "nowhere".to_owned(),
    };
    let people = ["ada", "ben", "chi", "dov"].map(|name| Person::new(name, "Novak", name));
    let people: Vec<&Person> = people.iter().collect();
    let step = entra.add_in_parallel(&group, &people);
    assert_eq!(*waits.borrow(), [7, 7, 7]);
    let answers: Vec<u16> = step.exchanges.iter().map(|answer| answer.status).collect();
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 3);
    assert_eq!(answers.iter().filter(|status| **status == 404).count(), 4);
}

#[test]
fn the_flag_decides_how_a_patch_is_written() {
    for (flag, written, other) in [
        (Flag::Absent, r#""value":"False""#, r#""op":"replace""#),
        (Flag::Present, r#""op":"replace""#, r#""value":"False""#),
    ] {
        let fake = Fake::start(Fault::None);
        let mut entra = Entra::new(fake.client(), flag, Silent, nobody_waits);
        scenario::entra_everything(&mut entra, "e1");
        let bodies: Vec<String> = fake.seen().into_iter().map(|seen| seen.body).collect();
        assert!(bodies.iter().any(|body| body.contains(written)), "{flag:?}");
        assert!(!bodies.iter().any(|body| body.contains(other)), "{flag:?}");
    }
}

#[test]
fn every_fault_is_found_by_entra_with_and_without_the_flag() {
    let faults = [
        (Fault::NumbersAsTexts, "totalResults", "\"0\""),
        (Fault::NotFoundForEmptyList, "HTTP status", "404"),
        (Fault::LowerCasesUserName, ": userName", ""),
        (Fault::OmitsId, "POST /Users: id", "nothing"),
        (Fault::AnswersHtmlErrors, "Content-Type", "text/html"),
        (Fault::NumericErrorStatus, ": status", "401"),
        (Fault::EmptyDetail, ": detail", "\"\""),
        (Fault::AnswersPlainText, "Content-Type", "text/plain"),
        (Fault::ComparesLetterCase, "totalResults", "0"),
        (Fault::HidesInactive, "HTTP status", "404"),
        (Fault::AcceptsDuplicates, "POST /Users: HTTP status", "201"),
        (Fault::AcceptsDuplicates, "POST /Groups: HTTP status", "201"),
        (Fault::ForgetsTitle, ": title", "nothing"),
        (Fault::AcceptsAnyToken, "HTTP status", "200"),
        (Fault::ActiveAsText, ": active", "\"true\""),
        (Fault::Redirects, "HTTP status", "302"),
        (Fault::RemoveEmptiesGroup, "the members", ""),
        (Fault::RenameEmptiesGroup, "the members", ""),
        (Fault::LosesParallelMembers, "the members", ""),
        (Fault::DropsDisabledMembers, "the members", ""),
        (Fault::Throttles(1, "soon"), "Retry-After", "soon"),
    ];
    for (fault, what, got) in faults {
        for flag in [Flag::Absent, Flag::Present] {
            let report = story(flag, fault);
            let matches =
                |finding: &Finding| finding.what.contains(what) && finding.got.contains(got);
            assert!(
                report.findings.iter().any(|(_, finding)| matches(finding)),
                "{flag:?} {fault:?}: no finding on {what:?} with {got:?} in {report}"
            );
        }
    }
}
