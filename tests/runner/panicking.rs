//! Panics in user code are faults.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use flowgen::{
    Cause, Clock, Event, Flow, Next, Outcome, Panicked, Result, Retry, Runner, Scope, TokioClock, Visit,
};

use crate::shop::{At, FORK, MESSAGE, SELL, Shop, faults, panics, takes};

/// The message of the panic that a run was rolled back for, or failed with.
fn message(outcome: &Outcome<At>) -> &str {
    let Some(Cause::Fault(at)) = outcome.cause() else { panic!("{outcome}") };
    let panicked = at.fault.downcast_ref::<Panicked>();
    panicked.map_or_else(|| panic!("no panic: {outcome}"), |panicked| &panicked.message)
}

#[tokio::test(start_paused = true)]
async fn a_step_that_panics_is_retried_like_one_that_faults() {
    let shop = Shop::new(&[("Pay", panics(2))]);
    let runner = Runner::new(&shop, SELL).clock(TokioClock).retry(Scope::All, Retry::max_retries(2));
    let ended = runner.run(Vec::new()).await;
    assert!(ended.outcome.is_completed_at(At(3)), "{}", ended.outcome);
}

#[tokio::test(start_paused = true)]
async fn what_is_owed_is_undone_after_a_panic() {
    let shop = Shop::new(&[("Pay", panics(1))]);
    let ended = Runner::new(&shop, SELL).run(Vec::new()).await;
    assert_eq!(ended.outcome.to_string(), "rolled back: `Pay` faulted: panicked: Pay is a bug");
    assert_eq!(message(&ended.outcome), "Pay is a bug");
    assert_eq!(ended.undone().collect::<Vec<_>>(), [At(1)]);
}

/// Its effect is unknown, so it is undone itself.
#[tokio::test(start_paused = true)]
async fn a_step_that_panics_is_undone() {
    let shop = Shop::new(&[("Reserve", panics(1))]);
    let ended = Runner::new(&shop, SELL).run(Vec::new()).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    assert_eq!(ended.undone().collect::<Vec<_>>(), [At(1)]);
}

#[tokio::test(start_paused = true)]
async fn a_compensation_that_panics_is_retried_and_then_stuck() {
    let shop = Shop::new(&[("Pay", faults(9)), ("Release", panics(1))]);
    let runner = Runner::new(&shop, SELL).clock(TokioClock);
    let ended = runner.clone().retry(At(4), Retry::max_retries(1)).run(Vec::new()).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    let ended = runner.run(Vec::new()).await;
    let Outcome::Stuck { pending_undos, .. } = &ended.outcome else { panic!("{}", ended.outcome) };
    let fault = pending_undos[0].fault.as_ref().unwrap();
    assert_eq!(fault.downcast_ref::<Panicked>().unwrap().message, "Release is a bug");
}

