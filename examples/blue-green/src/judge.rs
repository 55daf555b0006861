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
