//! Single attempts, for engines that save runs and wait between attempts themselves.

use std::time::Duration;

use super::Runner;
use super::attempt::{Attempt, AttemptOutcome};
use super::futures::StopSignal;
use super::observer::{Event, Observer};
use super::timing::Timing;
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
