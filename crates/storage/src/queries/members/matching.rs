//! Who could be the person that a directory pushes: asked before every one of them, so it is one
//! statement, and nearly always answers nobody.

use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};
use rollcall_application::ports::StoreError;
use rollcall_domain::rules::provisioning::{DirectoryUser, Matches};
use rollcall_domain::{ConnectionId, Email, Member, MemberId, OrganizationId};

use super::super::errors::store_error;
use super::super::statements::MATCHES;
use super::Tx;
use crate::kept::Keep;
use crate::values::{Id, Key, findable, key};

#[derive(QueryableByName)]
struct Match {
    #[diesel(sql_type = Integer)]
    found_by: i32,
    #[diesel(sql_type = Id)]
    id: Key,
}

const BY_USER_NAME: i32 = 1;
const BY_EXTERNAL_ID: i32 = 2;
const BY_KEY: i32 = 3;

impl Tx {
    pub(super) fn matches_of(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        user: &DirectoryUser,
    ) -> Result<Matches, StoreError> {
        let user_name = user.user_name.key();
        let external = user.external_id.as_ref().map(|id| findable(id.as_str()));
        let email = user.email.as_ref().map(Email::key);
        let email = email.filter(|email| *email != user_name);
        let found: Vec<Match> = diesel::sql_query(MATCHES)
            .bind::<Id, _>(key(organization))
            .bind::<Id, _>(key(connection))
            .bind::<Text, _>(findable(user_name.as_str()))
            .bind::<Nullable<Text>, _>(external)
            .bind::<Nullable<Text>, _>(email.as_ref().map(|email| findable(email.as_str())))
            .kept()
            .load(&mut *self.connection)
            .map_err(store_error)?;
        if found.is_empty() {
            return Ok(Matches::default());
        }
        let mut ids: Vec<Key> = found.iter().map(|one| one.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let members = self.members_in_order(organization, &ids)?;
        let found_by = |by: i32, member: &Member| {
            let is_it = |one: &Match| one.found_by == by && MemberId::from(one.id) == member.id;
            found.iter().any(is_it)
        };
        let one = |by| members.iter().find(|member| found_by(by, member)).cloned();
        Ok(Matches {
            by_user_name: one(BY_USER_NAME),
            by_external_id: one(BY_EXTERNAL_ID),
            by_key: members
                .iter()
                .filter(|member| found_by(BY_KEY, member))
                .cloned()
                .collect(),
        })
    }
}
