//! Lists: complete, without repetition, stable, and the same however they are sliced.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use rollcall_application::ports::{
    ActivityQuery, Cursor, Direction, MemberCondition, MemberListItem, MemberQuery, MemberSort,
    Page, StatusFilter, Store, Stretch, TeamCondition, TeamLabel, TeamQuery, TeamSort, Window,
};
use rollcall_domain::{
    Action, ActivityEvent, Change, ChangeKind, DirectoryKind, EventKind, ExternalId, FoldedKey,
    Member, MemberId, MemberStatus, Origin, PersonName, Role, Target, Team, Text,
};

use super::live_members;
use crate::Tenant;

/// Behind the row of this id.
fn after_id(id: uuid::Uuid) -> Window {
    Window::After(Some(Cursor {
        key: String::new(),
        id,
    }))
}

/// Every page of a member query.
async fn all_members(acme: &Tenant, query: &MemberQuery) -> Vec<Page<MemberListItem>> {
    let (id, mut query, mut pages) = (acme.id(), query.clone(), Vec::new());
    loop {
        let asked = query.clone();
        let page = acme.read(move |tx| Ok(tx.member_page(id, &asked)?)).await;
        query.after.clone_from(&page.next);
        pages.push(page);
        if query.after.is_none() {
            return pages;
        }
    }
}

fn members(pages: &[Page<MemberListItem>]) -> Vec<Member> {
    let items = pages.iter().flat_map(|page| &page.items);
    items.map(|item| item.member.clone()).collect()
}

/// One page of a member query.
async fn found(acme: &Tenant, query: MemberQuery) -> Vec<String> {
    let query = MemberQuery {
        limit: 100,
        ..query
    };
    let pages = all_members(acme, &query).await;
    assert_eq!(pages[0].total, pages[0].items.len() as u64);
    let mut keys: Vec<String> = members(&pages)
        .iter()
        .map(|member| member.login_key.to_string())
        .collect();
    keys.sort_unstable();
    keys
}

/// Thirteen members, several of one name and of one moment.
async fn crowd(acme: &Tenant) -> HashSet<MemberId> {
    let mut ids = HashSet::from([acme.owner.id]);
    for number in 0..12 {
        let email = format!("m{number:02}@acme.example");
        let change = acme.pushed_change(acme.user(&email, None));
        let name = PersonName {
            display: Some(Text::parse(&format!("Name {}", number % 4)).unwrap()),
            ..PersonName::default()
        };
        let value = Member {
            name,
            created_at: acme.owner.created_at + Duration::seconds(number % 3),
            ..change.value
        };
        ids.insert(value.id);
        acme.save_member(Change { value, ..change }).await.unwrap();
    }
    ids
}

/// Pages of every order are disjoint and complete, in order, and end where they say.
pub async fn member_pages_are_complete_in_every_order(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let ids = crowd(&acme).await;
    for sort in [MemberSort::Name, MemberSort::Email, MemberSort::Created] {
        let mut orders = Vec::new();
        for direction in [Direction::Ascending, Direction::Descending] {
            let query = MemberQuery {
                sort,
                direction,
                limit: 5,
                ..MemberQuery::default()
            };
            let pages = all_members(&acme, &query).await;
            assert_eq!(pages.len(), 3, "13 rows by fives: {sort:?} {direction:?}");
            assert!(pages.iter().all(|page| page.total == 13));
            let listed = members(&pages);
            let distinct: HashSet<MemberId> = listed.iter().map(|member| member.id).collect();
            assert_eq!(
                (listed.len(), &distinct),
                (13, &ids),
                "{sort:?} {direction:?}"
            );
            orders.push(listed);
        }
        let place = |member: &Member| match sort {
            MemberSort::Name => (FoldedKey::of(&member.label()).to_string(), member.id),
            MemberSort::Email => (member.login_key.to_string(), member.id),
            MemberSort::Created => (member.created_at.timestamp_micros().to_string(), member.id),
        };
        assert!(orders[0].is_sorted_by_key(place), "{sort:?}");
        orders[1].reverse();
        assert_eq!(orders[0], orders[1], "{sort:?}");
    }
}

