//! What can go wrong with a store, and with a run in it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use flowgen::report::Status;
use flowgen::run::{PlaceId, Refused};

/// What can go wrong with a file of runs, or with one run in it.
///
/// An error that is about a run names it. It stops that run and no other. The message does not repeat
/// the cause, which is the [`source`](std::error::Error::source): print it with `{:#}` of a
/// [`Fault`](flowgen::Fault), or of what prints a chain of errors in your program.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another process, or this one, has the file open: one at a time drives the runs of a file.
    #[error("`{}` is in use by {holder}: one process at a time drives its runs", .path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// Who, and since when, as far as that is known.
        holder: String,
    },
    /// The file is no database at all.
    #[error("`{}` is not an SQLite file: choose another path for the runs", .path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file is the database of another program.
    #[error("`{}` belongs to another program (application id {application:#010x}): choose another path for the runs", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What that program calls itself.
        application: u32,
    },
    /// An older version of this crate has written the file, and this is not the service of its runs: that brings it
    /// up to date.
    #[error("`{}` has version {found}, and this program needs version {known}: open it with its service once, or use the flowgen of its service", .path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// The version of the file.
        found: u32,
        /// The version that this program needs.
        known: u32,
    },
    /// A newer version of this crate has written the file.
    #[error("`{}` has version {found}, and this program knows versions up to {known}: use a newer flowgen-sqlite", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of the file.
        found: u32,
        /// The last version that this program knows.
        known: u32,
    },
    /// The file, or the folder that it is in, may not be written to.
    #[error("`{}` is read-only: give this process the right to write it and its folder", .path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// A file has several names. SQLite finds the log of a database by its name, and so does the lock: under two
    /// names, two processes could write to it, and damage it.
    #[error("`{}` has {links} hard links, and may be written to by none of its other names: delete the others, or make a copy instead of a link", .path.display())]
    HardLinked {
        /// The database, its log, the index of that, or its lock.
        path: PathBuf,
        /// How many names it has.
        links: u64,
    },
    /// A file was deleted or renamed while it was in use. What was saved before is written into the database when
    /// the engine is shut down, as long as the process lives.
    #[error("`{}` was deleted or renamed while it was in use, so nothing more is saved: shut the engine down, put the file back if it is the database, and open it again", .path.display())]
    Deleted {
        /// The database, its log, the index of that, or its lock.
        path: PathBuf,
    },
    /// Another file has the name of one that is in use.
    #[error("`{}` was replaced by another file while it was in use, so nothing more is saved: end this process, see that the database and its `-wal` are of one moment, and open it again", .path.display())]
    Replaced {
        /// The database, its log, the index of that, or its lock.
        path: PathBuf,
    },
    /// Another process has opened the file since, though this one did not close it: somebody deleted its lock, or
    /// the file system has none.
    #[error("another process has taken over `{}` (owner epoch {found}, and {epoch} is that of this process), so nothing more is saved here: end this process", .path.display())]
    TakenOver {
        /// The file.
        path: PathBuf,
        /// How often it had been opened when this process opened it.
        epoch: i64,
        /// How often it has been opened now.
        found: i64,
    },
    /// A row of the file is not as it was written: its checksum does not match.
    #[error(
        "row {row} of table `{table}` is damaged: its checksum does not match; take it from a backup, or delete it"
    )]
    DamagedRow {
        /// The table.
        table: &'static str,
        /// Which row: its number, and the id of its run where it has one.
        row: String,
    },
    /// The file is damaged elsewhere than in a row.
    #[error(
        "the file is damaged: {found}; take it from a backup, or make a new one with `.recover` of SQLite's shell"
    )]
    DamagedFile {
        /// What is wrong, and where.
        found: String,
    },
    /// The file can't be opened at all.
    #[error("cannot open `{}`", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Arc<std::io::Error>,
    },
    /// The file could not be read or written: the disk is full, a page is damaged.
    #[error("cannot {doing}")]
    Sqlite {
        /// What was being done, with the run that it was done for.
        doing: String,
        /// What the database says.
        source: Arc<rusqlite::Error>,
    },
    /// What is saved of a run is no run, or was begun with a drawing that meant something else.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// What is saved of a run can't be read.
    #[error("what was saved of run `{run}` is broken")]
    Unreadable {
        /// The run.
        run: String,
        /// Why.
        source: Arc<serde_json::Error>,
    },
    /// A drawing that runs were begun with can't be read.
    #[error("the drawing number {number} of the file is broken")]
    Drawing {
        /// Its number in the file.
        number: i64,
        /// Why.
        source: Arc<serde_json::Error>,
    },
    /// The context of a run does not become JSON, or is none of this type any more.
    #[error("the context of run `{run}`{} does not {doing}", at(*.place))]
    Context {
        /// The run.
        run: String,
        /// The branch that the context belongs to; 0 is the run itself.
        place: PlaceId,
        /// "serialize" or "deserialize".
        doing: &'static str,
        /// Why.
        source: Arc<serde_json::Error>,
    },
    /// The context of a run has a version that only a newer program knows.
    #[error(
        "the context of run `{run}` has version {found}, and this program has version {known}: use a newer program, or abandon the run"
    )]
    ContextVersion {
        /// The run.
        run: String,
        /// The version of its context.
        found: u32,
        /// The version of the program, see [`Options::contexts`](crate::Options::contexts).
        known: u32,
    },
    /// The function that reads contexts of older versions did not read that of this run.
    #[error("the context of run `{run}`{} does not become version {to} from version {from}", at(*.place))]
    Migration {
        /// The run.
        run: String,
        /// The branch that the context belongs to; 0 is the run itself.
        place: PlaceId,
        /// The version of the context.
        from: u32,
        /// The version of the program.
        to: u32,
        /// Why.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// There is no such run in the file.
    #[error("there is no run `{run}`")]
    Unknown {
        /// The run.
        run: String,
    },
    /// A message would have the id of a run that was started by hand.
    #[error(
        "a message of `{sender}` would be the run `{run}`, which is there already: abandon that one unless it is \
         over, and delete it"
    )]
    Taken {
        /// The run that is there.
        run: String,
        /// The run that sends the message.
        sender: String,
    },
    /// The run is not over, and nobody drives it: it was not resumed.
    #[error("run `{run}` is not over and is not being driven: resume it")]
    Idle {
        /// The run.
        run: String,
    },
    /// The run is being driven, or somebody else is seeing to it.
    #[error("run `{run}` is going on: cancel it, or wait until it is over")]
    Busy {
        /// The run.
        run: String,
    },
    /// The run owes nothing that is stuck, or not that.
    #[error("run `{run}` is not stuck{}", .what.as_ref().map(|what| format!(" at {what}")).unwrap_or_default())]
    NotStuck {
        /// The run.
        run: String,
        /// The visit that was named.
        what: Option<String>,
    },
    /// The run is over, so that it can be neither cancelled nor given up.
    #[error("run `{run}` is over: it is {status}")]
    Over {
        /// The run.
        run: String,
        /// How it ended.
        status: Status,
    },
    /// The run is not over, or is stuck, and may owe something: it is not deleted.
    #[error("run `{run}` is {status}, and may owe something: abandon it before it is deleted")]
    NotOver {
        /// The run.
        run: String,
        /// How it is going.
        status: Status,
    },
    /// The task that drove the run panicked: dropping its context did.
    #[error("the task that drove run `{run}` panicked: resume the run")]
    Panicked {
        /// The run.
        run: String,
    },
    /// As many runs are under way as may be, see [`Engine::max_running`](crate::Engine::max_running).
    #[error(
        "run `{run}` is not started: {running} runs are under way and at most {most} may be, so try again later"
    )]
    Overloaded {
        /// The run that was to be started.
        run: String,
        /// How many runs are under way.
        running: usize,
        /// How many may be.
        most: usize,
    },
    /// The engine was shut down.
    #[error("the engine was shut down")]
    Closed,
}

