//! *Settings > User provisioning* (R01–R03, R06, R12, R13).

use actix_web::{HttpResponse, web};
use askama::Template;
use rollcall_application::panel::activity::list_activity;
use rollcall_application::panel::provisioning::{
    Credentials, DirectoryState, allow_link, disable, enable, get_provisioning, issue_credentials,
};
use rollcall_application::ports::ActivityQuery;
use rollcall_application::{Caller, Failure};
use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::{DirectoryKind, EventKind, Role};

use crate::activity::EntryView;
use crate::compatibility;
use crate::error::{Answer, PageError, see_other, words};
use crate::form::{Field, FormPage};
use crate::gate::SignedIn;
use crate::member_actions::confirmed;
use crate::params::{Params, member_id};
use crate::shell::{Shell, render};
use crate::switching::step_page;
use crate::view::{Moment, count, grouped};
use crate::{Console, assets};

type Pairs = Vec<(String, String)>;

/// Where the state of every directory stands.
pub(crate) const HOME: &str = "/settings/provisioning";

struct Card {
    name: &'static str,
    key: &'static str,
    icon: String,
    status: &'static str,
    on: bool,
    tenant_url: Option<String>,
    enabled: Option<Moment>,
    heard: Option<Moment>,
    members: String,
    teams: String,
    lost: Option<String>,
    refused: Option<Refused>,
    wrong_tokens: Option<(String, Moment)>,
    profile: &'static str,
}

/// What a directory asked for and was refused, as far as a person must know of it.
struct Refused {
    count: String,
    at: Moment,
    what: String,
    href: String,
}

struct Waiting {
    id: String,
    label: String,
    directory: &'static str,
    until: Option<Moment>,
}

#[derive(Template)]
#[template(path = "provisioning.html")]
struct ProvisioningPage {
    shell: Shell,
    cards: Vec<Card>,
    waiting: Vec<Waiting>,
    is_owner: bool,
}

#[derive(Template)]
#[template(path = "credentials.html")]
struct CredentialsPage {
    shell: Shell,
    directory: &'static str,
    key: &'static str,
    tenant_url: String,
    secret_token: String,
}

#[derive(Template)]
#[template(path = "connect.html")]
struct ConnectPage {
    shell: Shell,
    directory: &'static str,
    key: &'static str,
    tenant_url: String,
    heard: Option<Moment>,
}

impl From<&DirectoryState> for Card {
    fn from(state: &DirectoryState) -> Self {
        let kind = state.directory;
        let links = &state.links;
        let lost = (links.lost_members, links.lost_teams);
        Self {
            name: kind.label(),
            key: kind.as_str(),
            icon: assets::address(kind.icon(), "svg"),
            status: state.status.as_str(),
            on: state.status.is_on(),
            tenant_url: state.tenant_url.clone(),
            enabled: state.enabled_at.map(Into::into),
            heard: state.last_request_at.map(Into::into),
            members: count(links.live_members, "member"),
            teams: count(links.live_teams, "team"),
            lost: (lost != (0, 0))
                .then(|| format!("{}, {}", count(lost.0, "member"), count(lost.1, "team"))),
            refused: None,
            wrong_tokens: state.refused_tokens.map(|wrong| {
                let times = count(wrong.count, "request");
                (times, wrong.last_at.into())
            }),
            profile: compatibility::label(state.profile),
        }
    }
}

/// What the directory was refused, from the warnings it left.
async fn refused(
    console: &Console,
    caller: &Caller,
    state: &DirectoryState,
) -> Result<Option<Refused>, Failure> {
    let Some(connection) = state.connection else {
        return Ok(None);
    };
    let query = ActivityQuery {
        kind: Some(EventKind::Warning),
        actor_id: Some(connection.to_string()),
        limit: 1,
        ..ActivityQuery::default()
    };
    let page = list_activity(&console.services, caller, query).await?;
    Ok(page.items.into_iter().next().map(|entry| {
        let entry = EntryView::from(entry);
        Refused {
            count: grouped(page.total),
            at: entry.at,
            what: format!("{} ({})", entry.action, entry.target),
            href: format!("/activity?kind=warning&actor={connection}"),
        }
    }))
}

/// The state of each directory.
pub(crate) async fn show(
    console: web::Data<Console>,
    caller: SignedIn,
    query: web::Query<Pairs>,
) -> Answer {
    let state = get_provisioning(&console.services, &caller.0).await?;
    let done = Params(query.into_inner());
    let mut shell =
        Shell::of(&caller.0, "provisioning", "User provisioning").told(done.get("done"));
    shell.notice(&state);
    let waiting = state.waiting_links.iter().map(|link| Waiting {
        id: link.member.to_string(),
        label: link.label.clone(),
        directory: link.directory.label(),
        until: link.allowed_until.map(Into::into),
    });
    let mut cards = Vec::new();
    for directory in &state.directories {
        cards.push(Card {
            refused: refused(&console, &caller.0, directory).await?,
            ..Card::from(directory)
        });
    }
    Ok(render(&ProvisioningPage {
        shell,
        cards,
        waiting: waiting.collect(),
        is_owner: caller.0.role == Role::Owner,
    }))
}

