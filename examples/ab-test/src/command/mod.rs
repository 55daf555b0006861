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
/// Ends with 0 where there is a verdict on the variants (Ship or Keep), with 1 where something went
/// wrong, with 2 after wrong usage, and with 3 where there is none (Inconclusive or Invalid).
#[derive(Debug, Parser)]
#[command(version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs simulated experiments with every verdict, the A/A control, and two real servers (this is
    /// also what happens without a command)
    Demo(demo::Demo),
    /// Writes an experiment down before it begins: says how many units it takes, and freezes it
    Plan(plan::Plan),
    /// Analyses the data of an experiment that was made elsewhere, after its frozen plan
    Analyse(analyse::Analyse),
    /// Compares two HTTP endpoints by latency
    Http(compare::Http),
    /// Compares two commands by the time that they take
    Commands(compare::Commands),
}

impl Arguments {
    /// Does what is asked.
    ///
    /// # Errors
    ///
    /// What was wrong with the input, or went wrong on the way.
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
