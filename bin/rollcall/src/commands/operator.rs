//! What an operator does at the command line, without signing in: founding an organization and
//! the ways out when nobody can sign in (part B, Last owner).

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use rollcall_application::Services;
use rollcall_application::panel::operator::{self, NamedPerson};
use rollcall_application::ports::StoreExt as _;
use rollcall_domain::{Organization, OrganizationId};

use crate::cli::{GrantArguments, NameArguments, PersonArguments, SetupArguments};
use crate::config::{Config, Database};
use crate::output::say;
use crate::secret_input::{self, GivenPassword};
use crate::wiring;

/// Founds an organization with its first owner.
///
/// # Errors
/// When there is one already, or what was written is not acceptable.
pub(crate) async fn setup(arguments: SetupArguments) -> anyhow::Result<ExitCode> {
    let config = arguments.place.load()?;
    let services = wiring::services(&config, config.public_url(config.listen))?;
    let first = first_organization(&services).await?;
    if let (Some(organization), false) = (first, arguments.another) {
        bail!(
            "there is an organization already, {}: use `rollcall grant-owner` to let somebody in, \
             or add --another to found one more",
            organization.name
        );
    }
    let password = secret_input::password(&arguments.password)?;
    let owner = NamedPerson {
        email: arguments.owner_email,
        name: arguments.owner_name,
        password: password.secret(),
        organization: None,
    };
    let email = owner.email.clone();
    let (organization, _) = operator::set_up(&services, &arguments.organization, owner).await?;
    say!(
        "Founded {} (organization {organization}).",
        arguments.organization
    );
    tell_sign_in(&services, &email, &password);
    Ok(ExitCode::SUCCESS)
}

/// Makes somebody an owner who can sign in.
///
/// # Errors
/// When the person cannot be one, or is not named clearly enough.
pub(crate) async fn grant_owner(arguments: GrantArguments) -> anyhow::Result<ExitCode> {
    let GrantArguments { person, name } = arguments;
    let services = founded(&person.place.load()?).await?;
    let password = secret_input::password(&person.password)?;
    let person = named(person.about, name, &password)?;
    let email = person.email.clone();
    let (organization, member) = operator::grant_owner(&services, person).await?;
    say!("Member {member} is an owner of organization {organization} now.");
    tell_sign_in(&services, &email, &password);
    Ok(ExitCode::SUCCESS)
}

/// Sets a member's password and ends their sessions.
///
/// # Errors
/// When the directory manages the member, or nobody is meant.
pub(crate) async fn reset_password(arguments: PersonArguments) -> anyhow::Result<ExitCode> {
    let services = founded(&arguments.place.load()?).await?;
    let password = secret_input::password(&arguments.password)?;
    let person = named(arguments.about, None, &password)?;
    let email = person.email.clone();
    let (organization, member) = operator::reset_password(&services, person).await?;
    say!("Member {member} of organization {organization} has a new password.");
    tell_sign_in(&services, &email, &password);
    Ok(ExitCode::SUCCESS)
}

/// Brings the database to this program's schema.
///
/// # Errors
/// When it cannot be opened, or a newer program made it.
pub(crate) fn migrate(config: &Config) -> anyhow::Result<ExitCode> {
    wiring::make_private_folder(&config.data_dir)?;
    let database = &config.database;
    let run = match database {
        Database::File(path, options) => rollcall_storage::migrate(path, options)?,
        Database::Server(address, _) => rollcall_storage::migrate_server(address)?,
    };
    match run {
        0 => say!("The database {database} is at this program's schema already."),
        1 => say!("The database {database} is at this program's schema now: one migration ran."),
        many => {
            say!("The database {database} is at this program's schema now: {many} migrations ran.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The services over a database in which there is an organization.
async fn founded(config: &Config) -> anyhow::Result<Services> {
    let services = wiring::services(config, config.public_url(config.listen))?;
    if first_organization(&services).await?.is_none() {
        bail!(
            "there is no organization in {} yet: found one with `rollcall setup`",
            config.database
        );
    }
    Ok(services)
}

async fn first_organization(services: &Services) -> anyhow::Result<Option<Organization>> {
    let mut any = services.store.read(|tx| Ok(tx.organizations(1)?)).await?;
    Ok(any.pop())
}

fn named(
    arguments: NameArguments,
    name: Option<String>,
    password: &GivenPassword,
) -> anyhow::Result<NamedPerson> {
    let organization: Option<OrganizationId> = arguments
        .organization
        .map(|id| id.parse())
        .transpose()
        .context("--organization takes an organization's id, as setup printed it")?;
    Ok(NamedPerson {
        email: arguments.email,
        name,
        password: password.secret(),
        organization,
    })
}

fn tell_sign_in(services: &Services, email: &str, password: &GivenPassword) {
    say!("Sign in at {} as {email}.", services.public_url.as_str());
    if let GivenPassword::Generated(password) = password {
        say!("Password, shown this once: {}", password.expose());
    }
}
