//! The analysis of a sample.

mod compare;
mod guardrail;
mod look;
mod sample;
mod verdict;

pub use compare::{Comparison, Quantiles, Summary, compare};
pub use guardrail::{Guarded, guard};
pub use look::{Look, Secondary, judge};
pub use sample::{Column, Sample, Unit};
pub use verdict::{Doubt, Flaw, Reason, Verdict};

use crate::plan::Plan;
use crate::stats::ratio;

/// The p-value below which the sample ratio is considered wrong. It is strict, since the check takes place at each
/// look and a false alarm invalidates the experiment. Real defects have much smaller p-values.
pub const RATIO_LEVEL: f64 = 0.001;

/// The sample ratio: the number of units in each variant, and the p-value of their deviation from the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// The number of units in A.
    pub in_a: usize,
    /// The number of units in B.
    pub in_b: usize,
    /// The p-value of the chi-square test against the plan.
    pub p: f64,
}

impl Ratio {
    /// The ratio of this sample.
    #[must_use]
    pub fn of(plan: &Plan, sample: &Sample) -> Self {
        let (in_a, in_b) = sample.units();
        Self { in_a, in_b, p: ratio::p(in_a, in_b, plan.draft().share_of_b) }
    }

    /// Whether chance explains the deviation.
    #[must_use]
    pub fn is_as_planned(&self) -> bool {
        self.p >= RATIO_LEVEL
    }
}
