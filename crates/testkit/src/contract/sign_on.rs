//! Login methods, accounts of identity providers, and sign-ins under way.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use rollcall_application::ports::{Digest, NewSession, PendingLogin, SealedSecret, Store};
use rollcall_domain::rules::sign_on;
use rollcall_domain::{
    Action, ActivityEvent, Change, DirectoryKind, Effect, Identity, LoginMethods, LoginProvider,
    Member, MemberId, PasswordSignIn, ProviderTest, ProviderWay, Role, SessionId, SignInFault,
    Target,
};

use crate::Tenant;

const OKTA: DirectoryKind = DirectoryKind::Okta;
const ISSUER: &str = "https://acme.okta.example";

fn provider(kind: DirectoryKind, enabled: bool, domains: &[&str]) -> LoginProvider {
    LoginProvider {
        enabled,
        client_id: "client".to_owned(),
        base_url: ISSUER.to_owned(),
        issuer: ISSUER.to_owned(),
        audience: "audience".to_owned(),
        domains: domains.iter().map(|&domain| domain.to_owned()).collect(),
        ..LoginProvider::blank(kind)
    }
}

fn digest(number: u8) -> Digest {
    Digest([number; 32])
}

async fn save(tenant: &Tenant, methods: LoginMethods, secret: Option<SealedSecret>) {
    let target = Target::organization(tenant.id(), "Acme");
    let event = ActivityEvent::change(Action::LoginMethodUpdated, target);
    let (change, stamp) = (Change::update(methods, vec![event]), tenant.stamp());
    tenant
        .write(move |tx| Ok(tx.save_login_methods(change.clone(), secret.clone(), &stamp)?))
        .await
        .expect("it can be saved");
}

async fn enable(tenant: &Tenant) {
    let methods = LoginMethods {
        providers: vec![provider(OKTA, true, &[])],
        ..LoginMethods::default()
    };
    save(tenant, methods, None).await;
}

async fn note_test(tenant: &Tenant, test: ProviderTest) {
    let (event, stamp) = (
        sign_on::tested(&tenant.organization, OKTA, &test),
        tenant.stamp(),
    );
    tenant
        .write(move |tx| Ok(tx.note_test(OKTA, &test, event.clone(), &stamp)?))
        .await
        .expect("it can be noted");
}

fn identity(member: &Member, subject: &str, at: DateTime<Utc>) -> Identity {
    Identity {
        organization: member.organization,
        member: member.id,
        kind: OKTA,
        issuer: ISSUER.to_owned(),
        subject: subject.to_owned(),
        bound_at: at,
        last_sign_in_at: Some(at),
    }
}

async fn bind(
    tenant: &Tenant,
    member: &Member,
    subject: &str,
) -> Result<Identity, rollcall_application::Failure> {
    let identity = identity(member, subject, tenant.now());
    let (event, stamp, wanted) = (
        sign_on::bound(member, OKTA),
        tenant.stamp(),
        identity.clone(),
    );
    tenant
        .write(move |tx| Ok(tx.bind_identity(&wanted, event.clone(), &stamp)?))
        .await?;
    Ok(identity)
}

