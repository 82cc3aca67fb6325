//! *Settings > User provisioning* (R01–R03, R06, R12, R13).

use actix_web::{HttpResponse, web};
use askama::Template;
use rollcall_application::panel::activity::list_activity;
use rollcall_application::panel::provisioning::{
    Credentials, DirectoryState, Listed, ReconnectionPreview, allow_link, disable, enable,
    get_provisioning, issue_credentials, preview_enabling,
};
use rollcall_application::ports::ActivityQuery;
use rollcall_application::{Caller, Failure};
use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::{DirectoryKind, EventKind, Role, Target};

use crate::activity::EntryView;
use crate::error::{Answer, PageError, see_other, sentence, words};
use crate::form::{Effect, Field, FormPage};
use crate::gate::SignedIn;
use crate::member_actions::confirmed;
use crate::params::{Params, member_id};
use crate::shell::{Shell, render};
use crate::view::{Moment, count, grouped};
use crate::{Console, assets};

type Pairs = Vec<(String, String)>;

const HOME: &str = "/settings/provisioning";

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

fn directory(text: &str) -> Result<DirectoryKind, PageError> {
    let kind = DirectoryKind::parse(text);
    kind.filter(|kind| DirectoryKind::OFFERED.contains(kind))
        .ok_or(PageError::NotFound)
}

async fn step_page(
    console: &Console,
    caller: &Caller,
    kind: DirectoryKind,
    step: &str,
) -> Result<FormPage, PageError> {
    caller.require(Permission::ManageProvisioning)?;
    let title = match step {
        "on" => format!("Turn on provisioning from {kind}?"),
        "off" => format!("Turn off provisioning from {kind}?"),
        "credentials" => format!("Issue new credentials for {kind}?"),
        _ => return Err(PageError::NotFound),
    };
    let submit = match step {
        "on" => "Turn on",
        "off" => "Turn off",
        _ => "Issue new credentials",
    };
    let shell = Shell::of(caller, "provisioning", &title);
    let mut page = FormPage::new(shell, submit, vec![Field::confirmation()]).cancel(HOME);
    page.effects = effects(kind, step);
    if step == "on" {
        let preview = preview_enabling(&console.services, caller, kind).await?;
        describe(&mut page, kind, &preview);
        return Ok(page);
    }
    Ok(page.danger())
}

/// What exactly will stop, what stays, and what happens to what is edited meanwhile.
fn effects(kind: DirectoryKind, step: &str) -> Vec<Effect> {
    let effect = |icon, title, text| Effect { icon, title, text };
    match step {
        "on" => vec![
            effect(
                "login",
                "You get two values",
                format!("A Tenant URL and a Secret Token, to enter in {kind}."),
            ),
            effect(
                "lock",
                "What it provisions is read-only here",
                format!("Members and teams that {kind} provisions can be edited only in {kind}."),
            ),
            effect(
                "members",
                "Everything else stays yours",
                "You go on inviting members and creating teams by hand.".to_owned(),
            ),
        ],
        "off" => vec![
            effect(
                "stop",
                "What stops at once",
                format!("The Secret Token no longer works: {kind} can push nothing any more."),
            ),
            effect(
                "members",
                "What stays",
                "Every member and team with its badge. They can be edited and deleted here."
                    .to_owned(),
            ),
            effect(
                "provisioning",
                "When it is turned on again",
                format!(
                    "{kind} finds again what was not edited. A member with another e-mail or a team with another name is not found: {kind} then creates a new one beside it."
                ),
            ),
        ],
        _ => vec![
            effect(
                "stop",
                "What stops at once",
                format!(
                    "The present Secret Token. {kind} is refused until you enter the new one there."
                ),
            ),
            effect(
                "members",
                "What stays",
                "The Tenant URL, and every member and team with its tie to the directory."
                    .to_owned(),
            ),
            effect(
                "info",
                "What happens to edited things",
                "Nothing is looked for anew: what is no longer found stays so.".to_owned(),
            ),
        ],
    }
}

fn listed(listed: &Listed<Target>) -> Vec<String> {
    let mut lines: Vec<String> = listed
        .first
        .iter()
        .map(|target| target.label.clone())
        .collect();
    let shown = u64::try_from(lines.len()).unwrap_or(0);
    if listed.count > shown {
        lines.push(format!("and {} more", listed.count - shown));
    }
    lines
}

fn describe(page: &mut FormPage, kind: DirectoryKind, preview: &ReconnectionPreview) {
    if let Some(refused) = &preview.refused {
        page.error = Some(sentence(&format!("This will be refused: {refused}")));
    }
    let found = preview.members_found + preview.teams_found;
    if found > 0 {
        let (members, teams) = (
            count(preview.members_found, "member"),
            count(preview.teams_found, "team"),
        );
        page.intro
            .push(format!("{kind} will find {members} and {teams}."));
    }
    let lists = [
        ("Found again", &preview.members_found_again),
        ("Teams found again", &preview.teams_found_again),
        (
            "Members no longer found: a new one will be created beside each",
            &preview.members_lost,
        ),
        (
            "Teams no longer found: a new one will be created beside each",
            &preview.teams_lost,
        ),
        (
            "Members who will be deactivated",
            &preview.members_deactivated,
        ),
    ];
    for (heading, list) in lists.into_iter().filter(|(_, list)| list.count > 0) {
        page.lists.push((heading.to_owned(), listed(list)));
    }
    let leaving = &preview.memberships_removed;
    if leaving.count > 0 {
        let line =
            |(team, member): &(Target, Target)| format!("{} leaves {}", member.label, team.label);
        let lines = leaving.first.iter().map(line).collect();
        page.lists
            .push((format!("{} end", count(leaving.count, "membership")), lines));
    }
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
