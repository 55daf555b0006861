//! Attempts at nodes, and the backoffs between them.
//!
//! [`Runner::attempt`] and [`Runner::backoff_after`] are for engines that save runs and wait between attempts
//! themselves.

use std::pin::pin;
use std::time::Duration;

use super::Runner;
use super::futures::{StopSignal, catching, race};
use super::observer::{Event, Observer};
use super::timing::Timing;
use crate::fault::{Fault, Result};
use crate::flow::{Flow, Next, Node};
use crate::outcome::node_at;
use crate::panicked::Panicked;
use crate::plan::Plan;
use crate::run::BranchId;
use crate::visit::Visit;

/// An attempt of a begun visit.
pub(super) struct Attempt {
    pub(super) branch: BranchId,
    pub(super) node: u32,
    pub(super) visit: Visit,
    /// The fault of the previous attempt, if this is a retry.
    pub(super) last: Option<Fault>,
}

/// Work to wait for.
pub(super) enum Work<Cx> {
    /// An attempt of a branch, with the context that it lent.
    Attempt(Attempt, Cx),
    /// The backoff before a retry.
    Backoff(Attempt, Duration),
}

/// The result of an attempt or of a backoff.
pub(super) enum AttemptOutcome<N: 'static> {
    /// The attempt was made, and the node returned this result.
    Returned(Result<Next<N>>),
    /// The run was stopped before the attempt got its permit.
    Stopped,
    /// The backoff has ended, or the run was stopped during it.
    BackoffEnded,
}

/// Completed work.
pub(super) struct Completed<N: 'static, Cx> {
    pub(super) attempt: Attempt,
    /// The context that the branch lent. Boxed to keep this type small when it is moved: the root has no
    /// context here.
    pub(super) context: Option<Box<Cx>>,
    pub(super) outcome: AttemptOutcome<N>,
}

impl Attempt {
    /// Whether this is a visit of a compensation. A run that is about to roll back starts no other attempts.
    pub(super) fn undoes(&self) -> bool {
        self.visit.undoes().is_some()
    }
}

impl<F, T: Timing, O: Observer> Runner<F, T, O> {
    /// Creates the attempt of a begun visit, and sets whether it is the last attempt that its policy allows.
    pub(super) fn prepare(&self, branch: BranchId, node: u32, visit: Visit, last: Option<Fault>) -> Attempt {
        let retry = self.timing.retry(node, visit.node());
        let is_last = retry.is_none_or(|retry| retry.is_used_up(visit.faulted));
        Attempt { branch, node, visit: visit.last_attempt(is_last), last }
    }

    pub(super) async fn work<Cx: Send>(&self, work: Work<Cx>, stop: &StopSignal) -> Completed<F::Node, Cx>
    where
        F: Flow<Cx>,
    {
        match work {
            Work::Attempt(attempt, mut context) => {
                let outcome = self.execute(&attempt, &mut context, stop).await;
                Completed { attempt, context: Some(Box::new(context)), outcome }
            }
            Work::Backoff(attempt, after) => {
                // If the clock panics, the backoff ends at once.
                let _ = race(catching(pin!(self.timing.pause(after))), stop.fired(attempt.undoes())).await;
                Completed { attempt, context: None, outcome: AttemptOutcome::BackoffEnded }
            }
        }
    }

    /// Executes a node once its limit grants a permit. A backoff holds no permit.
    pub(super) async fn execute<Cx: Send>(
        &self,
        attempt: &Attempt,
        cx: &mut Cx,
        stop: &StopSignal,
    ) -> AttemptOutcome<F::Node>
    where
        F: Flow<Cx>,
    {
        let (at, visit) = (attempt.node, &attempt.visit);
        let node = visit.node();
        let _permit = match self.limits.get(at, node) {
            None => None,
            Some(limit) => match race(limit.enter(), stop.fired(attempt.undoes())).await {
                Ok(permit) => permit,
                Err(()) => return AttemptOutcome::Stopped,
            },
        };
        self.notify(&Event::Entered { visit });
        let call = pin!(self.step(at, cx, visit));
        AttemptOutcome::Returned(catching(call).await.unwrap_or_else(|panicked| Err(Fault::from(panicked))))
    }