/// A page that fits exactly is the last one.
pub async fn a_page_that_fits_exactly_is_the_last(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    crowd(&acme).await;
    let query = MemberQuery {
        limit: 13,
        ..MemberQuery::default()
    };
    let pages = all_members(&acme, &query).await;
    assert_eq!((pages.len(), pages[0].items.len()), (1, 13));
}

/// Rows that come and go before the page move nothing behind it.
pub async fn a_page_is_stable_while_rows_come_and_go(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    crowd(&acme).await;
    let query = MemberQuery {
        sort: MemberSort::Email,
        limit: 5,
        ..MemberQuery::default()
    };
    let whole = members(&all_members(&acme, &query).await);
    let id = acme.id();
    let asked = query.clone();
    let first = acme.read(move |tx| Ok(tx.member_page(id, &asked)?)).await;
    acme.pushed_member("a-newcomer@acme.example").await;
    let gone = acme.changed(whole[1].clone());
    let gone = Change {
        kind: ChangeKind::Remove,
        ..gone
    };
    acme.save_member(gone).await.unwrap();
    let rest = MemberQuery {
        after: first.next,
        ..query
    };
    assert_eq!(members(&all_members(&acme, &rest).await), whole[5..]);
}

/// SEC-30: `%`, `_` and `\` are letters; case and width do not matter; label, e-mail and the
/// directory's name are looked through.
pub async fn a_search_is_folded_and_literal(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let named = |label: &str, user_name: &str| {
        let change = acme.pushed_change(acme.user(user_name, None));
        let name = PersonName {
            display: Some(Text::parse(label).unwrap()),
            ..PersonName::default()
        };
        Change {
            value: Member {
                name,
                ..change.value
            },
            ..change
        }
    };
    acme.save_member(named("100% Ärger", "one@x.example"))
        .await
        .unwrap();
    acme.save_member(named("1000 Names", "two@x.example"))
        .await
        .unwrap();
    acme.save_member(named("snake_case", "three@x.example"))
        .await
        .unwrap();
    acme.save_member(named("snakeXcase", r"fo\ur"))
        .await
        .unwrap();
    let search = async |text: &str| {
        found(
            &acme,
            MemberQuery {
                search: Some(text.to_owned()),
                ..MemberQuery::default()
            },
        )
        .await
    };
    assert_eq!(search("100%").await, ["one@x.example"]);
    assert_eq!(search("ÄRGER").await, ["one@x.example"]);
    assert_eq!(search("e_c").await, ["three@x.example"]);
    assert_eq!(search(r"o\u").await, [r"fo\ur"]);
    assert_eq!(search("TWO@X").await, ["two@x.example"]);
    assert_eq!(search("ｎａｍｅｓ").await, ["two@x.example"], "full width");
    assert!(search("%").await == ["one@x.example"] && search("'").await.is_empty());
    assert_eq!(search("  ").await.len(), 5, "nothing is asked for");

    for name in ["50% more", "50 more", "a_b", "aXb"] {
        acme.manual_team(name).await;
    }
    let id = acme.id();
    let teams = async |text: &str| {
        let query = TeamQuery {
            search: Some(text.to_owned()),
            limit: 10,
            ..TeamQuery::default()
        };
        let page = acme.read(move |tx| Ok(tx.team_page(id, &query)?)).await;
        let found = page.items.iter().map(|team| team.name.to_string());
        found.collect::<Vec<_>>()
    };
    assert_eq!(teams("0%").await, ["50% more"]);
    assert_eq!(teams("A_B").await, ["a_b"]);
}

/// A search for what no name can hold, or be as long as, is no failure and finds nothing (SEC-30).
pub async fn a_search_for_the_impossible_finds_nothing(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let pushed = acme.pushed_member("one@x.example").await;
    acme.manual_team("Ops").await;
    let id = acme.id();
    for text in ["\0", "one\0", &"o".repeat(60_000), &"%".repeat(16_000)] {
        let query = MemberQuery {
            search: Some(text.to_owned()),
            ..MemberQuery::default()
        };
        assert!(found(&acme, query).await.is_empty());
        let query = TeamQuery {
            search: Some(text.to_owned()),
            limit: 10,
            ..TeamQuery::default()
        };
        let page = acme.read(move |tx| Ok(tx.team_page(id, &query)?)).await;
        assert_eq!(page.total, 0);
    }
    let behind = MemberQuery {
        sort: MemberSort::Email,
        after: Some(Cursor {
            key: "a\0".to_owned(),
            id: pushed.id.uuid(),
        }),
        limit: 10,
        ..MemberQuery::default()
    };
    acme.read(move |tx| Ok(tx.member_page(id, &behind)?)).await;
}

