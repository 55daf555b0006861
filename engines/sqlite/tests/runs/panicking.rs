//! Panics in user code.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use flowgen::report::Status;
use flowgen::{Effect, Fault, Fork, Observer, Outcome, Result, Runner, Timing, Visit};
use flowgen_sqlite::{Engine, Error};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tempfile::TempDir;

#[allow(missing_docs, unreachable_pub)]
mod trip {
    flowgen::flow! {
        Desk { # Desk
            n1: circle label:"Asked"
            n2: rectangle label:"Hold seat"
            n3: rectangle label:"Charge card"
            n4: rectangle label:"Print ticket"
            n5: rectangle label:"Write invoice"
            n6: rectangle label:"Hand over"
            n7: circle label:"Booked"
            n8: rectangle label:"Free seat"
            n9: rectangle label:"Pay back"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n4.handle(left)
            n3.handle(bottom) -> n5.handle(left)
            n4.handle(right) -> n6.handle(left)
            n5.handle(right) -> n6.handle(bottom)
            n6.handle(right) -> n7.handle(left)
            n2.handle(bottom) -> n8.handle(top) [label="compensated by"]
            n3.handle(top) -> n9.handle(top) [label="compensated by"]
        }
    }
}

use trip::desk::{Compensation, Desk};
use trip::{End, Node};

/// The context: what of it panics, which are ids of nodes and names of functions.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Trip {
    panics: String,
    done: Vec<String>,
}

/// What of a trip panics, until it is mended.
static MENDED: AtomicBool = AtomicBool::new(false);

impl Trip {
    fn panics(what: &str) -> Self {
        Self { panics: what.to_owned(), done: Vec::new() }
    }

    fn may(&self, what: &str) {
        assert!(self.panics.split(' ').all(|panics| panics != what), "no {what}");
    }
}

impl Serialize for Trip {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let is_begun = !self.done.is_empty() || self.panics == "serialize at once";
        assert!(!(self.panics.starts_with("serialize") && is_begun), "no ink");
        (&self.panics, &self.done).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Trip {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let (panics, done) = Deserialize::deserialize(deserializer)?;
        let trip = Self { panics, done };
        assert!(trip.panics != "deserialize" || MENDED.load(Ordering::Relaxed), "no glasses");
        Ok(trip)
    }
}

impl Fork for Trip {
    fn fork(&self) -> Self {
        self.may("fork");
        self.clone()
    }
    fn join(&mut self, _: Self) {
        self.may("join");
    }
}

#[derive(Clone, Debug, Default)]
struct Clerk {
    calls: Arc<AtomicU32>,
}

impl Clerk {
    fn act(&self, trip: &mut Trip, visit: &Visit) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        // What a failed attempt changes is discarded.
        trip.done.push(format!("{}, not done", visit.node().id));
        trip.may(visit.node().id);
        let _ = trip.done.pop();
        trip.done.push(visit.node().id.to_owned());
    }
}

impl Desk<Trip> for Clerk {
    async fn hold_seat(&self, trip: &mut Trip, visit: &Visit) -> Result<Effect> {
        self.act(trip, visit);
        Ok(Effect::Done)
    }
    async fn charge_card(&self, trip: &mut Trip, visit: &Visit) -> Result<Effect> {
        self.act(trip, visit);
        Ok(Effect::Done)
    }
    async fn print_ticket(&self, _: &mut Trip, _: &Visit) -> Result {
        Ok(())
    }
    async fn write_invoice(&self, _: &mut Trip, _: &Visit) -> Result {
        Ok(())
    }
    async fn hand_over(&self, trip: &mut Trip, visit: &Visit) -> Result {
        self.act(trip, visit);
        Ok(())
    }
}

impl Compensation<Trip> for Clerk {
    async fn free_seat(&self, trip: &mut Trip, visit: &Visit) -> Result {
        self.act(trip, visit);
        Ok(())
    }
    async fn pay_back(&self, trip: &mut Trip, visit: &Visit) -> Result {
        self.act(trip, visit);
        Ok(())
    }
}

fn runner(clerk: &Clerk) -> Runner<trip::Flow<Clerk>> {
    trip::Flow { desk: clerk.clone() }.into_runner()
}

async fn open<T, O>(folder: &Path, runner: Runner<trip::Flow<Clerk>, T, O>) -> Engine<Node, Trip>
where
    T: Timing + Send + 'static,
    O: Observer + Send + 'static,
{
    Engine::open(folder.join("runs.db"), runner).await.unwrap()
}

