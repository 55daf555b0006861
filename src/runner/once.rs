//! One attempt at a time, for those who save runs elsewhere and wait between attempts themselves.

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
    /// Tries once what stands at a node: when its limit lets it, and within its timeout. The visit that the
    /// step sees says whether this is the last attempt that its policy allows.
    ///
    /// [`Runner::rest_after`] says whether, and when, it is to be tried again.
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

    /// How long a node that faulted rests before it is tried again, by its policy and by how many attempts
    /// faulted before this one; `None` where the fault is final. The observer is told of a retry.
    pub fn rest_after<N: Node>(&self, at: N, visit: &Visit, fault: &Fault) -> Option<Duration> {
        let after = self.rest(&self.begun_once(at, visit), fault)?;
        self.tell(&Event::Retrying { visit, fault, after });
        Some(after)
    }

    /// The place is the caller's affair.
    fn begun_once<N: Node>(&self, at: N, visit: &Visit) -> Begun {
        self.begun(0, at.index(), visit.clone(), None)
    }
}
