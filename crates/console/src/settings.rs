//! Login methods and the organization.

use actix_web::web;
use rollcall_application::panel::Patch;
use rollcall_application::panel::login_methods::{
    OktaLoginChange, change_login_methods, get_login_methods,
};
use rollcall_application::panel::organization::{
    SettingsChange, change_organization, get_organization,
};
use rollcall_application::ports::SecretText;
use rollcall_application::{Caller, Failure, InvalidInput};
use rollcall_domain::{OktaLogin, Role};

use crate::Console;
use crate::error::{Answer, see_other};
use crate::form::{Field, FormPage};
use crate::gate::SignedIn;
use crate::params::Params;
use crate::shell::Shell;
use crate::view::count;

type Pairs = Vec<(String, String)>;

fn login_page(caller: &Caller, okta: &OktaLogin, has_secret: bool) -> FormPage {
    let mut secret = Field::password("client_secret", "Client secret", "off");
    secret.required = false;
    let hint = if has_secret {
        "One is stored. Leave this empty to keep it."
    } else {
        "None is stored yet."
    };
    let fields = vec![
        Field::switch("enabled", "Okta", "Okta is a login method", okta.enabled),
        Field::text("client_id", "Client ID", &okta.client_id),
        secret.hint(hint),
        Field::text("base_url", "Okta URL", &okta.base_url)
            .hint("Such as https://example.okta.com."),
        Field::text("issuer", "Issuer", &okta.issuer),
        Field::text("audience", "Audience", &okta.audience),
    ];
    let shell = Shell::of(caller, "login", "Login methods");
    let page = FormPage::new(shell, "Save", fields)
        .intro("A password always works for who has one. Signing in through Okta is not built yet: these settings are kept, and a member that Okta provisioned cannot sign in with them.");
    owners_only(page, caller)
}

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

/// The login methods.
pub(crate) async fn show_login(
    console: web::Data<Console>,
    caller: SignedIn,
    query: web::Query<Pairs>,
) -> Answer {
    let details = get_login_methods(&console.services, &caller.0).await?;
    let mut page = login_page(&caller.0, &details.okta, details.has_client_secret);
    page.shell = page.shell.told(Params(query.into_inner()).get("done"));
    Ok(page.show())
}

/// Saves them.
pub(crate) async fn save_login(
    console: web::Data<Console>,
    caller: SignedIn,
    form: web::Form<Pairs>,
) -> Answer {
    let form = Params(form.into_inner());
    let okta = OktaLogin {
        enabled: form.get("enabled").is_some(),
        client_id: form.text("client_id"),
        base_url: form.text("base_url"),
        issuer: form.text("issuer"),
        audience: form.text("audience"),
    };
    let client_secret = form
        .get("client_secret")
        .map(|text| SecretText::new(text.to_owned()));
    let known = get_login_methods(&console.services, &caller.0).await?;
    let command = OktaLoginChange {
        okta: okta.clone(),
        client_secret,
    };
    match change_login_methods(&console.services, &caller.0, command).await {
        Ok(_) => Ok(see_other("/settings/login-methods?done=saved")),
        Err(failure) => Ok(login_page(&caller.0, &okta, known.has_client_secret).refused(&failure)),
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
