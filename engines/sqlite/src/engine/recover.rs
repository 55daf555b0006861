//! Going on with runs of the file: with halted ones by itself, once the file can be written again.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use flowgen::Node;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::live::{Live, going_on};
use super::{Found, Inner};
use crate::error::Error;
use crate::store;

/// The pause before a halted run is tried again for the first time. It doubles with each try.
const FIRST: Duration = Duration::from_millis(100);

/// The longest pause. Where no run was halted for so long, the next pause is the first again.
const LONGEST: Duration = Duration::from_secs(5);

fn doubled(pause: Duration) -> Duration {
    (pause * 2).min(LONGEST)
}

/// Tries halted runs again until the engine is shut down, after pauses that double.
///
/// One run is tried at a time, however many are halted: a file that can't be written costs one write for each pause.
/// Once that one is saved, all others go on.
pub(super) async fn recover<N, Cx>(live: Arc<Live<N>>, inner: Weak<Inner<N, Cx>>)
where
    N: Node,
    Cx: Serialize + DeserializeOwned + Send + 'static,
{
    let (mut pause, mut tried) = (FIRST, Instant::now());
    while live.has_halted().await {
        if tried.elapsed() > LONGEST + pause {
            pause = FIRST;
        }
        // Nothing of the file is held meanwhile: it is closed when the last handle of the engine is dropped.
        let _ = tokio::time::timeout(pause, live.closed()).await;
        (pause, tried) = (doubled(pause), Instant::now());
        let Some(inner) = inner.upgrade() else { return };
        inner.try_again(&live.to_try_again()).await;
    }
}

impl<N, Cx> Inner<N, Cx>
where
    N: Node,
    Cx: Serialize + DeserializeOwned + Send + 'static,
{
    /// Goes on with a run that somebody else has claimed, unless they do. False where there is nothing to do.
    pub(super) async fn take_up(self: &Arc<Self>, seq: i64) -> Result<bool, Error> {
        loop {
            let inner = Arc::clone(self);
            match self.store.read(move |from| inner.find(from, seq)).await? {
                Found::Mine(claim, loaded) => {
                    self.go_on(claim, *loaded);
                    return Ok(true);
                }
                Found::Anothers(progress) => {
                    if going_on(progress).await {
                        return Ok(false);
                    }
                }
                Found::Nothing => return Ok(false),
            }
        }
    }

    /// Goes on with all of these runs if the first of them can be saved.
    async fn try_again(self: &Arc<Self>, halted: &[Arc<str>]) {
        let Some((first, others)) = halted.split_first() else { return };
        if self.go_on_halted(first).await.is_err_and(|error| error.is_passing()) {
            return;
        }
        for run in others {
            match self.found(run).await {
                Ok(Found::Mine(claim, loaded)) => self.go_on(claim, *loaded),
                Err(error) if error.is_passing() => return,
                // What can't be read for another reason is not tried again.
                Ok(Found::Anothers(_) | Found::Nothing) | Err(_) => {}
            }
        }
        tracing::info!(runs = halted.len(), "the file can be written again, so halted runs go on");
    }

    /// Goes on with a halted run, and is ready once it is saved.
    pub(super) async fn go_on_halted(self: &Arc<Self>, run: &Arc<str>) -> Result<(), Error> {
        loop {
            match self.found(run).await? {
                Found::Mine(claim, loaded) => {
                    let keeping = self.keeping(&loaded);
                    return self.drive_saved(claim, loaded.run, keeping).await.map(drop);
                }
                Found::Nothing => return Ok(()),
                Found::Anothers(progress) => {
                    if going_on(progress).await && self.live.why_halted(run).is_none() {
                        return Ok(());
                    }
                    // Others tried it meanwhile, and it was not saved.
                    if let Some(error) = self.live.why_halted(run) {
                        return Err(error);
                    }
                }
            }
        }
    }

    /// Claims and reads a halted run. Notes why that can't be done.
    async fn found(self: &Arc<Self>, run: &Arc<str>) -> Result<Found<N, Cx>, Error> {
        let (inner, id) = (Arc::clone(self), Arc::clone(run));
        let reading = self.store.read(move |from| {
            let seq = match store::by_id(from, &id) {
                Ok(kept) => kept.seq,
                Err(Error::Unknown { .. }) => return Ok(Found::Nothing),
                Err(error) => return Err(error),
            };
            inner.find(from, seq)
        });
        let found = reading.await;
        match &found {
            Ok(Found::Nothing) => self.live.not_halted(run),
            Err(Error::Closed) | Ok(_) => {}
            Err(error) => self.live.halted(run, error.clone()),
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
