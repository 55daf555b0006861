//! Who watches runs.

use std::time::Duration;

use crate::fault::Fault;
use crate::plan::NodeSpec;
use crate::run::{Ending, Owed, Trace};
use crate::visit::Visit;

/// Something that happened in a run.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A step, decision or compensation begins. Each attempt is told.
    Entered {
        /// Which one.
        visit: &'a Visit,
    },
    /// It faulted and will be tried again.
    Retrying {
        /// Which one.
        visit: &'a Visit,
        /// What went wrong.
        fault: &'a Fault,
        /// How long it waits before.
        after: Duration,
    },
    /// A node is behind the run: it was done, faulted for good, undid a step, was passed or skipped.
    Left {
        /// The run.
        run: &'a str,
        /// The node.
        node: &'static NodeSpec,
        /// Which visit of it, from 1; 0 where it was passed by.
        nth: u32,
        /// What came of it.
        trace: Trace,
    },
    /// The run is over.
    Ended {
        /// The run.
        run: &'a str,
        /// How.
        ending: &'a Ending,
    },
    /// The run was dropped before it was over: these steps are owed an undo, or were being done and
    /// may be, and nobody does it.
    Abandoned {
        /// The run.
        run: &'a str,
        /// What is owed.
        owed: &'a [Owed],
    },
}

/// Watches runs. Any `Fn(&Event)` does; `()` watches nothing and costs nothing.
///
/// An observer is called between steps and should be quick. If it panics, the run goes on.
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
    /// Is told what happened.
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
