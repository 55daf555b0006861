//! The file, with one writer and one reader.

mod check;
mod checksum;
mod drawings;
mod listing;
mod lock;
mod owner;
mod reader;
mod rows;
mod run_row;
mod schema;
mod write;
mod writer;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::error::Error;
use crate::time::{Clock, Wall};
pub(crate) use check::structure;
pub(crate) use drawings::{DrawingText, drawing, drawings};
pub(crate) use listing::{Wanted, list, refusal, refused};
use lock::Lock;
use owner::Owner;
use reader::Reader;
pub use rows::Summary;
pub(crate) use rows::{
    StoredRun, Tail, by_id, by_seq, count, ended_before, id, name, number, run_numbers, sent, statuses,
    stuck, unfinished,
};
use schema::Opened;
pub(crate) use write::{Json, New, PathChunk, RunColumns, RunUpdate, Write, Written};
pub(crate) use writer::Held;
use writer::Writer;

/// How long a write waits for a lock that another connection holds. Only one process drives the runs of a file, so
/// this is rare: for example, a copy is being made, or SQLite's own program is in use.
const LOCKED: Duration = Duration::from_secs(1);

/// A file that is only read; other processes may have it open.
#[derive(Debug)]
pub(crate) struct ReadOnly(Connection);

/// A file that an operator changes, while none of its runs is driven.
#[derive(Debug)]
pub(crate) struct ByHand {
    file: ReadOnly,
    owner: Owner,
}

impl Drop for ByHand {
    fn drop(&mut self) {
        self.owner.release(&self.file.0);
    }
}

impl ReadOnly {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        schema::open_as_is(&existing(path)?).map(Self)
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.0
    }
}

impl ByHand {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let path = existing(path)?;
        owner::refuse_links(&path)?;
        // No lock file is created beside the file of another program.
        drop(schema::open_as_is(&path)?);
        let lock = Lock::take(&path)?;
        let Opened { connection, epoch, was_closed } = schema::open_to_change(&path)?;
        let owner = Owner::new(&path, epoch, lock)?;
        if !was_closed {
            report_damage(&path, &connection);
        }
        Ok(Self { file: ReadOnly(connection), owner })
    }

    pub(crate) fn file(&self) -> &ReadOnly {
        &self.file
    }

    pub(crate) fn write(&self, write: &Write) -> Result<Written, Error> {
        writer::commit(&self.file.0, &self.owner, write)
    }
}

/// Returns the canonical path of an existing file.
fn existing(path: &Path) -> Result<PathBuf, Error> {
    path.canonicalize().map_err(|source| Error::Open { path: path.to_owned(), source: Arc::new(source) })
}

/// An open file.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    writer: Arc<Writer>,
    reader: Arc<Reader>,
    clock: Clock,
}

impl Store {
    /// Opens the file, and creates it if it does not exist. Blocks the calling thread.
    pub(crate) fn open(path: &Path, wall: Wall) -> Result<Self, Error> {
        let path = absolute(path)?;
        owner::refuse_links(&path)?;
        let lock = Lock::take(&path)?;
        let Opened { connection, epoch, was_closed } = schema::open(&path)?;
        let owner = Owner::new(&path, epoch, lock)?;
        let reader = schema::open_to_read(&path)?;
        if !was_closed {
            report_damage(&path, &reader);
        }
        let clock = Clock::new(wall, rows::latest(&reader)?);
        // Runs that can't be saved are halted and continue later, so no longer wait is needed here.
        connection.busy_timeout(LOCKED).map_err(Error::sqlite("open the file of runs"))?;
        let cannot = |source| Error::Open { path: path.clone(), source: Arc::new(source) };
        let reader = Arc::new(Reader::new(reader).map_err(cannot)?);
        let writer = Arc::new(Writer::new(connection, owner).map_err(cannot)?);
        Ok(Self { path, writer, reader, clock })
    }

    /// The time in milliseconds since 1970, but never earlier than the latest time in this file.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Checks the whole file. Returns an error for each damage.
    pub(crate) async fn check(&self) -> Result<Vec<Error>, Error> {
        let path = self.path.clone();
        let checking = tokio::task::spawn_blocking(move || Ok(check::whole(&schema::open_to_read(&path)?)));
        checking.await.unwrap_or(Err(Error::Closed))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Queues a write for the writer's thread. Once the future is ready, the write is on the disk.
    ///
    /// The write is queued at once, and done even if the future is dropped.
    pub(crate) fn write(&self, write: Write) -> impl Future<Output = Result<Written, Error>> + Send + use<> {
        self.writer.write(write, None)
    }

    /// Like [`Store::write`]. Keeps `held` alive until the write has succeeded or failed.
    pub(crate) fn write_holding(
        &self,
        write: Write,
        held: Option<Held>,
    ) -> impl Future<Output = Result<Written, Error>> + Send + use<> {
        self.writer.write(write, held)
    }

    /// Writes in the calling thread, unless other writes are in progress.
    ///
    /// # Panics
    ///
    /// In Tokio's single-threaded runtime, because it blocks.
    pub(crate) fn write_here(&self, write: &Write) -> Option<Result<Written, Error>> {
        self.writer.write_here(write)
    }

    /// Reads in the reader's thread.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.reader.read(read).await
    }

    /// Finishes pending writes, closes the file and releases the lock.
    pub(crate) async fn close(&self) {
        let (reader, writer) = (Arc::clone(&self.reader), Arc::clone(&self.writer));
        let (done, closed) = oneshot::channel();
        // Does not use Tokio's pool for blocking work, which steps may have filled.
        let closing = thread::Builder::new().name("flowgen-sqlite-close".to_owned()).spawn(move || {
            // The last connection to close a file cleans it up, and only the writer can do that.
            reader.close();
            writer.close();
            let _ = done.send(());
        });
        if closing.is_err() {
            self.reader.close();
            self.writer.close();
        }
        let _ = closed.await;
    }
}

/// Locks a mutex, even if it is poisoned.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Checks a file that was not closed properly, because its process was killed or the power failed.
fn report_damage(path: &Path, reader: &Connection) {
    for damage in check::structure(reader, "quick_check") {
        let (path, error) = (path.display(), &damage as &dyn std::error::Error);
        tracing::error!(%path, error, "the file was not closed in good order, and is damaged");
    }
}

/// Returns the canonical path, so that every alias of a file maps to one lock.
fn absolute(path: &Path) -> Result<PathBuf, Error> {
    let cannot = |source| Error::Open { path: path.to_owned(), source: Arc::new(source) };
    if let Ok(path) = path.canonicalize() {
        return Ok(path);
    }
    let name = path.file_name().ok_or_else(|| cannot(std::io::ErrorKind::InvalidFilename.into()))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(folder.canonicalize().map_err(cannot)?.join(name))
}
