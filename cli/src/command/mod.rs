//! Commands, with one file per command. Each reads its input, calls the core and writes the result.

mod check;
mod completions;
mod explain;
mod fix;
mod generate;
mod list;
mod new;
mod render;
#[cfg(feature = "runs")]
mod runs;

use crate::args::Command;
use crate::exit::ExitStatus;
use crate::failure::Failure;

/// Runs a command.
pub(crate) fn run(command: Command) -> Result<ExitStatus, Failure> {
    match command {
        Command::New(args) => new::run(&args),
        Command::Gen(args) => generate::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Render(args) => render::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::List => list::run(),
        #[cfg(feature = "runs")]
        Command::Runs(args) => runs::run(&args),
        Command::Completions(args) => completions::run(&args),
    }
}
