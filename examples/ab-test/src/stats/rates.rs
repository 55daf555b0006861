//! Rates: of so many units, so many did it.

use super::{Alpha, Estimate, Unclear, count, curve};

/// How many units there are, and how many of them did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    hits: usize,
    units: usize,
}

impl Rate {
    /// A rate of at least one unit, of which no more did it than there are.
    #[must_use]
    pub fn new(hits: usize, units: usize) -> Option<Self> {
        (units > 0 && hits <= units).then_some(Self { hits, units })
    }

    /// The rate of values that are 0 or 1.
    ///
    /// # Errors
    ///
    /// No value, or one that is neither.
    #[expect(clippy::float_cmp, reason = "0 and 1 are exact")]
    pub fn of(values: &[f64]) -> Result<Self, Unclear> {
        let hits = values.iter().filter(|&&value| value == 1.0).count();
        let misses = values.iter().filter(|&&value| value == 0.0).count();
        if hits + misses < values.len() {
            return Err(Unclear::NotARate);
        }
        Self::new(hits, values.len()).ok_or(Unclear::TooFew { needs: 1 })
    }

    /// The share of units that did it.
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

/// The two-sided p-value of the pooled z-test of two rates (J. L. Fleiss, B. Levin, M. C. Paik,
/// *Statistical Methods for Rates and Proportions*, 3rd ed., section 3.2), without continuity
/// correction. Meant for samples with at least some five hits and misses in each variant.
///
/// # Errors
///
/// No unit, or every unit, did it.
pub fn z_test(a: Rate, b: Rate) -> Result<f64, Unclear> {
    let pooled = count(a.hits + b.hits) / count(a.units + b.units);
    let variance = pooled * (1.0 - pooled) * (count(a.units).recip() + count(b.units).recip());
    if variance <= 0.0 {
        return Err(Unclear::NoVariance);
    }
    Ok(curve::two_sided((b.share() - a.share()) / variance.sqrt()))
}

/// The difference `b − a` with the hybrid score interval of R. G. Newcombe (*Statistics in Medicine*
/// 17, 1998, method 10): the Wilson intervals of both, combined. It stays sensible for rates near 0
/// and 1, where the textbook's interval is too short.
#[must_use]
pub fn difference(a: Rate, b: Rate, alpha: Alpha) -> Estimate {
    let (in_a, in_b) = (a.wilson(alpha), b.wilson(alpha));
    let value = in_b.value - in_a.value;
    Estimate {
        value,
        low: value - (in_b.value - in_b.low).hypot(in_a.high - in_a.value),
        high: value + (in_b.high - in_b.value).hypot(in_a.value - in_a.low),
    }
}