/// Runs a trip of which something panics; nothing is left to be resumed.
async fn book(what: &str) -> (Outcome<Node>, Trip) {
    let (folder, clerk) = (TempDir::new().unwrap(), Clerk::default());
    let runs = open(folder.path(), runner(&clerk)).await;
    let _ = runs.start("a", Trip::panics(what)).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), runs.ended("a")).await.unwrap().unwrap();
    assert_eq!(runs.shutdown(Duration::from_secs(5)).await, 0);
    drop(runs);
    let calls = clerk.calls.load(Ordering::Relaxed);
    let runs = open(folder.path(), runner(&clerk)).await;
    let resumed = runs.resume().await.unwrap();
    assert_eq!((resumed.runs, clerk.calls.load(Ordering::Relaxed)), (0, calls));
    (ended.outcome, ended.cx)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_rolled_back_after_a_panic() {
    let (outcome, trip) = book("n3").await;
    assert_eq!(outcome.to_string(), "rolled back: `Charge card` faulted: panicked: no n3");
    assert_eq!(trip.done, ["n2", "n9", "n8"], "what failed attempts changed is discarded");
    let (outcome, trip) = book("n6").await;
    assert_eq!(outcome.to_string(), "rolled back: `Hand over` faulted: panicked: no n6");
    assert_eq!(trip.done, ["n2", "n3", "n9", "n8"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compensation_that_panics_is_stuck() {
    let (folder, clerk) = (TempDir::new().unwrap(), Clerk::default());
    let runs = open(folder.path(), runner(&clerk)).await;
    let _ = runs.start("a", Trip::panics("n6 n9")).await.unwrap();
    let why = "stuck: `Hand over` faulted: panicked: no n6; pending undos: `Charge card` (panicked: no n9)";
    assert_eq!(runs.outcome("a").await.unwrap().to_string(), why);
    runs.retry("a").await.unwrap();
    assert!(runs.outcome("a").await.unwrap().is_stuck());
    assert_eq!(runs.resolve("a", Node::ChargeCard, 1).await.unwrap(), Status::RolledBack);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn branches_fault_if_fork_panics() {
    let (outcome, trip) = book("fork").await;
    let why = "rolled back: `Print ticket` faulted: panicked in `Fork::fork`: no fork";
    assert_eq!((outcome.to_string().as_str(), &trip.done[2..]), (why, &["n9", "n8"].map(String::from)[..]));
    let (outcome, trip) = book("join").await;
    assert!(outcome.to_string().ends_with("faulted: panicked in `Fork::join`: no join"), "{outcome}");
    assert!(outcome.is_rolled_back(), "{outcome}");
    assert_eq!(trip.done[2..], ["n9", "n8"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_observer_that_panics_harms_no_run() {
    let folder = TempDir::new().unwrap();
    let runs = open(folder.path(), runner(&Clerk::default()).observe(|_| panic!("no eyes"))).await;
    let _ = runs.start("a", Trip::panics("")).await.unwrap();
    assert!(runs.outcome("a").await.unwrap().is_completed_at(End::Booked));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_stops_with_the_reason_if_serializing_panics() {
    let (folder, clerk) = (TempDir::new().unwrap(), Clerk::default());
    let runs = open(folder.path(), runner(&clerk)).await;
    let reason = |error: Error| match error {
        Error::Context { doing: "serialize", source, .. } => source.to_string(),
        error => panic!("{error}"),
    };
    let error = runs.start("a", Trip::panics("serialize at once")).await.unwrap_err();
    assert_eq!(reason(error), "panicked: no ink");
    let _ = runs.start("b", Trip::panics("serialize later")).await.unwrap();
    assert_eq!(reason(runs.outcome("b").await.unwrap_err()), "panicked: no ink");
    let shown = runs.show("b").await.unwrap();
    assert_eq!(shown.summary.status, Status::Running, "it stays where the file says it is");
    assert_eq!(runs.list(flowgen_sqlite::ListRuns::all()).await.unwrap().len(), 1);
    let why = shown.summary.halted.unwrap();
    assert!(why.ends_with("does not serialize: panicked: no ink"), "{why}");
    let calls = || clerk.calls.load(Ordering::Relaxed);
    let before = calls();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(
        (runs.load().halted, runs.load().waiting, calls()),
        (1, 0, before),
        "it does not go on by itself"
    );
    runs.retry("b").await.unwrap();
    assert_eq!(reason(runs.outcome("b").await.unwrap_err()), "panicked: no ink");
    assert_eq!(calls(), before + 1, "its step was done again");
    assert!(runs.cancel("b").await.unwrap());
    assert_eq!(reason(runs.outcome("b").await.unwrap_err()), "panicked: no ink");
    assert_eq!(runs.show("b").await.unwrap().summary.status, Status::RollingBack);
    let undos = runs.abandon("b").await.unwrap();
    assert_eq!(undos.iter().map(|undo| undo.node.label.as_str()).collect::<Vec<_>>(), ["Hold seat"]);
    assert_eq!(runs.outcome("b").await.unwrap().to_string(), "abandoned; pending undos: `Hold seat`");
    assert_eq!((runs.load().running, runs.load().halted), (0, 0), "nothing goes on with it");
    runs.delete("b").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_refused_with_the_reason_if_deserializing_panics() {
    let (folder, clerk) = (TempDir::new().unwrap(), Clerk::default());
    let runs = open(folder.path(), runner(&clerk)).await;
    let mut trip = Trip::panics("n2");
    let _ = runs.start("rolled back", trip.clone()).await.unwrap();
    assert!(runs.outcome("rolled back").await.unwrap().is_rolled_back());
    trip.panics = "deserialize".to_owned();
    let _ = runs.start("a", trip).await.unwrap();
    assert!(runs.outcome("a").await.unwrap().is_completed_at(End::Booked), "it was not read");
    let error = Fault::new(runs.ended("a").await.unwrap_err());
    let text = format!("{error:#}");
    assert!(text.ends_with("does not deserialize: panicked: no glasses"), "{text}");
    MENDED.store(true, Ordering::Relaxed);
    assert_eq!(runs.ended("a").await.unwrap().cx.done, ["n2", "n3", "n6"]);
}
