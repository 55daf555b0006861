//! Waiting for runs to end, and cancelling them.

use std::collections::VecDeque;
use std::sync::Arc;

use flowgen::{Ended, Node, Outcome};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::contexts::Origin;
use super::drawings::{Loaded, Path};
use super::live::{Waiting, given_up};
use super::{Engine, as_text, looking};
use crate::error::Error;
use crate::store::{self, Kept, Write};

/// A run that is over.
enum Over<N: Node> {
    /// It has just ended, so its driver told.
    Told(Outcome<N>),
    /// It ended before, so it was read.
    Kept(Kept),
}

impl<N: Node, Cx> Engine<N, Cx> {
    /// Waits until a run is over, and says how it ended. It does not wait for the messages that the run sent.
    ///
    /// A run that is stuck is over, too; once it is retried, it is not.
    ///
    /// # Errors
    ///
    /// When there is no such run, when it is halted because it could not be saved, when it is not over and was not
    /// resumed, and when it is refused: the reason.
    pub async fn outcome(&self, id: &str) -> Result<Outcome<N>, Error> {
        let kept = match self.over(id).await? {
            Over::Told(outcome) => return Ok(outcome),
            Over::Kept(kept) => kept,
        };
        let drawings = Arc::clone(&self.inner.drawings);
        let reading = self.inner.store.read(move |from| {
            drawings.load(from, &kept, Path::Untold, looking::<N>(), as_text).map(|loaded| loaded.run)
        });
        let run = reading.await?;
        let ending = run.state().ending().ok_or_else(|| Error::Idle { run: id.to_owned() })?;
        Ok(Outcome::of(run.state(), ending))
    }

    /// Waits until a run is over, and what is saved says so.
    async fn over(&self, id: &str) -> Result<Over<N>, Error> {
        let mut idle = false;
        loop {
            self.inner.refusals.check(id)?;
            let live = self.inner.live.waiting_for(id);
            if let Waiting::For(progress) = live {
                if let Some(outcome) = given_up(progress).await {
                    return Ok(Over::Told(outcome));
                }
                idle = false;
                continue;
            }
            let run = id.to_owned();
            let kept = self.inner.store.read(move |from| store::by_id(from, &run)).await;
            match (kept, live) {
                (Ok(kept), _) if kept.summary.status.is_over() => return Ok(Over::Kept(kept)),
                (Err(error), _) | (_, Waiting::Halted(error)) => return Err(error),
                // Somebody may have taken it up between the two looks.
                (Ok(_), _) if !idle => idle = true,
                (Ok(_), _) => return Err(Error::Idle { run: id.to_owned() }),
            }
        }
    }
}

impl<N, Cx> Engine<N, Cx>
where
    N: Node,
    Cx: Serialize + DeserializeOwned + Send + 'static,
{
    /// Cancels a run: it finishes the steps that it is in, and rolls back. Says so once that is noted in the
    /// file, so that it holds after a crash, too. False where the run is over; one that rolls back already
    /// goes on with that, and one that has just done its last step ends as it would have. A run that is halted goes
    /// on for that; one that was not resumed yet is rolled back when it is.
    ///
    /// # Errors
    ///
    /// When there is no such run, when it is refused, and when the file can't be written. When a run that is halted can't be read or saved:
    /// it is noted then, and the run rolls back once it goes on.
    pub async fn cancel(&self, id: &str) -> Result<bool, Error> {
        self.inner.refusals.check(id)?;
        let found = self.inner.store.write(Write::Cancel(id.to_owned())).await?;
        if found.is_empty() {
            let id = id.to_owned();
            return self.inner.store.read(move |from| store::by_id(from, &id)).await.map(|_| false);
        }
        self.inner.live.cancel(id);
        if self.inner.live.why_halted(id).is_some() {
            self.inner.go_on_halted(&Arc::from(id)).await?;
        }
        Ok(true)
    }

    /// Waits until a run is over, and the messages that it sent and that these sent are, and tells all about
    /// them: their contexts, their paths, their faults.
    ///
    /// # Errors
    ///
    /// As for [`Engine::outcome`], for any of them; and when a context is none of this type.
    pub async fn ended(&self, id: &str) -> Result<Ended<N, Cx>, Error> {
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

    /// The same without its messages, and with their ids.
    async fn ended_alone(&self, id: &str) -> Result<(Ended<N, Cx>, Vec<String>), Error> {
        while let Over::Told(_) = self.over(id).await? {}
        let drawings = Arc::clone(&self.inner.drawings);
        let (run, interpreter) = (id.to_owned(), self.inner.runner.interpreter());
        let contexts = self.inner.contexts.clone();
        let reading = self.inner.store.read(move |from| {
            // Its row and its path as of one moment: somebody may retry what is stuck.
            let from = &*from.unchecked_transaction().map_err(Error::sqlite("read"))?;
            let kept = store::by_id(from, &run)?;
            let read = |origin: Origin<'_>, text: &RawValue| contexts.read(origin, text);
            let loaded = drawings.load(from, &kept, Path::Whole, interpreter, read)?;
            Ok((loaded, store::sent(from, &run)?))
        });
        let (Loaded { run, .. }, sent) = reading.await?;
        let ending = run.state().ending().cloned().ok_or_else(|| Error::Idle { run: id.to_owned() })?;
        Ok((Ended::of(run, &ending, Vec::new()), sent))
    }
}