/// The state of one directory, for the script that waits for the test request.
pub(crate) async fn status(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<String>,
) -> Answer {
    let state = get_provisioning(&console.services, &caller.0).await?;
    let found = state
        .directories
        .iter()
        .find(|d| d.directory.as_str() == path.as_str());
    let found = found.ok_or(PageError::NotFound)?;
    let words = format!("Connected: {} has sent a request.", found.directory);
    let status = found.status.as_str();
    Ok(HttpResponse::Ok().json(serde_json::json!({ "status": status, "words": words })))
}

pub(crate) fn directory(text: &str) -> Result<DirectoryKind, PageError> {
    let kind = DirectoryKind::parse(text);
    kind.filter(|kind| DirectoryKind::OFFERED.contains(kind))
        .ok_or(PageError::NotFound)
}

/// The steps in the directory, and whether its test request has arrived.
pub(crate) async fn connect(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<String>,
) -> Answer {
    let kind = directory(&path)?;
    let state = get_provisioning(&console.services, &caller.0).await?;
    let state = state.directories.into_iter().find(|d| d.directory == kind);
    let state = state.filter(|state| state.status.is_on());
    let Some(state) = state else {
        return Ok(see_other(HOME));
    };
    Ok(render(&ConnectPage {
        shell: Shell::of(&caller.0, "provisioning", &format!("Connect {kind}")),
        directory: kind.label(),
        key: kind.as_str(),
        tenant_url: state.tenant_url.unwrap_or_default(),
        heard: state.last_request_at.map(Into::into),
    }))
}

/// Asks before anything is switched.
pub(crate) async fn ask(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<(String, String)>,
) -> Answer {
    Ok(step_page(&console, &caller.0, directory(&path.0)?, &path.1)
        .await?
        .show())
}

/// Switches, and shows new credentials this once.
pub(crate) async fn act(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<(String, String)>,
    form: web::Form<Pairs>,
) -> Answer {
    let (caller, form, kind) = (caller.0, Params(form.into_inner()), directory(&path.0)?);
    match run(&console, &caller, kind, &path.1, &form).await {
        Ok(Some(credentials)) => Ok(shown(&caller, kind, &credentials)),
        Ok(None) => Ok(see_other(&format!("{HOME}?done=off"))),
        Err(PageError::Failure(failure)) => match step_page(&console, &caller, kind, &path.1).await
        {
            Ok(page) => Ok(page.refused(&failure)),
            Err(_) => Err(failure.into()),
        },
        Err(error) => Err(error),
    }
}

async fn run(
    console: &Console,
    caller: &Caller,
    kind: DirectoryKind,
    step: &str,
    form: &Params,
) -> Result<Option<Credentials>, PageError> {
    let needed = Failure::NotAuthenticated(rollcall_application::panel::access::PASSWORD_NEEDED);
    let proof = confirmed(console, caller, form).await?.ok_or(needed)?;
    let services = &console.services;
    match step {
        "on" => Ok(Some(enable(services, caller, kind, proof).await?)),
        "credentials" => Ok(Some(
            issue_credentials(services, caller, kind, proof).await?,
        )),
        "off" => {
            disable(services, caller, kind, proof).await?;
            Ok(None)
        }
        _ => Err(PageError::NotFound),
    }
}

fn shown(caller: &Caller, kind: DirectoryKind, credentials: &Credentials) -> HttpResponse {
    render(&CredentialsPage {
        shell: Shell::of(caller, "provisioning", &format!("Connect {kind}")),
        directory: kind.label(),
        key: kind.as_str(),
        tenant_url: credentials.tenant_url.clone(),
        secret_token: credentials.secret_token.expose().to_owned(),
    })
}

fn link_page(caller: &Caller) -> FormPage {
    let shell = Shell::of(caller, "provisioning", "Allow this link?");
    FormPage::new(shell, "Allow for 24 hours", vec![Field::confirmation()])
        .intro("The directory may take over this owner or admin with its next push. Their local password is removed and they become read-only here.")
        .cancel(HOME)
        .danger()
}

/// Asks before a link is allowed.
pub(crate) async fn ask_link(caller: SignedIn) -> Answer {
    caller.0.require(Permission::AllowLink)?;
    Ok(link_page(&caller.0).show())
}

/// Allows the link of an owner or admin.
pub(crate) async fn allow(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<String>,
    form: web::Form<Pairs>,
) -> Answer {
    let (caller, form, member) = (caller.0, Params(form.into_inner()), member_id(&path)?);
    let state = get_provisioning(&console.services, &caller).await?;
    let link = state
        .waiting_links
        .iter()
        .find(|link| link.member == member);
    let kind = link.ok_or(PageError::NotFound)?.directory;
    let allowed = match confirmed(&console, &caller, &form).await {
        Ok(Some(proof)) => allow_link(&console.services, &caller, kind, member, proof).await,
        Ok(None) => Err(Failure::NotAuthenticated(
            rollcall_application::panel::access::PASSWORD_NEEDED,
        )),
        Err(failure) => Err(failure),
    };
    match allowed {
        Ok(()) => Ok(see_other(&format!("{HOME}?done=allowed"))),
        Err(failure) => {
            tracing::debug!(reason = words(&failure), "a link was not allowed");
            Ok(link_page(&caller).refused(&failure))
        }
    }
}
