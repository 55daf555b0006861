//! Files that are deleted, replaced or linked while they are in use.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use flowgen_sqlite::Error;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::shop::{Order, Runs, Seller, open, try_open};

/// All files of an engine that is open.
const FILES: [&str; 4] = ["runs.db", "runs.db-wal", "runs.db-shm", "runs.db-lock"];

fn at(folder: &TempDir, name: &str) -> PathBuf {
    folder.path().canonicalize().unwrap().join(name)
}

/// An engine with a run that waits in its second step.
async fn waiting(folder: &TempDir, seller: &Seller) -> Runs {
    let runs = open(folder.path(), seller).await;
    let _ = runs.start("a", Order::waiting(&["n3"])).await.unwrap();
    seller.begins("a/n3/1 #1").await;
    runs
}

/// Nothing is saved any more, and the error names the file.
async fn is_refused(runs: &Runs, seller: &Seller, is_it: impl Fn(&Error) -> bool) {
    let begun = seller.begun().len();
    let error = runs.start("b", Order::default()).await.unwrap_err();
    assert!(is_it(&error), "{error}");
    let error = runs.cancel("a").await.unwrap_err();
    assert!(is_it(&error), "{error}");
    // The step of the run that is under way ends, and can't be saved.
    seller.open();
    let error = runs.outcome("a").await.unwrap_err();
    assert!(is_it(&error), "{error}");
    assert_eq!(seller.begun().len(), begun, "no step is begun");
}

#[tokio::test]
async fn a_file_that_is_deleted_is_named_and_nothing_more_is_saved() {
    for name in FILES {
        let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
        let runs = waiting(&folder, &seller).await;
        let deleted = at(&folder, name);
        fs::remove_file(&deleted).unwrap();
        is_refused(&runs, &seller, |error| matches!(error, Error::Deleted { path } if *path == deleted))
            .await;
        runs.shutdown(Duration::from_secs(1)).await;
    }
}

#[tokio::test]
async fn a_file_that_is_replaced_is_named_and_nothing_more_is_saved() {
    for name in FILES {
        let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
        let runs = waiting(&folder, &seller).await;
        let replaced = at(&folder, name);
        let (copy, text) = (at(&folder, "copy"), fs::read(&replaced).unwrap());
        fs::write(&copy, &text).unwrap();
        fs::rename(&copy, &replaced).unwrap();
        is_refused(&runs, &seller, |error| matches!(error, Error::Replaced { path } if *path == replaced))
            .await;
        runs.shutdown(Duration::from_secs(1)).await;
        assert_eq!(fs::read(&replaced).unwrap(), text, "{name}: another one's file is left alone");
    }
}

/// What was saved before a log lost its name is written into the database when that is closed.
#[tokio::test]
async fn what_was_saved_in_a_log_that_is_deleted_is_not_lost() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = waiting(&folder, &seller).await;
    fs::remove_file(at(&folder, "runs.db-wal")).unwrap();
    assert!(runs.start("b", Order::default()).await.is_err());
    runs.shutdown(Duration::ZERO).await;
    let seller = Seller::new();
    seller.open();
    let runs = open(folder.path(), &seller).await;
    assert_eq!(runs.resume().await.unwrap().runs, 1);
    assert!(runs.outcome("a").await.unwrap().is_completed());
    assert_eq!(seller.begun(), ["a/n3/1 #2"]);
}

/// A file that is put back is the same file.
#[tokio::test]
async fn a_file_that_comes_back_is_used_again_and_halted_runs_go_on() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = waiting(&folder, &seller).await;
    let (here, away) = (at(&folder, "runs.db"), at(&folder, "away.db"));
    fs::rename(&here, &away).unwrap();
    is_refused(&runs, &seller, |error| matches!(error, Error::Deleted { .. })).await;
    fs::rename(&away, &here).unwrap();
    let _ = runs.start("b", Order::default()).await.unwrap();
    assert!(runs.outcome("b").await.unwrap().is_completed());
    let gone_on = async {
        while !runs.outcome("a").await.is_ok_and(|outcome| outcome.is_completed()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), gone_on).await.expect("it goes on by itself");
}

