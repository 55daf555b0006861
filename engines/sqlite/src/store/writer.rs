//! Who writes: a thread, which makes one commit of all that is waiting; or, where nobody else writes, whoever
//! asks.

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

/// So many at most are committed as one: a wait for the disk that all of them share.
const MOST: usize = 1024;

/// Where so many waited for the last commit, it is worth waiting a moment for them to come again.
const MANY: usize = 4;

/// How long the thread waits for others before a commit, at most and in all.
const MOMENT: Duration = Duration::from_micros(200);

/// Writes, in a thread of its own or in that of whoever asks.
#[derive(Debug)]
pub(super) struct Writer {
    file: Arc<File>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// The file, of which one at a time writes.
#[derive(Debug)]
struct File {
    /// `None` once it is closed.
    open: Mutex<Option<(Connection, Owner)>>,
    queue: Queue,
    /// The thread had one job when it wrote last: there is nothing to be gained by waiting for others.
    is_quiet: AtomicBool,
}

/// What the thread is to write.
///
/// No channel: that would be locked anyway, to be closed, and the thread takes all that is there at once.
#[derive(Debug, Default)]
struct Queue {
    jobs: Mutex<Jobs>,
    /// So many wait to be taken, or are in the group that is being written.
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

/// Something to be written, and who waits for it.
#[derive(Debug)]
struct Job {
    write: Write,
    held: Option<Held>,
    answer: oneshot::Sender<Result<Written, Error>>,
}

/// The right to write something. It is let go once that is written, or can't be, and not before: who asked for it
/// may be gone.
pub(crate) type Held = Arc<dyn Any + Send + Sync>;

/// Whom the thread waits for before it commits.
///
/// Whoever was told of a commit has often done the next step in a few microseconds. A commit without them is two
/// waits for the disk, where a moment's patience makes it one: `commit_delay` and `commit_siblings` of
/// `PostgreSQL` are the same bargain.
#[derive(Debug, Default)]
struct Pace {
    /// So many waited when the last commit was done.
    waited: usize,
    /// How long it is still worth waiting for them.
    left: Duration,
}

impl Pace {
    /// A wait is short beside what a group takes, or it would cost more than it spares.
    fn after(waited: usize, took: Duration) -> Self {
        Self { waited: waited.min(MOST), left: MOMENT.min(took / 2) }
    }

    /// Is somebody missing who is worth waiting for?
    fn expects_more_than(&self, group: &[Job]) -> bool {
        self.waited >= MANY && group.len() < self.waited
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

    /// Has it written by the thread. Once this is ready, it is on the disk.
    ///
    /// It is asked for at once, and done even if the future is dropped.
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

    /// Writes it at once, in this thread: that spares the way to the other one and back. `None` where somebody
    /// else writes, or others do so often that commits are better shared.
    ///
    /// Blocks, as a task of Tokio's runtime with many threads may: it panics elsewhere.
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

    /// Nobody can ask for anything any more. What was asked for is done, then the file is closed: blocks until
    /// it is.
    pub(super) fn close(&self) {
        self.file.queue.close();
        let thread = lock(&self.thread).take();
        let _ = thread.map(JoinHandle::join);
    }
}

/// The thread holds the file, too, so it has to be told that nobody is left.
impl Drop for Writer {
    fn drop(&mut self) {
        self.file.queue.close();
    }
}

impl Queue {
    /// `false` where it is closed.
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

    /// Waits until there is something; `false` where there never will be.
    fn wait(&self) -> bool {
        let mut jobs = lock(&self.jobs);
        while jobs.first_come.is_empty() && !jobs.is_closed {
            jobs.sleeps = true;
            jobs = self.has_come.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
        !jobs.first_come.is_empty()
    }

    /// Adds what is there to a group, as long as that is not too large.
    fn take(&self, group: &mut Vec<Job>) {
        let mut jobs = lock(&self.jobs);
        let some = jobs.first_come.len().min(MOST - group.len());
        group.extend(jobs.first_come.drain(..some));
    }

    /// The same, and waits a moment where nothing is there and somebody is expected. `false` where nothing came.
    fn take_soon(&self, group: &mut Vec<Job>, pace: &mut Pace) -> bool {
        let had = group.len();
        if pace.expects_more_than(group) {
            let begun = Instant::now();
            while self.waiting.load(Ordering::Relaxed) == had && begun.elapsed() < pace.left {
                // Not asleep: that alone would take a moment. It is those who come who may need the processor.
                thread::yield_now();
            }
            pace.left = pace.left.saturating_sub(begun.elapsed());
            self.take(group);
        }
        group.len() > had
    }
}

/// Whoever still waits when the thread ends, however it does, is told that the file is closed.
struct Ends<'q>(&'q Queue);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.close();
        let left = std::mem::take(&mut lock(&self.0.jobs).first_come);
        // Not while the queue is locked: the last who waits may be the last who has it.
        drop(left);
    }
}

impl File {
    /// Writes until nobody can ask for anything any more. Then it closes the file, and gives up the lock.
    fn serve(&self) {
        let _nobody_waits_after = Ends(&self.queue);
        let (mut group, mut pace) = (Vec::new(), Pace::default());
        while self.queue.take_soon(&mut group, &mut pace) || self.queue.wait() {
            // Whoever writes here may take a while, and others come meanwhile.
            let file = lock(&self.open);
            let Some(open) = file.as_ref() else { return };
            self.queue.take(&mut group);
            let begun = Instant::now();
            let written = match (self.together(open, &mut group, &mut pace), &group[..]) {
                (Ok(written), _) => written.into_iter().map(Ok).collect(),
                (Err(failed), [job]) => vec![Err(failed.at(&job.write))],
                (Err(failed), jobs) => one_by_one(open, jobs, &failed),
            };
            let waited = self.queue.waiting.fetch_sub(group.len(), Ordering::Relaxed);
            pace = Pace::after(waited, begun.elapsed());
            self.is_quiet.store(group.len() == 1, Ordering::Relaxed);
            drop(file);
            for (Job { held, answer, .. }, written) in group.drain(..).zip(written) {
                drop(held);
                // Who does not wait any more was dropped; the file has what it wanted kept.
                let _ = answer.send(written);
            }
        }
        if let Some((connection, owner)) = lock(&self.open).take() {
            owner.release(&connection);
        }
    }