/// Login methods are saved with their entry; a given secret replaces the stored one of its
/// provider, none keeps it.
pub async fn login_methods_keep_their_secret(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let id = acme.id();
    let methods = LoginMethods {
        password: PasswordSignIn::Off,
        providers: vec![
            provider(OKTA, true, &["a.example", "b.example"]),
            provider(DirectoryKind::Entra, false, &["c.example"]),
        ],
    };
    let secret = |kind, byte| {
        Some(SealedSecret {
            kind,
            sealed: vec![byte],
        })
    };
    let secrets = async || {
        acme.read(move |tx| {
            let okta = tx.client_secret(id, OKTA)?;
            Ok((okta, tx.client_secret(id, DirectoryKind::Entra)?))
        })
        .await
    };
    save(&acme, methods.clone(), None).await;
    assert_eq!(secrets().await, (None, None));
    save(&acme, methods.clone(), secret(OKTA, 1)).await;
    save(&acme, methods.clone(), secret(DirectoryKind::Entra, 2)).await;
    save(&acme, methods.clone(), None).await;
    let kept = (secret(OKTA, 1), secret(DirectoryKind::Entra, 2));
    assert_eq!(secrets().await, kept);
    let read = async || acme.read(move |tx| Ok(tx.login_methods(id)?)).await;
    assert_eq!(read().await, methods);
    let failed = ProviderTest::Failed(acme.now(), SignInFault::NoKeys);
    note_test(&acme, failed).await;
    assert_eq!(read().await.providers[0].test, failed);
    assert_eq!(read().await.providers[1].test, ProviderTest::Untested);
    let passed = ProviderTest::Passed(acme.now());
    note_test(&acme, passed).await;
    assert_eq!(read().await.providers[0].test, passed);
    assert_eq!(
        acme.actions().await.last(),
        Some(&Action::LoginMethodTested)
    );
    save(
        &acme,
        LoginMethods {
            password: PasswordSignIn::On,
            ..methods
        },
        None,
    )
    .await;
    assert_eq!(read().await.password, PasswordSignIn::On);
}

/// SEC-14: what an address is offered depends on its domain alone.
pub async fn a_domain_is_offered_the_enabled_providers_that_name_it(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let other = Tenant::found(&store, "Other", 2).await;
    let methods = |providers| LoginMethods {
        providers,
        ..LoginMethods::default()
    };
    let acmes = vec![
        provider(OKTA, true, &["shared.example", "acme.example"]),
        provider(DirectoryKind::Entra, false, &["acme.example"]),
    ];
    save(&acme, methods(acmes), None).await;
    let others = vec![provider(DirectoryKind::Entra, true, &["shared.example"])];
    save(&other, methods(others), None).await;
    let offered = async |domain: &'static str| {
        let offers = acme
            .read(move |tx| Ok(tx.providers_of_domain(domain)?))
            .await;
        let told =
            |one: rollcall_application::ports::OfferedProvider| (one.organization_name, one.kind);
        offers.into_iter().map(told).collect::<Vec<_>>()
    };
    let acme_okta = ("Acme".to_owned(), OKTA);
    let other_entra = ("Other".to_owned(), DirectoryKind::Entra);
    let acmes = offered("acme.example").await;
    assert_eq!(acmes, std::slice::from_ref(&acme_okta));
    assert_eq!(offered("shared.example").await, [acme_okta, other_entra]);
    assert!(offered("nobody.example").await.is_empty());
}

/// Part B, Last owner: active owners count who can sign in by a password, where passwords open the
/// panel, or by an account at a provider that works; the one at hand does not count.
pub async fn effective_owners_are_counted(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let (id, owner) = (acme.id(), acme.owner.id);
    let others = async |excluded: MemberId| {
        acme.read(move |tx| Ok(tx.other_effective_owners(id, excluded)?))
            .await
    };
    assert_eq!(others(owner).await, 0);
    let ann = acme.manual_member("ann@acme.example").await;
    let promoted = Member {
        role: Role::Owner,
        ..ann
    };
    let ann = acme.save_member(acme.changed(promoted)).await.unwrap();
    assert_eq!((others(owner).await, others(ann.id).await), (1, 1));
    let without = Member {
        has_password: false,
        ..ann
    };
    let ann = acme.save_member(acme.changed(without)).await.unwrap();
    assert_eq!(others(owner).await, 0);
    bind(&acme, &ann, "00u-ann").await.unwrap();
    assert_eq!(others(owner).await, 0, "the provider is no login method");
    enable(&acme).await;
    assert_eq!(others(owner).await, 1);
    let way = async || {
        acme.read(move |tx| Ok(tx.ways_in(id, ann.id)?.provider))
            .await
    };
    assert_eq!(way().await, ProviderWay::Open);
    note_test(&acme, ProviderTest::Failed(acme.now(), SignInFault::NoKeys)).await;
    assert_eq!((others(owner).await, way().await), (0, ProviderWay::Closed));
    let moved = LoginProvider {
        issuer: "https://other.okta.example".to_owned(),
        ..provider(OKTA, true, &[])
    };
    let methods = LoginMethods {
        password: PasswordSignIn::Off,
        providers: vec![moved],
    };
    save(&acme, methods.clone(), None).await;
    assert_eq!(others(owner).await, 0, "her account is at another issuer");
    assert_eq!(others(ann.id).await, 0, "passwords open nothing");
    let providers = vec![provider(OKTA, true, &[])];
    save(
        &acme,
        LoginMethods {
            providers,
            ..methods
        },
        None,
    )
    .await;
    assert_eq!((others(owner).await, others(ann.id).await), (1, 0));
}

