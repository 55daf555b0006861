//! Running flows in process.

mod attempt;
mod checkpointer;
mod discard;
mod drive;
mod futures;
mod limit;
mod observer;
mod policy;
mod timing;

use std::future::{pending, poll_fn};
use std::hash::{BuildHasher, RandomState};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

pub use checkpointer::Checkpointer;
pub use discard::Discarding;
pub use observer::{Event, Observer};
pub use policy::{Retry, Scope};
#[cfg(feature = "tokio")]
pub use timing::TokioClock;
pub use timing::{Clock, Timed, TimedOut, Timing, Untimed};

use crate::flow::{Flow, Node};
use crate::outcome::RunResult;
use crate::plan::Plan;
use crate::run::{Ending, Interpreter, Run};
use checkpointer::{CollectMessages, Sent};
use futures::FutureSet;
pub(crate) use futures::{catching, yield_now};
use limit::Limits;

/// After this many generations of messages in a row, the task yields to other tasks of the thread.
const GENERATIONS: usize = 64;

/// The future of a run.
///
/// Boxed once for each run, because of rustc's errors: it reports a missing lane once for a call that returns
/// this type, and three times for one that returns an opaque future.
pub type Running<'r, N, Cx> = Pin<Box<dyn Future<Output = RunResult<N, Cx>> + Send + 'r>>;

/// Runs a flow in process, from one of its starts. A runner can execute any number of runs, also concurrently.
///
/// Created by the generated `Flow::runner`.
///
/// A panic in user code is a fault, see [`Panicked`](crate::Panicked). Changes to the context by a failed
/// attempt remain, unless [`Runner::discard_failed_changes`] is called. Messages are driven concurrently with
/// the run that sends them.
///
/// # Examples
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/bookshop.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use std::time::Duration;
///
/// use flowgen::{Retry, Scope, TokioClock};
///
/// let flow = shop::Flow { shop: Bookshop };
/// let runner = flow
///     .runner()
///     .clock(TokioClock)
///     .retry(Scope::All, Retry::max_retries(3))
///     .timeout(shop::Node::ReserveBook, Duration::from_secs(2))
///     .limit(shop::Lane::Shop, 10)
///     .observe(|event| println!("{event:?}"));
///
/// let ended = runner.run_with_id("order-42", Order { paid: true }).await;
/// assert!(ended.outcome.is_completed_at(shop::End::Sold));
///
/// // Cancelled before its first step, a run has nothing to undo.
/// let ended = runner.run_cancellable("order-43", Order { paid: true }, std::future::ready(())).await;
/// assert!(ended.outcome.is_rolled_back());
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a runner does nothing until `run` is called"]
pub struct Runner<F, T = Untimed, O = ()> {
    flow: F,
    start: u32,
    timing: T,
    limits: Limits,
    observer: O,
}

impl<F> Runner<F> {
    /// Creates a runner without clock, limits and observer, for the start with this index in the plan.
    ///
    /// The flow may be borrowed, owned, or shared in an [`Arc`].
    pub const fn new(flow: F, start: u32) -> Self {
        Self { flow, start, timing: Untimed, limits: Limits::new(), observer: () }
    }

    /// Runs the flow once, with a temporary runner.
    pub fn run_once<'r, Cx: Send + 'r>(flow: F, start: u32, cx: Cx) -> Running<'r, F::Node, Cx>
    where
        F: Flow<Cx> + Send + 'r,
    {
        Box::pin(async move {
            let runner = Self::new(flow, start);
            pin!(runner.finish(runner.start(random_id(), cx), pending())).await
        })
    }
}

impl<F, T, O> Runner<F, T, O> {
    /// The flow of this runner.
    pub const fn flow(&self) -> &F {
        &self.flow
    }
}

impl<F, O> Runner<F, Untimed, O> {
    /// Sets the clock for retries and timeouts.
    pub fn clock<C: Clock>(self, clock: C) -> Runner<F, Timed<C>, O> {
        let Self { flow, start, timing: Untimed, limits, observer } = self;
        Runner { flow, start, timing: Timed::new(clock), limits, observer }
    }
}

impl<F, C: Clock, O> Runner<F, Timed<C>, O> {
    /// Retries faults in a step, a lane or the whole flow. The most specific scope applies.
    pub fn retry(mut self, scope: impl Into<Scope>, retry: Retry) -> Self {
        self.timing.set_retry(scope.into(), Some(retry));
        self
    }

