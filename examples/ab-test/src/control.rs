//! The control: A against A. Whoever does not believe the machinery can let it look for what isn't
//! there, and count how often it finds it.

use crate::analysis::{Reason, Verdict};
use crate::plan::Plan;
use crate::stats::rates::Rate;
use crate::stats::{Alpha, Estimate};
use crate::trial::{Effect, Shape, Simulated};
use crate::{Experiment, flow};

/// How many experiments found what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// How many were made.
    pub experiments: usize,
    /// How many found B better.
    pub better: usize,
    /// How many found it worse.
    pub worse: usize,
}

impl Control {
    /// The share of experiments that found a difference, with Wilson's 95 % interval.
    #[must_use]
    pub fn found(&self) -> Option<Estimate> {
        let rate = Rate::new(self.better + self.worse, self.experiments)?;
        Alpha::new(0.05).map(|alpha| rate.wilson(alpha))
    }
}

/// Makes so many simulated experiments after this plan, with both variants the same.
///
/// # Errors
///
/// What a run of the flow ends with other than at one of its ends, in words.
pub async fn a_a(plan: &Plan, shape: Shape, experiments: usize, seed: u64) -> Result<Control, String> {
    simulated(plan, Effect::none(shape), experiments, seed).await
}

/// Makes so many simulated experiments after this plan, with this effect on its primary metric.
///
/// # Errors
///
/// What a run of the flow ends with other than at one of its ends, in words.
pub async fn simulated(
    plan: &Plan,
    effect: Effect,
    experiments: usize,
    seed: u64,
) -> Result<Control, String> {
    let metrics = vec![effect; plan.draft().columns().len()];
    let mut control = Control { experiments, ..Control::default() };
    for seed in (seed..).take(experiments) {
        let ended = flow(Simulated::new(seed, metrics.clone())).run(Experiment::planned(plan.clone())).await;
        if !ended.outcome.is_completed() {
            return Err(ended.outcome.to_string());
        }
        match ended.cx.verdict {
            Some(Verdict::Ship) => control.better += 1,
            Some(Verdict::Keep(Reason::Worse)) => control.worse += 1,
            _ => {}
        }
    }
    Ok(control)
}