/// A directory that looks for what no key can hold or be finds nothing, be it alone, counted or in
/// a list (SEC-30).
pub async fn a_directory_that_looks_for_the_impossible_finds_nothing(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    acme.pushed_member("one@x.example").await;
    let (id, connection) = (acme.id(), acme.connection.id);
    for text in ["\0", "one@x.example\0", &"o".repeat(60_000)] {
        let key = FoldedKey::of(text);
        let external = ExternalId::from_stored(text.to_owned());
        for condition in [
            MemberCondition::UserName(key.clone()),
            MemberCondition::Email(key.clone()),
            MemberCondition::Label(key.clone()),
            MemberCondition::ExternalId(external.clone()),
        ] {
            let found = acme.read(move |tx| {
                let first = Stretch::by_id(Window::After(None), 10);
                let more = [condition.clone(), MemberCondition::Active(true)];
                let alone = &more[..1];
                let listed = live_members(tx, id, connection, alone, &first)?.len()
                    + live_members(tx, id, connection, &more, &first)?.len();
                Ok((listed, tx.count_live_members(id, connection, alone)?))
            });
            assert_eq!(found.await, (0, 0));
        }
        for condition in [
            TeamCondition::Name(key),
            TeamCondition::ExternalId(external),
        ] {
            let found = acme.read(move |tx| {
                let first = Stretch::by_id(Window::After(None), 10);
                let alone = std::slice::from_ref(&condition);
                let listed = tx.live_teams(id, connection, alone, &first)?;
                let count = tx.count_live_teams(id, connection, alone)?;
                Ok((listed.len(), count))
            });
            assert_eq!(found.await, (0, 0));
        }
    }
}

/// Filters combine by *and*.
pub async fn member_filters_combine(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let now = acme.now();
    let ann = acme.pushed_member("ann@acme.example").await;
    let bob = acme.manual_member("bob@acme.example").await;
    acme.manual_member("cid@acme.example").await;
    let with = |member: &Member, status: MemberStatus| {
        acme.changed(Member {
            status,
            ..member.clone()
        })
    };
    let until = |hours: i64| MemberStatus::Invited {
        expires_at: now + Duration::hours(hours),
    };
    acme.save_member(with(&ann, MemberStatus::Deactivated))
        .await
        .unwrap();
    acme.save_member(with(&bob, until(1))).await.unwrap();
    let query = |status: StatusFilter| MemberQuery {
        status: Some(status),
        ..MemberQuery::default()
    };
    let (ann, bob, cid) = ("ann@acme.example", "bob@acme.example", "cid@acme.example");
    let owner = "owner@acme.example";
    assert_eq!(found(&acme, query(StatusFilter::Deactivated)).await, [ann]);
    assert_eq!(
        found(&acme, query(StatusFilter::Active)).await,
        [cid, owner]
    );
    assert_eq!(found(&acme, query(StatusFilter::Invited(now))).await, [bob]);
    assert!(
        found(&acme, query(StatusFilter::Expired(now)))
            .await
            .is_empty()
    );
    let end = now + Duration::hours(1);
    assert_eq!(found(&acme, query(StatusFilter::Expired(end))).await, [bob]);
    assert!(
        found(&acme, query(StatusFilter::Invited(end)))
            .await
            .is_empty()
    );
    assert!(
        found(&acme, query(StatusFilter::Suspended))
            .await
            .is_empty()
    );
    let source = |source: Origin| MemberQuery {
        source: Some(source),
        ..MemberQuery::default()
    };
    let okta = Origin::Provisioned(DirectoryKind::Okta);
    assert_eq!(found(&acme, source(okta)).await, [ann]);
    assert_eq!(
        found(&acme, source(Origin::Manual)).await,
        [bob, cid, owner]
    );
    let owners = MemberQuery {
        role: Some(Role::Owner),
        ..query(StatusFilter::Active)
    };
    assert_eq!(found(&acme, owners).await, [owner]);
    let nobody = MemberQuery {
        role: Some(Role::Owner),
        ..source(okta)
    };
    assert!(found(&acme, nobody).await.is_empty());
}

