//! Organizations, their seats and login methods.

use diesel::prelude::*;
use rollcall_application::Stamp;
use rollcall_application::ports::{OrganizationReads, OrganizationWrites, StoreError};
use rollcall_domain::{
    Change, ChangeKind, LoginMethods, OktaLogin, Organization, OrganizationId, OrganizationName,
    Seats, Version,
};

use super::Tx;
use super::errors::store_error;
use crate::kept::Keep;
use crate::schema::{login_methods, organizations};
use crate::settling::Matter;
use crate::values::{Key, damaged, instant, key, micros};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = organizations, treat_none_as_null = true)]
pub(crate) struct OrganizationRow {
    id: Key,
    name: String,
    seat_limit: Option<i64>,
    roles_in_panel: bool,
    version: i64,
    created_at: i64,
}

impl OrganizationRow {
    fn new(organization: &Organization) -> Self {
        Self {
            id: key(organization.id),
            name: organization.name.as_str().to_owned(),
            seat_limit: organization.seat_limit.map(i64::from),
            roles_in_panel: organization.roles_in_panel,
            version: organization.version.0,
            created_at: micros(organization.created_at),
        }
    }

    pub(crate) fn organization(self) -> Result<Organization, StoreError> {
        Ok(Organization {
            id: self.id.into(),
            name: OrganizationName::from_stored(self.name),
            seat_limit: seat_limit(self.seat_limit)?,
            roles_in_panel: self.roles_in_panel,
            version: Version(self.version),
            created_at: instant(self.created_at)?,
        })
    }
}

fn seat_limit(stored: Option<i64>) -> Result<Option<u32>, StoreError> {
    stored
        .map(|limit| u32::try_from(limit).map_err(|_| damaged("seat limit")))
        .transpose()
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = login_methods, primary_key(org_id))]
struct LoginRow {
    org_id: Key,
    okta_enabled: bool,
    okta_client_id: String,
    okta_base_url: String,
    okta_issuer: String,
    okta_audience: String,
}

impl OrganizationReads for Tx {
    fn organization(&mut self, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
        let row: Option<OrganizationRow> = organizations::table
            .filter(organizations::id.eq(key(id)))
            .select(OrganizationRow::as_select())
            .first(&mut *self.connection)
            .optional()
            .map_err(store_error)?;
        row.map(OrganizationRow::organization).transpose()
    }

    fn seats(&mut self, id: OrganizationId) -> Result<Seats, StoreError> {
        let (mut used, mut limit) = self.seats_and_limit(id)?;
        // Where there is a limit, two must not take the same last seat.
        if limit.is_some() && self.settle(id, Matter::Seats)? {
            (used, limit) = self.seats_and_limit(id)?;
        }
        Ok(Seats {
            used: u32::try_from(used).map_err(|_| damaged("count of seats"))?,
            limit: seat_limit(limit)?,
        })
    }

    fn login_methods(&mut self, id: OrganizationId) -> Result<LoginMethods, StoreError> {
        let row: Option<LoginRow> = login_methods::table
            .filter(login_methods::org_id.eq(key(id)))
            .select(LoginRow::as_select())
            .first(&mut *self.connection)
            .optional()
            .map_err(store_error)?;
        let okta = row.map(|row| OktaLogin {
            enabled: row.okta_enabled,
            client_id: row.okta_client_id,
            base_url: row.okta_base_url,
            issuer: row.okta_issuer,
            audience: row.okta_audience,
        });
        Ok(LoginMethods { okta })
    }

    fn has_okta_secret(&mut self, id: OrganizationId) -> Result<bool, StoreError> {
        let stored = login_methods::table
            .filter(login_methods::org_id.eq(key(id)))
            .filter(login_methods::okta_sealed_secret.is_not_null());
        diesel::select(diesel::dsl::exists(stored))
            .get_result(&mut *self.connection)
            .map_err(store_error)
    }
}

/// Nothing removes an organization; a port that takes any change has to say so.
#[derive(Debug, thiserror::Error)]
#[error("organizations are never removed")]
struct NeverRemoved;

