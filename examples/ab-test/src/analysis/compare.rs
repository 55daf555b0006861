//! The comparison of two variants in one metric.

use super::Column;
use crate::plan::{Better, Kind, Metric};
use crate::stats::cuped::Cuped;
use crate::stats::lift::NoLift;
use crate::stats::means::{Moments, Welch};
use crate::stats::ranks::BrunnerMunzel;
use crate::stats::rates::{self, Rate};
use crate::stats::{Alpha, Estimate, Unclear, shift};

/// The comparison of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The metric.
    pub metric: Metric,
    /// The summary of A.
    pub a: Summary,
    /// The summary of B.
    pub b: Summary,
    /// The difference between B and A: of shares (interval: Mee), of means (Welch), or, for an order, the share of
    /// pairs in which B has the higher value minus one half (Brunner and Munzel).
    pub difference: Estimate,
    /// The difference relative to A (interval: Koopman for rates, Fieller for means).
    pub lift: Result<Estimate, NoLift>,
    /// For a mean with a covariate: the share of the variance that the adjustment removes.
    pub reduction: Option<f64>,
    /// For an order: by how much the values of B are higher (Hodges and Lehmann). `None` if too many values are
    /// equal.
    pub shift: Option<Estimate>,
    /// The two-sided p-value. It is below the level of the intervals exactly if none of them contains 0.
    pub p: f64,
}

/// The summary of a variant in a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Summary {
    /// The share, with Wilson's interval.
    Rate(Estimate),
    /// The mean, with Student's interval.
    Mean(Estimate),
    /// The quantiles of an order.
    Order(Quantiles),
}

/// The quantiles of a variant: this percentage of the units has no higher value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantiles {
    /// 50 %.
    pub median: f64,
    /// 95 %.
    pub p95: f64,
    /// 99 %.
    pub p99: f64,
}

impl Comparison {
    /// Whether the variants differ at the level of the intervals. Checks both the interval and the p-value, in
    /// case they disagree by rounding.
    #[must_use]
    pub fn is_significant(&self, alpha: Alpha) -> bool {
        self.p < alpha.level() && !self.difference.contains(0.0)
    }

    /// The difference, with its sign chosen so that higher is better.
    #[must_use]
    pub fn improvement(&self) -> Estimate {
        turned(&self.metric, self.difference)
    }
}

/// The difference in a metric, with its sign chosen so that higher is better.
pub(super) fn turned(metric: &Metric, difference: Estimate) -> Estimate {
    match metric.better {
        Better::Higher => difference,
        Better::Lower => difference.reversed(),
    }
}

/// Compares two variants in a metric. `covariate` is that of a mean. The intervals have the level `alpha`.
///
/// # Errors
///
/// The test of the metric's kind can't analyze the samples.
pub fn compare(
    metric: &Metric,
    Column { a, b }: &Column,
    covariate: Option<&Column>,
    alpha: Alpha,
) -> Result<Comparison, Unclear> {
    let comparison = |a: Summary, b: Summary, difference: Estimate, p: f64| Comparison {
        metric: metric.clone(),
        a,
        b,
        difference,
        lift: Err(NoLift::NotARatio),
        reduction: None,
        shift: None,
        p,
    };
    Ok(match metric.kind {
        Kind::Rate => {
            let (in_a, in_b) = (Rate::of(a)?, Rate::of(b)?);
            let p = rates::z_test(in_a, in_b)?;
            let summary = |rate: Rate| Summary::Rate(rate.wilson(alpha));
            let difference = rates::difference(in_a, in_b, alpha);
            let lift = rates::lift(in_a, in_b, alpha);
            Comparison { lift, ..comparison(summary(in_a), summary(in_b), difference, p) }
        }
        Kind::Mean => {
            let (test, reduction) = means(a, b, covariate)?;
            let (in_a, in_b) = (Summary::Mean(test.a().mean(alpha)), Summary::Mean(test.b().mean(alpha)));
            let lift = test.lift(alpha);
            Comparison { lift, reduction, ..comparison(in_a, in_b, test.difference(alpha), test.p()) }
        }
        Kind::Order => {
            let test = BrunnerMunzel::of(a, b)?;
            let shift = shift::of(a, b, alpha)?;
            let summary = |values: &[f64]| Summary::Order(Quantiles::of(values));
            Comparison {
                shift,
                ..comparison(summary(a), summary(b), above_half(test.share(alpha)), test.p())
            }
        }
    })
}

/// The test of two means, and the share of the variance that the covariate removes, if there is one.
fn means(a: &[f64], b: &[f64], covariate: Option<&Column>) -> Result<(Welch, Option<f64>), Unclear> {
    match covariate {
        Some(by) => {
            let cuped = Cuped::of([a, &by.a], [b, &by.b])?;
            Ok((cuped.test(), Some(cuped.reduction())))
        }
        None => Ok((Welch::of(&Moments::of(a)?, &Moments::of(b)?)?, None)),
    }
}

/// The difference alone. For a rate, it exists even if the test is not possible.
pub(super) fn difference(
    kind: Kind,
    Column { a, b }: &Column,
    covariate: Option<&Column>,
    alpha: Alpha,
) -> Result<Estimate, Unclear> {
    Ok(match kind {
        Kind::Rate => rates::difference(Rate::of(a)?, Rate::of(b)?, alpha),
        Kind::Mean => means(a, b, covariate)?.0.difference(alpha),
        Kind::Order => above_half(BrunnerMunzel::of(a, b)?.share(alpha)),
    })
}

fn above_half(share: Estimate) -> Estimate {
    Estimate { value: share.value - 0.5, low: share.low - 0.5, high: share.high - 0.5 }
}

impl Quantiles {
    /// The quantiles of at least one value.
    fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let of = |hundredths: usize| sorted[(sorted.len() * hundredths).div_ceil(100).max(1) - 1];
        Self { median: of(50), p95: of(95), p99: of(99) }
    }
}
