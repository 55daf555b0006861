//! What a breaker tells.

use std::sync::Arc;
use std::time::Duration;

use super::gate::State;
use super::window::Counts;

/// Is told what happens, between calls, so it should be quick.
pub type Listener = Arc<dyn Fn(&Event<'_>) + Send + Sync>;

/// Something that happened at a breaker.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Its state changed.
    Changed {
        /// Whose breaker it is.
        target: &'a str,
        /// The state that is over.
        from: State,
        /// The state that begins.
        to: State,
        /// What was counted last: the calls in the window, or the probes.
        counts: Counts,
    },
    /// A call that was admitted is over.
    Called {
        /// Whose breaker it is.
        target: &'a str,
        /// What came of it.
        outcome: Outcome,
        /// How long it took.
        took: Duration,
        /// It took as long as `slow_after`.
        slow: bool,
    },
    /// A call was rejected.
    Rejected {
        /// Whose breaker it is.
        target: &'a str,
        /// The state that rejected it.
        state: State,
    },
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It succeeded.
    Success,
    /// It failed.
    Failure,
    /// It says nothing about the target.
    Ignored,
    /// Its future was dropped; the settings say what that counts as.
    Dropped,
}

/// What a breaker has counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metrics {
    /// Its state.
    pub state: State,
    /// The calls in the window, which decide whether it trips.
    pub window: Counts,
    /// Calls that succeeded, since the breaker was made, like all that follow.
    pub successes: u64,
    /// Calls that failed.
    pub failures: u64,
    /// Calls that were slow, whether they failed or not.
    pub slow: u64,
    /// Calls that say nothing about the target.
    pub ignored: u64,
    /// Calls whose future was dropped, whatever they counted as.
    pub dropped: u64,
    /// Calls that were rejected.
    pub rejected: u64,
    /// How often the breaker opened: tripped, or opened again after probes.
    pub opened: u64,
}
