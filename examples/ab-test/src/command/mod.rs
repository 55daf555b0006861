//! The command line.

mod analyse;
mod compare;
mod demo;
mod failure;
mod plan;
mod servers;

pub use failure::Failure;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::analysis::Verdict;

/// Compares two implementations of the same job.
///
/// Exit codes: 0 if there is a verdict on the variants (Ship or Keep), 1 on an error, 2 on wrong usage, and 3 if
/// there is no verdict on them (Inconclusive or Invalid).
#[derive(Debug, Parser)]
#[command(version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs simulated experiments with every verdict, the A/A control, and two real servers (the default)
    Demo(demo::Demo),
    /// Computes the sample size of a draft, and freezes the plan before the experiment begins
    Plan(plan::Plan),
    /// Analyses the data of an experiment that was made elsewhere, using its frozen plan
    Analyse(analyse::Analyse),
    /// Compares two HTTP endpoints by latency
    Http(compare::Http),
    /// Compares two commands by their run time
    Commands(compare::Commands),
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    ///
    /// The input is invalid, or the command fails.
    pub async fn run(self) -> Result<ExitCode, Failure> {
        match self.command.unwrap_or(Command::Demo(demo::Demo::default())) {
            Command::Demo(demo) => demo.run().await,
            Command::Plan(plan) => plan.run(),
            Command::Analyse(analyse) => analyse.run().await,
            Command::Http(http) => http.run().await,
            Command::Commands(commands) => commands.run().await,
        }
    }
}

fn exit_code(verdict: &Verdict) -> ExitCode {
    match verdict {
        Verdict::Ship | Verdict::Keep(_) => ExitCode::SUCCESS,
        Verdict::Inconclusive(_) | Verdict::Invalid(_) => ExitCode::from(3),
    }
}
