//! A small organization in memory that changes through the rules alone, as a store and the use
//! cases around it would change it. It upholds what must hold after every single change.

use std::collections::{BTreeMap, BTreeSet};

use rollcall_domain::rules::members::{self, MemberEdit};
use rollcall_domain::rules::memberships::{self, DirectoryMemberships};
use rollcall_domain::rules::provisioning::{self, DirectoryUser, Holders, Intake, Matches};
use rollcall_domain::rules::teams::{self, DirectoryGroup, Namesakes};
use rollcall_domain::rules::{Facts, invitations, organizations, switching};
use rollcall_domain::{
    Actor, Change, ChangeKind, Connection, ConnectionId, Custody, DeltaScope, Directories, Email,
    ExternalId, FoldedKey, Invitation, Link, LinkState, Member, MemberId, MembershipDelta, Refusal,
    Role, Seats, Team, TeamId, TeamName, WaysIn,
};
use uuid::Uuid;

use crate::support::{ORGANIZATION, email, entra, name, now, off, okta, others};

pub(crate) type Outcome = Result<(), Refusal>;

/// The organization.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct World {
    pub(crate) connections: Vec<Connection>,
    pub(crate) members: BTreeMap<MemberId, Member>,
    pub(crate) teams: BTreeMap<TeamId, Team>,
    pub(crate) seated: BTreeSet<(TeamId, MemberId)>,
    pub(crate) invitations: BTreeMap<MemberId, Invitation>,
    pub(crate) allowed: BTreeSet<MemberId>,
    pub(crate) seat_limit: Option<u32>,
    last_id: u128,
}

impl World {
    /// One owner, and two directories that were never turned on.
    pub(crate) fn new(seat_limit: Option<u32>) -> Self {
        let mut world = Self {
            connections: vec![off(&okta()), off(&entra())],
            members: BTreeMap::new(),
            teams: BTreeMap::new(),
            seated: BTreeSet::new(),
            invitations: BTreeMap::new(),
            allowed: BTreeSet::new(),
            seat_limit,
            last_id: 0,
        };
        let id = MemberId::from_u128(world.next_id());
        world.save(organizations::owner(
            id,
            ORGANIZATION,
            email("owner@x.io"),
            name("Owner"),
            now(),
        ));
        world
    }

    fn next_id(&mut self) -> u128 {
        self.last_id += 1;
        self.last_id
    }

    pub(crate) fn directories(&self) -> Directories {
        Directories::new(self.connections.clone())
    }

    pub(crate) fn seats_used(&self) -> u32 {
        let used = self.members.values().filter(|m| m.status.uses_seat());
        u32::try_from(used.count()).expect("a small world")
    }

    fn other_owners(&self, but: Option<MemberId>) -> u32 {
        let others = self
            .members
            .values()
            .filter(|member| Some(member.id) != but && member.is_effective_owner(WaysIn::PASSWORD));
        u32::try_from(others.count()).expect("a small world")
    }