    /// Exempts a step, a lane or everything from the retries of a wider scope: its first fault is final.
    pub fn no_retry(mut self, scope: impl Into<Scope>) -> Self {
        self.timing.set_retry(scope.into(), None);
        self
    }

    /// Sets a timeout for each attempt. An attempt that exceeds it faults with [`TimedOut`](crate::TimedOut).
    /// Whether it had its effect is unknown.
    ///
    /// The future of the step is dropped. **Work that it has started elsewhere continues**: a request that was
    /// sent, a write in `spawn_blocking`, a task. Its effect can therefore occur later, even after the
    /// compensation of the step. A compensation therefore leaves a mark under the key that it undoes
    /// ([`Visit::undoes`](crate::Visit::undoes)), in the same transaction as the undo, even if there is nothing
    /// to undo. A step whose key is marked does nothing and returns
    /// [`Fault::not_done`](crate::Fault::not_done).
    /// [Writing steps](https://github.com/flowgen/flowgen/blob/main/docs/steps.md) shows how.
    pub fn timeout(mut self, scope: impl Into<Scope>, timeout: Duration) -> Self {
        self.timing.set_timeout(scope.into(), Some(timeout));
        self
    }

    /// Exempts a step, a lane or everything from the timeout of a wider scope: its attempts have no time limit.
    pub fn no_timeout(mut self, scope: impl Into<Scope>) -> Self {
        self.timing.set_timeout(scope.into(), None);
        self
    }
}

impl<F, T, O> Runner<F, T, O> {
    /// Sets a closure as the observer, replacing the previous one.
    pub fn observe<P: Fn(&Event<'_>) + Sync>(self, observer: P) -> Runner<F, T, P> {
        self.observer(observer)
    }

    /// Sets the observer, replacing the previous one.
    pub fn observer<P: Observer>(self, observer: P) -> Runner<F, T, P> {
        let Self { flow, start, timing, limits, observer: _ } = self;
        Runner { flow, start, timing, limits, observer }
    }

    /// Limits the number of concurrent attempts (at least one) over all runs of this runner.
    ///
    /// As with every policy, only the most specific scope applies: a step with a limit of its own does not
    /// count towards the limit of its lane.
    #[cfg(feature = "tokio")]
    pub fn limit(mut self, scope: impl Into<Scope>, most: usize) -> Self {
        self.limits.set(scope.into(), Some(most));
        self
    }

    /// Exempts a step, a lane or everything from the limit of a wider scope.
    #[cfg(feature = "tokio")]
    pub fn no_limit(mut self, scope: impl Into<Scope>) -> Self {
        self.limits.set(scope.into(), None);
        self
    }
}

