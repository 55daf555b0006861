//! Decides whether the new version is as good as the old one.
//!
//! Versions are compared by samples: when enough requests have completed, their errors and times are compared with
//! those of the old version, and the next sample begins. A version that turns bad late is therefore detected as
//! soon as one that is bad from the start.
//!
//! A sample is bad if it is worse by more than the limits allow, and significantly so: by Fisher's exact test,
//! one-sided (`src/fisher.rs`), at the level `watch.significance`. A version is bad after `watch.failure_limit`
//! bad samples in a row. A sample whose errors are far beyond chance ends before it is complete, so that a failing
//! version is reverted within a few looks, however little traffic it has.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::balancer::Tally;
use crate::fisher::{Share, p_value};
use crate::settings::Watch;

/// The quantile of the times that is compared.
const MOST: f64 = 0.95;

/// A sample ends early if the p-value of its errors is at most this.
const BEYOND_CHANCE: f64 = 1e-6;

/// The observations of a new version since it went live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    since: SystemTime,
    /// When the current sample began, and the counts at that time.
    sample_since: SystemTime,
    sample_from: Tally,
    /// The number of samples that were as good as the old version.
    pub good_samples: u32,
    /// The number of bad samples since the last good one.
    #[serde(default)]
    pub bad_samples: u32,
    /// The verdict so far.
    pub verdict: Verdict,
}

/// The verdict about a new version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Not decided yet.
    Open,
    /// The version is as good as the old one.
    Good,
    /// The version is worse, for this reason.
    Bad(String),
    /// There are too few requests, so an operator has to decide. A bad version is still detected.
    Inconclusive(String),
}

impl Watched {
    /// Begins a watch at this time, with these counts.
    #[must_use]
    pub fn begin(now: SystemTime, counted: Tally) -> Self {
        Self {
            since: now,
            sample_since: now,
            sample_from: counted,
            good_samples: 0,
            bad_samples: 0,
            verdict: Verdict::Open,
        }
    }

    /// Updates the verdict with the counts at this time. `Good` and `Bad` are final.
    pub fn look(&mut self, now: SystemTime, counted: &Tally, baseline: &Tally, limits: &Watch) {
        if matches!(self.verdict, Verdict::Good | Verdict::Bad(_)) {
            return;
        }
        if !counted.continues(&self.sample_from) {
            // The balancer was restarted, or its counts were cleared: it counts from 0, and the sample is lost.
            let from = Tally { epoch: counted.epoch, ..Tally::default() };
            (self.sample_since, self.sample_from) = (now, from);
        }
        let sample = counted.since(&self.sample_from);
        let is_complete = sample.requests >= limits.sample;
        let is_overdue = elapsed(self.sample_since, now) >= Duration::from_millis(limits.patience_ms);
        let worse = if is_complete || is_overdue {
            worse(&sample, baseline, limits).or_else(|| given_up(&sample, baseline, limits))
        } else {
            worse_answers(&sample, baseline, limits, BEYOND_CHANCE)
        };
        match worse {
            Some(why) => {
                self.bad_samples += 1;
                if self.bad_samples >= limits.failure_limit {
                    self.verdict = Verdict::Bad(format!("{why}; {} bad samples in a row", self.bad_samples));
                }
            }
            None if is_complete => {
                (self.good_samples, self.bad_samples) = (self.good_samples + 1, 0);
                let is_open = self.verdict == Verdict::Open;
                if is_open && elapsed(self.since, now) >= Duration::from_millis(limits.for_ms) {
                    self.verdict = Verdict::Good;
                }
            }
            None if is_overdue => {
                self.verdict = Verdict::Inconclusive(too_few("the new", sample.requests, limits));
            }
            None => return,
        }
        (self.sample_since, self.sample_from) = (now, counted.clone());
    }
}

/// Why a version can't be judged. Missing data makes a version neither good nor bad.
#[must_use]
pub fn too_few(version: &str, requests: u64, limits: &Watch) -> String {
    let Watch { sample, patience_ms, .. } = limits;
    format!(
        "too few figures: {requests} requests to {version} version in {patience_ms} ms, {sample} are wanted"
    )
}

/// Why a sample is worse than the baseline. `None` if it is not.
fn worse(sample: &Tally, baseline: &Tally, limits: &Watch) -> Option<String> {
    worse_answers(sample, baseline, limits, limits.significance)
        .or_else(|| slower(sample, baseline, limits))
        .or_else(|| slower_on_average(sample, baseline, limits))
}

