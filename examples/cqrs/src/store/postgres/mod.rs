//! All of it on a Postgres server, which several processes may share.

mod events;
mod outbox;
mod settlements;
mod views;

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Executor as _, Postgres as Db, Transaction};

use super::Result;

/// Names the lock by which positions are read in order; see `events.rs`.
const APPENDING: &str = "7041776, 1";

/// A database on a server. A handle: clones are the same.
#[derive(Clone, Debug)]
pub struct Postgres {
    pool: PgPool,
}

/// Columns that databases of older programs lack: table, column and type. Events that are there get ids.
const ADDED: &[(&str, &str, &str)] = &[
    ("views", "revision", "BIGINT NOT NULL DEFAULT 0"),
    ("events", "event_id", "TEXT NOT NULL DEFAULT gen_random_uuid()::TEXT UNIQUE"),
    ("events", "correlation_id", "TEXT"),
    ("events", "causation_id", "TEXT"),
    ("events", "who", "TEXT"),
];

/// `ADD COLUMN IF NOT EXISTS` would wait for all transactions on the table, and block all new ones, even if the
/// column is there.
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
    /// Connects to the server, and makes the tables that are missing.
    ///
    /// # Errors
    ///
    /// The server can't be reached, or the user may not make tables.
    pub async fn connect(url: &str) -> Result<Self> {
        // What a process that hangs has begun is given up, so that nobody waits for it for good.
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

    /// A transaction that sees what is there at one moment.
    async fn moment(&self) -> Result<Transaction<'static, Db>> {
        Ok(self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
    }
}
