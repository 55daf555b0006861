//! Orders a second and their times, at half of what the service can carry out, at all of it, and at four times as much.
//!
//! A real process on real sockets, and files in the folder for temporary files. `SAGA_BEFORE=path` measures another version
//! of the program beside this one. `LOAD_SECONDS` is how long each load lasts: 10 if it is not set.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::Client;

#[path = "../tests/load/mod.rs"]
mod load;
#[path = "../tests/process/mod.rs"]
mod process;

use load::{kept, offer, p99, settled};
use process::Service;

/// How many orders are placed to find out what the service can carry out.
const BURST: f64 = 800.0;

/// How long orders may take to end after a load, and the process after SIGTERM.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() {
    let seconds = std::env::var("LOAD_SECONDS").map_or(10, |seconds| seconds.parse().expect("a number"));
    let now = env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")));
    let capacity = capacity(now).await;
    println!("the service can carry out {capacity:.0} orders a second");
    println!(
        "{:8} {:>6} {:>9} {:>9} {:>9} {:>9} {:>10} {:>10} {:>7} {:>9} {:>6} {:>9} {:>8}",
        "version",
        "load",
        "offered/s",
        "accepted",
        "refused",
        "through/s",
        "p99 order",
        "p99 answer",
        "reads",
        "p99 read",
        "stuck",
        "under way",
        "stopped"
    );
    let before = std::env::var("SAGA_BEFORE").ok();
    for times in [0.5, 1.0, 4.0] {
        for (version, program) in [("before", before.as_deref()), ("now", Some(now))] {
            if let Some(program) = program {
                measure(version, program, times, capacity * times, Duration::from_secs(seconds)).await;
            }
        }
    }
}

fn start(program: &str, folder: &Path) -> Service {
    Service::start_with(
        &mut Command::new(program),
        folder,
        &[("SHOP__SHOP__STOCK", "4000000000"), ("RUST_LOG", "off")],
    )
}

/// How many orders of a burst the service carries out in a second.
async fn capacity(program: &str) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(program, folder.path());
    let begun = Instant::now();
    let seen = offer(service.orders(), &Client::new(), BURST, Duration::from_secs(1)).await;
    let kept = settled(folder.path(), PATIENCE).await;
    assert_eq!((kept.through, kept.under_way), (seen.orders.of(202), 0));
    let last = kept.ends.iter().max().copied().unwrap_or_else(|| begun.elapsed());
    f64::from(u32::try_from(kept.through).expect("few")) / last.as_secs_f64()
}

async fn measure(version: &str, program: &str, times: f64, per_second: f64, time: Duration) {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(program, folder.path());
    let seen = offer(service.orders(), &Client::new(), per_second, time).await;
    let meanwhile = kept(folder.path()).ends.iter().filter(|end| **end <= time).count();
    let kept = settled(folder.path(), PATIENCE).await;
    let stopped = tokio::task::spawn_blocking(move || service.stop(PATIENCE)).await.expect("it is stopped");
    let stopped = stopped.map_or_else(|| format!("> {PATIENCE:?}"), |took| format!("{took:.1?}"));
    let through = f64::from(u32::try_from(meanwhile).expect("few")) / time.as_secs_f64();
    let reads = format!("{}/{}", seen.reads.of(200), seen.reads.all());
    println!(
        "{version:8} {:>6} {per_second:>9.0} {:>9} {:>9} {through:>9.0} {:>10.1?} {:>10.1?} {reads:>7} {:>9.1?} {:>6} {:>9} {stopped:>8}",
        format!("{times} x"),
        seen.orders.of(202),
        seen.orders.of(503),
        p99(kept.times),
        p99(seen.orders.times),
        p99(seen.reads.times),
        kept.stuck,
        kept.under_way,
    );
    if seen.left_out > 0 {
        println!("{} orders were not sent: the answers to others were too slow", seen.left_out);
    }
}