    pub(crate) fn facts<'a>(
        &self,
        directories: &'a Directories,
        about: Option<MemberId>,
    ) -> Facts<'a> {
        Facts {
            now: now(),
            directories,
            seats: Seats {
                used: self.seats_used(),
                limit: self.seat_limit,
            },
            owners: others(self.other_owners(about)),
            roles_in_panel: false,
        }
    }

    pub(crate) fn is_managed(&self, member: &Member) -> bool {
        let custody = self
            .directories()
            .custody(member.origin, member.link.as_ref());
        custody != Custody::Panel
    }

    pub(crate) fn is_managed_team(&self, team: &Team) -> bool {
        let custody = self.directories().custody(team.origin, team.link.as_ref());
        custody != Custody::Panel
    }

    pub(crate) fn member_at(&self, index: usize) -> Member {
        let at = index % self.members.len();
        self.members
            .values()
            .nth(at)
            .expect("the owner is always there")
            .clone()
    }

    pub(crate) fn team_at(&self, index: usize) -> Option<Team> {
        let at = index.checked_rem(self.teams.len())?;
        self.teams.values().nth(at).cloned()
    }

    fn member_with(&self, but: MemberId, wanted: impl Fn(&Member) -> bool) -> Option<MemberId> {
        self.members
            .values()
            .find(|member| member.id != but && wanted(member))
            .map(|member| member.id)
    }

    fn team_in(&self, but: Option<TeamId>, namespace: Uuid, key: &FoldedKey) -> Option<TeamId> {
        self.teams
            .values()
            .find(|t| Some(t.id) != but && t.namespace == namespace && t.name_key == *key)
            .map(|team| team.id)
    }

    fn save(&mut self, change: Change<Member>) {
        assert_recorded(&change);
        let id = change.value.id;
        match change.kind {
            ChangeKind::None => {
                assert_eq!(self.members.get(&id), Some(&change.value), "none is none");
            }
            ChangeKind::Create | ChangeKind::Update => {
                let existed = self.members.insert(id, change.value).is_some();
                assert_eq!(existed, change.kind == ChangeKind::Update);
            }
            ChangeKind::Remove => {
                self.members.remove(&id);
                self.seated.retain(|(_, member)| *member != id);
            }
        }
        for effect in change.effects {
            match effect {
                rollcall_domain::Effect::VoidInvitation => drop(self.invitations.remove(&id)),
                rollcall_domain::Effect::UseLinkApproval => drop(self.allowed.remove(&id)),
                _ => {}
            }
        }
    }

    fn save_team(&mut self, change: Change<Team>) {
        assert_recorded(&change);
        let id = change.value.id;
        match change.kind {
            ChangeKind::None => {
                assert_eq!(self.teams.get(&id), Some(&change.value), "none is none");
            }
            ChangeKind::Create | ChangeKind::Update => {
                self.teams.insert(id, change.value);
            }
            ChangeKind::Remove => {
                self.teams.remove(&id);
                self.seated.retain(|(team, _)| *team != id);
            }
        }
    }

    fn apply(&mut self, delta: &MembershipDelta) {
        let team = delta.team();
        let let_in = |world: &Self, id: &MemberId| {
            world
                .members
                .get(id)
                .is_some_and(|member| match delta.scope() {
                    DeltaScope::Panel => true,
                    DeltaScope::Directory(connection) => is_live(member.link.as_ref(), connection),
                })
        };
        let added: Vec<MemberId> = delta
            .added()
            .iter()
            .copied()
            .filter(|id| let_in(self, id))
            .collect();
        if delta.replaces() {
            self.seated.retain(|(of, _)| *of != team);
        }
        for member in delta.removed() {
            self.seated.remove(&(team, *member));
        }
        self.seated
            .extend(added.into_iter().map(|member| (team, member)));
    }
}

/// A change leaves an entry, and nothing leaves none.
fn assert_recorded<T>(change: &Change<T>) {
    assert_eq!(change.kind == ChangeKind::None, change.events.is_empty());
    if change.kind == ChangeKind::None {
        assert!(change.effects.is_empty());
    }
}

pub(crate) fn is_live(link: Option<&Link>, connection: ConnectionId) -> bool {
    link.is_some_and(|link| link.connection == connection && link.state == LinkState::Live)
}

/// What the panel does.
impl World {
    pub(crate) fn invite(
        &mut self,
        address: &Email,
        role: Role,
        team: Option<Team>,
        by: &Actor,
    ) -> Outcome {
        let id = MemberId::from_u128(self.next_id());
        let taken_by = self.member_with(id, |member| member.answers_to(&[address.key()]));
        let invitee = invitations::Invitee {
            id,
            email: address.clone(),
            name: name("Invited"),
            role,
        };
        let directories = self.directories();
        let facts = self.facts(&directories, None);
        let teams: Vec<Team> = team.into_iter().collect();
        let (change, invitation) =
            invitations::invite(ORGANIZATION, invitee, &teams, by, &facts, taken_by)?;
        self.save(change);
        self.invitations.insert(id, invitation);
        Ok(())
    }

