//! An organization to play with: owner, connection, members and teams, made by the rules.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use rollcall_application::ports::{
    ActivityEntry, ActivityQuery, AppliedDelta, Clock, Ids, ReadTx, Store, StoreExt, WriteTx,
};
use rollcall_application::{Failure, RequestInfo, Stamp};
use rollcall_domain::rules::memberships::{DirectoryMemberships, from_directory, join};
use rollcall_domain::rules::owners::Owners;
use rollcall_domain::rules::provisioning::{self, ActiveFlag, DirectoryUser};
use rollcall_domain::rules::teams::{self, DirectoryGroup, Namesakes};
use rollcall_domain::rules::{Facts, organizations, switching};
use rollcall_domain::{
    Action, ActivityEvent, Actor, Attributes, Change, Connection, ConnectionId, Directories,
    DirectoryKind, Email, ExternalId, Member, MemberId, MembershipDelta, Organization,
    OrganizationId, OrganizationName, PersonName, RequestId, Role, Seats, Target, Team, TeamId,
    TeamName, Text, UserName, WaysIn,
};
use uuid::Uuid;

use crate::environment::{FixedClock, SequentialIds};

/// One organization in a store, with an owner and a connection to Okta that is on.
pub struct Tenant {
    /// Where it is kept.
    pub store: Arc<dyn Store>,
    /// Its time.
    pub clock: Arc<FixedClock>,
    /// Ids of what is made here.
    pub ids: Arc<SequentialIds>,
    /// The organization as founded.
    pub organization: Organization,
    /// Its owner, with a password.
    pub owner: Member,
    /// Its connection, on.
    pub connection: Connection,
}

/// A person's name of one display name.
fn named(display: &str) -> PersonName {
    PersonName {
        display: Some(Text::parse(display).expect("a valid name")),
        ..PersonName::default()
    }
}

