//! The sample size of a draft.

use super::{Better, Draft, Expected, PlanError};
use crate::stats::{Alpha, sequential, size};

/// The maximum sample size that is accepted.
const MOST: f64 = 1e9;

/// The number of units of both variants together.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 1 and a thousand million"
)]
pub(super) fn units(draft: &Draft, alpha: Alpha) -> Result<usize, PlanError> {
    let ratio = draft.share_of_b / (1.0 - draft.share_of_b);
    let in_a = in_a(draft, alpha, ratio) * sequential::inflation(alpha, draft.power, &fractions(draft.looks));
    // Each variant needs its full number, so both are rounded up.
    let units = in_a.ceil() + (in_a * ratio).ceil();
    if units <= MOST { Ok(units as usize) } else { Err(PlanError::EffectTooSmall { units }) }
}

/// The fractions of the sample at which the results are looked at.
fn fractions(looks: u16) -> Vec<f64> {
    (1..=looks).map(|look| f64::from(look) / f64::from(looks)).collect()
}

fn in_a(draft: &Draft, alpha: Alpha, ratio: f64) -> f64 {
    let effect = match draft.primary.better {
        Better::Higher => draft.primary.effect,
        Better::Lower => -draft.primary.effect,
    };
    match draft.primary.expected {
        Expected::Rate { baseline } => size::rates(baseline, effect, alpha, draft.power, ratio),
        Expected::Mean { deviation } => size::means(deviation, effect, alpha, draft.power, ratio),
        Expected::Order => size::order(effect, alpha, draft.power, ratio),
    }
}
