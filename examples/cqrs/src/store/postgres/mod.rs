//! The store on a Postgres server, which several processes may share.

mod events;
mod outbox;
mod settlements;
mod views;

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Executor as _, Postgres as Db, Transaction};

use super::Result;

/// The key of the lock for reading positions in order; see `events.rs`.
const APPENDING: &str = "7041776, 1";

/// A database on a server. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Postgres {
    pool: PgPool,
}

/// Columns that databases of older versions lack: table, column and type. Existing events get ids.
const ADDED: &[(&str, &str, &str)] = &[
    ("views", "revision", "BIGINT NOT NULL DEFAULT 0"),
    ("events", "event_id", "TEXT NOT NULL DEFAULT gen_random_uuid()::TEXT UNIQUE"),
    ("events", "correlation_id", "TEXT"),
    ("events", "causation_id", "TEXT"),
    ("events", "who", "TEXT"),
];

/// `ADD COLUMN IF NOT EXISTS` would wait for all transactions on the table, and block all new ones, even if the
/// column exists.
async fn add_columns(transaction: &mut Transaction<'_, Db>) -> Result<()> {
    for (table, column, definition) in ADDED {
        let found = sqlx::query("SELECT 1 FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2");
        let found = found.bind(table).bind(column).fetch_optional(&mut **transaction).await?;
        if found.is_none() {
            let add = format!("ALTER TABLE {table} ADD COLUMN {column} {definition}");
            transaction.execute(&*add).await?;
        }
    }
    Ok(())
}

impl Postgres {
    /// Connects to the server and creates missing tables.
    ///
    /// # Errors
    ///
    /// The server can't be reached, or the user may not create tables.
    pub async fn connect(url: &str) -> Result<Self> {
        // Transactions of a hanging process are aborted, so that other processes do not wait forever.
        let at: PgConnectOptions = url.parse()?;
        let at = at.options([("idle_in_transaction_session_timeout", "10s")]);
        let options = PgPoolOptions::new().max_connections(16).acquire_timeout(Duration::from_secs(5));
        let pool = options.connect_with(at).await?;
        let mut transaction = pool.begin().await?;
        transaction.execute(include_str!("schema.sql")).await?;
        add_columns(&mut transaction).await?;
        transaction.commit().await?;
        Ok(Self { pool })
    }

    /// Begins a read-only transaction on one snapshot of the database.
    async fn moment(&self) -> Result<Transaction<'static, Db>> {
        Ok(self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
    }
}
