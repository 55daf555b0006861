//! One attempt at a node, or the backoff before the next one.

use std::pin::pin;
use std::time::Duration;

use super::Runner;
use super::observer::{Event, Observer};
use super::timing::Timing;
use super::together::{Halt, catching, race};
use crate::fault::{Fault, Result};
use crate::flow::{Flow, Next, Node};
use crate::outcome::node_at;
use crate::panicked::Panicked;
use crate::plan::Plan;
use crate::run::PlaceId;
use crate::visit::Visit;

/// A begun visit.
pub(super) struct Begun {
    pub(super) place: PlaceId,
    pub(super) node: u32,
    pub(super) visit: Visit,
    /// The fault of the previous attempt, if this is a retry.
    pub(super) last: Option<Fault>,
}

/// Work to wait for.
pub(super) enum Work<Cx> {
    /// An attempt of a branch, with the context that it lent.
    Attempt(Begun, Cx),
    /// The backoff before a retry.
    Rest(Begun, Duration),
}

/// The result of an attempt or of a backoff.
pub(super) enum Came<N: 'static> {
    /// The attempt was made, and the node returned this result.
    Made(Result<Next<N>>),
    /// The run was stopped before the attempt got its permit.
    Halted,
    /// The backoff has ended, or the run was stopped during it.
    Rested,
}

/// Completed work.
pub(super) struct Arrived<N: 'static, Cx> {
    pub(super) begun: Begun,
    /// The context that the branch lent. Boxed to keep this type small when it is moved: the root has no
    /// context here.
    pub(super) context: Option<Box<Cx>>,
    pub(super) came: Came<N>,
}

impl Begun {
    /// Whether this is a visit of a compensation. A run that is about to roll back starts no other attempts.
    pub(super) fn undoes(&self) -> bool {
        self.visit.undoes().is_some()
    }
}

impl<F, T: Timing, O: Observer> Runner<F, T, O> {
    /// Creates a begun visit, and sets whether it is the last attempt that its policy allows.
    pub(super) fn begun(&self, place: PlaceId, node: u32, visit: Visit, last: Option<Fault>) -> Begun {
        let retry = self.timing.retry(node, visit.node());
        let is_last = retry.is_none_or(|retry| retry.is_used_up(visit.faulted));
        Begun { place, node, visit: visit.last_attempt(is_last), last }
    }

    pub(super) async fn work<Cx: Send>(&self, work: Work<Cx>, halt: &Halt) -> Arrived<F::Node, Cx>
    where
        F: Flow<Cx>,
    {
        match work {
            Work::Attempt(begun, mut context) => {
                let came = self.attempt(&begun, &mut context, halt).await;
                Arrived { begun, context: Some(Box::new(context)), came }
            }
            Work::Rest(begun, after) => {
                // If the clock panics, the backoff ends at once.
                let _ = race(catching(pin!(self.timing.pause(after))), halt.comes(begun.undoes())).await;
                Arrived { begun, context: None, came: Came::Rested }
            }
        }
    }

    /// Executes a node once its limit grants a permit. A backoff holds no permit.
    pub(super) async fn attempt<Cx: Send>(&self, begun: &Begun, cx: &mut Cx, halt: &Halt) -> Came<F::Node>
    where
        F: Flow<Cx>,
    {
        let (at, visit) = (begun.node, &begun.visit);
        let node = visit.node();
        let _permit = match self.limits.of(at, node) {
            None => None,
            Some(limit) => match race(limit.enter(), halt.comes(begun.undoes())).await {
                Ok(permit) => permit,
                Err(()) => return Came::Halted,
            },
        };
        self.tell(&Event::Entered { visit });
        let step = pin!(self.step(at, cx, visit));
        Came::Made(catching(step).await.unwrap_or_else(|panicked| Err(Fault::from(panicked))))
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
    pub(super) fn tell(&self, event: &Event<'_>) {
        let told = Panicked::catch(|| self.observer.observe(event));
        #[cfg(feature = "tracing")]
        if let Err(panicked) = &told {
            tracing::error!(%panicked, "the observer of a run panicked");
        }
        drop(told);
    }

    /// Returns the backoff before the next attempt; `None` if the fault is final.
    ///
    /// Attempts that were interrupted by the end of a process do not count.
    pub(super) fn rest(&self, begun: &Begun, fault: &Fault) -> Option<Duration> {
        let retry = self.timing.retry(begun.node, begun.visit.node())?;
        let pause = retry.pauses_of(&begun.visit).nth(begun.visit.faulted as usize)?;
        // If the policy panics, the fault is final.
        Panicked::catch(|| retry.applies_to(fault)).unwrap_or(false).then_some(pause)
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
        nth = visit.nth(),
        attempt = visit.attempt()
    );
    Some(span)
}

#[cfg(not(feature = "tracing"))]
fn span(_: &Visit, _: &Plan) -> Option<std::convert::Infallible> {
    None
}
