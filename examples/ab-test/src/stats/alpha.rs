//! A level of significance.

use super::curve;

/// The probability that a test finds an effect although there is none. Greater than 0 and less than 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Alpha(f64);

impl Alpha {
    /// A level. `None` unless it is between 0 and 1.
    #[must_use]
    pub fn new(level: f64) -> Option<Self> {
        (level > 0.0 && level < 1.0).then_some(Self(level))
    }

    /// The level of a two-sided test that rejects if the statistic is beyond `z`.
    #[must_use]
    pub fn beyond(z: f64) -> Self {
        Self(curve::two_sided(z).clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON))
    }

    /// The level as a number.
    #[must_use]
    pub fn level(self) -> f64 {
        self.0
    }

    /// The value that the absolute value of a standard normal variable exceeds with this probability.
    #[must_use]
    pub fn z(self) -> f64 {
        -curve::normal_quantile(self.0 / 2.0)
    }

    /// The value that the absolute value of a Student's t variable exceeds with this probability.
    #[must_use]
    pub fn t(self, freedom: f64) -> f64 {
        curve::t_exceeded(self.0 / 2.0, freedom)
    }

    /// The level for each of several tests, so that the probability of any error is at most this level
    /// (Bonferroni).
    #[must_use]
    pub fn shared_by(self, tests: usize) -> Self {
        Self(self.0 / super::count(tests.max(1)))
    }

    /// The level of a two-sided test that has this level on one side.
    #[must_use]
    pub fn one_sided(self) -> Self {
        Self((2.0 * self.0).min(1.0 - f64::EPSILON))
    }
}
