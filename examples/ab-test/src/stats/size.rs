//! Sample sizes.
//!
//! All three functions use the normal approximation. They return the number of units in A, before rounding, with
//! which a two-sided test at `alpha` finds `effect` with probability `power`. `ratio` is the number of units in B
//! per unit in A.

use super::{Alpha, curve};

/// Two rates, `baseline` in A and `baseline + effect` in B (J. L. Fleiss, B. Levin, M. C. Paik, *Statistical
/// Methods for Rates and Proportions*, 3rd ed., formula 4.14, without continuity correction, as in the test).
#[must_use]
pub fn rates(baseline: f64, effect: f64, alpha: Alpha, power: f64, ratio: f64) -> f64 {
    let (a, b) = (baseline, baseline + effect);
    let pooled = (a + b * ratio) / (1.0 + ratio);
    let if_equal = pooled * (1.0 - pooled) * (1.0 + ratio.recip());
    let if_not = a * (1.0 - a) + b * (1.0 - b) / ratio;
    let reach = alpha.z() * if_equal.sqrt() + z(power) * if_not.sqrt();
    (reach / effect).powi(2)
}

/// Two means of values with this standard deviation in both variants.
#[must_use]
pub fn means(deviation: f64, effect: f64, alpha: Alpha, power: f64, ratio: f64) -> f64 {
    (1.0 + ratio.recip()) * (deviation * (alpha.z() + z(power)) / effect).powi(2)
}

/// The Mann–Whitney test, if B has the higher value in a share of `0.5 + effect` of all pairs (G. E. Noether,
/// *JASA* 82, 1987). It makes no assumption about the distribution.
#[must_use]
pub fn order(effect: f64, alpha: Alpha, power: f64, ratio: f64) -> f64 {
    let share_of_a = 1.0 / (1.0 + ratio);
    let units = ((alpha.z() + z(power)) / effect).powi(2) / (12.0 * share_of_a * (1.0 - share_of_a));
    units * share_of_a
}

fn z(power: f64) -> f64 {
    curve::normal_quantile(power)
}
