//! A server with people and teams in it, filled as a directory fills one: through SCIM.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use crate::client::Client;
use crate::load::count;
use crate::people;
use crate::server::{Engine, Server};

/// How many requests a directory has under way during a sync.
const SYNC_CLIENTS: usize = 16;
/// How many members one PATCH of a fill names.
const MEMBERS_PER_PATCH: usize = 1_000;

/// A server and what was put into it.
pub(crate) struct Stage {
    pub(crate) server: Server,
    /// Ids of the people, by number; shared by all clients, which would push everything else out of
    /// the processor's caches if each had its own.
    pub(crate) users: Arc<[String]>,
    /// Bytes on the disk for each person, before there were teams.
    pub(crate) bytes_per_user: f64,
    /// How the fill went.
    pub(crate) sync: Sync,
}

/// An initial sync.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sync {
    /// People in a second over all of it.
    pub(crate) rate: f64,
    /// The rate over the last tenth, in parts of the rate over the first.
    pub(crate) end_to_start: f64,
}

impl Stage {
    /// Pushes `size` people: each is looked for, found missing and created.
    ///
    /// # Errors
    /// At the first answer that is not what it should be.
    pub(crate) fn fill(binary: &Path, engine: &Engine, size: usize) -> io::Result<Self> {
        let server = Server::start(binary, engine)?;
        let empty = server.disk()?;
        let (users, sync) = push_people(&server, size)?;
        let grown = server.disk()?.saturating_sub(empty);
        let grown = usize::try_from(grown).unwrap_or(usize::MAX);
        Ok(Self {
            server,
            users: users.into(),
            bytes_per_user: count(grown) / count(size),
            sync,
        })
    }

    /// A client of the directory.
    ///
    /// # Errors
    /// When the server does not listen.
    pub(crate) fn client(&self) -> io::Result<Client> {
        Client::connect(self.server.address(), &self.server.directory)
    }

    /// A path under the Tenant URL.
    pub(crate) fn path(&self, tail: &str) -> String {
        format!("{}{tail}", self.server.base)
    }

    /// Pushes a group of these people; answers its id.
    ///
    /// # Errors
    /// At the first answer that is not what it should be.
    pub(crate) fn team(&self, name: &str, members: &[String]) -> io::Result<String> {
        let mut client = self.client()?;
        let answer = client.send("POST", &self.path("/Groups"), &people::group(name))?;
        answer.expect(&[201])?;
        let id = answer.text("id");
        let id = id.ok_or_else(|| io::Error::other("a new group has an id"))?;
        self.join(&id, members)?;
        Ok(id)
    }

    /// Lets people join a group, a thousand at a time.
    ///
    /// # Errors
    /// At the first answer that is not what it should be.
    pub(crate) fn join(&self, team: &str, members: &[String]) -> io::Result<()> {
        let mut client = self.client()?;
        for members in members.chunks(MEMBERS_PER_PATCH) {
            let path = self.path(&format!("/Groups/{team}"));
            client
                .send("PATCH", &path, &people::join(members))?
                .expect(&[204])?;
        }
        Ok(())
    }

    /// Lets people leave a group, a thousand at a time.
    ///
    /// # Errors
    /// At the first answer that is not what it should be.
    pub(crate) fn leave(&self, team: &str, members: &[String]) -> io::Result<()> {
        let mut client = self.client()?;
        for members in members.chunks(MEMBERS_PER_PATCH) {
            let path = self.path(&format!("/Groups/{team}"));
            client
                .send("PATCH", &path, &people::leave(members))?
                .expect(&[204])?;
        }
        Ok(())
    }
}

fn push_people(server: &Server, size: usize) -> io::Result<(Vec<String>, Sync)> {
    let began = Instant::now();
    let pushed = Arc::new(Mutex::new(vec![(String::new(), 0.0); size]));
    thread::scope(|scope| {
        let threads: Vec<_> = (0..SYNC_CLIENTS)
            .map(|first| {
                let pushed = Arc::clone(&pushed);
                scope.spawn(move || {
                    let mut client = Client::connect(server.address(), &server.directory)?;
                    for n in (first..size).step_by(SYNC_CLIENTS) {
                        let id = push(server, &mut client, n)?;
                        let mut pushed = pushed.lock().unwrap_or_else(PoisonError::into_inner);
                        pushed[n] = (id, began.elapsed().as_secs_f64());
                    }
                    Ok(())
                })
            })
            .collect();
        let joined = threads.into_iter().map(|thread| {
            let outcome = thread.join();
            outcome.unwrap_or_else(|_| Err(io::Error::other("a client panicked")))
        });
        joined.collect::<io::Result<Vec<()>>>()
    })?;
    let pushed = std::mem::take(&mut *pushed.lock().unwrap_or_else(PoisonError::into_inner));
    let sync = rates(&pushed);
    Ok((pushed.into_iter().map(|(id, _)| id).collect(), sync))
}

fn push(server: &Server, client: &mut Client, n: usize) -> io::Result<String> {
    let name = people::user_name("sync", n);
    let query = format!(
        "{}/Users?filter=userName%20eq%20%22{name}%22&startIndex=1&count=100",
        server.base
    );
    client.send("GET", &query, "")?.expect(&[200])?;
    let path = format!("{}/Users", server.base);
    let answer = client.send("POST", &path, &people::user("sync", n, "Engineer"))?;
    answer.expect(&[201])?;
    let id = answer.text("id");
    id.ok_or_else(|| io::Error::other("a new user has an id"))
}

fn rates(pushed: &[(String, f64)]) -> Sync {
    let size = pushed.len();
    let at = |place: usize| pushed.get(place).map_or(0.0, |(_, at)| *at);
    let tenth = size / 10;
    let (first, last) = (at(tenth), at(size - 1) - at(size - 1 - tenth));
    Sync {
        rate: count(size) / at(size - 1),
        end_to_start: first / last,
    }
}
