//! Looking early, and still erring no more often than alpha.
//!
//! The design is group-sequential, two-sided and symmetric. The error that a look may spend follows
//! the O'Brien–Fleming-like function of K. K. G. Lan and D. L. `DeMets` (*Biometrika* 70, 1983), which
//! is strict early on, so that the last look is made at nearly the full alpha. The bounds come from
//! the recursive integration of P. Armitage, C. K. `McPherson` and B. C. Rowe (*JRSS A* 132, 1969), as
//! C. Jennison and B. W. Turnbull describe it (*Group Sequential Methods*, chapters 7 and 19).

use super::{Alpha, count, curve};

/// The error that may be spent, of `alpha` in all, once this fraction of the sample is there: to each
/// side, what Lan and `DeMets` allow a one-sided test with half of `alpha`.
#[must_use]
pub fn spent(alpha: Alpha, fraction: f64) -> f64 {
    if fraction <= 0.0 { 0.0 } else { 4.0 * curve::above(alpha.shared_by(2).z() / fraction.min(1.0).sqrt()) }
}

/// By look: how far from 0 the z of a test has to be. The looks are made when these fractions of
/// the sample are there, each greater than the one before.
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

/// How many times the sample of a test without early looks such a design needs for the same power.
#[must_use]
pub fn inflation(alpha: Alpha, power: f64, fractions: &[f64]) -> f64 {
    let bounds = bounds(alpha, fractions);
    let fixed = alpha.z() + curve::normal_quantile(power);
    let needed = drift_for(power, fixed, |drift| found(drift, fractions, &bounds));
    (needed / fixed).powi(2).max(1.0)
}

/// The drift with which this power is found: by secants, from one that is nearly enough.
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

/// The probability that a look finds an effect of this drift: the mean of z when all units are there.
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

/// No bound is farther out: beyond it lies less than the smallest number.
const MOST: f64 = 38.0;

/// The score `z·√fraction`, which walks with independent steps, as far as no look has stopped it:
/// its density at places that Simpson's rule then sums over, each with its weight.
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

/// A step of the walk, before it is known whether the look stops it.
struct Step<'w> {
    from: &'w Walk,
    fraction: f64,
    variance: f64,
}

impl Step<'_> {
    /// The probability to come to this look and be farther than the bound, to either side.
    fn beyond(&self, bound: f64) -> f64 {
        self.above(bound) + self.sum(|from, edge, error| curve::above((edge + from) / error), bound)
    }

    /// The probability to come to this look and be above the bound.
    fn above(&self, bound: f64) -> f64 {
        self.sum(|from, edge, error| curve::above((edge - from) / error), bound)
    }

    fn sum(&self, tail: impl Fn(f64, f64, f64) -> f64, bound: f64) -> f64 {
        let (edge, error) = (bound * self.fraction.sqrt(), self.variance.sqrt());
        let moved = self.from.drift * self.variance;
        self.from.places.iter().map(|&(from, weight)| weight * tail(from + moved, edge, error)).sum()
    }

    /// The walk as it goes on where it is within the bound.
    fn within(self, bound: f64) -> Walk {
        // What lies eight deviations out is too little to count.
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

/// An even number of parts, each about an eighth of a deviation of the step.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 2,000")]
fn parts(edge: f64, variance: f64) -> usize {
    2 * (edge / variance.sqrt() * 8.0).ceil().clamp(16.0, 1000.0) as usize
}
