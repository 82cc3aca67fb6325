//! Login methods, accounts of identity providers, and sign-ins under way.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use rollcall_application::Stamp;
use rollcall_application::ports::{
    Digest, OfferedProvider, PendingLogin, ProviderSession, SealedSecret, SignOnReads,
    SignOnWrites, StoreError,
};
use rollcall_domain::{
    ActivityEvent, Change, DirectoryKind, Identity, LoginMethods, LoginProvider, MemberId,
    OrganizationId, PasswordSignIn, ProviderTest, ProviderWay, SessionId, SignInFault, WaysIn,
};

use super::Tx;
use super::counting::CountOf;
use super::dialect::{ActiveOwner, WithoutPassword};
use super::errors::store_error;
use super::organizations::require_own_stamp;
use crate::schema::{
    identities, login_domains, login_policies, login_providers, members, organizations,
    pending_logins, provider_sessions, sessions,
};
use crate::settling::Matter;
use crate::values::{Key, counted, damaged, instant, key, maybe_instant, micros};

/// How far members without a password are counted.
const COUNT_LIMIT: i64 = 10_000;
/// How many providers one domain is offered at most, over all organizations.
const OFFERS: i64 = 20;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = login_providers, treat_none_as_null = true)]
struct ProviderRow {
    org_id: Key,
    kind: String,
    enabled: bool,
    client_id: String,
    base_url: String,
    issuer: String,
    audience: String,
    tested_at: Option<i64>,
    test_fault: Option<String>,
}

impl ProviderRow {
    fn new(organization: OrganizationId, provider: &LoginProvider) -> Self {
        let (tested_at, test_fault) = test_columns(&provider.test);
        Self {
            org_id: key(organization),
            kind: provider.kind.as_str().to_owned(),
            enabled: provider.enabled,
            client_id: provider.client_id.clone(),
            base_url: provider.base_url.clone(),
            issuer: provider.issuer.clone(),
            audience: provider.audience.clone(),
            tested_at,
            test_fault,
        }
    }

    fn provider(self, domains: &[(String, String)]) -> Result<LoginProvider, StoreError> {
        let own = domains.iter().filter(|(kind, _)| *kind == self.kind);
        Ok(LoginProvider {
            kind: kind_of(&self.kind)?,
            enabled: self.enabled,
            client_id: self.client_id,
            base_url: self.base_url,
            issuer: self.issuer,
            audience: self.audience,
            domains: own.map(|(_, domain)| domain.clone()).collect(),
            test: match (maybe_instant(self.tested_at)?, self.test_fault) {
                (None, _) => ProviderTest::Untested,
                (Some(at), None) => ProviderTest::Passed(at),
                (Some(at), Some(fault)) => {
                    // A fault that a newer version has named is a fault all the same.
                    let fault = SignInFault::parse(&fault).unwrap_or(SignInFault::Malformed);
                    ProviderTest::Failed(at, fault)
                }
            },
        })
    }
}

fn test_columns(test: &ProviderTest) -> (Option<i64>, Option<String>) {
    match test {
        ProviderTest::Untested => (None, None),
        ProviderTest::Passed(at) => (Some(micros(*at)), None),
        ProviderTest::Failed(at, fault) => (Some(micros(*at)), Some(fault.code().to_owned())),
    }
}

fn kind_of(stored: &str) -> Result<DirectoryKind, StoreError> {
    DirectoryKind::parse(stored).ok_or_else(|| damaged("kind of provider"))
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = identities, treat_none_as_default_value = false)]
struct IdentityRow {
    org_id: Key,
    issuer: String,
    subject: String,
    kind: String,
    member_id: Key,
    bound_at: i64,
    last_sign_in_at: Option<i64>,
}

