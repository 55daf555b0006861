//! Continuing runs of the file, including halted ones once the file can be written again.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use flowgen::Node;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::active_runs::{ActiveRuns, wait_until_driven};
use super::{Found, Inner};
use crate::error::Error;
use crate::store;

/// The pause before the first retry of a halted run. It doubles with each retry.
const FIRST: Duration = Duration::from_millis(100);

/// The longest pause. If no run was halted for that long, the next pause is the first one again.
const LONGEST: Duration = Duration::from_secs(5);

fn doubled(pause: Duration) -> Duration {
    (pause * 2).min(LONGEST)
}

/// Retries halted runs until the engine is shut down, after pauses that double.
///
/// Only one run is retried at a time, however many are halted: a file that can't be written costs one write per
/// pause. Once that run is saved, all others continue.
pub(super) async fn recover<N, Cx>(active: Arc<ActiveRuns<N>>, inner: Weak<Inner<N, Cx>>)
where
    N: Node,
    Cx: Serialize + DeserializeOwned + Send + 'static,
{
    let (mut pause, mut tried) = (FIRST, Instant::now());
    while active.has_halted().await {
        if tried.elapsed() > LONGEST + pause {
            pause = FIRST;
        }
        // Holds no reference to the file during the pause: it is closed when the last handle of the engine is
        // dropped.
        let _ = tokio::time::timeout(pause, active.closed()).await;
        (pause, tried) = (doubled(pause), Instant::now());
        let Some(inner) = inner.upgrade() else { return };
        inner.try_again(&active.to_try_again()).await;
    }
}

impl<N, Cx> Inner<N, Cx>
where
    N: Node,
    Cx: Serialize + DeserializeOwned + Send + 'static,
{
    /// Takes over a run if its claimant releases it without driving it. Returns false if there is nothing to take
    /// over.
    pub(super) async fn take_up(self: &Arc<Self>, seq: i64) -> Result<bool, Error> {
        loop {
            let inner = Arc::clone(self);
            match self.store.read(move |from| inner.find(from, seq)).await? {
                Found::Mine(claim, loaded) => {
                    self.go_on(claim, *loaded);
                    return Ok(true);
                }
                Found::ByOther(progress) => {
                    if wait_until_driven(progress).await {
                        return Ok(false);
                    }
                }
                Found::Nothing => return Ok(false),
            }
        }
    }

    /// Continues all of these runs if the first of them can be saved.
    async fn try_again(self: &Arc<Self>, halted: &[Arc<str>]) {
        let Some((first, others)) = halted.split_first() else { return };
        if self.go_on_halted(first).await.is_err_and(|error| error.is_passing()) {
            return;
        }
        for run in others {
            match self.found(run).await {
                Ok(Found::Mine(claim, loaded)) => self.go_on(claim, *loaded),
                Err(error) if error.is_passing() => return,
                // A run that can't be read for another reason is not retried.
                Ok(Found::ByOther(_) | Found::Nothing) | Err(_) => {}
            }
        }
        tracing::info!(runs = halted.len(), "the file can be written again, so halted runs go on");
    }

    /// Continues a halted run, and returns once it is saved.
    pub(super) async fn go_on_halted(self: &Arc<Self>, run: &Arc<str>) -> Result<(), Error> {
        loop {
            match self.found(run).await? {
                Found::Mine(claim, loaded) => {
                    let writer = self.writer(&loaded);
                    return self.drive_saved(claim, loaded.run, writer).await.map(drop);
                }
                Found::Nothing => return Ok(()),
                Found::ByOther(progress) => {
                    if wait_until_driven(progress).await && self.active.why_halted(run).is_none() {
                        return Ok(());
                    }
                    // Another call retried the run meanwhile, and it was not saved.
                    if let Some(error) = self.active.why_halted(run) {
                        return Err(error);
                    }
                }
            }
        }
    }

    /// Claims and reads a halted run. Records the error if that fails.
    async fn found(self: &Arc<Self>, run: &Arc<str>) -> Result<Found<N, Cx>, Error> {
        let (inner, id) = (Arc::clone(self), Arc::clone(run));
        let reading = self.store.read(move |from| {
            let seq = match store::by_id(from, &id) {
                Ok(stored) => stored.seq,
                Err(Error::Unknown { .. }) => return Ok(Found::Nothing),
                Err(error) => return Err(error),
            };
            inner.find(from, seq)
        });
        let found = reading.await;
        match &found {
            Ok(Found::Nothing) => self.active.not_halted(run),
            Err(Error::Closed) | Ok(_) => {}
            Err(error) => self.active.halted(run, error.clone()),
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_are_bounded() {
        let pauses: Vec<_> =
            std::iter::successors(Some(FIRST), |pause| Some(doubled(*pause))).take(9).collect();
        let millis: Vec<_> = pauses.iter().map(Duration::as_millis).collect();
        assert_eq!(millis, [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
    }
}
