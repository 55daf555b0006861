//! What is in a file, and how older files become like it.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::checksum;
use crate::error::Error;

/// Says in the file's header whose it is: the ASCII of `flow`.
pub(crate) const APPLICATION: u32 = 0x666c_6f77;

/// The version of files that this program writes.
pub(crate) const VERSION: u32 = 6;

/// By the version that they lead to, from 1.
const MIGRATIONS: [fn(&Transaction<'_>) -> rusqlite::Result<()>; VERSION as usize] =
    [first, path_apart, last_of_path, completed_apart, refused, checked];

/// A file that was opened to be written.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    /// How often the file was opened: no process that opened it before may write any more.
    pub(crate) epoch: i64,
    /// Who had it before has closed it in good order.
    pub(crate) was_closed: bool,
}

/// Opens a file to write it, makes it if it is not there, and brings it up to date.
pub(crate) fn open(path: &Path) -> Result<Opened, Error> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = connect(path, flags)?;
    let told = |source| explain(path, source);
    let (application, version) = header(&connection).map_err(told)?;
    let is_empty = connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get::<_, i64>(0));
    match (application, version, is_empty.map_err(told)?) {
        (APPLICATION, found, _) if found > VERSION => {
            return Err(Error::Newer { path: path.to_owned(), found, known: VERSION });
        }
        (APPLICATION, ..) | (0, 0, 0) => {}
        (application, ..) => return Err(Error::Foreign { path: path.to_owned(), application }),
    }
    if connection.is_readonly("main").map_err(told)? {
        return Err(Error::ReadOnly { path: path.to_owned() });
    }
    set_up(&connection).map_err(told)?;
    for at in version..VERSION {
        migrate(&mut connection, at).map_err(told)?;
    }
    if (1..VERSION).contains(&version) {
        make_shrinkable(&connection);
    }
    let (epoch, was_closed) = take_over(&mut connection).map_err(told)?;
    Ok(Opened { connection, epoch, was_closed })
}

/// Raises the epoch: whoever had the file before sees that with its next transaction, and writes nothing more.
fn take_over(connection: &mut Connection) -> rusqlite::Result<(i64, bool)> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let read = "SELECT epoch + 1, closed FROM owner";
    let (epoch, was_closed) = transaction.query_row(read, (), |row| Ok((row.get(0)?, row.get(1)?)))?;
    transaction.execute("UPDATE owner SET epoch = ?, closed = 0", [epoch])?;
    transaction.commit()?;
    Ok((epoch, was_closed))
}

/// Files of older versions never shrink. To change that, SQLite writes the whole file anew, and needs room for
/// that; migrating has written most of it already.
fn make_shrinkable(connection: &Connection) {
    let vacuum = || {
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

/// Opens a file that is open already, to read it beside the one who writes.
pub(crate) fn open_to_read(path: &Path) -> Result<Connection, Error> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // The last to close a file writes its log back, and deletes that by its name: only who writes knows whether
    // it may.
    let left = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    left.map_err(|source| explain(path, source))?;
    Ok(connection)
}

/// Opens a file of this version that is there, to read it. Others may have it.
pub(crate) fn open_as_is(path: &Path) -> Result<Connection, Error> {
    check_version(open_to_read(path)?, path)
}

/// The same to change it. Neither makes the file nor brings it up to date: its service may be an older program.
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
        APPLICATION if found > known => Err(Error::Newer { path, found, known }),
        APPLICATION if found < known => Err(Error::Older { path, found, known }),
        APPLICATION => Ok(connection),
        _ => Err(Error::Foreign { path, application }),
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    let connection = Connection::open_with_flags(path, flags).map_err(|source| explain(path, source))?;
    connection.set_prepared_statement_cache_capacity(64);
    // Otherwise a statement that could use a partial index is prepared anew for each value.
    let stable = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true);
    stable.map_err(|source| explain(path, source))?;
    Ok(connection)
}

fn header(connection: &Connection) -> rusqlite::Result<(u32, u32)> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    Ok((pragma("application_id")?.cast_unsigned(), pragma("user_version")?.cast_unsigned()))
}

/// A log that was longer for a while, as with a large context, is cut to so many bytes when it begins anew.
const LONGEST_LOG: u32 = 16 << 20;

/// A commit is on the disk when it is done: that is what makes runs durable.
fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    // Only a file without tables takes this, and only before it has a log.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    // A file that is made has a journal until it has a log. With FULL, the deletion of that journal is not synced;
    // should it come back after a power loss, SQLite would take back that the file was made.
    connection.pragma_update(None, "synchronous", "EXTRA")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // In bytes. SQLite writes its log from the beginning again and again, but makes it no shorter otherwise.
    connection.pragma_update(None, "journal_size_limit", LONGEST_LOG)?;
    // In KiB, where it is negative: ids are in any order, and their index is written all over.
    connection.pragma_update(None, "cache_size", -16_384)?;
    // Numbers of drawings come from the file itself, and drawings stay: nothing to look up with each run.
    connection.pragma_update(None, "foreign_keys", false)
}

fn migrate(connection: &mut Connection, from: u32) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    MIGRATIONS[from as usize](&transaction)?;
    transaction.pragma_update(None, "application_id", APPLICATION.cast_signed())?;
    transaction.pragma_update(None, "user_version", from + 1)?;
    transaction.commit()
}

/// What SQLite says when a file is opened, in words that say what to do.
fn explain(path: &Path, source: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{NotADatabase, ReadOnly};
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(NotADatabase) => Error::NotADatabase { path },
        Some(ReadOnly) => Error::ReadOnly { path },
        _ => Error::sqlite(format_args!("open `{}`", path.display()))(source),
    }
}

/// Version 1: where each run stands.
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

/// Version 2: where a run has been is a table of its own, since it only grows. Before, it was written
/// anew with each step, as a part of the state.
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

/// Version 3: the last part of a path is kept in the row of its run, which is written anyway.
fn last_of_path(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "ALTER TABLE runs ADD COLUMN first INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE runs ADD COLUMN walked TEXT NOT NULL DEFAULT '';",
    )
}

/// Version 4: completed runs, which most become, are in no index of statuses. And texts leave out what is usual
/// in a run, so that older programs can't read them.
fn completed_apart(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "DROP INDEX runs_by_status;
        CREATE INDEX runs_by_status ON runs (status, seq) WHERE status < 5;",
    )
}

/// Version 5: which runs are refused and why, for programs that don't have the flow. And runs that
/// were abandoned, which have the last number of a status, are in the index.
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

/// Version 6: rows have checksums, and the file knows its owner.
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
