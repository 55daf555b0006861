//! One attempt at a time, for those who run flows elsewhere.

use std::time::Duration;

use super::Runner;
use super::observer::{Event, Observer};
use super::timing::Timing;
use super::together::Halt;
use crate::fault::{Fault, Result};
use crate::flow::{Flow, Next, Node};
use crate::visit::Visit;

impl<F, T, O> Runner<'_, F, T, O>
where
    F: Sync,
    T: Timing,
    O: Observer,
{
    /// Tries once what stands at a node: when its limit lets it, and within its timeout.
    ///
    /// For engines that save a run somewhere else, and wait between two attempts themselves: see
    /// [`Runner::pause_before_retry`].
    ///
    /// # Errors
    ///
    /// The fault of the lane that implements the node, or [`TimedOut`](crate::TimedOut).
    pub async fn attempt_once<Cx: Send>(
        &self,
        at: F::Node,
        cx: &mut Cx,
        visit: &Visit,
    ) -> Result<Next<F::Node>>
    where
        F: Flow<Cx>,
    {
        let nobody_stops_it = Halt::default();
        match self.attempt(at.index(), cx, visit, &nobody_stops_it).await {
            Some(said) => said,
            None => Err(Fault::new("the attempt was stopped before it began")),
        }
    }

    /// How long to wait before a node is tried again that has faulted, `earlier` faults not counted.
    /// `None` where its policy makes this fault final.
    pub fn pause_before_retry<N: Node>(
        &self,
        at: N,
        visit: &Visit,
        fault: &Fault,
        earlier: usize,
    ) -> Option<Duration> {
        let retry = self.timing.retry(at.index(), visit.node()).filter(|retry| retry.applies_to(fault))?;
        let after = retry.pauses_of(visit).nth(earlier)?;
        self.observer.observe(&Event::Retrying { visit, fault, after });
        Some(after)
    }
}
