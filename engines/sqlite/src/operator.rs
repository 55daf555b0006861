//! Reading and changing the runs of a file without the program that has their flow.

use std::collections::HashSet;
use std::path::Path;

use flowgen::Fault;
use flowgen::report::{PendingUndo, Status};
use flowgen::run::StuckResolution;
use serde::Serialize;

use crate::engine::{self, ListRuns, RunDetails};
use crate::entry::Entry;
use crate::error::Error;
use crate::inactive_run::{self, InactiveRun};
use crate::store::{self, ByHand, ReadOnly, Summary, Write};

/// Reads the runs of a file without their flow, even while a service has the file open.
///
/// Its methods block the calling thread.
#[derive(Debug)]
pub struct Reader(ReadOnly);

/// Changes the runs of a file without their flow, while no service has the file open.
///
/// It does not execute steps: these begin when the service resumes its runs the next time. Its methods block the
/// calling thread.
///
/// # Examples
///
/// ```no_run
/// # fn main() -> Result<(), flowgen_sqlite::Error> {
/// use flowgen::report::Status;
/// use flowgen_sqlite::{ListRuns, Operator};
///
/// let operator = Operator::open("orders.db")?;
/// for run in operator.list(&ListRuns::with_statuses([Status::Refused]))? {
///     println!("{}: {}", run.run, run.refused.unwrap_or_default());
///     for undo in operator.abandon(&run.run)? {
///         println!("  nothing undoes `{}`", undo.node.label);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Operator {
    file: ByHand,
}

/// The result of checking a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Checked {
    /// The number of runs that were read.
    pub runs: usize,
    /// A sentence for each problem, with its location.
    pub problems: Vec<String>,
}

impl Reader {
    /// Opens an existing file.
    ///
    /// # Errors
    ///
    /// If the file does not exist, was not written by this crate, or has another version than this program.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        ReadOnly::open(path.as_ref()).map(Self)
    }

    /// Lists runs, as [`Engine::list`](crate::Engine::list) does. Runs are refused if the service could not
    /// continue them when it last resumed its runs.
    ///
    /// # Errors
    ///
    /// If the file can't be read.
    pub fn list(&self, list: &ListRuns) -> Result<Vec<Summary>, Error> {
        self.0.list(list)
    }

    /// Shows a run, as [`Engine::show`](crate::Engine::show) does.
    ///
    /// # Errors
    ///
    /// If there is no such run, or if its saved data can't be read.
    pub fn show(&self, id: &str) -> Result<RunDetails, Error> {
        self.0.show(id)
    }

    /// Runs SQLite's check of the file, and reads every row.
    ///
    /// # Errors
    ///
    /// If the file can't be read at all. Damage to a part of it is returned as a problem.
    pub fn check(&self) -> Result<Checked, Error> {
        self.0.check()
    }
}

