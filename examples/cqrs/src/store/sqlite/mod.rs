//! All of it in one SQLite file. A write returns when it is on the disk.

mod events;
mod outbox;
mod readers;
mod views;
mod writer;

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use super::Result;
use readers::Readers;
use writer::Writer;

/// A database in a file. A handle: clones are the same.
#[derive(Clone, Debug)]
pub struct Sqlite {
    writer: Writer,
    readers: Readers,
}

impl Sqlite {
    /// Opens the file, or makes it. Other processes may have it open, too.
    ///
    /// # Errors
    ///
    /// A file that can't be opened, or that is no database of this kind.
    pub fn open(file: &Path) -> Result<Self> {
        let connection = connect(file)?;
        connection.execute_batch(include_str!("schema.sql"))?;
        Ok(Self { writer: Writer::start(connection)?, readers: Readers::new(file) })
    }
}

fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}
