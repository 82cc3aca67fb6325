//! Members: the list, one of them, inviting.

use actix_web::web;
use chrono::{DateTime, Utc};
use rollcall_application::panel::NameChanges;
use rollcall_application::panel::activity::list_activity;
use rollcall_application::panel::members::{
    INVITE_LIMIT, InviteMember, MemberDetails, get_member, invite_members, list_members,
};
use rollcall_application::panel::organization::get_organization;
use rollcall_application::panel::teams::list_invitable_teams;
use rollcall_application::ports::{
    ActivityQuery, MemberQuery, MemberSort, StatusFilter, TeamQuery,
};
use rollcall_application::{Caller, Failure, InvalidInput};
use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::{MemberStatus, Origin, Role};

use crate::Console;
use crate::activity::EntryView;
use crate::error::{Answer, words};
use crate::form::{Choice, Field, FormPage, choices};
use crate::gate::SignedIn;
use crate::member_actions::confirmed;
use crate::params::{PAGE, Params, member_id, team_id};
use crate::shell::{Shell, render};
use crate::view::{MemberPage, MemberView, MembersPage, ResultsPage, Sort, count};

type Pairs = Vec<(String, String)>;

const STATUSES: [(&str, &str); 6] = [
    ("", "Any status"),
    ("active", "Active"),
    ("invited", "Invited"),
    ("expired", "Invitation expired"),
    ("suspended", "Suspended"),
    ("deactivated", "Deactivated"),
];
const ROLES: [(&str, &str); 4] = [
    ("", "Any role"),
    ("member", "Member"),
    ("admin", "Admin"),
    ("owner", "Owner"),
];
/// The sources to filter by.
pub(crate) const SOURCES: [(&str, &str); 4] = [
    ("", "Any source"),
    ("manual", "Added here"),
    ("okta", "Okta"),
    ("entra", "Microsoft Entra ID"),
];

/// Orders by the value that stands in `order`: column and direction.
const ORDERS: [(&str, &str); 5] = [
    ("name asc", "Name, A to Z"),
    ("name desc", "Name, Z to A"),
    ("email asc", "E-mail, A to Z"),
    ("created desc", "Newest first"),
    ("created asc", "Oldest first"),
];

/// The order as a field. It may be sent as one value, or as `sort` and `direction`.
fn order_field(params: &Params) -> Field {
    let (sort, direction) = (
        params.get("sort").unwrap_or("name"),
        params.get("direction").unwrap_or("asc"),
    );
    let present = format!("{sort} {direction}");
    Field::choice("order", "Order", choices(&ORDERS, &present))
}

/// The list that an address asks for.
pub(crate) fn query_of(params: &Params, now: DateTime<Utc>) -> Result<MemberQuery, Failure> {
    let status = match params.get("status") {
        Some("invited") => Some(StatusFilter::Invited(now)),
        Some("expired") => Some(StatusFilter::Expired(now)),
        Some("active") => Some(StatusFilter::Active),
        Some("suspended") => Some(StatusFilter::Suspended),
        Some("deactivated") => Some(StatusFilter::Deactivated),
        _ => None,
    };
    let sort = match params.get("sort") {
        Some("email") => MemberSort::Email,
        Some("created") => MemberSort::Created,
        _ => MemberSort::Name,
    };
    Ok(MemberQuery {
        search: params.get("search").map(str::to_owned),
        status,
        role: params.get("role").and_then(Role::parse),
        source: params.get("source").and_then(Origin::parse),
        team: params.get("team").map(team_id).transpose()?,
        sort,
        direction: params.direction(),
        after: params.cursor()?,
        limit: PAGE,
    })
}

