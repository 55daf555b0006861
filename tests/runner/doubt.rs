//! Pending undos after attempts that faulted, returned that they did nothing, or were interrupted.

use std::future::{pending, ready};
use std::time::Duration;

use flowgen::run::{Ending, Interpreter, Migration, Run, VisitOutcome};
use flowgen::{Drawing, Node, Retry, RunResult, Runner, Scope, TokioClock};
use tokio::time::{sleep, timeout};

use crate::shop::Attempt::{Done, Faults, FaultsNotDone, Hangs, NotDone};
use crate::shop::{At, Attempt, FORK, SELL, Shop, attempts, faults, takes};

const MOMENT: Duration = Duration::from_millis(100);

/// Sells with two retries at `Reserve`, whose attempts come to this, and with a fault at `Pay`.
async fn sells(reserve: &'static [Attempt]) -> RunResult<At, Vec<String>> {
    let shop = Shop::new(&[("Reserve", attempts(reserve)), ("Pay", faults(9))]);
    let retry = Retry::max_retries(2).initial_delay(MOMENT);
    Runner::new(&shop, SELL).clock(TokioClock).retry(At(1), retry).run(Vec::new()).await
}

fn undone(ended: &RunResult<At, Vec<String>>) -> usize {
    ended.undone().count()
}

/// Attempt 1 may have charged the customer. Attempt 2 can't take that back.
#[tokio::test(start_paused = true)]
async fn not_done_after_a_fault_is_not_believed() {
    let ended = sells(&[Faults, NotDone]).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    assert_eq!(ended.path_text(), "Start → Reserve (in doubt) → Pay (faulted) → Release (undid `Reserve`)");
}

#[tokio::test(start_paused = true)]
async fn not_done_is_believed_where_no_attempt_may_have_done_it() {
    for reserve in [&[NotDone][..], &[FaultsNotDone, NotDone], &[FaultsNotDone, FaultsNotDone, NotDone]] {
        let ended = sells(reserve).await;
        assert_eq!(ended.path_text(), "Start → Reserve (not done) → Pay (faulted)");
        assert!(!ended.outcome.is_rolled_back(), "{}", ended.outcome);
    }
}

#[tokio::test(start_paused = true)]
async fn a_visit_owes_nothing_only_if_every_attempt_did_nothing() {
    for reserve in [&[Faults, Faults, Faults][..], &[Faults, FaultsNotDone, FaultsNotDone]] {
        assert_eq!(undone(&sells(reserve).await), 1, "{reserve:?}");
    }
    for reserve in [&[FaultsNotDone, Faults, FaultsNotDone][..], &[FaultsNotDone, FaultsNotDone, Faults]] {
        assert_eq!(undone(&sells(reserve).await), 1, "{reserve:?}");
    }
    let ended = sells(&[FaultsNotDone, FaultsNotDone, FaultsNotDone]).await;
    assert_eq!(ended.path_text(), "Start → Reserve (faulted)");
    assert!(ended.outcome.to_string().starts_with("failed: `Reserve` faulted"), "{}", ended.outcome);
}

#[tokio::test(start_paused = true)]
async fn not_done_after_a_timeout_is_not_believed() {
    let shop = Shop::new(&[("Reserve", attempts(&[Hangs, NotDone])), ("Pay", faults(9))]);
    let runner = Runner::new(&shop, SELL).clock(TokioClock).timeout(At(1), MOMENT);
    let ended = runner.retry(At(1), Retry::max_retries(1)).run(Vec::new()).await;
    assert_eq!(undone(&ended), 1, "{}", ended.path_text());
}

/// Drives a run for so many milliseconds.
async fn interrupted(shop: &Shop, start: u32, millis: u64) -> Run<Vec<String>> {
    let runner = Runner::new(shop, start);
    let mut run = runner.start("r", Vec::new());
    assert!(timeout(Duration::from_millis(millis), runner.drive(&mut run, pending())).await.is_err());
    run
}

fn traces(run: &Run<Vec<String>>, node: u32) -> Vec<VisitOutcome> {
    let of = |entry: &&flowgen::run::PathEntry| entry.node == node;
    run.state().path().iter().filter(of).map(|entry| entry.outcome).collect()
}

fn begun(shop: &Shop, label: &str) -> usize {
    shop.log().iter().filter(|line| line.ends_with(&format!("begins {label}"))).count()
}

