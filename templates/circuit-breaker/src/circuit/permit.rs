//! A call that was admitted.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::breaker::Breaker;
use super::call::Verdict;
use super::event::{Event, Outcome};
use super::gate::{Pass, State};
use super::settings::Dropped;
use super::window::Mark;

/// A call that was admitted, and of which nothing is known yet.
///
/// Dropped, it counts as the settings say: [`Settings::dropped`](super::Settings::dropped).
#[must_use = "a permit that is dropped counts as a call that was dropped"]
pub struct Permit {
    breaker: Breaker,
    pass: Pass,
    begun: Instant,
    is_recorded: bool,
}

impl Permit {
    pub(crate) fn new(breaker: Breaker, pass: Pass) -> Self {
        Self { breaker, pass, begun: Instant::now(), is_recorded: false }
    }

    /// The call is over: counts it.
    pub fn record(mut self, verdict: Verdict) {
        self.is_recorded = true;
        let (outcome, failed) = match verdict {
            Verdict::Success => (Outcome::Success, Some(false)),
            Verdict::Failure => (Outcome::Failure, Some(true)),
            Verdict::Ignored => (Outcome::Ignored, None),
        };
        self.count(outcome, failed);
    }

    /// Counts the call, as one that failed or not; `None` where it says nothing.
    fn count(&self, outcome: Outcome, failed: Option<bool>) {
        if self.pass.state == State::Disabled {
            return;
        }
        let now = Instant::now();
        let took = now - self.begun;
        let slow = self.is_slow(took);
        let changed = {
            let mut tally = self.breaker.tally();
            let totals = &mut tally.totals;
            match outcome {
                Outcome::Success => totals.successes += 1,
                Outcome::Failure => totals.failures += 1,
                Outcome::Ignored => totals.ignored += 1,
                Outcome::Dropped => totals.dropped += 1,
            }
            totals.slow += u64::from(slow);
            let settings = self.breaker.settings();
            match (self.pass.state, failed.map(|failed| Mark { failed, slow })) {
                // The state has changed since it was admitted: it says nothing about this one.
                _ if self.breaker.gate().epoch() != self.pass.epoch => None,
                (_, None) => {
                    self.breaker.gate().hand_back(self.pass);
                    None
                }
                (State::HalfOpen, Some(mark)) => {
                    if tally.count_probe(settings, mark) {
                        self.breaker.wake_outage();
                    }
                    None
                }
                (_, Some(mark)) => {
                    let trips = tally.count_call(settings, mark, now);
                    trips.and_then(|_| self.breaker.trip(&mut tally))
                }
            }
        };
        self.breaker.tell(&Event::Called { target: self.breaker.target(), outcome, took, slow });
        if let Some(changed) = changed {
            self.breaker.tell_change(&changed);
        }
    }

    fn is_slow(&self, took: Duration) -> bool {
        took >= self.breaker.settings().slow_after
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.is_recorded {
            return;
        }
        let fails = match self.breaker.settings().dropped {
            Dropped::Ignored => false,
            Dropped::FailureIfSlow => self.is_slow(self.begun.elapsed()),
            Dropped::Failure => true,
        };
        self.count(Outcome::Dropped, fails.then_some(true));
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").field("breaker", &self.breaker).field("state", &self.pass.state).finish()
    }
}
