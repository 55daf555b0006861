//! The file: one writes, one reads.

mod lock;
mod rows;
mod schema;
mod write;
mod writer;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::error::Error;
use lock::Lock;
pub use rows::Summary;
pub(crate) use rows::{
    Kept, Tail, by_id, by_seq, drawing, ended_before, id, list, sent, statuses, unfinished,
};
pub(crate) use write::{Kept as Keep, Moved, New, Part, Text, Write, Written};
pub(crate) use writer::Held;
use writer::Writer;

/// An open file.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    writer: Arc<Writer>,
    reader: Arc<Mutex<Option<Connection>>>,
}

impl Store {
    /// Opens the file, or makes it. Blocks while it does.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let path = absolute(path)?;
        let lock = Lock::take(&path)?;
        let writer = schema::open(&path)?;
        let reader = schema::open_to_read(&path)?;
        let cannot = |source| Error::Open { path: path.clone(), source: Arc::new(source) };
        let writer = Arc::new(Writer::new(writer, lock).map_err(cannot)?);
        Ok(Self { path, writer, reader: Arc::new(Mutex::new(Some(reader))) })
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

    /// Reads, where it may block.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let reader = Arc::clone(&self.reader);
        let reading = tokio::task::spawn_blocking(move || {
            let reader = lock(&reader);
            read(reader.as_ref().ok_or(Error::Closed)?)
        });
        reading.await.unwrap_or(Err(Error::Closed))
    }

    /// Finishes what is being written, closes the file and gives up the lock.
    pub(crate) async fn close(&self) {
        let (reader, writer) = (Arc::clone(&self.reader), Arc::clone(&self.writer));
        let closing = tokio::task::spawn_blocking(move || {
            // The last to close a file tidies up, and only who may write can.
            drop(lock(&reader).take());
            writer.close();
        });
        let _ = closing.await;
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