impl Operator {
    /// Opens an existing file, unless a service has it open.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] if a service has the file open, and the errors of [`Reader::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        ByHand::open(path.as_ref()).map(|file| Self { file })
    }

    /// Lists runs, as [`Reader::list`] does.
    ///
    /// # Errors
    ///
    /// If the file can't be read.
    pub fn list(&self, list: &ListRuns) -> Result<Vec<Summary>, Error> {
        self.file.file().list(list)
    }

    /// Shows a run, as [`Reader::show`] does.
    ///
    /// # Errors
    ///
    /// If there is no such run, or if its saved data can't be read.
    pub fn show(&self, id: &str) -> Result<RunDetails, Error> {
        self.file.file().show(id)
    }

    /// Marks a run as cancelled: it rolls back when its service resumes it. Returns false if the run is over.
    ///
    /// # Errors
    ///
    /// If there is no such run, or if the file can't be written.
    pub fn cancel(&self, id: &str) -> Result<bool, Error> {
        store::by_id(self.file.file().connection(), id)?;
        Ok(!self.file.write(&Write::Cancel(id.to_owned()))?.is_empty())
    }

    /// Marks the failed compensations of a stuck run for another attempt, when its service resumes it.
    ///
    /// # Errors
    ///
    /// If there is no such run, if it is not stuck, or if it can't be read or written.
    pub fn retry(&self, id: &str) -> Result<(), Error> {
        self.write(&self.stored(id)?.retry()?)
    }

    /// Marks a visit of a step whose compensation failed as undone by hand. `node` is the node id of the step. Returns
    /// the new status of the run.
    ///
    /// # Errors
    ///
    /// If there is no such run, if that visit is not stuck, or if the run can't be read or written.
    pub fn resolve(&self, id: &str, node: &str, visit: u32) -> Result<Status, Error> {
        self.settle_stuck(id, node, visit, StuckResolution::UndoneByHand)
    }

    /// Waives the failed compensation of a visit of a step, so that the visit is not undone. `node` is the node id of the
    /// step. Returns the new status of the run.
    ///
    /// # Errors
    ///
    /// The errors of [`Operator::resolve`].
    pub fn skip(&self, id: &str, node: &str, visit: u32) -> Result<Status, Error> {
        self.settle_stuck(id, node, visit, StuckResolution::Waived)
    }

    /// Abandons a run, as [`Engine::abandon`](crate::Engine::abandon) does. Returns the undos that are left.
    ///
    /// # Errors
    ///
    /// If there is no such run, if it is over, or if it can't be read or written.
    pub fn abandon(&self, id: &str) -> Result<Vec<PendingUndo>, Error> {
        let (write, pending_undos) = self.stored(id)?.abandon()?;
        self.write(&write).map(|()| pending_undos)
    }

    /// Deletes a run, as [`Engine::delete`](crate::Engine::delete) does.
    ///
    /// # Errors
    ///
    /// If there is no such run, if it may have pending undos, or if the file can't be written.
    pub fn delete(&self, id: &str) -> Result<(), Error> {
        self.write(&inactive_run::delete(self.file.file().connection(), id)?)
    }

    fn stored(&self, id: &str) -> Result<InactiveRun, Error> {
        InactiveRun::read(self.file.file().connection(), id)
    }

    fn settle_stuck(&self, id: &str, node: &str, visit: u32, how: StuckResolution) -> Result<Status, Error> {
        let (write, status) = self.stored(id)?.resolve(node, visit, how)?;
        self.write(&write).map(|()| status)
    }

    fn write(&self, write: &Write) -> Result<(), Error> {
        self.file.write(write).map(drop)
    }
}

impl ReadOnly {
    fn list(&self, list: &ListRuns) -> Result<Vec<Summary>, Error> {
        store::list(self.connection(), &list.0)
    }

    fn show(&self, id: &str) -> Result<RunDetails, Error> {
        let from = &*self.connection().unchecked_transaction().map_err(Error::sqlite("read"))?;
        let stored = store::by_id(from, id)?;
        let entry = Entry::read(from, stored.drawing)?;
        engine::show(from, stored, &entry)
    }

    fn check(&self) -> Result<Checked, Error> {
        let from = &*self.connection().unchecked_transaction().map_err(Error::sqlite("read"))?;
        let text = |error: Error| format!("{:#}", Fault::new(error));
        let in_pages = store::structure(from, "integrity_check").into_iter().map(text);
        let mut problems: Vec<String> = in_pages.collect();
        let mut found = |numbers: Result<Vec<i64>, Error>| {
            numbers.unwrap_or_else(|error| {
                problems.push(text(error));
                Vec::new()
            })
        };
        let (drawings, numbers) = (found(store::drawings(from)), found(store::run_numbers(from)));
        let mut broken = HashSet::new();
        for number in drawings {
            if let Err(error) = Entry::read(from, number) {
                broken.insert(number);
                problems.push(text(error));
            } else if store::drawing(from, number)?.is_damaged {
                problems.push(format!("one of the two copies of the drawing number {number} is damaged"));
            }
        }
        for seq in &numbers {
            let stored = match store::by_seq(from, *seq) {
                Ok(Some(stored)) => stored,
                Ok(None) => {
                    problems.push(format!("the row of run `{}` is gone", store::name(from, *seq)));
                    continue;
                }
                Err(error) => {
                    problems.push(text(error));
                    continue;
                }
            };
            let run = stored.summary.run.clone();
            problems.extend(stored.summary.refused.iter().map(|wrong| format!("run `{run}`: {wrong}")));
            let (status, drawing) = (stored.summary.status, stored.drawing);
            match InactiveRun::of(from, stored) {
                Ok(stored) if stored.status() != status => problems.push(format!(
                    "run `{run}` is noted as {status}, and what was saved of it says {}",
                    stored.status()
                )),
                // Reported above, once for all runs of the drawing.
                Err(Error::Drawing { .. }) if broken.contains(&drawing) => {}
                Err(error) => problems.push(text(error)),
                Ok(_) => {}
            }
        }
        Ok(Checked { runs: numbers.len(), problems })
    }
}
