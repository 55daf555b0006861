//! The statistics. Distributions come from `statrs`. The methods that it lacks are here, one file each.
//!
//! Every function names its formula and source. `tests/reference.py` computes the same numbers with scipy and
//! statsmodels, and `tests/reference.rs` compares them.

pub mod cuped;
pub mod holm;
pub mod lift;
pub mod means;
pub mod ranks;
pub mod rates;
pub mod ratio;
pub mod sequential;
pub mod shift;
pub mod size;

mod alpha;
mod curve;

pub use alpha::Alpha;

use std::fmt;

/// An estimate with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

impl Estimate {
    /// An interval that is symmetric around the value.
    fn around(value: f64, reach: f64) -> Self {
        Self { value, low: value - reach, high: value + reach }
    }

    /// Whether the interval contains this number.
    #[must_use]
    pub fn contains(self, number: f64) -> bool {
        self.low <= number && number <= self.high
    }

    /// The estimate with the opposite sign.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { value: -self.value, low: -self.high, high: -self.low }
    }
}

/// Why a sample can't be analyzed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// A variant has fewer values than the method needs.
    TooFew {
        /// The minimum number of values in each variant.
        needs: usize,
    },
    /// The values of each variant are equal up to rounding, so an effect can't be distinguished from chance.
    NoVariance,
    /// A value is infinite or not a number.
    NotFinite,
    /// A value of a rate is neither 0 nor 1.
    NotARate,
}

impl fmt::Display for Unclear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFew { needs: 1 } => f.write_str("a variant has no value"),
            Self::TooFew { needs } => write!(f, "a variant has fewer than {needs} values"),
            Self::NoVariance => f.write_str(
                "the values do not vary, or only by their rounding, so chance cannot be distinguished from effect",
            ),
            Self::NotFinite => f.write_str("a value is infinite or not a number"),
            Self::NotARate => f.write_str("a value of a rate is neither 0 nor 1"),
        }
    }
}

impl std::error::Error for Unclear {}

/// The values, or why they can't be analyzed.
fn finite(values: &[f64], needs: usize) -> Result<&[f64], Unclear> {
    if values.len() < needs {
        return Err(Unclear::TooFew { needs });
    }
    if values.iter().all(|value| value.is_finite()) { Ok(values) } else { Err(Unclear::NotFinite) }
}

/// The difference between two numbers of this magnitude that rounding alone can cause in a few operations: two
/// units in the last place. A smaller variation counts as none.
fn rounding(magnitude: f64) -> f64 {
    2.0 * f64::EPSILON * magnitude
}

/// A count as `f64`. It is exact up to 2^53, far above any sample size.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn count(of: usize) -> f64 {
    of as f64
}
