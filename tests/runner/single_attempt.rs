use std::time::Duration;

use flowgen::{Next, Node, Retry, Runner, Scope, TimedOut, TokioClock, Visit};

use crate::shop::{At, SELL, Shop, faults, takes};

/// The step `Pay`, and its first visit at this attempt.
fn pay(attempt: u32) -> (At, Visit) {
    (At(2), Visit::new("r", At(2).spec(), 1).at_attempt(attempt))
}

#[tokio::test(start_paused = true)]
async fn an_attempt_is_made_once_and_the_rest_after_it_is_told() {
    let shop = Shop::new(&[("Pay", faults(1))]);
    let retry = Retry::max_retries(2).initial_delay(Duration::from_millis(50));
    let runner = Runner::new(&shop, SELL).clock(TokioClock).retry(Scope::All, retry);
    let ((node, first), (_, second), (_, third)) = (pay(1), pay(2), pay(3));

    let fault = runner.attempt(node, &mut Vec::new(), &first).await.unwrap_err();
    assert_eq!(shop.elapsed(), 0, "it does not wait by itself");
    assert_eq!(runner.backoff_after(node, &first, &fault), Some(Duration::from_millis(50)));
    assert_eq!(runner.backoff_after(node, &second, &fault), Some(Duration::from_millis(100)));
    assert_eq!(runner.backoff_after(node, &third, &fault), None, "that was the last");
    assert_eq!(runner.attempt(node, &mut Vec::new(), &second).await.unwrap(), Next::to(At(3)));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_ends_with_its_timeout() {
    let shop = Shop::new(&[("Pay", takes(900))]);
    let runner = Runner::new(&shop, SELL).clock(TokioClock).timeout(At(2), Duration::from_millis(200));
    let (node, first) = pay(1);
    let fault = runner.attempt(node, &mut Vec::new(), &first).await.unwrap_err();
    assert!(fault.downcast_ref::<TimedOut>().is_some(), "{fault}");
    assert_eq!(runner.backoff_after(node, &first, &fault), None, "nobody allows a retry");
}
