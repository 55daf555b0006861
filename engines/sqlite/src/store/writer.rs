//! The writer: a thread that commits all pending writes at once. If no other write is pending, the calling thread
//! commits.

use std::any::Any;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;
use tokio::task::block_in_place;

use super::lock;
use super::owner::Owner;
use super::write::{Transaction, Write, Written};
use crate::error::Error;

/// The most writes in one group, which share one wait for the disk.
const MAX_GROUP: usize = 1024;

/// If at least this many calls waited for the last commit, the next commit waits a moment for them.
const MIN_SIBLINGS: usize = 4;

/// The longest time that the thread waits for further writes before a commit, in total.
const MAX_DELAY: Duration = Duration::from_micros(200);

/// Writes in its own thread or in the thread of the caller.
#[derive(Debug)]
pub(super) struct Writer {
    file: Arc<File>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// The file, to which one thread at a time writes.
#[derive(Debug)]
struct File {
    /// `None` once the file is closed.
    open: Mutex<Option<(Connection, Owner)>>,
    queue: Queue,
    /// The thread's last group had one job, so that waiting for further jobs would gain nothing.
    is_quiet: AtomicBool,
}

/// The jobs of the thread.
///
/// It is not a channel: a channel would need a lock, too, in order to be closed, and the thread takes all pending
/// jobs at once.
#[derive(Debug, Default)]
struct Queue {
    jobs: Mutex<Jobs>,
    /// The number of jobs that are queued, or are in the group that is being written.
    waiting: AtomicUsize,
    has_come: Condvar,
}

#[derive(Debug, Default)]
struct Jobs {
    first_come: Vec<Job>,
    is_closed: bool,
    /// The thread has nothing to do.
    sleeps: bool,
}

/// A write, and the caller that waits for it.
#[derive(Debug)]
struct Job {
    write: Write,
    held: Option<Held>,
    answer: oneshot::Sender<Result<Written, Error>>,
}

/// Keeps the claim of a run alive until a write has succeeded or failed, even if the caller has dropped its
/// future.
pub(crate) type Held = Arc<dyn Any + Send + Sync>;

/// The callers that the thread waits for before it commits.
///
/// A caller whose commit is done often finishes the next step within a few microseconds. A commit without it costs
/// two waits for the disk instead of one after a short delay. `commit_delay` and `commit_siblings` of `PostgreSQL`
/// make the same trade-off.
#[derive(Debug, Default)]
struct GroupCommitDelay {
    /// The number of callers that waited for the last commit.
    waited: usize,
    /// The remaining time for which a wait is worthwhile.
    left: Duration,
}

impl GroupCommitDelay {
    /// The wait is short compared to the commit of a group: a longer one would cost more than it saves.
    fn after(waited: usize, took: Duration) -> Self {
        Self { waited: waited.min(MAX_GROUP), left: MAX_DELAY.min(took / 2) }
    }

    /// Returns whether the thread should wait for further callers.
    fn expects_more_than(&self, group: &[Job]) -> bool {
        self.waited >= MIN_SIBLINGS && group.len() < self.waited
    }
}

impl Writer {
    pub(super) fn new(connection: Connection, owner: Owner) -> io::Result<Self> {
        let (open, queue) = (Mutex::new(Some((connection, owner))), Queue::default());
        let file = Arc::new(File { open, queue, is_quiet: AtomicBool::new(true) });
        let served = Arc::clone(&file);
        let thread = thread::Builder::new().name("flowgen-sqlite".to_owned());
        let thread = thread.spawn(move || served.serve())?;
        Ok(Self { file, thread: Mutex::new(Some(thread)) })
    }

    /// Queues a write for the thread. Once the future is ready, the write is on the disk.
    ///
    /// The write is queued at once, and done even if the future is dropped.
    pub(super) fn write(
        &self,
        write: Write,
        held: Option<Held>,
    ) -> impl Future<Output = Result<Written, Error>> + Send + use<> {
        let (answer, answered) = oneshot::channel();
        let asked = self.file.queue.push(Job { write, held, answer });
        async move {
            if !asked {
                return Err(Error::Closed);
            }
            answered.await.unwrap_or(Err(Error::Closed))
        }
    }

