//! Login methods: who is offered which, and how they are kept.

use diesel::prelude::*;
use rollcall_application::ports::{OfferedProvider, StoreError};
use rollcall_domain::{LoginProvider, OrganizationId, PasswordSignIn};

use super::super::errors::store_error;
use super::Tx;
use super::rows::{ProviderRow, kind_of};
use crate::schema::{login_domains, login_policies, login_providers, organizations};
use crate::values::{Key, key};

/// How many providers one domain is offered at most, over all organizations.
const OFFERS: i64 = 20;

impl Tx {
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

    pub(super) fn put_password_sign_in(
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

    pub(super) fn put_provider(
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
