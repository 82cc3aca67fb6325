//! Teams: the list, one of them, and who is in it (R07, R10, R11).

use actix_web::web;
use rollcall_application::panel::members::{MemberRow, chosen_members, list_members};
use rollcall_application::panel::teams::{
    CreateTeam, TeamDetails, add_members, create_team, delete_team, get_team, list_team_members,
    list_teams, remove_members, rename_team,
};
use rollcall_application::ports::{MemberQuery, TeamQuery, TeamSort};
use rollcall_application::{Caller, Failure};
use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::{Origin, Refusal, Version};

use crate::Console;
use crate::error::{Answer, see_other, status, words};
use crate::form::{Field, FormPage, choices};
use crate::gate::SignedIn;
use crate::members::SOURCES;
use crate::params::{PAGE, Params, member_id, team_id};
use crate::shell::{Shell, render, render_as};
use crate::view::{ChoosePage, MemberView, Sort, TeamPage, TeamView, TeamsPage, count};

type Pairs = Vec<(String, String)>;

/// The list.
pub(crate) async fn list(
    console: web::Data<Console>,
    caller: SignedIn,
    query: web::Query<Pairs>,
) -> Answer {
    let params = Params(query.into_inner());
    let query = TeamQuery {
        search: params.get("search").map(str::to_owned),
        source: params.get("source").and_then(Origin::parse),
        sort: match params.get("sort") {
            Some("created") => TeamSort::Created,
            _ => TeamSort::Name,
        },
        direction: params.direction(),
        after: params.cursor()?,
        limit: PAGE,
    };
    let page = list_teams(&console.services, &caller.0, query).await?;
    let shell = Shell::of(&caller.0, "teams", "Teams").told(params.get("done"));
    Ok(render(&TeamsPage {
        shell: shell.noticed(&console, &caller.0).await?,
        rows: page.items.iter().map(TeamView::from).collect(),
        pages: params.pages("/teams", page.next.as_ref()),
        total: count(page.total, "team"),
        search: params.text("search"),
        kept: params.kept(&["sort", "direction"]),
        sorts: Sort::heads(
            &params,
            "/teams",
            &[("name", "Name"), ("created", "Created")],
        ),
        filters: vec![Field::choice(
            "source",
            "Source",
            choices(&SOURCES, params.get("source").unwrap_or("")),
        )],
        filtered: params.get("search").or(params.get("source")).is_some(),
    }))
}

/// One team.
pub(crate) async fn show(
    console: web::Data<Console>,
    caller: SignedIn,
    id: web::Path<String>,
    query: web::Query<Pairs>,
) -> Answer {
    let (params, id, now) = (
        Params(query.into_inner()),
        team_id(&id)?,
        console.services.clock.now(),
    );
    let details = get_team(&console.services, &caller.0, id).await?;
    let query = MemberQuery {
        after: params.cursor()?,
        limit: PAGE,
        ..MemberQuery::default()
    };
    let page = list_team_members(&console.services, &caller.0, id, query).await?;
    let team = TeamView::from(&details);
    Ok(render(&TeamPage {
        shell: Shell::of(&caller.0, "teams", &team.name).told(params.get("done")),
        pages: params.pages(&format!("/teams/{id}"), page.next.as_ref()),
        rows: page
            .items
            .iter()
            .map(|row| MemberView::row(row, now))
            .collect(),
        team,
    }))
}

async fn choose(
    console: &Console,
    caller: &Caller,
    title: &str,
    params: &Params,
) -> Result<ChoosePage, Failure> {
    caller.require(Permission::ManageTeams)?;
    let query = MemberQuery {
        search: params.get("search").map(str::to_owned),
        limit: PAGE,
        ..MemberQuery::default()
    };
    let page = list_members(&console.services, caller, query).await?;
    let now = console.services.clock.now();
    let chosen = chosen_members(&console.services, caller, params.members("member")?).await?;
    let chosen_row = |row: &MemberRow| MemberView {
        chosen: true,
        ..MemberView::row(row, now)
    };
    let found = page
        .items
        .iter()
        .filter(|row| {
            chosen
                .iter()
                .all(|one| one.item.member.id != row.item.member.id)
        })
        .map(|row| MemberView::row(row, now));
    Ok(ChoosePage {
        shell: Shell::of(caller, "teams", title),
        rows: chosen.iter().map(chosen_row).chain(found).collect(),
        search: params.text("search"),
        name: None,
        note: "Provisioned members can be chosen, too. What you have chosen stays chosen while you search.",
        back: "/teams".to_owned(),
        submit: "Add to team",
        error: None,
        more: page.next.is_some(),
    })
}

/// Asks for name and members.
pub(crate) async fn show_new(
    console: web::Data<Console>,
    caller: SignedIn,
    query: web::Query<Pairs>,
) -> Answer {
    let params = Params(query.into_inner());
    let page = choose(&console, &caller.0, "Create team", &params).await?;
    Ok(render(&ChoosePage {
        name: Some(params.text("name")),
        submit: "Create team",
        ..page
    }))
}

/// Creates a team.
pub(crate) async fn create(
    console: web::Data<Console>,
    caller: SignedIn,
    form: web::Form<Pairs>,
) -> Answer {
    let form = Params(form.into_inner());
    let command = CreateTeam {
        name: form.raw("name").to_owned(),
        members: form.members("member")?,
    };
    match create_team(&console.services, &caller.0, command).await {
        Ok(made) => Ok(see_other(&format!("/teams/{}?done=created", made.team.id))),
        Err(failure) => {
            let page = choose(&console, &caller.0, "Create team", &form).await?;
            let error = Some(words(&failure));
            let name = Some(form.raw("name").to_owned());
            Ok(render_as(
                status(&failure),
                &ChoosePage {
                    name,
                    error,
                    submit: "Create team",
                    ..page
                },
            ))
        }
    }
}

