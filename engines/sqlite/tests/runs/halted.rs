//! Runs that could not be saved, because the file was locked for a while.

use std::path::Path;
use std::time::{Duration, Instant};

use flowgen::report::Status;
use flowgen::{Cause, Outcome};
use flowgen_sqlite::{Error, ListRuns};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::shop::{Order, Runs, Seller, open};

/// Holds the lock of the file until it is dropped, as another program might.
fn locked(folder: &Path) -> Connection {
    let connection = Connection::open(folder.join("runs.db")).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

async fn all_halted(runs: &Runs, how_many: usize) {
    let halted = async {
        while runs.load().halted < how_many {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(30), halted).await.expect("runs that can't be saved are halted");
}

/// Waits until runs are over. They go on without being told to.
async fn over(runs: &Runs, ids: &[String]) {
    let over = async {
        for id in ids {
            while !runs.show(id).await.unwrap().report.status.is_over() {
                sleep(Duration::from_millis(10)).await;
            }
        }
    };
    timeout(Duration::from_secs(30), over).await.expect("halted runs go on by themselves");
}

async fn begun(runs: &Runs, seller: &Seller, how_many: usize) -> Vec<String> {
    let ids: Vec<_> = (0..how_many).map(|run| format!("run-{run}")).collect();
    for id in &ids {
        let _ = runs.start(id.as_str(), Order::waiting(&["n2"])).await.unwrap();
        seller.begins(&format!("{id}/n2/1 #1")).await;
    }
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_listed_and_go_on_by_themselves_once_the_file_is_free() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let ids = begun(&runs, &seller, 40).await;
    let lock = locked(folder.path());
    seller.open();
    let since = Instant::now();
    all_halted(&runs, 40).await;
    assert!(
        since.elapsed() < Duration::from_secs(8),
        "the lock is waited for once a group: {:?}",
        since.elapsed()
    );

    assert_eq!(runs.load().waiting, 40);
    let begun = seller.begun().len();
    let unfinished = || ListRuns::with_statuses([Status::Running, Status::RollingBack]);
    let listed = runs.list(unfinished()).await.unwrap();
    assert_eq!(listed.len(), 40);
    for run in listed {
        let why = run.halted.expect("it is listed as halted");
        assert!(why.starts_with(&format!("cannot save run `{}`: database is locked", run.run)), "{why}");
    }
    let shown = runs.show("run-0").await.unwrap();
    assert_eq!(shown.report.status, Status::Running);
    assert!(serde_json::to_value(&shown).unwrap()["halted"].as_str().unwrap().contains("locked"));

    let why = |done: Result<(), Error>| done.expect_err("it can't be done now").to_string();
    assert_eq!(why(runs.outcome("run-0").await.map(drop)), "cannot save run `run-0`");
    assert_eq!(why(runs.retry("run-0").await), "cannot save run `run-0`");
    assert_eq!(why(runs.cancel("run-0").await.map(drop)), "cannot note that run `run-0` is cancelled");
    assert_eq!(why(runs.start("new", Order::default()).await.map(drop)), "cannot save run `new`");
    assert_eq!(seller.begun().len(), begun, "nothing is done that can't be saved");

    drop(lock);
    over(&runs, &ids).await;
    for run in runs.list(ListRuns::all()).await.unwrap() {
        assert_eq!((run.status, run.halted), (Status::Completed, None), "{}", run.run);
    }
    assert_eq!((runs.load().halted, runs.load().waiting), (0, 0));
    assert!(matches!(runs.show("new").await, Err(Error::Unknown { .. })), "it was not started");
}

#[tokio::test]
async fn retried_they_go_on_at_once() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let ids = begun(&runs, &seller, 1).await;
    let lock = locked(folder.path());
    seller.open();
    all_halted(&runs, 1).await;
    drop(lock);
    runs.retry("run-0").await.unwrap();
    assert_eq!(runs.show("run-0").await.unwrap().summary.halted, None);
    over(&runs, &ids).await;
    assert!(matches!(runs.retry("run-0").await, Err(Error::NotStuck { .. })));
}

#[tokio::test]
async fn cancelled_they_roll_back() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let ids = begun(&runs, &seller, 1).await;
    let lock = locked(folder.path());
    seller.open();
    all_halted(&runs, 1).await;
    // It may go on by itself before it is cancelled, and does its step again then.
    seller.close();
    drop(lock);
    assert!(runs.cancel("run-0").await.unwrap());
    seller.open();
    over(&runs, &ids).await;
    let outcome = runs.outcome("run-0").await.unwrap();
    assert!(matches!(outcome, Outcome::RolledBack { cause: Cause::Cancelled }), "{outcome}");
    assert_eq!(seller.begun().last().unwrap(), "run-0/n5/1 #1");
}

#[tokio::test]
async fn the_engine_stops_while_runs_are_halted() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    begun(&runs, &seller, 3).await;
    let lock = locked(folder.path());
    seller.open();
    all_halted(&runs, 3).await;
    let since = Instant::now();
    runs.shutdown(Duration::from_secs(5)).await;
    assert!(since.elapsed() < Duration::from_secs(7), "{:?}", since.elapsed());
    drop(lock);
    let runs = open(folder.path(), &seller).await;
    assert_eq!(runs.resume().await.unwrap().runs, 3);
    over(&runs, &["run-0".to_owned(), "run-1".to_owned(), "run-2".to_owned()]).await;
}
