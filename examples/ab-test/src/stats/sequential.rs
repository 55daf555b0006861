//! Group-sequential tests: several looks with a total error of alpha.
//!
//! The design is two-sided and symmetric. The error that a look may spend follows the O'Brien–Fleming-like
//! function of K. K. G. Lan and D. L. `DeMets` (*Biometrika* 70, 1983). It is strict early on, so that the last
//! look has nearly the full alpha. The bounds come from the recursive integration of P. Armitage, C. K.
//! `McPherson` and B. C. Rowe (*JRSS A* 132, 1969), as described by C. Jennison and B. W. Turnbull (*Group
//! Sequential Methods*, chapters 7 and 19).

use super::{Alpha, count, curve};

/// The part of `alpha` that may be used up to this fraction of the sample: on each side, the error that Lan and
/// `DeMets` allow a one-sided test with half of `alpha`.
#[must_use]
pub fn spent(alpha: Alpha, fraction: f64) -> f64 {
    if fraction <= 0.0 { 0.0 } else { 4.0 * curve::above(alpha.shared_by(2).z() / fraction.min(1.0).sqrt()) }
}

/// The bound of |z| at each look. The looks take place at these fractions of the sample, in ascending order.
#[must_use]
pub fn bounds(alpha: Alpha, fractions: &[f64]) -> Vec<f64> {
    let mut walk = Walk::start(0.0);
    let mut before = 0.0;
    let mut bounds = Vec::with_capacity(fractions.len());
    for &fraction in fractions {
        let all = spent(alpha, fraction);
        let step = walk.step_to(fraction);
        let bound = curve::halve(0.0, MOST, |bound| step.beyond(bound) > all - before);
        walk = step.within(bound);
        before = all;
        bounds.push(bound);
    }
    bounds
}

/// The sample size of this design, as a multiple of that of a test without early looks and with the same power.
#[must_use]
pub fn inflation(alpha: Alpha, power: f64, fractions: &[f64]) -> f64 {
    let bounds = bounds(alpha, fractions);
    let fixed = alpha.z() + curve::normal_quantile(power);
    let needed = drift_for(power, fixed, |drift| found(drift, fractions, &bounds));
    (needed / fixed).powi(2).max(1.0)
}

/// The drift with this power, found by the secant method from a start value close to it.
fn drift_for(power: f64, nearly: f64, found: impl Fn(f64) -> f64) -> f64 {
    let (mut before, mut drift) = ((nearly, found(nearly)), nearly * 1.02);
    for _ in 0..20 {
        let now = (drift, found(drift));
        if (now.1 - power).abs() < 1e-10 || (now.1 - before.1).abs() < f64::EPSILON {
            break;
        }
        drift += (power - now.1) * (now.0 - before.0) / (now.1 - before.1);
        before = now;
    }
    drift
}

/// The probability that a look finds an effect with this drift, which is the mean of z for the whole sample.
fn found(drift: f64, fractions: &[f64], bounds: &[f64]) -> f64 {
    let mut walk = Walk::start(drift);
    let mut found = 0.0;
    for (&fraction, &bound) in fractions.iter().zip(bounds) {
        let step = walk.step_to(fraction);
        found += step.above(bound);
        walk = step.within(bound);
    }
    found
}

/// The maximum bound. The probability beyond it is less than the smallest number.
const MOST: f64 = 38.0;

/// The score `z·√fraction` while no look has stopped it. It has independent increments. Its density is stored at
/// the nodes of Simpson's rule, each with its weight.
struct Walk {
    drift: f64,
    fraction: f64,
    places: Vec<(f64, f64)>,
}

impl Walk {
    fn start(drift: f64) -> Self {
        Self { drift, fraction: 0.0, places: vec![(0.0, 1.0)] }
    }

    fn step_to(&self, fraction: f64) -> Step<'_> {
        Step { from: self, fraction, variance: (fraction - self.fraction).max(f64::EPSILON) }
    }
}

/// An increment of the score, before the look decides whether to stop.
struct Step<'w> {
    from: &'w Walk,
    fraction: f64,
    variance: f64,
}

impl Step<'_> {
    /// The probability to reach this look and exceed the bound on either side.
    fn beyond(&self, bound: f64) -> f64 {
        self.above(bound) + self.sum(|from, edge, error| curve::above((edge + from) / error), bound)
    }

    /// The probability to reach this look and exceed the bound on the upper side.
    fn above(&self, bound: f64) -> f64 {
        self.sum(|from, edge, error| curve::above((edge - from) / error), bound)
    }

    fn sum(&self, tail: impl Fn(f64, f64, f64) -> f64, bound: f64) -> f64 {
        let (edge, error) = (bound * self.fraction.sqrt(), self.variance.sqrt());
        let moved = self.from.drift * self.variance;
        self.from.places.iter().map(|&(from, weight)| weight * tail(from + moved, edge, error)).sum()
    }

    /// The score that continues within the bound.
    fn within(self, bound: f64) -> Walk {
        // The probability beyond eight standard deviations is negligible.
        let edge = (bound * self.fraction.sqrt()).min(self.from.drift.abs() + 8.0);
        let parts = parts(edge, self.variance);
        let width = 2.0 * edge / count(parts);
        let moved = self.from.drift * self.variance;
        let places = (0..=parts).map(|part| {
            let at = -edge + width * count(part);
            let simpson = if part == 0 || part == parts { 1.0 } else { 2.0 + 2.0 * count(part % 2) };
            let density: f64 = self
                .from
                .places
                .iter()
                .map(|&(from, weight)| weight * curve::density(at - from - moved, self.variance))
                .sum();
            (at, density * simpson * width / 3.0)
        });
        Walk { drift: self.from.drift, fraction: self.fraction, places: places.collect() }
    }
}

/// The number of intervals, which is even. Each is about an eighth of the increment's standard deviation.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 2,000")]
fn parts(edge: f64, variance: f64) -> usize {
    2 * (edge / variance.sqrt() * 8.0).ceil().clamp(16.0, 1000.0) as usize
}
