//! The arguments of `flowgen runs`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use flowgen::report::Status;

/// Look after the runs of a file of flowgen-sqlite
///
/// It needs neither the drawing nor the program of the flow. `list`, `show` and `check` read, also while a service has
/// the file. The others change it while no service has it; what is to be done or undone then begins when the service
/// opens the file next.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  flowgen runs orders.db list                          stuck runs first, then refused ones
  flowgen runs orders.db list --status stuck,refused   only those that need an operator
  flowgen runs orders.db show order-42 --format json   where it is, what it owes, its context
  flowgen runs orders.db cancel order-42               it rolls back
  flowgen runs orders.db retry order-42                what is stuck is tried once more
  flowgen runs orders.db resolve order-42 n7           step n7 was undone by hand
  flowgen runs orders.db skip order-42 n7              step n7 stays as it is
  flowgen runs orders.db abandon order-42              it is given up, with what it owes
  flowgen runs orders.db delete order-42               it has ended, and its id may be used again
  flowgen runs orders.db check                         every row and page is read

Exit codes:
  0  it was done, or no problem was found
  1  there is no such run, it can't be done to this run, or `check` found problems
  2  wrong usage, or a file that can't be read or written, or that a service has; nothing was written")]
pub(crate) struct Runs {
    /// The file
    pub(crate) file: PathBuf,
    #[command(subcommand)]
    pub(crate) command: RunCommand,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t, global = true)]
    pub(crate) format: RunsFormat,
}

/// A format of answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunsFormat {
    /// For a terminal
    #[default]
    Human,
    /// One JSON document
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunCommand {
    /// List runs: those first that an operator has to see to, and of each status the newest first
    List {
        /// Only runs of these statuses
        #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = status)]
        status: Vec<Status>,
        /// At most so many of each status
        #[arg(long, value_name = "COUNT", default_value_t = 100)]
        limit: usize,
        /// Only runs that were started before the one with this number (`seq` in JSON)
        #[arg(long, value_name = "SEQ")]
        before: Option<i64>,
    },
    /// Show a run: where it is, where it has been, what it owes and its context
    Show(RunId),
    /// Cancel a run: it rolls back when its service opens the file next
    Cancel(RunId),
    /// Try once more to undo what is stuck, when its service opens the file next
    Retry(RunId),
    /// Strike off a stuck step because it was undone by hand
    Resolve(StuckStep),
    /// Strike off a stuck step that is not to be undone
    Skip(StuckStep),
    /// Give up a run that is not over: nothing undoes what it owes, which stays on record
    Abandon(RunId),
    /// Delete a run that has ended or was abandoned, or of which nothing can be made out any more
    Delete(RunId),
    /// Have SQLite check the file, and read every row
    Check,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RunId {
    /// The id of the run
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct StuckStep {
    /// The id of the run
    pub(crate) run: String,
    /// The id of the step in the drawing, as `show` names it
    #[arg(value_name = "NODE")]
    pub(crate) node: String,
    /// Which visit of the step
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    pub(crate) visit: u32,
}

/// Reads the name of a status, with spaces or hyphens between words.
fn status(text: &str) -> Result<Status, String> {
    let words = |status: &Status| status.to_string().replace(' ', "-");
    let found = Status::ALL.iter().copied().find(|status| words(status) == text.replace([' ', '_'], "-"));
    found.ok_or_else(|| {
        let known: Vec<String> = Status::ALL.iter().map(words).collect();
        format!("there are: {}", known.join(", "))
    })
}
