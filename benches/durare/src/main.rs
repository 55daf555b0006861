//! Durare's side of the measurement `durable`: runs of five steps that do nothing, so many of them at once.
//!
//! Called with the path of a new file, how many runs, and how many at once. Prints how long they took, in
//! nanoseconds.

#[path = "../../src/durable/load.rs"]
mod load;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use durare::{DurableContext, DurableEngine, SqliteProvider, StateProvider, WorkflowOptions};
use load::Load;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

#[durare::step]
async fn idle(ctx: &DurableContext, number: u32) -> durare::Result<u32> {
    Ok(number)
}

#[durare::workflow]
async fn five(ctx: DurableContext, number: u32) -> durare::Result<u32> {
    for _ in 0..5 {
        idle(&ctx, number).await?;
    }
    Ok(number)
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let mut next = || args.next().context("called with: file, runs, runs at once");
    let path = next()?;
    let load = Load { runs: next()?.parse()?, at_once: next()?.parse()? };
    let engine = DurableEngine::new(provider(&path).await?).await?;
    let engine = Arc::new(engine);
    let taken = load.time(move |number| {
        let engine = Arc::clone(&engine);
        async move {
            let options = WorkflowOptions::with_id(format!("order-{number}"));
            engine.start_with(Five, number, options).await?.await?;
            Ok(())
        }
    });
    println!("{}", taken.await?.as_nanos());
    Ok(())
}

/// Durare's own choice but for `synchronous`: a commit is to be on the disk when it is done, as it is for the
/// others.
async fn provider(path: &str) -> Result<Arc<dyn StateProvider>> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_mins(1));
    let pool = SqlitePoolOptions::new().max_connections(5).connect_with(options).await?;
    Ok(Arc::new(SqliteProvider::from_pool(pool)))
}