    /// Executes a step. Its future is pinned in place and never moved: it is as large as the largest step of
    /// the flow, and copying it would take longer than most steps.
    async fn step<Cx: Send>(&self, at: u32, cx: &mut Cx, visit: &Visit) -> Result<Next<F::Node>>
    where
        F: Flow<Cx>,
    {
        let node = visit.node();
        match span(visit, F::Node::PLAN) {
            None => {
                let step = pin!(self.flow.step(node_at(at), cx, visit));
                self.timing.in_time(at, node, step).await
            }
            #[cfg(feature = "tracing")]
            Some(span) => {
                let step = self.flow.step(node_at(at), cx, visit);
                let step = pin!(tracing::Instrument::instrument(step, span));
                self.timing.in_time(at, node, step).await
            }
        }
    }

    /// Notifies the observer. If the observer panics, the run is not affected.
    pub(super) fn notify(&self, event: &Event<'_>) {
        let notified = Panicked::catch(|| self.observer.observe(event));
        #[cfg(feature = "tracing")]
        if let Err(panicked) = &notified {
            tracing::error!(%panicked, "the observer of a run panicked");
        }
        drop(notified);
    }

    /// Returns the backoff before the next attempt; `None` if the fault is final.
    ///
    /// Attempts that were interrupted by the end of a process do not count.
    pub(super) fn backoff(&self, attempt: &Attempt, fault: &Fault) -> Option<Duration> {
        let retry = self.timing.retry(attempt.node, attempt.visit.node())?;
        let pause = retry.pauses_of(&attempt.visit).nth(attempt.visit.faulted as usize)?;
        // If the policy panics, the fault is final.
        Panicked::catch(|| retry.applies_to(fault)).unwrap_or(false).then_some(pause)
    }
}

impl<F, T, O> Runner<F, T, O>
where
    F: Sync,
    T: Timing,
    O: Observer,
{
    /// Attempts a node once, within its limit and its timeout. The visit that the step receives contains
    /// whether this is the last attempt that its policy allows.
    ///
    /// [`Runner::backoff_after`] returns whether and when to retry.
    ///
    /// # Errors
    ///
    /// The fault of the lane that implements the node, [`TimedOut`](crate::TimedOut) or
    /// [`Panicked`](crate::Panicked). The context is as the failed attempt left it.
    pub async fn attempt<Cx: Send>(&self, at: F::Node, cx: &mut Cx, visit: &Visit) -> Result<Next<F::Node>>
    where
        F: Flow<Cx>,
    {
        let never_stopped = StopSignal::default();
        match self.execute(&self.single_attempt(at, visit), cx, &never_stopped).await {
            AttemptOutcome::Returned(result) => result,
            AttemptOutcome::Stopped | AttemptOutcome::BackoffEnded => {
                Err(Fault::not_done("the attempt was stopped before it began"))
            }
        }
    }

    /// Returns the backoff before the next attempt of a node that faulted, by its policy and the number of
    /// earlier faults; `None` if the fault is final. Notifies the observer of a retry.
    pub fn backoff_after<N: Node>(&self, at: N, visit: &Visit, fault: &Fault) -> Option<Duration> {
        let after = self.backoff(&self.single_attempt(at, visit), fault)?;
        self.notify(&Event::Retrying { visit, fault, after });
        Some(after)
    }

    /// The branch does not matter here: the caller keeps track of it.
    fn single_attempt<N: Node>(&self, at: N, visit: &Visit) -> Attempt {
        self.prepare(0, at.index(), visit.clone(), None)
    }
}

/// The span of a step, with its run, lane and node; `None` if spans are disabled.
#[cfg(feature = "tracing")]
fn span(visit: &Visit, plan: &Plan) -> Option<tracing::Span> {
    use tracing::level_filters::LevelFilter;

    if LevelFilter::current() < LevelFilter::INFO {
        return None;
    }
    let node = visit.node();
    let lane = plan.lanes.get(node.lane as usize).map_or("", |lane| lane.name);
    let span = tracing::info_span!(
        "step",
        run = visit.run(),
        lane,
        node = node.id,
        label = node.label,
        visit = visit.number(),
        attempt = visit.attempt()
    );
    Some(span)
}

#[cfg(not(feature = "tracing"))]
fn span(_: &Visit, _: &Plan) -> Option<std::convert::Infallible> {
    None
}
