//! The command `demo`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::Failure;
use super::servers::Server;
use crate::control::{Control, a_a};
use crate::exposure::ExposureLog;
use crate::lanes::Experimenter;
use crate::plan::{Better, Draft, Expected, Guardrail, Kind, Metric, Primary};
use crate::stats::Estimate;
use crate::trial::{Effect, Http, Shape, Simulated, Trial, timed};
use crate::{Experiment, flow_with};

/// The number of experiments in the A/A control.
const EXPERIMENTS: usize = 2_000;

#[derive(Args, Debug)]
pub(super) struct Demo {
    /// The folder for the reports, with a subfolder for each
    #[arg(long, default_value = "target/experiments")]
    report: PathBuf,
}

impl Default for Demo {
    fn default() -> Self {
        Self { report: PathBuf::from("target/experiments") }
    }
}

impl Demo {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        for (folder, story, users) in stories() {
            println!("# {story}\n");
            self.conduct(folder, shop(), users).await?;
        }
        self.servers().await?;
        control().await?;
        println!("\nThe reports, with pictures, are in {}", self.report.display());
        Ok(ExitCode::SUCCESS)
    }

    async fn conduct<T: Trial>(&self, folder: &str, draft: Draft, trial: T) -> Result<(), Failure> {
        let folder = self.report.join(folder);
        let exposures = folder.join("exposures.csv");
        std::fs::create_dir_all(&folder).map_err(Failure::file(&folder))?;
        let log = ExposureLog::create(&exposures).map_err(Failure::file(&exposures))?;
        let flow = flow_with(trial, Experimenter::writing_to(&folder), log);
        let ended = flow.run(Experiment::new(draft)).await;
        let Some(report) = ended.cx.report.as_ref().filter(|_| ended.outcome.is_completed()) else {
            return Err(Failure::Stopped(ended.outcome.to_string()));
        };
        println!("{report}\nEverybody is served by {} now.\n", flow.traffic.switch().serves("anybody"));
        Ok(())
    }

    /// Compares two real servers, of which B has the better algorithm.
    async fn servers(&self) -> Result<(), Failure> {
        println!("# Two servers that count primes: by division, and with a sieve\n");
        let a = Server::dividing().await.map_err(Failure::Server)?;
        let b = Server::sieving().await.map_err(Failure::Server)?;
        let draft = Draft { looks: 4, ..timed("primes by division (A) and by sieve (B)", "primes-1") };
        self.conduct("servers", draft, Http::new(&a.url(), &b.url(), 10, Duration::from_secs(5))).await
    }
}

/// The plan of a shop that tries another button.
fn shop() -> Draft {
    Draft {
        name: "checkout button".to_owned(),
        salt: "checkout-button-1".to_owned(),
        share_of_b: 0.5,
        alpha: 0.05,
        power: 0.8,
        looks: 4,
        primary: Primary {
            name: "bought".to_owned(),
            better: Better::Higher,
            effect: 0.03,
            covariate: None,
            expected: Expected::Rate { baseline: 0.1 },
        },
        secondary: vec![Metric::new("revenue", Kind::Mean, Better::Higher)],
        guardrails: vec![Guardrail {
            name: "failed".to_owned(),
            kind: Kind::Rate,
            better: Better::Lower,
            tolerance: 0.005,
            covariate: None,
        }],
    }
}

/// Simulated users with known behavior: what they buy with either button, and what fails for them.
fn stories() -> [(&'static str, &'static str, Simulated); 4] {
    let users = |seed: u64, bought_in_b: f64, failed_in_b: f64| {
        let revenue = |rate: f64| Shape::Normal { mean: 40.0 * rate, deviation: 12.0 };
        Simulated::new(
            seed,
            vec![
                Effect { a: Shape::Rate(0.1), b: Shape::Rate(bought_in_b) },
                Effect { a: revenue(0.1), b: revenue(bought_in_b) },
                Effect { a: Shape::Rate(0.01), b: Shape::Rate(failed_in_b) },
            ],
        )
    };
    [
        ("better", "B sells more: 14 % of its users buy, and 10 % of those of A", users(1, 0.14, 0.01)),
        ("same", "B is no other than A", users(2, 0.1, 0.01)),
        ("harmful", "B sells more, and fails one user in sixteen", users(3, 0.14, 0.06)),
        ("lossy", "B sells more, and loses one user in four", users(4, 0.14, 0.01).losing_in_b(0.25)),
    ]
}

/// Runs the A/A control, in which there is no difference to find.
async fn control() -> Result<(), Failure> {
    println!("# {EXPERIMENTS} experiments with A against A\n");
    for looks in [1, 4] {
        // Small experiments are sufficient to show the effect of chance.
        let primary = Primary { effect: 0.2, expected: Expected::Rate { baseline: 0.5 }, ..shop().primary };
        let draft = Draft { looks, primary, secondary: Vec::new(), guardrails: Vec::new(), ..shop() };
        let plan = draft.freeze()?;
        let control = a_a(&plan, Shape::Rate(0.5), EXPERIMENTS, 1).await.map_err(Failure::Stopped)?;
        println!("{}", said(looks, &control));
    }
    Ok(())
}

fn said(looks: u16, control: &Control) -> String {
    let Estimate { value, low, high } =
        control.found().unwrap_or(Estimate { value: 0.0, low: 0.0, high: 1.0 });
    let [value, low, high] = [value, low, high].map(|share| share * 100.0);
    let times = if looks == 1 { "one look" } else { "four looks" };
    format!("With {times}, {value:.1} % find a difference [{low:.1} to {high:.1}]; planned are 5 %.")
}