impl IdentityRow {
    fn identity(self) -> Result<Identity, StoreError> {
        Ok(Identity {
            organization: self.org_id.into(),
            member: self.member_id.into(),
            kind: kind_of(&self.kind)?,
            issuer: self.issuer,
            subject: self.subject,
            bound_at: instant(self.bound_at)?,
            last_sign_in_at: maybe_instant(self.last_sign_in_at)?,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = pending_logins, treat_none_as_default_value = false)]
struct PendingRow {
    org_id: Key,
    state: Vec<u8>,
    browser: Vec<u8>,
    kind: String,
    issuer: String,
    member_id: Option<Key>,
    next: String,
    expires_at: i64,
}

impl PendingRow {
    fn login(self) -> Result<PendingLogin, StoreError> {
        Ok(PendingLogin {
            organization: self.org_id.into(),
            state: digest(self.state)?,
            browser: digest(self.browser)?,
            kind: kind_of(&self.kind)?,
            issuer: self.issuer,
            member: self.member_id.map(MemberId::from),
            next: self.next,
            expires_at: instant(self.expires_at)?,
        })
    }
}

fn digest(stored: Vec<u8>) -> Result<Digest, StoreError> {
    let bytes = stored.try_into().map_err(|_| damaged("digest"))?;
    Ok(Digest(bytes))
}

/// The provider, enabled and not known to fail, whose present issuer is that of an account.
macro_rules! working_provider_of_account {
    () => {
        login_providers::table
            .filter(login_providers::org_id.eq(identities::org_id))
            .filter(login_providers::kind.eq(identities::kind))
            .filter(login_providers::issuer.eq(identities::issuer))
            .filter(login_providers::enabled.eq(true))
            .filter(login_providers::test_fault.is_null())
    };
}

impl SignOnReads for Tx {
    fn login_methods(&mut self, organization: OrganizationId) -> Result<LoginMethods, StoreError> {
        self.settle(organization, Matter::LoginMethods)?;
        let rows: Vec<ProviderRow> = login_providers::table
            .filter(login_providers::org_id.eq(key(organization)))
            .order(login_providers::kind)
            .select(ProviderRow::as_select())
            .load(&mut *self.connection)
            .map_err(store_error)?;
        let domains: Vec<(String, String)> = login_domains::table
            .filter(login_domains::org_id.eq(key(organization)))
            .order((login_domains::kind, login_domains::domain))
            .select((login_domains::kind, login_domains::domain))
            .load(&mut *self.connection)
            .map_err(store_error)?;
        let providers: Result<Vec<LoginProvider>, StoreError> =
            rows.into_iter().map(|row| row.provider(&domains)).collect();
        let mut providers = providers?;
        providers.sort_by_key(|provider| provider.kind);
        Ok(LoginMethods {
            password: self.password_sign_in(organization)?,
            providers,
        })
    }

    fn client_secret(
        &mut self,
        organization: OrganizationId,
        kind: DirectoryKind,
    ) -> Result<Option<SealedSecret>, StoreError> {
        let row: Option<Option<Vec<u8>>> = login_providers::table
            .filter(login_providers::org_id.eq(key(organization)))
            .filter(login_providers::kind.eq(kind.as_str()))
            .select(login_providers::sealed_secret)
            .first(&mut *self.connection)
            .optional()
            .map_err(store_error)?;
        Ok(row.flatten().map(|sealed| SealedSecret { kind, sealed }))
    }

    fn ways_in(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
    ) -> Result<WaysIn, StoreError> {
        let accounts = identities::table
            .filter(identities::org_id.eq(key(organization)))
            .filter(identities::member_id.eq(key(member)))
            .filter(exists(working_provider_of_account!()));
        let open: bool = diesel::select(exists(accounts))
            .get_result(&mut *self.connection)
            .map_err(store_error)?;
        Ok(WaysIn {
            password: self.password_sign_in(organization)?,
            provider: if open {
                ProviderWay::Open
            } else {
                ProviderWay::Closed
            },
        })
    }

    fn identity(
        &mut self,
        organization: OrganizationId,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<Identity>, StoreError> {
        let row: Option<IdentityRow> = identities::table
            .filter(identities::org_id.eq(key(organization)))
            .filter(identities::issuer.eq(issuer))
            .filter(identities::subject.eq(subject))
            .select(IdentityRow::as_select())
            .first(&mut *self.connection)
            .optional()
            .map_err(store_error)?;
        row.map(IdentityRow::identity).transpose()
    }

    fn identities(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
    ) -> Result<Vec<Identity>, StoreError> {
        let rows: Vec<IdentityRow> = identities::table
            .filter(identities::org_id.eq(key(organization)))
            .filter(identities::member_id.eq(key(member)))
            .order((identities::kind, identities::bound_at.desc()))
            .select(IdentityRow::as_select())
            .load(&mut *self.connection)
            .map_err(store_error)?;
        rows.into_iter().map(IdentityRow::identity).collect()
    }

    fn owner_came_through_provider(
        &mut self,
        organization: OrganizationId,
        since: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let recent = identities::table
            .filter(identities::org_id.eq(members::org_id))
            .filter(identities::member_id.eq(members::id))
            .filter(identities::last_sign_in_at.ge(micros(since)))
            .filter(exists(working_provider_of_account!()));
        let owners = members::table
            .filter(members::org_id.eq(key(organization)))
            .filter(ActiveOwner)
            .filter(exists(recent));
        diesel::select(exists(owners))
            .get_result(&mut *self.connection)
            .map_err(store_error)
    }

    fn count_without_password(
        &mut self,
        organization: OrganizationId,
        kind: DirectoryKind,
    ) -> Result<u64, StoreError> {
        let bounded = members::table
            .filter(members::org_id.eq(key(organization)))
            .filter(members::origin.eq(kind.as_str()))
            .filter(WithoutPassword)
            .limit(COUNT_LIMIT)
            .select(members::org_id);
        let found: i64 = CountOf(bounded)
            .get_result(&mut *self.connection)
            .map_err(store_error)?;
        Ok(counted(found))
    }

    fn provider_session(
        &mut self,
        organization: OrganizationId,
        session: SessionId,
    ) -> Result<Option<ProviderSession>, StoreError> {
        let row: Option<(String, i64)> = provider_sessions::table
            .inner_join(
                sessions::table.on(sessions::org_id
                    .eq(provider_sessions::org_id)
                    .and(sessions::id.eq(provider_sessions::session_id))),
            )
            .filter(provider_sessions::org_id.eq(key(organization)))
            .filter(provider_sessions::session_id.eq(key(session)))
            .select((provider_sessions::kind, sessions::created_at))
            .first(&mut *self.connection)
            .optional()
            .map_err(store_error)?;
        row.map(|(kind, began_at)| {
            Ok(ProviderSession {
                kind: kind_of(&kind)?,
                began_at: instant(began_at)?,
            })
        })
        .transpose()
    }
}

impl SignOnWrites for Tx {
    fn save_login_methods(
        &mut self,
        change: Change<LoginMethods>,
        secret: Option<SealedSecret>,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        if change.is_none() {
            return Ok(());
        }
        self.settle(stamp.organization, Matter::LoginMethodsChange)?;
        self.put_password_sign_in(stamp.organization, change.value.password)?;
        for provider in &change.value.providers {
            self.put_provider(stamp.organization, provider)?;
        }
        if let Some(secret) = secret {
            let own = login_providers::table
                .filter(login_providers::org_id.eq(key(stamp.organization)))
                .filter(login_providers::kind.eq(secret.kind.as_str()));
            diesel::update(own)
                .set(login_providers::sealed_secret.eq(secret.sealed))
                .execute(&mut *self.connection)
                .map_err(store_error)?;
        }
        self.write_entries(change.events, stamp)
    }

    fn note_test(
        &mut self,
        kind: DirectoryKind,
        test: &ProviderTest,
        event: ActivityEvent,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        let (tested_at, test_fault) = test_columns(test);
        let own = login_providers::table
            .filter(login_providers::org_id.eq(key(stamp.organization)))
            .filter(login_providers::kind.eq(kind.as_str()));
        diesel::update(own)
            .set((
                login_providers::tested_at.eq(tested_at),
                login_providers::test_fault.eq(test_fault),
            ))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        self.write_entries(vec![event], stamp)
    }

    fn bind_identity(
        &mut self,
        identity: &Identity,
        event: ActivityEvent,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        require_own_stamp(stamp, identity.organization)?;
        diesel::insert_into(identities::table)
            .values(IdentityRow {
                org_id: key(identity.organization),
                issuer: identity.issuer.clone(),
                subject: identity.subject.clone(),
                kind: identity.kind.as_str().to_owned(),
                member_id: key(identity.member),
                bound_at: micros(identity.bound_at),
                last_sign_in_at: identity.last_sign_in_at.map(micros),
            })
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        self.write_entries(vec![event], stamp)
    }

    fn release_identities(
        &mut self,
        member: MemberId,
        kind: DirectoryKind,
        event: ActivityEvent,
        stamp: &Stamp,
    ) -> Result<bool, StoreError> {
        let own = identities::table
            .filter(identities::org_id.eq(key(stamp.organization)))
            .filter(identities::member_id.eq(key(member)))
            .filter(identities::kind.eq(kind.as_str()));
        let released = diesel::delete(own)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        if released == 0 {
            return Ok(false);
        }
        self.write_entries(vec![event], stamp)?;
        Ok(true)
    }

    fn note_sign_in(&mut self, identity: &Identity, at: DateTime<Utc>) -> Result<(), StoreError> {
        let own = identities::table
            .filter(identities::org_id.eq(key(identity.organization)))
            .filter(identities::issuer.eq(&identity.issuer))
            .filter(identities::subject.eq(&identity.subject));
        diesel::update(own)
            .set(identities::last_sign_in_at.eq(micros(at)))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }

    fn put_provider_session(
        &mut self,
        organization: OrganizationId,
        session: SessionId,
        kind: DirectoryKind,
    ) -> Result<(), StoreError> {
        diesel::insert_into(provider_sessions::table)
            .values((
                provider_sessions::org_id.eq(key(organization)),
                provider_sessions::session_id.eq(key(session)),
                provider_sessions::kind.eq(kind.as_str()),
            ))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }

    fn end_provider_sessions(
        &mut self,
        organization: OrganizationId,
        kind: DirectoryKind,
        kept: SessionId,
    ) -> Result<u64, StoreError> {
        let through = provider_sessions::table
            .filter(provider_sessions::org_id.eq(key(organization)))
            .filter(provider_sessions::kind.eq(kind.as_str()))
            .select(provider_sessions::session_id);
        let theirs = sessions::table
            .filter(sessions::org_id.eq(key(organization)))
            .filter(sessions::id.ne(key(kept)))
            .filter(sessions::id.eq_any(through));
        let ended = diesel::delete(theirs)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(ended as u64)
    }

    fn put_pending_login(&mut self, login: &PendingLogin) -> Result<(), StoreError> {
        diesel::insert_into(pending_logins::table)
            .values(PendingRow {
                org_id: key(login.organization),
                state: login.state.0.to_vec(),
                browser: login.browser.0.to_vec(),
                kind: login.kind.as_str().to_owned(),
                issuer: login.issuer.clone(),
                member_id: login.member.map(key),
                next: login.next.clone(),
                expires_at: micros(login.expires_at),
            })
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }

    fn take_pending_login(
        &mut self,
        organization: OrganizationId,
        state: &Digest,
    ) -> Result<Option<PendingLogin>, StoreError> {
        let row: Option<PendingRow> = pending_logins::table
            .filter(pending_logins::org_id.eq(key(organization)))
            .filter(pending_logins::state.eq(state.0.as_slice()))
            .select(PendingRow::as_select())
            .first(&mut *self.connection)
            .optional()
            .map_err(store_error)?;
        let own = pending_logins::table
            .filter(pending_logins::org_id.eq(key(organization)))
            .filter(pending_logins::state.eq(state.0.as_slice()));
        let taken = diesel::delete(own)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        // Whoever deleted the row has it: of two that saw it, one.
        row.filter(|_| taken == 1)
            .map(PendingRow::login)
            .transpose()
    }
}

impl Tx {
    /// Whether a password opens the panel of an organization.
    pub(crate) fn password_sign_in(
        &mut self,
        organization: OrganizationId,
    ) -> Result<PasswordSignIn, StoreError> {
        let stored: Option<bool> = login_policies::table
            .filter(login_policies::org_id.eq(key(organization)))
            .select(login_policies::password_sign_in)
            .first(&mut *self.connection)
            .optional()
            .map_err(store_error)?;
        Ok(match stored {
            Some(false) => PasswordSignIn::Off,
            Some(true) | None => PasswordSignIn::On,
        })
    }

    /// Active owners who can sign in, one not counted: the ports say by which ways.
    pub(crate) fn owners_who_can_sign_in(
        &mut self,
        organization: OrganizationId,
        excluded: MemberId,
    ) -> Result<u32, StoreError> {
        let password = self.password_sign_in(organization)?.is_on();
        let accounts = identities::table
            .filter(identities::org_id.eq(members::org_id))
            .filter(identities::member_id.eq(members::id))
            .filter(exists(working_provider_of_account!()));
        // Spelled as the partial index is, so that it serves the count.
        let count: i64 = members::table
            .filter(members::org_id.eq(key(organization)))
            .filter(ActiveOwner)
            .filter(members::id.ne(key(excluded)))
            .filter(
                members::has_password
                    .eq(true)
                    .and(members::has_password.eq(password))
                    .or(exists(accounts)),
            )
            .count()
            .get_result(&mut *self.connection)
            .map_err(store_error)?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// The enabled providers of every organization that names a domain.
    pub(crate) fn offers_of_domain(
        &mut self,
        domain: &str,
    ) -> Result<Vec<OfferedProvider>, StoreError> {
        let rows: Vec<(Key, String, String)> = login_domains::table
            .inner_join(
                login_providers::table.on(login_providers::org_id
                    .eq(login_domains::org_id)
                    .and(login_providers::kind.eq(login_domains::kind))),
            )
            .inner_join(organizations::table.on(organizations::id.eq(login_domains::org_id)))
            .filter(login_domains::domain.eq(domain))
            .filter(login_providers::enabled.eq(true))
            .order((login_domains::org_id, login_domains::kind))
            .limit(OFFERS)
            .select((
                login_domains::org_id,
                organizations::name,
                login_domains::kind,
            ))
            .load(&mut *self.connection)
            .map_err(store_error)?;
        rows.into_iter()
            .map(|(organization, organization_name, kind)| {
                Ok(OfferedProvider {
                    organization: organization.into(),
                    organization_name,
                    kind: kind_of(&kind)?,
                })
            })
            .collect()
    }

    fn put_password_sign_in(
        &mut self,
        organization: OrganizationId,
        password: PasswordSignIn,
    ) -> Result<(), StoreError> {
        let own = login_policies::table.filter(login_policies::org_id.eq(key(organization)));
        diesel::delete(own)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        if password.is_on() {
            return Ok(());
        }
        diesel::insert_into(login_policies::table)
            .values((
                login_policies::org_id.eq(key(organization)),
                login_policies::password_sign_in.eq(false),
            ))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }

    fn put_provider(
        &mut self,
        organization: OrganizationId,
        provider: &LoginProvider,
    ) -> Result<(), StoreError> {
        let row = ProviderRow::new(organization, provider);
        let own = login_providers::table
            .filter(login_providers::org_id.eq(key(organization)))
            .filter(login_providers::kind.eq(provider.kind.as_str()));
        let known = diesel::update(own)
            .set(&row)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        if known == 0 {
            diesel::insert_into(login_providers::table)
                .values(&row)
                .execute(&mut *self.connection)
                .map_err(store_error)?;
        }
        let domains = login_domains::table
            .filter(login_domains::org_id.eq(key(organization)))
            .filter(login_domains::kind.eq(provider.kind.as_str()));
        diesel::delete(domains)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        for domain in &provider.domains {
            diesel::insert_into(login_domains::table)
                .values((
                    login_domains::org_id.eq(key(organization)),
                    login_domains::kind.eq(provider.kind.as_str()),
                    login_domains::domain.eq(domain),
                ))
                .execute(&mut *self.connection)
                .map_err(store_error)?;
        }
        Ok(())
    }
}
