//! The arguments of `flowgen runs`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use flowgen::report::Status;

/// Inspect and change the runs in a database of flowgen-sqlite
///
/// Neither the drawing nor the service's program is needed. `list`, `show` and `check` only read, and work while a
/// service uses the database. The other commands need a database that no service uses. Steps and compensations that
/// they request run when the service next opens the database.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  flowgen runs orders.db list                          stuck runs first, then refused ones
  flowgen runs orders.db list --status stuck,refused   only those that need an operator
  flowgen runs orders.db show order-42 --format json   its position, pending undos and context
  flowgen runs orders.db cancel order-42               roll it back
  flowgen runs orders.db retry order-42                retry its failed compensations
  flowgen runs orders.db resolve order-42 n7           step n7 was undone by hand
  flowgen runs orders.db skip order-42 n7              step n7 is not to be undone
  flowgen runs orders.db abandon order-42              close it; its pending undos stay on record
  flowgen runs orders.db delete order-42               delete an ended run; its id can be used again
  flowgen runs orders.db check                         read and verify every page and row

Exit codes:
  0  done, or no problem found
  1  no such run, not possible in the run's status, or `check` found problems
  2  wrong usage, or the database can't be read or written, or a service uses it; nothing was written")]
pub(crate) struct Runs {
    /// The database
    pub(crate) file: PathBuf,
    #[command(subcommand)]
    pub(crate) command: RunCommand,
    /// The format of the output
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
    /// List runs: first those that need an operator, then the others; the newest of each status first
    List {
        /// Only runs with these statuses
        #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = status)]
        status: Vec<Status>,
        /// The maximum number of runs to list for each status
        #[arg(long, value_name = "COUNT", default_value_t = 100)]
        limit: usize,
        /// Only runs that were started before the one with this number (`seq` in JSON)
        #[arg(long, value_name = "SEQ")]
        before: Option<i64>,
    },
    /// Show a run: its position, path, pending undos and context
    Show(RunId),
    /// Cancel a run: it rolls back when its service next opens the database
    Cancel(RunId),
    /// Retry the failed compensations of a stuck run when its service next opens the database
    Retry(RunId),
    /// Record that a stuck step was undone by hand
    Resolve(StuckStep),
    /// Record that a stuck step is not to be undone
    Skip(StuckStep),
    /// Close an unfinished run without a rollback; its pending undos stay on record
    Abandon(RunId),
    /// Delete a run that has ended, was abandoned, or cannot be read
    Delete(RunId),
    /// Verify the database: its pages, by SQLite, and the checksum of every row
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
    /// The visit of the step, from 1
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    pub(crate) visit: u32,
}

/// Reads the name of a status, with spaces or hyphens between words.
fn status(text: &str) -> Result<Status, String> {
    let words = |status: &Status| status.to_string().replace(' ', "-");
    let found = Status::ALL.iter().copied().find(|status| words(status) == text.replace([' ', '_'], "-"));
    found.ok_or_else(|| {
        let known: Vec<String> = Status::ALL.iter().map(words).collect();
        format!("known statuses: {}", known.join(", "))
    })
}
