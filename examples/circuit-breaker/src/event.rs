//! Events and metrics of a breaker.

use std::sync::Arc;
use std::time::Duration;

use super::gate::State;
use super::window::Counts;

/// Receives the events of a breaker, in the task of the call. It should return quickly. If it panics, the panic is
/// logged and the call goes on.
pub type Listener = Arc<dyn Fn(&Event<'_>) + Send + Sync>;

/// An event of a breaker.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The state of the breaker changed.
    Changed {
        /// The target of the breaker.
        target: &'a str,
        /// The previous state.
        from: State,
        /// The new state.
        to: State,
        /// The calls in the window, or the probes, at the end of the previous state.
        counts: Counts,
    },
    /// A call that was admitted has ended.
    Called {
        /// The target of the breaker.
        target: &'a str,
        /// How it ended.
        outcome: Outcome,
        /// How long it took.
        took: Duration,
        /// It took at least `slow_after`.
        slow: bool,
    },
    /// A call was rejected.
    Rejected {
        /// The target of the breaker.
        target: &'a str,
        /// The state of the breaker.
        state: State,
    },
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// It succeeded.
    Success,
    /// It failed.
    Failure,
    /// It says nothing about the target.
    Ignored,
    /// Its future was dropped. Counts as [`Settings::dropped`](super::Settings::dropped) says.
    Dropped,
    /// It panicked. Counts as a failure.
    Panicked,
}

/// The counters of a breaker. All but `window` count since the breaker was created.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Metrics {
    /// The state.
    pub state: State,
    /// The calls in the window, which decide whether the breaker opens.
    pub window: Counts,
    /// Calls that succeeded.
    pub successes: u64,
    /// Calls that failed.
    pub failures: u64,
    /// Calls that were slow, whether they failed or not.
    pub slow: u64,
    /// Calls that say nothing about the target.
    pub ignored: u64,
    /// Calls whose future was dropped, whatever they counted as.
    pub dropped: u64,
    /// Calls that panicked.
    pub panicked: u64,
    /// Calls that were rejected.
    pub rejected: u64,
    /// How often the breaker opened: from closed, or again after probes.
    pub opened: u64,
}
