use std::time::Duration;

use flowgen::{Retry, Runner, Scope, TokioClock};

use crate::shop::{FORK, SELL, Shop, faults, takes};

#[tokio::test(start_paused = true)]
async fn no_more_is_done_at_once_than_the_limit_allows() {
    let shop = Shop::new(&[("Reserve", takes(100))]);
    let runner = Runner::new(&shop, SELL).limit(Scope::Node(1), 1);
    let (a, b) = tokio::join!(runner.run(Vec::new()), runner.run(Vec::new()));
    assert!(a.outcome.is_completed() && b.outcome.is_completed());
    let begun: Vec<String> = shop.log().into_iter().filter(|line| line.ends_with("begins Reserve")).collect();
    assert_eq!(begun, ["0 begins Reserve", "100 begins Reserve"]);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_permit_is_not_the_steps_time() {
    let shop = Shop::new(&[("Reserve", takes(100))]);
    let runner = Runner::new(&shop, SELL).clock(TokioClock).limit(Scope::Node(1), 1);
    let runner = runner.timeout(Scope::Node(1), Duration::from_millis(150));
    let (a, b, c) = tokio::join!(runner.run(Vec::new()), runner.run(Vec::new()), runner.run(Vec::new()));
    assert!(a.outcome.is_completed() && b.outcome.is_completed() && c.outcome.is_completed());
    assert_eq!(shop.elapsed(), 300);
}

#[tokio::test(start_paused = true)]
async fn branches_of_one_run_are_limited_too() {
    let shop = Shop::new(&[("Left", takes(100)), ("Right", takes(100))]);
    assert!(Runner::new(&shop, FORK).limit(Scope::Lane(1), 1).run(Vec::new()).await.outcome.is_completed());
    assert_eq!(shop.elapsed(), 200);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_retry_holds_up_nobody() {
    let shop = Shop::new(&[("Left", faults(1)), ("Right", takes(10))]);
    let retry = Retry::max_retries(1).initial_delay(Duration::from_secs(1));
    let runner = Runner::new(&shop, FORK).clock(TokioClock).retry(Scope::All, retry).limit(Scope::All, 1);
    assert!(runner.run(Vec::new()).await.outcome.is_completed());
    assert!(shop.log().contains(&"10 ends Right".to_owned()), "{:?}", shop.log());
}

#[tokio::test(start_paused = true)]
async fn a_node_can_be_taken_out_of_a_wider_limit() {
    let shop = Shop::new(&[("Left", takes(100)), ("Right", takes(100))]);
    let runner = Runner::new(&shop, FORK).limit(Scope::All, 1).no_limit(Scope::Node(8));
    assert!(runner.run(Vec::new()).await.outcome.is_completed());
    assert_eq!(shop.elapsed(), 100);
}