/// A row shows up to ten teams by name and says how many there are; a team's members are listed.
pub async fn a_row_shows_ten_teams_and_their_number(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let ann = acme.pushed_member("ann@acme.example").await;
    let mut teams = Vec::new();
    for number in (0..12).rev() {
        let team = acme.manual_team(&format!("Team {number:02}")).await;
        acme.put_in(&team, &ann).await;
        teams.push(team);
    }
    let pushed = acme.pushed_team("Pushed").await;
    acme.put_in(&pushed, &ann).await;
    let (id, member, connection) = (acme.id(), ann.id, acme.connection.id);
    let query = MemberQuery {
        team: Some(teams[0].id),
        limit: 10,
        ..MemberQuery::default()
    };
    let page = acme.read(move |tx| Ok(tx.member_page(id, &query)?)).await;
    assert_eq!((page.total, page.items.len()), (1, 1));
    let names: Vec<String> = page.items[0]
        .teams
        .iter()
        .map(|t| t.name.to_string())
        .collect();
    assert_eq!(page.items[0].team_count, 13);
    assert_eq!(
        (names.len(), names[0].as_str(), names[1].as_str()),
        (10, "Pushed", "Team 00")
    );
    let all = acme
        .read(move |tx| Ok(tx.teams_of_member(id, member)?))
        .await;
    assert_eq!(all.len(), 13);
    let live = acme
        .read(move |tx| Ok(tx.live_teams_of_members(id, connection, &[member])?))
        .await;
    let ids = |teams: &[TeamLabel]| teams.iter().map(|team| team.id).collect::<Vec<_>>();
    assert_eq!(live.keys().copied().collect::<Vec<_>>(), [ann.id]);
    assert_eq!(ids(&live[&ann.id]), [pushed.id]);
}

/// Team pages, as member pages.
pub async fn team_pages_are_complete_in_every_order(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let mut ids = HashSet::new();
    for number in 0..7 {
        // Two of each name: one in the organization's namespace, one in the directory's.
        let name = format!("Team {}", number / 2);
        let team = if number % 2 == 0 {
            acme.manual_team(&name).await
        } else {
            acme.pushed_team(&name).await
        };
        ids.insert(team.id);
    }
    let id = acme.id();
    for sort in [TeamSort::Name, TeamSort::Created] {
        let mut orders: Vec<Vec<Team>> = Vec::new();
        for direction in [Direction::Ascending, Direction::Descending] {
            let mut query = TeamQuery {
                sort,
                direction,
                limit: 3,
                ..TeamQuery::default()
            };
            let mut listed = Vec::new();
            loop {
                let asked = query.clone();
                let page = acme.read(move |tx| Ok(tx.team_page(id, &asked)?)).await;
                assert_eq!(page.total, 7);
                listed.extend(page.items);
                query.after = page.next;
                if query.after.is_none() {
                    break;
                }
            }
            let distinct: HashSet<_> = listed.iter().map(|team| team.id).collect();
            assert_eq!((listed.len(), &distinct), (7, &ids));
            orders.push(listed);
        }
        orders[1].reverse();
        assert_eq!(orders[0], orders[1]);
    }
    let query = TeamQuery {
        source: Some(Origin::Manual),
        limit: 10,
        ..TeamQuery::default()
    };
    let page = acme.read(move |tx| Ok(tx.team_page(id, &query)?)).await;
    assert_eq!((page.total, page.items.len()), (4, 4));
}