#[tokio::test(start_paused = true)]
async fn a_branch_that_panics_undoes_the_others() {
    let shop = Shop::new(&[("Left", panics(1)), ("Right", takes(50))]);
    let ended = Runner::new(&shop, FORK).run(Vec::new()).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    assert_eq!(message(&ended.outcome), "Left is a bug");
    let mut undone: Vec<u32> = ended.undone().map(|node| node.0).collect();
    undone.sort_unstable();
    assert_eq!(undone, [7, 8]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_panics_does_not_harm_its_sender() {
    let shop = Shop::new(&[("Hear", panics(1))]);
    let ended = Runner::new(&shop, MESSAGE).run(Vec::new()).await;
    assert!(ended.outcome.is_completed(), "{}", ended.outcome);
    assert_eq!(message(&ended.messages[0].outcome), "Hear is a bug");
}

/// Panics only where it is dropped before it is ready.
struct PanicsWhenDropped;

impl Future for PanicsWhenDropped {
    type Output = ();
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

/// A shop with a step that panics in its own way.
struct Odd {
    shop: Shop,
    at: At,
    way: Way,
}

enum Way {
    BeforeTheFuture,
    WhenDropped,
}

impl Flow<Vec<String>> for Odd {
    type Node = At;
    #[allow(clippy::manual_async_fn, reason = "it panics before there is a future")]
    fn step(
        &self,
        at: At,
        cx: &mut Vec<String>,
        visit: &Visit,
    ) -> impl Future<Output = Result<Next<At>>> + Send {
        let is_it = at == self.at;
        assert!(!(is_it && matches!(self.way, Way::BeforeTheFuture)), "no future");
        async move {
            if is_it {
                PanicsWhenDropped.await;
            }
            self.shop.step(at, cx, visit).await
        }
    }
    fn fork(_: &Vec<String>) -> Option<Vec<String>> {
        None
    }
    fn join(_: &mut Vec<String>, _: Vec<String>) {}
}

#[tokio::test(start_paused = true)]
async fn a_flow_may_panic_before_and_after_its_future() {
    let odd = Odd { shop: Shop::new(&[]), at: At(2), way: Way::BeforeTheFuture };
    let ended = Runner::new(&odd, SELL).run(Vec::new()).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    assert_eq!(message(&ended.outcome), "no future");

    let odd = Odd { way: Way::WhenDropped, ..odd };
    let runner = Runner::new(&odd, SELL).clock(TokioClock).timeout(Scope::All, Duration::from_millis(9));
    let ended = runner.run(Vec::new()).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    assert_eq!(message(&ended.outcome), "dropped");
}

/// A shop whose contexts can't be copied, or not be joined.
struct Torn<const FORKS: bool>(Shop);

impl<const FORKS: bool> Flow<Vec<String>> for Torn<FORKS> {
    type Node = At;
    async fn step(&self, at: At, cx: &mut Vec<String>, visit: &Visit) -> Result<Next<At>> {
        self.0.step(at, cx, visit).await
    }
    fn fork(cx: &Vec<String>) -> Option<Vec<String>> {
        assert!(FORKS, "no copy");
        Shop::fork(cx)
    }
    fn join(_: &mut Vec<String>, _: Vec<String>) {
        panic!("no join");
    }
}

#[tokio::test(start_paused = true)]
async fn a_branch_faults_if_its_context_can_not_be_copied() {
    let torn = Torn::<false>(Shop::new(&[]));
    let ended = Runner::new(&torn, FORK).run(Vec::new()).await;
    let failed = "rolled back: `Left` faulted: panicked in `Fork::fork`: no copy";
    assert_eq!(ended.outcome.to_string(), failed);
}

#[tokio::test(start_paused = true)]
async fn branches_are_undone_if_their_contexts_can_not_be_joined() {
    let torn = Torn::<true>(Shop::new(&[("Right", takes(50))]));
    let ended = Runner::new(&torn, FORK).run(Vec::new()).await;
    let failed = "rolled back: `Right` faulted: panicked in `Fork::join`: no join";
    assert_eq!(ended.outcome.to_string(), failed);
    assert_eq!(ended.undone().collect::<Vec<_>>(), [At(8), At(7)]);
}

/// The rollback goes on without what the branches did to their contexts.
#[tokio::test(start_paused = true)]
async fn a_rollback_goes_on_if_contexts_can_not_be_joined() {
    let torn = Torn::<true>(Shop::new(&[("Left", faults(1)), ("Right", takes(50))]));
    let ended = Runner::new(&torn, FORK).run(Vec::new()).await;
    assert_eq!(ended.outcome.to_string(), "rolled back: `Left` faulted: Left is out of order");
    assert_eq!(ended.undone().collect::<Vec<_>>(), [At(8), At(7)]);
    assert!(ended.faults.iter().any(|at| at.fault.downcast_ref::<Panicked>().is_some()));
}

/// A message is a run of its own: the sender goes on, and says that it was not sent.
#[tokio::test(start_paused = true)]
async fn a_message_whose_context_can_not_be_copied_is_a_fault_of_the_sender() {
    let torn = Torn::<false>(Shop::new(&[]));
    let ended = Runner::new(&torn, MESSAGE).run(Vec::new()).await;
    assert!(ended.outcome.is_completed(), "{}", ended.outcome);
    assert!(ended.messages.is_empty());
    let faults: Vec<String> = ended.faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults, ["`Tell` faulted: panicked in `Fork::fork`: no copy"]);
}

#[tokio::test(start_paused = true)]
async fn an_observer_that_panics_harms_no_run() {
    let shop = Shop::new(&[("Pay", faults(9))]);
    let observer = |event: &Event<'_>| panic!("{event:?}");
    let ended = Runner::new(&shop, SELL).observe(observer).run(Vec::new()).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    let slow = Shop::new(&[("Pay", takes(100))]);
    let runner = Runner::new(&slow, SELL).observe(observer);
    let dropped = tokio::time::timeout(Duration::from_millis(50), runner.run(Vec::new()));
    assert!(dropped.await.is_err(), "the observer is told of the run that is dropped, and panics");
}

#[tokio::test(start_paused = true)]
async fn a_fault_is_final_if_its_policy_panics() {
    let shop = Shop::new(&[("Pay", faults(9))]);
    let retry = Retry::max_retries(5).retry_if(|fault| panic!("is {fault} to be retried?"));
    let ended = Runner::new(&shop, SELL).clock(TokioClock).retry(Scope::All, retry).run(Vec::new()).await;
    assert_eq!(ended.outcome.to_string(), "rolled back: `Pay` faulted: Pay is out of order");
}

/// A clock that is out of order.
struct Stopped;

impl Clock for Stopped {
    async fn sleep(&self, _: Duration) {
        panic!("no time");
    }
}

#[tokio::test]
async fn a_clock_that_panics_does_not_wait() {
    let shop = Shop::new(&[("Pay", faults(2))]);
    let runner = Runner::new(&shop, SELL).clock(Stopped).retry(Scope::All, Retry::max_retries(2));
    assert!(runner.run(Vec::new()).await.outcome.is_completed());
    let odd = Odd { shop, at: At(2), way: Way::WhenDropped };
    let runner = Runner::new(&odd, SELL).clock(Stopped).timeout(At(2), Duration::from_secs(1));
    let ended = runner.run(Vec::new()).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
}

#[tokio::test(start_paused = true)]
async fn a_cancel_signal_that_panics_never_comes() {
    let shop = Shop::new(&[("Pay", takes(50))]);
    let runner = Runner::new(&shop, SELL);
    let ended = runner.run_cancellable("r", Vec::new(), async { panic!("no signal") }).await;
    assert!(ended.outcome.is_completed(), "{}", ended.outcome);
}

/// Driven by hand, a run is whole after a panic.
#[tokio::test(start_paused = true)]
async fn a_run_that_is_driven_by_hand_survives_a_panic() {
    let shop = Shop::new(&[("Pay", panics(1))]);
    let runner = Runner::new(&shop, SELL);
    let mut run = runner.start("r", Vec::new());
    let _ = pin!(runner.drive(&mut run, std::future::pending())).await;
    assert!(run.is_over() && run.state().pending_undos().is_empty());
}