impl<F: Sync, T: Timing, O: Observer> Runner<F, T, O> {
    /// Runs the flow and all messages that it sends to their ends, under a random id.
    ///
    /// If the future is dropped earlier, the run is lost, and the observer is notified of its pending undos.
    pub fn run<'r, Cx: Send + 'r>(&'r self, cx: Cx) -> Running<'r, F::Node, Cx>
    where
        F: Flow<Cx>,
    {
        self.run_cancellable(random_id(), cx, pending())
    }

    /// Like [`Runner::run`], but with this id. The idempotency keys of the run start with it.
    pub fn run_with_id<'r, Cx: Send + 'r>(
        &'r self,
        id: impl Into<Arc<str>>,
        cx: Cx,
    ) -> Running<'r, F::Node, Cx>
    where
        F: Flow<Cx>,
    {
        self.run_cancellable(id, cx, pending())
    }

    /// Like [`Runner::run_with_id`], but once `cancel` completes, the run finishes its active steps and rolls back.
    pub fn run_cancellable<'r, Cx: Send + 'r>(
        &'r self,
        id: impl Into<Arc<str>>,
        cx: Cx,
        cancel: impl Future<Output = ()> + Send + 'r,
    ) -> Running<'r, F::Node, Cx>
    where
        F: Flow<Cx>,
    {
        Box::pin(self.finish(self.start(id, cx), cancel))
    }

    /// Creates a run that has not begun, for [`Runner::drive`] or [`Runner::finish`].
    pub fn start<Cx: Send>(&self, id: impl Into<Arc<str>>, cx: Cx) -> Run<Cx>
    where
        F: Flow<Cx>,
    {
        Interpreter::for_flow::<F>().start(id, self.start, cx)
    }

    /// Drives a run and all messages that it sends to their ends. Cancels the run once `cancel` completes.
    #[expect(
        clippy::manual_async_fn,
        reason = "an `async fn` would hold the run twice: as an argument, and as it is driven"
    )]
    pub fn finish<Cx: Send>(
        &self,
        mut run: Run<Cx>,
        cancel: impl Future<Output = ()> + Send,
    ) -> impl Future<Output = RunResult<F::Node, Cx>> + Send
    where
        F: Flow<Cx>,
    {
        async move {
            let sent = Mutex::new(Vec::new());
            let mut messages = FutureSet::new();
            let mut ended = Vec::new();
            let mut over = None;
            let ending = {
                let mut main = pin!(self.drive_guarded(&mut run, cancel, &sent));
                poll_fn(|task| {
                    for _ in 0..GENERATIONS {
                        if over.is_none()
                            && let Poll::Ready(ending) = main.as_mut().poll(task)
                        {
                            over = Some(ending);
                        }
                        messages.poll_all(task, &mut ended);
                        let anew = std::mem::take(&mut *lock(&sent));
                        if anew.is_empty() {
                            let ending = over.take_if(|_| messages.is_empty());
                            return ending.map_or(Poll::Pending, Poll::Ready);
                        }
                        for (sender, message) in anew {
                            messages.push(self.message(sender, message, &sent));
                        }
                    }
                    task.waker().wake_by_ref();
                    Poll::Pending
                })
                .await
            };
            RunResult::new(run, &ending, ended)
        }
    }

    /// Retries the failed undos of a stuck run, under the keys of the first attempt. Returns a run that is not
    /// stuck unchanged.
    ///
    /// If a step was undone by hand, first resolve it with [`RunResult::resolve_stuck`].
    pub fn retry_stuck<'r, Cx: Send + 'r>(&'r self, ended: RunResult<F::Node, Cx>) -> Running<'r, F::Node, Cx>
    where
        F: Flow<Cx>,
    {
        Box::pin(async move {
            if !ended.outcome.is_stuck() {
                return ended;
            }
            let sender = ended.sender.clone();
            let (mut run, messages) = ended.into_run();
            Interpreter::for_flow::<F>().retry_stuck(&mut run);
            let mut ended = pin!(self.finish(run, pending())).await;
            ended.messages.splice(..0, messages);
            ended.sender = sender;
            ended
        })
    }

    /// Drives a message to its end, concurrently with its sender and all other messages of the run.
    async fn message<Cx: Send>(
        &self,
        sender: Arc<str>,
        mut run: Run<Cx>,
        sent: &Mutex<Vec<Sent<Cx>>>,
    ) -> RunResult<F::Node, Cx>
    where
        F: Flow<Cx>,
    {
        let ending = pin!(self.drive_guarded(&mut run, pending(), sent)).await;
        RunResult::new(run, &ending, Vec::new()).sent_by(sender)
    }

    /// Drives a run, reports it if the future is dropped, and hands over its messages as they are sent.
    async fn drive_guarded<Cx: Send>(
        &self,
        run: &mut Run<Cx>,
        cancel: impl Future<Output = ()> + Send,
        sent: &Mutex<Vec<Sent<Cx>>>,
    ) -> Ending
    where
        F: Flow<Cx>,
    {
        let guarded = AbandonGuard { run, plan: F::Node::PLAN, runner: self };
        let mut checkpointer = CollectMessages(sent);
        let Ok(ending) = pin!(self.drive_infallible(guarded.run, &mut checkpointer, cancel)).await;
        ending
    }
}

/// Notifies the observer if a run is dropped before its end while undos are pending.
struct AbandonGuard<'w, Cx, F, T: Timing, O: Observer> {
    run: &'w mut Run<Cx>,
    plan: &'static Plan,
    runner: &'w Runner<F, T, O>,
}

impl<Cx, F, T: Timing, O: Observer> Drop for AbandonGuard<'_, Cx, F, T, O> {
    fn drop(&mut self) {
        if self.run.is_over() {
            return;
        }
        let pending_undos = &self.run.state().left_behind(self.plan)[..];
        if pending_undos.is_empty() {
            return;
        }
        #[cfg(feature = "tracing")]
        tracing::error!(run = %self.run.id(), pending_undos = pending_undos.len(), "dropped with pending undos");
        self.runner.notify(&Event::Abandoned { run: self.run.id(), pending_undos });
    }
}

/// Locks a mutex, even if it was poisoned by a panic elsewhere.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 128 random bits, from the keys that the standard library draws for its hash maps.
fn random_id() -> String {
    let bits = || RandomState::new().hash_one(0);
    format!("{:016x}{:016x}", bits(), bits())
}
