//! What a breaker has counted, and what follows from it.

use tokio::time::Instant;

use super::settings::Settings;
use super::window::{Counts, Mark, Sliding};

/// What is counted under the lock of a breaker. Its epoch changes only under that lock, too.
#[derive(Debug)]
pub(crate) struct Tally {
    /// The calls of this epoch, while closed.
    pub(crate) window: Sliding,
    /// The probes of this epoch, while half open.
    pub(crate) probes: Counts,
    /// Whether the probes say that the target has recovered, once they say so.
    pub(crate) has_recovered: Option<bool>,
    /// Until when it is open.
    pub(crate) open_until: Option<Instant>,
    pub(crate) totals: Totals,
}

/// What was counted since the breaker was made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) successes: u64,
    pub(crate) failures: u64,
    pub(crate) slow: u64,
    pub(crate) ignored: u64,
    pub(crate) dropped: u64,
    pub(crate) opened: u64,
}

impl Tally {
    pub(crate) fn new(settings: &Settings, now: Instant) -> Self {
        Self {
            window: Sliding::new(settings.window, now),
            probes: Counts::default(),
            has_recovered: None,
            open_until: None,
            totals: Totals::default(),
        }
    }

    /// Forgets what was counted in the epoch before.
    pub(crate) fn begin_epoch(&mut self) {
        self.window.clear();
        self.probes = Counts::default();
        self.has_recovered = None;
        self.open_until = None;
    }

    /// Counts a call while closed. Says what is in the window if that trips the breaker.
    pub(crate) fn count_call(&mut self, settings: &Settings, mark: Mark, now: Instant) -> Option<Counts> {
        let counts = self.window.count(mark, now);
        (counts.calls >= settings.minimum_calls && is_ill(settings, counts)).then_some(counts)
    }

    /// Counts a probe. Says whether that decides it: as soon as too many have failed, or were slow, and
    /// else when all are back.
    pub(crate) fn count_probe(&mut self, settings: &Settings, mark: Mark) -> bool {
        self.probes += mark.into();
        let probes = settings.probes.into();
        let at_best = Counts { calls: probes, ..self.probes };
        if is_ill(settings, at_best) {
            self.has_recovered = Some(false);
        } else if self.probes.calls >= probes {
            self.has_recovered = Some(true);
        }
        self.has_recovered.is_some()
    }
}

fn is_ill(settings: &Settings, counts: Counts) -> bool {
    counts.failure_rate() >= settings.failure_rate || counts.slow_rate() >= settings.slow_rate
}
