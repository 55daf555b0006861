//! Errors of a store and of the runs in it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use flowgen::report::Status;
use flowgen::run::{BranchId, RestoreError};

/// An error of a file of runs, or of one run in it.
///
/// An error about a run names that run, and stops no other. The message does not repeat the cause, which is the
/// [`source`](std::error::Error::source): print the chain with `{:#}` of a [`Fault`](flowgen::Fault), or with your
/// program's own error reporting.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is open already, in another process or in this one. One process at a time drives its runs.
    #[error("`{}` is in use by {holder}: one process at a time drives its runs", .path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// The process that has it open, and since when, as far as known.
        holder: String,
    },
    /// The file is not an SQLite database.
    #[error("`{}` is not an SQLite file: choose another path for the runs", .path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file is the database of another program.
    #[error("`{}` belongs to another program (application id {application:#010x}): choose another path for the runs", .path.display())]
    OtherApplication {
        /// The file.
        path: PathBuf,
        /// The SQLite application id of that program.
        application: u32,
    },
    /// The file was written by an older version of this crate. The service of its runs migrates it; this program
    /// does not.
    #[error("`{}` has version {found}, and this program needs version {known}: open it with its service once, or use the flowgen of its service", .path.display())]
    OlderVersion {
        /// The file.
        path: PathBuf,
        /// The version of the file.
        found: u32,
        /// The version that this program needs.
        known: u32,
    },
    /// The file was written by a newer version of this crate.
    #[error("`{}` has version {found}, and this program knows versions up to {known}: use a newer flowgen-sqlite", .path.display())]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// The version of the file.
        found: u32,
        /// The newest version that this program can read.
        known: u32,
    },
    /// The file, or its folder, can't be written to.
    #[error("`{}` is read-only: give this process the right to write it and its folder", .path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// A file has several names (hard links). SQLite finds the log of a database by its name, and the lock is
    /// found in the same way: under two names, two processes could write to the file and damage it.
    #[error("`{}` has {links} hard links, and may be written to by none of its other names: delete the others, or make a copy instead of a link", .path.display())]
    HardLinked {
        /// The database, its write-ahead log, the index of the log, or the lock file.
        path: PathBuf,
        /// The number of names.
        links: u64,
    },
    /// A file was deleted or renamed while it was in use. Earlier writes reach the database when the engine is
    /// shut down, provided that the process is still alive.
    #[error("`{}` was deleted or renamed while it was in use, so nothing more is saved: shut the engine down, put the file back if it is the database, and open it again", .path.display())]
    Deleted {
        /// The database, its write-ahead log, the index of the log, or the lock file.
        path: PathBuf,
    },
    /// A file in use was replaced by another file of the same name.
    #[error("`{}` was replaced by another file while it was in use, so nothing more is saved: end this process, see that the database and its `-wal` are of one moment, and open it again", .path.display())]
    Replaced {
        /// The database, its write-ahead log, the index of the log, or the lock file.
        path: PathBuf,
    },
    /// Another process has opened the file, though this one has not closed it: the lock file was deleted, or the
    /// file system has no locks.
    #[error("another process has taken over `{}` (owner epoch {found}, and {epoch} is that of this process), so nothing more is saved here: end this process", .path.display())]
    TakenOver {
        /// The file.
        path: PathBuf,
        /// The epoch when this process opened the file: how often it had been opened.
        epoch: i64,
        /// The epoch in the file now.
        found: i64,
    },
    /// The checksum of a row does not match its contents.
    #[error(
        "row {row} of table `{table}` is damaged: its checksum does not match; take it from a backup, or delete it"
    )]
    DamagedRow {
        /// The table.
        table: &'static str,
        /// The number of the row, and the id of its run if it has one.
        row: String,
    },
    /// The file is damaged elsewhere than in a row.
    #[error(
        "the file is damaged: {found}; take it from a backup, or make a new one with `.recover` of SQLite's shell"
    )]
    DamagedFile {
        /// The damage and its location.
        found: String,
    },
    /// The file can't be opened.
    #[error("cannot open `{}`", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Arc<std::io::Error>,
    },
    /// The file could not be read or written: for example, the disk is full or a page is damaged.
    #[error("cannot {doing}")]
    Sqlite {
        /// The operation, with the run that it was for.
        doing: String,
        /// The error from SQLite.
        source: Arc<rusqlite::Error>,
    },
    /// The saved data is not a valid run, or was saved under a drawing in which its nodes have another meaning.
    #[error(transparent)]
    Refused(#[from] RestoreError),
    /// The saved data of a run can't be read.
    #[error("what was saved of run `{run}` is broken")]
    Unreadable {
        /// The run.
        run: String,
        /// The cause.
        source: Arc<serde_json::Error>,
    },
    /// The saved drawing of some runs can't be read.
    #[error("the drawing number {number} of the file is broken")]
    Drawing {
        /// Its number in the file.
        number: i64,
        /// The cause.
        source: Arc<serde_json::Error>,
    },
    /// The context of a run can't be written as JSON, or can't be read as the context type.
    #[error("the context of run `{run}`{} does not {doing}", at(*.branch))]
    Context {
        /// The run.
        run: String,
        /// The branch that the context belongs to; 0 is the run itself.
        branch: BranchId,
        /// "serialize" or "deserialize".
        doing: &'static str,
        /// The cause.
        source: Arc<serde_json::Error>,
    },
    /// The context of a run has a newer version than this program knows.
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
    /// The function that reads older contexts failed for this run.
    #[error("the context of run `{run}`{} does not become version {to} from version {from}", at(*.branch))]
    Migration {
        /// The run.
        run: String,
        /// The branch that the context belongs to; 0 is the run itself.
        branch: BranchId,
        /// The version of the context.
        from: u32,
        /// The version of the program.
        to: u32,
        /// The cause.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// There is no run with this id in the file.
    #[error("there is no run `{run}`")]
    Unknown {
        /// The run.
        run: String,
    },
    /// The id of a message is already that of a run that the program started itself.
    #[error(
        "a message of `{sender}` would be the run `{run}`, which is there already: abandon that one unless it is \
         over, and delete it"
    )]
    MessageIdTaken {
        /// The existing run.
        run: String,
        /// The run that sends the message.
        sender: String,
    },
    /// The run is not over and is not driven, because it was not resumed.
    #[error("run `{run}` is not over and is not being driven: resume it")]
    NotResumed {
        /// The run.
        run: String,
    },
    /// The run is being driven, or an operator's call is changing it.
    #[error("run `{run}` is going on: cancel it, or wait until it is over")]
    RunActive {
        /// The run.
        run: String,
    },
    /// The run is not stuck, or not at the given visit.
    #[error("run `{run}` is not stuck{}", .what.as_ref().map(|what| format!(" at {what}")).unwrap_or_default())]
    NotStuck {
        /// The run.
        run: String,
        /// The visit that was given.
        what: Option<String>,
    },
    /// The run is over, so it can be neither cancelled nor abandoned.
    #[error("run `{run}` is over: it is {status}")]
    Over {
        /// The run.
        run: String,
        /// How it ended.
        status: Status,
    },
    /// The run is not over or is stuck, so it may have pending undos and can't be deleted.
    #[error("run `{run}` is {status}, and may owe something: abandon it before it is deleted")]
    NotOver {
        /// The run.
        run: String,
        /// Its current status.
        status: Status,
    },
    /// The task that drove the run panicked, when its context was dropped.
    #[error("the task that drove run `{run}` panicked: resume the run")]
    Panicked {
        /// The run.
        run: String,
    },
    /// The limit of active runs is reached, see [`Engine::max_running`](crate::Engine::max_running).
    #[error(
        "run `{run}` is not started: {running} runs are under way and at most {most} may be, so try again later"
    )]
    Overloaded {
        /// The run that was to be started.
        run: String,
        /// The number of active runs.
        running: usize,
        /// The limit.
        most: usize,
    },
    /// The engine was shut down.
    #[error("the engine was shut down")]
    Closed,
}