/// The list.
pub(crate) async fn list(
    console: web::Data<Console>,
    caller: SignedIn,
    query: web::Query<Pairs>,
) -> Answer {
    let (params, services, now) = (
        Params(query.into_inner()).ordered(),
        &console.services,
        console.services.clock.now(),
    );
    let page = list_members(services, &caller.0, query_of(&params, now)?).await?;
    let organization = get_organization(services, &caller.0).await?;
    let shell = Shell::of(&caller.0, "members", "Members").told(params.get("done"));
    let filters = vec![
        Field::choice(
            "status",
            "Status",
            choices(&STATUSES, params.get("status").unwrap_or("")),
        ),
        Field::choice(
            "role",
            "Role",
            choices(&ROLES, params.get("role").unwrap_or("")),
        ),
        Field::choice(
            "source",
            "Source",
            choices(&SOURCES, params.get("source").unwrap_or("")),
        ),
        order_field(&params),
    ];
    let by_created = params.get("sort") == Some("created");
    let mut columns = vec![("name", "Name"), ("email", "E-mail")];
    if by_created {
        columns.push(("created", "Added"));
    }
    let names = ["search", "status", "role", "source", "team"];
    Ok(render(&MembersPage {
        shell: shell.noticed(&console, &caller.0).await?,
        rows: page
            .items
            .iter()
            .map(|row| MemberView::row(row, now))
            .collect(),
        sorts: Sort::heads(&params, "/members", &columns),
        pages: params.pages("/members", page.next.as_ref()),
        total: count(page.total, "member"),
        seats: organization.seats.into(),
        search: params.text("search"),
        filters,
        filtered: names.iter().any(|name| params.get(name).is_some()),
        by_created,
        export: params.with(
            "/members.csv",
            &[("cursor", ""), ("trail", ""), ("done", "")],
        ),
    }))
}

/// What can be done to a member in its state. Managed ones are asked for, too: they are shown
/// disabled.
fn actions(details: &MemberDetails, caller: &Caller) -> Vec<(String, &'static str, bool)> {
    let member = &details.member;
    if member.role > caller.role {
        return Vec::new();
    }
    let path = |command: &str| format!("/members/{}/{command}", member.id);
    let mut actions = vec![
        (path("edit"), "Edit", false),
        (path("role"), "Change role", false),
    ];
    match member.status {
        MemberStatus::Invited { .. } => {
            actions.push((path("resend"), "Resend invitation", false));
            actions.push((path("cancel"), "Cancel invitation", true));
            return actions;
        }
        MemberStatus::Active => actions.push((path("suspend"), "Suspend", true)),
        MemberStatus::Suspended | MemberStatus::Deactivated => {
            actions.push((path("activate"), "Activate", false));
        }
    }
    actions.push((path("delete"), "Delete", true));
    actions
}

/// One member.
pub(crate) async fn show(
    console: web::Data<Console>,
    caller: SignedIn,
    id: web::Path<String>,
    query: web::Query<Pairs>,
) -> Answer {
    let (services, params) = (&console.services, Params(query.into_inner()));
    let details = get_member(services, &caller.0, member_id(&id)?).await?;
    let about = ActivityQuery {
        target_id: Some(details.member.id.to_string()),
        limit: 10,
        ..ActivityQuery::default()
    };
    let entries = list_activity(services, &caller.0, about).await?;
    let label = details.member.label();
    Ok(render(&MemberPage {
        shell: Shell::of(&caller.0, "members", &label).told(params.get("done")),
        member: MemberView::of(&details.member, details.managed_by, services.clock.now()),
        teams: details.teams.iter().map(Into::into).collect(),
        actions: actions(&details, &caller.0),
        sent: details.invitation_sent_at.map(Into::into),
        entries: entries
            .items
            .into_iter()
            .map(|entry| EntryView::from(entry).on_page_of(&label))
            .collect(),
    }))
}

async fn invite_page(
    console: &Console,
    caller: &Caller,
    form: &Params,
) -> Result<FormPage, Failure> {
    caller.require(Permission::ManageMembers)?;
    let query = TeamQuery {
        limit: 200,
        ..TeamQuery::default()
    };
    let teams = list_invitable_teams(&console.services, caller, query).await?;
    let chosen = form.all("team");
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
        Field::choice("role", "Role", choices(roles, form.get("role").unwrap_or("member"))),
        Field::boxes("team", "Assign to team (optional)", teams.collect())
            .hint("Only manually created teams are listed: a provisioned team gets its members from its directory."),
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
    let rows = emails
        .into_iter()
        .zip(outcomes)
        .map(|(email, outcome)| match outcome {
            Ok(_) => (email, true, "Invited. The mail is on its way.".to_owned()),
            Err(failure) => (email, false, words(&failure)),
        });
    let shell = Shell::of(&caller.0, "members", "Invitations");
    let again = Some(("/members/invite", "Invite more"));
    Ok(render(&results(shell, rows.collect(), again)))
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
    }
}
