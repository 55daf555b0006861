//! The counts of a version: requests, errors and response times.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The number of buckets per doubling of the time, so a bucket is at most an eighth wide.
const STEPS: u64 = 8;

/// Times below this number of microseconds have one bucket each.
const EXACT: u64 = 16;

/// The last bucket begins beyond an hour.
const BUCKETS: usize = 16 + 28 * 8;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The version answered without an error.
    Answered,
    /// The version answered with a client error, such as 404.
    Refused,
    /// The version answered with a server error, aborted its response, or did not answer.
    Failed,
    /// The client disconnected, or did not send its body. This says nothing about the version.
    ClientClosed,
}

/// Lock-free counters of a version.
#[derive(Debug)]
pub(super) struct Meter {
    /// Identifies this series of counts. A new series, for example after a restart of the balancer, begins at 0.
    epoch: Uuid,
    errors: AtomicU64,
    client_closed: AtomicU64,
    refused: AtomicU64,
    times: [AtomicU64; BUCKETS],
}

/// A snapshot of the counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Identifies the series of counts. Another series has begun at 0.
    #[serde(default)]
    pub epoch: Uuid,
    /// The number of requests that the version answered, or failed to answer.
    pub requests: u64,
    /// The number of these requests that failed: a server error, an incomplete response or no response.
    pub errors: u64,
    /// The number of requests that the client aborted. They count neither as requests nor as errors.
    #[serde(default)]
    pub client_closed: u64,
    /// The number of requests answered with a client error. They also count as answered.
    #[serde(default)]
    pub refused: u64,
    /// Per bucket: its longest time in microseconds, and the number of requests without an error in it. Empty if
    /// the balancer does not count times.
    pub times: Vec<(u64, u64)>,
    /// The mean time of the latest requests in milliseconds, if the balancer reports only that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_ms: Option<u64>,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            epoch: Uuid::new_v4(),
            errors: AtomicU64::new(0),
            client_closed: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            times: [const { AtomicU64::new(0) }; BUCKETS],
        }
    }
}

impl Meter {
    pub(super) fn count(&self, time: Duration, outcome: Outcome) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let count = match outcome {
            Outcome::Answered => &self.times[bucket(micros)],
            Outcome::Refused => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                &self.times[bucket(micros)]
            }
            Outcome::Failed => &self.errors,
            Outcome::ClientClosed => &self.client_closed,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> Tally {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let (errors, client_closed, refused) = (of(&self.errors), of(&self.client_closed), of(&self.refused));
        let counted = self.times.iter().map(|count| count.load(Ordering::Relaxed)).enumerate();
        let times: Vec<_> =
            counted.filter(|&(_, count)| count > 0).map(|(index, count)| (longest(index), count)).collect();
        let answered: u64 = times.iter().map(|&(_, count)| count).sum();
        Tally {
            epoch: self.epoch,
            requests: answered + errors,
            errors,
            client_closed,
            refused,
            times,
            mean_ms: None,
        }
    }
}

impl Tally {
    /// Whether these counts continue the series of `before`: the epoch is the same, and no count has decreased.
    #[must_use]
    pub fn continues(&self, before: &Self) -> bool {
        let counts = |tally: &Self| [tally.requests, tally.errors, tally.client_closed, tally.refused];
        self.epoch == before.epoch && counts(self).iter().zip(counts(before)).all(|(now, then)| *now >= then)
    }

    /// The counts since `before`. If the series has restarted since then, all counts.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        if !self.continues(before) {
            return self.clone();
        }
        let counted_before = |time: u64| {
            before.times.binary_search_by_key(&time, |&(time, _)| time).map_or(0, |at| before.times[at].1)
        };
        let new = |&(time, count): &(u64, u64)| (time, count.saturating_sub(counted_before(time)));
        Self {
            epoch: self.epoch,
            requests: self.requests.saturating_sub(before.requests),
            errors: self.errors.saturating_sub(before.errors),
            client_closed: self.client_closed.saturating_sub(before.client_closed),
            refused: self.refused.saturating_sub(before.refused),
            times: self.times.iter().map(new).filter(|&(_, count)| count > 0).collect(),
            mean_ms: self.mean_ms,
        }
    }

    /// The number of requests answered without an error.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.requests.saturating_sub(self.errors)
    }

    /// The number of requests without an error that took longer than `time`, by the longest time in their bucket.
    #[must_use]
    pub fn slower_than(&self, time: Duration) -> u64 {
        let slower = self.times.iter().filter(|&&(micros, _)| Duration::from_micros(micros) > time);
        slower.map(|&(_, count)| count).sum()
    }

    /// The time that this share of requests without an error did not exceed. At most an eighth too long.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Duration {
        let mut so_far = 0;
        for &(time, count) in &self.times {
            so_far += count;
            if ratio(so_far, self.answered()) >= share {
                return Duration::from_micros(time);
            }
        }
        Duration::ZERO
    }
}

