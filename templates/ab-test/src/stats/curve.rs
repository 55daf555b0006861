//! The curves: normal and Student's t.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use statrs::function::erf;

/// The probability that a standard normal value is farther from 0 than `z`.
pub(super) fn two_sided(z: f64) -> f64 {
    erf::erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// The probability that a standard normal value is above `z`.
pub(super) fn above(z: f64) -> f64 {
    erf::erfc(z / std::f64::consts::SQRT_2) / 2.0
}

/// The density of the normal distribution with this variance.
pub(super) fn density(x: f64, variance: f64) -> f64 {
    (-x * x / (2.0 * variance)).exp() / (std::f64::consts::TAU * variance).sqrt()
}

/// The value below which a standard normal one is with this probability.
pub(super) fn normal_quantile(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability.clamp(0.0, 1.0))
}

/// The probability that a value of Student's t is farther from 0 than `t`.
pub(super) fn t_two_sided(t: f64, freedom: f64) -> f64 {
    match StudentsT::new(0.0, 1.0, freedom) {
        Ok(curve) => 2.0 * curve.sf(t.abs()),
        Err(_) => f64::NAN,
    }
}

/// The value that Student's t exceeds with this probability, below one half.
///
/// Found by halving: the `inverse_cdf` of statrs 0.18 loses all digits where the degrees of freedom
/// are many, while its `sf` stays right.
pub(super) fn t_exceeded(probability: f64, freedom: f64) -> f64 {
    let exceeds = |t: f64| t_two_sided(t, freedom) / 2.0 > probability;
    let mut low = 0.0;
    let mut high = 1.0;
    while exceeds(high) && high < f64::MAX / 2.0 {
        (low, high) = (high, high * 2.0);
    }
    halve(low, high, exceeds)
}

/// The place between two where what holds at the lower one stops to hold, as close as `f64` can say.
pub(super) fn halve(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low.midpoint(high);
        if middle <= low || middle >= high {
            return high;
        }
        if holds(middle) { low = middle } else { high = middle }
    }
}