fn at(branch: BranchId) -> String {
    if branch == 0 { String::new() } else { format!(" in its branch {branch}") }
}

impl Error {
    /// Returns a function for `map_err`. The text of the operation is built only on failure.
    pub(crate) fn sqlite(doing: impl fmt::Display) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| Self::Sqlite { doing: doing.to_string(), source: Arc::new(source) }
    }

    /// Returns whether the disk, or the file, is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.code() == Some(rusqlite::ErrorCode::DiskFull)
    }

    /// Returns whether the file is damaged.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        matches!(self, Self::DamagedRow { .. } | Self::DamagedFile { .. })
            || self.code() == Some(rusqlite::ErrorCode::DatabaseCorrupt)
    }

    /// Returns whether the operation may succeed later, without a change to the run or to the program: the file is
    /// locked by another connection, the disk is full or can't be reached, or a file was renamed, replaced or
    /// hard-linked, and may get its own name back.
    ///
    /// Runs that such an error has halted continue without a call once the file can be written again.
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

    /// Returns each variant once, with a cause if the variant has one.
    fn all() -> Vec<Error> {
        let path = || PathBuf::from("runs.db");
        let run = || "order-1".to_owned();
        let json = || Arc::new(serde_json::from_str::<u8>("{").unwrap_err());
        let io = || Arc::new(std::io::Error::other("the disk is gone"));
        let sqlite = || Arc::new(rusqlite::Error::QueryReturnedNoRows);
        let refused = RestoreError::Malformed { run: run().into(), what: "it has no places".to_owned() };
        vec![
            Error::Locked { path: path(), holder: "process 7".to_owned() },
            Error::NotADatabase { path: path() },
            Error::OtherApplication { path: path(), application: 7 },
            Error::NewerVersion { path: path(), found: 9, known: 4 },
            Error::OlderVersion { path: path(), found: 4, known: 5 },
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
            Error::Context { run: run(), branch: 0, doing: "serialize", source: json() },
            Error::ContextVersion { run: run(), found: 2, known: 1 },
            Error::Migration { run: run(), branch: 3, from: 1, to: 2, source: json() },
            Error::Unknown { run: run() },
            Error::MessageIdTaken { run: run(), sender: "order-2".to_owned() },
            Error::NotResumed { run: run() },
            Error::RunActive { run: run() },
            Error::NotStuck { run: run(), what: None },
            Error::Over { run: run(), status: Status::Completed },
            Error::NotOver { run: run(), status: Status::Stuck },
            Error::Panicked { run: run() },
            Error::Overloaded { run: run(), running: 8, most: 7 },
            Error::Closed,
        ]
    }

    /// Stops compiling when a variant is added, which must then be added to [`all`], too.
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
            | Error::OtherApplication { .. }
            | Error::NewerVersion { .. }
            | Error::OlderVersion { .. }
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
            | Error::MessageIdTaken { .. }
            | Error::NotResumed { .. }
            | Error::RunActive { .. }
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
