//! What the operator does at the command line, without signing in.

use chrono::{DateTime, Utc};
use rollcall_domain::rules::sign_on::{OwnerProof, switch_password_sign_in};
use rollcall_domain::rules::{members, organizations};
use rollcall_domain::{
    Actor, DirectoryKind, Email, Member, MemberId, Organization, OrganizationId, OrganizationName,
    PasswordSignIn, PersonName, RequestId,
};

use super::access::require_acceptable;
use super::login_methods::open;
use super::surroundings::{Surroundings, organization_of};
use super::{NameChanges, Patch, input};
use crate::ports::{ReadTx, SecretText, StoreExt, WriteTx};
use crate::{Failure, InvalidInput, RequestInfo, Services, Stamp};

/// How many organizations are looked through for an e-mail.
const ORGANIZATIONS_LOOKED_THROUGH: u32 = 10_000;

/// A person as the operator names one.
#[derive(Debug, Clone)]
pub struct NamedPerson {
    /// E-mail.
    pub email: String,
    /// Display name; none when absent.
    pub name: Option<String>,
    /// The password to set.
    pub password: SecretText,
    /// The organization; needed only where several could be meant.
    pub organization: Option<OrganizationId>,
}

/// A person whose input was checked and whose password is hashed.
#[derive(Clone)]
struct Prepared {
    id: MemberId,
    email: Email,
    name: PersonName,
    hash: String,
    organization: Option<OrganizationId>,
}

/// Founds an organization with its first owner.
///
/// # Errors
/// [`Failure::Invalid`].
pub async fn set_up(
    services: &Services,
    organization: &str,
    owner: NamedPerson,
) -> Result<(OrganizationId, MemberId), Failure> {
    let name = OrganizationName::parse(organization)
        .map_err(|error| InvalidInput::new("organization", error))?;
    let owner = prepare(services, owner).await?;
    let id = OrganizationId::new(services.ids.next());
    let (request, now) = (request(services), services.clock.now());
    services
        .store
        .write(move |tx| {
            let stamp = stamp(id, &request, now);
            tx.save_organization(organizations::found(id, name.clone(), now), &stamp)?;
            create_owner(tx, id, &owner, &stamp)?;
            Ok((id, owner.id))
        })
        .await
}

/// Makes somebody an active owner with a password: a member of that e-mail, or a new one. The way
/// out when no owner can sign in (part B, Last owner).
///
/// # Errors
/// `seat_limit`; [`Failure::Invalid`] when the organization has to be named.
pub async fn grant_owner(
    services: &Services,
    person: NamedPerson,
) -> Result<(OrganizationId, MemberId), Failure> {
    let person = prepare(services, person).await?;
    let (request, now) = (request(services), services.clock.now());
    services
        .store
        .write(move |tx| match find(tx, &person)? {
            Found::Member(member) => {
                let stamp = stamp(member.organization, &request, now);
                let around = Surroundings::load(tx, member.organization, member.id, now)?;
                let change = members::grant_owner(&member, &stamp.actor, &around.facts())?;
                tx.save_member(change, &stamp)?;
                tx.put_password_hash(member.organization, member.id, &person.hash)?;
                open_password_sign_in(tx, member.organization, &stamp)?;
                Ok((member.organization, member.id))
            }
            Found::Nobody(organization) => {
                let stamp = stamp(organization.id, &request, now);
                create_owner(tx, organization.id, &person, &stamp)?;
                open_password_sign_in(tx, organization.id, &stamp)?;
                Ok((organization.id, person.id))
            }
        })
        .await
}

/// Sets a member's password and ends every session.
///
/// # Errors
/// `provisioned_read_only`, `invalid_state`; [`Failure::Absent`], [`Failure::Invalid`] when the
/// organization has to be named.
pub async fn reset_password(
    services: &Services,
    person: NamedPerson,
) -> Result<(OrganizationId, MemberId), Failure> {
    let person = prepare(services, person).await?;
    let (request, now) = (request(services), services.clock.now());
    services
        .store
        .write(move |tx| {
            let Found::Member(member) = find(tx, &person)? else {
                return Err(Failure::Absent("member"));
            };
            let stamp = stamp(member.organization, &request, now);
            let around = Surroundings::load(tx, member.organization, member.id, now)?;
            let change = members::set_password(&member, &around.facts())?;
            tx.save_member(change, &stamp)?;
            tx.put_password_hash(member.organization, member.id, &person.hash)?;
            open_password_sign_in(tx, member.organization, &stamp)?;
            Ok((member.organization, member.id))
        })
        .await
}

