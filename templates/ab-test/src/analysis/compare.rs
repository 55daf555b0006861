//! Two variants beside each other, in one metric.

use crate::plan::{Better, Kind, Metric};
use crate::stats::means::{Moments, Welch};
use crate::stats::ranks::MannWhitney;
use crate::stats::rates::{self, Rate};
use crate::stats::{Alpha, Estimate, Unclear, shift};

/// How a metric compares.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The metric.
    pub metric: Metric,
    /// What A is like.
    pub a: Summary,
    /// What B is like.
    pub b: Summary,
    /// What B has more than A: a difference of shares (interval: Newcombe) or means (Welch), or, for
    /// an order, what the share of pairs in which B has the higher value exceeds one half by (Brunner
    /// and Munzel).
    pub difference: Estimate,
    /// For an order: by how much the values of B are higher (Hodges and Lehmann).
    pub shift: Option<Estimate>,
    /// The two-sided p-value.
    pub p: f64,
}

/// What a variant is like in a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Summary {
    /// The share, with Wilson's interval.
    Rate(Estimate),
    /// The mean, with Student's interval.
    Mean(Estimate),
    /// Of an order.
    Order(Quantiles),
}

/// Of so many in a hundred units, none has a higher value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantiles {
    /// Of 50.
    pub median: f64,
    /// Of 95.
    pub p95: f64,
    /// Of 99.
    pub p99: f64,
}

impl Comparison {
    /// The difference, turned so that more is better.
    #[must_use]
    pub fn improvement(&self) -> Estimate {
        turned(&self.metric, self.difference)
    }
}

/// The difference in a metric turned so that more is better.
pub(super) fn turned(metric: &Metric, difference: Estimate) -> Estimate {
    match metric.better {
        Better::Higher => difference,
        Better::Lower => difference.reversed(),
    }
}

/// Compares two variants. The intervals have this level.
///
/// # Errors
///
/// Samples of which the test of the metric's kind can say nothing.
pub fn compare(metric: &Metric, a: &[f64], b: &[f64], alpha: Alpha) -> Result<Comparison, Unclear> {
    let (in_a, in_b, difference, shift, p) = match metric.kind {
        Kind::Rate => {
            let (in_a, in_b) = (Rate::of(a)?, Rate::of(b)?);
            let p = rates::z_test(in_a, in_b)?;
            let summary = |rate: Rate| Summary::Rate(rate.wilson(alpha));
            (summary(in_a), summary(in_b), rates::difference(in_a, in_b, alpha), None, p)
        }
        Kind::Mean => {
            let (in_a, in_b) = (Moments::of(a)?, Moments::of(b)?);
            let welch = Welch::of(&in_a, &in_b)?;
            let summary = |moments: Moments| Summary::Mean(moments.mean(alpha));
            (summary(in_a), summary(in_b), welch.difference(alpha), None, welch.p())
        }
        Kind::Order => {
            let test = MannWhitney::of(a, b)?;
            let shift = shift::of(a, b, alpha)?;
            let summary = |values: &[f64]| Summary::Order(Quantiles::of(values));
            (summary(a), summary(b), above_half(test.share(alpha)), Some(shift), test.p())
        }
    };
    Ok(Comparison { metric: metric.clone(), a: in_a, b: in_b, difference, shift, p })
}

/// The difference alone, which there is also where no test can be made.
pub(super) fn difference(kind: Kind, a: &[f64], b: &[f64], alpha: Alpha) -> Result<Estimate, Unclear> {
    Ok(match kind {
        Kind::Rate => rates::difference(Rate::of(a)?, Rate::of(b)?, alpha),
        Kind::Mean => Welch::of(&Moments::of(a)?, &Moments::of(b)?)?.difference(alpha),
        Kind::Order => above_half(MannWhitney::of(a, b)?.share(alpha)),
    })
}

fn above_half(share: Estimate) -> Estimate {
    Estimate { value: share.value - 0.5, low: share.low - 0.5, high: share.high - 0.5 }
}

impl Quantiles {
    /// Of at least one value.
    fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let of = |hundredths: usize| sorted[(sorted.len() * hundredths).div_ceil(100).max(1) - 1];
        Self { median: of(50), p95: of(95), p99: of(99) }
    }
}
