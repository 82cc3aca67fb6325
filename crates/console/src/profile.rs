//! One's own profile: name, password, sessions.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use rollcall_application::Caller;
use rollcall_application::panel::access::{self, change_password as change};
use rollcall_application::panel::profile::{edit_profile, get_profile};
use rollcall_application::panel::{NameChanges, Patch};
use rollcall_application::ports::SecretText;

use crate::Console;
use crate::accounts::{self, AccountView};
use crate::error::{Answer, see_other, words};
use crate::form::{Field, FormPage};
use crate::gate::{SignedIn, cookie};
use crate::params::Params;
use crate::shell::{Shell, render_as};
use crate::view::{MemberView, Moment, TeamTag};

type Pairs = Vec<(String, String)>;

/// A session in words.
pub(crate) struct SessionView {
    pub(crate) browser: String,
    pub(crate) ip: String,
    pub(crate) seen: Moment,
    pub(crate) current: bool,
}

/// A browser and its system in words, as far as they can be told.
fn browser(agent: &str) -> String {
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Mac OS X", "macOS"),
        ("Windows", "Windows"),
        ("Linux", "Linux"),
    ];
    let named = |names: &[(&str, &'static str)]| {
        let known = names.iter().find(|(mark, _)| agent.contains(mark));
        known.map(|(_, name)| *name)
    };
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ if agent.is_empty() => "Unknown browser".to_owned(),
        _ => agent.to_owned(),
    }
}

#[derive(Template)]
#[template(path = "profile.html")]
struct ProfilePage {
    shell: Shell,
    member: MemberView,
    organization: String,
    name: String,
    teams: Vec<TeamTag>,
    sessions: Vec<SessionView>,
    accounts: Vec<AccountView>,
    error: Option<String>,
}

async fn page(
    console: &Console,
    caller: &Caller,
    typed: Option<String>,
) -> Result<ProfilePage, crate::error::PageError> {
    let profile = get_profile(&console.services, caller).await?;
    let sessions = access::list_sessions(&console.services, caller).await?;
    let details = &profile.details;
    let known = details
        .member
        .name
        .display
        .as_ref()
        .map_or("", |name| name.as_str());
    Ok(ProfilePage {
        shell: Shell::of(caller, "profile", "Your profile"),
        member: MemberView::of(
            &details.member,
            details.managed_by,
            console.services.clock.now(),
        ),
        organization: profile.organization.name.as_str().to_owned(),
        name: typed.unwrap_or_else(|| known.to_owned()),
        teams: details.teams.iter().map(Into::into).collect(),
        sessions: sessions
            .into_iter()
            .map(|session| SessionView {
                browser: browser(session.user_agent.as_deref().unwrap_or_default()),
                ip: session.ip.unwrap_or_default(),
                seen: session.last_seen_at.into(),
                current: session.id == caller.session,
            })
            .collect(),
        accounts: accounts::of(console, caller).await?,
        error: None,
    })
}

/// The profile.
pub(crate) async fn show(
    console: web::Data<Console>,
    caller: SignedIn,
    query: web::Query<Pairs>,
) -> Answer {
    let mut page = page(&console, &caller.0, None).await?;
    page.shell = page.shell.told(Params(query.into_inner()).get("done"));
    Ok(crate::shell::render(&page))
}

/// Saves the name.
pub(crate) async fn save(
    console: web::Data<Console>,
    caller: SignedIn,
    form: web::Form<Pairs>,
) -> Answer {
    let form = Params(form.into_inner());
    let name = NameChanges {
        display: form
            .get("name")
            .map_or(Patch::Clear, |name| Patch::Set(name.to_owned())),
        ..NameChanges::default()
    };
    match edit_profile(&console.services, &caller.0, name, None).await {
        Ok(_) => Ok(see_other("/profile?done=saved")),
        Err(failure) => {
            let mut page = page(&console, &caller.0, Some(form.text("name"))).await?;
            page.error = Some(words(&failure));
            Ok(render_as(crate::error::status(&failure), &page))
        }
    }
}

fn password_page(caller: &Caller) -> FormPage {
    let fields = vec![
        Field::password("current_password", "Current password", "current-password"),
        Field::password("new_password", "New password", "new-password")
            .hint("At least 8 characters. Your other sessions end."),
    ];
    FormPage::new(
        Shell::of(caller, "profile", "Change password"),
        "Change password",
        fields,
    )
    .cancel("/profile")
}

/// Asks for both passwords.
pub(crate) async fn show_password(caller: SignedIn) -> Answer {
    Ok(password_page(&caller.0).show())
}

/// Changes the password.
pub(crate) async fn change_password(
    console: web::Data<Console>,
    caller: SignedIn,
    _request: HttpRequest,
    form: web::Form<Pairs>,
) -> Answer {
    let (form, caller) = (Params(form.into_inner()), caller.0);
    let (services, policy) = (&console.services, &console.access);
    let given = |name: &str| SecretText::new(form.raw(name).to_owned());
    let confirmed = access::confirm(services, policy, &caller, given("current_password")).await;
    let changed = match confirmed {
        Ok(confirmed) => change(services, policy, &caller, confirmed, given("new_password")).await,
        Err(failure) => Err(failure),
    };
    match changed {
        Ok(session) => Ok(HttpResponse::SeeOther()
            .insert_header(cookie(&console, &session))
            .insert_header(("location", "/profile?done=password"))
            .finish()),
        Err(failure) => Ok(password_page(&caller).refused(&failure)),
    }
}

/// Ends every other session.
pub(crate) async fn end_others(console: web::Data<Console>, caller: SignedIn) -> Answer {
    access::end_other_sessions(&console.services, &caller.0).await?;
    Ok(see_other("/profile?done=others"))
}
