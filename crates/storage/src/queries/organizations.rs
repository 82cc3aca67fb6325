//! Organizations and their seats.

use diesel::prelude::*;
use rollcall_application::Stamp;
use rollcall_application::ports::{OrganizationReads, OrganizationWrites, StoreError};
use rollcall_domain::{
    Change, ChangeKind, Organization, OrganizationId, OrganizationName, Seats, Version,
};

use super::Tx;
use super::dialect::effect_here;
use super::errors::store_error;
use crate::schema::organizations;
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
        seats_of(used, limit)
    }

    fn organization_with_seats(
        &mut self,
        id: OrganizationId,
    ) -> Result<Option<(Organization, Seats)>, StoreError> {
        let row: Option<(OrganizationRow, i64)> = organizations::table
            .filter(organizations::id.eq(key(id)))
            .select((OrganizationRow::as_select(), organizations::seats_used))
            .first(&mut *self.connection)
            .optional()
            .map_err(store_error)?;
        let Some((row, used)) = row else {
            return Ok(None);
        };
        let seats = match row.seat_limit {
            // Settled first.
            Some(_) => self.seats(id)?,
            None => seats_of(used, None)?,
        };
        Ok(Some((row.organization()?, seats)))
    }
}

fn seats_of(used: i64, limit: Option<i64>) -> Result<Seats, StoreError> {
    Ok(Seats {
        used: u32::try_from(used).map_err(|_| damaged("count of seats"))?,
        limit: seat_limit(limit)?,
    })
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
}

impl Tx {
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
        let moved = diesel::update(organization).set((
            organizations::member_count.eq(organizations::member_count + members),
            organizations::seats_used.eq(organizations::seats_used + seats),
        ));
        effect_here!(self, moved, organizations::id).map_err(store_error)
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
