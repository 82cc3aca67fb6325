//! The organization's settings.

use actix_web::web;
use rollcall_application::panel::Patch;
use rollcall_application::panel::organization::{
    SettingsChange, change_organization, get_organization,
};
use rollcall_application::{Caller, Failure, InvalidInput};
use rollcall_domain::Role;

use crate::Console;
use crate::error::{Answer, see_other};
use crate::form::{Field, FormPage};
use crate::gate::SignedIn;
use crate::params::Params;
use crate::shell::Shell;
use crate::view::count;

type Pairs = Vec<(String, String)>;

fn owners_only(page: FormPage, caller: &Caller) -> FormPage {
    if caller.role == Role::Owner {
        page
    } else {
        FormPage {
            locked: true,
            ..page.intro("Only an owner can change these settings.")
        }
    }
}

async fn page(
    console: &Console,
    caller: &Caller,
    form: Option<&Params>,
) -> Result<FormPage, Failure> {
    let details = get_organization(&console.services, caller).await?;
    let organization = &details.organization;
    let limit = organization
        .seat_limit
        .map_or(String::new(), |limit| limit.to_string());
    let typed =
        |field: &str, known: &str| form.map_or(known.to_owned(), |f| f.raw(field).to_owned());
    let in_panel = form.map_or(organization.roles_in_panel, |f| f.get("roles").is_some());
    let used = count(u64::from(details.seats.used), "seat");
    let fields = vec![
        Field::text("name", "Name", &typed("name", organization.name.as_str())),
        Field::text("seats", "Seat limit", &typed("seats", &limit))
            .hint(&format!(
                "{used} in use. Empty: no limit. Lowering it evicts nobody."
            ))
            .number(),
        Field::switch(
            "roles",
            "Roles",
            "Roles of provisioned members are assigned here",
            in_panel,
        ),
    ];
    let shell = Shell::of(caller, "organization", "Organization");
    Ok(owners_only(FormPage::new(shell, "Save", fields), caller))
}

/// The organization.
pub(crate) async fn show(
    console: web::Data<Console>,
    caller: SignedIn,
    query: web::Query<Pairs>,
) -> Answer {
    let mut page = page(&console, &caller.0, None).await?;
    page.shell = page.shell.told(Params(query.into_inner()).get("done"));
    Ok(page.show())
}

fn seats(form: &Params) -> Result<Patch<u32>, Failure> {
    let Some(text) = form.get("seats") else {
        return Ok(Patch::Clear);
    };
    let wrong = |_| InvalidInput::new("seat limit", "must be a number, or empty for no limit");
    Ok(Patch::Set(text.parse().map_err(wrong)?))
}

/// Saves it.
pub(crate) async fn save(
    console: web::Data<Console>,
    caller: SignedIn,
    form: web::Form<Pairs>,
) -> Answer {
    let form = Params(form.into_inner());
    let saved = match seats(&form) {
        Ok(seat_limit) => {
            let command = SettingsChange {
                name: Some(form.raw("name").to_owned()),
                seat_limit,
                roles_in_panel: Some(form.get("roles").is_some()),
                seen: None,
            };
            change_organization(&console.services, &caller.0, command).await
        }
        Err(failure) => Err(failure),
    };
    match saved {
        Ok(_) => Ok(see_other("/settings/organization?done=saved")),
        Err(failure) => Ok(page(&console, &caller.0, Some(&form))
            .await?
            .refused(&failure)),
    }
}
