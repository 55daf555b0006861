//! `flowgen completions`

use std::io::{self, Write as _};

use clap::CommandFactory as _;

use crate::args;
use crate::exit::ExitStatus;
use crate::failure::Failure;

/// The script is written to memory first, because `clap_complete` panics if it cannot write.
pub(crate) fn run(args: &args::Completions) -> Result<ExitStatus, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::Args::command(), "flowgen", &mut script);
    let mut out = io::stdout().lock();
    out.write_all(&script)?;
    out.flush()?;
    Ok(ExitStatus::Pass)
}