async fn editable(console: &Console, caller: &Caller, id: &str) -> Result<TeamDetails, Failure> {
    let details = get_team(&console.services, caller, team_id(id)?).await?;
    match details.managed_by {
        Some(directory) => Err(Refusal::ProvisionedReadOnly { directory }.into()),
        None => Ok(details),
    }
}

async fn add_page(
    console: &Console,
    caller: &Caller,
    id: &str,
    params: &Params,
) -> Result<ChoosePage, Failure> {
    let details = editable(console, caller, id).await?;
    let title = format!("Add a member to {}", details.team.name.as_str());
    let page = choose(console, caller, &title, params).await?;
    Ok(ChoosePage {
        back: format!("/teams/{id}"),
        ..page
    })
}

/// Asks whom to add.
pub(crate) async fn show_add(
    console: web::Data<Console>,
    caller: SignedIn,
    id: web::Path<String>,
    query: web::Query<Pairs>,
) -> Answer {
    Ok(render(
        &add_page(&console, &caller.0, &id, &Params(query.into_inner())).await?,
    ))
}

/// Adds them.
pub(crate) async fn add(
    console: web::Data<Console>,
    caller: SignedIn,
    id: web::Path<String>,
    form: web::Form<Pairs>,
) -> Answer {
    let form = Params(form.into_inner());
    match add_members(
        &console.services,
        &caller.0,
        team_id(&id)?,
        form.members("member")?,
    )
    .await
    {
        Ok(_) => Ok(see_other(&format!("/teams/{id}?done=added"))),
        Err(failure) => {
            let page = add_page(&console, &caller.0, &id, &form).await?;
            Ok(render_as(
                status(&failure),
                &ChoosePage {
                    error: Some(words(&failure)),
                    ..page
                },
            ))
        }
    }
}

fn rename_page(caller: &Caller, details: &TeamDetails, name: &str) -> FormPage {
    let (id, version) = (details.team.id, details.team.version.0.to_string());
    let fields = vec![
        Field::hidden("version", &version),
        Field::text("name", "Name", name),
    ];
    let title = format!("Rename {}", details.team.name.as_str());
    FormPage::new(Shell::of(caller, "teams", &title), "Rename", fields)
        .cancel(&format!("/teams/{id}"))
}

/// Asks for the name.
pub(crate) async fn show_rename(
    console: web::Data<Console>,
    caller: SignedIn,
    id: web::Path<String>,
) -> Answer {
    let details = editable(&console, &caller.0, &id).await?;
    Ok(rename_page(&caller.0, &details, details.team.name.as_str()).show())
}

/// Renames.
pub(crate) async fn rename(
    console: web::Data<Console>,
    caller: SignedIn,
    id: web::Path<String>,
    form: web::Form<Pairs>,
) -> Answer {
    let form = Params(form.into_inner());
    let seen = form
        .get("version")
        .and_then(|v| v.parse().ok())
        .map(Version);
    match rename_team(
        &console.services,
        &caller.0,
        team_id(&id)?,
        form.raw("name"),
        seen,
    )
    .await
    {
        Ok(_) => Ok(see_other(&format!("/teams/{id}?done=saved"))),
        Err(failure) => {
            let details = editable(&console, &caller.0, &id).await?;
            Ok(rename_page(&caller.0, &details, form.raw("name")).refused(&failure))
        }
    }
}

/// Asks before deleting.
pub(crate) async fn ask_delete(
    console: web::Data<Console>,
    caller: SignedIn,
    id: web::Path<String>,
) -> Answer {
    let details = editable(&console, &caller.0, &id).await?;
    let title = format!("Delete {}?", details.team.name.as_str());
    let text = match u64::try_from(details.team.member_count).unwrap_or(0) {
        0 => "The team has no members. This cannot be undone.".to_owned(),
        number => format!(
            "The team has {}. They stay members of the organization; the team is gone. This cannot be undone.",
            count(number, "member")
        ),
    };
    let page =
        FormPage::new(Shell::of(&caller.0, "teams", &title), "Delete", Vec::new()).intro(&text);
    Ok(page.danger().cancel(&format!("/teams/{id}")).show())
}

/// Deletes.
pub(crate) async fn delete(
    console: web::Data<Console>,
    caller: SignedIn,
    id: web::Path<String>,
) -> Answer {
    delete_team(&console.services, &caller.0, team_id(&id)?, None).await?;
    Ok(see_other("/teams?done=deleted"))
}

/// Asks before removing a member.
pub(crate) async fn ask_remove(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<(String, String)>,
) -> Answer {
    let details = editable(&console, &caller.0, &path.0).await?;
    let member = rollcall_application::panel::members::get_member(
        &console.services,
        &caller.0,
        member_id(&path.1)?,
    )
    .await?;
    let title = format!(
        "Remove {} from {}?",
        member.member.label(),
        details.team.name.as_str()
    );
    let page = FormPage::new(Shell::of(&caller.0, "teams", &title), "Remove", Vec::new())
        .intro("They stay a member of the organization and can be added again.");
    Ok(page.danger().cancel(&format!("/teams/{}", path.0)).show())
}

/// Removes.
pub(crate) async fn remove(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<(String, String)>,
) -> Answer {
    let (team, member) = (team_id(&path.0)?, member_id(&path.1)?);
    remove_members(&console.services, &caller.0, team, vec![member]).await?;
    Ok(see_other(&format!("/teams/{team}?done=removed")))
}
