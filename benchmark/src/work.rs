//! What one client does, operation by operation.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::client::Client;
use crate::load::Work;
use crate::people;
use crate::random::Random;
use crate::stage::Stage;

/// Numbers that go on over all rounds, so that each write changes something.
#[derive(Clone, Default)]
pub(crate) struct Turns(Arc<AtomicUsize>);

impl Turns {
    fn next(&self) -> usize {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// Work for as many clients.
pub(crate) fn each(clients: usize, mut work: impl FnMut(usize) -> Work) -> Vec<Work> {
    (0..clients).map(&mut work).collect()
}

/// The same GET again and again.
pub(crate) fn get(path: String) -> Work {
    Box::new(move |client: &mut Client, _| client.send("GET", &path, "")?.expect(&[200]))
}

/// GET of any user.
pub(crate) fn get_user(stage: &Stage, seed: usize) -> Work {
    let (mut path, users) = (stage.path("/Users/"), stage.users.clone());
    let base = path.len();
    let mut random = Random(seed as u64);
    Box::new(move |client, _| {
        path.truncate(base);
        path.push_str(&users[random.below(users.len())]);
        client.send("GET", &path, "")?.expect(&[200])
    })
}

/// Look-up by `userName` of people of this group of names, who are there or not.
pub(crate) fn look_up(stage: &Stage, group: &'static str, seed: usize) -> Work {
    let (base, size) = (
        stage.path("/Users?filter=userName%20eq%20%22"),
        stage.users.len(),
    );
    let mut random = Random(seed as u64);
    Box::new(move |client, _| {
        let name = people::user_name(group, random.below(size));
        let path = format!("{base}{name}%22&startIndex=1&count=100");
        client.send("GET", &path, "")?.expect(&[200])
    })
}

/// Creates of people who were not there.
pub(crate) fn create(stage: &Stage, turns: &Turns) -> Work {
    let (path, turns) = (stage.path("/Users"), turns.clone());
    Box::new(move |client, _| {
        let body = people::user(people::NEWCOMERS, turns.next(), "Engineer");
        client.send("POST", &path, &body)?.expect(&[201])
    })
}

/// PUTs, each of which changes the title of another person: of every second one, and the others are
/// those who are deactivated, since a PUT would reactivate them too.
pub(crate) fn put(stage: &Stage, turns: &Turns) -> Work {
    let (base, users, turns) = (stage.path("/Users/"), stage.users.clone(), turns.clone());
    Box::new(move |client, _| {
        let turn = turns.next();
        let n = turn * 2 % users.len();
        let body = people::user("sync", n, &format!("Engineer {turn}"));
        let path = format!("{base}{}", users[n]);
        client.send("PUT", &path, &body)?.expect(&[200])
    })
}

/// Deactivates every second person in turn, then reactivates them, and so on.
pub(crate) fn deactivate(stage: &Stage, turns: &Turns) -> Work {
    let (base, users, turns) = (stage.path("/Users/"), stage.users.clone(), turns.clone());
    Box::new(move |client, _| {
        let turn = turns.next();
        let turn = turn * 2 + 1;
        let path = format!("{base}{}", users[turn % users.len()]);
        let body = people::active(turn / users.len() % 2 == 1);
        client.send("PATCH", &path, &body)?.expect(&[200])
    })
}

/// Members who leave a team and join it again in turn.
pub(crate) fn toggle(stage: &Stage, team: &str, members: Vec<String>) -> Work {
    let path = stage.path(&format!("/Groups/{team}"));
    let turns = Turns::default();
    Box::new(move |client, _| {
        let body = leave_or_join(turns.next(), &members);
        client.send("PATCH", &path, &body)?.expect(&[204])
    })
}

/// So many members at once who leave a team and join it again, each time the ones behind the last.
pub(crate) fn rotate(stage: &Stage, team: &str, size: usize, turns: &Turns) -> Work {
    let path = stage.path(&format!("/Groups/{team}"));
    let (users, turns) = (stage.users.clone(), turns.clone());
    Box::new(move |client, _| {
        let turn = turns.next();
        let first = turn / 2 % (users.len() / size) * size;
        let members = &users[first..first + size];
        let body = leave_or_join(turn, members);
        client.send("PATCH", &path, &body)?.expect(&[204])
    })
}

fn leave_or_join(turn: usize, members: &[String]) -> String {
    if turn.is_multiple_of(2) {
        people::leave(members)
    } else {
        people::join(members)
    }
}

/// Everybody, a hundred a page; answers the cursor of the last page where there are cursors.
///
/// # Errors
/// At the first answer that is not what it should be.
pub(crate) fn import(
    stage: &Stage,
    cursors: bool,
    mut passed: impl FnMut(usize) -> io::Result<()>,
) -> io::Result<String> {
    let mut client = stage.client()?;
    let mut cursor = String::new();
    for page in 0.. {
        let path = if cursors {
            cursor_page(stage, &cursor)
        } else {
            index_page(stage, page * 100 + 1)
        };
        let answer = client.send("GET", &path, "")?;
        answer.expect(&[200])?;
        let next = answer.text("nextCursor");
        let found = answer
            .body
            .windows(8)
            .filter(|bytes| bytes == b"userName")
            .count();
        passed(page)?;
        match next {
            Some(next) => cursor = next,
            None if cursors => break,
            None if found < 100 => break,
            None => {}
        }
    }
    Ok(cursor)
}

/// How many people there are.
///
/// # Errors
/// When the answer does not say.
pub(crate) fn people(stage: &Stage) -> io::Result<usize> {
    let mut client = stage.client()?;
    let answer = client.send("GET", &stage.path("/Users?count=0"), "")?;
    let total = answer.number("totalResults");
    total.ok_or_else(|| io::Error::other("the list has no total"))
}

/// A page of a hundred without groups, by index.
pub(crate) fn index_page(stage: &Stage, start: usize) -> String {
    stage.path(&format!(
        "/Users?startIndex={start}&count=100&excludedAttributes=groups"
    ))
}

/// A page of a hundred without groups, by cursor.
pub(crate) fn cursor_page(stage: &Stage, cursor: &str) -> String {
    stage.path(&format!(
        "/Users?cursor={cursor}&count=100&excludedAttributes=groups"
    ))
}
