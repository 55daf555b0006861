//! Single attempts, for engines that save runs and wait between attempts themselves.

use std::time::Duration;

use super::Runner;
use super::attempt::{Begun, Came};
use super::observer::{Event, Observer};
use super::timing::Timing;
use super::together::Halt;
use crate::fault::{Fault, Result};
use crate::flow::{Flow, Next, Node};
use crate::visit::Visit;

impl<F, T, O> Runner<F, T, O>
where
    F: Sync,
    T: Timing,
    O: Observer,
{
    /// Attempts a node once, within its limit and its timeout. The visit that the step receives contains
    /// whether this is the last attempt that its policy allows.
    ///
    /// [`Runner::rest_after`] returns whether and when to retry.
    ///
    /// # Errors
    ///
    /// The fault of the lane that implements the node, [`TimedOut`](crate::TimedOut) or
    /// [`Panicked`](crate::Panicked). The context is as the failed attempt left it.
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
        match self.attempt(&self.begun_once(at, visit), cx, &nobody_stops_it).await {
            Came::Made(said) => said,
            Came::Halted | Came::Rested => Err(Fault::not_done("the attempt was stopped before it began")),
        }
    }

    /// Returns the backoff before the next attempt of a node that faulted, by its policy and the number of
    /// earlier faults; `None` if the fault is final. Notifies the observer of a retry.
    pub fn rest_after<N: Node>(&self, at: N, visit: &Visit, fault: &Fault) -> Option<Duration> {
        let after = self.rest(&self.begun_once(at, visit), fault)?;
        self.tell(&Event::Retrying { visit, fault, after });
        Some(after)
    }

    /// The branch does not matter here: the caller keeps track of it.
    fn begun_once<N: Node>(&self, at: N, visit: &Visit) -> Begun {
        self.begun(0, at.index(), visit.clone(), None)
    }
}
