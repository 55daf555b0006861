use std::time::Duration;

use flowgen::{Cause, Outcome};
use flowgen_sqlite::Error;
use tempfile::TempDir;

use crate::shop::{Order, Seller, open};

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn steps_that_are_being_done_are_finished_before_it_stops() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let _ = runs.start("a", Order::waiting(&["n2"])).await.unwrap();
    seller.begins("a/n2/1 #1").await;
    let stopping = {
        let runs = runs.clone();
        tokio::spawn(async move { runs.shutdown(LONG).await })
    };
    tokio::time::sleep(Duration::from_millis(20)).await;
    seller.open();
    assert_eq!(stopping.await.unwrap(), 0);
    assert_eq!(seller.begun(), ["a/n2/1 #1"], "the next one is not begun");
    assert!(matches!(runs.start("b", Order::default()).await, Err(Error::Closed)));
    assert!(matches!(runs.outcome("a").await, Err(Error::Closed)));

    let runs = open(folder.path(), &seller).await;
    assert_eq!(runs.resume().await.unwrap().runs, 1);
    assert!(runs.outcome("a").await.unwrap().is_completed());
    assert_eq!(seller.begun(), ["a/n2/1 #1", "a/n3/1 #1"], "nothing is done twice");
}

#[tokio::test]
async fn what_takes_too_long_is_interrupted_and_done_again() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let _ = runs.start("a", Order::waiting(&["n3"])).await.unwrap();
    seller.begins("a/n3/1 #1").await;
    assert_eq!(runs.shutdown(Duration::from_millis(20)).await, 1);
    let runs = open(folder.path(), &seller).await;
    seller.open();
    assert_eq!(runs.resume().await.unwrap().runs, 1);
    assert!(runs.outcome("a").await.unwrap().is_completed());
    assert_eq!(seller.begun(), ["a/n2/1 #1", "a/n3/1 #1", "a/n3/1 #2"]);
}

#[tokio::test]
async fn cancelled_it_rolls_back() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let _ = runs.start("a", Order::waiting(&["n3"])).await.unwrap();
    seller.begins("a/n3/1 #1").await;
    assert!(runs.cancel("a").await.unwrap());
    seller.open();
    let outcome = runs.outcome("a").await.unwrap();
    assert!(matches!(outcome, Outcome::RolledBack { cause: Cause::Cancelled }), "{outcome}");
    assert!(!runs.cancel("a").await.unwrap(), "it is over");
}

/// The step may have been done before the process died, so it is undone. It is not done again.
#[tokio::test]
async fn cancelled_it_rolls_back_after_a_crash_too() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let _ = runs.start("a", Order::waiting(&["n2"])).await.unwrap();
    seller.begins("a/n2/1 #1").await;
    assert!(runs.cancel("a").await.unwrap());
    drop(runs);
    let runs = open(folder.path(), &seller).await;
    seller.open();
    assert_eq!(runs.resume().await.unwrap().runs, 1);
    let outcome = runs.outcome("a").await.unwrap();
    assert!(matches!(outcome, Outcome::RolledBack { cause: Cause::Cancelled }), "{outcome}");
    assert_eq!(seller.begun(), ["a/n2/1 #1", "a/n5/1 #1"]);
}

#[tokio::test]
async fn a_second_resume_goes_on_with_nothing_that_goes_on() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let _ = runs.start("a", Order::waiting(&["n3"])).await.unwrap();
    seller.begins("a/n3/1 #1").await;
    assert_eq!(runs.resume().await.unwrap().runs, 0);
    seller.open();
    assert!(runs.outcome("a").await.unwrap().is_completed());
}