fn at(place: PlaceId) -> String {
    if place == 0 { String::new() } else { format!(" in its branch {place}") }
}

impl Error {
    /// What was to be done is only put into words where it failed.
    pub(crate) fn sqlite(doing: impl fmt::Display) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| Self::Sqlite { doing: doing.to_string(), source: Arc::new(source) }
    }

    /// Is it that the disk, or the file, is full?
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.code() == Some(rusqlite::ErrorCode::DiskFull)
    }

    /// Is the file damaged?
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        matches!(self, Self::DamagedRow { .. } | Self::DamagedFile { .. })
            || self.code() == Some(rusqlite::ErrorCode::DatabaseCorrupt)
    }

    /// May the same be possible later, without a change of the run or of the program? The file is locked by another
    /// connection, the disk is full, or it can't be reached; or a file has another name, or several, and may get its
    /// own back.
    ///
    /// Runs that such an error has halted go on by themselves once the file can be written again.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, FileLockingProtocolFailed, OutOfMemory,
            SystemIoFailure,
        };
        if matches!(self, Self::Deleted { .. } | Self::Replaced { .. } | Self::HardLinked { .. }) {
            return true;
        }
        matches!(
            self.code(),
            Some(
                CannotOpen
                    | DatabaseBusy
                    | DatabaseLocked
                    | DiskFull
                    | FileLockingProtocolFailed
                    | OutOfMemory
                    | SystemIoFailure
            )
        )
    }

    fn code(&self) -> Option<rusqlite::ErrorCode> {
        match self {
            Self::Sqlite { source, .. } => source.sqlite_error_code(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    /// Every variant, with a cause where it has one.
    fn all() -> Vec<Error> {
        let path = || PathBuf::from("runs.db");
        let run = || "order-1".to_owned();
        let json = || Arc::new(serde_json::from_str::<u8>("{").unwrap_err());
        let io = || Arc::new(std::io::Error::other("the disk is gone"));
        let sqlite = || Arc::new(rusqlite::Error::QueryReturnedNoRows);
        let refused = Refused::Malformed { run: run().into(), what: "it has no places".to_owned() };
        vec![
            Error::Locked { path: path(), holder: "process 7".to_owned() },
            Error::NotADatabase { path: path() },
            Error::Foreign { path: path(), application: 7 },
            Error::Newer { path: path(), found: 9, known: 4 },
            Error::Older { path: path(), found: 4, known: 5 },
            Error::ReadOnly { path: path() },
            Error::HardLinked { path: path(), links: 2 },
            Error::Deleted { path: path() },
            Error::Replaced { path: path() },
            Error::TakenOver { path: path(), epoch: 1, found: 2 },
            Error::DamagedRow { table: "runs", row: "7".to_owned() },
            Error::DamagedFile { found: "page 7".to_owned() },
            Error::Open { path: path(), source: io() },
            Error::Sqlite { doing: "save run `order-1`".to_owned(), source: sqlite() },
            Error::Refused(refused),
            Error::Unreadable { run: run(), source: json() },
            Error::Drawing { number: 3, source: json() },
            Error::Context { run: run(), place: 0, doing: "serialize", source: json() },
            Error::ContextVersion { run: run(), found: 2, known: 1 },
            Error::Migration { run: run(), place: 3, from: 1, to: 2, source: json() },
            Error::Unknown { run: run() },
            Error::Taken { run: run(), sender: "order-2".to_owned() },
            Error::Idle { run: run() },
            Error::Busy { run: run() },
            Error::NotStuck { run: run(), what: None },
            Error::Over { run: run(), status: Status::Completed },
            Error::NotOver { run: run(), status: Status::Stuck },
            Error::Panicked { run: run() },
            Error::Overloaded { run: run(), running: 8, most: 7 },
            Error::Closed,
        ]
    }

    /// Does not compile when a variant is added: [`all`] has to have it, too.
    fn has_cause(error: &Error) -> bool {
        match error {
            Error::Open { .. }
            | Error::Sqlite { .. }
            | Error::Unreadable { .. }
            | Error::Drawing { .. }
            | Error::Context { .. }
            | Error::Migration { .. } => true,
            Error::Locked { .. }
            | Error::NotADatabase { .. }
            | Error::Foreign { .. }
            | Error::Newer { .. }
            | Error::Older { .. }
            | Error::ReadOnly { .. }
            | Error::HardLinked { .. }
            | Error::Deleted { .. }
            | Error::Replaced { .. }
            | Error::TakenOver { .. }
            | Error::DamagedRow { .. }
            | Error::DamagedFile { .. }
            | Error::Refused(_)
            | Error::ContextVersion { .. }
            | Error::Unknown { .. }
            | Error::Taken { .. }
            | Error::Idle { .. }
            | Error::Busy { .. }
            | Error::NotStuck { .. }
            | Error::Over { .. }
            | Error::NotOver { .. }
            | Error::Panicked { .. }
            | Error::Overloaded { .. }
            | Error::Closed => false,
        }
    }

    #[test]
    fn messages_do_not_repeat_the_cause() {
        for error in all() {
            assert_eq!(error.source().is_some(), has_cause(&error), "{error}");
            if let Some(source) = error.source() {
                assert!(!error.to_string().contains(&source.to_string()), "{error}");
                let whole = format!("{:#}", flowgen::Fault::new(error.clone()));
                assert_eq!(whole, format!("{error}: {source}"));
            }
        }
    }
}
