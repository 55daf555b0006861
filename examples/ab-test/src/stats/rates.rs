//! Rates: the share of units with an event.

use super::lift::NoLift;
use super::{Alpha, Estimate, Unclear, count, curve};

/// The number of units, and the number of those with the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    hits: usize,
    units: usize,
}

impl Rate {
    /// A rate. `None` unless there is at least one unit, and at most as many events as units.
    #[must_use]
    pub fn new(hits: usize, units: usize) -> Option<Self> {
        (units > 0 && hits <= units).then_some(Self { hits, units })
    }

    /// The rate of values that are 0 or 1.
    ///
    /// # Errors
    ///
    /// There is no value, or a value is neither 0 nor 1.
    #[expect(clippy::float_cmp, reason = "0 and 1 are exact")]
    pub fn of(values: &[f64]) -> Result<Self, Unclear> {
        let hits = values.iter().filter(|&&value| value == 1.0).count();
        let misses = values.iter().filter(|&&value| value == 0.0).count();
        if hits + misses < values.len() {
            return Err(Unclear::NotARate);
        }
        Self::new(hits, values.len()).ok_or(Unclear::TooFew { needs: 1 })
    }

    /// The share of units with the event.
    #[must_use]
    pub fn share(self) -> f64 {
        count(self.hits) / count(self.units)
    }

    /// The score interval of E. B. Wilson (JASA 22, 1927), without continuity correction.
    #[must_use]
    pub fn wilson(self, alpha: Alpha) -> Estimate {
        let (units, share, z) = (count(self.units), self.share(), alpha.z());
        let shrunk = 1.0 + z * z / units;
        let middle = (share + z * z / (2.0 * units)) / shrunk;
        let half = z / shrunk * (share * (1.0 - share) / units + z * z / (4.0 * units * units)).sqrt();
        Estimate { value: share, low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
    }
}

/// The two-sided p-value of the pooled z-test of two rates (J. L. Fleiss, B. Levin, M. C. Paik, *Statistical
/// Methods for Rates and Proportions*, 3rd ed., section 3.2), without continuity correction. Meant for samples
/// with at least about five units with and five without the event in each variant.
///
/// # Errors
///
/// No unit has the event, or all of them have it.
pub fn z_test(a: Rate, b: Rate) -> Result<f64, Unclear> {
    let pooled = count(a.hits + b.hits) / count(a.units + b.units);
    let variance = pooled * (1.0 - pooled) * (count(a.units).recip() + count(b.units).recip());
    if variance <= 0.0 {
        return Err(Unclear::NoVariance);
    }
    Ok(curve::two_sided((b.share() - a.share()) / variance.sqrt()))
}

/// The difference `b − a` with the score interval of P. W. Mee (*Biometrics* 40, 1984). It consists of every
/// difference at which a z-test does not reject whose variance comes from the most likely rates under that
/// difference. At 0, that is [`z_test`], so the interval contains 0 exactly if that test does not reject.
#[must_use]
pub fn difference(a: Rate, b: Rate, alpha: Alpha) -> Estimate {
    let value = b.share() - a.share();
    let is_rejected = |difference: f64| {
        let in_a = likely_under_difference(a, b, difference);
        let in_b = in_a + difference;
        let variance = in_a * (1.0 - in_a) / count(a.units) + in_b * (1.0 - in_b) / count(b.units);
        (value - difference).abs() > alpha.z() * variance.max(0.0).sqrt()
    };
    interval(value, [-1.0, 1.0], is_rejected)
}

/// The lift `b / a − 1` with the score interval of P. A. R. Koopman (*Biometrics* 40, 1984), the counterpart of
/// [`difference`] for ratios. It contains 0 exactly if [`z_test`] does not reject.
///
/// # Errors
///
/// No unit of A has the event.
pub fn lift(a: Rate, b: Rate, alpha: Alpha) -> Result<Estimate, NoLift> {
    if a.hits == 0 {
        return Err(NoLift::BaselineNearZero);
    }
    let value = b.share() / a.share();
    let is_rejected = |ratio: f64| {
        let in_a = likely_under_ratio(a, b, ratio);
        let in_b = (ratio * in_a).min(1.0);
        let of_a = ratio * ratio * in_a * (1.0 - in_a) / count(a.units);
        let variance = of_a + in_b * (1.0 - in_b) / count(b.units);
        (b.share() - ratio * a.share()).abs() > alpha.z() * variance.max(0.0).sqrt()
    };
    let mut most = value.max(1.0) * 2.0;
    while !is_rejected(most) && most < f64::MAX / 2.0 {
        most *= 2.0;
    }
    let ratio = interval(value, [0.0, most], is_rejected);
    Ok(Estimate { value: ratio.value - 1.0, low: ratio.low - 1.0, high: ratio.high - 1.0 })
}

/// The interval around an estimate that is not rejected. Its ends lie between bounds that are rejected, unless the
/// estimate is one of the bounds.
fn interval(value: f64, [least, most]: [f64; 2], is_rejected: impl Fn(f64) -> bool) -> Estimate {
    let low = if value > least { curve::halve(least, value, &is_rejected) } else { least };
    let high = if value < most { curve::halve(value, most, |at| !is_rejected(at)) } else { most };
    Estimate { value, low, high }
}

/// The most likely rate of A if that of B is higher by this difference: the root of a cubic equation (O. S.
/// Miettinen, M. Nurminen, *Statistics in Medicine* 4, 1985, appendix 1).
fn likely_under_difference(a: Rate, b: Rate, difference: f64) -> f64 {
    let (units_a, units_b, hits_a) = (count(a.units), count(b.units), count(a.hits));
    let (units, hits) = (units_a + units_b, hits_a + count(b.hits));
    let square = ((units_b + 2.0 * units_a) * difference - units - hits) / (3.0 * units);
    let linear = ((units_a * difference - units - 2.0 * hits_a) * difference + hits) / (3.0 * units);
    let constant = hits_a * difference * (1.0 - difference) / units;
    let q = square.powi(3) - 1.5 * square * linear + constant / 2.0;
    let p = (square * square - linear).max(0.0).sqrt().copysign(q);
    let cosine = if p == 0.0 { 0.0 } else { (q / p.powi(3)).clamp(-1.0, 1.0) };
    let angle = (std::f64::consts::PI + cosine.acos()) / 3.0;
    (2.0 * p * angle.cos() - square).clamp((-difference).max(0.0), (1.0 - difference).min(1.0))
}

/// The most likely rate of A if that of B is this multiple of it: the smaller root of a quadratic equation.
fn likely_under_ratio(a: Rate, b: Rate, ratio: f64) -> f64 {
    let (units_a, units_b) = (count(a.units), count(b.units));
    let hits = count(a.hits + b.hits);
    let linear = units_a + count(b.hits) + ratio * (units_b + count(a.hits));
    let root = (linear * linear - 4.0 * ratio * (units_a + units_b) * hits).max(0.0).sqrt();
    (2.0 * hits / (linear + root)).clamp(0.0, 1.0)
}