    pub(crate) fn accept(&mut self, member: &Member) -> Outcome {
        let promised = self.invitations.get(&member.id).cloned();
        let change = invitations::accept(member, name("Joined"), now())?;
        let joined = change.value.clone();
        self.save(change);
        let teams: Vec<Team> = promised
            .iter()
            .flat_map(|invitation| &invitation.teams)
            .filter_map(|id| self.teams.get(id).cloned())
            .collect();
        let directories = self.directories();
        for team in invitations::teams_on_acceptance(&joined, &teams, &directories) {
            self.apply(&memberships::join(team, &joined));
        }
        Ok(())
    }

    pub(crate) fn resend(&mut self, member: &Member, by: &Actor) -> Outcome {
        self.save(invitations::resend(member, by, now())?);
        Ok(())
    }

    pub(crate) fn cancel(&mut self, member: &Member, by: &Actor) -> Outcome {
        self.save(invitations::cancel(member, by)?);
        Ok(())
    }

    pub(crate) fn edit(&mut self, member: &Member, address: Option<&Email>, by: &Actor) -> Outcome {
        let directories = self.directories();
        let taken_by = address.and_then(|address| {
            let keys = members::edit_keys(member, address);
            self.member_with(member.id, |other| other.answers_to(&keys))
        });
        let wanted = MemberEdit {
            name: name("Edited"),
            email: address.cloned(),
        };
        let facts = self.facts(&directories, Some(member.id));
        let change = members::edit(member, wanted, by, &facts, taken_by)?;
        self.save(change);
        Ok(())
    }

    /// A command on one member that needs nothing but the facts.
    pub(crate) fn command(
        &mut self,
        member: &Member,
        run: impl Fn(&Member, &Facts<'_>) -> Result<Change<Member>, Refusal>,
    ) -> Outcome {
        let directories = self.directories();
        let facts = self.facts(&directories, Some(member.id));
        let change = run(member, &facts)?;
        self.save(change);
        Ok(())
    }

    pub(crate) fn create_team(&mut self, wanted: TeamName, by: &Actor) -> Outcome {
        let id = TeamId::from_u128(self.next_id());
        let namesake = self.team_in(None, ORGANIZATION.uuid(), &wanted.key());
        self.save_team(teams::create(
            id,
            ORGANIZATION,
            wanted,
            by,
            namesake,
            now(),
        )?);
        Ok(())
    }

    pub(crate) fn rename_team(&mut self, team: &Team, wanted: TeamName, by: &Actor) -> Outcome {
        let connection = team.link.as_ref().map(|link| link.connection.uuid());
        let beside = |namespace| self.team_in(Some(team.id), namespace, &wanted.key());
        let namesakes = Namesakes {
            organization: beside(ORGANIZATION.uuid()),
            connection: connection.and_then(beside),
            external_id: None,
        };
        let change = teams::rename(team, wanted, by, &self.directories(), namesakes)?;
        self.save_team(change);
        Ok(())
    }

    pub(crate) fn delete_team(&mut self, team: &Team, by: &Actor) -> Outcome {
        self.save_team(teams::delete(team, by, &self.directories())?);
        Ok(())
    }

    pub(crate) fn add(&mut self, team: &Team, member: Member, by: &Actor) -> Outcome {
        let delta = memberships::add(team, &[member], by, &self.directories())?;
        self.apply(&delta);
        Ok(())
    }

    pub(crate) fn remove(&mut self, team: &Team, member: MemberId, by: &Actor) -> Outcome {
        let delta = memberships::remove(team, &[member], by, &self.directories())?;
        self.apply(&delta);
        Ok(())
    }
}

/// What a directory does.
impl World {
    fn live_member(&self, at: &Connection, wanted: impl Fn(&Link) -> bool) -> Option<Member> {
        self.members
            .values()
            .find(|m| is_live(m.link.as_ref(), at.id) && m.link.as_ref().is_some_and(&wanted))
            .cloned()
    }

