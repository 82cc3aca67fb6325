//! `rollcall simulate`: an identity provider against any deployment, with its verdict.

use std::process::ExitCode;

use rollcall_application::ports::Clock as _;
use rollcall_idp_simulator::entra::{Entra, Flag};
use rollcall_idp_simulator::http::{ScimClient, Token};
use rollcall_idp_simulator::observe::{Report, Sleep, Step};
use rollcall_idp_simulator::okta::{App, Dialect, Okta};
use rollcall_idp_simulator::scenario;
use rollcall_secrets::SystemClock;

use crate::cli::{
    DialectChoice, EntraArguments, FlagChoice, OktaArguments, Provider, TenantArguments,
};
use crate::output::say;

/// Runs the whole story of a provider; fails when an answer is not what it needs.
pub(crate) fn run(provider: &Provider) -> ExitCode {
    let (name, passed) = match provider {
        Provider::Okta(arguments) => ("Okta", okta(arguments)),
        Provider::Entra(arguments) => ("Microsoft Entra ID", entra(arguments)),
    };
    if passed {
        say!("Every answer is what {name} needs.");
        ExitCode::SUCCESS
    } else {
        say!("Some answers are not what {name} needs; they are listed above.");
        ExitCode::FAILURE
    }
}

fn okta(arguments: &OktaArguments) -> bool {
    let tenant = &arguments.tenant;
    let run = |dialect| {
        say!("Okta, {}, against {}", name(dialect), tenant.tenant_url);
        let mut okta = Okta::new(client(tenant), App::new(dialect), tell, Sleep);
        let letter = match dialect {
            Dialect::Catalogue => 'c',
            Dialect::Wizard => 'w',
        };
        told(&scenario::okta_everything(&mut okta, &suffix(letter)))
    };
    // Every dialect is run, also after one that failed.
    let verdicts: Vec<bool> = dialects(arguments.dialect).into_iter().map(run).collect();
    verdicts.into_iter().all(|passed| passed)
}

fn entra(arguments: &EntraArguments) -> bool {
    let tenant = &arguments.tenant;
    let run = |flag| {
        let (how, letter) = match flag {
            Flag::Absent => ("without aadOptscim062020", 'd'),
            Flag::Present => ("with aadOptscim062020", 'f'),
        };
        say!("Microsoft Entra ID, {how}, against {}", tenant.tenant_url);
        let mut entra = Entra::new(client(tenant), flag, tell, Sleep);
        told(&scenario::entra_everything(&mut entra, &suffix(letter)))
    };
    let verdicts: Vec<bool> = flags(arguments.flag).into_iter().map(run).collect();
    verdicts.into_iter().all(|passed| passed)
}

fn client(tenant: &TenantArguments) -> ScimClient {
    ScimClient::new(&tenant.tenant_url, Token::new(tenant.token.as_str()))
}

fn told(report: &Report) -> bool {
    say!("{report}");
    say!();
    report.ok()
}

/// Makes the names of a run unique, so that a live tenant keeps what it has.
fn suffix(letter: char) -> String {
    format!("{letter}{}", SystemClock.now().timestamp_millis())
}

fn tell(step: &Step) {
    let mark = if step.ok() { "ok  " } else { "FAIL" };
    let (title, requests) = (&step.title, step.exchanges.len());
    match step.lost {
        0 => say!("{mark} {title} ({requests} requests)"),
        lost => say!("{mark} {title} ({requests} requests, {lost} unanswered)"),
    }
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

fn flags(choice: FlagChoice) -> Vec<Flag> {
    match choice {
        FlagChoice::Absent => vec![Flag::Absent],
        FlagChoice::Present => vec![Flag::Present],
        FlagChoice::Both => vec![Flag::Absent, Flag::Present],
    }
}

fn name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Catalogue => "as an app of the catalogue (OIN)",
        Dialect::Wizard => "as an app made with the wizard (AIW)",
    }
}
