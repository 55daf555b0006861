//! The file: one writes, one reads.

mod listing;
mod lock;
mod reader;
mod rows;
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
pub(crate) use listing::{Wanted, list, refusal, refused};
use lock::Lock;
use reader::Reader;
pub use rows::Summary;
pub(crate) use rows::{
    Kept, Tail, by_id, by_seq, drawing, drawings, ended_before, id, name, quick_check, run_numbers, sent,
    statuses, stuck, unfinished,
};
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
    _lock: Lock,
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
        // A file of another program gets no lock beside it.
        drop(schema::open_as_is(&path)?);
        let lock = Lock::take(&path)?;
        Ok(Self { file: ReadOnly(schema::open_to_change(&path)?), _lock: lock })
    }

    pub(crate) fn file(&self) -> &ReadOnly {
        &self.file
    }

    pub(crate) fn write(&self, write: &Write) -> Result<Written, Error> {
        writer::commit(&self.file.0, write)
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
}

impl Store {
    /// Opens the file, or makes it. Blocks while it does.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let path = absolute(path)?;
        let lock = Lock::take(&path)?;
        let writer = schema::open(&path)?;
        let reader = schema::open_to_read(&path)?;
        // Runs that can't be saved are halted and go on later, so nobody has to wait longer here.
        writer.busy_timeout(LOCKED).map_err(Error::sqlite("open the file of runs"))?;
        let cannot = |source| Error::Open { path: path.clone(), source: Arc::new(source) };
        let reader = Arc::new(Reader::new(reader).map_err(cannot)?);
        let writer = Arc::new(Writer::new(writer, lock).map_err(cannot)?);
        Ok(Self { path, writer, reader })
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