/// Lets passwords open the panel again: a password that opens nothing is no way back in.
fn open_password_sign_in(
    tx: &mut dyn WriteTx,
    organization: OrganizationId,
    stamp: &Stamp,
) -> Result<(), Failure> {
    let organization = organization_of(tx, organization)?;
    let methods = tx.login_methods(organization.id)?;
    let (on, proof) = (PasswordSignIn::On, OwnerProof::Missing);
    let change = switch_password_sign_in(&organization, &methods, on, proof, &stamp.actor)?;
    Ok(tx.save_login_methods(change, None, stamp)?)
}

async fn prepare(services: &Services, person: NamedPerson) -> Result<Prepared, Failure> {
    let email = input::email("email", &person.email)?;
    let display = person.name.map_or(Patch::Keep, Patch::Set);
    let name = NameChanges {
        display,
        ..NameChanges::default()
    };
    require_acceptable("password", &person.password, &[email.key()])?;
    Ok(Prepared {
        id: MemberId::new(services.ids.next()),
        email,
        name: name.over(&PersonName::default())?,
        hash: services.passwords.hash(person.password).await?,
        organization: person.organization,
    })
}

fn create_owner(
    tx: &mut dyn WriteTx,
    organization: OrganizationId,
    person: &Prepared,
    stamp: &Stamp,
) -> Result<(), Failure> {
    let (email, name) = (person.email.clone(), person.name.clone());
    let change = organizations::owner(person.id, organization, email, name, stamp.at);
    tx.save_member(change, stamp)?;
    Ok(tx.put_password_hash(organization, person.id, &person.hash)?)
}

/// Whom an e-mail names.
enum Found {
    Member(Box<Member>),
    /// Nobody, in the one organization that can be meant.
    Nobody(Box<Organization>),
}

fn find(tx: &mut dyn ReadTx, person: &Prepared) -> Result<Found, Failure> {
    let mut organizations = match person.organization {
        Some(id) => tx.organization(id)?.into_iter().collect(),
        None => tx.organizations(ORGANIZATIONS_LOOKED_THROUGH)?,
    };
    let keys = [person.email.key()];
    let mut found = Vec::new();
    for organization in &organizations {
        found.extend(tx.members_with_keys(organization.id, &keys)?);
    }
    match (found.len(), found.pop()) {
        (1, Some(member)) => return Ok(Found::Member(Box::new(member))),
        (0, _) => {}
        _ => return Err(name_the_organization().into()),
    }
    match (organizations.len(), organizations.pop()) {
        (1, Some(organization)) => Ok(Found::Nobody(Box::new(organization))),
        (0, _) => Err(Failure::Absent("organization")),
        _ => Err(name_the_organization().into()),
    }
}

fn name_the_organization() -> InvalidInput {
    let reason = "name the organization by its id: more than one could be meant";
    InvalidInput::new("organization", reason)
}

fn request(services: &Services) -> RequestInfo {
    RequestInfo {
        id: RequestId::new(services.ids.next()),
        ip: None,
        user_agent: None,
    }
}

fn stamp(organization: OrganizationId, request: &RequestInfo, at: DateTime<Utc>) -> Stamp {
    Stamp {
        organization,
        actor: Actor::operator(),
        at,
        request: request.clone(),
    }
}

/// How many organizations are asked for a sealed secret.
const SAMPLE: u32 = 50;

/// What the key of this node is worth to what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredSecrets {
    /// Nothing is sealed, or this key opens it.
    Open,
    /// They were sealed with another key.
    Shut,
    /// They are sealed, and this node was given no key at all.
    KeyMissing,
}

/// Tries the key on a secret that is stored, so that a node without a key, or with another one than
/// its neighbours', says so when it starts and not when somebody signs in.
///
/// # Errors
/// Only what the store answers.
pub async fn try_key(services: &Services) -> Result<StoredSecrets, Failure> {
    let sealed = services
        .store
        .read(|tx| {
            for organization in tx.organizations(SAMPLE)? {
                for kind in DirectoryKind::OFFERED {
                    if let Some(sealed) = tx.client_secret(organization.id, kind)? {
                        return Ok(Some((organization.id, sealed)));
                    }
                }
            }
            Ok(None)
        })
        .await?;
    let Some((organization, sealed)) = sealed else {
        return Ok(StoredSecrets::Open);
    };
    Ok(if open(services, organization, Some(sealed)).is_ok() {
        StoredSecrets::Open
    } else if services.sealer.require_lasting().is_err() {
        StoredSecrets::KeyMissing
    } else {
        StoredSecrets::Shut
    })
}
