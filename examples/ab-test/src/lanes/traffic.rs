//! The lane `Traffic`: decides which variant each unit gets.

use std::sync::Arc;

use flowgen::{Effect, Fault, Result, Visit};

use crate::Experiment;
use crate::drawing::traffic as drawn;
use crate::exposure::ExposureLog;
use crate::switch::{Routing, Switch};
use crate::trial::Trial;
use crate::variant::Variant;

/// The minimum number of units that are exposed at once.
const FEWEST_AT_ONCE: usize = 50;

/// The maximum number of passes for the sample. It is well below the bound in the drawing.
const MOST_PASSES: usize = 500;

/// Sets the switch and logs exposures.
#[derive(Debug)]
pub struct Traffic<T> {
    trial: Arc<T>,
    switch: Arc<Switch>,
    log: ExposureLog,
}

impl<T> Traffic<T> {
    /// Creates the lane for the units of this trial.
    #[must_use]
    pub fn new(trial: Arc<T>, switch: Arc<Switch>, log: ExposureLog) -> Self {
        Self { trial, switch, log }
    }

    /// The log of exposures.
    #[must_use]
    pub fn log(&self) -> &ExposureLog {
        &self.log
    }

    /// The switch.
    #[must_use]
    pub fn switch(&self) -> &Switch {
        &self.switch
    }
}

impl<T: Trial> drawn::Traffic<Experiment> for Traffic<T> {
    async fn split_traffic(&self, experiment: &mut Experiment, visit: &Visit) -> Result<Effect> {
        self.trial.warm_up().await?;
        self.switch.turn(visit.run(), Routing::Split(experiment.plan()?.assignment()))?;
        Ok(Effect::Done)
    }

    async fn assign_and_expose(&self, experiment: &mut Experiment, _: &Visit) -> Result {
        let plan = experiment.plan()?;
        let at_once = plan.units().div_ceil(MOST_PASSES).max(FEWEST_AT_ONCE);
        let most = experiment.missing()?.min(at_once);
        let arrivals = self.trial.arrivals(experiment.arrived, most).await?;
        if let Some(at) = arrivals.iter().position(|unit| unit.trim().is_empty()) {
            let number = experiment.arrived + at + 1;
            return Err(Fault::new(format!("the id of unit {number}, in the order of arrival, is empty")));
        }
        let assignment = plan.assignment();
        let assign = |unit: String| {
            let variant = self.trial.assign(&unit, &assignment);
            (unit, variant)
        };
        let exposed: Vec<(String, Variant)> = arrivals.into_iter().map(assign).collect();
        let crossed = self.log.expose(&exposed, plan.digest())?;
        experiment.crossed += crossed;
        experiment.is_dry = exposed.is_empty() && most > 0;
        experiment.arrived += exposed.len();
        experiment.waiting.extend(exposed);
        Ok(())
    }

    async fn send_everybody_to_b(&self, _: &mut Experiment, visit: &Visit) -> Result {
        Ok(self.switch.turn(visit.run(), Routing::Everybody(Variant::B))?)
    }
}

impl<T: Trial> drawn::Compensation<Experiment> for Traffic<T> {
    async fn send_everybody_to_a(&self, _: &mut Experiment, visit: &Visit) -> Result {
        self.switch.stop(visit.run());
        Ok(())
    }
}
