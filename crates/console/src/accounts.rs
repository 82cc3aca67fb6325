//! One's accounts of identity providers: connecting one, and letting it go.

use actix_web::{HttpResponse, web};
use askama::Template;
use rollcall_application::Caller;
use rollcall_application::panel::access::{
    self, begin_connecting, organization_sign_in_options, release_identity,
};
use rollcall_application::panel::members::get_member;
use rollcall_application::ports::SecretText;
use rollcall_domain::{DirectoryKind, Identity, MemberId};

use crate::Console;
use crate::error::{Answer, PageError, see_other};
use crate::form::{Field, FormPage};
use crate::gate::SignedIn;
use crate::params::{Params, member_id};
use crate::shell::{Shell, render};
use crate::sign_in::sign_in_cookie;
use crate::view::Moment;

type Pairs = Vec<(String, String)>;

/// An account that is connected, or could be.
pub(crate) struct AccountView {
    pub(crate) key: &'static str,
    pub(crate) name: &'static str,
    pub(crate) connected: bool,
    pub(crate) used: Option<Moment>,
}

/// The providers that the organization offers, and those the caller has an account of.
pub(crate) async fn of(console: &Console, caller: &Caller) -> Result<Vec<AccountView>, PageError> {
    let identities = access::list_identities(&console.services, caller).await?;
    let organization = caller.organization;
    let offers = organization_sign_in_options(&console.services, organization).await?;
    let shown = DirectoryKind::OFFERED.into_iter().filter_map(|kind| {
        let identity: Option<&Identity> = identities.iter().find(|one| one.kind == kind);
        let offered = offers.iter().any(|offer| offer.kind == kind);
        (offered || identity.is_some()).then(|| AccountView {
            key: kind.as_str(),
            name: kind.label(),
            connected: identity.is_some(),
            used: identity.and_then(|one| one.last_sign_in_at).map(Into::into),
        })
    });
    Ok(shown.collect())
}

fn kind_of(name: &str) -> Result<DirectoryKind, PageError> {
    DirectoryKind::parse(name).ok_or(PageError::NotFound)
}

fn connect_page(caller: &Caller, kind: DirectoryKind) -> FormPage {
    let title = format!("Connect your {kind} account");
    let shell = Shell::of(caller, "profile", &title);
    FormPage::new(shell, "Continue", vec![Field::confirmation()])
        .intro(&format!(
            "You sign in at {kind} once; from then on that account opens yours here, whatever \
             its e-mail."
        ))
        .cancel("/profile")
}

/// Asks for the password.
pub(crate) async fn ask_connect(caller: SignedIn, path: web::Path<String>) -> Answer {
    Ok(connect_page(&caller.0, kind_of(&path)?).show())
}

/// The way on to the provider: a link, for a form may lead to our own pages alone (SEC-23).
#[derive(Template)]
#[template(path = "leave.html")]
struct LeavePage {
    shell: Shell,
    provider: &'static str,
    href: String,
}

/// Begins to connect.
pub(crate) async fn connect(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<String>,
    form: web::Form<Pairs>,
) -> Answer {
    let (kind, caller) = (kind_of(&path)?, caller.0);
    let form = Params(form.into_inner());
    let (services, policy) = (&console.services, &console.access);
    let password = SecretText::new(form.raw("current_password").to_owned());
    let begun = match access::confirm(services, policy, &caller, password).await {
        Ok(confirmed) => begin_connecting(services, policy, &caller, confirmed, kind).await,
        Err(failure) => Err(failure),
    };
    let begun = match begun {
        Ok(begun) => begun,
        Err(failure) => return Ok(connect_page(&caller, kind).refused(&failure)),
    };
    let mut response: HttpResponse = render(&LeavePage {
        shell: Shell::of(&caller, "profile", &format!("Continue at {kind}")),
        provider: kind.label(),
        href: begun.url.expose().to_owned(),
    });
    let (name, value) = sign_in_cookie(&console, Some(&begun.browser_key));
    let value = value.parse().expect("a cookie of ours is a header");
    response.headers_mut().append(name, value);
    Ok(response)
}

/// The accounts of another member, as an admin sees them.
pub(crate) async fn of_member(
    console: &Console,
    caller: &Caller,
    member: MemberId,
) -> Result<Vec<AccountView>, PageError> {
    let identities = access::member_identities(&console.services, caller, member).await?;
    let shown = identities.iter().map(|identity| AccountView {
        key: identity.kind.as_str(),
        name: identity.kind.label(),
        connected: true,
        used: identity.last_sign_in_at.map(Into::into),
    });
    Ok(shown.collect())
}

async fn release_page(
    console: &Console,
    caller: &Caller,
    member: MemberId,
    kind: DirectoryKind,
) -> Result<FormPage, PageError> {
    let member = get_member(&console.services, caller, member).await?.member;
    let title = format!("Disconnect the {kind} account of {}?", member.label());
    let shell = Shell::of(caller, "members", &title);
    Ok(FormPage::new(shell, "Disconnect", Vec::new())
        .intro(&format!(
            "Every session of theirs ends at once. The next account that signs in at {kind} as this \
             member is connected in its place: do this when the account was made anew there."
        ))
        .cancel(&format!("/members/{}", member.id))
        .danger())
}

/// Asks before the account of another member is let go.
pub(crate) async fn ask_release(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<(String, String)>,
) -> Answer {
    let (member, kind) = (member_id(&path.0)?, kind_of(&path.1)?);
    Ok(release_page(&console, &caller.0, member, kind)
        .await?
        .show())
}

/// Lets the account of another member go.
pub(crate) async fn release(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<(String, String)>,
) -> Answer {
    let (caller, member, kind) = (caller.0, member_id(&path.0)?, kind_of(&path.1)?);
    match release_identity(&console.services, &caller, member, kind).await {
        Ok(()) => Ok(see_other(&format!("/members/{member}?done=released"))),
        Err(failure) => Ok(release_page(&console, &caller, member, kind)
            .await?
            .refused(&failure)),
    }
}

/// Lets the account go.
pub(crate) async fn disconnect(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<String>,
) -> Answer {
    let (kind, caller) = (kind_of(&path)?, caller.0);
    release_identity(&console.services, &caller, caller.member, kind).await?;
    Ok(see_other("/profile?done=released"))
}
