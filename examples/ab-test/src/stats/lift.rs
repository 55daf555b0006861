//! Relative lift of a mean: Fieller's interval.

use std::fmt;

use super::Estimate;

/// Why there is no relative lift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLift {
    /// The metric has no ratio, because only its order counts.
    NotARatio,
    /// The value of A does not differ significantly from 0, so the ratio is unbounded.
    BaselineNearZero,
}

impl fmt::Display for NoLift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotARatio => "an order has no relative lift",
            Self::BaselineNearZero => "none: A is not clearly different from 0",
        })
    }
}

impl std::error::Error for NoLift {}

/// The lift `difference / |baseline|` with the interval of E. C. Fieller (*JRSS B* 16, 1954; V. H. Franz, *Ratios:
/// A short guide to confidence limits and proper use*, arXiv 0710.2024, 2007). `reach_a` and `reach` are half the
/// lengths of the intervals of the baseline and of the difference.
///
/// The interval consists of every lift λ at which a test of `b − (1 + λ) a` does not reject. At λ = 0, that is the
/// test of the difference, so either both intervals contain 0 or neither does. The delta method does not have that
/// property.
///
/// # Errors
///
/// The interval of the baseline contains 0.
pub(super) fn fieller(baseline: f64, difference: f64, reach_a: f64, reach: f64) -> Result<Estimate, NoLift> {
    let (lift, reach_a, reach) = (difference / baseline, reach_a / baseline, reach / baseline);
    if !(reach_a.abs() < 1.0 && lift.is_finite() && reach.is_finite()) {
        return Err(NoLift::BaselineNearZero);
    }
    // (λ̂ − λ)² ≤ reach² + (2λ + λ²) reach_a², solved for λ.
    let square = 1.0 - reach_a * reach_a;
    let half_linear = lift + reach_a * reach_a;
    let constant = lift * lift - reach * reach;
    let root = (half_linear * half_linear - square * constant).max(0.0).sqrt();
    let larger = half_linear + root.copysign(half_linear);
    let ends = if larger == 0.0 { [0.0, 0.0] } else { [larger / square, constant / larger] };
    let lift = Estimate { value: lift, low: ends[0].min(ends[1]), high: ends[0].max(ends[1]) };
    Ok(if baseline < 0.0 { lift.reversed() } else { lift })
}
