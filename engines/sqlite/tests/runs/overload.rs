//! More work than there is room for.

use std::sync::mpsc;
use std::time::Duration;

use flowgen::report::Status;
use flowgen_sqlite::{Error, ListRuns, Started};
use tempfile::TempDir;
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::shop::{Order, Seller, open};

const SOON: Duration = Duration::from_secs(10);

/// Steps of the program fill Tokio's pool for blocking work: the engine has threads of its own.
#[test]
fn what_is_asked_of_the_engine_does_not_wait_for_blocking_work() {
    let runtime =
        Builder::new_multi_thread().worker_threads(2).max_blocking_threads(1).enable_all().build().unwrap();
    let (free, blocked) = mpsc::channel::<()>();
    runtime.block_on(async {
        let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
        let runs = open(folder.path(), &seller).await;
        let _ = runs.start("waits", Order::waiting(&["n3"])).await.unwrap();
        seller.begins("waits/n3/1 #1").await;
        tokio::task::spawn_blocking(move || blocked.recv());
        for _ in 0..100 {
            tokio::task::spawn_blocking(|| ());
        }
        let asked = async {
            assert_eq!(runs.show("waits").await.unwrap().report.status, Status::Running);
            assert_eq!(runs.list(ListRuns::all()).await.unwrap().len(), 1);
            let _ = runs.start("a", Order::default()).await.unwrap();
            assert!(runs.outcome("a").await.unwrap().is_completed());
            assert!(runs.ended("a").await.unwrap().outcome.is_completed());
            assert_eq!(runs.shutdown(Duration::from_millis(50)).await, 1);
        };
        timeout(SOON, asked).await.expect("it answers while the pool is full");
    });
    drop(free);
}

#[tokio::test]
async fn runs_beyond_the_limit_are_refused_until_others_are_over() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await.max_running(2);
    for id in ["a", "b"] {
        let _ = runs.start(id, Order::waiting(&["n2"])).await.unwrap();
    }
    let load = runs.load();
    assert_eq!((load.running, load.most, load.is_full()), (2, Some(2), true));
    let refused = runs.start("c", Order::default()).await.unwrap_err();
    assert!(matches!(refused, Error::Overloaded { running: 2, most: 2, .. }), "{refused}");
    let message = "run `c` is not started: 2 runs are under way and at most 2 may be, so try again later";
    assert_eq!(refused.to_string(), message);
    assert_eq!(runs.start("a", Order::default()).await.unwrap(), Started::Existing, "it is under way");
    assert!(matches!(runs.show("c").await, Err(Error::Unknown { .. })));
    seller.open();
    for id in ["a", "b"] {
        assert!(runs.outcome(id).await.unwrap().is_completed());
    }
    assert_eq!(runs.start("c", Order::default()).await.unwrap(), Started::New);
    assert!(runs.outcome("c").await.unwrap().is_completed());
    assert_eq!(runs.load().running, 0);
}

#[tokio::test]
async fn runs_that_are_resumed_are_not_refused() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    for id in ["a", "b", "c"] {
        let _ = runs.start(id, Order::waiting(&["n2"])).await.unwrap();
    }
    drop(runs);
    let runs = open(folder.path(), &seller).await.max_running(1);
    assert_eq!(runs.resume().await.unwrap().runs, 3);
    assert!(matches!(runs.start("d", Order::default()).await, Err(Error::Overloaded { running: 3, .. })));
    seller.open();
    for id in ["a", "b", "c"] {
        assert!(runs.outcome(id).await.unwrap().is_completed());
    }
}
