//! The commands `http` and `commands`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::{Failure, exit_code};
use crate::exposure::ExposureLog;
use crate::lanes::Experimenter;
use crate::plan::Draft;
use crate::trial::{self, Trial, timed};
use crate::{Experiment, flow_with};

#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  http http://localhost:8001/search http://localhost:8002/search --report search/"
)]
pub(super) struct Http {
    /// The current endpoint
    a: String,
    /// The candidate endpoint
    b: String,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  commands 'gzip -k -c big.txt' 'zstd -c big.txt' --warm-up 5\n\n\
    Commands are run without a shell; where you need one: \"sh -c '…'\".")]
pub(super) struct Commands {
    /// The current command
    a: String,
    /// The candidate command
    b: String,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args, Debug)]
struct Settings {
    /// The smallest effect that matters: the share of pairs in which B is faster, minus one half
    #[arg(long, default_value_t = 0.06, value_name = "SHARE")]
    effect: f64,
    /// The probability of finding a difference although there is none
    #[arg(long, default_value_t = 0.05)]
    alpha: f64,
    /// The probability of finding a difference that matters
    #[arg(long, default_value_t = 0.9)]
    power: f64,
    /// The number of looks at the results. An early look stops the experiment if the results are clear
    #[arg(long, default_value_t = 1)]
    looks: u16,
    /// The seed of the order of A and B
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Runs of each variant before anything is measured (at least one)
    #[arg(long, default_value_t = 20, value_name = "RUNS")]
    warm_up: usize,
    /// The timeout of a run, in seconds. A run that exceeds it counts as failed
    #[arg(long, default_value_t = 10.0, value_name = "SECONDS")]
    timeout: f64,
    /// The maximum number of runs, whatever the plan says
    #[arg(long, default_value_t = 20_000, value_name = "RUNS")]
    most: usize,
    /// Also write the plan, the report and the data to this folder
    #[arg(long)]
    report: Option<PathBuf>,
}

impl Settings {
    fn timeout(&self) -> Result<Duration, Failure> {
        let timeout = Duration::try_from_secs_f64(self.timeout).ok().filter(|timeout| !timeout.is_zero());
        timeout
            .ok_or_else(|| Failure::Argument(format!("--timeout has to be above 0, and is {}", self.timeout)))
    }

    /// The plan. It is refused before the first run if it needs more runs than allowed.
    fn plan(&self, name: &str) -> Result<Experiment, Failure> {
        let draft = timed(name, &format!("order-{}", self.seed));
        let mut draft = Draft { alpha: self.alpha, power: self.power, looks: self.looks, ..draft };
        draft.primary.effect = self.effect;
        let plan = draft.freeze()?;
        let (units, most) = (plan.units(), self.most);
        if units > most {
            return Err(Failure::Argument(format!(
                "the plan takes {units} runs, and --most allows {most}: look for a greater --effect, or allow more"
            )));
        }
        Ok(Experiment::planned(plan))
    }
}

impl Http {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let Self { a, b, settings } = self;
        let trial = trial::Http::new(&a, &b, settings.warm_up, settings.timeout()?);
        conduct(trial, settings.plan(&format!("{a} (A) and {b} (B)"))?, settings.report.as_deref()).await
    }
}

impl Commands {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let Self { a, b, settings } = self;
        let trial =
            trial::Commands::new(&a, &b, settings.warm_up, settings.timeout()?).map_err(Failure::Argument)?;
        conduct(trial, settings.plan(&format!("`{a}` (A) and `{b}` (B)"))?, settings.report.as_deref()).await
    }
}

/// Runs an experiment and prints its report.
pub(super) async fn conduct<T: Trial>(
    trial: T,
    experiment: Experiment,
    folder: Option<&Path>,
) -> Result<ExitCode, Failure> {
    let experimenter = folder.map_or_else(Experimenter::default, Experimenter::writing_to);
    let flow = flow_with(trial, experimenter, ExposureLog::default());
    let ended = flow.run(experiment).await;
    let Some(report) = ended.cx.report.filter(|_| ended.outcome.is_completed()) else {
        return Err(Failure::Stopped(ended.outcome.to_string()));
    };
    print!("{report}");
    if let Some(folder) = folder {
        println!("\nThe report is in {}", folder.join("report.html").display());
    }
    Ok(exit_code(report.verdict()))
}
