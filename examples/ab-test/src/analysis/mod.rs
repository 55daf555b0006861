//! What a sample says.

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

/// Below this p-value the ratio of the sample is not left to chance. It is strict, since the check is
/// made at each look, and a false alarm costs the experiment; real defects lie far below it.
pub const RATIO_LEVEL: f64 = 0.001;

/// The ratio of the sample: how many units there are, and how likely it is that they are no more
/// unequal than that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// Units of A.
    pub in_a: usize,
    /// Units of B.
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

    /// Chance explains it.
    #[must_use]
    pub fn is_as_planned(&self) -> bool {
        self.p >= RATIO_LEVEL
    }
}
