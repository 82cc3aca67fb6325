//! `rollcall simulate`: an identity provider against any deployment, with its verdict.

use std::process::ExitCode;

use rollcall_application::ports::Clock as _;
use rollcall_idp_simulator::http::{ScimClient, Token};
use rollcall_idp_simulator::observe::{Report, Sleep, Step};
use rollcall_idp_simulator::okta::{App, Dialect, Okta};
use rollcall_idp_simulator::scenario;
use rollcall_secrets::SystemClock;

use crate::cli::{DialectChoice, OktaArguments, Provider};
use crate::output::say;

/// Runs the whole story of a provider; fails when an answer is not what it needs.
pub(crate) fn run(provider: &Provider) -> ExitCode {
    let Provider::Okta(arguments) = provider;
    let mut passed = true;
    for dialect in dialects(arguments.dialect) {
        say!("Okta, {}, against {}", name(dialect), arguments.tenant_url);
        let report = okta(arguments, dialect);
        say!("{report}");
        say!();
        passed &= report.ok();
    }
    if passed {
        say!("Every answer is what Okta needs.");
        ExitCode::SUCCESS
    } else {
        say!("Some answers are not what Okta needs; they are listed above.");
        ExitCode::FAILURE
    }
}

fn okta(arguments: &OktaArguments, dialect: Dialect) -> Report {
    let client = ScimClient::new(&arguments.tenant_url, Token::new(arguments.token.as_str()));
    let mut okta = Okta::new(client, App::new(dialect), tell, Sleep);
    scenario::okta_everything(&mut okta, &suffix(dialect))
}

/// Makes the names of a run unique, so that a live tenant keeps what it has.
fn suffix(dialect: Dialect) -> String {
    let letter = match dialect {
        Dialect::Catalogue => 'c',
        Dialect::Wizard => 'w',
    };
    format!("{letter}{}", SystemClock.now().timestamp_millis())
}

fn tell(step: &Step) {
    let mark = if step.ok() { "ok  " } else { "FAIL" };
    say!("{mark} {} ({} requests)", step.title, step.exchanges.len());
    for finding in &step.findings {
        say!("       {finding}");
    }
}

fn dialects(choice: DialectChoice) -> Vec<Dialect> {
    match choice {
        DialectChoice::Oin => vec![Dialect::Catalogue],
        DialectChoice::Aiw => vec![Dialect::Wizard],
        DialectChoice::Both => vec![Dialect::Catalogue, Dialect::Wizard],
    }
}

fn name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Catalogue => "as an app of the catalogue (OIN)",
        Dialect::Wizard => "as an app made with the wizard (AIW)",
    }
}