/// What a directory sees: its live objects in id order, by offset and by id, under each condition.
pub async fn a_directory_sees_its_live_objects_in_id_order(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    acme.manual_member("manual@acme.example").await;
    let mut people = Vec::new();
    for number in 0..5 {
        people.push(acme.pushed_member(&format!("m{number}@acme.example")).await);
    }
    let stopped = acme.changed(Member {
        status: MemberStatus::Deactivated,
        ..people[2].clone()
    });
    people[2] = acme.save_member(stopped).await.unwrap();
    let (ops, own) = (acme.pushed_team("Ops").await, acme.manual_team("Own").await);
    for team in [&ops, &own] {
        acme.put_in(team, &people[1]).await;
    }
    acme.put_in(&own, &people[3]).await;
    let (id, connection) = (acme.id(), acme.connection.id);
    let seen = async |conditions: Vec<MemberCondition>, window: Window, limit: u32| {
        let stretch = Stretch::by_id(window, limit);
        acme.read(move |tx| {
            let seen = live_members(tx, id, connection, &conditions, &stretch)?;
            let count = tx.count_live_members(id, connection, &conditions)?;
            Ok((seen, count))
        })
        .await
    };
    let all = || Window::After(None);
    assert_eq!(seen(vec![], all(), 9).await, (people.clone(), 5));
    assert_eq!(
        seen(vec![], Window::Offset(1), 2).await,
        (people[1..3].to_vec(), 5)
    );
    assert_eq!(seen(vec![], Window::Offset(9), 2).await, (vec![], 5));
    let after = after_id(people[2].id.uuid());
    assert_eq!(seen(vec![], after, 9).await, (people[3..].to_vec(), 5));
    let one = |member: usize| (vec![people[member].clone()], 1);
    let by_name = MemberCondition::UserName(FoldedKey::of("M4@acme.example"));
    assert_eq!(seen(vec![by_name.clone()], all(), 9).await, one(4));
    let external = ExternalId::parse("ext-m0@acme.example").unwrap();
    assert_eq!(
        seen(vec![MemberCondition::ExternalId(external)], all(), 9).await,
        one(0)
    );
    let exact = ExternalId::parse("EXT-m0@acme.example").unwrap();
    assert_eq!(
        seen(vec![MemberCondition::ExternalId(exact)], all(), 9).await,
        (vec![], 0)
    );
    assert_eq!(
        seen(vec![MemberCondition::Id(people[3].id)], all(), 9).await,
        one(3)
    );
    assert_eq!(
        seen(vec![MemberCondition::Active(false)], all(), 9).await,
        one(2)
    );
    assert_eq!(
        seen(vec![MemberCondition::Active(true)], all(), 1).await.1,
        4
    );
    assert_eq!(
        seen(vec![MemberCondition::InTeam(ops.id)], all(), 9).await,
        one(1)
    );
    let manual_team = MemberCondition::InTeam(own.id);
    assert_eq!(
        seen(vec![manual_team], all(), 9).await,
        (vec![], 0),
        "not the directory's"
    );
    let none = vec![by_name, MemberCondition::Active(false)];
    assert_eq!(seen(none, all(), 9).await, (vec![], 0));

    let member = people[1].id;
    let inside = acme
        .read(move |tx| Ok(tx.team_members_among(id, ops.id, &[member, MemberId::from_u128(4)])?))
        .await;
    assert_eq!(inside, [people[1].clone()]);
}

/// What a directory sees of teams, as of members.
pub async fn a_directory_sees_its_live_teams_in_id_order(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let ann = acme.pushed_member("ann@acme.example").await;
    let (ops, own) = (acme.pushed_team("Ops").await, acme.manual_team("Own").await);
    for team in [&ops, &own] {
        acme.put_in(team, &ann).await;
    }
    let dev = acme.pushed_team("Dev").await;
    let ops = acme.stored_team(ops.id).await.unwrap();
    let (id, connection) = (acme.id(), acme.connection.id);
    let all = Stretch::by_id(Window::After(None), 9);
    let seen = async |condition: Vec<TeamCondition>| {
        let all = all.clone();
        acme.read(move |tx| {
            let seen = tx.live_teams(id, connection, &condition, &all)?;
            let count = tx.count_live_teams(id, connection, &condition)?;
            assert_eq!(count, seen.len() as u64);
            Ok(seen.into_iter().map(|team| team.id).collect::<Vec<_>>())
        })
        .await
    };
    assert_eq!(seen(vec![]).await, [ops.id, dev.id]);
    let named = TeamCondition::Name(FoldedKey::of("OPS"));
    assert_eq!(seen(vec![named]).await, [ops.id]);
    let external = ExternalId::parse("ext-Dev").unwrap();
    assert_eq!(
        seen(vec![TeamCondition::ExternalId(external)]).await,
        [dev.id]
    );
    assert_eq!(seen(vec![TeamCondition::HasMember(ann.id)]).await, [ops.id]);
    assert_eq!(seen(vec![TeamCondition::Id(dev.id)]).await, [dev.id]);
    assert!(seen(vec![TeamCondition::Id(own.id)]).await.is_empty());
    let rest = Stretch::by_id(after_id(ops.id.uuid()), 9);
    let rest = acme
        .read(move |tx| Ok(tx.live_teams(id, connection, &[], &rest)?))
        .await;
    assert_eq!(rest, [dev]);
    let counts = acme
        .read(move |tx| Ok(tx.link_counts(id, connection)?))
        .await;
    assert_eq!((counts.live_members, counts.live_teams), (1, 2));
    assert_eq!((counts.lost_members, counts.lost_teams), (0, 0));
}