    /// Commits a group as one. Until it is written, and a moment longer, the group grows by what comes
    /// meanwhile: whoever was answered after the commit before has often done its next step by then, and need not
    /// wait for the commit after.
    fn together(
        &self,
        (connection, owner): &(Connection, Owner),
        group: &mut Vec<Job>,
        pace: &mut Pace,
    ) -> Result<Vec<Written>, Failed> {
        transact(connection, owner, |transaction| {
            let mut written = Vec::new();
            loop {
                while let Some(job) = group.get(written.len()) {
                    written.push(job.write.apply(transaction)?);
                    self.queue.take(group);
                }
                if !self.queue.take_soon(group, pace) {
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

/// Commits each job of a group that failed for itself, which says whose fault it is. Where the file is locked, that is
/// no job's fault: SQLite waits for the lock each time, so the others are not tried.
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
    /// What was to be written could not be.
    Write(Error),
    /// The transaction itself.
    Transaction(Arc<rusqlite::Error>),
}

impl Failed {
    /// The error where another connection holds the lock of the file.
    fn is_locked(&self) -> Option<Arc<rusqlite::Error>> {
        match self {
            Self::Transaction(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                Some(Arc::clone(error))
            }
            Self::Transaction(_) | Self::Write(_) => None,
        }
    }

    /// The error for who wanted this written.
    fn at(self, write: &Write) -> Error {
        let error = match self {
            Self::Write(error) => return error,
            Self::Transaction(error) => error,
        };
        let doing = match write {
            Write::Begin(new, _) => format!("save run `{}`", new.id),
            Write::Keep(kept) | Write::Change(kept) => format!("save run `{}`", kept.id),
            Write::Delete { id, .. } => format!("delete run `{id}`"),
            Write::Cancel(run) => format!("note that run `{run}` is cancelled"),
            _ => "write".to_owned(),
        };
        Error::Sqlite { doing, source: error }
    }
}

/// What is written is committed, or nothing of it: so it is where the file is not this process's any more.
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
    // A panic may have left one open.
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

    /// Jobs for which nobody waits.
    fn group(of: usize) -> Vec<Job> {
        let job = || Job { write: Write::Raw(""), held: None, answer: oneshot::channel().0 };
        std::iter::repeat_with(job).take(of).collect()
    }

    #[test]
    fn who_is_missing_is_waited_for_where_many_were_there_and_a_commit_is_slow() {
        let pace = Pace::after(MANY, Duration::from_millis(1));
        assert_eq!(pace.left, MOMENT);
        assert!(pace.expects_more_than(&group(MANY - 1)));
        assert!(!pace.expects_more_than(&group(MANY)));
        assert!(!Pace::after(MANY - 1, Duration::from_millis(1)).expects_more_than(&[]));
        assert!(!Pace::after(MOST + 1, Duration::from_millis(1)).expects_more_than(&group(MOST)));
        assert_eq!(Pace::after(MANY, Duration::from_micros(20)).left, Duration::from_micros(10));
    }

    #[test]
    fn the_thread_is_as_patient_as_it_may_be_and_no_more() {
        let (queue, mut pace) = (Queue::default(), Pace::after(MANY, Duration::from_secs(1)));
        let mut taken = Vec::new();
        for job in group(2) {
            assert!(queue.push(job));
        }
        assert!(queue.take_soon(&mut taken, &mut pace));
        assert!(!queue.take_soon(&mut taken, &mut pace));
        assert_eq!((taken.len(), pace.left), (2, Duration::ZERO));
        assert!(!queue.take_soon(&mut taken, &mut pace));
    }
}
