//! The A/A control: simulates experiments in which both variants are the same, and counts how often a difference
//! is found.

use crate::analysis::{Reason, Verdict};
use crate::plan::Plan;
use crate::stats::rates::Rate;
use crate::stats::{Alpha, Estimate};
use crate::trial::{Effect, Shape, Simulated};
use crate::{Experiment, flow};

/// The results of simulated experiments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// The number of experiments.
    pub experiments: usize,
    /// The number of experiments that found B better.
    pub better: usize,
    /// The number of experiments that found B worse.
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

/// Simulates this number of experiments with this plan, in which both variants are the same.
///
/// # Errors
///
/// A run of the flow does not reach an end of the drawing. The text is its outcome.
pub async fn a_a(plan: &Plan, shape: Shape, experiments: usize, seed: u64) -> Result<Control, String> {
    simulated(plan, Effect::none(shape), experiments, seed).await
}

/// Simulates this number of experiments with this plan and this effect on its primary metric.
///
/// # Errors
///
/// A run of the flow does not reach an end of the drawing. The text is its outcome.
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
