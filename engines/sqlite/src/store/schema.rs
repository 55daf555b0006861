//! The schema of a file, and the migration of older files.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::checksum;
use crate::error::Error;

/// The application id in the file's header: the ASCII codes of `flow`.
pub(crate) const APPLICATION: u32 = 0x666c_6f77;

/// The version of files that this program writes.
pub(crate) const VERSION: u32 = 7;

/// The migrations, in the order of the versions that they produce, from 1.
const MIGRATIONS: [fn(&Transaction<'_>) -> rusqlite::Result<()>; VERSION as usize] =
    [first, path_apart, last_of_path, completed_apart, refused, checked, renamed];

/// A file that was opened for writing.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    /// How often the file was opened. Processes that opened it earlier may not write any more.
    pub(crate) epoch: i64,
    /// The previous process closed the file properly.
    pub(crate) was_closed: bool,
}

/// Opens a file for writing, creates it if it does not exist, and migrates it.
pub(crate) fn open(path: &Path) -> Result<Opened, Error> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = connect(path, flags)?;
    let named = |source| explain(path, source);
    let (application, version) = header(&connection).map_err(named)?;
    let is_empty = connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get::<_, i64>(0));
    match (application, version, is_empty.map_err(named)?) {
        (APPLICATION, found, _) if found > VERSION => {
            return Err(Error::NewerVersion { path: path.to_owned(), found, known: VERSION });
        }
        (APPLICATION, ..) | (0, 0, 0) => {}
        (application, ..) => return Err(Error::OtherApplication { path: path.to_owned(), application }),
    }
    if connection.is_readonly("main").map_err(named)? {
        return Err(Error::ReadOnly { path: path.to_owned() });
    }
    set_up(&connection).map_err(named)?;
    for at in version..VERSION {
        migrate(&mut connection, at).map_err(named)?;
    }
    if (1..VERSION).contains(&version) {
        make_shrinkable(&connection);
    }
    let (epoch, was_closed) = take_over(&mut connection).map_err(named)?;
    Ok(Opened { connection, epoch, was_closed })
}

/// Increments the epoch: a process that had the file open detects this in its next transaction, and writes nothing
/// more.
fn take_over(connection: &mut Connection) -> rusqlite::Result<(i64, bool)> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let read = "SELECT epoch + 1, closed FROM owner";
    let (epoch, was_closed) = transaction.query_row(read, (), |row| Ok((row.get(0)?, row.get(1)?)))?;
    transaction.execute("UPDATE owner SET epoch = ?, closed = 0", [epoch])?;
    transaction.commit()?;
    Ok((epoch, was_closed))
}

/// The value of `PRAGMA auto_vacuum` for files that shrink when pages are freed and the program asks for it.
const INCREMENTAL: u32 = 2;

/// Lets a file that does not shrink yet, of version 5 or older, shrink from now on. SQLite has to write the whole file
/// anew, and needs space for that; the migration has written most of the file already.
fn make_shrinkable(connection: &Connection) {
    let vacuum = || {
        let auto_vacuum: u32 = connection.pragma_query_value(None, "auto_vacuum", |row| row.get(0))?;
        if auto_vacuum == INCREMENTAL {
            return Ok(());
        }
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        connection.execute_batch("VACUUM")
    };
    if let Err(error) = vacuum() {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the file of an older version is not made anew, and keeps its size when runs are deleted"
        );
    }
}

/// Opens a file that is open already, for reading beside the writer.
pub(crate) fn open_to_read(path: &Path) -> Result<Connection, Error> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // The last connection to close a file writes the log back, and deletes it by its name: only the writer knows
    // whether it may do that.
    let left = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    left.map_err(|source| explain(path, source))?;
    Ok(connection)
}

/// Opens an existing file of this version for reading. Other processes may have it open.
pub(crate) fn open_as_is(path: &Path) -> Result<Connection, Error> {
    check_version(open_to_read(path)?, path)
}

/// Opens an existing file of this version for changes. Neither creates nor migrates it, because its service may be
/// an older program.
pub(crate) fn open_to_change(path: &Path) -> Result<Opened, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = check_version(connect(path, flags)?, path)?;
    let taken = set_up(&connection).and_then(|()| take_over(&mut connection));
    let (epoch, was_closed) = taken.map_err(|source| explain(path, source))?;
    Ok(Opened { connection, epoch, was_closed })
}

fn check_version(connection: Connection, path: &Path) -> Result<Connection, Error> {
    let (application, found) = header(&connection).map_err(|source| explain(path, source))?;
    let (path, known) = (path.to_owned(), VERSION);
    match application {
        APPLICATION if found > known => Err(Error::NewerVersion { path, found, known }),
        APPLICATION if found < known => Err(Error::OlderVersion { path, found, known }),
        APPLICATION => Ok(connection),
        _ => Err(Error::OtherApplication { path, application }),
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    let connection = Connection::open_with_flags(path, flags).map_err(|source| explain(path, source))?;
    connection.set_prepared_statement_cache_capacity(64);
    // Without this, a statement that could use a partial index is prepared anew for each value.
    let stable = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true);
    stable.map_err(|source| explain(path, source))?;
    Ok(connection)
}

