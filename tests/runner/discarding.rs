//! What failed attempts change in the context.

use std::time::Duration;

use flowgen::{Retry, Runner, Scope, TokioClock};
use tokio::time::timeout;

use crate::shop::{FORK, SELL, Shop, faults, panics, takes};

fn retry(times: usize) -> Retry {
    Retry::max_retries(times).initial_delay(Duration::from_millis(1))
}

#[tokio::test(start_paused = true)]
async fn a_retry_sees_the_context_from_before() {
    for does in [faults(2), panics(2)] {
        let shop = Shop::new(&[("Pay", does)]);
        let runner = Runner::new(&shop, SELL).clock(TokioClock).retry(Scope::All, retry(2));
        let ended = runner.discard_failed_changes().run_with_id("r", Vec::new()).await;
        assert!(ended.outcome.is_completed(), "{}", ended.outcome);
        assert_eq!(ended.cx, ["r/n1/1 attempt 1", "r/n2/1 attempt 3"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollback_sees_the_context_from_before() {
    for does in [faults(9), panics(9)] {
        let shop = Shop::new(&[("Pay", does)]);
        let runner = Runner::new(&shop, SELL).clock(TokioClock).retry(Scope::All, retry(1));
        let ended = runner.discard_failed_changes().run_with_id("r", Vec::new()).await;
        assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
        assert_eq!(ended.cx, ["r/n1/1 attempt 1", "r/n4/1 attempt 1"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_compensation_that_faults_changes_nothing() {
    let shop = Shop::new(&[("Pay", faults(9)), ("Release", faults(9))]);
    let ended = Runner::new(&shop, SELL).discard_failed_changes().run_with_id("r", Vec::new()).await;
    assert!(ended.outcome.is_stuck(), "{}", ended.outcome);
    assert_eq!(ended.cx, ["r/n1/1 attempt 1"]);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_in_a_branch_changes_nothing_if_it_fails() {
    let shop = Shop::new(&[("Left", faults(1))]);
    let runner = Runner::new(&shop, FORK).clock(TokioClock).retry(Scope::All, retry(1));
    let ended = runner.discard_failed_changes().run_with_id("r", Vec::new()).await;
    assert!(ended.outcome.is_completed(), "{}", ended.outcome);
    let left = ["r/n6/1 attempt 1", "a copy of 1", "r/n7/1 attempt 2", "a copy of 1", "r/n8/1 attempt 1"];
    assert_eq!(ended.cx, left);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_dropped_changes_nothing() {
    /// Changes the context, and then takes its time.
    struct Slow(Shop);
    impl flowgen::Flow<Vec<String>> for Slow {
        type Node = crate::shop::At;
        async fn step(
            &self,
            at: Self::Node,
            cx: &mut Vec<String>,
            visit: &flowgen::Visit,
        ) -> flowgen::Result<flowgen::Next<Self::Node>> {
            cx.push(format!("{} begun", visit.key()));
            self.0.step(at, cx, visit).await
        }
        fn fork(_: &Vec<String>) -> Option<Vec<String>> {
            None
        }
        fn join(_: &mut Vec<String>, _: Vec<String>) {}
    }
    let slow = Slow(Shop::new(&[("Pay", takes(100))]));
    let runner = Runner::new(&slow, SELL).clock(TokioClock).discard_failed_changes();
    let timed = runner.clone().timeout(Scope::All, Duration::from_millis(50));
    let ended = timed.run_with_id("r", Vec::new()).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    let reserved = ["r/n1/1 begun", "r/n1/1 attempt 1"];
    assert_eq!(ended.cx[..2], reserved);
    assert_eq!(ended.cx[2..], ["r/n4/1 begun", "r/n4/1 attempt 1"]);

    let mut run = runner.start("r", Vec::new());
    let driving = runner.drive(&mut run, std::future::pending());
    assert!(timeout(Duration::from_millis(50), driving).await.is_err());
    assert_eq!(run.context()[..], reserved);
}

/// A context need not be `Clone`; then it stays as failed attempts left it.
#[tokio::test(start_paused = true)]
async fn without_the_setting_a_retry_sees_what_was_changed() {
    let shop = Shop::new(&[("Pay", panics(1))]);
    let runner = Runner::new(&shop, SELL).clock(TokioClock).retry(Scope::All, retry(1));
    let ended = runner.run_with_id("r", Vec::new()).await;
    assert_eq!(ended.cx, ["r/n1/1 attempt 1", "r/n2/1 attempt 1", "r/n2/1 attempt 2"]);
}
