//! Workers and servers that are killed, and what the steps left behind outside.

mod effects;
mod process;
mod shop;

use std::path::Path;
use std::time::Duration;

use self::process::Process;
use self::shop::{Order, drawing::Node};
use crate::server::Server;
use flowgen::RunResult;
use flowgen_temporal::Runs;

/// The lanes, as they are spread over processes.
const LANES: [&[&str]; 3] = [&["Orchestrator", "OrderService"], &["PaymentService"], &["ShippingService"]];

/// What becomes of each run, by the decision that says no.
const FATES: [(&str, &str); 4] = [
    ("", "completed at OrderFulfilled"),
    ("stock", "rolled back: `In stock?` led to `Trigger rollback`"),
    ("payment", "rolled back: `Payment accepted?` led to `Trigger rollback`"),
    ("shipping", "rolled back: `Shipment scheduled?` led to `Trigger rollback`"),
];

/// Pauses between kills, in milliseconds: some shorter than a step, some longer than a worker is missed.
const PAUSES: [u64; 8] = [150, 900, 320, 1700, 40, 600, 1300, 250];

fn id(at: usize) -> String {
    format!("order-{at}")
}

async fn start(runs: &Runs<Node, Order>, log: &Path, count: usize) {
    for at in 0..count {
        let refuses = FATES[at % FATES.len()].0.to_owned();
        let order = Order { refuses, log: log.to_str().unwrap().to_owned() };
        runs.start(&id(at), &order).await.unwrap();
    }
}

/// Waits for all runs, and compares what they say with what the steps left behind.
async fn end_well(runs: &Runs<Node, Order>, log: &Path, count: usize) -> Vec<RunResult<Node, Order>> {
    let mut all = Vec::new();
    for at in 0..count {
        let ended = tokio::time::timeout(Duration::from_mins(3), runs.outcome(&id(at))).await;
        let ended = ended.unwrap_or_else(|_| panic!("{} does not end", id(at))).unwrap();
        assert_eq!(ended.outcome.to_string(), FATES[at % FATES.len()].1, "{}", id(at));
        effects::are_those_of(log, &ended);
        all.push(ended);
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lanes_are_served_by_their_own_processes() {
    let server = Server::shared().await;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let runs = Runs::<Node, Order>::new(server.client().await, "apart");
    let workers = LANES.map(|lanes| Process::start(&server, "apart", lanes));
    start(&runs, &log, 4).await;
    end_well(&runs, &log, 4).await;
    for (process, own) in workers.iter().zip(LANES) {
        let did = effects::lanes_of(&log, process.id());
        assert_eq!(did, own.iter().map(ToString::to_string).collect(), "a process does what is its own");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_are_killed() {
    let server = Server::shared().await;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let runs = Runs::<Node, Order>::new(server.client().await, "killed");
    let mut workers = LANES.map(|lanes| Process::start(&server, "killed", lanes));
    start(&runs, &log, 8).await;
    for (kill, pause) in PAUSES.into_iter().enumerate() {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let which = kill % LANES.len();
        if kill < LANES.len() {
            in_a_step(&log, workers[which].id()).await;
        }
        workers[which].kill();
        workers[which] = Process::start(&server, "killed", LANES[which]);
    }
    end_well(&runs, &log, 8).await;
    assert!(effects::was_begun_again(&log), "or else nobody died in a step");
}

/// Waits until this process is in the middle of a step.
async fn in_a_step(log: &Path, process: u32) {
    for _ in 0..12_000 {
        if effects::is_in_a_step(log, process) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the process {process} has nothing to do");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(Some(&folder.path().join("server.db"))).await;
    let log = folder.path().join("log");
    let runs = Runs::<Node, Order>::new(server.client().await, "survives");
    let _workers = LANES.map(|lanes| Process::start(&server, "survives", lanes));
    start(&runs, &log, 4).await;
    for pause in [700, 400] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        server.kill_and_restart().await;
    }
    end_well(&runs, &log, 4).await;
}

/// Not a test: the process of a worker, which the others start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a worker's process, which the other tests start"]
async fn worker() {
    process::work().await;
}
