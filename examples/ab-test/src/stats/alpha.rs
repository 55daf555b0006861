//! A level of significance.

use super::curve;

/// How often a test may find an effect that isn't there: between 0 and 1, neither included.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Alpha(f64);

impl Alpha {
    /// A level, if it lies between 0 and 1.
    #[must_use]
    pub fn new(level: f64) -> Option<Self> {
        (level > 0.0 && level < 1.0).then_some(Self(level))
    }

    /// The level at which a test whose statistic has to be beyond `z`, to either side, is made.
    #[must_use]
    pub fn beyond(z: f64) -> Self {
        Self(curve::two_sided(z).clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON))
    }

    /// The level as a number.
    #[must_use]
    pub fn level(self) -> f64 {
        self.0
    }

    /// What a standard normal value exceeds with this probability, to either side together.
    #[must_use]
    pub fn z(self) -> f64 {
        -curve::normal_quantile(self.0 / 2.0)
    }

    /// What a value of Student's t exceeds with this probability, to either side together.
    #[must_use]
    pub fn t(self, freedom: f64) -> f64 {
        curve::t_exceeded(self.0 / 2.0, freedom)
    }

    /// The level of each of so many tests, so that one of them errs no more often than this
    /// (Bonferroni).
    #[must_use]
    pub fn shared_by(self, tests: usize) -> Self {
        Self(self.0 / super::count(tests.max(1)))
    }

    /// The two-sided level whose one side has this level.
    #[must_use]
    pub fn one_sided(self) -> Self {
        Self((2.0 * self.0).min(1.0 - f64::EPSILON))
    }
}
