//! Sample ratio: whether the variants have the planned shares of the units.

use super::{count, curve};

/// The p-value of Pearson's chi-square test, with one degree of freedom, of the hypothesis that units get B with
/// the planned share. A small value means that units are missing or were added for a reason other than chance (A.
/// Fabijan et al., *Diagnosing Sample Ratio Mismatch*, KDD 2019). Without units it is 1.
#[must_use]
pub fn p(in_a: usize, in_b: usize, share_of_b: f64) -> f64 {
    let (in_a, in_b) = (count(in_a), count(in_b));
    let units = in_a + in_b;
    if units <= 0.0 {
        return 1.0;
    }
    let (wanted_a, wanted_b) = (units * (1.0 - share_of_b), units * share_of_b);
    let square = (in_a - wanted_a).powi(2) / wanted_a + (in_b - wanted_b).powi(2) / wanted_b;
    // With one degree of freedom, chi-square is the square of a standard normal variable.
    curve::two_sided(square.sqrt())
}
