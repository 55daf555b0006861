//! The statistics. Distributions come from `statrs`; what it lacks is here, a file each.
//!
//! Every function says which formula it follows and whose it is. `tests/reference.py` computes the
//! same numbers with scipy and statsmodels, and `tests/reference.rs` compares.

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

/// An estimate and the interval around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// What the sample says.
    pub value: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

impl Estimate {
    /// An interval that reaches equally far to both sides.
    fn around(value: f64, reach: f64) -> Self {
        Self { value, low: value - reach, high: value + reach }
    }

    /// The interval contains this number.
    #[must_use]
    pub fn contains(self, number: f64) -> bool {
        self.low <= number && number <= self.high
    }

    /// The same with the other sign.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { value: -self.value, low: -self.high, high: -self.low }
    }
}

/// Why a sample says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// A variant has fewer values than the method needs.
    TooFew {
        /// How many it needs, in each variant.
        needs: usize,
    },
    /// The values of each variant are the same, or differ by no more than their rounding, so that chance
    /// can't be told from effect.
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
                "the values do not vary, or only by their rounding, so chance can't be told from effect",
            ),
            Self::NotFinite => f.write_str("a value is infinite or not a number"),
            Self::NotARate => f.write_str("a value of a rate is neither 0 nor 1"),
        }
    }
}

impl std::error::Error for Unclear {}

/// The values, or what is wrong with them.
fn finite(values: &[f64], needs: usize) -> Result<&[f64], Unclear> {
    if values.len() < needs {
        return Err(Unclear::TooFew { needs });
    }
    if values.iter().all(|value| value.is_finite()) { Ok(values) } else { Err(Unclear::NotFinite) }
}

/// The difference between two numbers of this size that rounding alone can explain, after a few
/// operations: two units in the last place. Numbers that vary by less do not vary.
fn rounding(magnitude: f64) -> f64 {
    2.0 * f64::EPSILON * magnitude
}

/// A count as a number to reckon with; exact up to 2^53, far beyond any sample.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn count(of: usize) -> f64 {
    of as f64
}
