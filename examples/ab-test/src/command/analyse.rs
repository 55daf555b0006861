//! The command `analyse`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{Failure, compare::conduct};
use crate::plan::{Digest, Plan};
use crate::trial::Recorded;
use crate::{Experiment, Source};

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  analyse data.csv --plan checkout.toml --report checkout/\n\n\
    The data is CSV with the columns `unit`, `variant` (A or B) and one for each metric and covariate of\n\
    the plan, a line for each unit, in the order in which they came: early looks are made where the plan has\n\
    them. Units beyond the planned sample are not analyzed, and the report says how many there are.")]
pub(super) struct Analyse {
    /// The measured units, in CSV
    data: PathBuf,
    /// The frozen plan
    #[arg(long)]
    plan: PathBuf,
    /// Also write the report and the data to this folder
    #[arg(long)]
    report: Option<PathBuf>,
}

impl Analyse {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let text = fs::read_to_string(&self.plan).map_err(Failure::file(&self.plan))?;
        let plan = Plan::read(&text).map_err(Failure::plan(&self.plan))?;
        let data = fs::read(&self.data).map_err(Failure::file(&self.data))?;
        let recorded = Recorded::read(data.as_slice(), plan.draft()).map_err(Failure::data(&self.data))?;
        let file = self.data.display().to_string();
        let source = Some(Source { file, digest: Digest::of(&data), units: recorded.units() });
        let experiment = Experiment { source, crossed: recorded.crossed(), ..Experiment::planned(plan) };
        conduct(recorded, experiment, self.report.as_deref()).await
    }
}
