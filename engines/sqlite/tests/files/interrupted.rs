//! The power fails while an older file is brought up to date, and while runs are deleted.

use std::fs;
use std::time::{Duration, SystemTime};

use flowgen_powerloss::{Unsynced, mark, record};
use flowgen_sqlite::Error;
use tempfile::TempDir;

use crate::change;
use crate::shop::{Order, Seller, open, try_open};

/// Opens a file of version 4, deletes the run that has ended and a large one, and closes the file.
fn run(folder: &TempDir) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let runs = open(folder.path(), &Seller::new()).await;
        mark("opened");
        // It takes several pages, which are free after that.
        let large = Order { faults: vec!["x".repeat(60_000)], ..Order::default() };
        let _ = runs.start("large", large).await.unwrap();
        let _ = runs.outcome("large").await.unwrap();
        mark("started");
        let later = SystemTime::now() + Duration::from_secs(3600);
        assert_eq!(runs.delete_ended_before(later).await.unwrap(), 2);
        mark("deleted");
        runs.shutdown(Duration::from_secs(1)).await;
    });
}

#[test]
fn a_power_loss_takes_no_run_while_a_file_is_migrated_or_shrinks() {
    let folder = TempDir::new().unwrap();
    change(folder.path(), include_str!("version_4.sql"));
    let recording = record(folder.path(), &folder.path().join("nothing"), || run(&folder));
    let moments: Vec<usize> = recording.moments().collect();
    let wanted = std::env::var("FLOWGEN_POWER_LOSSES").map_or(40, |text| text.parse().expect("a number"));
    let step = (moments.len() / wanted).max(1);
    println!("each {step}th of {} moments", moments.len());
    for (loss, moment) in moments.iter().step_by(step).enumerate() {
        for unsynced in [Unsynced::Lost, Unsynced::Torn(loss as u64)] {
            let left = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
            for (name, bytes) in recording.image(*moment, unsynced) {
                fs::write(left.path().join(name), bytes).unwrap();
            }
            let marks: Vec<&str> = recording.marks(*moment).collect();
            let broken =
                |what: &dyn std::fmt::Display| format!("at {moment}, {unsynced:?}, {marks:?}: {what}");
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let runs = try_open(left.path(), &Seller::new()).await;
                let runs = runs.unwrap_or_else(|error| panic!("{}", broken(&error)));
                let damage = runs.check().await.unwrap();
                assert!(damage.is_empty(), "{}", broken(&format!("{damage:?}")));
                for id in ["stuck", "paying"] {
                    let _ = runs.show(id).await.unwrap_or_else(|error| panic!("{}", broken(&error)));
                }
                let is_there = async |id| match runs.show(id).await {
                    Ok(_) => true,
                    Err(Error::Unknown { .. }) => false,
                    Err(error) => panic!("{}", broken(&error)),
                };
                let (sold, large) = (is_there("sold").await, is_there("large").await);
                match marks.last() {
                    Some(&"deleted") => assert!(!sold && !large, "{}", broken(&"it is there again")),
                    // Some of it may be deleted.
                    Some(&"started") => {}
                    _ => assert!(sold, "{}", broken(&"it is lost")),
                }
                let resumed = runs.resume().await.unwrap();
                assert!(
                    resumed.refused.is_empty() && resumed.runs >= 1,
                    "{}",
                    broken(&format!("{resumed:?}"))
                );
                runs.shutdown(Duration::ZERO).await;
            });
        }
    }
}