/// Compares the shares of server errors and of client errors such as 404. The latter depend more on the requests.
fn worse_answers(sample: &Tally, baseline: &Tally, limits: &Watch, significance: f64) -> Option<String> {
    let worse = |name, hits: fn(&Tally) -> u64, rise| {
        let share = |tally: &Tally| Share { hits: hits(tally), of: tally.requests };
        let (new, old) = (share(sample), share(baseline));
        let is_worse = new.rate() > old.rate() + rise && p_value(new, old) < significance;
        is_worse.then(|| format!("{name}: {:.1} % of requests, before {:.1} %", percent(new), percent(old)))
    };
    let errors = worse("errors", |tally| tally.errors, limits.errors);
    errors.or_else(|| worse("client errors", |tally| tally.refused, limits.client_errors))
}

/// Compares the times of requests without errors, since errors are usually faster or slower.
fn slower(sample: &Tally, baseline: &Tally, limits: &Watch) -> Option<String> {
    let (time, before) = (sample.quantile(MOST), baseline.quantile(MOST));
    let longest = before.mul_f64(limits.latency_factor) + Duration::from_millis(limits.latency_slack_ms);
    let beyond = |tally: &Tally| Share { hits: tally.slower_than(longest), of: tally.answered() };
    // If about 5 of 100 requests are slow, chance decides whether the 95 % quantile is one of them.
    let is_worse = time > longest && p_value(beyond(sample), beyond(baseline)) < limits.significance;
    is_worse.then(|| format!("latency: 95 of 100 requests within {time:.1?}, before {before:.1?}"))
}

/// Compares the mean times where the balancer reports no others. A mean does not show how much it varies, so chance
/// is not computed, and only `watch.failure_limit` guards against it.
fn slower_on_average(sample: &Tally, baseline: &Tally, limits: &Watch) -> Option<String> {
    let (mean, before) = (sample.mean_ms?, baseline.mean_ms?);
    let millis = Duration::from_millis;
    let longest = millis(before).mul_f64(limits.latency_factor) + millis(limits.latency_slack_ms);
    let is_worse = limits.mean_latency && millis(mean) > longest;
    is_worse.then(|| format!("latency: {mean} ms on average, before {before} ms"))
}

/// Disconnects of clients are not errors of a version. But if they keep a sample from becoming complete, and were
/// rarer before, the version does not answer.
fn given_up(sample: &Tally, baseline: &Tally, limits: &Watch) -> Option<String> {
    let all = |tally: &Tally| tally.requests + tally.client_closed;
    if sample.requests >= limits.sample || all(sample) < limits.sample {
        return None;
    }
    let given_up = |tally: &Tally| Share { hits: tally.client_closed, of: all(tally) };
    let (new, old) = (given_up(sample), given_up(baseline));
    let is_worse = p_value(new, old) < limits.significance;
    is_worse.then(|| {
        format!("no answers: clients gave up {:.1} % of requests, before {:.1} %", percent(new), percent(old))
    })
}

fn percent(share: Share) -> f64 {
    share.rate() * 100.0
}

