//! Orders at a given rate, however fast they are answered, and what became of them.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::Client;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::process::WANTED;

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// The most orders that wait for their answers, and so the connections that there are for them. A listener whose process
/// gets no processor for a while drops what is beyond its queue, and that is not to be measured here.
const IN_FLIGHT: usize = 256;

/// The answers to requests of one kind.
#[derive(Debug, Default)]
pub struct Answers {
    /// How many there were of each status; 0 is no answer.
    pub statuses: BTreeMap<u16, usize>,
    /// How long each took.
    pub times: Vec<Duration>,
    /// Those that said 503 without `Retry-After`.
    pub without_retry_after: usize,
}

/// What clients saw.
#[derive(Debug, Default)]
pub struct Seen {
    /// The answers to orders.
    pub orders: Answers,
    /// The answers to reads of the list and of one order, ten a second.
    pub reads: Answers,
    /// The answers to `/ready`, ten a second.
    pub ready: Answers,
    /// Orders that were not sent, because so many others waited for their answers.
    pub left_out: usize,
}

impl Answers {
    pub fn of(&self, status: u16) -> usize {
        self.statuses.get(&status).copied().unwrap_or(0)
    }

    pub fn all(&self) -> usize {
        self.statuses.values().sum()
    }

    fn add(&mut self, answer: Result<reqwest::Response, reqwest::Error>, took: Duration) {
        let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
        *self.statuses.entry(status).or_default() += 1;
        self.times.push(took);
        let headers = answer.as_ref().map(reqwest::Response::headers);
        self.without_retry_after +=
            usize::from(status == 503 && !headers.is_ok_and(|headers| headers.contains_key("retry-after")));
    }
}

/// The time that 99 of 100 do not exceed.
pub fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get((times.len() * 99).div_ceil(100).saturating_sub(1)).copied().unwrap_or_default()
}

/// The time that half of them do not exceed.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Places so many orders a second for so long, without waiting for answers before the next, and reads meanwhile.
pub async fn offer(orders: &str, client: &Client, per_second: f64, time: Duration) -> Seen {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let in_flight = Arc::new(Semaphore::new(IN_FLIGHT));
    let mut requests = JoinSet::new();
    let mut ticks = interval(Duration::from_millis(10));
    // What was missed is made up for: the rate does not depend on how busy this process is.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let begun = Instant::now();
    let (mut placed, mut tick) = (0_u32, 0_u32);
    while begun.elapsed() < time {
        ticks.tick().await;
        tick += 1;
        while f64::from(placed) < f64::from(tick) * per_second / 100.0 {
            let (client, seen, url) = (client.clone(), Arc::clone(&seen), orders.to_owned());
            let (id, (pieces, destination)) = (format!("order-{placed}"), WANTED[placed as usize % 3]);
            placed += 1;
            let Ok(permit) = Arc::clone(&in_flight).try_acquire_owned() else {
                seen.lock().unwrap().left_out += 1;
                continue;
            };
            requests.spawn(async move {
                let _permit = permit;
                let body = json!({ "pieces": pieces, "destination": destination });
                let (begun, request) = (Instant::now(), client.post(url).header("idempotency-key", id));
                let answer = request.timeout(PATIENCE).json(&body).send().await;
                seen.lock().unwrap().orders.add(answer, begun.elapsed());
            });
        }
        if tick % 10 == 0 {
            let (client, seen) = (client.clone(), Arc::clone(&seen));
            let which = if tick % 20 == 0 { "?status=running&limit=5" } else { "/order-0" };
            let url = format!("{orders}{which}");
            let ready = format!("{}/ready", orders.trim_end_matches("/orders"));
            requests.spawn(async move {
                let begun = Instant::now();
                let answer = client.get(url).timeout(PATIENCE).send().await;
                seen.lock().unwrap().reads.add(answer, begun.elapsed());
                let begun = Instant::now();
                let answer = client.get(ready).timeout(PATIENCE).send().await;
                seen.lock().unwrap().ready.add(answer, begun.elapsed());
            });
        }
    }
    while requests.join_next().await.is_some() {}
    Arc::try_unwrap(seen).unwrap().into_inner().unwrap()
}

/// How orders of a folder stand, by the file that keeps them.
#[derive(Debug)]
pub struct Kept {
    /// Stuck, under way, and through.
    pub stuck: usize,
    pub under_way: usize,
    pub through: usize,
    /// Those that were through after so long.
    pub times: Vec<Duration>,
    /// When each of them was through, since the first was placed.
    pub ends: Vec<Duration>,
}

/// Reads the file.
pub fn kept(folder: &Path) -> Kept {
    let file = folder.join("runs.db");
    let runs = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let count = |which: &str| {
        let sql = format!("SELECT count(*) FROM runs WHERE status {which}");
        runs.query_row(&sql, (), |row| row.get::<_, i64>(0))
            .map(|count| usize::try_from(count).unwrap())
            .unwrap()
    };
    let millis = |value: i64| Duration::from_millis(value.try_into().unwrap());
    let read = |what: &str| -> Vec<Duration> {
        let mut sql = runs.prepare(&format!("SELECT {what} FROM runs WHERE status > 2")).unwrap();
        sql.query_map((), |row| row.get(0)).unwrap().map(|value| millis(value.unwrap())).collect()
    };
    Kept {
        stuck: count("= 0"),
        under_way: count("IN (1, 2)"),
        through: count("> 2"),
        times: read("max(changed - started, 0)"),
        ends: read("changed - (SELECT min(started) FROM runs)"),
    }
}

/// Waits until no order is under way any more, for so long at most.
pub async fn settled(folder: &Path, at_most: Duration) -> Kept {
    let begun = Instant::now();
    loop {
        let kept = kept(folder);
        if kept.under_way == 0 || begun.elapsed() > at_most {
            return kept;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
