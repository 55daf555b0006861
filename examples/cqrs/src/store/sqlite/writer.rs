//! The writer thread. It commits all waiting writes in one transaction.

use std::sync::mpsc;
use std::thread;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::super::{Result, StoreError};

/// The maximum number of writes in one commit, which bounds the wait of the first.
const MOST: usize = 256;

/// Writes in its own savepoint. Returns a function that sends the result to the caller after the commit.
type Job = Box<dyn FnOnce(&Connection) -> Told + Send>;
type Told = Box<dyn FnOnce(Result<()>) + Send>;

/// Sends writes to the thread. The thread ends when the last handle is dropped.
#[derive(Clone, Debug)]
pub(super) struct Writer(mpsc::Sender<Job>);

impl Writer {
    pub(super) fn start(mut connection: Connection) -> Result<Self> {
        let (jobs, waiting) = mpsc::channel::<Job>();
        let work = move || {
            while let Ok(first) = waiting.recv() {
                let jobs = std::iter::once(first).chain(waiting.try_iter().take(MOST - 1));
                commit(&mut connection, jobs.collect());
            }
        };
        thread::Builder::new().name("writer".to_owned()).spawn(work).map_err(|_| StoreError::Closed)?;
        Ok(Self(jobs))
    }

    /// Writes atomically. Returns after the commit.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (tell, told) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let done = in_savepoint(connection, work);
            Box::new(move |committed| {
                // If the receiver was dropped, the caller does not wait any more.
                let _ = tell.send(committed.and(done));
            })
        });
        self.0.send(job).map_err(|_| StoreError::Closed)?;
        told.await.map_err(|_| StoreError::Closed)?
    }
}

fn commit(connection: &mut Connection, jobs: Vec<Job>) {
    let mut to_tell = Vec::with_capacity(jobs.len());
    let committed = connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|all| {
        to_tell.extend(jobs.into_iter().map(|job| job(&all)));
        all.commit()
    });
    let why = committed.err().map(|why| why.to_string());
    for tell in to_tell {
        tell(why.clone().map_or(Ok(()), |why| Err(StoreError::Commit(why))));
    }
}

/// If `work` fails, its changes are rolled back, and those of other jobs are kept.
fn in_savepoint<T>(connection: &Connection, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let run = |sql| connection.prepare_cached(sql)?.execute([]);
    run("SAVEPOINT job")?;
    let done = work(connection);
    if done.is_err() {
        run("ROLLBACK TO job")?;
    }
    run("RELEASE job")?;
    done
}
