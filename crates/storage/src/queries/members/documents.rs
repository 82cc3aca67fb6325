//! Members as their directory reads them: each is one row, its link's, with the document that was
//! written when the member was saved (ADR 11).

use std::collections::HashMap;

use diesel::prelude::*;
use rollcall_application::ports::{MemberCondition, MemberDocument, StoreError, Stretch, Window};
use rollcall_domain::{ConnectionId, FoldedKey, Member, MemberId, OrganizationId, Version};

use super::super::dialect::{Live, LiveAndFound, OfMember, is_one_of};
use super::super::errors::store_error;
use super::Tx;
use crate::kept::Keep;
use crate::listing::stretched;
use crate::schema::links;
use crate::values::{Key, findable, key};

/// A link as it is read for its document.
#[derive(Queryable, Selectable)]
#[diesel(table_name = links)]
struct StoredDocument {
    #[diesel(select_expression = links::member_id.assume_not_null())]
    member_id: Key,
    key: String,
    document: Option<String>,
    document_form: Option<i32>,
    document_version: Option<i64>,
}

impl StoredDocument {
    /// The document, where there is one of this form.
    fn of_form(self, form: i32) -> Option<MemberDocument> {
        if self.document_form != Some(form) {
            return None;
        }
        Some(MemberDocument {
            id: self.member_id.into(),
            key: FoldedKey::from_stored(self.key),
            version: Version(self.document_version?),
            text: self.document?,
        })
    }
}

/// The live links of members, for their documents.
macro_rules! documents {
    ($organization:expr, $connection:expr) => {
        links::table
            .filter(links::org_id.eq(key($organization)))
            .filter(links::connection_id.eq(key($connection)))
            .filter(Live)
            .filter(OfMember)
            .select(StoredDocument::as_select())
    };
}

impl Tx {
    pub(super) fn stretch_of_live_documents(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[MemberCondition],
        stretch: &Stretch,
    ) -> Result<Vec<MemberDocument>, StoreError> {
        let rows = documents!(organization, connection);
        let rows = match (conditions, &stretch.window) {
            // Rows that are skipped are skipped in an index, which has no documents.
            (_, Window::Offset(1..)) => None,
            ([MemberCondition::Id(id)], Window::After(None) | Window::Offset(_)) => Some(
                rows.filter(links::member_id.eq(key(*id)))
                    .load(&mut *self.connection),
            ),
            ([MemberCondition::UserName(name)], Window::After(None) | Window::Offset(_)) => Some(
                rows.filter(LiveAndFound)
                    .filter(links::key.eq(findable(name.as_str())))
                    .limit(i64::from(stretch.limit))
                    .load(&mut *self.connection),
            ),
            ([MemberCondition::ExternalId(id)], Window::After(None) | Window::Offset(_)) => Some(
                rows.filter(LiveAndFound)
                    .filter(links::external_id.eq(findable(id.as_str())))
                    .limit(i64::from(stretch.limit))
                    .load(&mut *self.connection),
            ),
            ([], _) => Some(
                stretched!(rows.into_boxed(), links::member_id, stretch)
                    .kept()
                    .load(&mut *self.connection),
            ),
            _ => None,
        };
        if let Some(rows) = rows {
            return self.completed(organization, rows.map_err(store_error)?);
        }
        let ids = self.ids_of_stretch(organization, connection, conditions, stretch)?;
        let rows: Vec<StoredDocument> = documents!(organization, connection)
            .filter(is_one_of!("links.member_id", ids.iter().copied()))
            .kept()
            .load(&mut *self.connection)
            .map_err(store_error)?;
        let found = self.completed(organization, rows)?;
        let mut found: HashMap<MemberId, MemberDocument> = found
            .into_iter()
            .map(|document| (document.id, document))
            .collect();
        Ok(ids
            .iter()
            .filter_map(|id| found.remove(&MemberId::from(*id)))
            .collect())
    }

    /// The documents of rows; those that another version of the program wrote, written anew.
    fn completed(
        &mut self,
        organization: OrganizationId,
        rows: Vec<StoredDocument>,
    ) -> Result<Vec<MemberDocument>, StoreError> {
        let documents = self.documents();
        let is_foreign = |row: &&StoredDocument| row.document_form != Some(documents.form);
        let foreign: Vec<Key> = rows
            .iter()
            .filter(is_foreign)
            .map(|row| row.member_id)
            .collect();
        if foreign.is_empty() {
            let document = |row: StoredDocument| row.of_form(documents.form);
            return Ok(rows.into_iter().filter_map(document).collect());
        }
        let mut anew: HashMap<MemberId, Member> = self
            .members_in_order(organization, &foreign)?
            .into_iter()
            .map(|member| (member.id, member))
            .collect();
        let document = |row: StoredDocument| match anew.remove(&row.member_id.into()) {
            Some(member) => Some(MemberDocument {
                id: member.id,
                key: FoldedKey::from_stored(row.key),
                version: member.version,
                text: (documents.write)(&member),
            }),
            None => row.of_form(documents.form),
        };
        Ok(rows.into_iter().filter_map(document).collect())
    }
}
