//! Waiting for runs to end, and cancelling them.

use std::collections::VecDeque;
use std::sync::Arc;

use flowgen::{Node, Outcome, RunResult};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::active_runs::{Waiting, wait_until_released};
use super::contexts::Origin;
use super::drawings::{Loaded, PathScope};
use super::{Engine, as_text, looking};
use crate::error::Error;
use crate::store::{self, StoredRun, Write};

/// A run that has ended.
enum EndedRun<N: Node> {
    /// It has just ended, and its driver has sent its outcome.
    Observed(Outcome<N>),
    /// It ended earlier, and was read from the file.
    Saved(StoredRun),
}

impl<N: Node, Cx> Engine<N, Cx> {
    /// Waits until a run is over, and returns its outcome. It does not wait for messages that the run has sent.
    ///
    /// A stuck run counts as over until it is retried.
    ///
    /// # Errors
    ///
    /// If there is no such run, if it is halted because it could not be saved, if it is not over and was not
    /// resumed, or if it is refused: the reason is returned.
    pub async fn outcome(&self, id: &str) -> Result<Outcome<N>, Error> {
        let stored = match self.ended_run(id).await? {
            EndedRun::Observed(outcome) => return Ok(outcome),
            EndedRun::Saved(stored) => stored,
        };
        let drawings = Arc::clone(&self.inner.drawings);
        let reading = self.inner.store.read(move |from| {
            drawings
                .load(from, &stored, PathScope::Unobserved, looking::<N>(), as_text)
                .map(|loaded| loaded.run)
        });
        let run = reading.await?;
        let ending = run.state().ending().ok_or_else(|| Error::NotResumed { run: id.to_owned() })?;
        Ok(Outcome::new(run.state(), ending))
    }

    /// Waits until a run is over, and is saved as such.
    async fn ended_run(&self, id: &str) -> Result<EndedRun<N>, Error> {
        let mut was_idle = false;
        loop {
            self.inner.refusals.check(id)?;
            let active = self.inner.active.waiting_for(id);
            if let Waiting::For(progress) = active {
                if let Some(outcome) = wait_until_released(progress).await {
                    return Ok(EndedRun::Observed(outcome));
                }
                was_idle = false;
                continue;
            }
            let run = id.to_owned();
            let stored = self.inner.store.read(move |from| store::by_id(from, &run)).await;
            match (stored, active) {
                (Ok(stored), _) if stored.summary.status.is_over() => return Ok(EndedRun::Saved(stored)),
                (Err(error), _) | (_, Waiting::Halted(error)) => return Err(error),
                // Another call may have claimed the run between the two checks.
                (Ok(_), _) if !was_idle => was_idle = true,
                (Ok(_), _) => return Err(Error::NotResumed { run: id.to_owned() }),
            }
        }
    }
}

impl<N, Cx> Engine<N, Cx>
where
    N: Node,
    Cx: Serialize + DeserializeOwned + Send + 'static,
{
    /// Cancels a run: it finishes its current steps, and rolls back. Returns once the request is in the file, so
    /// that it survives a crash. Returns false if the run is over. A run that rolls back already continues to do
    /// so, and one that has just finished its last step ends as it would have without the call. A halted run
    /// continues in order to roll back; a run that was not resumed rolls back once it is.
    ///
    /// # Errors
    ///
    /// If there is no such run, if it is refused, or if the file can't be written. Also if a halted run can't be
    /// read or saved: the request is in the file then, and the run rolls back once it continues.
    pub async fn cancel(&self, id: &str) -> Result<bool, Error> {
        self.inner.refusals.check(id)?;
        let found = self.inner.store.write(Write::Cancel(id.to_owned())).await?;
        if found.is_empty() {
            let id = id.to_owned();
            return self.inner.store.read(move |from| store::by_id(from, &id)).await.map(|_| false);
        }
        self.inner.active.cancel(id);
        if self.inner.active.why_halted(id).is_some() {
            self.inner.go_on_halted(&Arc::from(id)).await?;
        }
        Ok(true)
    }

    /// Waits until a run and all its messages, including the messages that these sent, are over. Returns their
    /// contexts, paths and faults.
    ///
    /// # Errors
    ///
    /// The errors of [`Engine::outcome`], for any of the runs; also if a context does not have this type.
    pub async fn ended(&self, id: &str) -> Result<RunResult<N, Cx>, Error> {
        let (mut ended, sent) = self.ended_alone(id).await?;
        let with_sender = |sender: &Arc<str>, sent: Vec<String>| {
            let sender = Arc::clone(sender);
            sent.into_iter().map(move |message| (Arc::clone(&sender), message))
        };
        let mut waiting: VecDeque<_> = with_sender(&ended.run, sent).collect();
        while let Some((sender, message)) = waiting.pop_front() {
            let (message, sent) = self.ended_alone(&message).await?;
            waiting.extend(with_sender(&message.run, sent));
            ended.messages.push(message.sent_by(sender));
        }
        Ok(ended)
    }

    /// Like [`Engine::ended`], without the messages, and with their ids.
    async fn ended_alone(&self, id: &str) -> Result<(RunResult<N, Cx>, Vec<String>), Error> {
        while let EndedRun::Observed(_) = self.ended_run(id).await? {}
        let drawings = Arc::clone(&self.inner.drawings);
        let (run, interpreter) = (id.to_owned(), self.inner.runner.interpreter());
        let contexts = self.inner.contexts.clone();
        let reading = self.inner.store.read(move |from| {
            // Reads the row and the path in one transaction, because an operator may retry the run meanwhile.
            let from = &*from.unchecked_transaction().map_err(Error::sqlite("read"))?;
            let stored = store::by_id(from, &run)?;
            let read = |origin: Origin<'_>, text: &RawValue| contexts.read(origin, text);
            let loaded = drawings.load(from, &stored, PathScope::Whole, interpreter, read)?;
            Ok((loaded, store::sent(from, &run)?))
        });
        let (Loaded { run, .. }, sent) = reading.await?;
        let ending = run.state().ending().cloned().ok_or_else(|| Error::NotResumed { run: id.to_owned() })?;
        Ok((RunResult::new(run, &ending, Vec::new()), sent))
    }
}
