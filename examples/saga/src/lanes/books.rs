//! The database of the services, and the thread that writes it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, SystemTime};

use flowgen::{Fault, Result};
use rusqlite::{Connection, Transaction, TransactionBehavior, ffi};
use tokio::sync::oneshot;

use super::Register;

/// The database of all registers of the services. Clones share the same database.
///
/// One thread writes all waiting changes in one transaction, so that many orders share the cost of a commit. It
/// skips a write if its step timed out while the write was queued.
#[derive(Clone, Debug)]
pub struct Books {
    writes: mpsc::Sender<Box<dyn Job>>,
}

/// The position of a row, ordered by time.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    at: i64,
    run: String,
}

/// The schema version of this program.
const VERSION: i64 = 1;

/// The maximum number of writes in one transaction.
const GROUP: usize = 256;

/// The maximum number of rows read in one transaction, and of runs whose rows are deleted in one transaction.
const ROWS: i64 = 200;

impl Books {
    /// Opens the database, creates it if it does not exist, and migrates an older one.
    ///
    /// # Errors
    ///
    /// The file can't be opened, is not a database of this application, or was written by a newer version.
    pub fn open(file: &Path) -> rusqlite::Result<Self> {
        let mut connection = Connection::open(file)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        migrate(&mut connection)?;
        let (writes, jobs) = mpsc::channel();
        let started = thread::Builder::new().name("books".to_owned()).spawn(move || write(connection, &jobs));
        started.map_err(|why| failure(ffi::SQLITE_NOMEM, format!("no thread can be started: {why}")))?;
        Ok(Self { writes })
    }

    /// The register with this name.
    #[must_use]
    pub fn register<T>(&self, name: &'static str) -> Register<T> {
        Register::new(self.clone(), name)
    }

    /// Executes `work` in a transaction.
    ///
    /// # Errors
    ///
    /// `work` fails, or the database can't be written.
    pub(super) async fn write<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        let (answer, answered) = oneshot::channel();
        let job = Waiting { work: Some(work), done: None, answer };
        self.writes.send(Box::new(job)).map_err(|_| Fault::new("the books are closed"))?;
        answered.await?
    }

    /// Deletes the rows, including marks, that were written before this time and whose run `is_over`. Returns the
    /// number of deleted rows.
    ///
    /// # Errors
    ///
    /// The database can't be written, or `is_over` fails.
    pub async fn delete_before<F>(&self, time: SystemTime, is_over: impl Fn(String) -> F) -> Result<usize>
    where
        F: Future<Output = Result<bool>>,
    {
        let (before, mut deleted, mut from) = (millis(time), 0, Position::default());
        loop {
            let rows = self.write(move |books| rows_between(books, &from, before)).await?;
            let Some(last) = rows.last().cloned() else { return Ok(deleted) };
            let mut runs: Vec<String> = rows.into_iter().map(|row| row.run).collect();
            runs.sort_unstable();
            runs.dedup();
            let mut over = Vec::new();
            for run in runs {
                if is_over(run.clone()).await? {
                    over.push(run);
                }
            }
            if !over.is_empty() {
                deleted += self.write(move |books| delete(books, &over, before)).await?;
            }
            from = last;
        }
    }
}

