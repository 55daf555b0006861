use std::sync::Mutex;
use std::time::Duration;

use flowgen::plan::{Kind, NodeSpec};
use flowgen::{Cause, Clock, Outcome, Retry, Runner, Scope, TimedOut, TokioClock, Visit};

use crate::shop::{At, SELL, Shop, faults, takes};

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[tokio::test(start_paused = true)]
async fn pauses_double_and_the_key_stays() {
    let shop = Shop::new(&[("Pay", faults(2))]);
    let runner = Runner::new(&shop, SELL).clock(TokioClock);
    let ended = runner
        .retry(At(2), Retry::max_retries(3).initial_delay(millis(50)))
        .run_with_id("r", Vec::new())
        .await;
    assert!(ended.outcome.is_completed_at(At(3)), "{}", ended.outcome);
    assert_eq!(ended.cx, ["r/n1/1 attempt 1", "r/n2/1 attempt 1", "r/n2/1 attempt 2", "r/n2/1 attempt 3"]);
    let begun = ["0 begins Reserve", "0 ends Reserve", "0 begins Pay", "50 begins Pay", "150 begins Pay"];
    assert_eq!(shop.log()[..5], begun);
    assert!(ended.faults.is_empty(), "a fault that was got over by a retry is none");
}

#[tokio::test(start_paused = true)]
async fn the_last_fault_is_final() {
    let shop = Shop::new(&[("Pay", faults(9))]);
    let runner = Runner::new(&shop, SELL).clock(TokioClock).retry(Scope::All, Retry::max_retries(2));
    let ended = runner.run(Vec::new()).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    assert_eq!(shop.log().iter().filter(|line| line.ends_with("begins Pay")).count(), 3);
    assert_eq!(ended.undone().collect::<Vec<_>>(), [At(1)]);
    assert_eq!(ended.faults.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_most_specific_policy_counts() {
    let shop = Shop::new(&[("Pay", faults(2)), ("Reserve", faults(1))]);
    let runner = Runner::new(&shop, SELL).clock(TokioClock);
    let runner = runner.retry(Scope::All, Retry::max_retries(0)).retry(Scope::Lane(0), Retry::max_retries(1));
    let ended = runner.retry(At(2), Retry::max_retries(2)).run(Vec::new()).await;
    assert!(ended.outcome.is_completed(), "{}", ended.outcome);
}

#[tokio::test(start_paused = true)]
async fn a_node_can_be_taken_out_of_the_policies_of_its_lane() {
    let shop = Shop::new(&[("Pay", faults(1)), ("Reserve", takes(900))]);
    let runner = Runner::new(&shop, SELL).clock(TokioClock);
    let runner = runner.retry(Scope::All, Retry::max_retries(9)).timeout(Scope::Lane(0), millis(500));
    let ended = runner.no_retry(At(2)).no_timeout(At(1)).run(Vec::new()).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    assert_eq!(shop.log().iter().filter(|line| line.ends_with("begins Pay")).count(), 1);
    assert_eq!(shop.elapsed(), 900);
}

#[tokio::test(start_paused = true)]
async fn a_node_can_be_given_a_policy_where_its_lane_has_none() {
    let shop = Shop::new(&[("Pay", faults(1)), ("Reserve", faults(1))]);
    let runner = Runner::new(&shop, SELL).clock(TokioClock).retry(Scope::All, Retry::max_retries(9));
    let runner = runner.no_retry(Scope::Lane(0)).retry(At(1), Retry::max_retries(1));
    let ended = runner.run(Vec::new()).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    assert_eq!(shop.log().iter().filter(|line| line.ends_with("begins Reserve")).count(), 2);
    assert_eq!(shop.log().iter().filter(|line| line.ends_with("begins Pay")).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn only_faults_that_are_worth_it_are_retried() {
    let shop = Shop::new(&[("Pay", faults(1))]);
    let retry = Retry::max_retries(5).retry_if(|fault| fault.downcast_ref::<TimedOut>().is_some());
    let ended = Runner::new(&shop, SELL).clock(TokioClock).retry(Scope::All, retry).run(Vec::new()).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    assert_eq!(shop.elapsed(), 0);
}

#[tokio::test(start_paused = true)]
async fn compensations_are_retried_too_and_then_stuck() {
    let shop = Shop::new(&[("Pay", faults(9)), ("Release", faults(2))]);
    let runner = |times| Runner::new(&shop, SELL).clock(TokioClock).retry(At(4), Retry::max_retries(times));
    let ended = runner(2).run(Vec::new()).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    let ended = runner(1).run(Vec::new()).await;
    let Outcome::Stuck { pending_undos, cause } = ended.outcome else { panic!("{}", ended.outcome) };
    assert_eq!((pending_undos.len(), pending_undos[0].node, pending_undos[0].visit), (1, At(1), 1));
    assert_eq!(pending_undos[0].fault.as_ref().unwrap().to_string(), "Release is out of order");
    assert!(matches!(cause, Cause::Fault(at) if at.node == At(2)));
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_is_tried_again() {
    let shop = Shop::new(&[("Reserve", takes(2_000))]);
    let runner = Runner::new(&shop, SELL).clock(TokioClock).timeout(At(1), millis(500));
    let ended = runner.retry(At(1), Retry::max_retries(1).initial_delay(millis(100))).run(Vec::new()).await;
    let Outcome::RolledBack { cause: Cause::Fault(at) } = &ended.outcome else { panic!("{}", ended.outcome) };
    assert_eq!(at.fault.downcast_ref::<TimedOut>(), Some(&TimedOut { after: millis(500) }));
    assert_eq!(
        shop.log(),
        ["0 begins Reserve", "600 begins Reserve", "1100 begins Release", "1100 ends Release"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_ends_in_time_does_not_time_out() {
    let shop = Shop::new(&[("Reserve", takes(499))]);
    let runner = Runner::new(&shop, SELL).clock(TokioClock).timeout(Scope::All, millis(500));
    assert!(runner.run(Vec::new()).await.outcome.is_completed());
}

/// A clock of one's own: time passes as soon as somebody waits.
#[derive(Default)]
struct Skipping(Mutex<Vec<Duration>>);

impl Clock for &Skipping {
    async fn sleep(&self, duration: Duration) {
        self.0.lock().unwrap().push(duration);
    }
}

#[tokio::test]
async fn a_clock_of_ones_own() {
    let shop = Shop::new(&[("Pay", faults(4))]);
    let clock = Skipping::default();
    let retry = Retry::max_retries(4).initial_delay(millis(100)).max_delay(millis(300));
    let ended = Runner::new(&shop, SELL).clock(&clock).retry(Scope::All, retry).run(Vec::new()).await;
    assert!(ended.outcome.is_completed(), "{}", ended.outcome);
    assert_eq!(*clock.0.lock().unwrap(), [100, 200, 300, 300].map(millis));
}

#[test]
fn no_pause_is_longer_than_the_longest() {
    let pauses: Vec<Duration> =
        Retry::max_retries(2).initial_delay(millis(900)).max_delay(millis(300)).pauses().collect();
    assert_eq!(pauses, [300, 300].map(millis));
}

#[test]
fn jitter_repeats_with_its_seed_and_its_visit() {
    static PAY: NodeSpec = NodeSpec::new("n2", "Pay", 0, Kind::Step);
    let pauses = |seed, run: &str| {
        let retry = Retry::max_retries(8).initial_delay(millis(100)).max_delay(millis(400)).jitter(seed);
        retry.pauses_of(&Visit::new(run, &PAY, 1)).collect::<Vec<_>>()
    };
    assert_eq!(pauses(7, "a"), pauses(7, "a"));
    assert_ne!(pauses(7, "a"), pauses(8, "a"));
    assert_ne!(pauses(7, "a"), pauses(7, "b"), "two runs do not retry in step");
    let full = Retry::max_retries(8).initial_delay(millis(100)).max_delay(millis(400)).pauses();
    assert!(full.zip(pauses(7, "a")).all(|(full, pause)| full / 2 <= pause && pause <= full));
}
