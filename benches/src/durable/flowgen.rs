//! The engine that is measured.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use flowgen_sqlite::Engine;
use rusqlite::Connection;
use tokio::sync::mpsc::unbounded_channel;

use super::flow::{Idle, Order, Queue, five, waiting};
use super::load::Load;

/// The time of a load in a new file.
pub(crate) async fn time(path: &Path, load: Load) -> Result<Duration> {
    let engine = Engine::open(path, five::Flow { line: Idle }.into_runner()).await?;
    let asked = engine.clone();
    let taken = load.time(move |number| {
        let engine = asked.clone();
        async move {
            let id = format!("order-{number}");
            let _ = engine.start(id.as_str(), Order { number: number.into() }).await?;
            ensure!(engine.outcome(&id).await?.is_completed_at(five::End::Done), "`{id}` is not done");
            Ok(())
        }
    });
    let taken = taken.await?;
    engine.shutdown(Duration::from_secs(10)).await;
    Ok(taken)
}

/// How much the row of a run holds that is under way: its state, the end of its path, and room for more.
pub(crate) async fn length(path: &Path) -> Result<usize> {
    let (queue, mut waiting) = unbounded_channel();
    let engine = Engine::open(path, waiting::Flow { desk: Queue(queue) }.into_runner()).await?;
    let _ = engine.start("order-1", Order { number: 1 }).await?;
    waiting.recv().await.context("nobody waits")?;
    let sql = "SELECT length(state) + length(walked) FROM runs";
    let length: i64 = Connection::open(path)?.query_row(sql, (), |row| row.get(0))?;
    Ok(usize::try_from(length)?)
}