impl OrganizationWrites for Tx {
    fn save_organization(
        &mut self,
        change: Change<Organization>,
        stamp: &Stamp,
    ) -> Result<Organization, StoreError> {
        let mut saved = change.value;
        require_own_stamp(stamp, saved.id)?;
        match change.kind {
            ChangeKind::None => return Ok(saved),
            ChangeKind::Remove => return Err(StoreError::Internal(Box::new(NeverRemoved))),
            ChangeKind::Create => {
                diesel::insert_into(organizations::table)
                    .values(OrganizationRow::new(&saved))
                    .execute(&mut *self.connection)
                    .map_err(store_error)?;
            }
            ChangeKind::Update => {
                let read = saved.version;
                saved.version = read.next();
                let unmoved = organizations::table
                    .filter(organizations::id.eq(key(saved.id)))
                    .filter(organizations::version.eq(read.0));
                let updated = diesel::update(unmoved)
                    .set(OrganizationRow::new(&saved))
                    .execute(&mut *self.connection)
                    .map_err(store_error)?;
                require_one(updated)?;
            }
        }
        self.write_entries(change.events, stamp)?;
        Ok(saved)
    }

    fn save_login_methods(
        &mut self,
        change: Change<LoginMethods>,
        sealed_okta_secret: Option<Vec<u8>>,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        if change.is_none() {
            return Ok(());
        }
        if let Some(okta) = change.value.okta {
            self.put_okta_login(stamp.organization, okta, sealed_okta_secret)?;
        } else {
            let stored =
                login_methods::table.filter(login_methods::org_id.eq(key(stamp.organization)));
            diesel::delete(stored)
                .execute(&mut *self.connection)
                .map_err(store_error)?;
        }
        self.write_entries(change.events, stamp)
    }
}

impl Tx {
    fn put_okta_login(
        &mut self,
        organization: OrganizationId,
        okta: OktaLogin,
        sealed_secret: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let row = LoginRow {
            org_id: key(organization),
            okta_enabled: okta.enabled,
            okta_client_id: okta.client_id,
            okta_base_url: okta.base_url,
            okta_issuer: okta.issuer,
            okta_audience: okta.audience,
        };
        diesel::insert_into(login_methods::table)
            .values(&row)
            .on_conflict(login_methods::org_id)
            .do_update()
            .set(&row)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        let Some(secret) = sealed_secret else {
            return Ok(());
        };
        diesel::update(login_methods::table.filter(login_methods::org_id.eq(key(organization))))
            .set(login_methods::okta_sealed_secret.eq(secret))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }

    /// How many members there are.
    pub(crate) fn member_count(&mut self, id: OrganizationId) -> Result<i64, StoreError> {
        organizations::table
            .filter(organizations::id.eq(key(id)))
            .select(organizations::member_count)
            .first(&mut *self.connection)
            .optional()
            .map(Option::unwrap_or_default)
            .map_err(store_error)
    }

    fn seats_and_limit(&mut self, id: OrganizationId) -> Result<(i64, Option<i64>), StoreError> {
        let row: Option<(i64, Option<i64>)> = organizations::table
            .filter(organizations::id.eq(key(id)))
            .select((organizations::seats_used, organizations::seat_limit))
            .first(&mut *self.connection)
            .optional()
            .map_err(store_error)?;
        Ok(row.unwrap_or_default())
    }

    /// Moves the counts of members and of seats in use.
    pub(crate) fn move_counts(
        &mut self,
        organization: OrganizationId,
        members: i64,
        seats: i64,
    ) -> Result<(), StoreError> {
        if (members, seats) == (0, 0) {
            return Ok(());
        }
        let organization = organizations::table.filter(organizations::id.eq(key(organization)));
        diesel::update(organization)
            .set((
                organizations::member_count.eq(organizations::member_count + members),
                organizations::seats_used.eq(organizations::seats_used + seats),
            ))
            .returning(organizations::id)
            .kept()
            .load::<Key>(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }
}

/// A stamp was made for another organization than the object's: a fault of the program that must
/// not put an entry where others read it.
#[derive(Debug, thiserror::Error)]
#[error("the stamp is of another organization")]
struct ForeignStamp;

/// Demands that an object's entries go to its own organization (SEC-5).
pub(crate) fn require_own_stamp(
    stamp: &Stamp,
    organization: OrganizationId,
) -> Result<(), StoreError> {
    if stamp.organization == organization {
        Ok(())
    } else {
        Err(StoreError::Internal(Box::new(ForeignStamp)))
    }
}

/// Demands that a compare-and-set found its row.
pub(crate) fn require_one(affected: usize) -> Result<(), StoreError> {
    if affected == 1 {
        Ok(())
    } else {
        Err(StoreError::VersionConflict)
    }
}
