//! The command `plan`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::Failure;
use crate::plan::{Better, Draft, Expected, Guardrail, Kind, Metric, Primary};

/// The draft that `--example` prints.
fn example() -> Draft {
    Draft {
        name: "checkout button".to_owned(),
        salt: "checkout-button-1".to_owned(),
        share_of_b: 0.5,
        alpha: 0.05,
        power: 0.8,
        looks: 5,
        primary: Primary {
            name: "bought".to_owned(),
            better: Better::Higher,
            effect: 0.02,
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

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    plan --example > checkout.toml    a draft to begin with\n  \
    plan checkout.toml                how many units does it take?\n  \
    plan checkout.toml --freeze       write that and the digest into the file")]
pub(super) struct Plan {
    /// The draft, in TOML
    #[arg(required_unless_present = "example")]
    file: Option<PathBuf>,
    /// Freeze it: add the sample size and the digest to the file, which must not be changed afterwards
    #[arg(long, requires = "file")]
    freeze: bool,
    /// Print an example draft
    #[arg(long, conflicts_with_all = ["file", "freeze"])]
    example: bool,
}

impl Plan {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let Some(path) = self.file else {
            print!("{}", example().text());
            return Ok(ExitCode::SUCCESS);
        };
        let text = fs::read_to_string(&path).map_err(Failure::file(&path))?;
        let plan = Draft::read(&text).and_then(Draft::freeze).map_err(Failure::plan(&path))?;
        println!("It takes {} units. They are looked at", plan.units());
        for look in 0..plan.looks() {
            println!("  when {} are measured", plan.units_at(look));
        }
        if self.freeze {
            fs::write(&path, plan.text()).map_err(Failure::file(&path))?;
            println!("{} is frozen, with the digest {}", path.display(), plan.digest());
        }
        Ok(ExitCode::SUCCESS)
    }
}
