//! The thread that reads the file.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use flowgen::Panicked;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::lock;
use crate::error::Error;

/// A read, which sends its own answer.
type Job = Box<dyn FnOnce(&Connection) + Send>;

/// Reads in its own thread, one job after the other.
///
/// Tokio's pool for blocking work would be simpler, but steps use it, too: if they fill it, a read, or the
/// shutdown of the engine, would wait for all of their work.
#[derive(Debug)]
pub(super) struct Reader {
    jobs: Mutex<Option<Sender<Job>>>,
    is_closed: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Reader {
    pub(super) fn new(connection: Connection) -> io::Result<Self> {
        let (jobs, asked) = mpsc::channel();
        let is_closed = Arc::new(AtomicBool::new(false));
        let closed = Arc::clone(&is_closed);
        let thread = thread::Builder::new().name("flowgen-sqlite-read".to_owned());
        let thread = thread.spawn(move || serve(&connection, &asked, &closed))?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), is_closed, thread: Mutex::new(Some(thread)) })
    }

    /// Reads in the reader's thread. A read is skipped if its future was dropped before it begins.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |from| {
            if !answer.is_closed() {
                let _ = answer.send(read(from));
            }
        });
        // If the reader is closed, the answer is dropped together with the job.
        drop(lock(&self.jobs).as_ref().map(|jobs| jobs.send(job)));
        answered.await.unwrap_or(Err(Error::Closed))
    }

    /// Refuses further reads, and blocks until the current one is done.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        drop(lock(&self.jobs).take());
        let thread = lock(&self.thread).take();
        let _ = thread.map(JoinHandle::join);
    }
}

fn serve(connection: &Connection, asked: &Receiver<Job>, is_closed: &AtomicBool) {
    for job in asked {
        if !is_closed.load(Ordering::Acquire) {
            // A panic drops the answer, so that the caller gets `Error::Closed`.
            let _ = Panicked::catch(|| job(connection));
        }
    }
}