    fn live_team_with(
        &self,
        at: &Connection,
        external_id: Option<&ExternalId>,
        but: Option<TeamId>,
    ) -> Option<TeamId> {
        external_id?;
        self.teams
            .values()
            .find(|team| {
                Some(team.id) != but
                    && is_live(team.link.as_ref(), at.id)
                    && team
                        .link
                        .as_ref()
                        .and_then(|link| link.external_id.as_ref())
                        == external_id
            })
            .map(|team| team.id)
    }

    pub(crate) fn push(&mut self, at: usize, user: DirectoryUser) -> Outcome {
        let at = self.connections[at].clone();
        if !at.is_on() {
            return Err(Refusal::ConnectionClosed);
        }
        let key = user.user_name.key();
        let matches = Matches {
            by_user_name: self.live_member(&at, |link| link.key == key),
            by_external_id: user
                .external_id
                .as_ref()
                .and_then(|id| self.live_member(&at, |link| link.external_id.as_ref() == Some(id))),
            by_key: self
                .members
                .values()
                .filter(|m| !is_live(m.link.as_ref(), at.id) && m.answers_to(&user.keys()))
                .cloned()
                .collect(),
        };
        let allowed: Vec<MemberId> = self.allowed.iter().copied().collect();
        let directories = self.directories();
        match provisioning::receive(&matches, &user, &directories, &allowed)? {
            Intake::Create => {
                let id = MemberId::from_u128(self.next_id());
                let facts = self.facts(&directories, None);
                self.save(provisioning::create(id, &at, user, &facts)?);
                Ok(())
            }
            Intake::Revive(member) => self.command(&member, |member, facts| {
                provisioning::revive(member, &at, user.clone(), facts)
            }),
            Intake::Adopt(member) => self.command(&member, |member, facts| {
                provisioning::adopt(member, &at, user.clone(), facts)
            }),
        }
    }

    pub(crate) fn put(&mut self, at: usize, member: &Member, user: &DirectoryUser) -> Outcome {
        let at = self.connections[at].clone();
        let key = user.user_name.key();
        let external_id = user.external_id.clone();
        let holders = Holders {
            user_name: self.member_with(member.id, |other| other.login_key == key),
            external_id: self.member_with(member.id, |other| {
                external_id.is_some()
                    && is_live(other.link.as_ref(), at.id)
                    && other
                        .link
                        .as_ref()
                        .is_some_and(|link| link.external_id == external_id)
            }),
        };
        self.command(member, |member, facts| {
            provisioning::update(member, &at, user.clone(), facts, holders)
        })
    }

    pub(crate) fn unpush(&mut self, at: usize, member: &Member) -> Outcome {
        let at = self.connections[at].clone();
        self.command(member, |member, facts| {
            provisioning::delete(member, &at, facts)
        })
    }

    pub(crate) fn push_group(&mut self, at: usize, group: DirectoryGroup) -> Outcome {
        let at = self.connections[at].clone();
        let id = TeamId::from_u128(self.next_id());
        let namesakes = self.group_namesakes(&at, &group, None);
        let change = teams::create_from_directory(id, &at, group, namesakes, now())?;
        self.save_team(change);
        Ok(())
    }

    pub(crate) fn put_group(&mut self, at: usize, team: &Team, group: DirectoryGroup) -> Outcome {
        let at = self.connections[at].clone();
        let namesakes = self.group_namesakes(&at, &group, Some(team.id));
        let directories = self.directories();
        let change = teams::update_from_directory(team, &at, group, namesakes, &directories)?;
        self.save_team(change);
        Ok(())
    }

