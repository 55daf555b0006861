//! Sample ratio: as many units in each variant as planned?

use super::{count, curve};

/// The p-value of Pearson's chi-square test, with one degree of freedom, that units fall to B with
/// the planned share. A small one means that something other than chance took units away or brought
/// them (A. Fabijan et al., *Diagnosing Sample Ratio Mismatch*, KDD 2019). Without units it is 1.
#[must_use]
pub fn p(in_a: usize, in_b: usize, share_of_b: f64) -> f64 {
    let (in_a, in_b) = (count(in_a), count(in_b));
    let units = in_a + in_b;
    if units <= 0.0 {
        return 1.0;
    }
    let (wanted_a, wanted_b) = (units * (1.0 - share_of_b), units * share_of_b);
    let square = (in_a - wanted_a).powi(2) / wanted_a + (in_b - wanted_b).powi(2) / wanted_b;
    // With one degree of freedom, chi-square is the square of a standard normal value.
    curve::two_sided(square.sqrt())
}
