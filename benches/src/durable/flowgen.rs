//! The engine that is measured.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use flowgen_sqlite::Engine;

use super::flow::{Idle, Order, five};
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
