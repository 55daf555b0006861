//! A flow that deviates as specified by its script.

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use super::script::{Deviation, Script};
use crate::fault::{Fault, Result};
use crate::flow::{Effect, Flow, Next, Node};
use crate::panicked::Panicked;
use crate::routing::ValueId;
use crate::runner::{catching, yield_now};
use crate::visit::Visit;

/// The number of turns within which every other branch ends, unless it waits.
const TURNS: usize = 1_000;

/// Wraps the flow of a scenario for one run.
pub(super) struct Scripted<F, N> {
    flow: Arc<F>,
    script: Script<N>,
    late: Mutex<Vec<LateCall>>,
    log: Mutex<Log>,
    is_cancelled: AtomicBool,
}

/// A call that its caller has abandoned.
struct LateCall {
    /// The idempotency key of the call.
    key: String,
    call: Pin<Box<dyn Future<Output = Result<(), Panicked>> + Send>>,
}

/// The results of the lanes.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    /// The outcomes of decisions, by node and visit.
    pub(super) outcomes: BTreeMap<(u32, u32), usize>,
    /// The visits of compensable steps that returned `NotDone`.
    pub(super) not_done: BTreeSet<(u32, u32)>,
    /// The panics of lanes, with the label of their node.
    pub(super) panics: Vec<String>,
}

impl<F, N: Node> Scripted<F, N> {
    pub(super) fn new(flow: F, script: Script<N>) -> Self {
        Self {
            flow: Arc::new(flow),
            script,
            late: Mutex::default(),
            log: Mutex::default(),
            is_cancelled: AtomicBool::new(false),
        }
    }

    /// Completes when the script cancels the run. The run polls it after each step.
    pub(super) fn cancelled(&self) -> impl Future<Output = ()> + Send {
        let is_cancelled = &self.is_cancelled;
        poll_fn(|_| if is_cancelled.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending })
    }

    /// The results of the lanes so far.
    pub(super) fn log(&self) -> Log {
        lock(&self.log).clone()
    }

    /// Makes the remaining late calls, in the order in which they were abandoned.
    pub(super) async fn finish_late_calls(&self) {
        let calls = std::mem::take(&mut *lock(&self.late));
        for late in calls {
            self.finish(late).await;
        }
    }

    async fn finish(&self, late: LateCall) {
        if let Err(panicked) = late.call.await {
            lock(&self.log).panics.push(format!("the late call {}: {panicked}", late.key));
        }
    }

    /// Makes the late calls of the visit that was just undone.
    async fn finish_late_calls_of(&self, undone: &str) {
        let (now, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut *lock(&self.late)).into_iter().partition(|late| late.key == undone);
        lock(&self.late).extend(later);
        for late in now {
            self.finish(late).await;
        }
    }
}

impl<F, N, Cx> Flow<Cx> for Scripted<F, N>
where
    F: Flow<Cx, Node = N> + Send + Sync + 'static,
    N: Node,
    Cx: Clone + Send + Sync + 'static,
{
    type Node = N;

    async fn step(&self, at: N, cx: &mut Cx, visit: &Visit) -> Result<Next<N>> {
        let key = (at.index(), visit.number());
        // Deviations are those of the visit that the inquiry asks about.
        let deviation = self.script.get(key.0, key.1).filter(|_| !visit.is_inquiry());
        let result = match deviation {
            Some(Deviation::FaultBefore) => Err(injected("before the call")),
            Some(Deviation::FaultAfter) => {
                self.call(at, cx, visit).await.and(Err(injected("after the call")))
            }
            Some(Deviation::Repeated) => {
                // The run does not know the result of the interrupted call. The context of that call is dropped
                // before the second call, with the resources that it holds, such as locks.
                drop(self.call(at, &mut cx.clone(), visit).await);
                let again = visit.clone().at_attempt(visit.attempt() + 1).after_faults(0);
                self.call(at, cx, &again).await
            }
            Some(Deviation::Late) => {
                let (flow, mut lost, visit) = (Arc::clone(&self.flow), cx.clone(), visit.clone());
                let key = visit.key().to_string();
                let call = Box::pin(async move {
                    let step = pin!(async { flow.step(at, &mut lost, &visit).await.map(drop) });
                    // A fault has no effect: its caller has abandoned the call.
                    catching(step).await.map(drop)
                });
                lock(&self.late).push(LateCall { key, call });
                Err(injected("by a timeout, with the call still going on"))
            }
            Some(Deviation::Cancelled) => {
                self.is_cancelled.store(true, Ordering::Relaxed);
                // The run is cancelled while the lane is being called.
                yield_now().await;
                self.call(at, cx, visit).await
            }
            Some(Deviation::Delayed) => {
                for _ in 0..TURNS {
                    yield_now().await;
                }
                self.call(at, cx, visit).await
            }
            Some(Deviation::Outcome(_) | Deviation::NotDone) | None => self.call(at, cx, visit).await,
        };
        if let Ok(next) = &result {
            let mut log = lock(&self.log);
            if let Some(outcome) = next.outcome {
                log.outcomes.insert(key, outcome);
            }
            if next.effect == Effect::NotDone {
                log.not_done.insert(key);
            }
        }
        if let (Ok(_), Some(undone)) = (&result, visit.undoes()) {
            self.finish_late_calls_of(&undone.to_string()).await;
        }
        result
    }

    fn fork(cx: &Cx) -> Option<Cx> {
        F::fork(cx)
    }

    fn join(cx: &mut Cx, branch: Cx) {
        F::join(cx, branch);
    }

    fn retain(cx: &mut Cx, is_needed: &dyn Fn(ValueId) -> bool) {
        F::retain(cx, is_needed);
    }
}

impl<F, N: Node> Scripted<F, N> {
    /// Calls the lane. A panic becomes a fault of the run and is logged.
    async fn call<Cx: Send>(&self, at: N, cx: &mut Cx, visit: &Visit) -> Result<Next<N>>
    where
        F: Flow<Cx, Node = N>,
    {
        let step = pin!(self.flow.step(at, cx, visit));
        catching(step).await.unwrap_or_else(|panicked| {
            lock(&self.log).panics.push(format!("`{}`: {panicked}", at.spec().label));
            Err(Fault::from(panicked))
        })
    }
}

fn injected(when: &str) -> Fault {
    Fault::new(format!("a fault that the exploration injected {when}"))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