#[expect(clippy::cast_precision_loss, reason = "so many requests are not counted")]
fn ratio(part: u64, of: u64) -> f64 {
    part as f64 / of as f64
}

fn bucket(micros: u64) -> usize {
    let at = if micros < EXACT {
        micros
    } else {
        let doublings = u64::from(micros.ilog2());
        EXACT + (doublings - 4) * STEPS + ((micros >> (doublings - 3)) - STEPS)
    };
    usize::try_from(at).unwrap_or(BUCKETS).min(BUCKETS - 1)
}

/// The longest time in a bucket, in microseconds.
fn longest(bucket: usize) -> u64 {
    let at = bucket as u64;
    if at < EXACT {
        return at;
    }
    let (doublings, step) = ((at - EXACT) / STEPS + 4, (at - EXACT) % STEPS);
    ((STEPS + step + 1) << (doublings - 3)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_duration_is_in_its_bucket() {
        let times =
            (0..5_000).chain((12..42).flat_map(|power| [(1 << power) - 1, 1 << power, (1 << power) + 1]));
        for micros in times {
            let bucket = bucket(micros);
            if bucket < BUCKETS - 1 {
                let longest = longest(bucket);
                assert!(micros <= longest && longest - micros <= micros / 8, "{micros} in ..={longest}");
            }
            assert!(bucket == 0 || longest(bucket - 1) < micros, "{micros}");
        }
    }

    #[test]
    fn quantiles_and_rates() {
        let meter = Meter::default();
        for millis in 1..=100 {
            meter.count(Duration::from_millis(millis), Outcome::Answered);
        }
        // Failed and aborted requests do not make the response times look shorter.
        for _ in 0..100 {
            meter.count(Duration::ZERO, Outcome::Failed);
            meter.count(Duration::ZERO, Outcome::ClientClosed);
        }
        let tally = meter.read();
        assert_eq!((tally.requests, tally.errors, tally.client_closed), (200, 100, 100));
        let near = |share, millis: u64| {
            let (time, wanted) = (tally.quantile(share), Duration::from_millis(millis));
            assert!(wanted <= time && time < wanted * 9 / 8, "{time:?} for {share}");
        };
        near(0.5, 50);
        near(0.95, 95);
        near(1.0, 100);
        assert_eq!(tally.slower_than(Duration::from_millis(200)), 0);
        assert_eq!(tally.slower_than(Duration::ZERO), 100);
        assert_eq!(Tally::default().quantile(0.5), Duration::ZERO);
    }

    #[test]
    fn counts_since_an_earlier_tally() {
        let meter = Meter::default();
        meter.count(Duration::from_millis(1), Outcome::Answered);
        let before = meter.read();
        let nothing = Tally { epoch: before.epoch, ..Tally::default() };
        assert_eq!(meter.read().since(&before), nothing);
        meter.count(Duration::from_millis(500), Outcome::Answered);
        meter.count(Duration::from_millis(500), Outcome::Failed);
        meter.count(Duration::from_millis(500), Outcome::ClientClosed);
        let since = meter.read().since(&before);
        assert_eq!((since.requests, since.errors, since.client_closed, since.times.len()), (2, 1, 1, 1));
        meter.count(Duration::from_millis(500), Outcome::Refused);
        let since = meter.read().since(&before);
        assert_eq!((since.requests, since.refused, since.answered()), (3, 1, 2));
        assert_eq!(meter.read().since(&Tally::default()), meter.read());
    }
    #[test]
    fn a_count_that_has_begun_anew_is_not_subtracted_from() {
        let (first, second) = (Meter::default(), Meter::default());
        for _ in 0..200 {
            first.count(Duration::from_millis(1), Outcome::Answered);
            second.count(Duration::from_millis(1), Outcome::Answered);
        }
        let before = first.read();
        for _ in 0..10 {
            second.count(Duration::from_millis(1), Outcome::Failed);
        }
        let since = second.read().since(&before);
        assert_eq!((since.requests, since.errors), (210, 10));
        assert_eq!(since, second.read());
    }
}