/// An account is bound to one member, a member to one account of an issuer; both go with the member.
pub async fn an_account_is_bound_once_and_goes_with_its_member(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let other = Tenant::found(&store, "Other", 2).await;
    enable(&acme).await;
    let (id, now) = (acme.id(), acme.now());
    let ann = acme.manual_member("ann@acme.example").await;
    let bob = acme.manual_member("bob@acme.example").await;
    let bound = bind(&acme, &ann, "00u1").await.unwrap();
    assert!(bind(&acme, &bob, "00u1").await.is_err(), "somebody else's");
    assert!(bind(&acme, &ann, "00u2").await.is_err(), "a second one");
    bind(&other, &other.owner, "00u1").await.unwrap();
    let of = async |tenant: &Tenant, subject: &'static str| {
        let id = tenant.id();
        tenant
            .read(move |tx| Ok(tx.identity(id, ISSUER, subject)?))
            .await
    };
    assert_eq!(of(&acme, "00u1").await, Some(bound.clone()));
    assert_eq!(of(&acme, "00U1").await, None, "subjects are exact");
    assert_eq!(
        of(&other, "00u1").await.map(|one| one.member),
        Some(other.owner.id)
    );
    let came = async |since: DateTime<Utc>| {
        acme.read(move |tx| Ok(tx.owner_came_through_provider(id, since)?))
            .await
    };
    assert!(!came(now).await, "she is no owner");
    let own = bind(&acme, &acme.owner, "00u3").await.unwrap();
    assert!(came(own.bound_at).await);
    assert!(!came(own.bound_at + Duration::seconds(1)).await);
    let later = now + Duration::hours(1);
    let seen = bound.clone();
    acme.write(move |tx| Ok(tx.note_sign_in(&seen, later)?))
        .await
        .unwrap();
    let known = of(&acme, "00u1").await.expect("it is bound");
    assert_eq!(known.last_sign_in_at, Some(later));
    let (member, stamp) = (ann.clone(), acme.stamp());
    let release = move |tx: &mut dyn rollcall_application::ports::WriteTx| {
        let event = sign_on::released(&member, OKTA);
        Ok(tx.release_identities(member.id, OKTA, event, &stamp)?)
    };
    assert!(acme.write(release.clone()).await.unwrap());
    assert!(
        !acme.write(release).await.unwrap(),
        "there is none any more"
    );
    bind(&acme, &ann, "00u1").await.unwrap();
    let target = Target::member(ann.id, "Ann");
    let event = ActivityEvent::change(Action::MemberDeleted, target);
    acme.save_member(Change::remove(ann, event)).await.unwrap();
    assert_eq!(of(&acme, "00u1").await, None);
}

/// A state works once, in the organization it began in, and is forgotten when it is too late.
pub async fn a_sign_in_is_taken_out_once_and_in_its_own_organization(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let other = Tenant::found(&store, "Other", 2).await;
    let (id, now) = (acme.id(), acme.now());
    let pending = |state: u8| PendingLogin {
        organization: id,
        state: digest(state),
        browser: digest(99),
        kind: OKTA,
        issuer: ISSUER.to_owned(),
        member: None,
        next: "/members".to_owned(),
        expires_at: now + Duration::minutes(10),
    };
    for state in [1, 2] {
        let login = pending(state);
        acme.write(move |tx| Ok(tx.put_pending_login(&login)?))
            .await
            .unwrap();
    }
    let take = async |tenant: &Tenant, state: u8| {
        let id = tenant.id();
        tenant
            .write(move |tx| Ok(tx.take_pending_login(id, &digest(state))?))
            .await
            .unwrap()
    };
    assert_eq!(take(&other, 1).await, None);
    assert_eq!(take(&acme, 1).await, Some(pending(1)));
    assert_eq!(take(&acme, 1).await, None, "once");
    let late = now + Duration::minutes(10);
    let purged = acme
        .write(move |tx| Ok(tx.purge(late, None, 100)?))
        .await
        .unwrap();
    assert_eq!(purged, 1);
    assert_eq!(take(&acme, 2).await, None);
}