#[tokio::test]
async fn hard_links_are_refused_at_the_opening_and_while_in_use() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = waiting(&folder, &seller).await;
    let (one, other) = (at(&folder, "runs.db"), at(&folder, "other.db"));
    fs::hard_link(&one, &other).unwrap();
    let is_link = |path: &Path, error: &Error| matches!(error, Error::HardLinked { path: found, links: 2 } if found == path);
    is_refused(&runs, &seller, |error| is_link(&one, error)).await;
    runs.shutdown(Duration::from_secs(1)).await;
    let error = try_open(folder.path(), &seller).await.unwrap_err();
    let message = format!(
        "`{}` has 2 hard links, and may be written to by none of its other names: delete the others, or make a \
         copy instead of a link",
        one.display()
    );
    assert_eq!(error.to_string(), message);
    let flow = crate::shop::flow::Flow { shop: seller.clone() };
    let opened =
        flowgen_sqlite::Engine::open(&other, flow.into_runner(crate::shop::flow::Start::Ordered)).await;
    let error: Error = Result::<Runs, Error>::unwrap_err(opened);
    assert!(is_link(&other, &error), "{error}");
    fs::remove_file(&other).unwrap();
    let runs = open(folder.path(), &seller).await;
    assert_eq!(runs.resume().await.unwrap().runs, 1);
    assert!(runs.outcome("a").await.unwrap().is_completed());
}

/// Without its lock a second owner comes in. The first one must not go on beside it.
#[tokio::test]
async fn who_opens_a_file_takes_it_over_from_an_owner_that_lost_its_lock() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = waiting(&folder, &seller).await;
    let lock = at(&folder, "runs.db-lock");
    fs::remove_file(&lock).unwrap();
    let second = Seller::new();
    second.open();
    let taken = try_open(folder.path(), &second).await.unwrap();
    assert_eq!(taken.resume().await.unwrap().runs, 1);
    assert!(taken.outcome("a").await.unwrap().is_completed());
    for error in [runs.start("b", Order::default()).await.map(drop), runs.cancel("a").await.map(drop)] {
        let error = error.unwrap_err();
        let message = format!(
            "another process has taken over `{}` (owner epoch 2, and 1 is that of this process), so nothing more \
             is saved here: end this process",
            at(&folder, "runs.db").display()
        );
        assert_eq!(error.to_string(), message);
        assert!(matches!(error, Error::TakenOver { .. }));
    }
    seller.open();
    runs.shutdown(Duration::from_secs(1)).await;
    assert_eq!(seller.begun(), ["a/n2/1 #1", "a/n3/1 #1"], "the first owner begins no other step");
    let _ = taken.start("c", Order::default()).await.unwrap();
    assert!(taken.outcome("c").await.unwrap().is_completed(), "the new owner goes on");
    taken.shutdown(Duration::from_secs(1)).await;
    let connection = Connection::open(at(&folder, "runs.db")).unwrap();
    let read = "SELECT epoch, closed FROM owner";
    let owner = connection.query_row(read, (), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(owner, (2, 1));
}

#[tokio::test]
async fn a_database_that_is_made_anew_beside_its_owner_is_another_one() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = waiting(&folder, &seller).await;
    for name in FILES {
        fs::remove_file(at(&folder, name)).unwrap();
    }
    let second = Seller::new();
    second.open();
    let anew = try_open(folder.path(), &second).await.unwrap();
    let _ = anew.start("c", Order::default()).await.unwrap();
    is_refused(&runs, &seller, |error| matches!(error, Error::Replaced { .. })).await;
    runs.shutdown(Duration::from_secs(1)).await;
    assert!(at(&folder, "runs.db-wal").exists(), "the log of the new one is left alone");
    assert!(anew.outcome("c").await.unwrap().is_completed());
    anew.shutdown(Duration::from_secs(1)).await;
    let anew = try_open(folder.path(), &second).await.unwrap();
    assert!(anew.outcome("c").await.unwrap().is_completed());
}