#[tokio::test(start_paused = true)]
async fn not_done_after_an_interruption_is_not_believed() {
    let shop = Shop::new(&[("Reserve", attempts(&[Done, NotDone]).after(100)), ("Pay", faults(9))]);
    let mut run = interrupted(&shop, SELL, 50).await;
    let ending = Runner::new(&shop, SELL).drive(&mut run, pending()).await;
    assert!(matches!(ending, Ending::RolledBack(_)), "{ending:?}");
    assert_eq!(traces(&run, 1), [VisitOutcome::InDoubt]);
    assert_eq!(begun(&shop, "Release"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cancelled_does_not_try_again_what_was_interrupted() {
    let shop = Shop::new(&[("Reserve", takes(100))]);
    let mut run = interrupted(&shop, SELL, 50).await;
    let ending = Runner::new(&shop, SELL).drive(&mut run, ready(())).await;
    assert!(matches!(ending, Ending::RolledBack(_)), "{ending:?}");
    assert_eq!((begun(&shop, "Reserve"), begun(&shop, "Release")), (1, 1), "{:?}", shop.log());
    assert_eq!(traces(&run, 1), [VisitOutcome::InDoubt]);
}

/// `Right` is being done when `Left` faults, and the process ends before it is.
#[tokio::test(start_paused = true)]
async fn an_aborted_fork_does_not_try_again_what_was_interrupted() {
    let shop = Shop::new(&[("Left", faults(9)), ("Right", takes(100))]);
    let mut run = interrupted(&shop, FORK, 50).await;
    assert!(run.state().is_stopping());
    let ending = Runner::new(&shop, FORK).drive(&mut run, pending()).await;
    assert!(matches!(ending, Ending::RolledBack(_)), "{ending:?}");
    assert_eq!((begun(&shop, "Right"), begun(&shop, "Undo right")), (1, 1), "{:?}", shop.log());
}

#[tokio::test(start_paused = true)]
async fn what_rests_is_not_tried_again_by_a_run_that_is_cancelled() {
    for (reserve, pending) in [(attempts(&[Faults]), 1), (attempts(&[FaultsNotDone]), 0)] {
        let shop = Shop::new(&[("Reserve", reserve)]);
        let retry = Retry::max_retries(1).initial_delay(Duration::from_secs(100));
        let runner = Runner::new(&shop, SELL).clock(TokioClock).retry(Scope::All, retry);
        let ended = runner.run_cancellable("r", Vec::new(), sleep(MOMENT)).await;
        assert_eq!(shop.elapsed(), 100, "it does not wait for the retry");
        assert_eq!((begun(&shop, "Reserve"), undone(&ended)), (1, pending), "{}", ended.path_text());
    }
}

/// Five processes end during the step, and each of its faults may still be retried.
#[tokio::test(start_paused = true)]
async fn interruptions_use_up_no_retries() {
    const PAY: &[Attempt] = &[Done, Done, Done, Done, Done, Faults, Faults, Faults];
    let shop = Shop::new(&[("Pay", attempts(PAY).after(100))]);
    let retry = Retry::max_retries(3).initial_delay(MOMENT);
    let runner = Runner::new(&shop, SELL).clock(TokioClock).retry(Scope::All, retry);
    let mut run = runner.start("r", Vec::new());
    for _ in 0..5 {
        assert!(timeout(MOMENT / 2, runner.drive(&mut run, pending())).await.is_err());
    }
    let ending = runner.drive(&mut run, pending()).await;
    assert!(matches!(ending, Ending::Completed(3)), "{ending:?}");
    assert_eq!(run.context().last().unwrap(), "r/n2/1 attempt 9");
}

/// Builds before this one did not save which attempts had no effect.
#[tokio::test(start_paused = true)]
async fn a_run_of_an_older_build_is_in_doubt_where_it_was_tried_before() {
    let shop = Shop::new(&[("Reserve", attempts(&[Done, Done, NotDone])), ("Pay", faults(9))]);
    let runner = Runner::new(&shop, SELL);
    let mut saved = serde_json::to_value(runner.start("r", Vec::<String>::new())).unwrap();
    saved["state"]["branches"][0]["attempt"] = 2.into();
    saved["state"]["branches"][0]["state"] = "Begun".into();
    let saved = serde_json::from_value(saved).unwrap();
    let adoption = Migration::new(&Drawing::new(At::PLAN), At::PLAN);
    let mut run = Interpreter::for_flow::<Shop>().restore(saved, &adoption).unwrap();
    let ending = runner.drive(&mut run, pending()).await;
    assert!(matches!(ending, Ending::RolledBack(_)), "{ending:?}");
    assert_eq!(traces(&run, 1), [VisitOutcome::InDoubt]);
}
