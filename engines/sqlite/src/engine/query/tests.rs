//! Tests that need a clock that can be set.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use flowgen::{Result, Visit};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::engine::{Engine, Options, Started};

mod flow {
    #![allow(missing_docs, unreachable_pub)]

    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Pay"
            n3: circle label:"Sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
        }
    }
}

/// Runs whose context is `true` wait in their step until this is true.
struct Shop(watch::Receiver<bool>);

impl flow::shop::Shop<bool> for Shop {
    async fn pay(&self, waits: &mut bool, _: &Visit) -> Result {
        if *waits {
            let _ = self.0.clone().wait_for(|is_open| *is_open).await;
        }
        Ok(())
    }
}

/// The time of the clock, in milliseconds since 1970.
static CLOCK: AtomicI64 = AtomicI64::new(0);

const HOUR: i64 = 3_600_000;

/// The time of the first run.
const NOON: i64 = 1_800_000_000_000;

fn at(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(millis.cast_unsigned())
}

async fn open(folder: &TempDir, is_open: &watch::Sender<bool>) -> Engine<flow::Node, bool> {
    let runner = flow::Flow { shop: Shop(is_open.subscribe()) }.into_runner();
    let wall = || CLOCK.load(Ordering::Relaxed);
    Engine::open_file(folder.path().join("runs.db"), wall, Box::new(runner), Options::default())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_clock_that_goes_back_makes_no_run_older() {
    let (folder, is_open) = (TempDir::new().unwrap(), watch::Sender::new(false));
    CLOCK.store(NOON, Ordering::Relaxed);
    let runs = open(&folder, &is_open).await;
    let _ = runs.start("before", true).await.unwrap();
    runs.shutdown(Duration::ZERO).await;

    CLOCK.store(NOON - 2 * HOUR, Ordering::Relaxed);
    let runs = open(&folder, &is_open).await;
    is_open.send_replace(true);
    assert_eq!(runs.resume().await.unwrap().runs, 1);
    let _ = runs.start("meanwhile", false).await.unwrap();
    for id in ["before", "meanwhile"] {
        let _ = runs.outcome(id).await.unwrap();
        let summary = runs.show(id).await.unwrap().summary;
        assert_eq!((summary.started, summary.changed), (at(NOON), at(NOON)), "{id}");
    }
    // The clock is correct again, and a run that has just ended did not end hours ago.
    CLOCK.store(NOON + 1, Ordering::Relaxed);
    assert_eq!(runs.delete_ended_before(at(NOON - HOUR)).await.unwrap(), 0);
    assert_eq!(runs.start("meanwhile", false).await.unwrap(), Started::Existing);
    let _ = runs.start("after", false).await.unwrap();
    let _ = runs.outcome("after").await.unwrap();
    assert_eq!(runs.show("after").await.unwrap().summary.changed, at(NOON + 1));
    assert_eq!(runs.delete_ended_before(at(NOON + 1)).await.unwrap(), 2);
}
