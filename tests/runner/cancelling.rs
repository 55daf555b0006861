use std::future::ready;
use std::time::Duration;

use flowgen::{Cause, Outcome, Runner};
use tokio::time::sleep;

use crate::shop::{At, FORK, SELL, Shop, faults, takes};

fn is_cancelled(outcome: &Outcome<At>) -> bool {
    matches!(outcome, Outcome::RolledBack { cause: Cause::Cancelled })
}

async fn after(millis: u64) {
    sleep(Duration::from_millis(millis)).await;
}

#[tokio::test(start_paused = true)]
async fn before_the_first_step() {
    let shop = Shop::new(&[]);
    let ended = Runner::new(&shop, SELL).run_cancellable("r", Vec::new(), ready(())).await;
    assert!(is_cancelled(&ended.outcome), "{}", ended.outcome);
    assert!(shop.log().is_empty(), "{:?}", shop.log());
}

#[tokio::test(start_paused = true)]
async fn in_a_step_which_is_finished_and_undone() {
    let shop = Shop::new(&[("Reserve", takes(100))]);
    let ended = Runner::new(&shop, SELL).run_cancellable("r", Vec::new(), after(50)).await;
    assert!(is_cancelled(&ended.outcome), "{}", ended.outcome);
    let log = ["0 begins Reserve", "100 ends Reserve", "100 begins Release", "100 ends Release"];
    assert_eq!(shop.log(), log);
}

#[tokio::test(start_paused = true)]
async fn in_the_last_step_which_is_not_the_end_any_more() {
    let shop = Shop::new(&[("Pay", takes(100))]);
    let ended = Runner::new(&shop, SELL).run_cancellable("r", Vec::new(), after(50)).await;
    assert!(is_cancelled(&ended.outcome), "{}", ended.outcome);
    assert_eq!(ended.undone().collect::<Vec<_>>(), [At(1)]);
}

#[tokio::test(start_paused = true)]
async fn after_the_last_step() {
    let shop = Shop::new(&[("Pay", takes(100))]);
    let ended = Runner::new(&shop, SELL).run_cancellable("r", Vec::new(), after(101)).await;
    assert!(ended.outcome.is_completed(), "{}", ended.outcome);
}

#[tokio::test(start_paused = true)]
async fn in_a_fork_whose_branches_finish_and_are_undone_last_first() {
    let shop = Shop::new(&[("Left", takes(100)), ("Right", takes(80))]);
    let ended = Runner::new(&shop, FORK).run_cancellable("r", Vec::new(), after(50)).await;
    assert!(is_cancelled(&ended.outcome), "{}", ended.outcome);
    assert_eq!(ended.undone().collect::<Vec<_>>(), [At(7), At(8)]);
}

#[tokio::test(start_paused = true)]
async fn in_a_rollback_which_goes_on() {
    let shop = Shop::new(&[("Pay", faults(1)), ("Release", takes(100))]);
    let ended = Runner::new(&shop, SELL).run_cancellable("r", Vec::new(), after(50)).await;
    let Outcome::RolledBack { cause: Cause::Fault(at) } = &ended.outcome else { panic!("{}", ended.outcome) };
    assert_eq!(at.node, At(2));
}
