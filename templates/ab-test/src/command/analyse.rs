//! `analyse`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{Failure, compare::conduct};
use crate::Experiment;
use crate::plan::Plan;
use crate::trial::Recorded;

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  analyse data.csv --plan checkout.toml --report checkout/\n\n\
    The data is CSV with the columns `unit`, `variant` (A or B) and one for each metric of the plan, a line\n\
    for each unit, in the order in which they came: early looks are made where the plan has them.")]
pub(super) struct Analyse {
    /// The measured units, in CSV
    data: PathBuf,
    /// The frozen plan
    #[arg(long)]
    plan: PathBuf,
    /// Write the report and the data into this folder, too
    #[arg(long)]
    report: Option<PathBuf>,
}

impl Analyse {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let text = fs::read_to_string(&self.plan).map_err(Failure::file(&self.plan))?;
        let plan = Plan::read(&text).map_err(Failure::plan(&self.plan))?;
        let data = fs::File::open(&self.data).map_err(Failure::file(&self.data))?;
        let recorded = Recorded::read(data, &plan.draft().metrics()).map_err(Failure::data(&self.data))?;
        let experiment = Experiment { crossed: recorded.crossed(), ..Experiment::planned(plan) };
        conduct(recorded, experiment, self.report.as_deref()).await
    }
}
