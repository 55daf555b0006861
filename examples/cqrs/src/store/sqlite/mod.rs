//! The store in one SQLite file. A write returns after it is on the disk.

mod events;
mod outbox;
mod readers;
mod settlements;
mod views;
mod writer;

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use uuid::Uuid;

use super::Result;
use readers::Readers;
use writer::Writer;

/// A database in a file. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Sqlite {
    writer: Writer,
    readers: Readers,
}

impl Sqlite {
    /// Opens the file, or creates it. Other processes may also have it open.
    ///
    /// # Errors
    ///
    /// The file can't be opened, or it is not a database of this application.
    pub fn open(file: &Path) -> Result<Self> {
        let mut connection = connect(file)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(include_str!("schema.sql"))?;
        add_columns(&transaction)?;
        transaction.execute_batch(include_str!("ids.sql"))?;
        name_events(&transaction)?;
        transaction.commit()?;
        Ok(Self { writer: Writer::start(connection)?, readers: Readers::new(file) })
    }
}

/// Columns that files of older versions lack: table, column and type.
const ADDED: &[(&str, &str, &str)] = &[
    ("views", "revision", "INTEGER NOT NULL DEFAULT 0"),
    ("events", "event_id", "TEXT"),
    ("events", "correlation_id", "TEXT"),
    ("events", "causation_id", "TEXT"),
    ("events", "who", "TEXT"),
];

fn add_columns(connection: &Connection) -> rusqlite::Result<()> {
    for (table, column, definition) in ADDED {
        let mut found = connection.prepare("SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2")?;
        if !found.exists([table, column])? {
            connection.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {column} {definition}"))?;
        }
    }
    Ok(())
}

/// Assigns ids to events that were appended before events had ids. It finds them by an index.
fn name_events(connection: &Connection) -> rusqlite::Result<()> {
    let mut found = connection.prepare("SELECT position FROM events WHERE event_id IS NULL")?;
    let unnamed = found.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    let mut name = connection.prepare("UPDATE events SET event_id = ?2 WHERE position = ?1")?;
    for position in unnamed {
        name.execute((position, Uuid::new_v4().to_string()))?;
    }
    Ok(())
}

fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}
