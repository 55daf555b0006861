//! The normal distribution and Student's t distribution.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use statrs::function::erf;

/// The probability that the absolute value of a standard normal variable exceeds `z`.
pub(super) fn two_sided(z: f64) -> f64 {
    erf::erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// The probability that a standard normal variable exceeds `z`.
pub(super) fn above(z: f64) -> f64 {
    erf::erfc(z / std::f64::consts::SQRT_2) / 2.0
}

/// The density of the normal distribution with mean 0 and this variance.
pub(super) fn density(x: f64, variance: f64) -> f64 {
    (-x * x / (2.0 * variance)).exp() / (std::f64::consts::TAU * variance).sqrt()
}

/// The quantile of the standard normal distribution.
pub(super) fn normal_quantile(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability.clamp(0.0, 1.0))
}

/// The probability that the absolute value of a Student's t variable exceeds `t`.
pub(super) fn t_two_sided(t: f64, freedom: f64) -> f64 {
    match StudentsT::new(0.0, 1.0, freedom) {
        Ok(curve) => 2.0 * curve.sf(t.abs()),
        Err(_) => f64::NAN,
    }
}

/// The value that a Student's t variable exceeds with this probability, which is less than one half.
///
/// Found by bisection: the `inverse_cdf` of statrs 0.18 loses all digits for many degrees of freedom, while its
/// `sf` remains exact.
pub(super) fn t_exceeded(probability: f64, freedom: f64) -> f64 {
    let exceeds = |t: f64| t_two_sided(t, freedom) / 2.0 > probability;
    let mut low = 0.0;
    let mut high = 1.0;
    while exceeds(high) && high < f64::MAX / 2.0 {
        (low, high) = (high, high * 2.0);
    }
    halve(low, high, exceeds)
}

/// The point between `low` and `high` at which `holds` becomes false, to the precision of `f64`.
pub(super) fn halve(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low.midpoint(high);
        if middle <= low || middle >= high {
            return high;
        }
        if holds(middle) { low = middle } else { high = middle }
    }
}
