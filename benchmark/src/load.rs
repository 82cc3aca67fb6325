//! Load: a number of clients at once, each with its own connection, for a time or a number of
//! requests; what they waited for and what the server spent on it.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::server::Server;

/// What one measurement says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sample {
    /// Operations in a second.
    pub(crate) rate: f64,
    /// Time the server process ran for each operation, in microseconds.
    pub(crate) cpu: f64,
    /// Waiting times of clients, in microseconds: half, 95 and 99 of a hundred were shorter.
    pub(crate) waits: [f64; 3],
}

/// One client's work: does operation number `n`.
pub(crate) type Work = Box<dyn FnMut(&mut Client, usize) -> io::Result<()> + Send>;

/// Runs one piece of work for each client at once.
///
/// # Errors
/// The first that any client meets: a measurement with failures in it says nothing.
pub(crate) fn measure(
    server: &Server,
    headers: &str,
    work: Vec<Work>,
    time: Duration,
) -> io::Result<Sample> {
    let stop = AtomicBool::new(false);
    let clients = work
        .into_iter()
        .map(|work| Ok((Client::connect(server.address(), headers)?, work)))
        .collect::<io::Result<Vec<_>>>()?;
    let process = server.process();
    let (before, began) = (process.cpu_time()?, Instant::now());
    let outcomes = thread::scope(|scope| {
        let threads: Vec<_> = clients
            .into_iter()
            .map(|(client, work)| scope.spawn(|| drive(client, work, time, &stop)))
            .collect();
        let joined = threads.into_iter().map(|thread| {
            let outcome = thread.join();
            outcome.unwrap_or_else(|_| Err(io::Error::other("a client panicked")))
        });
        joined.collect::<io::Result<Vec<_>>>()
    })?;
    let elapsed = began.elapsed();
    let cpu = process.cpu_time()?.saturating_sub(before);
    let mut waits: Vec<Duration> = outcomes.concat();
    waits.sort_unstable();
    let count = count(waits.len());
    Ok(Sample {
        rate: count / elapsed.as_secs_f64(),
        cpu: micros(cpu) / count,
        waits: [50, 95, 99].map(|percent| percentile(&waits, percent)),
    })
}

fn drive(
    mut client: Client,
    mut work: Work,
    time: Duration,
    stop: &AtomicBool,
) -> io::Result<Vec<Duration>> {
    let began = Instant::now();
    let (mut asked, mut waits) = (began, Vec::new());
    while asked - began < time && !stop.load(Ordering::Relaxed) {
        if let Err(error) = work(&mut client, waits.len()) {
            stop.store(true, Ordering::Relaxed);
            return Err(error);
        }
        let answered = Instant::now();
        waits.push(answered - asked);
        asked = answered;
    }
    Ok(waits)
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().map_or(0.0, micros)
}

/// A time in microseconds.
pub(crate) fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// A count as a number to divide by.
pub(crate) fn count(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)).max(1.0)
}

/// The sample in the middle, number by number.
pub(crate) fn median(samples: &[Sample]) -> Sample {
    let middle = |of: &dyn Fn(&Sample) -> f64| {
        let mut values: Vec<f64> = samples.iter().map(of).collect();
        values.sort_unstable_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    };
    Sample {
        rate: middle(&|sample| sample.rate),
        cpu: middle(&|sample| sample.cpu),
        waits: [0, 1, 2].map(|place| middle(&move |sample| sample.waits[place])),
    }
}
