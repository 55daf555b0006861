//! Runs, so many at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinSet;

/// As many runs make a new file what it is later: its log is as long as it gets, and is written over.
const FIRST: Load = Load { runs: 2_000, at_once: 64 };

/// So many runs, and so many of them at once.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) runs: u32,
    pub(crate) at_once: u32,
}

impl Load {
    /// The time of all of them, in a file that has had others. `run` starts the run of that number and waits
    /// for its end.
    pub(crate) async fn time<R, F>(self, run: R) -> Result<Duration>
    where
        R: Fn(u32) -> F + Send + Sync + 'static,
        F: Future<Output = Result<()>> + Send,
    {
        let run = Arc::new(run);
        FIRST.all(&run, 0).await?;
        let begun = Instant::now();
        self.all(&run, FIRST.runs).await?;
        Ok(begun.elapsed())
    }

    /// All of them, with numbers from `first`.
    pub(crate) async fn all<R, F>(self, run: &Arc<R>, first: u32) -> Result<()>
    where
        R: Fn(u32) -> F + Send + Sync + 'static,
        F: Future<Output = Result<()>> + Send,
    {
        let next = Arc::new(AtomicU32::new(first));
        let mut all = JoinSet::new();
        for _ in 0..self.at_once {
            let (run, next) = (Arc::clone(run), Arc::clone(&next));
            all.spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= first + self.runs {
                        return anyhow::Ok(());
                    }
                    run(number).await?;
                }
            });
        }
        while let Some(done) = all.join_next().await {
            done??;
        }
        Ok(())
    }
}
