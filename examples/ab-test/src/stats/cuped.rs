//! CUPED: a difference of means, adjusted by a covariate from before the experiment.

use super::means::{Arm, Moments, Welch, sum};
use super::{Unclear, count, finite, rounding};

/// The comparison of two means, adjusted by a covariate (A. Deng, Y. Xu, R. Kohavi, T. Walker,
/// *Improving the Sensitivity of Online Controlled Experiments by Utilizing Pre-Experiment Data*, WSDM
/// 2013).
///
/// Each value `y` with covariate `x` is replaced by `y − θ (x − mean of x)`. θ is the slope within the variants,
/// common to both, so that the estimate is the coefficient of an analysis of covariance. Its standard error is HC2
/// (J. G. `MacKinnon`, H. White, *Journal of Econometrics* 29, 1985), which allows unequal variances and accounts
/// for the estimation of θ. Without a covariate, HC2 is Welch's standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cuped {
    test: Welch,
    slope: f64,
    reduction: f64,
}

/// The values and covariates of a variant, centered at their means.
struct Centered {
    y: Moments,
    x: Moments,
    pairs: Vec<(f64, f64)>,
}

impl Centered {
    fn of(values: &[f64], covariates: &[f64]) -> Result<Self, Unclear> {
        let (values, covariates) = (finite(values, 3)?, finite(covariates, 3)?);
        if values.len() != covariates.len() {
            return Err(Unclear::TooFew { needs: values.len().max(covariates.len()) });
        }
        let (y, x) = (Moments::of(values)?, Moments::of(covariates)?);
        let center = |value: f64, of: &Moments| (value - of.origin) - of.offset;
        let pairs = values.iter().zip(covariates).map(|(&value, &by)| (center(by, &x), center(value, &y)));
        let pairs = pairs.collect();
        Ok(Self { y, x, pairs })
    }

    fn sum(&self, of: impl Fn(f64, f64) -> f64) -> f64 {
        sum(self.pairs.iter().map(|&(x, y)| of(x, y)))
    }

    /// The contribution of this variant to the standard error. A unit with centered covariate `x` has the weight
    /// `1/n + tilt · x` in the estimate, and the leverage `1/n + x² / squares`.
    fn error(&self, slope: f64, tilt: f64, squares: f64) -> f64 {
        let share = count(self.pairs.len()).recip();
        let variance = self.sum(|x, y| {
            let leverage = share + if squares > 0.0 { x * x / squares } else { 0.0 };
            let residual = (share + tilt * x) * (y - slope * x);
            // With a leverage of 1, there is no residual.
            residual * residual / (1.0 - leverage).max(f64::EPSILON)
        });
        variance.sqrt()
    }
}

impl Cuped {
    /// Compares `b` with `a`. Each is a list of values and the list of their covariates.
    ///
    /// # Errors
    ///
    /// A variant has fewer than three values, the numbers of values and covariates differ, a number is not finite,
    /// or [`Unclear::NoVariance`] if the adjusted values are equal up to rounding.
    pub fn of(a: [&[f64]; 2], b: [&[f64]; 2]) -> Result<Self, Unclear> {
        let (a, b) = (Centered::of(a[0], a[1])?, Centered::of(b[0], b[1])?);
        let squares = a.sum(|x, _| x * x) + b.sum(|x, _| x * x);
        // A covariate that varies only by rounding explains nothing.
        let noise = rounding(a.x.magnitude.max(b.x.magnitude));
        let is_constant = squares <= noise * noise * (a.x.units + b.x.units);
        let slope = if is_constant { 0.0 } else { (a.sum(|x, y| x * y) + b.sum(|x, y| x * y)) / squares };
        let apart = a.x.to(&b.x);
        let tilt = if is_constant { 0.0 } else { apart / squares };
        if !(squares.is_finite() && slope.is_finite()) {
            return Err(Unclear::NotFinite);
        }
        // The covariate is centered at its mean over both variants.
        let share_of_b = b.x.units / (a.x.units + b.x.units);
        let shift_a = slope * apart * share_of_b;
        let shift_b = -slope * apart * (1.0 - share_of_b);
        let arm = |of: &Centered, shift: f64, tilt: f64| Arm {
            mean: of.y.mean() + shift,
            error: of.error(slope, tilt, squares),
            freedom: of.y.units - 2.0,
        };
        let (arm_a, arm_b) = (arm(&a, shift_a, tilt), arm(&b, shift_b, -tilt));
        let magnitude =
            a.y.magnitude.max(b.y.magnitude).max((slope * a.x.magnitude.max(b.x.magnitude)).abs());
        let noise = rounding(magnitude);
        let rounding_error = a.y.error_of(noise).hypot(b.y.error_of(noise));
        let test = Welch::from_arms(arm_a, arm_b, a.y.to(&b.y) - slope * apart, rounding_error)?;
        let before = a.sum(|_, y| y * y) + b.sum(|_, y| y * y);
        let after = before - slope * slope * squares;
        Ok(Self { test, slope, reduction: (1.0 - after / before).clamp(0.0, 1.0) })
    }

    /// The test of the adjusted means.
    #[must_use]
    pub fn test(&self) -> Welch {
        self.test
    }

    /// The slope θ.
    #[must_use]
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// The share of the variance that the covariate explains: the square of the correlation within
    /// the variants.
    #[must_use]
    pub fn reduction(&self) -> f64 {
        self.reduction
    }
}
