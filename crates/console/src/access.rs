//! Getting in: invitations, forgotten passwords.

use actix_web::{HttpRequest, web};
use rollcall_application::Failure;
use rollcall_application::panel::access;
use rollcall_application::panel::members::{
    AcceptInvitation, InvitationPreview, accept_invitation, preview_invitation,
};
use rollcall_application::panel::{NameChanges, Patch};
use rollcall_application::ports::SecretText;

use crate::Console;
use crate::error::{Answer, see_other};
use crate::form::{Field, FormPage};
use crate::gate::info;
use crate::params::Params;
use crate::shell::Shell;
use crate::sign_in::begun;

type Pairs = Vec<(String, String)>;

fn secret(form: &Params, name: &str) -> SecretText {
    SecretText::new(form.raw(name).to_owned())
}

fn invitation_page(preview: &InvitationPreview, form: &Params) -> FormPage {
    let title = format!("Join {}", preview.organization);
    let member = &preview.member;
    let known = member
        .name
        .display
        .as_ref()
        .map_or("", |name| name.as_str());
    let typed = form.get("name").unwrap_or(known);
    let fields = vec![
        Field::text("name", "Your name", typed),
        Field::password("password", "Choose a password", "new-password")
            .hint("At least 8 characters."),
    ];
    let email = member
        .email
        .as_ref()
        .map_or(String::new(), ToString::to_string);
    FormPage::new(Shell::public(&title), "Accept invitation", fields)
        .intro(&format!("You are invited as {email}."))
}

/// Shows what a link invites to.
pub(crate) async fn show_invitation(
    console: web::Data<Console>,
    token: web::Path<String>,
) -> Answer {
    let token = SecretText::new(token.into_inner());
    let preview = preview_invitation(&console.services, &token).await?;
    Ok(invitation_page(&preview, &Params(Vec::new())).show())
}

/// Accepts.
pub(crate) async fn accept(
    console: web::Data<Console>,
    request: HttpRequest,
    token: web::Path<String>,
    form: web::Form<Pairs>,
) -> Answer {
    let (form, token) = (
        Params(form.into_inner()),
        SecretText::new(token.into_inner()),
    );
    let preview = preview_invitation(&console.services, &token).await?;
    let command = AcceptInvitation {
        token,
        name: NameChanges {
            display: form
                .get("name")
                .map_or(Patch::Keep, |name| Patch::Set(name.to_owned())),
            ..NameChanges::default()
        },
        password: secret(&form, "password"),
        request: info(&request, &console),
    };
    match accept_invitation(&console.services, &console.access, command).await {
        Ok(session) => Ok(begun(&console, &session, "/")),
        Err(failure) => Ok(invitation_page(&preview, &form).refused(&failure)),
    }
}

fn request_page(email: &str) -> FormPage {
    let shell = Shell::public("Forgot your password?");
    FormPage::new(shell, "Send link", vec![Field::email(email)])
        .intro("We send a link to your e-mail. Members whose directory manages them get none.")
        .cancel("/sign-in")
}

/// Asks for the e-mail.
pub(crate) async fn show_request() -> Answer {
    Ok(request_page("").show())
}

/// Sends the link.
pub(crate) async fn request(
    console: web::Data<Console>,
    request: HttpRequest,
    form: web::Form<Pairs>,
) -> Answer {
    let form = Params(form.into_inner());
    let email = form.text("email");
    let (services, info) = (&console.services, info(&request, &console));
    match access::request_reset(services, &console.access, &email, info).await {
        Ok(()) => Ok(see_other("/sign-in?done=reset")),
        Err(failure) => Ok(request_page(&email).refused(&failure)),
    }
}

fn reset_page() -> FormPage {
    let password = Field::password("password", "New password", "new-password");
    let fields = vec![password.hint("At least 8 characters. Every session ends.")];
    FormPage::new(
        Shell::public("Choose a new password"),
        "Set password",
        fields,
    )
}

/// Asks for the new password.
pub(crate) async fn show_reset() -> Answer {
    Ok(reset_page().show())
}

/// Sets it.
pub(crate) async fn reset(
    console: web::Data<Console>,
    request: HttpRequest,
    token: web::Path<String>,
    form: web::Form<Pairs>,
) -> Answer {
    let form = Params(form.into_inner());
    let (token, info) = (
        SecretText::new(token.into_inner()),
        info(&request, &console),
    );
    let password = secret(&form, "password");
    let done: Result<(), Failure> =
        access::complete_reset(&console.services, &token, password, info).await;
    match done {
        Ok(()) => Ok(see_other("/sign-in?done=new-password")),
        Err(failure) => Ok(reset_page().refused(&failure)),
    }
}
