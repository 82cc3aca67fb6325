//! Members: the list, one of them, inviting.

use actix_web::web;
use chrono::{DateTime, Utc};
use rollcall_application::panel::activity::list_activity;
use rollcall_application::panel::members::{MemberDetails, get_member, list_members};
use rollcall_application::panel::organization::get_organization;
use rollcall_application::ports::{ActivityQuery, MemberQuery, MemberSort, StatusFilter};
use rollcall_application::{Caller, Failure};
use rollcall_domain::{MemberStatus, Origin, Role};

use crate::Console;
use crate::accounts;
use crate::activity::EntryView;
use crate::error::Answer;
use crate::form::{Field, choices};
use crate::gate::SignedIn;
use crate::params::{PAGE, Params, member_id, team_id};
use crate::shell::{Shell, render};
use crate::view::{ActionLink, MemberPage, MemberView, MembersPage, Sort, count};

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
        kept: params.kept(&["team"]),
        by_created,
        export: params.with(
            "/members.csv",
            &[("cursor", ""), ("trail", ""), ("done", "")],
        ),
    }))
}

/// What can be done to a member in its state. Managed ones are asked for, too: they are shown
/// disabled.
fn actions(details: &MemberDetails, caller: &Caller, roles_in_panel: bool) -> Vec<ActionLink> {
    let member = &details.member;
    if member.role > caller.role {
        return Vec::new();
    }
    let link = |command: &str, label, danger| ActionLink {
        href: format!("/members/{}/{command}", member.id),
        label,
        danger,
        locked: details.managed_by.is_some(),
    };
    let role = link("role", "Change role", false);
    let mut actions = vec![
        link("edit", "Edit", false),
        ActionLink {
            locked: role.locked && !roles_in_panel,
            ..role
        },
    ];
    match member.status {
        MemberStatus::Invited { .. } => {
            actions.push(link("resend", "Resend invitation", false));
            actions.push(link("cancel", "Cancel invitation", true));
            return actions;
        }
        MemberStatus::Active => actions.push(link("suspend", "Suspend", true)),
        MemberStatus::Suspended | MemberStatus::Deactivated => {
            actions.push(link("activate", "Activate", false));
        }
    }
    actions.push(link("delete", "Delete", true));
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
    let organization = get_organization(services, &caller.0).await?.organization;
    let roles_in_panel = organization.roles_in_panel;
    let accounts = accounts::of_member(&console, &caller.0, details.member.id).await?;
    Ok(render(&MemberPage {
        shell: Shell::of(&caller.0, "members", &label).told(params.get("done")),
        member: MemberView::of(&details.member, details.managed_by, services.clock.now()),
        teams: details.teams.iter().map(Into::into).collect(),
        may_disconnect: details.member.role <= caller.0.role,
        accounts,
        actions: actions(&details, &caller.0, roles_in_panel),
        sent: details.invitation_sent_at.map(Into::into),
        entries: entries
            .items
            .into_iter()
            .map(|entry| EntryView::from(entry).on_page_of(&label))
            .collect(),
    }))
}
