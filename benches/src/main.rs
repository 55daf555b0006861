//! What flowgen costs, measured against its peers in the same run.
//!
//! It prints ratios and never asserts a time: a time belongs to a machine, a ratio much less so.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod adopt;
mod breaker;
mod cargo;
mod check;
mod comparison;
mod drawing;
mod durable;
mod figures;
mod gateway;
mod project;
mod ready;
mod runner;
mod steps;
mod table;
mod usage;

use std::path::Path;
use std::process::{Command, ExitCode};
use std::thread::available_parallelism;

use anyhow::Result;

type Measurement = (&'static str, fn() -> Result<()>);

const MEASUREMENTS: [Measurement; 7] = [
    ("adopt", adopt::measure),
    ("steps", steps::measure),
    ("check", check::measure),
    ("runner", runner::measure),
    ("breaker", breaker::measure),
    ("durable", durable::measure),
    ("gateway", gateway::measure),
];

fn main() -> Result<ExitCode> {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    if let (durable::waiting::START | durable::waiting::RESUME, Some(file)) =
        (&*wanted, std::env::args().nth(2))
    {
        durable::waiting::part(&wanted, Path::new(&file))?;
    }
    let chosen: Vec<_> = MEASUREMENTS.iter().filter(|(name, _)| wanted == *name || wanted == "all").collect();
    if chosen.is_empty() {
        let names: Vec<_> = MEASUREMENTS.iter().map(|(name, _)| *name).collect();
        eprintln!("usage: flowgen-benches {}|all", names.join("|"));
        return Ok(ExitCode::from(2));
    }
    print_machine()?;
    for (_, measure) in chosen {
        measure()?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print_machine() -> Result<()> {
    let rustc = Command::new("rustc").arg("--version").output()?;
    println!("{}, {} cores", String::from_utf8_lossy(&rustc.stdout).trim(), available_parallelism()?);
    Ok(())
}
