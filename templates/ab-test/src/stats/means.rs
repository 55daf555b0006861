//! Means: Welch's t-test.

use super::{Alpha, Estimate, Unclear, count, curve, finite};

/// What Welch's test needs to know of a variant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    units: f64,
    mean: f64,
    variance: f64,
}

impl Moments {
    /// The mean and the variance of at least two values.
    ///
    /// # Errors
    ///
    /// Fewer values, or some that are not finite.
    pub fn of(values: &[f64]) -> Result<Self, Unclear> {
        let values = finite(values, 2)?;
        let units = count(values.len());
        let mean = values.iter().sum::<f64>() / units;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let moments = Self { units, mean, variance: squares / (units - 1.0) };
        // Values near the largest number have no mean that is one.
        if moments.mean.is_finite() && moments.variance.is_finite() {
            Ok(moments)
        } else {
            Err(Unclear::NotFinite)
        }
    }

    /// The mean with Student's interval.
    #[must_use]
    pub fn mean(&self, alpha: Alpha) -> Estimate {
        let half = alpha.t(self.units - 1.0) * self.error().sqrt();
        Estimate { value: self.mean, low: self.mean - half, high: self.mean + half }
    }

    /// The square of the standard error.
    fn error(&self) -> f64 {
        self.variance / self.units
    }
}

/// Welch's test of two means, whose variances need not be equal (B. L. Welch, *Biometrika* 34, 1947),
/// with the degrees of freedom of Welch and Satterthwaite. It leans on the central limit theorem:
/// for strongly skewed values both variants should have some hundreds of units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Welch {
    difference: f64,
    error: f64,
    freedom: f64,
}

impl Welch {
    /// Compares `b` with `a`.
    ///
    /// # Errors
    ///
    /// All values in each variant are the same.
    pub fn of(a: &Moments, b: &Moments) -> Result<Self, Unclear> {
        let (in_a, in_b) = (a.error(), b.error());
        let error = in_a + in_b;
        if error <= 0.0 {
            return Err(Unclear::NoVariance);
        }
        // The shares, and not the squares of errors, which may be too small to be squared.
        let (share_a, share_b) = (in_a / error, in_b / error);
        let freedom = (share_a * share_a / (a.units - 1.0) + share_b * share_b / (b.units - 1.0)).recip();
        Ok(Self { difference: b.mean - a.mean, error: error.sqrt(), freedom })
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

    /// The difference `b − a` with its interval.
    #[must_use]
    pub fn difference(&self, alpha: Alpha) -> Estimate {
        let half = alpha.t(self.freedom) * self.error;
        let value = self.difference;
        Estimate { value, low: value - half, high: value + half }
    }
}
