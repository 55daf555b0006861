//! What a step is told about its visit: why the run is rolled back, and whether this is the last attempt.

use std::future::ready;
use std::sync::Mutex;
use std::time::Duration;

use flowgen::{Cause, Flow, Next, Retry, Runner, Scope, TokioClock, Visit};

use crate::shop::{At, SELL, Shop, faults, takes};

/// Runs a shop, and records the causes that its steps receive.
struct Recorder {
    shop: Shop,
    causes: Mutex<Vec<String>>,
    last: Mutex<Vec<String>>,
}

impl Recorder {
    fn new(shop: Shop) -> Self {
        Self { shop, causes: Mutex::default(), last: Mutex::default() }
    }

    fn causes(&self) -> Vec<String> {
        self.causes.lock().unwrap().clone()
    }
}

impl Flow<Vec<String>> for Recorder {
    type Node = At;

    async fn step(&self, at: At, cx: &mut Vec<String>, visit: &Visit) -> flowgen::Result<Next<At>> {
        let label = visit.node().label;
        let cause = visit.cause().map_or("none".to_owned(), ToString::to_string);
        self.causes.lock().unwrap().push(format!("{label}: {cause}"));
        if visit.is_last_attempt() {
            self.last.lock().unwrap().push(format!("{label} {}", visit.attempt()));
        }
        self.shop.step(at, cx, visit).await
    }

    fn fork(cx: &Vec<String>) -> Option<Vec<String>> {
        Shop::fork(cx)
    }

    fn join(cx: &mut Vec<String>, branch: Vec<String>) {
        Shop::join(cx, branch);
    }
}

#[tokio::test(start_paused = true)]
async fn a_compensation_is_told_the_fault() {
    let recorder = Recorder::new(Shop::new(&[("Pay", faults(1))]));
    let ended = Runner::new(&recorder, SELL).run(Vec::new()).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    let cause = "Release: `Pay` faulted: Pay is out of order";
    assert_eq!(recorder.causes(), ["Reserve: none", "Pay: none", cause]);
}

#[tokio::test(start_paused = true)]
async fn a_compensation_is_told_that_the_run_was_cancelled() {
    let recorder = Recorder::new(Shop::new(&[("Reserve", takes(100))]));
    let ended = Runner::new(&recorder, SELL).run_cancellable("r", Vec::new(), ready(())).await;
    assert!(recorder.causes().is_empty(), "{}", ended.outcome);
    let cancel = tokio::time::sleep(Duration::from_millis(50));
    let ended = Runner::new(&recorder, SELL).run_cancellable("r", Vec::new(), cancel).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    assert_eq!(recorder.causes(), ["Reserve: none", "Release: cancelled"]);
}

#[test]
fn a_cause_can_be_matched_with_the_nodes_of_the_flow() {
    static OTHER: flowgen::plan::NodeSpec =
        flowgen::plan::NodeSpec::new("n99", "Other", 0, flowgen::plan::Kind::Step);
    let spec = |at: u32| flowgen::Node::spec(At(at));
    let drawn = Cause::Drawn { from: spec(1), at: spec(4) };
    assert!(matches!(drawn.for_flow::<At>(), Some(Cause::Drawn { from: At(1), at: At(4) })));
    assert_eq!(drawn.to_string(), "`Reserve` led to `Release`");
    assert!(Cause::Drawn { from: &OTHER, at: spec(4) }.for_flow::<At>().is_none());
}

#[tokio::test(start_paused = true)]
async fn the_last_attempt_is_told_by_the_policy_of_the_node() {
    let recorder = Recorder::new(Shop::new(&[("Reserve", faults(2)), ("Pay", faults(1))]));
    let runner = Runner::new(&recorder, SELL).clock(TokioClock).retry(Scope::All, Retry::max_retries(1));
    let ended = runner.retry(At(1), Retry::max_retries(2)).no_retry(At(4)).run(Vec::new()).await;
    assert!(ended.outcome.is_completed(), "{}", ended.outcome);
    assert_eq!(*recorder.last.lock().unwrap(), ["Reserve 3", "Pay 2"]);
}

#[tokio::test(start_paused = true)]
async fn without_a_policy_each_attempt_is_the_last() {
    let recorder = Recorder::new(Shop::new(&[("Pay", faults(1))]));
    let ended = Runner::new(&recorder, SELL).run(Vec::new()).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    assert_eq!(*recorder.last.lock().unwrap(), ["Reserve 1", "Pay 1", "Release 1"]);
}