fn header(connection: &Connection) -> rusqlite::Result<(u32, u32)> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    Ok((pragma("application_id")?.cast_unsigned(), pragma("user_version")?.cast_unsigned()))
}

/// The length in bytes to which a long log, such as after a large context, is truncated when it restarts.
const LONGEST_LOG: u32 = 16 << 20;

/// Makes commits durable: a commit is on the disk when it returns.
fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    // Can only be set in a file without tables, and before it has a log.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    // A new file has a journal until it has a log. With FULL, the deletion of that journal is not synced; if it
    // reappeared after a power failure, SQLite would roll back the creation of the file.
    connection.pragma_update(None, "synchronous", "EXTRA")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // In bytes. SQLite overwrites its log from the beginning again and again, but does not shorten it otherwise.
    connection.pragma_update(None, "journal_size_limit", LONGEST_LOG)?;
    // A negative value is in KiB. Ids are in random order, so writes are spread over all of their index.
    connection.pragma_update(None, "cache_size", -16_384)?;
    // The numbers of drawings come from the file, and drawings are never deleted: no lookup per run is needed.
    connection.pragma_update(None, "foreign_keys", false)
}

fn migrate(connection: &mut Connection, from: u32) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    MIGRATIONS[from as usize](&transaction)?;
    transaction.pragma_update(None, "application_id", APPLICATION.cast_signed())?;
    transaction.pragma_update(None, "user_version", from + 1)?;
    transaction.commit()
}

/// Turns SQLite's error on opening a file into one that says what to do.
fn explain(path: &Path, source: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{NotADatabase, ReadOnly};
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(NotADatabase) => Error::NotADatabase { path },
        Some(ReadOnly) => Error::ReadOnly { path },
        _ => Error::sqlite(format_args!("open `{}`", path.display()))(source),
    }
}

/// Version 1: the state of each run.
fn first(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "CREATE TABLE drawings (
            drawing INTEGER PRIMARY KEY,
            text TEXT NOT NULL UNIQUE
        ) STRICT;
        CREATE TABLE runs (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            sender TEXT,
            drawing INTEGER NOT NULL REFERENCES drawings,
            status INTEGER NOT NULL,
            cancelled INTEGER NOT NULL DEFAULT 0,
            started INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            state TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX runs_by_id ON runs (id);
        CREATE INDEX runs_by_status ON runs (status, seq);
        CREATE INDEX runs_by_sender ON runs (sender) WHERE sender IS NOT NULL;",
    )
}

/// Version 2: the path of a run has its own table, because it only grows. Before, it was part of the state, and
/// was written anew with each step.
fn path_apart(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "CREATE TABLE path (
            run INTEGER NOT NULL,
            first INTEGER NOT NULL,
            walked TEXT NOT NULL,
            PRIMARY KEY (run, first)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO path (run, first, walked)
            SELECT seq, 0, state ->> '$.path' FROM runs
            WHERE json_array_length(state, '$.path') > 0;
        UPDATE runs SET state = json_remove(state, '$.path');",
    )
}

/// Version 3: the last part of a path is in the row of its run, which is written anyway.
fn last_of_path(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "ALTER TABLE runs ADD COLUMN first INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE runs ADD COLUMN walked TEXT NOT NULL DEFAULT '';",
    )
}

/// Version 4: completed runs, which most runs become, are not in the index of statuses. Texts omit the default
/// values of a run, so older programs can't read them.
fn completed_apart(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "DROP INDEX runs_by_status;
        CREATE INDEX runs_by_status ON runs (status, seq) WHERE status < 5;",
    )
}

/// Version 5: the refused runs and their reasons, for programs that don't have the flow. Abandoned runs, which
/// have the last status code, are in the index.
fn refused(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "CREATE TABLE refused (
            run INTEGER PRIMARY KEY,
            reason TEXT NOT NULL
        ) STRICT;
        DROP INDEX runs_by_status;
        CREATE INDEX runs_by_status ON runs (status, seq) WHERE status <> 5;",
    )
}

/// Version 6: rows have checksums, and the file records its owner.
fn checked(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "ALTER TABLE runs ADD COLUMN head_crc BLOB NOT NULL DEFAULT x'';
        ALTER TABLE runs ADD COLUMN crc BLOB NOT NULL DEFAULT x'';
        ALTER TABLE path ADD COLUMN crc BLOB NOT NULL DEFAULT x'';
        ALTER TABLE drawings ADD COLUMN crc BLOB NOT NULL DEFAULT x'';
        CREATE TABLE owner (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            epoch INTEGER NOT NULL,
            closed INTEGER NOT NULL
        ) STRICT;
        INSERT INTO owner VALUES (1, 0, 1);",
    )?;
    checksum::write_all(transaction)
}

/// Version 7: the texts name the parts of a run in other words. The old names are still read, and a run is written
/// with the new ones when it advances, so older programs can't read it.
#[expect(clippy::unnecessary_wraps, reason = "the other migrations can fail")]
fn renamed(_: &Transaction<'_>) -> rusqlite::Result<()> {
    Ok(())
}
