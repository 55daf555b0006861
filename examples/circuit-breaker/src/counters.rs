//! The counts of a breaker, the deadline of its state, and the decisions that follow from the counts.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::time::Instant;

use super::gate::State;
use super::settings::Settings;
use super::window::{Counts, Mark, Sliding};

/// The data behind the lock of a breaker. The state also changes only under that lock.
#[derive(Debug)]
pub(crate) struct Counters {
    /// The calls of this epoch. Used while closed.
    pub(crate) window: Sliding,
    /// The probes of this epoch that have a result. Used while half open.
    pub(crate) probes: Counts,
    /// The end of the open period, or of the time for probes.
    pub(crate) deadline: Option<Instant>,
    /// The lengths of the open periods of this outage.
    open_periods: Option<ExponentialBackoff>,
    /// The number of the current or last outage. If an operator overrules an outage, its number ends.
    pub(crate) outage: u64,
    /// The last outage that ended with a recovery.
    pub(crate) recovered: u64,
    pub(crate) totals: Totals,
}

/// The counts since the breaker was created.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) successes: u64,
    pub(crate) failures: u64,
    pub(crate) slow: u64,
    pub(crate) ignored: u64,
    pub(crate) dropped: u64,
    pub(crate) panicked: u64,
    pub(crate) opened: u64,
}

impl Counters {
    pub(crate) fn new(settings: &Settings, now: Instant) -> Self {
        Self {
            window: Sliding::new(settings.window, now),
            probes: Counts::default(),
            deadline: None,
            open_periods: None,
            outage: 0,
            recovered: 0,
            totals: Totals::default(),
        }
    }

    /// Clears the counts of the previous epoch.
    pub(crate) fn begin_epoch(&mut self, state: State) {
        self.window.clear();
        self.probes = Counts::default();
        match state {
            State::Open => self.totals.opened += 1,
            State::HalfOpen => {}
            State::Closed | State::ForcedOpen | State::Disabled => self.open_periods = None,
        }
    }

    /// The length of the next open period. It increases within an outage.
    pub(crate) fn next_open_period(&mut self, settings: &Settings) -> Duration {
        let periods = self.open_periods.get_or_insert_with(|| open_periods(settings));
        periods.next().unwrap_or(settings.longest_open)
    }

    /// Counts a call of a closed breaker. Returns whether the breaker has to open.
    pub(crate) fn count_call(&mut self, settings: &Settings, mark: Mark, now: Instant) -> bool {
        let counts = self.window.count(mark, now);
        counts.calls >= settings.minimum_calls && exceeds_a_rate(settings, counts)
    }

    /// Counts a probe. Returns whether the target has recovered as soon as that is certain: too many probes have
    /// failed or were slow, or all of them have a result.
    pub(crate) fn count_probe(&mut self, settings: &Settings, mark: Mark) -> Option<bool> {
        self.probes += mark.into();
        let probes = settings.probes.into();
        let best_case = Counts { calls: probes, ..self.probes };
        if exceeds_a_rate(settings, best_case) {
            Some(false)
        } else {
            (self.probes.calls >= probes).then_some(true)
        }
    }
}

fn exceeds_a_rate(settings: &Settings, counts: Counts) -> bool {
    counts.failure_rate() >= settings.failure_rate || counts.slow_rate() >= settings.slow_rate
}

fn open_periods(settings: &Settings) -> ExponentialBackoff {
    #[allow(clippy::cast_possible_truncation, reason = "a factor needs no more digits")]
    let periods = ExponentialBuilder::new()
        .with_min_delay(settings.open_for)
        .with_factor(settings.backoff as f32)
        .with_max_delay(settings.longest_open)
        .without_max_times();
    match (settings.jitter, settings.seed) {
        (false, _) => periods.build(),
        (true, None) => periods.with_jitter().build(),
        (true, Some(seed)) => periods.with_jitter().with_jitter_seed(seed).build(),
    }
}
