//! The file: one writes, one reads.

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
    Kept, Tail, by_id, by_seq, count, ended_before, id, name, number, run_numbers, sent, statuses, stuck,
    unfinished,
};
use schema::Opened;
pub(crate) use write::{Kept as Keep, Moved, New, Part, Text, Write, Written};
pub(crate) use writer::Held;
use writer::Writer;

/// How long a write waits for a lock that another connection holds. Only one process drives the runs of a file, so that is
/// rare: a copy that is being made, or SQLite's own program.
const LOCKED: Duration = Duration::from_secs(1);

/// A file that is read, while others may have it.
#[derive(Debug)]
pub(crate) struct ReadOnly(Connection);

/// A file that is changed by hand: no run of it is driven meanwhile.
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
        // A file of another program gets no lock beside it.
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

/// A file that has to be there.
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
    /// Opens the file, or makes it. Blocks while it does.
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
        // Runs that can't be saved are halted and go on later, so nobody has to wait longer here.
        connection.busy_timeout(LOCKED).map_err(Error::sqlite("open the file of runs"))?;
        let cannot = |source| Error::Open { path: path.clone(), source: Arc::new(source) };
        let reader = Arc::new(Reader::new(reader).map_err(cannot)?);
        let writer = Arc::new(Writer::new(connection, owner).map_err(cannot)?);
        Ok(Self { path, writer, reader, clock })
    }

    /// The time, in milliseconds since 1970, but no earlier than it was before in this file.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Looks the whole file through. An error for each damage.
    pub(crate) async fn check(&self) -> Result<Vec<Error>, Error> {
        let path = self.path.clone();
        let checking = tokio::task::spawn_blocking(move || Ok(check::whole(&schema::open_to_read(&path)?)));
        checking.await.unwrap_or(Err(Error::Closed))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Has it written. Once this is ready, it is on the disk.
    ///
    /// It is asked for at once, and done even if the future is dropped.
    pub(crate) fn write(&self, write: Write) -> impl Future<Output = Result<Written, Error>> + Send + use<> {
        self.writer.write(write, None)
    }

    /// The same. Until it is written, or can't be, this is held.
    pub(crate) fn write_holding(
        &self,
        write: Write,
        held: Option<Held>,
    ) -> impl Future<Output = Result<Written, Error>> + Send + use<> {
        self.writer.write(write, held)
    }

    /// Writes it at once, in this thread, if nobody else writes.
    ///
    /// Blocks, as a task of Tokio's runtime with many threads may: it panics elsewhere.
    pub(crate) fn write_here(&self, write: &Write) -> Option<Result<Written, Error>> {
        self.writer.write_here(write)
    }

    /// Reads, in the thread that does.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.reader.read(read).await
    }

    /// Finishes what is being written, closes the file and gives up the lock.
    pub(crate) async fn close(&self) {
        let (reader, writer) = (Arc::clone(&self.reader), Arc::clone(&self.writer));
        let (done, closed) = oneshot::channel();
        // Not in Tokio's pool for blocking work, which steps may have filled.
        let closing = thread::Builder::new().name("flowgen-sqlite-close".to_owned()).spawn(move || {
            // The last to close a file tidies up, and only who may write can.
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

/// A lock that a panic elsewhere cannot take away.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The process that had the file did not close it: it was killed, or the power failed.
fn report_damage(path: &Path, reader: &Connection) {
    for damage in check::structure(reader, "quick_check") {
        let (path, error) = (path.display(), &damage as &dyn std::error::Error);
        tracing::error!(%path, error, "the file was not closed in good order, and is damaged");
    }
}

/// The same for all names of a file, so that it is locked once.
fn absolute(path: &Path) -> Result<PathBuf, Error> {
    let cannot = |source| Error::Open { path: path.to_owned(), source: Arc::new(source) };
    if let Ok(path) = path.canonicalize() {
        return Ok(path);
    }
    let name = path.file_name().ok_or_else(|| cannot(std::io::ErrorKind::InvalidFilename.into()))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(folder.canonicalize().map_err(cannot)?.join(name))
}
