//! What is measured.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::load::{Sample, Work, count, measure, median};
use crate::raw_sqlite::Raw;
use crate::server::{Database, Engine, Server};
use crate::stage::{Stage, Sync};
use crate::{people, raw_postgres, raw_sqlite, work};

/// How many clients read at once, and how many write.
const READERS: usize = 16;
const WRITERS: usize = 32;
/// How many connections to PostgreSQL the service reads over.
const SERVER_READERS: usize = 8;

/// How large and how long.
#[derive(Debug, Clone)]
pub(crate) struct Scale {
    /// People on each of the three servers.
    pub(crate) users: [usize; 3],
    /// Activity entries on the largest.
    pub(crate) entries: usize,
    /// Rounds that count.
    pub(crate) rounds: usize,
    /// How long a case runs in a round.
    pub(crate) time: Duration,
    /// What the names of cases have in them.
    pub(crate) only: String,
}

/// Everything that was found.
pub(crate) struct Findings {
    /// Of which engine.
    pub(crate) engine: &'static str,
    pub(crate) scale: Scale,
    /// By name.
    pub(crate) samples: BTreeMap<String, Sample>,
    pub(crate) sync: Sync,
    pub(crate) bytes_per_user: f64,
    pub(crate) import: Import,
    /// MiB after a start over all the data, and the most ever held.
    pub(crate) idle_memory: f64,
    pub(crate) peak_memory: f64,
    /// Whether pages by cursor are there.
    pub(crate) cursors: bool,
}

/// A whole import.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Import {
    /// CPU of the last tenth, in parts of the first.
    pub(crate) end_to_start: f64,
    /// MiB more than before.
    pub(crate) growth: f64,
}

/// One thing that is measured: its name and a run of it.
struct Case<'a> {
    name: String,
    run: Box<dyn Fn(usize) -> io::Result<Sample> + 'a>,
}

/// Fills the servers and measures everything.
///
/// # Errors
/// At the first answer that is not what it should be.
pub(crate) fn run(binary: &Path, engine: &Engine, scale: &Scale) -> io::Result<Findings> {
    let [small, middle, mut large] = scale.users.map(|size| Stage::fill(binary, engine, size));
    let (small, middle) = (small?, middle?);
    let large = large
        .as_mut()
        .map_err(|error| io::Error::other(error.to_string()))?;
    // Everywhere a person is in as many teams on average, so that answers say the same.
    Teams::push(&small, 0)?;
    Teams::push(&middle, 0)?;
    let teams = Teams::push(large, scale.entries)?;
    large.server.restart(binary)?;
    let idle_memory = large.server.process().memory()?;
    let (cursors, last_cursor, import) = whole_import(large)?;
    let raw = Server::start(binary, engine)?;
    seed(&raw)?;
    let stages = [&small, &middle, &*large];
    let mut cases = vec![constant(large, scale)];
    for stage in stages {
        cases.push(raw_look_up(stage, scale)?);
    }
    cases.extend(people_cases(stages, scale, READS));
    cases.push(raw_create(&raw, scale)?);
    cases.extend(people_cases(stages, scale, WRITES));
    cases.extend(team_cases(large, &teams, scale));
    cases.extend(list_cases(large, &last_cursor, cursors, scale));
    cases.extend(panel_cases(stages[0], large, scale));
    cases.retain(|case| case.name.contains(&scale.only));
    let samples = rounds(&cases, scale.rounds)?;
    drop(cases);
    Ok(Findings {
        engine: engine.name(),
        scale: scale.clone(),
        samples,
        sync: large.sync,
        bytes_per_user: large.bytes_per_user,
        import,
        idle_memory,
        peak_memory: large.server.process().peak_memory()?,
        cursors,
    })
}

#[expect(
    clippy::print_stderr,
    reason = "a full run takes long, and whoever waits wants to see it move"
)]
fn rounds(cases: &[Case<'_>], rounds: usize) -> io::Result<BTreeMap<String, Sample>> {
    let mut samples: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    for round in 0..=rounds {
        for case in cases {
            let sample = (case.run)(round)
                .map_err(|error| io::Error::other(format!("{}: {error}", case.name)))?;
            eprintln!(
                "{round} {}: {:.0}/s {:.1} us",
                case.name, sample.rate, sample.cpu
            );
            if round > 0 {
                samples.entry(case.name.clone()).or_default().push(sample);
            }
        }
    }
    Ok(samples
        .into_iter()
        .map(|(name, samples)| (name, median(&samples)))
        .collect())
}

fn case<'a>(name: impl Into<String>, run: impl Fn(usize) -> io::Result<Sample> + 'a) -> Case<'a> {
    Case {
        name: name.into(),
        run: Box::new(run),
    }
}

