//! Numbers out of several rounds, and how they are printed.

use std::time::Duration;

/// The median and the least of an odd number of rounds.
pub(crate) struct Spread {
    pub(crate) median: Duration,
    pub(crate) least: Duration,
}

impl Spread {
    pub(crate) fn of(rounds: impl IntoIterator<Item = Duration>) -> Self {
        let mut rounds: Vec<_> = rounds.into_iter().collect();
        rounds.sort_unstable();
        let at = |place: usize| rounds.get(place).copied().unwrap_or_default();
        Self { median: at(rounds.len() / 2), least: at(0) }
    }
}

pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}

pub(crate) fn ratio(this: Duration, that: Duration) -> String {
    format!("{:.2}", this.as_secs_f64() / that.as_secs_f64())
}

pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes / 1_000_000)
}
