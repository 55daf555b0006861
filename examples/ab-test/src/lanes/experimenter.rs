//! The lane `Experimenter`: writes the plan before the experiment, and the report after it.

use std::path::PathBuf;
use std::time::SystemTime;

use flowgen::{Fault, Result, Visit};

use crate::Experiment;
use crate::analysis::Verdict;
use crate::drawing::experimenter::{self as drawn, Verdict as Drawn};
use crate::report::Report;

/// Writes to a folder, if one is set.
#[derive(Clone, Debug)]
pub struct Experimenter {
    folder: Option<PathBuf>,
    clock: fn() -> SystemTime,
}

impl Default for Experimenter {
    fn default() -> Self {
        Self { folder: None, clock: SystemTime::now }
    }
}

impl Experimenter {
    /// An experimenter that writes `plan.toml`, `data.csv`, `report.txt` and `report.html` to this folder.
    #[must_use]
    pub fn writing_to(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()), ..Self::default() }
    }

    /// Replaces the clock, which dates the reports.
    #[must_use]
    pub fn with_clock(self, clock: fn() -> SystemTime) -> Self {
        Self { clock, ..self }
    }
}

impl drawn::Experimenter<Experiment> for Experimenter {
    async fn freeze_plan(&self, experiment: &mut Experiment, _: &Visit) -> Result {
        if experiment.plan.is_none() {
            experiment.plan = Some(experiment.draft.clone().freeze()?);
        }
        if let Some(folder) = &self.folder {
            std::fs::create_dir_all(folder)?;
            std::fs::write(folder.join("plan.toml"), experiment.plan()?.text())?;
        }
        Ok(())
    }

    async fn write_report(&self, experiment: &mut Experiment, _: &Visit) -> Result {
        let report = Report::of(experiment, (self.clock)())?;
        if let Some(folder) = &self.folder {
            report.write_to(folder)?;
        }
        experiment.report = Some(report);
        Ok(())
    }

    async fn verdict(&self, experiment: &Experiment, _: &Visit) -> Result<Drawn> {
        Ok(match experiment.verdict {
            Some(Verdict::Ship) => Drawn::Ship,
            Some(Verdict::Keep(_)) => Drawn::Keep,
            Some(Verdict::Inconclusive(_)) => Drawn::Inconclusive,
            Some(Verdict::Invalid(_)) => Drawn::Invalid,
            None => return Err(Fault::new("there is no verdict yet")),
        })
    }
}
