//! A call that was admitted.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::breaker::{Breaker, StateChange};
use super::call::Verdict;
use super::counters::Counters;
use super::event::{Event, Outcome};
use super::gate::{Pass, State};
use super::settings::Dropped;
use super::window::Mark;

/// A call that was admitted and has no result yet.
///
/// A permit that is dropped without a result counts according to [`Settings::dropped`](super::Settings::dropped),
/// or as a failure if the thread is panicking.
#[must_use = "a permit that is dropped counts as a dropped call"]
pub struct Permit {
    breaker: Breaker,
    pass: Pass,
    begun: Instant,
    dropped: Dropped,
    is_recorded: bool,
}

impl Permit {
    pub(crate) fn new(breaker: Breaker, pass: Pass) -> Self {
        let dropped = breaker.settings().dropped;
        Self { breaker, pass, begun: Instant::now(), dropped, is_recorded: false }
    }

    /// Sets how the call counts if the permit is dropped, instead of
    /// [`Settings::dropped`](super::Settings::dropped).
    pub fn when_dropped(mut self, dropped: Dropped) -> Self {
        self.dropped = dropped;
        self
    }

    /// Counts the call with this result.
    pub fn record(mut self, verdict: Verdict) {
        self.is_recorded = true;
        let (outcome, failed) = match verdict {
            Verdict::Success => (Outcome::Success, Some(false)),
            Verdict::Failure => (Outcome::Failure, Some(true)),
            Verdict::Ignored => (Outcome::Ignored, None),
        };
        self.count(outcome, failed);
    }

    /// Counts the call as failed or not. `None` means that the result says nothing about the target.
    fn count(&self, outcome: Outcome, failed: Option<bool>) {
        if self.pass.state == State::Disabled {
            return;
        }
        let now = Instant::now();
        let took = now - self.begun;
        let slow = self.is_slow(took);
        let mark = failed.map(|failed| Mark { failed, slow });
        let change = {
            let mut counters = self.breaker.counters();
            let totals = &mut counters.totals;
            *match outcome {
                Outcome::Success => &mut totals.successes,
                Outcome::Failure => &mut totals.failures,
                Outcome::Ignored => &mut totals.ignored,
                Outcome::Dropped => &mut totals.dropped,
                Outcome::Panicked => &mut totals.panicked,
            } += 1;
            totals.slow += u64::from(slow);
            if self.breaker.gate().epoch() != self.pass.epoch {
                // The state has changed since the call was admitted, so the result says nothing about the new
                // state.
                None
            } else if self.pass.state == State::HalfOpen {
                self.count_probe(&mut counters, outcome, mark, now)
            } else {
                let opens = mark.is_some_and(|mark| counters.count_call(self.breaker.settings(), mark, now));
                opens.then(|| self.breaker.open(&mut counters, now))
            }
        };
        self.breaker.notify(&Event::Called { target: self.breaker.target(), outcome, took, slow });
        if let Some(change) = change {
            self.breaker.report(&change);
        }
    }

    fn count_probe(
        &self,
        counters: &mut Counters,
        outcome: Outcome,
        mark: Option<Mark>,
        now: Instant,
    ) -> Option<StateChange> {
        let settings = self.breaker.settings();
        let decided = match mark {
            Some(mark) => counters.count_probe(settings, mark),
            None => {
                self.breaker.gate().hand_back(self.pass);
                None
            }
        };
        match decided {
            Some(true) => {
                counters.recovered = counters.outage;
                Some(self.breaker.change(counters, State::Closed))
            }
            Some(false) => Some(self.breaker.open(counters, now)),
            // Dropped calls do not change the deadline: otherwise a target that hangs could stay half open
            // forever.
            None if outcome == Outcome::Dropped => None,
            None => {
                let in_progress = u32::from(self.breaker.gate().probes()) > counters.probes.calls;
                let deadline = in_progress.then(|| now + settings.half_open_for);
                self.breaker.set_deadline(counters, deadline);
                None
            }
        }
    }

    fn is_slow(&self, took: Duration) -> bool {
        self.breaker.settings().slow_after.is_some_and(|slow| took >= slow)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.is_recorded {
            return;
        }
        if std::thread::panicking() {
            return self.count(Outcome::Panicked, Some(true));
        }
        match self.dropped {
            Dropped::Failure => self.count(Outcome::Dropped, Some(true)),
            Dropped::Ignored => self.count(Outcome::Dropped, None),
        }
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").field("breaker", &self.breaker).field("state", &self.pass.state).finish()
    }
}