impl Tenant {
    /// Founds an organization. `number` keeps the ids of several tenants apart.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn found(store: &Arc<dyn Store>, name: &str, number: u64) -> Self {
        let (clock, ids) = (
            Arc::new(FixedClock::default()),
            Arc::new(SequentialIds::starting_at(number << 32)),
        );
        let now = clock.now();
        let id = OrganizationId::new(ids.next());
        let parsed = OrganizationName::parse(name).expect("a valid name");
        let email = format!("owner@{}.example", name.to_lowercase());
        let organization = organizations::found(id, parsed, now);
        let owner = organizations::owner(
            MemberId::new(ids.next()),
            id,
            Email::parse(&email).expect("a valid e-mail"),
            named(&format!("{name} Owner")),
            now,
        );
        let off = Connection::new(ConnectionId::new(ids.next()), id, DirectoryKind::Okta, now);
        let stamp = stamp_of(id, now);
        let (o, w, c) = (organization.clone(), owner.clone(), off.clone());
        let connection = store
            .write(move |tx| {
                tx.save_organization(o.clone(), &stamp)?;
                tx.save_member(w.clone(), &stamp)?;
                let made = tx.save_connection(created(&c), &stamp)?;
                let on = switching::enable(&made, &owner_of(&w.value), now)?;
                Ok(tx.save_connection(on, &stamp)?)
            })
            .await
            .expect("a new organization is saved");
        Self {
            store: Arc::clone(store),
            clock,
            ids,
            organization: organization.value,
            owner: owner.value,
            connection,
        }
    }

    /// The organization's id.
    #[must_use]
    pub fn id(&self) -> OrganizationId {
        self.organization.id
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A stamp of the system, of a request of its own, a second later than the one before.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        self.clock.advance(Duration::seconds(1));
        Stamp {
            request: RequestInfo {
                id: RequestId::new(self.ids.next()),
                ip: Some("192.0.2.7".to_owned()),
                user_agent: Some("a test".to_owned()),
            },
            ..stamp_of(self.id(), self.now())
        }
    }

    /// The owner as actor.
    #[must_use]
    pub fn actor(&self) -> Actor {
        owner_of(&self.owner)
    }

    /// The connection alone.
    #[must_use]
    pub fn directories(&self) -> Directories {
        Directories::new(vec![self.connection.clone()])
    }

    /// Runs a write job.
    ///
    /// # Errors
    /// As the job.
    pub async fn write<T, F>(&self, job: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnMut(&mut dyn WriteTx) -> Result<T, Failure> + Send + 'static,
    {
        self.store.write(job).await
    }

    /// Runs a read job that cannot fail.
    ///
    /// # Panics
    /// When it fails.
    pub async fn read<T, F>(&self, job: F) -> T
    where
        T: Send + 'static,
        F: FnMut(&mut dyn ReadTx) -> Result<T, Failure> + Send + 'static,
    {
        self.store.read(job).await.expect("the store can be read")
    }

    /// What a rule about a member has to know; seats without limit, one other owner.
    #[must_use]
    pub fn facts<'a>(&self, directories: &'a Directories) -> Facts<'a> {
        Facts {
            now: self.now(),
            directories,
            seats: Seats {
                used: 1,
                limit: None,
            },
            owners: Owners {
                others: 1,
                ways: WaysIn::PASSWORD,
            },
            roles_in_panel: false,
        }
    }

    /// A user as the directory would push it; `external_id` is its name too.
    #[must_use]
    pub fn user(&self, user_name: &str, external_id: Option<&str>) -> DirectoryUser {
        DirectoryUser {
            user_name: UserName::parse(user_name).expect("a valid user name"),
            external_id: external_id.map(|id| ExternalId::parse(id).expect("a valid id")),
            email: Email::parse(user_name).ok(),
            name: named(user_name.split('@').next().unwrap_or(user_name)),
            active: ActiveFlag::Yes,
            attributes: Attributes::parse(r#"{"title":"Engineer","z":1,"a":2}"#)
                .expect("an object"),
        }
    }

    /// The creation of a pushed member.
    ///
    /// # Panics
    /// When the rules refuse it.
    pub fn pushed_change(&self, user: DirectoryUser) -> Change<Member> {
        let directories = self.directories();
        let id = MemberId::new(self.ids.next());
        provisioning::create(id, &self.connection, user, &self.facts(&directories))
            .expect("the connection is on")
    }

    /// A member pushed by the directory.
    ///
    /// # Panics
    /// When the store refuses it.
    pub async fn pushed_member(&self, user_name: &str) -> Member {
        let change = self.pushed_change(self.user(user_name, Some(&format!("ext-{user_name}"))));
        self.save_member(change)
            .await
            .expect("a new member is saved")
    }

    /// An active member made by hand.
    ///
    /// # Panics
    /// When the store refuses it.
    pub async fn manual_member(&self, email: &str) -> Member {
        let change = organizations::owner(
            MemberId::new(self.ids.next()),
            self.id(),
            Email::parse(email).expect("a valid e-mail"),
            named(email.split('@').next().unwrap_or(email)),
            self.now(),
        );
        let change = Change {
            value: Member {
                role: Role::Member,
                ..change.value
            },
            ..change
        };
        self.save_member(change)
            .await
            .expect("a new member is saved")
    }

    /// Saves a change of a member.
    ///
    /// # Errors
    /// As the store.
    pub async fn save_member(&self, change: Change<Member>) -> Result<Member, Failure> {
        let stamp = self.stamp();
        self.write(move |tx| Ok(tx.save_member(change.clone(), &stamp)?))
            .await
    }

    /// Saves a change of a team.
    ///
    /// # Errors
    /// As the store.
    pub async fn save_team(&self, change: Change<Team>) -> Result<Team, Failure> {
        let stamp = self.stamp();
        self.write(move |tx| Ok(tx.save_team(change.clone(), &stamp)?))
            .await
    }

    /// A changed state of a member with an entry.
    pub fn changed(&self, next: Member) -> Change<Member> {
        let target = Target::member(next.id, &next.label());
        let event = ActivityEvent::change(Action::MemberUpdated, target);
        Change::update(next, vec![event])
    }

    /// A changed state of a team with an entry.
    pub fn changed_team(&self, next: Team) -> Change<Team> {
        let target = Target::team(next.id, next.name.as_str());
        let event = ActivityEvent::change(Action::TeamUpdated, target);
        Change::update(next, vec![event])
    }

    /// The creation of a team by hand.
    ///
    /// # Panics
    /// When the rules refuse it.
    pub fn manual_team_change(&self, name: &str) -> Change<Team> {
        let name = TeamName::parse(name).expect("a valid name");
        let id = TeamId::new(self.ids.next());
        teams::create(id, self.id(), name, &self.actor(), None, self.now())
            .expect("an owner creates teams")
    }

    /// A team made by hand.
    ///
    /// # Panics
    /// When the store refuses it.
    pub async fn manual_team(&self, name: &str) -> Team {
        let change = self.manual_team_change(name);
        self.save_team(change).await.expect("a new team is saved")
    }

    /// The creation of a pushed team.
    ///
    /// # Panics
    /// When the rules refuse it.
    pub fn pushed_team_change(&self, name: &str, external_id: Option<&str>) -> Change<Team> {
        let group = DirectoryGroup {
            name: TeamName::parse(name).expect("a valid name"),
            external_id: external_id.map(|id| ExternalId::parse(id).expect("a valid id")),
        };
        let id = TeamId::new(self.ids.next());
        let nobody = Namesakes::default();
        teams::create_from_directory(id, &self.connection, group, nobody, self.now())
            .expect("the connection is on")
    }

    /// A team pushed by the directory.
    ///
    /// # Panics
    /// When the store refuses it.
    pub async fn pushed_team(&self, name: &str) -> Team {
        let change = self.pushed_team_change(name, Some(&format!("ext-{name}")));
        self.save_team(change).await.expect("a new team is saved")
    }

    /// What the directory asks of a pushed team's memberships.
    ///
    /// # Panics
    /// When the team is not the directory's.
    pub fn delta(&self, team: &Team, wanted: DirectoryMemberships) -> MembershipDelta {
        from_directory(team, &self.connection, wanted, &self.directories())
            .expect("the directory manages the team")
    }

    /// Applies a delta.
    ///
    /// # Errors
    /// As the store.
    pub async fn apply(&self, delta: MembershipDelta) -> Result<AppliedDelta, Failure> {
        let stamp = self.stamp();
        self.write(move |tx| Ok(tx.apply_memberships(&delta, &stamp)?))
            .await
    }

    /// Puts a member into a team, as the panel does.
    ///
    /// # Panics
    /// When the store refuses it.
    pub async fn put_in(&self, team: &Team, member: &Member) {
        let applied = self.apply(join(team, member)).await;
        assert_eq!(applied.expect("the team is there").added, [member.id]);
    }

    /// The member as stored.
    pub async fn stored_member(&self, id: MemberId) -> Option<Member> {
        let organization = self.id();
        self.read(move |tx| Ok(tx.member(organization, id)?)).await
    }

    /// The team as stored.
    pub async fn stored_team(&self, id: TeamId) -> Option<Team> {
        let organization = self.id();
        self.read(move |tx| Ok(tx.team(organization, id)?)).await
    }

    /// Who is in a team.
    pub async fn members_of(&self, team: TeamId) -> Vec<MemberId> {
        let organization = self.id();
        let labels = self
            .read(move |tx| Ok(tx.team_member_labels(organization, team, None, 10_000)?))
            .await;
        labels.into_iter().map(|label| label.id).collect()
    }

    /// Every entry, oldest first.
    pub async fn entries(&self) -> Vec<ActivityEntry> {
        let organization = self.id();
        let query = ActivityQuery {
            limit: 100_000,
            ..ActivityQuery::default()
        };
        let mut page = self
            .read(move |tx| Ok(tx.activity_page(organization, &query)?))
            .await;
        page.items.reverse();
        page.items
    }

    /// The actions of every entry, oldest first.
    pub async fn actions(&self) -> Vec<Action> {
        let entries = self.entries().await;
        entries.into_iter().map(|entry| entry.action).collect()
    }
}

/// The creation of a connection. Its entry is the organization's, for there is no action of its
/// own.
pub(crate) fn created(connection: &Connection) -> Change<Connection> {
    let label = connection.directory.label();
    let target = Target::connection(connection.id, label);
    let event = ActivityEvent::change(Action::OrganizationUpdated, target);
    Change::create(connection.clone(), event)
}

fn owner_of(owner: &Member) -> Actor {
    Actor::member(owner.id, Role::Owner, &owner.label())
}

fn stamp_of(organization: OrganizationId, at: DateTime<Utc>) -> Stamp {
    Stamp {
        organization,
        actor: Actor::operator(),
        at,
        request: RequestInfo {
            id: RequestId::new(Uuid::nil()),
            ip: None,
            user_agent: None,
        },
    }
}
