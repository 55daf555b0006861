//! Observers of runs.

use std::time::Duration;

use crate::fault::Fault;
use crate::plan::NodeSpec;
use crate::run::{Ending, PendingUndo, VisitOutcome};
use crate::visit::Visit;

/// An event in a run.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An attempt of a step, decision or compensation begins. Reported for each attempt.
    Entered {
        /// The visit and its attempt.
        visit: &'a Visit,
    },
    /// An attempt faulted and will be retried.
    Retrying {
        /// The visit and its attempt.
        visit: &'a Visit,
        /// The fault.
        fault: &'a Fault,
        /// The backoff before the retry.
        after: Duration,
    },
    /// The run has left a node: it was done, faulted for good, undid a step, or was passed or skipped.
    Left {
        /// The id of the run.
        run: &'a str,
        /// The node.
        node: &'static NodeSpec,
        /// Which visit of it, from 1; 0 if the node was skipped.
        visit: u32,
        /// The result of the visit.
        outcome: VisitOutcome,
    },
    /// The run has ended.
    Ended {
        /// The id of the run.
        run: &'a str,
        /// How it ended.
        ending: &'a Ending,
    },
    /// The run was dropped before its end, and these visits remain without an undo: pending undos, and steps
    /// that were active and may have taken effect.
    Abandoned {
        /// The id of the run.
        run: &'a str,
        /// The visits that remain without an undo.
        pending_undos: &'a [PendingUndo],
    },
}

/// Observes runs. Any `Fn(&Event)` is an observer; `()` ignores all events and has no cost.
///
/// An observer is called between steps and should return quickly. If it panics, the run continues.
///
/// # Examples
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/bookshop.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use std::sync::Mutex;
///
/// use flowgen::Event;
///
/// let left = Mutex::new(Vec::new());
/// let flow = shop::Flow { shop: Bookshop };
/// let watch = |event: &Event<'_>| {
///     if let Event::Left { node, .. } = event {
///         left.lock().unwrap().push(node.label);
///     }
/// };
/// let ended = flow.runner().observe(watch).run(Order { paid: true }).await;
/// assert!(ended.outcome.is_completed());
/// assert_eq!(*left.lock().unwrap(), ["Ordered", "Reserve book", "Paid?", "Sold"]);
/// # }
/// ```
pub trait Observer: Sync {
    /// Handles an event.
    fn observe(&self, event: &Event<'_>);
}

impl Observer for () {
    fn observe(&self, _: &Event<'_>) {}
}

impl<F: Fn(&Event<'_>) + Sync> Observer for F {
    fn observe(&self, event: &Event<'_>) {
        self(event);
    }
}
