//! Looking after the runs of a file without the program that has their flow.

use std::collections::HashSet;
use std::path::Path;

use flowgen::Fault;
use flowgen::report::{Debt, Status};
use flowgen::run::StuckResolution;
use serde::Serialize;

use crate::by_hand::{self, Stored};
use crate::engine::{self, List, Shown};
use crate::entry::Entry;
use crate::error::Error;
use crate::store::{self, ByHand, ReadOnly, Summary, Write};

/// Reads the runs of a file without their flow, also while their service has the file.
///
/// Blocks while it reads.
#[derive(Debug)]
pub struct Reader(ReadOnly);

/// Changes the runs of a file without their flow. No service has the file meanwhile.
///
/// Nothing is driven: what is to be done or undone begins when the service opens the file next. Blocks while it reads
/// and writes.
///
/// # Examples
///
/// ```no_run
/// # fn main() -> Result<(), flowgen_sqlite::Error> {
/// use flowgen::report::Status;
/// use flowgen_sqlite::{List, Operator};
///
/// let operator = Operator::open("orders.db")?;
/// for run in operator.list(&List::of([Status::Refused]))? {
///     println!("{}: {}", run.run, run.refused.unwrap_or_default());
///     for debt in operator.abandon(&run.run)? {
///         println!("  nothing undoes `{}`", debt.place.label);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Operator {
    file: ByHand,
}

/// What is wrong with a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Checked {
    /// How many runs were read.
    pub runs: usize,
    /// What is wrong: a sentence for each problem, which says where it is.
    pub problems: Vec<String>,
}

impl Reader {
    /// Opens a file that is there.
    ///
    /// # Errors
    ///
    /// When the file is not there, is none of this crate, or has another version than this program.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        ReadOnly::open(path.as_ref()).map(Self)
    }

    /// Lists runs, as [`Engine::list`](crate::Engine::list) does. Refused are those that their service could not go on
    /// with when it last resumed its runs.
    ///
    /// # Errors
    ///
    /// When the file can't be read.
    pub fn list(&self, list: &List) -> Result<Vec<Summary>, Error> {
        self.0.list(list)
    }

    /// Shows a run, as [`Engine::show`](crate::Engine::show) does.
    ///
    /// # Errors
    ///
    /// When there is no such run, and when what is saved of it can't be read.
    pub fn show(&self, id: &str) -> Result<Shown, Error> {
        self.0.show(id)
    }

    /// Has SQLite check the file, and reads every row of it.
    ///
    /// # Errors
    ///
    /// When the file can't be read at all. What is wrong with a part of it is a problem that is returned.
    pub fn check(&self) -> Result<Checked, Error> {
        self.0.check()
    }
}

