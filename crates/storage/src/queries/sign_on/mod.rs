//! Login methods, accounts of identity providers, and sign-ins under way.

mod methods;
mod rows;

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use rollcall_application::Stamp;
use rollcall_application::ports::{
    Digest, PendingLogin, ProviderSession, SealedSecret, SignOnReads, SignOnWrites, StoreError,
};
use rollcall_domain::{
    ActivityEvent, Change, DirectoryKind, Identity, LoginMethods, LoginProvider, MemberId,
    OrganizationId, PasswordSignIn, ProviderTest, ProviderWay, SessionId, WaysIn,
};

use super::Tx;
use super::counting::CountOf;
use super::dialect::{ActiveOwner, WithoutPassword};
use super::errors::store_error;
use super::organizations::require_own_stamp;
use crate::schema::{
    identities, login_domains, login_policies, login_providers, members, pending_logins,
    provider_sessions, sessions,
};
use crate::settling::Matter;
use crate::values::{counted, instant, key, micros};
use rows::{IdentityRow, PendingRow, ProviderRow, kind_of, test_columns};

/// How far members without a password are counted.
const COUNT_LIMIT: i64 = 10_000;

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
}
