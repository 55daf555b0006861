//! Resuming the runs of a file, and recording those that are refused.

use std::collections::HashMap;
use std::sync::Arc;

use flowgen::{Fault, Node};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Engine, Found, Resumed};
use crate::error::Error;
use crate::store::{self, Write};

/// The number of runs that are read at a time.
const AT_A_TIME: usize = 500;

impl<N, Cx> Engine<N, Cx>
where
    N: Node,
    Cx: Serialize + DeserializeOwned + Send + 'static,
{
    /// Continues every run that is not over, including messages. Call it once after [`Engine::open`]; further
    /// calls continue halted runs, including those that need a call to continue.
    ///
    /// All runs continue at once: only the limits of the runner apply.
    ///
    /// # Errors
    ///
    /// If the file can't be read. An error of a single run stops only that run, and is in [`Resumed::refused`].
    pub async fn resume(&self) -> Result<Resumed, Error> {
        let numbers = self.inner.store.read(store::unfinished).await?;
        let (mut resumed, mut claimed, mut refused) = (Resumed::default(), Vec::new(), Vec::new());
        for some in numbers.chunks(AT_A_TIME) {
            let (some, inner) = (some.to_vec(), Arc::clone(&self.inner));
            let reading = self.inner.store.read(move |from| {
                let find =
                    |seq| (seq, inner.find(from, seq).map_err(|error| (store::name(from, seq), error)));
                Ok(some.into_iter().map(find).collect::<Vec<_>>())
            });
            // Reading fails if the file is closed; no run continues then.
            for (seq, found) in reading.await? {
                match found {
                    Ok(Found::Mine(claim, loaded)) => {
                        resumed.runs += 1;
                        self.inner.go_on(claim, *loaded);
                    }
                    Ok(Found::ByOther(progress)) if !progress.borrow().goes_on => claimed.push(seq),
                    Ok(Found::ByOther(_) | Found::Nothing) => {}
                    Err((run, error)) => refused.push((seq, run, error)),
                }
            }
        }
        for seq in claimed {
            match self.inner.take_up(seq).await {
                Ok(is_taken) => resumed.runs += usize::from(is_taken),
                Err(error) => {
                    let run = self.inner.store.read(move |from| Ok(store::name(from, seq))).await?;
                    refused.push((seq, run, error));
                }
            }
        }
        self.refuse(&refused).await?;
        for (_, run, error) in &refused {
            tracing::error!(run, error = error as &dyn std::error::Error, "a run is not resumed");
        }
        resumed.refused = refused.into_iter().map(|(.., error)| error).collect();
        Ok(resumed)
    }

    /// Records why runs don't continue, in the file too. Runs that can't be read for a passing reason are halted.
    async fn refuse(&self, refused: &[(i64, String, Error)]) -> Result<(), Error> {
        let (halted, refused): (Vec<_>, Vec<_>) = refused.iter().partition(|(.., error)| error.is_passing());
        for (_, run, error) in halted {
            self.inner.active.halted(&Arc::from(run.as_str()), error.clone());
        }
        let by_id = refused.iter().map(|(_, run, error)| (run.clone(), error.clone()));
        self.inner.refusals.set(by_id.collect());
        let reason = |error: &Error| format!("{:#}", Fault::new(error.clone()));
        let now: HashMap<i64, String> = refused.iter().map(|(seq, _, error)| (*seq, reason(error))).collect();
        if self.inner.store.read(store::refused).await? != now
            && let Err(error) = self.inner.store.write(Write::Refuse(now.into_iter().collect())).await
        {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the file does not say which runs are refused");
        }
        Ok(())
    }
}