    fn group_namesakes(
        &self,
        at: &Connection,
        group: &DirectoryGroup,
        but: Option<TeamId>,
    ) -> Namesakes {
        Namesakes {
            organization: self.team_in(but, ORGANIZATION.uuid(), &group.name.key()),
            connection: self.team_in(but, at.id.uuid(), &group.name.key()),
            external_id: self.live_team_with(at, group.external_id.as_ref(), but),
        }
    }

    pub(crate) fn unpush_group(&mut self, at: usize, team: &Team) -> Outcome {
        let at = self.connections[at].clone();
        let change = teams::delete_from_directory(team, &at, &self.directories())?;
        self.save_team(change);
        Ok(())
    }

    pub(crate) fn push_members(
        &mut self,
        at: usize,
        team: &Team,
        wanted: DirectoryMemberships,
    ) -> Outcome {
        let at = self.connections[at].clone();
        let delta = memberships::from_directory(team, &at, wanted, &self.directories())?;
        self.apply(&delta);
        Ok(())
    }
}

/// The switch.
impl World {
    pub(crate) fn turn_off(&mut self, at: usize, by: &Actor) -> Outcome {
        let change = switching::disable(&self.connections[at], by, now())?;
        assert_recorded(&change);
        self.connections[at] = change.value;
        Ok(())
    }

    /// All of it or nothing.
    pub(crate) fn turn_on(&mut self, at: usize, by: &Actor) -> Outcome {
        let mut next = self.clone();
        next.turn_on_and_relink(at, by)?;
        *self = next;
        Ok(())
    }

    fn turn_on_and_relink(&mut self, at: usize, by: &Actor) -> Outcome {
        let change = switching::enable(&self.connections[at], by, now())?;
        assert_recorded(&change);
        self.connections[at] = change.value.clone();
        let connection = change.value;
        // Who is lost frees what it held, so the live links come first.
        for state in [LinkState::Live, LinkState::Lost] {
            self.relink_members(&connection, state)?;
            self.relink_teams(&connection, state);
        }
        let outsiders: Vec<(TeamId, MemberId)> = self
            .seated
            .iter()
            .filter(|(team, member)| {
                is_live(self.teams[team].link.as_ref(), connection.id)
                    && switching::leaves_managed_teams(&self.members[member], &connection)
            })
            .copied()
            .collect();
        for row in outsiders {
            self.seated.remove(&row);
        }
        Ok(())
    }

    fn relink_members(&mut self, connection: &Connection, state: LinkState) -> Outcome {
        let linked: Vec<MemberId> = self
            .members
            .values()
            .filter(|member| member.link.as_ref().is_some_and(|link| link.state == state))
            .map(|member| member.id)
            .collect();
        for id in linked {
            let member = self.members[&id].clone();
            let external_id = member
                .link
                .as_ref()
                .and_then(|link| link.external_id.clone());
            let namesake = self.member_with(id, |other| {
                external_id.is_some()
                    && is_live(other.link.as_ref(), connection.id)
                    && other
                        .link
                        .as_ref()
                        .is_some_and(|link| link.external_id == external_id)
            });
            let owners = others(self.other_owners(Some(id)));
            let change = switching::relink_member(&member, connection, owners, namesake)?;
            self.save(change);
        }
        Ok(())
    }

    fn relink_teams(&mut self, connection: &Connection, state: LinkState) {
        let linked: Vec<Team> = self
            .teams
            .values()
            .filter(|team| team.link.as_ref().is_some_and(|link| link.state == state))
            .cloned()
            .collect();
        for team in linked {
            let Some(link) = &team.link else { continue };
            let namesakes = Namesakes {
                connection: self.team_in(Some(team.id), connection.id.uuid(), &link.key),
                external_id: self.live_team_with(
                    connection,
                    link.external_id.as_ref(),
                    Some(team.id),
                ),
                ..Namesakes::default()
            };
            let change = switching::relink_team(&team, connection, namesakes);
            self.save_team(change);
        }
    }
}