/// A case of a directory at work for the time of a round.
fn directory<'a>(
    stage: &'a Stage,
    scale: &'a Scale,
    name: impl Into<String>,
    work: impl Fn() -> Vec<Work> + 'a,
) -> Case<'a> {
    case(name, move |_| {
        measure(&stage.server, &stage.server.directory, work(), scale.time)
    })
}

/// Pushes one person, whose rows the raw client copies.
fn seed(server: &Server) -> io::Result<()> {
    let mut client = crate::client::Client::connect(server.address(), &server.directory)?;
    let path = format!("{}/Users", server.base);
    client
        .send("POST", &path, &people::user("raw", 0, "Engineer"))?
        .expect(&[201])
}

/// What the machine can do at most over HTTP: the same server with a constant answer.
fn constant<'a>(stage: &'a Stage, scale: &'a Scale) -> Case<'a> {
    directory(stage, scale, "constant", || {
        work::each(READERS, |_| work::get("/health/live".to_owned()))
    })
}

/// The reads of a look-up, by a client of the database of a server.
fn raw_look_up<'a>(stage: &Stage, scale: &'a Scale) -> io::Result<Case<'a>> {
    let size = stage.users.len();
    let names: Vec<String> = (0..size).map(|n| people::user_name("sync", n)).collect();
    let (name, time) = (format!("raw look-up {size}"), scale.time);
    Ok(
        if let Database::Postgres(address) = &stage.server.database {
            let address = address.clone();
            case(name, move |_| {
                raw_postgres::look_up(&address, &names, SERVER_READERS, time)
            })
        } else {
            let file = Raw::open(stage.server.folder(), raw_sqlite::LOOKING_UP)?;
            case(name, move |_| file.look_up(&names, time))
        },
    )
}

/// The rows of a create, by a client of the database of a server that has nothing else to do.
fn raw_create<'a>(empty: &Server, scale: &'a Scale) -> io::Result<Case<'a>> {
    // Numbers of the people of a round, behind those of the rounds before.
    let first = |round: usize| (round + 1) * 10_000_000;
    let (name, time) = ("raw create", scale.time);
    Ok(if let Database::Postgres(address) = &empty.database {
        let address = address.clone();
        case(name, move |round| {
            raw_postgres::create(&address, first(round), WRITERS, time)
        })
    } else {
        let file = Raw::open(empty.folder(), raw_sqlite::WRITING)?;
        case(name, move |round| file.create(first(round), time))
    })
}

/// Something that a directory does with people: its name, how many clients do it, and what each does.
type Kind = (&'static str, usize, fn(&Stage, &work::Turns, usize) -> Work);

const READS: [Kind; 3] = [
    ("get", READERS, |stage, _, seed| work::get_user(stage, seed)),
    ("hit", READERS, |stage, _, seed| {
        work::look_up(stage, "sync", seed)
    }),
    ("miss", READERS, |stage, _, seed| {
        work::look_up(stage, "nobody", seed)
    }),
];
const WRITES: [Kind; 3] = [
    ("create", WRITERS, |stage, turns, _| {
        work::create(stage, turns)
    }),
    ("put", WRITERS, |stage, turns, _| work::put(stage, turns)),
    ("deactivate", WRITERS, |stage, turns, _| {
        work::deactivate(stage, turns)
    }),
];

/// The three sizes of one kind run next to each other: whatever else the machine does falls on all of them
/// alike. Each runs for half of its time before it is measured: what was written since the round before has
/// emptied the page caches of those who read.
fn people_cases<'a>(stages: [&'a Stage; 3], scale: &'a Scale, kinds: [Kind; 3]) -> Vec<Case<'a>> {
    let mut cases = Vec::new();
    for (name, clients, work_of) in kinds {
        for stage in stages {
            let turns = work::Turns::default();
            let name = format!("{name} {}", stage.users.len());
            let run = move |time| {
                let work = work::each(clients, |seed| work_of(stage, &turns, seed));
                measure(&stage.server, &stage.server.directory, work, time)
            };
            cases.push(case(name, move |_| {
                run(scale.time / 2)?;
                run(scale.time)
            }));
        }
    }
    cases
}

/// Teams of a server: of all people, of a tenth and of a thousandth of them, and thirty-two in which
/// one of about thirty people is.
struct Teams {
    sized: Vec<(usize, String)>,
    spread: Vec<String>,
}