impl Operator {
    /// Opens a file that is there, unless a service has it.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] when a service has the file, and as for [`Reader::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        ByHand::open(path.as_ref()).map(|file| Self { file })
    }

    /// The same as [`Reader::list`].
    ///
    /// # Errors
    ///
    /// When the file can't be read.
    pub fn list(&self, list: &List) -> Result<Vec<Summary>, Error> {
        self.file.file().list(list)
    }

    /// The same as [`Reader::show`].
    ///
    /// # Errors
    ///
    /// When there is no such run, and when what is saved of it can't be read.
    pub fn show(&self, id: &str) -> Result<Shown, Error> {
        self.file.file().show(id)
    }

    /// Notes that a run is cancelled: it rolls back when its service opens the file next. False where it is over.
    ///
    /// # Errors
    ///
    /// When there is no such run, and when the file can't be written.
    pub fn cancel(&self, id: &str) -> Result<bool, Error> {
        store::by_id(self.file.file().connection(), id)?;
        Ok(!self.file.write(&Write::Cancel(id.to_owned()))?.is_empty())
    }

    /// Has what is stuck in a run tried once more, when its service opens the file next.
    ///
    /// # Errors
    ///
    /// When there is no such run, when it is not stuck, and when it can't be read or written.
    pub fn retry(&self, id: &str) -> Result<(), Error> {
        self.write(&self.stored(id)?.retry()?)
    }

    /// Strikes off the stuck visit `nth` of the step with this id in the drawing, because it was undone by hand. Says
    /// how the run ended now.
    ///
    /// # Errors
    ///
    /// When there is no such run, when that visit is not stuck, and when the run can't be read or written.
    pub fn resolve(&self, id: &str, node: &str, nth: u32) -> Result<Status, Error> {
        self.strike_off(id, node, nth, StuckResolution::UndoneByHand)
    }

    /// Strikes off the stuck visit `nth` of the step with this id in the drawing: nothing undoes it. Says how the run
    /// ended now.
    ///
    /// # Errors
    ///
    /// As for [`Operator::resolve`].
    pub fn skip(&self, id: &str, node: &str, nth: u32) -> Result<Status, Error> {
        self.strike_off(id, node, nth, StuckResolution::Waived)
    }

    /// Gives up a run, as [`Engine::abandon`](crate::Engine::abandon) does. Returns what nothing undoes any more.
    ///
    /// # Errors
    ///
    /// When there is no such run, when it is over, and when it can't be read or written.
    pub fn abandon(&self, id: &str) -> Result<Vec<Debt>, Error> {
        let (write, owed) = self.stored(id)?.abandon()?;
        self.write(&write).map(|()| owed)
    }

    /// Deletes a run, as [`Engine::delete`](crate::Engine::delete) does.
    ///
    /// # Errors
    ///
    /// When there is no such run, when it may owe something, and when the file can't be written.
    pub fn delete(&self, id: &str) -> Result<(), Error> {
        self.write(&by_hand::delete(self.file.file().connection(), id)?)
    }

    fn stored(&self, id: &str) -> Result<Stored, Error> {
        Stored::read(self.file.file().connection(), id)
    }

    fn strike_off(&self, id: &str, node: &str, nth: u32, how: StuckResolution) -> Result<Status, Error> {
        let (write, status) = self.stored(id)?.resolve(node, nth, how)?;
        self.write(&write).map(|()| status)
    }

    fn write(&self, write: &Write) -> Result<(), Error> {
        self.file.write(write).map(drop)
    }
}

impl ReadOnly {
    fn list(&self, list: &List) -> Result<Vec<Summary>, Error> {
        store::list(self.connection(), &list.0)
    }

    fn show(&self, id: &str) -> Result<Shown, Error> {
        let from = &*self.connection().unchecked_transaction().map_err(Error::sqlite("read"))?;
        let kept = store::by_id(from, id)?;
        let entry = Entry::read(from, kept.drawing)?;
        engine::show(from, kept, &entry)
    }

    fn check(&self) -> Result<Checked, Error> {
        let from = &*self.connection().unchecked_transaction().map_err(Error::sqlite("read"))?;
        let told = |error: Error| format!("{:#}", Fault::new(error));
        let in_pages = store::structure(from, "integrity_check").into_iter().map(told);
        let mut problems: Vec<String> = in_pages.collect();
        let mut found = |numbers: Result<Vec<i64>, Error>| {
            numbers.unwrap_or_else(|error| {
                problems.push(told(error));
                Vec::new()
            })
        };
        let (drawings, numbers) = (found(store::drawings(from)), found(store::run_numbers(from)));
        let mut broken = HashSet::new();
        for number in drawings {
            if let Err(error) = Entry::read(from, number) {
                broken.insert(number);
                problems.push(told(error));
            } else if store::drawing(from, number)?.is_damaged {
                problems.push(format!("one of the two copies of the drawing number {number} is damaged"));
            }
        }
        for seq in &numbers {
            let kept = match store::by_seq(from, *seq) {
                Ok(Some(kept)) => kept,
                Ok(None) => {
                    problems.push(format!("the row of run `{}` is gone", store::name(from, *seq)));
                    continue;
                }
                Err(error) => {
                    problems.push(told(error));
                    continue;
                }
            };
            let run = kept.summary.run.clone();
            problems.extend(kept.summary.refused.iter().map(|wrong| format!("run `{run}`: {wrong}")));
            let (status, drawing) = (kept.summary.status, kept.drawing);
            match Stored::of(from, kept) {
                Ok(stored) if stored.status() != status => problems.push(format!(
                    "run `{run}` is noted as {status}, and what was saved of it says {}",
                    stored.status()
                )),
                // Told above, once for all its runs.
                Err(Error::Drawing { .. }) if broken.contains(&drawing) => {}
                Err(error) => problems.push(told(error)),
                Ok(_) => {}
            }
        }
        Ok(Checked { runs: numbers.len(), problems })
    }
}
