//! When snapshots pay: commands on accounts with short and long histories, by the number of events after which a snapshot
//! is saved.
//!
//! Each setting has a database of its own. The settings take turns with every command, and each is compared with the
//! database without snapshots. `off again` is a second database without snapshots: its ratio is the noise of the machine.
//! A time above three medians counts as three medians, so that stalls of the machine decide little. `COMMANDS` is the
//! number of commands per setting: 400 if it is not set. `TMPDIR=/dev/shm` leaves out the time of the disk.

use std::sync::Arc;
use std::time::Instant;

use cqrs::Bank;
use cqrs::bank::Policy;
use cqrs::domain::Command;
use cqrs::history;
use cqrs::view::Question;
use futures_util::future::join_all;

#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/bank/postgres.rs"]
mod postgres;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/bank/world.rs"]
mod world;

use postgres::Server;
use world::{World, done};

/// The mean number of events of an account, and the number of accounts.
const STREAMS: [(usize, usize); 4] = [(10, 300), (100, 300), (1_000, 60), (10_000, 12)];

/// The settings: the number of events after which a snapshot is saved, 0 for none. The second is the control.
const SETTINGS: [usize; 6] = [0, 0, 10, 50, 100, 500];

/// The numbers of commands sent at once. With eight, commands wait for each other.
const AT_ONCE: [usize; 2] = [1, 8];

/// A bank with accounts that have a history.
struct Measured {
    /// The database, which is deleted when this is dropped.
    _world: World,
    bank: Bank,
    accounts: usize,
    sent: usize,
}

#[tokio::main]
async fn main() {
    let commands = std::env::var("COMMANDS").map_or(400, |commands| commands.parse().expect("a number"));
    let server = tokio::task::spawn_blocking(Server::durable).await.expect("it does not panic");
    if server.is_none() {
        println!("Postgres is not installed: only SQLite is measured");
    }
    println!("| database | at once | events | off | off again | 10 | 50 | 100 | 500 |");
    println!("|----------|---------|--------|-----|-----------|----|----|-----|-----|");
    for (database, server) in [("SQLite", None)].into_iter().chain(server.map(|it| ("Postgres", Some(it)))) {
        for (events, accounts) in STREAMS {
            let mut banks = Vec::new();
            for every in SETTINGS {
                banks.push(Measured::new(server.as_ref(), events, accounts, every).await);
            }
            for at_once in AT_ONCE {
                let [off, others @ ..] = measure(&mut banks, commands, at_once).await;
                let ratios: String = others.iter().map(|mean| format!(" {:.2} |", mean / off)).collect();
                println!("| {database} | {at_once} | {events} | {off:.0} µs |{ratios}");
            }
        }
    }
}

/// The mean time of a command in microseconds, by setting.
async fn measure(banks: &mut [Measured], commands: usize, at_once: usize) -> [f64; SETTINGS.len()] {
    let mut times: [Vec<f64>; SETTINGS.len()] = Default::default();
    // The first commands fill the caches.
    let warm = 2 * SETTINGS.len();
    for turn in 0..warm + commands / at_once {
        for of_turn in 0..banks.len() {
            // Another one begins in each turn.
            let which = (turn + of_turn) % banks.len();
            let time = banks[which].send(at_once).await;
            if turn >= warm {
                times[which].push(time);
            }
        }
    }
    times.map(mean)
}

#[allow(clippy::cast_precision_loss, reason = "few")]
fn mean(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    let most = 3.0 * times[times.len() / 2];
    times.iter().map(|time| time.min(most)).sum::<f64>() / times.len() as f64
}

impl Measured {
    /// Makes a bank with accounts of half to one and a half of this length, and the snapshots that their commands would
    /// have left.
    async fn new(server: Option<&Arc<Server>>, events: usize, accounts: usize, every: usize) -> Self {
        let world = match server {
            Some(server) => World::on(Arc::clone(server)).await,
            None => World::sqlite(),
        };
        let policy = Policy { snapshot_every: every, batch: 500, ..world::policy() };
        let store = world.store().await;
        let lengths: Vec<usize> = (0..accounts).map(|account| length(account, events)).collect();
        let filled: String =
            lengths.iter().enumerate().map(|(account, length)| fill(account, *length)).collect();
        let shown = "UPDATE views SET position = (SELECT max(position) FROM events) WHERE is_live;";
        let shown =
            if server.is_some() { format!("{shown} COMMIT; ANALYZE") } else { format!("{shown} COMMIT") };
        world.execute(&format!("BEGIN; {filled} {shown}")).await;
        for (account, length) in lengths.iter().enumerate().filter(|_| every > 0) {
            let last = length - length % every;
            if last > 0 {
                let all = store.history(&account.to_string(), "none").await.expect("a history").events;
                let (state, _) = history::load(None, &all[..last]).expect("it is complete");
                let snapshot = history::snapshot(&state, &all[last - 1]).expect("it is serialized");
                store.keep_snapshot(snapshot).await.expect("it is kept");
            }
        }
        Self { bank: world.bank_with(policy).await, _world: world, accounts, sent: 0 }
    }

    /// Sends commands to the next accounts at once, and waits until the view shows them. Returns the time until all are
    /// answered, divided by their number, in microseconds.
    #[allow(clippy::cast_precision_loss, reason = "few")]
    async fn send(&mut self, at_once: usize) -> f64 {
        let pay = |nth: usize| {
            let (account, bank) = ((nth % self.accounts).to_string(), &self.bank);
            async move {
                let pay = Command::Deposit { cents: 1, reference: String::new() };
                done(bank, &format!("command-{nth}"), &account, pay).await.position
            }
        };
        let begun = Instant::now();
        let positions = join_all((self.sent..self.sent + at_once).map(pay)).await;
        let took = begun.elapsed();
        let newest = positions.into_iter().max().unwrap_or_default();
        self.bank.query(Question::Account("0".to_owned()), newest).await.expect("it is shown");
        self.sent += at_once;
        took.as_secs_f64() * 1e6 / at_once as f64
    }
}

/// The lengths are spread evenly, and so is the number of events since the last snapshot.
fn length(account: usize, events: usize) -> usize {
    let spread = (account * 618_034 % 1_000_000) * events / 1_000_000;
    (events / 2 + spread).max(1)
}

/// The SQL that opens an account, pays a cent at a time into it, and shows it in the live view.
fn fill(account: usize, length: usize) -> String {
    let cents = length - 1;
    format!(
        r#"INSERT INTO events (account, version, kind, shape, body, at_ms, event_id, correlation_id, causation_id)
        WITH RECURSIVE nth (version) AS (SELECT 1 UNION ALL SELECT version + 1 FROM nth WHERE version < {length})
        SELECT '{account}', version, CASE version WHEN 1 THEN 'opened' ELSE 'deposited' END,
            CASE version WHEN 1 THEN 1 ELSE 2 END,
            CASE version WHEN 1 THEN '{{"owner":"Somebody"}}' ELSE '{{"cents":1,"reference":""}}' END,
            0, '{account}-' || version, 'filled', 'filled' FROM nth;
        INSERT INTO view_accounts (colour, account, owner, cents, is_closed, version, opened, changed)
        SELECT colour, '{account}', 'Somebody', {cents}, 1 = 0, {length}, 0, 0 FROM views WHERE is_live;
        "#
    )
}
