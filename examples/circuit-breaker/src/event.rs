//! Events and metrics of a breaker.

use std::sync::Arc;
use std::time::Duration;

use super::gate::State;
use super::window::Counts;

/// Receives the events of a breaker, in the task of the call. It should return quickly. A panic of the listener is
/// logged, and the call continues.
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
        /// The outcome of the call.
        outcome: Outcome,
        /// The duration of the call.
        took: Duration,
        /// Whether the call took at least `slow_after`.
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

/// The outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The call succeeded.
    Success,
    /// The call failed.
    Failure,
    /// The result says nothing about the target.
    Ignored,
    /// The future of the call was dropped. Counts according to [`Settings::dropped`](super::Settings::dropped).
    Dropped,
    /// The call panicked. Counts as a failure.
    Panicked,
}

/// The counters of a breaker. All but `window` count since the breaker was created.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Metrics {
    /// The current state.
    pub state: State,
    /// The calls in the window, which decide whether the breaker opens.
    pub window: Counts,
    /// The number of calls that succeeded.
    pub successes: u64,
    /// The number of calls that failed.
    pub failures: u64,
    /// The number of calls that were slow, whether they failed or not.
    pub slow: u64,
    /// The number of calls whose result says nothing about the target.
    pub ignored: u64,
    /// The number of calls whose future was dropped, however they counted.
    pub dropped: u64,
    /// The number of calls that panicked.
    pub panicked: u64,
    /// The number of calls that were rejected.
    pub rejected: u64,
    /// The number of times the breaker opened: from closed, or again after probes.
    pub opened: u64,
}