/// The time since then. 0 if the clock was set back.
fn elapsed(since: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(since).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const LIMITS: Watch = Watch {
        for_ms: 1_000,
        look_ms: 100,
        sample: 100,
        patience_ms: 500,
        failure_limit: 2,
        significance: 0.01,
        errors: 0.01,
        client_errors: 0.2,
        latency_factor: 1.5,
        latency_slack_ms: 10,
        mean_latency: true,
    };

    /// A number of requests, some of them errors, each with this duration in milliseconds.
    fn tally(requests: u64, errors: u64, millis: u64) -> Tally {
        let times = vec![(millis * 1_000, requests - errors)];
        Tally { requests, errors, times, ..Tally::default() }
    }

    /// A watch with a baseline of 100 requests of 20 ms each, one of them an error.
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
            self.counted.refused += more.refused;
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
            Verdict::Bad(why) | Verdict::Inconclusive(why) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_version_is_good_after_its_time_with_a_good_last_sample() {
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
    fn an_inconclusive_watch_stays_inconclusive_unless_it_turns_bad() {
        let mut watching = Watching::begin();
        assert!(matches!(watching.look(500, &Tally::default()), Verdict::Inconclusive(_)));
        for millis in (600..3_000).step_by(100) {
            assert!(matches!(watching.look(millis, &tally(100, 0, 20)), Verdict::Inconclusive(_)));
        }
        watching.look(3_000, &tally(100, 50, 20));
        assert!(matches!(watching.look(3_100, &tally(100, 50, 20)), Verdict::Bad(_)));
    }

    #[test]
    fn no_figures_at_all() {
        let mut watching = Watching::begin();
        assert_eq!(*watching.look(499, &Tally::default()), Verdict::Open);
        assert!(why(watching.look(500, &Tally::default())).contains("0 requests"));
    }

    #[test]
    fn errors_beyond_the_tolerance_and_beyond_chance_are_bad() {
        // The baseline has 1 error of 100. The p-values of Fisher's test are 0.018 for 8 of 100 and 0.0093 for 9.
        let mut watching = Watching::begin();
        for millis in (100..600).step_by(100) {
            assert_eq!(*watching.look(millis, &tally(100, 8, 20)), Verdict::Open, "{millis}");
        }
        assert_eq!((watching.watched.good_samples, watching.watched.bad_samples), (5, 0));
        let mut watching = Watching::begin();
        assert_eq!(*watching.look(100, &tally(100, 9, 20)), Verdict::Open);
        let said = "errors: 9.0 % of requests, before 1.0 %; 2 bad samples in a row";
        assert_eq!(why(watching.look(200, &tally(100, 9, 20))), said);
    }

    #[test]
    fn a_bad_sample_between_good_ones_is_forgiven() {
        let mut watching = Watching::begin();
        for millis in (100..800).step_by(200) {
            assert_eq!(*watching.look(millis, &tally(100, 50, 20)), Verdict::Open, "{millis}");
            assert_eq!(*watching.look(millis + 100, &tally(100, 0, 20)), Verdict::Open, "{millis}");
        }
        assert_eq!(watching.watched.good_samples, 4);
        // The watch is over, but not during a bad sample.
        assert_eq!(*watching.look(1_000, &tally(100, 50, 20)), Verdict::Open);
        assert_eq!(*watching.look(1_100, &tally(100, 0, 20)), Verdict::Good);
    }

    #[test]
    fn errors_beyond_all_chance_are_not_waited_for() {
        let mut watching = Watching::begin();
        assert_eq!(*watching.look(100, &tally(10, 10, 20)), Verdict::Open);
        let said = "errors: 100.0 % of requests, before 1.0 %; 2 bad samples in a row";
        assert_eq!(why(watching.look(200, &tally(10, 10, 20))), said);
    }

    #[test]
    fn latency_beyond_the_factor_and_the_slack() {
        let mut watching = Watching::begin();
        for millis in (100..400).step_by(100) {
            assert_eq!(*watching.look(millis, &tally(100, 0, 40)), Verdict::Open);
        }
        let mut watching = Watching::begin();
        assert_eq!(*watching.look(100, &tally(100, 0, 41)), Verdict::Open);
        let said = "latency: 95 of 100 requests within 41.0ms, before 20.0ms; 2 bad samples in a row";
        assert_eq!(why(watching.look(200, &tally(100, 0, 41))), said);
    }

    #[test]
    fn latency_compares_only_answers_without_an_error() {
        // Errors that return immediately do not make either version look fast.
        let old = Tally { requests: 200, errors: 100, times: vec![(20_000, 100)], ..Tally::default() };
        let new = Tally {
            requests: 200,
            errors: 100,
            times: vec![(20_000, 90), (900_000, 10)],
            ..Tally::default()
        };
        assert!(worse(&new, &old, &LIMITS).is_some_and(|why| why.starts_with("latency: ")));
        assert_eq!(worse(&old, &old, &LIMITS), None);
        // A version that only failed has no times to compare with.
        let dead = Tally { requests: 200, errors: 200, times: Vec::new(), ..Tally::default() };
        assert_eq!(worse(&new, &dead, &LIMITS), None);
    }

    #[test]
    fn as_many_slow_requests_as_the_percentile_omits_are_no_difference() {
        // 4 or 6 of 100 requests take a second: the 95 % quantile jumps from 20 ms to 1 s.
        let with_slow = |slow| Tally {
            requests: 200,
            errors: 0,
            times: vec![(20_000, 200 - slow), (1_000_000, slow)],
            ..Tally::default()
        };
        assert_eq!(worse(&with_slow(12), &with_slow(8), &LIMITS), None);
        assert!(worse(&with_slow(40), &with_slow(8), &LIMITS).is_some());
    }

    #[test]
    fn clients_that_give_up_are_no_errors_unless_there_are_no_answers() {
        let given_up = |requests: u64, client_closed: u64| Tally { client_closed, ..tally(requests, 0, 20) };
        let mut watching = Watching::begin();
        watching.counted.client_closed = 1_000;
        assert_eq!(*watching.look(100, &tally(100, 0, 20)), Verdict::Open);
        assert_eq!(watching.watched.good_samples, 1);
        let why = given_up_of(&given_up(10, 190), &given_up(100, 5)).unwrap();
        assert_eq!(why, "no answers: clients gave up 95.0 % of requests, before 4.8 %");
        // Clients disconnected before as well, or there is hardly any traffic, or there are enough answers.
        for (new, old) in [((10, 190), (10, 190)), ((10, 20), (100, 5)), ((100, 190), (100, 5))] {
            assert_eq!(
                given_up_of(&given_up(new.0, new.1), &given_up(old.0, old.1)),
                None,
                "{new:?}, {old:?}"
            );
        }
    }

    fn given_up_of(sample: &Tally, baseline: &Tally) -> Option<String> {
        given_up(sample, baseline, &LIMITS)
    }

    #[test]
    fn a_version_that_turns_bad_late_is_reverted_despite_good_samples() {
        let mut watching = Watching::begin();
        assert_eq!(*watching.look(100, &tally(100_000, 0, 20)), Verdict::Open);
        assert_eq!(*watching.look(200, &tally(100, 10, 20)), Verdict::Open);
        assert!(why(watching.look(300, &tally(100, 10, 20))).starts_with("errors"));
        assert!(why(watching.look(400, &tally(100_000, 0, 20))).starts_with("errors"), "it is settled");
    }

    #[test]
    fn a_balancer_that_is_started_again_neither_takes_nor_adds_errors() {
        let mut watching = Watching::begin();
        assert_eq!(*watching.look(100, &tally(99, 0, 20)), Verdict::Open);
        // The balancer counts from 0: no errors, and fewer or more requests than before.
        for (nth, requests) in [(2, 10), (3, 60), (4, 99)] {
            watching.counted = Tally { epoch: Uuid::from_u128(nth), ..Tally::default() };
            let more = tally(requests, 0, 20);
            assert_eq!(*watching.look(u64::try_from(nth).unwrap() * 400, &more), Verdict::Open, "{requests}");
        }
        assert_eq!((watching.watched.good_samples, watching.watched.bad_samples), (0, 0));
        // The patience restarts as well and then ends as usual.
        assert_eq!(*watching.look(2_099, &Tally::default()), Verdict::Open);
        assert!(why(watching.look(2_100, &Tally::default())).starts_with("too few figures: 99 requests"));
    }

    #[test]
    fn counts_that_are_cleared_in_the_same_epoch_begin_another_sample() {
        let mut watching = Watching::begin();
        assert_eq!(*watching.look(100, &tally(99, 90, 20)), Verdict::Open);
        let bad_samples = watching.watched.bad_samples;
        watching.counted = Tally::default();
        assert_eq!(*watching.look(200, &tally(99, 0, 20)), Verdict::Open);
        assert_eq!((watching.watched.good_samples, watching.watched.bad_samples), (0, bad_samples));
    }

    #[test]
    fn means_are_compared_where_there_are_no_other_times() {
        let with_mean = |mean_ms| Tally { requests: 100, mean_ms, ..Tally::default() };
        let compare = |new, old, limits: &Watch| worse(&with_mean(new), &with_mean(old), limits);
        let said = compare(Some(41), Some(20), &LIMITS).unwrap();
        assert_eq!(said, "latency: 41 ms on average, before 20 ms");
        for (new, old) in [(Some(40), Some(20)), (None, Some(20)), (Some(4_000), None)] {
            assert_eq!(compare(new, old, &LIMITS), None, "{new:?}, {old:?}");
        }
        let limits = Watch { mean_latency: false, ..LIMITS };
        assert_eq!(compare(Some(4_000), Some(20), &limits), None);
    }

    #[test]
    fn a_clock_that_is_set_back_ends_nothing() {
        let mut watching = Watching::begin();
        watching.watched.since = at(10_000);
        watching.watched.sample_since = at(10_000);
        assert_eq!(*watching.look(100, &tally(100, 0, 20)), Verdict::Open);
    }

    #[test]
    fn a_version_that_refuses_requests_which_the_old_one_answered_is_bad() {
        let mut watching = Watching::begin();
        let refused = |requests, refused| Tally { refused, ..tally(requests, 0, 20) };
        // One user who requests many missing pages is no reason.
        assert_eq!(*watching.look(100, &refused(100, 19)), Verdict::Open);
        assert_eq!(*watching.look(200, &refused(100, 100)), Verdict::Open);
        let verdict = watching.look(300, &refused(30, 30));
        assert!(why(verdict).starts_with("client errors: 100.0 % of requests, before 0.0 %"), "{verdict:?}");
    }
}
