//! The process that is killed.

use std::path::Path;
use std::time::Duration;

use flowgen::{Node as _, Runner};
use flowgen_sqlite::{Engine, Error};

use crate::flow::{Order, Store, orders, workload};

/// Where the child works, and how.
pub(crate) const FOLDER: &str = "FLOWGEN_CRASH_FOLDER";
pub(crate) const HASTY: &str = "FLOWGEN_CRASH_HASTY";

/// Starts all runs that are not there yet, resumes the others, and waits for all to end.
pub(crate) fn run(folder: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let engine = open(folder, std::env::var_os(HASTY).is_some()).await;
        let resumed = engine.resume().await.unwrap();
        assert!(resumed.refused.is_empty(), "{resumed:?}");
        for (id, start, order) in workload() {
            let _ = engine.start_at(start, id, order).await.unwrap();
        }
        for (id, ..) in workload() {
            let _ = engine.ended(&id).await.unwrap();
        }
        engine.shutdown(Duration::from_secs(60)).await;
    });
}

/// Whoever was killed may be about to let go of the file.
pub(crate) async fn open(folder: &Path, hasty: bool) -> Engine<orders::Node, Order> {
    let start = orders::Node::Ordered.index();
    loop {
        let store = Store::noting_in(&folder.join("effects.log"), hasty);
        let runner = Runner::new(orders::Flow { shop: store }, start);
        match Engine::open(folder.join("runs.db"), runner).await {
            Err(Error::Locked { .. }) => tokio::time::sleep(Duration::from_millis(2)).await,
            opened => return opened.unwrap(),
        }
    }
}
