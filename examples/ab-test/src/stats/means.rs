//! Means: Welch's t-test.

use super::lift::{self, NoLift};
use super::{Alpha, Estimate, Unclear, count, curve, finite, rounding};

/// The number, mean and standard deviation of the values of a variant.
///
/// The values are shifted by the first one, scaled by the largest shift, and summed with compensation (A.
/// Neumaier, *ZAMM* 54, 1974). The deviation comes from a second pass around the mean (T. F. Chan, G. H. Golub, R.
/// J. LeVeque, *The American Statistician* 37, 1983). Equal values therefore have a deviation of exactly 0, and a
/// large common offset loses no digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    pub(super) units: f64,
    /// The first value. The mean is `origin + offset`. They are stored separately, since rounding their sum can
    /// change it by more than a standard error.
    pub(super) origin: f64,
    pub(super) offset: f64,
    deviation: f64,
    /// The largest absolute value.
    pub(super) magnitude: f64,
}

impl Moments {
    /// The moments of at least two values.
    ///
    /// # Errors
    ///
    /// There are fewer values, a value is not finite, or the distance of two values exceeds the largest number.
    pub fn of(values: &[f64]) -> Result<Self, Unclear> {
        let values = finite(values, 2)?;
        let units = count(values.len());
        let origin = values.first().copied().unwrap_or_default();
        let largest = |numbers: &mut dyn Iterator<Item = f64>| numbers.map(f64::abs).fold(0.0, f64::max);
        let magnitude = largest(&mut values.iter().copied());
        let scale = largest(&mut values.iter().map(|value| value - origin));
        if !scale.is_finite() {
            return Err(Unclear::NotFinite);
        }
        let moments = Self { units, origin, offset: 0.0, deviation: 0.0, magnitude };
        if scale <= 0.0 {
            return Ok(moments);
        }
        let scaled = || values.iter().map(|value| (value - origin) / scale);
        let mean = sum(scaled()) / units;
        let squares = sum(scaled().map(|value| (value - mean).powi(2)));
        let rest = sum(scaled().map(|value| value - mean));
        let variance = (squares - rest * rest / units).max(0.0) / (units - 1.0);
        Ok(Self { offset: mean * scale, deviation: variance.sqrt() * scale, ..moments })
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.origin + self.offset
    }

    /// The standard deviation of a single value.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        self.deviation
    }

    /// The difference between the mean of `other` and this mean.
    pub(super) fn to(&self, other: &Self) -> f64 {
        (other.origin - self.origin) + (other.offset - self.offset)
    }

    /// The standard error of the mean for this standard deviation of the values.
    pub(super) fn error_of(&self, deviation: f64) -> f64 {
        deviation / self.units.sqrt()
    }

    fn arm(&self) -> Arm {
        Arm { mean: self.mean(), error: self.error_of(self.deviation), freedom: self.units - 1.0 }
    }
}

/// The sum with A. Neumaier's compensation.
pub(super) fn sum(numbers: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for number in numbers {
        let next = sum + number;
        lost += if sum.abs() >= number.abs() { (sum - next) + number } else { (number - next) + sum };
        sum = next;
    }
    sum + lost
}

/// The mean of a variant with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arm {
    pub(super) mean: f64,
    pub(super) error: f64,
    pub(super) freedom: f64,
}

impl Arm {
    /// The mean with Student's interval.
    #[must_use]
    pub fn mean(&self, alpha: Alpha) -> Estimate {
        Estimate::around(self.mean, alpha.t(self.freedom) * self.error)
    }
}

/// Welch's test of two means, whose variances may differ (B. L. Welch, *Biometrika* 34, 1947), with the degrees of
/// freedom of Welch and Satterthwaite. It relies on the central limit theorem: for strongly skewed values, each
/// variant should have some hundreds of units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Welch {
    a: Arm,
    b: Arm,
    difference: f64,
    error: f64,
    freedom: f64,
}

impl Welch {
    /// Compares `b` with `a`.
    ///
    /// # Errors
    ///
    /// [`Unclear::NoVariance`] if the values of each variant are equal up to rounding.
    pub fn of(a: &Moments, b: &Moments) -> Result<Self, Unclear> {
        let rounding = rounding(a.magnitude.max(b.magnitude));
        Self::from_arms(a.arm(), b.arm(), a.to(b), a.error_of(rounding).hypot(b.error_of(rounding)))
    }

    /// The test of a difference whose variance is the sum of the contributions of both arms. A standard error up
    /// to `rounding_error` counts as none.
    pub(super) fn from_arms(a: Arm, b: Arm, difference: f64, rounding_error: f64) -> Result<Self, Unclear> {
        let error = a.error.hypot(b.error);
        if !error.is_finite() || !difference.is_finite() {
            return Err(Unclear::NotFinite);
        }
        if error <= rounding_error {
            return Err(Unclear::NoVariance);
        }
        // Divides by the total first, since the squares of small errors can underflow.
        let (share_a, share_b) = ((a.error / error).powi(2), (b.error / error).powi(2));
        let freedom = (share_a * share_a / a.freedom + share_b * share_b / b.freedom).recip();
        Ok(Self { a, b, difference, error, freedom })
    }

    /// Variant A.
    #[must_use]
    pub fn a(&self) -> Arm {
        self.a
    }

    /// Variant B.
    #[must_use]
    pub fn b(&self) -> Arm {
        self.b
    }

    /// The two-sided p-value.
    #[must_use]
    pub fn p(&self) -> f64 {
        curve::t_two_sided(self.difference / self.error, self.freedom)
    }

    /// The degrees of freedom.
    #[must_use]
    pub fn freedom(&self) -> f64 {
        self.freedom
    }

    /// The standard error of the difference.
    #[must_use]
    pub fn error(&self) -> f64 {
        self.error
    }

    /// The difference `b − a` with its interval.
    #[must_use]
    pub fn difference(&self, alpha: Alpha) -> Estimate {
        Estimate::around(self.difference, alpha.t(self.freedom) * self.error)
    }

    /// The difference relative to the absolute mean of A, with Fieller's interval. It contains 0 exactly if the
    /// interval of the difference does.
    ///
    /// # Errors
    ///
    /// The mean of A does not differ significantly from 0.
    pub fn lift(&self, alpha: Alpha) -> Result<Estimate, NoLift> {
        let t = alpha.t(self.freedom);
        lift::fieller(self.a.mean, self.difference, t * self.a.error, t * self.error)
    }
}
