//! Is the new version as good as the old?
//!
//! It is judged by sample: as soon as enough requests are over, their errors and times are compared with
//! those of the old version, and the next sample begins. So a version that turns bad late is seen as soon
//! as one that is bad from the start, however much good there was before.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::balancer::Tally;
use crate::settings::Watch;

/// The share of requests whose longest time is compared.
const MOST: f64 = 0.95;

/// What was seen of a new version since it serves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    since: SystemTime,
    /// When the sample began that is not complete yet, and what was counted until then.
    sample_since: SystemTime,
    sample_from: Tally,
    /// Samples that were as good as the old version.
    pub good_samples: u32,
    /// What the looks say.
    pub verdict: Verdict,
}

/// What the looks say of a new version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Nothing yet.
    Open,
    /// It is as good as the old.
    Good,
    /// It is not.
    Bad(String),
}

impl Watched {
    /// A watch that begins now, when so much was counted.
    #[must_use]
    pub fn begin(now: SystemTime, counted: Tally) -> Self {
        let (since, verdict) = (now, Verdict::Open);
        Self { since, sample_since: now, sample_from: counted, good_samples: 0, verdict }
    }

    /// Takes a look: at this time, so much is counted. What is settled stays so.
    pub fn look(&mut self, now: SystemTime, counted: &Tally, baseline: &Tally, limits: &Watch) {
        if self.verdict != Verdict::Open {
            return;
        }
        let sample = counted.since(&self.sample_from);
        if sample.requests < limits.sample {
            if elapsed(self.sample_since, now) >= Duration::from_millis(limits.patience_ms) {
                self.verdict = Verdict::Bad(too_few("the new", sample.requests, limits));
            }
            return;
        }
        if let Some(why) = worse(&sample, baseline, limits) {
            self.verdict = Verdict::Bad(why);
            return;
        }
        self.good_samples += 1;
        (self.sample_since, self.sample_from) = (now, counted.clone());
        if elapsed(self.since, now) >= Duration::from_millis(limits.for_ms) {
            self.verdict = Verdict::Good;
        }
    }
}

/// No figures are no good figures.
#[must_use]
pub fn too_few(version: &str, requests: u64, limits: &Watch) -> String {
    let Watch { sample, patience_ms, .. } = limits;
    format!(
        "too few figures: {requests} requests to {version} version in {patience_ms} ms, {sample} are wanted"
    )
}

/// Why a sample is worse than the baseline, if it is.
fn worse(sample: &Tally, baseline: &Tally, limits: &Watch) -> Option<String> {
    let (errors, before) = (sample.error_rate(), baseline.error_rate());
    if errors > before + limits.errors {
        let percent = |rate: f64| rate * 100.0;
        return Some(format!(
            "errors: {:.1} % of requests, before {:.1} %",
            percent(errors),
            percent(before)
        ));
    }
    let (time, before) = (sample.quantile(MOST), baseline.quantile(MOST));
    if time > before.mul_f64(limits.latency_factor) + Duration::from_millis(limits.latency_slack_ms) {
        return Some(format!("latency: 95 of 100 requests within {time:.1?}, before {before:.1?}"));
    }
    None
}

/// A clock that was set back has not moved.
fn elapsed(since: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(since).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Watch = Watch {
        for_ms: 1_000,
        look_ms: 100,
        sample: 100,
        patience_ms: 500,
        errors: 0.01,
        latency_factor: 1.5,
        latency_slack_ms: 10,
    };

    /// So many requests, some of them errors, in milliseconds each.
    fn tally(requests: u64, errors: u64, millis: u64) -> Tally {
        let times = vec![(millis * 1_000, requests - errors)];
        Tally { requests, errors, client_closed: 0, times }
    }

    /// A version before which 100 requests took 20 ms, one of them an error.
    struct Watching {
        watched: Watched,
        counted: Tally,
    }

    impl Watching {
        fn begin() -> Self {
            let counted = Tally::default();
            Self { watched: Watched::begin(at(0), counted.clone()), counted }
        }

        fn look(&mut self, millis: u64, more: &Tally) -> &Verdict {
            self.counted.requests += more.requests;
            self.counted.errors += more.errors;
            for &(time, count) in &more.times {
                match self.counted.times.binary_search_by_key(&time, |&(time, _)| time) {
                    Ok(found) => self.counted.times[found].1 += count,
                    Err(place) => self.counted.times.insert(place, (time, count)),
                }
            }
            self.watched.look(at(millis), &self.counted, &tally(100, 1, 20), &LIMITS);
            &self.watched.verdict
        }
    }

    fn at(millis: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
    }

    fn why(verdict: &Verdict) -> &str {
        match verdict {
            Verdict::Bad(why) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_version_is_good_when_its_time_is_over_and_a_sample_says_so() {
        let mut watching = Watching::begin();
        for millis in (100..1_000).step_by(100) {
            assert_eq!(*watching.look(millis, &tally(60, 0, 20)), Verdict::Open, "{millis}");
        }
        assert_eq!(watching.watched.good_samples, 4);
        assert_eq!(*watching.look(1_000, &tally(60, 0, 20)), Verdict::Good);
    }

    #[test]
    fn the_time_alone_makes_it_not_good() {
        let mut watching = Watching::begin();
        assert_eq!(*watching.look(900, &tally(100, 0, 20)), Verdict::Open);
        assert_eq!(*watching.look(1_300, &tally(99, 0, 20)), Verdict::Open);
        let said = "too few figures: 99 requests to the new version in 500 ms, 100 are wanted";
        assert_eq!(why(watching.look(1_400, &Tally::default())), said);
    }

    #[test]
    fn no_figures_at_all() {
        let mut watching = Watching::begin();
        assert_eq!(*watching.look(499, &Tally::default()), Verdict::Open);
        assert!(why(watching.look(500, &Tally::default())).contains("0 requests"));
    }

    #[test]
    fn errors_beyond_the_old_rate_and_what_is_allowed() {
        // One of 100 before, one of 100 more is allowed.
        assert_eq!(*Watching::begin().look(100, &tally(100, 2, 20)), Verdict::Open);
        let said = "errors: 3.0 % of requests, before 1.0 %";
        assert_eq!(why(Watching::begin().look(100, &tally(100, 3, 20))), said);
    }

    #[test]
    fn latency_beyond_the_factor_and_the_slack() {
        assert_eq!(*Watching::begin().look(100, &tally(100, 0, 40)), Verdict::Open);
        let said = "latency: 95 of 100 requests within 41.0ms, before 20.0ms";
        assert_eq!(why(Watching::begin().look(100, &tally(100, 0, 41))), said);
    }

    #[test]
    fn a_version_that_turns_bad_late_is_not_saved_by_what_was_good() {
        let mut watching = Watching::begin();
        assert_eq!(*watching.look(100, &tally(100_000, 0, 20)), Verdict::Open);
        assert!(why(watching.look(200, &tally(100, 10, 20))).starts_with("errors"));
        assert!(why(watching.look(300, &tally(100_000, 0, 20))).starts_with("errors"), "it is settled");
    }

    #[test]
    fn a_clock_that_is_set_back_ends_nothing() {
        let mut watching = Watching::begin();
        watching.watched.since = at(10_000);
        watching.watched.sample_since = at(10_000);
        assert_eq!(*watching.look(100, &tally(100, 0, 20)), Verdict::Open);
    }
}