impl Teams {
    /// Pushes them, and lets the largest be left and joined until there are so many entries.
    fn push(stage: &Stage, wanted: usize) -> io::Result<Self> {
        let users = &stage.users;
        let all = users.len();
        let mut sized = Vec::new();
        for size in [all / 1_000, all / 10, all] {
            let id = stage.team(&format!("Team of {size}"), &users[..size])?;
            sized.push((size, id));
        }
        let mut spread = Vec::new();
        for (n, members) in users
            .chunks((users.len() / WRITERS).max(1))
            .take(WRITERS)
            .enumerate()
        {
            // A hundred of a hundred thousand.
            let few = (members.len() * WRITERS).div_ceil(1_000).min(members.len());
            spread.push(stage.team(&format!("Team {n}"), &members[..few])?);
        }
        let mut entries = all * 2 + all / 10;
        if let Some((_, everybody)) = sized.last() {
            while entries < wanted {
                stage.leave(everybody, users)?;
                stage.join(everybody, users)?;
                entries += all * 2;
            }
        }
        Ok(Self { sized, spread })
    }
}

fn team_cases<'a>(stage: &'a Stage, teams: &'a Teams, scale: &'a Scale) -> Vec<Case<'a>> {
    let mut cases = Vec::new();
    for (size, team) in &teams.sized {
        let toggles = |n: usize| work::toggle(stage, team, vec![stage.users[n].clone()]);
        cases.push(directory(
            stage,
            scale,
            format!("one member of {size}"),
            move || work::each(WRITERS.min(*size), toggles),
        ));
        cases.push(directory(
            stage,
            scale,
            format!("plain team of {size}"),
            move || {
                let path = stage.path(&format!("/Groups/{team}?excludedAttributes=members"));
                work::each(READERS, |_| work::get(path.clone()))
            },
        ));
    }
    let spread = move |n: usize| {
        let first = n * (stage.users.len() / WRITERS);
        work::toggle(stage, &teams.spread[n], vec![stage.users[first].clone()])
    };
    cases.push(directory(stage, scale, "one member, 32 teams", move || {
        work::each(WRITERS, spread)
    }));
    if let Some((_, everybody)) = teams.sized.last() {
        let many = stage.users.len().min(1_000);
        for (name, size) in [("one member alone", 1), ("1,000 members", many)] {
            let turns = work::Turns::default();
            cases.push(directory(stage, scale, name, move || {
                vec![work::rotate(stage, everybody, size, &turns)]
            }));
        }
    }
    cases
}

fn list_cases<'a>(
    stage: &'a Stage,
    last_cursor: &'a str,
    cursors: bool,
    scale: &'a Scale,
) -> Vec<Case<'a>> {
    let page = move |name: &str, path: String| {
        directory(stage, scale, name, move || {
            work::each(READERS, |_| work::get(path.clone()))
        })
    };
    // Other cases create people in every round.
    let late = move |name: &str, start: fn(usize) -> usize| {
        case(name, move |_| {
            let path = work::index_page(stage, start(work::people(stage)?));
            let work = work::each(READERS, |_| work::get(path.clone()));
            measure(&stage.server, &stage.server.directory, work, scale.time)
        })
    };
    let mut cases = vec![
        page("first page by index", work::index_page(stage, 1)),
        late("middle page by index", |people| people / 2),
        late("last page by index", |people| people.saturating_sub(99)),
    ];
    if cursors {
        cases.push(page("first page by cursor", work::cursor_page(stage, "")));
        cases.push(page(
            "last page by cursor",
            work::cursor_page(stage, last_cursor),
        ));
    }
    cases
}

fn panel_cases<'a>(small: &'a Stage, large: &'a Stage, scale: &'a Scale) -> Vec<Case<'a>> {
    let mut cases = Vec::new();
    for (size, stage) in [("small", small), ("large", large)] {
        for page in ["members", "activity"] {
            cases.push(case(format!("{page} page, {size}"), move |_| {
                let path = format!("/api/v1/{page}?limit=50");
                let work = work::each(READERS, |_| work::get(path.clone()));
                measure(&stage.server, &stage.server.owner, work, scale.time)
            }));
        }
    }
    cases
}

/// Reads everybody page by page: whether by cursor, where the last page begins, and what it cost.
fn whole_import(stage: &Stage) -> io::Result<(bool, String, Import)> {
    let mut client = stage.client()?;
    let answer = client.send("GET", &work::cursor_page(stage, ""), "")?;
    let cursors = answer.status == 200 && answer.text("nextCursor").is_some();
    let process = stage.server.process();
    let before = process.memory()?;
    let mut spent = Vec::new();
    let last_cursor = work::import(stage, cursors, |_| {
        spent.push(process.cpu_time()?);
        Ok(())
    })?;
    let tenth = spent.len() / 10;
    let cost = |from: usize, to: usize| spent[to].saturating_sub(spent[from]).as_secs_f64();
    let end = spent.len() - 1;
    Ok((
        cursors,
        last_cursor,
        Import {
            end_to_start: cost(end - tenth, end) / cost(0, tenth),
            growth: process.memory()? - before,
        },
    ))
}

/// A count for a sentence.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// One ratio of two numbers of samples.
pub(crate) fn ratio(one: f64, other: f64) -> f64 {
    one / other.max(count(1) * 1e-9)
}
