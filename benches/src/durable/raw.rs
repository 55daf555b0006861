//! What SQLite itself can do: a row of the same size, changed and committed, one after another.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use rusqlite::{Connection, params};

/// A connection with the pragmas of the engine.
pub(crate) fn open(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// The time of so many commits, each of which changes a row that holds a text of this length.
pub(crate) fn time(path: &Path, commits: u32, length: usize) -> Result<Duration> {
    let connection = open(path)?;
    connection.execute_batch("CREATE TABLE runs (seq INTEGER PRIMARY KEY, state TEXT NOT NULL)")?;
    // SQLite writes nothing where a row stays as it is.
    let states = ["x", "y"].map(|letter| letter.repeat(length));
    connection.execute("INSERT INTO runs VALUES (1, '')", ())?;
    let mut update = connection.prepare("UPDATE runs SET state = ? WHERE seq = ?")?;
    let mut states = states.iter().cycle();
    // As with the others, the log is as long as it gets: a thousand pages, by default.
    connection.pragma_update(None, "synchronous", "OFF")?;
    for state in states.by_ref().take(2_000) {
        update.execute(params![state, 1])?;
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    let begun = Instant::now();
    for state in states.take(commits as usize) {
        update.execute(params![state, 1])?;
    }
    Ok(begun.elapsed())
}
