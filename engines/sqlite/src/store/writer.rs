//! The one who writes: commits of runs that go on at the same time are made one.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::lock::Lock;
use super::write::{Write, Written};
use crate::error::Error;

/// So many at most are committed as one: a wait for the disk that all of them share.
const MOST: usize = 1024;

/// Something to be written, and who waits for it.
pub(crate) struct Job {
    pub(crate) write: Write,
    pub(crate) answer: oneshot::Sender<Result<Written, Error>>,
}

/// Writes in a thread of its own, until nobody can ask for anything any more. Then it closes the file,
/// and gives up the lock.
pub(crate) fn spawn(connection: Connection, lock: Lock) -> io::Result<(Sender<Job>, JoinHandle<()>)> {
    let (jobs, received) = channel();
    let thread = thread::Builder::new().name("flowgen-sqlite".to_owned()).spawn(move || {
        serve(&connection, &received);
        drop(connection);
        drop(lock);
    })?;
    Ok((jobs, thread))
}

fn serve(connection: &Connection, jobs: &Receiver<Job>) {
    let mut group = Vec::new();
    while let Ok(job) = jobs.recv() {
        group.push(job);
        group.extend(jobs.try_iter().take(MOST - 1));
        write(connection, &mut group);
    }
}

/// Writes all of them in one transaction. Where one fails, it alone does.
fn write(connection: &Connection, jobs: &mut Vec<Job>) {
    let writes: Vec<&Write> = jobs.iter().map(|job| &job.write).collect();
    let written = match commit(connection, &writes) {
        Ok(written) => written,
        // The transaction itself failed. Each for itself says whose fault that is.
        Err(_) if writes.len() > 1 => {
            let alone = writes.iter().map(|write| commit(connection, &[write]));
            alone.map(|written| written.and_then(|mut written| written.remove(0))).collect()
        }
        Err(error) => vec![Err(error)],
    };
    for (job, written) in jobs.drain(..).zip(written) {
        // Who does not wait any more was dropped; the file has what it wanted kept.
        let _ = job.answer.send(written);
    }
}

/// What came of each; an error where nothing was committed.
fn commit(connection: &Connection, writes: &[&Write]) -> Result<Vec<Result<Written, Error>>, Error> {
    let run = |sql: &str, write: &Write| {
        connection.prepare_cached(sql).and_then(|mut sql| sql.execute(())).map(drop).map_err(failed(write))
    };
    let Some(first) = writes.first() else { return Ok(Vec::new()) };
    run("BEGIN IMMEDIATE", first)?;
    let result = all(connection, writes, run).and_then(|written| run("COMMIT", first).map(|()| written));
    if result.is_err() && !connection.is_autocommit() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    result
}

fn all(
    connection: &Connection,
    writes: &[&Write],
    run: impl Fn(&str, &Write) -> Result<(), Error>,
) -> Result<Vec<Result<Written, Error>>, Error> {
    let mut all = Vec::with_capacity(writes.len());
    // What stands alone is rolled back with its transaction.
    let is_alone = writes.len() == 1;
    for write in writes {
        if !is_alone {
            run("SAVEPOINT one", write)?;
        }
        let written = write.apply(connection);
        match &written {
            Err(error) if is_alone || connection.is_autocommit() => return Err(error.clone()),
            Err(_) => run("ROLLBACK TO one", write)?,
            Ok(_) => {}
        }
        if !is_alone {
            run("RELEASE one", write)?;
        }
        all.push(written);
    }
    Ok(all)
}

fn failed(write: &Write) -> impl FnOnce(rusqlite::Error) -> Error {
    Error::sqlite(match write {
        Write::Begin(new, _) => format!("save run `{}`", new.id),
        Write::Keep(kept) => format!("save run `{}`", kept.id),
        Write::Cancel(run) => format!("note that run `{run}` is cancelled"),
        _ => "write".to_owned(),
    })
}