/// A session of this member, begun through this provider or by a password; when it began.
async fn begin(
    tenant: &Tenant,
    (session, member): (SessionId, MemberId),
    through: Option<DirectoryKind>,
) -> DateTime<Utc> {
    let (organization, now) = (tenant.id(), tenant.now());
    let number = u8::try_from(session.uuid().as_u128()).expect("a small number");
    let row = NewSession {
        id: session,
        organization,
        member,
        token: digest(number),
        created_at: now,
        expires_at: now + Duration::days(1),
        ip: None,
        user_agent: None,
    };
    tenant
        .write(move |tx| {
            tx.create_session(&row)?;
            if let Some(kind) = through {
                tx.put_provider_session(organization, session, kind)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    now
}

/// SEC-12: whoever came through a provider that is shut is out at once; nobody else is.
pub async fn the_sessions_of_a_provider_end_together_but_for_one(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let other = Tenant::found(&store, "Other", 2).await;
    let (id, other_id) = (acme.id(), other.id());
    let ann = acme.manual_member("ann@acme.example").await.id;
    let eve = other.manual_member("eve@other.example").await.id;
    let session = SessionId::from_u128;
    begin(&acme, (session(1), ann), Some(OKTA)).await;
    begin(&acme, (session(2), ann), Some(OKTA)).await;
    begin(&acme, (session(3), ann), Some(DirectoryKind::Entra)).await;
    begin(&acme, (session(4), ann), None).await;
    begin(&other, (session(5), eve), Some(OKTA)).await;
    let ended = acme
        .write(move |tx| Ok(tx.end_provider_sessions(id, OKTA, session(2))?))
        .await;
    assert_eq!(ended.unwrap(), 1, "all but the kept one");
    let left = acme
        .read(move |tx| {
            let mut left = Vec::new();
            for (organization, number) in [(id, 1), (id, 2), (id, 3), (other_id, 5)] {
                let found = tx.provider_session(organization, session(number))?;
                left.push(found.is_some());
            }
            Ok(left)
        })
        .await;
    assert_eq!(left, [false, true, true, true]);
}

/// SEC-12: a session that began through a provider ends like every other.
pub async fn a_provider_session_ends_with_the_session(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let id = acme.id();
    let ann = acme.manual_member("ann@acme.example").await;
    let session = SessionId::from_u128(77);
    let now = begin(&acme, (session, ann.id), Some(OKTA)).await;
    let known = async || {
        let found = acme
            .read(move |tx| Ok(tx.provider_session(id, session)?))
            .await;
        found.map(|one| (one.kind, one.began_at))
    };
    assert_eq!(known().await, Some((OKTA, now)));
    let ended = acme.changed(ann).with(&[Effect::EndSessions]);
    acme.save_member(ended).await.unwrap();
    assert_eq!(known().await, None);
}

/// R06: who has no password signs in through the provider or not at all.
pub async fn who_has_no_password_is_counted(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let other = Tenant::found(&store, "Other", 2).await;
    other.pushed_member("eve@other.example").await;
    acme.manual_member("ann@acme.example").await;
    acme.pushed_member("joe@acme.example").await;
    acme.pushed_member("jane@acme.example").await;
    let id = acme.id();
    let counted = acme
        .read(move |tx| {
            let okta = tx.count_without_password(id, OKTA)?;
            Ok((okta, tx.count_without_password(id, DirectoryKind::Entra)?))
        })
        .await;
    assert_eq!(counted, (2, 0));
}
