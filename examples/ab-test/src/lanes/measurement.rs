//! The lane `Measurement`: measures the units.

use std::sync::Arc;

use flowgen::{Result, Visit};

use crate::Experiment;
use crate::analysis::Unit;
use crate::drawing::measurement::{self as drawn, LookDue};
use crate::trial::Trial;

/// Measures units one by one, in the order of arrival.
#[derive(Debug)]
pub struct Measurement<T> {
    trial: Arc<T>,
}

impl<T> Measurement<T> {
    /// Creates the lane for this trial.
    #[must_use]
    pub fn new(trial: Arc<T>) -> Self {
        Self { trial }
    }
}

impl<T: Trial> drawn::Measurement<Experiment> for Measurement<T> {
    async fn collect_outcomes(&self, experiment: &mut Experiment, _: &Visit) -> Result {
        while let Some((unit, variant)) = experiment.waiting.front() {
            let measured = self.trial.measure(unit, *variant).await?;
            let Some((id, variant)) = experiment.waiting.pop_front() else { break };
            if let Some(values) = measured {
                experiment.sample.push(Unit { id, variant, values });
            }
        }
        Ok(())
    }

    async fn look_due(&self, experiment: &Experiment, _: &Visit) -> Result<LookDue> {
        let is_due = experiment.is_dry || experiment.missing()? == 0;
        Ok(if is_due { LookDue::Due } else { LookDue::NotYet })
    }
}