    /// Writes in the calling thread, which saves two thread switches. Returns `None` if another thread is writing,
    /// or if writes are so frequent that they should share a commit.
    ///
    /// # Panics
    ///
    /// In Tokio's single-threaded runtime, because it blocks.
    pub(super) fn write_here(&self, write: &Write) -> Option<Result<Written, Error>> {
        let File { open, queue, is_quiet } = &*self.file;
        if !is_quiet.load(Ordering::Relaxed) || queue.waiting.load(Ordering::Relaxed) > 0 {
            return None;
        }
        let file = match open.try_lock() {
            Ok(file) => file,
            Err(TryLockError::Poisoned(file)) => file.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        let (connection, owner) = file.as_ref()?;
        Some(block_in_place(|| commit(connection, owner, write)))
    }

    /// Refuses further writes. Blocks until pending writes are done and the file is closed.
    pub(super) fn close(&self) {
        self.file.queue.close();
        let thread = lock(&self.thread).take();
        let _ = thread.map(JoinHandle::join);
    }
}

/// The thread owns the file, too, so it has to be notified when the last handle is dropped.
impl Drop for Writer {
    fn drop(&mut self) {
        self.file.queue.close();
    }
}

impl Queue {
    /// Returns `false` if the queue is closed.
    fn push(&self, job: Job) -> bool {
        let mut jobs = lock(&self.jobs);
        if jobs.is_closed {
            return false;
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        jobs.first_come.push(job);
        if std::mem::take(&mut jobs.sleeps) {
            self.has_come.notify_one();
        }
        true
    }

    fn close(&self) {
        lock(&self.jobs).is_closed = true;
        self.has_come.notify_one();
    }

    /// Waits for a job. Returns `false` if the queue is closed and empty.
    fn wait(&self) -> bool {
        let mut jobs = lock(&self.jobs);
        while jobs.first_come.is_empty() && !jobs.is_closed {
            jobs.sleeps = true;
            jobs = self.has_come.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
        !jobs.first_come.is_empty()
    }

    /// Moves queued jobs to a group, up to the largest size of a group.
    fn take(&self, group: &mut Vec<Job>) {
        let mut jobs = lock(&self.jobs);
        let some = jobs.first_come.len().min(MAX_GROUP - group.len());
        group.extend(jobs.first_come.drain(..some));
    }

    /// Like [`Queue::take`], but waits a moment if no job is queued and further callers are expected. Returns
    /// `false` if there was no job.
    fn take_soon(&self, group: &mut Vec<Job>, delay: &mut GroupCommitDelay) -> bool {
        let had = group.len();
        if delay.expects_more_than(group) {
            let begun = Instant::now();
            while self.waiting.load(Ordering::Relaxed) == had && begun.elapsed() < delay.left {
                // Yields instead of sleeping: sleeping takes longer than the wait, and the callers may need the
                // processor.
                thread::yield_now();
            }
            delay.left = delay.left.saturating_sub(begun.elapsed());
            self.take(group);
        }
        group.len() > had
    }
}

/// On drop, even after a panic, fails all queued jobs with `Error::Closed`.
struct CloseOnDrop<'q>(&'q Queue);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.close();
        let left = std::mem::take(&mut lock(&self.0.jobs).first_come);
        // Jobs are dropped after the queue is unlocked, because a job may hold the last reference to the queue.
        drop(left);
    }
}

impl File {
    /// Writes until the queue is closed and empty. Then closes the file, and releases the lock.
    fn serve(&self) {
        let _close = CloseOnDrop(&self.queue);
        let (mut group, mut delay) = (Vec::new(), GroupCommitDelay::default());
        while self.queue.take_soon(&mut group, &mut delay) || self.queue.wait() {
            // The calling thread of another write may hold this for a while. Jobs are queued meanwhile.
            let file = lock(&self.open);
            let Some(open) = file.as_ref() else { return };
            self.queue.take(&mut group);
            let begun = Instant::now();
            let written = match (self.commit_group(open, &mut group, &mut delay), &group[..]) {
                (Ok(written), _) => written.into_iter().map(Ok).collect(),
                (Err(failed), [job]) => vec![Err(failed.at(&job.write))],
                (Err(failed), jobs) => one_by_one(open, jobs, &failed),
            };
            let waited = self.queue.waiting.fetch_sub(group.len(), Ordering::Relaxed);
            delay = GroupCommitDelay::after(waited, begun.elapsed());
            self.is_quiet.store(group.len() == 1, Ordering::Relaxed);
            drop(file);
            for (Job { held, answer, .. }, written) in group.drain(..).zip(written) {
                drop(held);
                // Sending fails if the caller has dropped its future. The write is done anyway.
                let _ = answer.send(written);
            }
        }
        if let Some((connection, owner)) = lock(&self.open).take() {
            owner.release(&connection);
        }
    }

