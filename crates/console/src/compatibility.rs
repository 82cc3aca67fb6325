//! *Settings > User provisioning > Compatibility*: how a directory's SCIM is read.

use actix_web::web;
use rollcall_application::panel::provisioning::{DirectoryState, choose_profile, get_provisioning};
use rollcall_application::{Caller, Failure, InvalidInput};
use rollcall_domain::{DirectoryKind, Profile};

use crate::Console;
use crate::error::{Answer, PageError, see_other};
use crate::form::{Field, FormPage, choices};
use crate::gate::SignedIn;
use crate::params::Params;
use crate::provisioning::{HOME, directory};
use crate::shell::Shell;

type Pairs = Vec<(String, String)>;

/// A profile in words.
pub(crate) const fn label(profile: Profile) -> &'static str {
    match profile {
        Profile::Okta => "Okta",
        Profile::Entra => "Microsoft Entra ID",
        Profile::EntraAdditive => "Microsoft Entra ID, where replacing a group's members adds them",
        Profile::Generic => "Any SCIM 2.0 client, with tolerance",
        Profile::Strict => "Strict: the standard to the letter",
    }
}

fn page(caller: &Caller, state: &DirectoryState) -> FormPage {
    let kind = state.directory;
    let shell = Shell::of(
        caller,
        "provisioning",
        &format!("Compatibility with {kind}"),
    );
    let options = Profile::ALL.map(|profile| (profile.as_str(), label(profile)));
    let field = Field::choice(
        "profile",
        "Requests are read as from",
        choices(&options, state.profile.as_str()),
    );
    let usual = label(Profile::usual(kind));
    let hint = format!("{kind} usually needs “{usual}”.");
    FormPage::new(shell, "Save", vec![field.hint(&hint)])
        .intro(
            "Directories write the same change in different ways. This says how much of that is \
             understood. It holds from the next request on and changes nothing that was provisioned.",
        )
        .intro(
            "Strict refuses unknown attributes and everything else the standard does not allow; \
             choose it to try a client, not for daily work.",
        )
        .cancel(HOME)
}

async fn state(
    console: &Console,
    caller: &Caller,
    kind: DirectoryKind,
) -> Result<DirectoryState, PageError> {
    let found = get_provisioning(&console.services, caller).await?;
    let mut directories = found.directories.into_iter();
    let state = directories.find(|one| one.directory == kind);
    // Before it is turned on for the first time there is nothing to choose for.
    state
        .filter(|one| one.connection.is_some())
        .ok_or(PageError::NotFound)
}

/// Shows the choice.
pub(crate) async fn show(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<String>,
) -> Answer {
    let state = state(&console, &caller.0, directory(&path)?).await?;
    Ok(page(&caller.0, &state).show())
}

/// Takes it.
pub(crate) async fn save(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<String>,
    form: web::Form<Pairs>,
) -> Answer {
    let (kind, form) = (directory(&path)?, Params(form.into_inner()));
    let chosen = Profile::parse(form.raw("profile"));
    let chosen = chosen.ok_or_else(|| Failure::from(InvalidInput::new("profile", "is unknown")));
    let saved = match chosen {
        Ok(profile) => choose_profile(&console.services, &caller.0, kind, profile).await,
        Err(failure) => Err(failure),
    };
    match saved {
        Ok(()) => Ok(see_other(&format!("{HOME}?done=saved"))),
        Err(failure) => {
            let state = state(&console, &caller.0, kind).await?;
            Ok(page(&caller.0, &state).refused(&failure))
        }
    }
}
