//! What is done to one member or to many; what cannot be taken back asks first.

use actix_web::web;
use rollcall_application::panel::access::{Confirmed, confirm};
use rollcall_application::panel::members::{
    BULK_LIMIT, MemberChanges, MemberCommand, MemberDetails, cancel_invitation, command_member,
    command_members, edit_member, get_member, resend_invitation,
};
use rollcall_application::panel::{NameChanges, Patch};
use rollcall_application::ports::SecretText;
use rollcall_application::{Caller, Failure, InvalidInput};
use rollcall_domain::{MemberId, Refusal, Role, Version};

use crate::Console;
use crate::error::{Answer, PageError, see_other, words};
use crate::form::{Field, FormPage, choices};
use crate::gate::SignedIn;
use crate::invitations::results;
use crate::params::{Params, member_id};
use crate::shell::{Shell, render};
use crate::view::count;

type Pairs = Vec<(String, String)>;

/// Command, title, what follows, button, whether it is dangerous.
type Ask = (&'static str, &'static str, &'static str, &'static str, bool);

const ASKS: [Ask; 5] = [
    (
        "suspend",
        "Suspend",
        "They cannot sign in any more and every session of theirs ends at once. Their teams stay.",
        "Suspend",
        true,
    ),
    (
        "activate",
        "Activate",
        "They can sign in again, with the teams they have.",
        "Activate",
        false,
    ),
    (
        "delete",
        "Delete",
        "They leave every team and their seat is free. This cannot be undone.",
        "Delete",
        true,
    ),
    (
        "resend",
        "Resend the invitation to",
        "A new link for 72 hours goes out and the old one stops working.",
        "Resend invitation",
        false,
    ),
    (
        "cancel",
        "Cancel the invitation of",
        "The link stops working and the seat is free.",
        "Cancel invitation",
        true,
    ),
];

async fn ask_page(
    console: &Console,
    caller: &Caller,
    id: MemberId,
    command: &str,
) -> Result<FormPage, PageError> {
    let ask = ASKS
        .iter()
        .find(|ask| ask.0 == command)
        .ok_or(PageError::NotFound)?;
    let details = get_member(&console.services, caller, id).await?;
    require_editable(&details)?;
    let title = format!("{} {}?", ask.1, details.member.label());
    let mut fields = Vec::new();
    if details.member.role == Role::Owner && ask.4 {
        fields.push(Field::confirmation());
    }
    let page = FormPage::new(Shell::of(caller, "members", &title), ask.3, fields)
        .intro(ask.2)
        .cancel(&format!("/members/{id}"));
    Ok(if ask.4 { page.danger() } else { page })
}

fn require_editable(details: &MemberDetails) -> Result<(), Failure> {
    match details.managed_by {
        Some(directory) => Err(Refusal::ProvisionedReadOnly { directory }.into()),
        None => Ok(()),
    }
}

/// The password, where one was given with the form.
pub(crate) async fn confirmed(
    console: &Console,
    caller: &Caller,
    form: &Params,
) -> Result<Option<Confirmed>, Failure> {
    let password = form.raw("current_password");
    if password.is_empty() {
        return Ok(None);
    }
    let password = SecretText::new(password.to_owned());
    confirm(&console.services, &console.access, caller, password)
        .await
        .map(Some)
}

/// Asks before it is done.
pub(crate) async fn ask(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<(String, String)>,
) -> Answer {
    Ok(ask_page(&console, &caller.0, member_id(&path.0)?, &path.1)
        .await?
        .show())
}

/// Does it.
pub(crate) async fn act(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<(String, String)>,
    form: web::Form<Pairs>,
) -> Answer {
    let (caller, form, id) = (caller.0, Params(form.into_inner()), member_id(&path.0)?);
    match run(&console, &caller, id, &path.1, &form).await {
        Ok(next) => Ok(see_other(&next)),
        Err(PageError::Failure(failure)) => Ok(ask_page(&console, &caller, id, &path.1)
            .await?
            .refused(&failure)),
        Err(error) => Err(error),
    }
}

