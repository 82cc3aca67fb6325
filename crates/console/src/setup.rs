//! The first run: an organization and its owner, by a one-time link.

use actix_web::{HttpRequest, HttpResponse, web};
use rollcall_application::panel::access::{self, SignIn, SignedIn};
use rollcall_application::panel::operator::{NamedPerson, set_up};
use rollcall_application::ports::{SecretText, StoreExt as _};

use crate::Console;
use crate::error::{Answer, PageError, see_other};
use crate::form::{Field, FormPage};
use crate::gate::{cookie, info};
use crate::params::Params;
use crate::shell::Shell;

fn page(form: &Params) -> FormPage {
    let fields = vec![
        Field::text("organization", "Organization", form.raw("organization")),
        Field::text("name", "Your name", form.raw("name")),
        Field::email(form.raw("email")),
        Field::password("password", "Password", "new-password").hint("At least 8 characters."),
    ];
    FormPage::new(
        Shell::public("Set up Rollcall"),
        "Create organization",
        fields,
    )
    .intro("Create your organization and its first owner. This link works once.")
}

/// Asks for organization and owner.
pub(crate) async fn show(console: web::Data<Console>, token: web::Path<String>) -> Answer {
    if !console.opens_set_up(&token) {
        return Err(PageError::NotFound);
    }
    Ok(page(&Params(Vec::new())).show())
}

/// Founds the organization and signs its owner in.
pub(crate) async fn found(
    console: web::Data<Console>,
    request: HttpRequest,
    token: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Answer {
    let form = Params(form.into_inner());
    let store = &console.services.store;
    let empty = store.read(|tx| Ok(tx.organizations(1)?.is_empty())).await?;
    let link = console.take_set_up(&token).filter(|_| empty);
    let link = link.ok_or(PageError::NotFound)?;
    let owner = NamedPerson {
        email: form.text("email"),
        name: form.get("name").map(str::to_owned),
        password: SecretText::new(form.raw("password").to_owned()),
        organization: None,
    };
    if let Err(failure) = set_up(&console.services, &form.text("organization"), owner).await {
        console.restore_set_up(link);
        return Ok(page(&form).refused(&failure));
    }
    begin(&console, &request, &form).await
}

async fn begin(console: &Console, request: &HttpRequest, form: &Params) -> Answer {
    let command = SignIn {
        email: form.text("email"),
        password: SecretText::new(form.raw("password").to_owned()),
        organization: None,
        request: info(request, console),
    };
    let SignedIn::Session(session) =
        access::sign_in(&console.services, &console.access, command).await?
    else {
        return Ok(see_other("/sign-in"));
    };
    Ok(HttpResponse::SeeOther()
        .insert_header(cookie(console, &session))
        .insert_header(("location", "/members"))
        .finish())
}
