//! Login methods, accounts and sign-ins as they stand in their tables.

use diesel::prelude::*;
use rollcall_application::ports::{Digest, PendingLogin, StoreError};
use rollcall_domain::{
    DirectoryKind, Identity, LoginProvider, MemberId, OrganizationId, ProviderTest, SignInFault,
};

use crate::schema::{identities, login_providers, pending_logins};
use crate::values::{Key, damaged, instant, key, maybe_instant, micros};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = login_providers, treat_none_as_null = true)]
pub(super) struct ProviderRow {
    pub(super) org_id: Key,
    pub(super) kind: String,
    pub(super) enabled: bool,
    pub(super) client_id: String,
    pub(super) base_url: String,
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) tested_at: Option<i64>,
    pub(super) test_fault: Option<String>,
}

impl ProviderRow {
    pub(super) fn new(organization: OrganizationId, provider: &LoginProvider) -> Self {
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

    pub(super) fn provider(
        self,
        domains: &[(String, String)],
    ) -> Result<LoginProvider, StoreError> {
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

pub(super) fn test_columns(test: &ProviderTest) -> (Option<i64>, Option<String>) {
    match test {
        ProviderTest::Untested => (None, None),
        ProviderTest::Passed(at) => (Some(micros(*at)), None),
        ProviderTest::Failed(at, fault) => (Some(micros(*at)), Some(fault.code().to_owned())),
    }
}

pub(super) fn kind_of(stored: &str) -> Result<DirectoryKind, StoreError> {
    DirectoryKind::parse(stored).ok_or_else(|| damaged("kind of provider"))
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = identities, treat_none_as_default_value = false)]
pub(super) struct IdentityRow {
    pub(super) org_id: Key,
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) kind: String,
    pub(super) member_id: Key,
    pub(super) bound_at: i64,
    pub(super) last_sign_in_at: Option<i64>,
}

impl IdentityRow {
    pub(super) fn identity(self) -> Result<Identity, StoreError> {
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
pub(super) struct PendingRow {
    pub(super) org_id: Key,
    pub(super) state: Vec<u8>,
    pub(super) browser: Vec<u8>,
    pub(super) kind: String,
    pub(super) issuer: String,
    pub(super) member_id: Option<Key>,
    pub(super) next: String,
    pub(super) expires_at: i64,
}

impl PendingRow {
    pub(super) fn login(self) -> Result<PendingLogin, StoreError> {
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

pub(super) fn digest(stored: Vec<u8>) -> Result<Digest, StoreError> {
    let bytes = stored.try_into().map_err(|_| damaged("digest"))?;
    Ok(Digest(bytes))
}