async fn run(
    console: &Console,
    caller: &Caller,
    id: MemberId,
    command: &str,
    form: &Params,
) -> Result<String, PageError> {
    let services = &console.services;
    let command = match command {
        "resend" => {
            resend_invitation(services, caller, id).await?;
            return Ok(format!("/members/{id}?done=resent"));
        }
        "cancel" => {
            cancel_invitation(services, caller, id).await?;
            return Ok("/members?done=cancelled".to_owned());
        }
        other => command_of(other).ok_or(PageError::NotFound)?,
    };
    let confirmed = confirmed(console, caller, form).await?;
    command_member(services, caller, id, command, confirmed, None).await?;
    Ok(match command {
        MemberCommand::Delete => "/members?done=deleted".to_owned(),
        MemberCommand::Suspend => format!("/members/{id}?done=suspended"),
        _ => format!("/members/{id}?done=activated"),
    })
}

fn command_of(text: &str) -> Option<MemberCommand> {
    match text {
        "suspend" => Some(MemberCommand::Suspend),
        "activate" => Some(MemberCommand::Activate),
        "delete" => Some(MemberCommand::Delete),
        _ => None,
    }
}

async fn edit_page(
    console: &Console,
    caller: &Caller,
    id: MemberId,
    form: Option<&Params>,
) -> Result<FormPage, Failure> {
    let details = get_member(&console.services, caller, id).await?;
    require_editable(&details)?;
    let member = &details.member;
    let name = member
        .name
        .display
        .as_ref()
        .map_or(String::new(), ToString::to_string);
    let email = member
        .email
        .as_ref()
        .map_or(String::new(), ToString::to_string);
    let typed = |field: &str, known: String| form.map_or(known, |form| form.raw(field).to_owned());
    let fields = vec![
        Field::hidden("version", &typed("version", member.version.0.to_string())),
        Field::text("name", "Display name", &typed("name", name)),
        Field::text("email", "E-mail", &typed("email", email)),
    ];
    let shell = Shell::of(caller, "members", &format!("Edit {}", member.label()));
    let mut page = FormPage::new(shell, "Save", fields).cancel(&format!("/members/{id}"));
    if let Some(directory) = member.origin.directory() {
        page = page.intro(&format!("Provisioned by {directory}. With another e-mail, {directory} will not find this member when provisioning is turned on again, and creates a new one."));
    }
    Ok(page)
}

/// Asks for name and e-mail.
pub(crate) async fn show_edit(
    console: web::Data<Console>,
    caller: SignedIn,
    id: web::Path<String>,
) -> Answer {
    Ok(edit_page(&console, &caller.0, member_id(&id)?, None)
        .await?
        .show())
}

/// Saves them.
pub(crate) async fn edit(
    console: web::Data<Console>,
    caller: SignedIn,
    id: web::Path<String>,
    form: web::Form<Pairs>,
) -> Answer {
    let (form, id) = (Params(form.into_inner()), member_id(&id)?);
    let command = MemberChanges {
        name: NameChanges {
            display: form
                .get("name")
                .map_or(Patch::Clear, |name| Patch::Set(name.to_owned())),
            ..NameChanges::default()
        },
        email: form.get("email").map(str::to_owned),
        seen: form
            .get("version")
            .and_then(|v| v.parse().ok())
            .map(Version),
    };
    match edit_member(&console.services, &caller.0, id, command).await {
        Ok(_) => Ok(see_other(&format!("/members/{id}?done=saved"))),
        Err(failure) => Ok(edit_page(&console, &caller.0, id, Some(&form))
            .await?
            .refused(&failure)),
    }
}

async fn role_page(console: &Console, caller: &Caller, id: MemberId) -> Result<FormPage, Failure> {
    let details = get_member(&console.services, caller, id).await?;
    let member = &details.member;
    let roles = [("member", "Member"), ("admin", "Admin"), ("owner", "Owner")];
    let offered = if caller.role == Role::Owner {
        &roles[..]
    } else {
        &roles[..2]
    };
    let mut fields = vec![Field::choice(
        "role",
        "Role",
        choices(offered, member.role.as_str()),
    )];
    if caller.role == Role::Owner {
        let mut password = Field::confirmation().hint("Needed only to make or unmake an owner.");
        password.required = false;
        fields.push(password);
    }
    let shell = Shell::of(
        caller,
        "members",
        &format!("Change the role of {}", member.label()),
    );
    Ok(FormPage::new(shell, "Change role", fields).cancel(&format!("/members/{id}")))
}