/// Milliseconds since 1970.
pub(super) fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The next rows after a position that were written before this time, oldest first.
fn rows_between(books: &Connection, from: &Position, before: i64) -> Result<Vec<Position>> {
    let sql = "SELECT DISTINCT at, run FROM entries INDEXED BY entries_by_time
               WHERE (at, run) > (?1, ?2) AND at < ?3 ORDER BY at, run LIMIT ?4";
    let mut rows = books.prepare_cached(sql)?;
    let position = |row: &rusqlite::Row<'_>| Ok(Position { at: row.get(0)?, run: row.get(1)? });
    let rows = rows.query_map((from.at, &from.run, before, ROWS), position)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Deletes the rows of these runs that were written before this time.
fn delete(books: &Connection, runs: &[String], before: i64) -> Result<usize> {
    let mut sql = books.prepare_cached("DELETE FROM entries WHERE run = ?1 AND at < ?2")?;
    let mut deleted = 0;
    for run in runs {
        deleted += sql.execute((run, before))?;
    }
    Ok(deleted)
}

/// A unit of work in a transaction, with its caller.
trait Job: Send {
    /// Whether the caller still waits for the result.
    fn is_wanted(&self) -> bool;
    /// Does the work. Returns whether its changes are to be committed.
    fn work(&mut self, books: &Connection) -> bool;
    /// Sends the result to the caller after the transaction was committed or has failed.
    fn answer(self: Box<Self>, committed: Result<()>);
}

struct Waiting<W, R> {
    work: Option<W>,
    done: Option<Result<R>>,
    answer: oneshot::Sender<Result<R>>,
}

impl<W, R> Job for Waiting<W, R>
where
    W: FnOnce(&Connection) -> Result<R> + Send + 'static,
    R: Send + 'static,
{
    fn is_wanted(&self) -> bool {
        !self.answer.is_closed()
    }

    fn work(&mut self, books: &Connection) -> bool {
        let Some(work) = self.work.take() else { return false };
        // A panic rolls back the changes of this job only.
        let done = catch_unwind(AssertUnwindSafe(|| work(books)));
        let done = done.unwrap_or_else(|_| Err(Fault::new("a write to the books panicked")));
        let is_done = done.is_ok();
        self.done = Some(done);
        is_done
    }

    fn answer(self: Box<Self>, committed: Result<()>) {
        let done = match committed {
            Ok(()) => self.done,
            Err(fault) => Some(Err(fault)),
        };
        if let Some(done) = done {
            // If the receiver was dropped, the step has timed out, which is already recorded as a fault.
            let _ = self.answer.send(done);
        }
    }
}

/// Executes jobs until all handles are dropped.
fn write(mut books: Connection, jobs: &mpsc::Receiver<Box<dyn Job>>) {
    while let Ok(first) = jobs.recv() {
        let group = std::iter::once(first).chain(jobs.try_iter()).take(GROUP);
        let mut group: Vec<_> = group.filter(|job| job.is_wanted()).collect();
        if group.is_empty() {
            continue;
        }
        let committed = commit(&mut books, &mut group).map_err(Fault::from);
        for job in group {
            job.answer(committed.clone());
        }
    }
}

/// Executes all jobs in one transaction. Each job is atomic.
fn commit(books: &mut Connection, group: &mut [Box<dyn Job>]) -> rusqlite::Result<()> {
    let mut transaction = books.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in group {
        let savepoint = transaction.savepoint()?;
        if job.work(&savepoint) {
            savepoint.commit()?;
        }
    }
    transaction.commit()
}

/// Migrates a file to [`VERSION`] in one transaction.
fn migrate(books: &mut Connection) -> rusqlite::Result<()> {
    let transaction = books.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > VERSION {
        let why = format!("the file has version {found}, this program knows {VERSION}: use a newer program");
        return Err(failure(ffi::SQLITE_CANTOPEN, why));
    }
    if found < 1 {
        keys_with_marks(&transaction)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

/// Version 1: a row without an entry is a mark. Rows have a run and a time, and totals are stored.
fn keys_with_marks(books: &Transaction<'_>) -> rusqlite::Result<()> {
    let is_there = "SELECT count(*) FROM sqlite_schema WHERE name = 'entries'";
    let is_there: bool = books.query_row(is_there, (), |row| row.get(0))?;
    if is_there {
        books.execute_batch("ALTER TABLE entries RENAME TO entries_without_marks")?;
    }
    books.execute_batch(
        "CREATE TABLE entries (
             run TEXT NOT NULL, register TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, entry TEXT,
             PRIMARY KEY (run, register, key)
         ) WITHOUT ROWID, STRICT;
         CREATE INDEX entries_by_time ON entries (at);
         CREATE TABLE totals (
             register TEXT PRIMARY KEY, total INTEGER NOT NULL
         ) WITHOUT ROWID, STRICT;",
    )?;
    if !is_there {
        return Ok(());
    }
    {
        let mut old = books.prepare("SELECT register, key, entry FROM entries_without_marks")?;
        let mut new = books.prepare("INSERT INTO entries VALUES (?1, ?2, ?3, ?4, ?5)")?;
        let mut rows = old.query(())?;
        let now = millis(SystemTime::now());
        while let Some(row) = rows.next()? {
            let (register, key, entry): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            // A key is `run/node/visit`.
            let run = key.rsplitn(3, '/').nth(2).unwrap_or(&key);
            new.execute((run, register, &key, now, entry))?;
        }
    }
    books.execute_batch(
        "INSERT INTO totals SELECT register, sum(CAST(entry AS INTEGER)) FROM entries_without_marks
             WHERE register = 'reserved' GROUP BY register;
         DROP TABLE entries_without_marks;",
    )
}

fn failure(code: i32, why: String) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(code), Some(why))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn add(books: &Connection, key: &str) -> Result {
        books.execute("INSERT INTO entries VALUES ('run', 'register', ?1, 0, 'entry')", [key])?;
        Ok(())
    }

    async fn keys(books: &Books) -> Vec<String> {
        let read = |books: &Connection| {
            let mut keys = books.prepare("SELECT key FROM entries ORDER BY key")?;
            let keys = keys.query_map((), |row| row.get(0))?;
            Ok(keys.collect::<rusqlite::Result<_>>()?)
        };
        books.write(read).await.unwrap()
    }

    #[tokio::test]
    async fn a_write_that_fails_or_panics_harms_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let books = Books::open(&folder.path().join("shop.db")).unwrap();
        let good = books.write(|books| add(books, "good"));
        let bad = books.write(|books| add(books, "bad").and(Err::<(), _>(Fault::new("no"))));
        let worse = books.write(|books| -> Result {
            add(books, "worse")?;
            panic!("on purpose");
        });
        let other = books.write(|books| add(books, "other"));
        let (good, bad, worse, other) = tokio::join!(good, bad, worse, other);
        assert!(good.is_ok() && other.is_ok());
        assert_eq!(bad.unwrap_err().to_string(), "no");
        assert_eq!(worse.unwrap_err().to_string(), "a write to the books panicked");
        assert_eq!(keys(&books).await, ["good", "other"]);
    }

    #[tokio::test]
    async fn the_write_of_a_dropped_step_is_skipped() {
        let folder = tempfile::tempdir().unwrap();
        let books = Books::open(&folder.path().join("shop.db")).unwrap();
        let (begun, begins) = oneshot::channel();
        let (go, goes) = mpsc::channel::<()>();
        let waits = books.write(move |books| {
            begun.send(()).unwrap();
            goes.recv()?;
            add(books, "waits")
        });
        let then = async {
            begins.await.unwrap();
            // The write is queued and then dropped, as by a timeout.
            assert!(books.write(|books| add(books, "gone")).now_or_never().is_none());
            go.send(()).unwrap();
        };
        let (waited, ()) = tokio::join!(waits, then);
        waited.unwrap();
        assert_eq!(keys(&books).await, ["waits"]);
    }

    #[tokio::test]
    async fn rows_are_deleted_after_their_time_if_their_run_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let books = Books::open(&folder.path().join("shop.db")).unwrap();
        let fill = |books: &Connection| {
            let mut row = books.prepare("INSERT INTO entries VALUES (?1, 'charges', ?1 || ?2, ?2, ?3)")?;
            for run in 0..500 {
                let entry = (run % 2 == 0).then_some("an entry, and not a mark");
                row.execute((format!("over-{run}"), 1_000 + run % 7, entry))?;
                row.execute((format!("stuck-{run}"), 1_000 + run % 7, entry))?;
            }
            row.execute(("over-recent", 2_000, "an entry"))?;
            Ok(())
        };
        books.write(fill).await.unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(2_000);
        let is_over = async |run: String| -> Result<bool> { Ok(run.starts_with("over-")) };
        assert_eq!(books.delete_before(time, is_over).await.unwrap(), 500);
        let left = keys(&books).await;
        assert_eq!(left.len(), 501);
        assert!(left.iter().all(|key| key.starts_with("stuck-") || key.starts_with("over-recent")));
    }

    const WITHOUT_MARKS: &str = "CREATE TABLE entries (
             register TEXT NOT NULL, key TEXT NOT NULL, entry TEXT NOT NULL,
             PRIMARY KEY (register, key)
         ) WITHOUT ROWID, STRICT;
         INSERT INTO entries VALUES ('charges', 'order-1/n12/1', '4990'),
             ('reserved', 'order-1/n8/1', '2'), ('reserved', 'order-2/n8/1', '5');";

    #[tokio::test]
    async fn a_file_without_marks_is_brought_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.db");
        Connection::open(&file).unwrap().execute_batch(WITHOUT_MARKS).unwrap();
        for _ in 0..2 {
            let books = Books::open(&file).unwrap();
            assert_eq!(keys(&books).await, ["order-1/n12/1", "order-1/n8/1", "order-2/n8/1"]);
            assert_eq!(crate::lanes::Amounts::new(&books, "reserved", 10).left().await.unwrap(), 3);
            let runs = |books: &Connection| {
                Ok(books
                    .query_row("SELECT group_concat(run) FROM entries", (), |row| row.get::<_, String>(0))?)
            };
            assert_eq!(books.write(runs).await.unwrap(), "order-1,order-1,order-2");
        }
    }

    #[test]
    fn a_file_of_a_newer_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.db");
        Connection::open(&file).unwrap().pragma_update(None, "user_version", VERSION + 1).unwrap();
        let why = Books::open(&file).unwrap_err().to_string();
        assert_eq!(why, "the file has version 2, this program knows 1: use a newer program");
    }
}
