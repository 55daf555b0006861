//! The file: one writes, one reads.

mod lock;
mod rows;
mod schema;
mod write;
mod writer;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::error::Error;
use lock::Lock;
pub use rows::Summary;
pub(crate) use rows::{Kept, by_id, by_seq, drawing, id, list, sent, statuses, unfinished};
pub(crate) use write::{Kept as Keep, Moved, New, Write, Written};
use writer::Job;

/// An open file.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    jobs: Mutex<Option<Sender<Job>>>,
    reader: Arc<Mutex<Option<Connection>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens the file, or makes it. Blocks while it does.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let path = absolute(path)?;
        let lock = Lock::take(&path)?;
        let writer = schema::open(&path)?;
        let reader = schema::open_to_read(&path)?;
        let cannot = |source| Error::Open { path: path.clone(), source: Arc::new(source) };
        let (jobs, thread) = writer::spawn(writer, lock).map_err(cannot)?;
        Ok(Self {
            path,
            jobs: Mutex::new(Some(jobs)),
            reader: Arc::new(Mutex::new(Some(reader))),
            thread: Mutex::new(Some(thread)),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Has it written. Once this is ready, it is on the disk.
    ///
    /// It is asked for at once, and done even if the future is dropped.
    pub(crate) fn write(&self, write: Write) -> impl Future<Output = Result<Written, Error>> + Send + use<> {
        let (answer, answered) = oneshot::channel();
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = jobs.as_ref().is_some_and(|jobs| jobs.send(Job { write, answer }).is_ok());
        drop(jobs);
        async move {
            if !asked {
                return Err(Error::Closed);
            }
            answered.await.unwrap_or(Err(Error::Closed))
        }
    }

    /// Reads, where it may block.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let reader = Arc::clone(&self.reader);
        let reading = tokio::task::spawn_blocking(move || {
            let reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
            read(reader.as_ref().ok_or(Error::Closed)?)
        });
        reading.await.unwrap_or(Err(Error::Closed))
    }

    /// Finishes what is being written, closes the file and gives up the lock.
    pub(crate) async fn close(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let reader = Arc::clone(&self.reader);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let closing = tokio::task::spawn_blocking(move || {
            // The last to close a file tidies up, and only who may write can.
            drop(reader.lock().unwrap_or_else(PoisonError::into_inner).take());
            thread.map(JoinHandle::join)
        });
        let _ = closing.await;
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
