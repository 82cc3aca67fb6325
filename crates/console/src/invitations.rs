//! Inviting people by hand, one e-mail a line (R09, R10).

use actix_web::web;
use rollcall_application::panel::NameChanges;
use rollcall_application::panel::members::{INVITE_LIMIT, InviteMember, invite_members};
use rollcall_application::panel::teams::list_invitable_teams;
use rollcall_application::ports::TeamQuery;
use rollcall_application::{Caller, Failure, InvalidInput};
use rollcall_domain::Role;
use rollcall_domain::rules::permissions::Permission;

use crate::Console;
use crate::error::{Answer, words};
use crate::form::{Choice, Field, FormPage, choices};
use crate::gate::SignedIn;
use crate::member_actions::confirmed;
use crate::params::{Params, team_id};
use crate::shell::{Shell, render};
use crate::view::ResultsPage;

type Pairs = Vec<(String, String)>;

/// How many teams the form offers.
const TEAMS: u32 = 200;

/// Why other teams are missing (R10), and whether there are more.
fn team_hint(more: bool) -> String {
    let why = "Only manually created teams are listed: a provisioned team gets its members from its directory.";
    if more {
        format!(
            "{why} These are the first {TEAMS} of them; further ones can be joined from the team's page."
        )
    } else {
        why.to_owned()
    }
}

async fn invite_page(
    console: &Console,
    caller: &Caller,
    form: &Params,
) -> Result<FormPage, Failure> {
    caller.require(Permission::ManageMembers)?;
    let query = TeamQuery {
        limit: TEAMS,
        ..TeamQuery::default()
    };
    let teams = list_invitable_teams(&console.services, caller, query).await?;
    let (chosen, more) = (form.all("team"), teams.next.is_some());
    let choice = |id: String, label: &str| Choice {
        chosen: chosen.contains(&id),
        value: id,
        label: label.to_owned(),
    };
    let teams = teams
        .items
        .iter()
        .map(|t| choice(t.team.id.to_string(), t.team.name.as_str()));
    let roles: &[(&str, &str)] = match caller.role {
        Role::Owner => &[("member", "Member"), ("admin", "Admin"), ("owner", "Owner")],
        _ => &[("member", "Member"), ("admin", "Admin")],
    };
    let mut fields = vec![
        Field::lines("emails", "E-mail addresses", form.raw("emails"))
            .hint("One e-mail per line, at most 100."),
        Field::choice(
            "role",
            "Role",
            choices(roles, form.get("role").unwrap_or("member")),
        ),
        Field::boxes("team", "Assign to team (optional)", teams.collect()).hint(&team_hint(more)),
    ];
    if caller.role == Role::Owner {
        let mut password = Field::confirmation().hint("Needed only to invite an owner.");
        password.required = false;
        fields.push(password);
    }
    let shell = Shell::of(caller, "members", "Invite new member");
    Ok(FormPage::new(shell, "Send invitations", fields).cancel("/members"))
}

/// Asks whom to invite.
pub(crate) async fn show_invite(console: web::Data<Console>, caller: SignedIn) -> Answer {
    Ok(invite_page(&console, &caller.0, &Params(Vec::new()))
        .await?
        .show())
}

/// Invites each, and tells what became of each.
pub(crate) async fn invite(
    console: web::Data<Console>,
    caller: SignedIn,
    form: web::Form<Pairs>,
) -> Answer {
    let form = Params(form.into_inner());
    if form.get("correct").is_some() {
        return Ok(invite_page(&console, &caller.0, &form).await?.show());
    }
    let lines = form
        .raw("emails")
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let emails: Vec<String> = lines.map(str::to_owned).collect();
    if emails.is_empty() || emails.len() > INVITE_LIMIT {
        let failure = InvalidInput::new("e-mail addresses", "must be from 1 to 100").into();
        return Ok(invite_page(&console, &caller.0, &form)
            .await?
            .refused(&failure));
    }
    let teams: Result<Vec<_>, Failure> = form.all("team").iter().map(|id| team_id(id)).collect();
    let teams = teams?;
    let command = |email: &String| InviteMember {
        email: email.clone(),
        name: NameChanges::default(),
        role: form.text("role"),
        teams: teams.clone(),
    };
    let commands = emails.iter().map(command).collect();
    let proof = match confirmed(&console, &caller.0, &form).await {
        Ok(proof) => proof,
        Err(failure) => {
            let page = invite_page(&console, &caller.0, &form).await?;
            return Ok(page.refused(&failure));
        }
    };
    let outcomes = invite_members(&console.services, &caller.0, commands, proof).await;
    let mut refused = Vec::new();
    let mut rows = Vec::new();
    for (email, outcome) in emails.into_iter().zip(outcomes) {
        match outcome {
            Ok(_) => rows.push((email, true, "Invited. The mail is on its way.".to_owned())),
            Err(failure) => {
                refused.push(email.clone());
                rows.push((email, false, words(&failure)));
            }
        }
    }
    let shell = Shell::of(&caller.0, "members", "Invitations");
    let again = Some(("/members/invite", "Invite more"));
    Ok(render(&ResultsPage {
        correct: correction(&form, &refused),
        ..results(shell, rows, again)
    }))
}

/// The form again with what was refused, so that nothing has to be typed twice.
fn correction(form: &Params, refused: &[String]) -> Pairs {
    if refused.is_empty() {
        return Vec::new();
    }
    let pair = |name: &str, value: String| (name.to_owned(), value);
    let mut pairs = vec![
        pair("correct", "yes".to_owned()),
        pair("emails", refused.join("\n")),
        pair("role", form.text("role")),
    ];
    let teams = form.all("team").into_iter();
    pairs.extend(teams.map(|team| pair("team", team)));
    pairs
}

/// What became of each, with a summary.
pub(crate) fn results(
    shell: Shell,
    rows: Vec<(String, bool, String)>,
    again: Option<(&'static str, &'static str)>,
) -> ResultsPage {
    let done = rows.iter().filter(|(_, done, _)| *done).count();
    ResultsPage {
        shell,
        summary: format!("{done} of {} done.", rows.len()),
        rows,
        back: ("/members", "Back to members"),
        again,
        correct: Vec::new(),
    }
}