/// Asks for the role.
pub(crate) async fn show_role(
    console: web::Data<Console>,
    caller: SignedIn,
    id: web::Path<String>,
) -> Answer {
    Ok(role_page(&console, &caller.0, member_id(&id)?)
        .await?
        .show())
}

/// Gives it.
pub(crate) async fn set_role(
    console: web::Data<Console>,
    caller: SignedIn,
    id: web::Path<String>,
    form: web::Form<Pairs>,
) -> Answer {
    let (caller, form, id) = (caller.0, Params(form.into_inner()), member_id(&id)?);
    let role = form.get("role").and_then(Role::parse);
    let role = role.ok_or_else(|| Failure::from(InvalidInput::new("role", "is needed")))?;
    let given = match confirmed(&console, &caller, &form).await {
        Ok(confirmed) => {
            let command = MemberCommand::SetRole(role);
            command_member(&console.services, &caller, id, command, confirmed, None).await
        }
        Err(failure) => Err(failure),
    };
    match given {
        Ok(_) => Ok(see_other(&format!("/members/{id}?done=saved"))),
        Err(failure) => Ok(role_page(&console, &caller, id).await?.refused(&failure)),
    }
}

/// Asks, and then does one thing to many.
pub(crate) async fn bulk(
    console: web::Data<Console>,
    caller: SignedIn,
    form: web::Form<Pairs>,
) -> Answer {
    let (caller, form) = (caller.0, Params(form.into_inner()));
    let ids = form.members("id")?;
    let action = form.text("action");
    let command = command_of(&action).ok_or(PageError::NotFound)?;
    if ids.is_empty() || ids.len() > BULK_LIMIT {
        return Err(Failure::from(InvalidInput::new(
            "members",
            "must be chosen: at least one, at most 1,000",
        ))
        .into());
    }
    if form.get("confirmed").is_none() {
        return Ok(bulk_page(&caller, &ids, &action).show());
    }
    let confirmed = match confirmed(&console, &caller, &form).await {
        Ok(confirmed) => confirmed,
        Err(failure) => return Ok(bulk_page(&caller, &ids, &action).refused(&failure)),
    };
    let outcomes = command_members(&console.services, &caller, &ids, command, confirmed).await;
    let mut rows = Vec::new();
    for (id, outcome) in ids.iter().zip(outcomes) {
        let known = get_member(&console.services, &caller, *id).await;
        let label = known.map_or_else(|_| id.to_string(), |details| details.member.label());
        rows.push(match outcome {
            Ok(_) => (label, true, "Done.".to_owned()),
            Err(failure) => (label, false, words(&failure)),
        });
    }
    Ok(render(&results(
        Shell::of(&caller, "members", "Results"),
        rows,
        None,
    )))
}

fn bulk_page(caller: &Caller, ids: &[MemberId], action: &str) -> FormPage {
    let ask = ASKS.iter().find(|ask| ask.0 == action);
    let (verb, text) = ask.map_or(("", ""), |ask| (ask.1, ask.2));
    let number = count(u64::try_from(ids.len()).unwrap_or(0), "member");
    let mut fields = vec![
        Field::hidden("action", action),
        Field::hidden("confirmed", "yes"),
    ];
    fields.extend(ids.iter().map(|id| Field::hidden("id", &id.to_string())));
    if caller.role == Role::Owner && ask.is_some_and(|ask| ask.4) {
        let mut password = Field::confirmation().hint("Needed only if an owner is among them.");
        password.required = false;
        fields.push(password);
    }
    let page = FormPage::new(
        Shell::of(caller, "members", &format!("{verb} {number}?")),
        "Continue",
        fields,
    )
    .intro(text)
    .intro("Each is done on its own: what is refused for one does not hold up the others.")
    .cancel("/members");
    if ask.is_some_and(|ask| ask.4) {
        page.danger()
    } else {
        page
    }
}