    /// Commits a group in one transaction. Until it is written, and a moment longer, jobs that are queued
    /// meanwhile join the group: a caller whose commit is done has often finished its next step by then, and need
    /// not wait for another commit.
    fn commit_group(
        &self,
        (connection, owner): &(Connection, Owner),
        group: &mut Vec<Job>,
        delay: &mut GroupCommitDelay,
    ) -> Result<Vec<Written>, Failed> {
        transact(connection, owner, |transaction| {
            let mut written = Vec::new();
            loop {
                while let Some(job) = group.get(written.len()) {
                    written.push(job.write.apply(transaction)?);
                    self.queue.take(group);
                }
                if !self.queue.take_soon(group, delay) {
                    return Ok(written);
                }
            }
        })
    }
}

pub(super) fn commit(connection: &Connection, owner: &Owner, write: &Write) -> Result<Written, Error> {
    commit_one(connection, owner, write).map_err(|failed| failed.at(write))
}

fn commit_one(connection: &Connection, owner: &Owner, write: &Write) -> Result<Written, Failed> {
    transact(connection, owner, |transaction| write.apply(transaction))
}

/// Commits each job of a failed group separately, to find the job that fails. If the file is locked, no job is at
/// fault: SQLite waits for the lock each time, so the remaining jobs are not tried.
fn one_by_one(
    (connection, owner): &(Connection, Owner),
    jobs: &[Job],
    group: &Failed,
) -> Vec<Result<Written, Error>> {
    let mut locked = group.is_locked();
    let commit = |job: &Job| {
        if let Some(locked) = &locked {
            return Err(Failed::Transaction(Arc::clone(locked)).at(&job.write));
        }
        commit_one(connection, owner, &job.write).map_err(|failed| {
            locked = failed.is_locked();
            failed.at(&job.write)
        })
    };
    jobs.iter().map(commit).collect()
}

/// Why nothing was written.
enum Failed {
    /// A write failed.
    Write(Error),
    /// The transaction failed.
    Transaction(Arc<rusqlite::Error>),
}

impl Failed {
    /// Returns the error if another connection holds the lock of the file.
    fn is_locked(&self) -> Option<Arc<rusqlite::Error>> {
        match self {
            Self::Transaction(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                Some(Arc::clone(error))
            }
            Self::Transaction(_) | Self::Write(_) => None,
        }
    }

    /// Returns the error for the caller of this write.
    fn at(self, write: &Write) -> Error {
        let error = match self {
            Self::Write(error) => return error,
            Self::Transaction(error) => error,
        };
        let doing = match write {
            Write::Begin(new, _) => format!("save run `{}`", new.id),
            Write::Update(update) | Write::Change(update) => format!("save run `{}`", update.id),
            Write::Delete { id, .. } => format!("delete run `{id}`"),
            Write::Cancel(run) => format!("note that run `{run}` is cancelled"),
            _ => "write".to_owned(),
        };
        Error::Sqlite { doing, source: error }
    }
}

/// Commits all writes or none, which is also the case if another process has taken over the file.
fn transact<T>(
    connection: &Connection,
    owner: &Owner,
    write: impl FnOnce(&mut Transaction<'_>) -> Result<T, Error>,
) -> Result<T, Failed> {
    let roll_back = || {
        if !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK");
        }
    };
    let run = |sql| {
        let done = connection.prepare_cached(sql).and_then(|mut statement| statement.execute(()));
        done.map(drop).map_err(|error| Failed::Transaction(Arc::new(error)))
    };
    // A panic may have left a transaction open.
    roll_back();
    run("BEGIN IMMEDIATE")?;
    let written = owner.verify_epoch(connection).and_then(|()| write(&mut Transaction::new(connection)));
    let written = written.and_then(|written| owner.verify_files().map(|()| written)).map_err(Failed::Write);
    let written = written.and_then(|written| run("COMMIT").map(|()| written));
    if written.is_err() {
        roll_back();
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Creates jobs without callers.
    fn group(of: usize) -> Vec<Job> {
        let job = || Job { write: Write::Raw(""), held: None, answer: oneshot::channel().0 };
        std::iter::repeat_with(job).take(of).collect()
    }

    #[test]
    fn who_is_missing_is_waited_for_where_many_were_there_and_a_commit_is_slow() {
        let delay = GroupCommitDelay::after(MIN_SIBLINGS, Duration::from_millis(1));
        assert_eq!(delay.left, MAX_DELAY);
        assert!(delay.expects_more_than(&group(MIN_SIBLINGS - 1)));
        assert!(!delay.expects_more_than(&group(MIN_SIBLINGS)));
        assert!(!GroupCommitDelay::after(MIN_SIBLINGS - 1, Duration::from_millis(1)).expects_more_than(&[]));
        assert!(
            !GroupCommitDelay::after(MAX_GROUP + 1, Duration::from_millis(1))
                .expects_more_than(&group(MAX_GROUP))
        );
        assert_eq!(
            GroupCommitDelay::after(MIN_SIBLINGS, Duration::from_micros(20)).left,
            Duration::from_micros(10)
        );
    }

    #[test]
    fn the_thread_is_as_patient_as_it_may_be_and_no_more() {
        let (queue, mut delay) =
            (Queue::default(), GroupCommitDelay::after(MIN_SIBLINGS, Duration::from_secs(1)));
        let mut taken = Vec::new();
        for job in group(2) {
            assert!(queue.push(job));
        }
        assert!(queue.take_soon(&mut taken, &mut delay));
        assert!(!queue.take_soon(&mut taken, &mut delay));
        assert_eq!((taken.len(), delay.left), (2, Duration::ZERO));
        assert!(!queue.take_soon(&mut taken, &mut delay));
    }
}