/// R14: what is counted has a bound, what is listed has none.
pub async fn activity_is_counted_to_a_bound(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let before = acme.entries().await.len();
    let bound = ActivityQuery::MOST_COUNTED as usize;
    let record = async |times: usize| {
        let event = ActivityEvent::change(
            Action::SessionStarted,
            Target::member(acme.owner.id, "owner"),
        );
        let stamp = acme.stamp();
        acme.write(move |tx| {
            for _ in 0..times {
                tx.record(event.clone(), &stamp)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    };
    let id = acme.id();
    let total = async || {
        let query = ActivityQuery {
            limit: 1,
            ..ActivityQuery::default()
        };
        let page = acme.read(move |tx| Ok(tx.activity_page(id, &query)?)).await;
        usize::try_from(page.total).unwrap()
    };
    record(bound - 1 - before).await;
    assert_eq!(total().await, bound - 1);
    record(2).await;
    assert_eq!(total().await, bound);
    assert_eq!(acme.entries().await.len(), bound + 1);
}

/// R14: entries newest first, by page and by filter.
pub async fn activity_is_paged_and_filtered(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let ann = acme.pushed_member("ann@acme.example").await;
    let team = acme.manual_team("Ops").await;
    acme.put_in(&team, &ann).await;
    let since = acme.now() + Duration::milliseconds(1);
    for _ in 0..5 {
        let member = acme.stored_member(ann.id).await.unwrap();
        acme.save_member(acme.changed(member)).await.unwrap();
    }
    let id = acme.id();
    let asked = async |query: ActivityQuery| {
        let query = ActivityQuery {
            limit: query.limit.max(2),
            ..query
        };
        acme.read(move |tx| Ok(tx.activity_page(id, &query)?)).await
    };
    let mut all = acme.entries().await;
    all.reverse();
    let mut query = ActivityQuery::default();
    let mut listed = Vec::new();
    loop {
        let page = asked(query.clone()).await;
        assert_eq!(page.total, all.len() as u64);
        listed.extend(page.items);
        let Some(next) = page.next else { break };
        query.before = Some(rollcall_domain::ActivityId::new(next.id));
    }
    assert_eq!(listed, all);
    let total = async |query: ActivityQuery| asked(query).await.total;
    let none = ActivityQuery::default;
    let actions = vec![Action::MemberUpdated, Action::TeamCreated];
    assert_eq!(total(ActivityQuery { actions, ..none() }).await, 6);
    let about = |id: String| ActivityQuery {
        target_id: Some(id),
        ..none()
    };
    assert_eq!(
        total(about(ann.id.to_string())).await,
        7,
        "created, joined, updated"
    );
    assert_eq!(total(about(team.id.to_string())).await, 2);
    let kind = |kind| ActivityQuery {
        kind: Some(kind),
        ..none()
    };
    assert_eq!(total(kind(EventKind::Warning)).await, 0);
    assert_eq!(total(kind(EventKind::Change)).await, all.len() as u64);
    let by = |actor: &str| ActivityQuery {
        actor_kind: Some(actor.to_owned()),
        ..none()
    };
    assert_eq!(total(by("directory")).await, 0);
    assert_eq!(total(by("system")).await, all.len() as u64);
    let actor_id = Some("nobody".to_owned());
    assert_eq!(total(ActivityQuery { actor_id, ..none() }).await, 0);
    let request = Some(all[0].request);
    assert_eq!(total(ActivityQuery { request, ..none() }).await, 1);
    let period = |from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>| ActivityQuery {
        from,
        until,
        ..none()
    };
    assert_eq!(total(period(Some(since), None)).await, 5);
    assert_eq!(total(period(None, Some(since))).await, all.len() as u64 - 5);
    assert_eq!(total(period(Some(since), Some(since))).await, 0);
}
