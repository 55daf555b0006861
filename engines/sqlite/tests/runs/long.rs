//! Paths that do not fit into the rows of their runs.

use std::path::Path;
use std::time::Duration;

use flowgen::{Result, Visit};
use flowgen_sqlite::{Engine, Error};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::sync::watch;

#[allow(missing_docs, unreachable_pub, dead_code)]
mod flow {
    flowgen::flow! {
        Desk { # Desk
            n1: circle label:"Begun"
            n2: rectangle label:"Count"
            n3: diamond label:"All?"
            n4: circle label:"Counted"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n4.handle(left) [label="Yes"]
            n3.handle(bottom) -> n2.handle(bottom) [label="No"]
        }
    }
}

use flow::desk::{All, Desk};

#[derive(Serialize, Deserialize)]
struct Count {
    done: u32,
    all: u32,
}

/// Counts, and waits at one number for good, if there is one.
#[derive(Clone)]
struct Clerk {
    waits_at: Option<u32>,
    waits: watch::Sender<bool>,
}

impl Clerk {
    fn new(waits_at: Option<u32>) -> Self {
        Self { waits_at, waits: watch::Sender::new(false) }
    }
}

impl Desk<Count> for Clerk {
    async fn count(&self, count: &mut Count, _: &Visit) -> Result {
        if self.waits_at == Some(count.done) {
            self.waits.send_replace(true);
            std::future::pending::<()>().await;
        }
        count.done += 1;
        Ok(())
    }

    async fn all(&self, count: &Count, _: &Visit) -> Result<All> {
        Ok(if count.done < count.all { All::No } else { All::Yes })
    }
}

async fn open(folder: &Path, clerk: &Clerk) -> Engine<flow::Node, Count> {
    loop {
        let flow = flow::Flow { desk: clerk.clone() };
        match Engine::open(folder.join("runs.db"), flow.into_runner()).await {
            Err(Error::Locked { .. }) => tokio::time::sleep(Duration::from_millis(2)).await,
            opened => return opened.unwrap(),
        }
    }
}

/// The nodes of a path whose step was done so often: `n1 n2 n3 n2 n3 … n4`.
fn path(times: u32) -> Vec<String> {
    let mut path = vec!["n1 1".to_owned()];
    for visit in 1..=times {
        path.extend([format!("n2 {visit}"), format!("n3 {visit}")]);
    }
    path
}

async fn shown(engine: &Engine<flow::Node, Count>, id: &str) -> Vec<String> {
    let report = engine.show(id).await.unwrap().report;
    report.path.iter().map(|stop| format!("{} {}", stop.node.id, stop.visit)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_path_is_whole_wherever_the_run_was_interrupted() {
    // Around the places where the row is full, and where the next is.
    for waits_at in [0, 1, 7, 8, 9, 15, 16, 17, 24, 40] {
        let folder = TempDir::new().unwrap();
        let clerk = Clerk::new(Some(waits_at));
        let engine = open(folder.path(), &clerk).await;
        let _ = engine.start("long", Count { done: 0, all: 45 }).await.unwrap();
        clerk.waits.subscribe().wait_for(|waits| *waits).await.unwrap();
        assert_eq!(shown(&engine, "long").await, path(waits_at), "interrupted at {waits_at}");
        drop(engine);

        let engine = open(folder.path(), &Clerk::new(None)).await;
        assert_eq!(engine.resume().await.unwrap().runs, 1);
        let ended = engine.ended("long").await.unwrap();
        let mut whole = path(45);
        whole.push("n4 1".to_owned());
        let path: Vec<String> = ended
            .path
            .iter()
            .map(|entry| format!("{} {}", flowgen::Node::spec(entry.node).id, entry.visit))
            .collect();
        assert_eq!(path, whole, "interrupted at {waits_at}");
        assert_eq!(shown(&engine, "long").await, whole, "interrupted at {waits_at}");
    }
}
