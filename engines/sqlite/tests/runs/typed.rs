//! Runs of a flow with declared values, interrupted at each of their steps.

#[path = "../../../../tests/runner/typed/lanes.rs"]
mod lanes;
#[allow(dead_code, reason = "the tests of the runner use all of it")]
#[path = "../../../../tests/runner/typed/order.rs"]
mod order;
#[path = "../../../../tests/runner/typed/plan.rs"]
mod plan;
#[allow(dead_code, reason = "the tests of the runner use all of it")]
#[path = "../../../../tests/runner/typed/shop.rs"]
mod shop;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use flowgen::data::{Data, ValueId};
use flowgen::{Next, Node as _, Result, RunResult, Runner, Visit};
use flowgen_sqlite::{Engine, Error};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::timeout;

use order::{Flow, Node, Start, Value};
use shop::{Does, Knows, Order, World};

type Lanes = Flow<World, World>;
type Ended = RunResult<Node, Data<Value>>;

/// Where the process stops.
#[derive(Clone, Copy, Debug)]
enum Stop {
    Before(usize),
    /// The step has its effect, and its checkpoint is not written.
    After(usize),
}

/// A flow that waits forever at one of its calls.
struct Stopping {
    flow: Lanes,
    stop: Option<Stop>,
    /// The keys of all calls, over all lives of the process.
    calls: watch::Sender<Vec<String>>,
    is_stopped: watch::Sender<bool>,
}

impl flowgen::Flow<Data<Value>> for Stopping {
    type Node = Node;

    async fn step(&self, at: Node, data: &mut Data<Value>, visit: &Visit) -> Result<Next<Node>> {
        if at.spec().is_circle() {
            return self.flow.step(at, data, visit).await;
        }
        let call = format!("{}{}", visit.key(), if visit.is_inquiry() { "?" } else { "" });
        self.calls.send_modify(|calls| calls.push(call));
        let number = self.calls.borrow().len();
        // The script of the lanes is about first attempts.
        let visit = visit.clone().at_attempt(1);
        let is_stopped = match self.stop {
            Some(Stop::Before(stop)) => stop == number,
            Some(Stop::After(stop)) if stop == number => {
                let _ = self.flow.step(at, data, &visit).await;
                true
            }
            _ => false,
        };
        if is_stopped {
            self.is_stopped.send_replace(true);
            std::future::pending::<()>().await;
        }
        self.flow.step(at, data, &visit).await
    }

    fn fork(data: &Data<Value>) -> Option<Data<Value>> {
        Lanes::fork(data)
    }

    fn join(data: &mut Data<Value>, branch: Data<Value>) {
        Lanes::join(data, branch);
    }

    fn retain(data: &mut Data<Value>, is_needed: &dyn Fn(ValueId) -> bool) {
        Lanes::retain(data, is_needed);
    }
}

fn stopping(world: &World, stop: Option<Stop>, calls: &watch::Sender<Vec<String>>) -> Stopping {
    let flow = Flow { store: world.clone(), delivery: world.clone() };
    Stopping { flow, stop, calls: calls.clone(), is_stopped: watch::Sender::new(false) }
}

fn input() -> (u32, Data<Value>) {
    let order = Order { customer: "Ann".to_owned(), items: vec!["pot".to_owned(), "cup".to_owned()] };
    Start::OrderReceived(order).into_data()
}

async fn open(folder: &Path, flow: Stopping) -> (Engine<Node, Data<Value>>, watch::Receiver<bool>) {
    let flow = Arc::new(flow);
    let is_stopped = flow.is_stopped.subscribe();
    loop {
        let runner = Runner::new(Arc::clone(&flow), input().0);
        match Engine::open(folder.join("runs.db"), runner).await {
            Err(Error::Locked { .. }) => tokio::time::sleep(Duration::from_millis(2)).await,
            opened => return (opened.unwrap(), is_stopped),
        }
    }
}

/// Runs an order, interrupted there.
async fn run(world: &World, stop: Option<Stop>, calls: &watch::Sender<Vec<String>>) -> Ended {
    let folder = TempDir::new().unwrap();
    let (engine, mut is_stopped) = open(folder.path(), stopping(world, stop, calls)).await;
    let _ = engine.start("r", input().1).await.unwrap();
    if stop.is_none() {
        return engine.ended("r").await.unwrap();
    }
    let stopped = is_stopped.wait_for(|is_stopped| *is_stopped);
    timeout(Duration::from_secs(20), stopped).await.expect("it stops").unwrap();
    drop(engine);
    let (engine, _) = open(folder.path(), stopping(world, None, calls)).await;
    assert!(engine.resume().await.unwrap().runs > 0);
    timeout(Duration::from_secs(20), engine.ended("r")).await.expect("it ends").unwrap()
}

/// The lines in an order that does not depend on that of the branches. Lines of repeated steps are there once.
fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines.dedup();
    lines
}

/// The path, in an order that does not depend on that of the branches.
fn path(ended: &Ended) -> Vec<String> {
    let mut path: Vec<String> = ended.path_text().split(" → ").map(str::to_owned).collect();
    path.sort();
    path
}

/// The calls that were made twice.
fn repeated(calls: &[String]) -> Vec<&str> {
    let mut repeated = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        if calls[..at].contains(call) {
            repeated.push(call.as_str());
        }
    }
    repeated
}

/// Interrupts a run of this world before and after each of its steps.
async fn interrupt_everywhere(world: fn() -> World) {
    let (first, calls) = (world(), watch::Sender::default());
    let expected = run(&first, None, &calls).await;
    let messages: Vec<_> = expected.messages.iter().map(Ended::end).collect();
    let all = calls.borrow().clone();
    assert!(repeated(&all).is_empty(), "{all:?}");
    for stop in (1..=all.len()).flat_map(|number| [Stop::Before(number), Stop::After(number)]) {
        let (world, calls) = (world(), watch::Sender::default());
        let ended = run(&world, Some(stop), &calls).await;
        let calls = calls.borrow().clone();
        let about = format!("{stop:?}: {calls:?} {:?}", world.log());
        assert_eq!(ended.end(), expected.end(), "{about}");
        assert_eq!(ended.outcome.to_string(), expected.outcome.to_string(), "{about}");
        assert_eq!(path(&ended), path(&expected), "{about}");
        assert_eq!(ended.messages.iter().map(Ended::end).collect::<Vec<_>>(), messages, "{about}");
        assert_eq!(sorted(world.log()), sorted(first.log()), "{about}");
        assert_eq!(world.exists(), first.exists(), "{about}");
        assert_eq!(sorted(calls.clone()), sorted(all.clone()), "{about}");
        let (Stop::Before(number) | Stop::After(number)) = stop;
        let stopped = calls[number - 1].as_str();
        // The other branch of the fork may be interrupted with it.
        let branches = ["r/n7/1", "r/n8/1"];
        let may_repeat =
            |call: &&str| *call == stopped || branches.contains(&stopped) && branches.contains(call);
        assert!(repeated(&calls).contains(&stopped), "{about}");
        assert!(repeated(&calls).iter().all(may_repeat), "{about}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_run_continues_with_its_values() {
    interrupt_everywhere(World::default).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_rollback_undoes_with_the_values_that_the_steps_saw() {
    interrupt_everywhere(|| World::with(&[("confirm", 1, 1, Does::FaultsAfter)])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_inquiry_is_repeated() {
    interrupt_everywhere(|| World {
        script: vec![("reserve", 2, 1, Does::FaultsAfter)],
        did: Knows::Everything,
        ..World::default()
    })
    .await;
}
