//! The runs that are being driven, by their ids.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch::{self, Receiver, Sender};
use tokio::task::AbortHandle;

use crate::error::Error;

/// The runs that are being driven, or seen to by somebody.
#[derive(Debug, Default)]
pub(super) struct Live(Mutex<Runs>);

#[derive(Debug, Default)]
struct Runs {
    driven: HashMap<Arc<str>, Driven>,
    /// Why others are not driven any more, though they are not over.
    halted: HashMap<Arc<str>, Error>,
    /// Nobody may begin to drive another.
    closed: bool,
}

#[derive(Debug)]
struct Driven {
    progress: Sender<Progress>,
    task: Option<AbortHandle>,
}

/// What is known of a run that is driven. It closes when the run is not driven any more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    /// It is in the file.
    pub(super) saved: bool,
    /// Somebody cancels it.
    pub(super) cancelled: bool,
}

/// The right to drive a run, which no two have at the same time.
#[derive(Debug)]
pub(super) struct Claim {
    live: Arc<Live>,
    run: Arc<str>,
    pub(super) progress: Receiver<Progress>,
    error: Option<Error>,
}

/// Whose a run is.
pub(super) enum Claimed {
    Mine(Claim),
    Anothers(Receiver<Progress>),
}

/// What is there to be waited for.
pub(super) enum Waiting {
    For(Receiver<Progress>),
    /// It stopped before it was over.
    Halted(Error),
    /// Nobody drives it.
    Not,
}

impl Live {
    fn lock(&self) -> MutexGuard<'_, Runs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn claim(self: &Arc<Self>, run: &Arc<str>, now: Progress) -> Result<Claimed, Error> {
        let mut runs = self.lock();
        if runs.closed {
            return Err(Error::Closed);
        }
        let progress = match runs.driven.entry(Arc::clone(run)) {
            Entry::Occupied(driven) => return Ok(Claimed::Anothers(driven.get().progress.subscribe())),
            Entry::Vacant(free) => {
                let (sender, progress) = watch::channel(now);
                free.insert(Driven { progress: sender, task: None });
                progress
            }
        };
        runs.halted.remove(run);
        Ok(Claimed::Mine(Claim { live: Arc::clone(self), run: Arc::clone(run), progress, error: None }))
    }

    /// Notes the task that drives a run, so that it can be stopped.
    pub(super) fn driven_by(&self, run: &str, progress: &Receiver<Progress>, task: AbortHandle) {
        let mut runs = self.lock();
        let closed = runs.closed;
        // It may be over by now, and somebody else's.
        let driven = runs.driven.get_mut(run);
        if let Some(driven) = driven.filter(|driven| driven.progress.subscribe().same_channel(progress)) {
            if closed {
                task.abort();
            }
            driven.task = Some(task);
        }
    }

    pub(super) fn waiting_for(&self, run: &str) -> Waiting {
        let runs = self.lock();
        match (runs.driven.get(run), runs.halted.get(run)) {
            (Some(driven), _) => Waiting::For(driven.progress.subscribe()),
            (None, Some(error)) => Waiting::Halted(error.clone()),
            (None, None) => Waiting::Not,
        }
    }

    pub(super) fn saved(&self, run: &str) {
        if let Some(driven) = self.lock().driven.get(run) {
            driven.progress.send_modify(|progress| progress.saved = true);
        }
    }

    pub(super) fn cancel(&self, run: &str) {
        if let Some(driven) = self.lock().driven.get(run) {
            driven.progress.send_modify(|progress| progress.cancelled = true);
        }
    }

    /// What is to be waited for until nothing is driven any more.
    pub(super) fn all(&self) -> Vec<Receiver<Progress>> {
        self.lock().driven.values().map(|driven| driven.progress.subscribe()).collect()
    }

    /// Nobody may begin to drive another run.
    pub(super) fn close(&self) {
        self.lock().closed = true;
    }

    /// Runs that are driven stop at once, as in a crash. Says how many.
    pub(super) fn abort(&self) -> usize {
        let runs = self.lock();
        let tasks = runs.driven.values().filter_map(|driven| driven.task.as_ref());
        tasks.map(AbortHandle::abort).count()
    }
}

impl Claim {
    /// The run stops here, and is not over.
    pub(super) fn halted(mut self, error: Error) {
        self.error = Some(error);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut runs = self.live.lock();
        // Who waits looks for the error when this is gone.
        if let Some(error) = self.error.take() {
            runs.halted.insert(Arc::clone(&self.run), error);
        }
        runs.driven.remove(&self.run);
    }
}

/// Comes when the run is cancelled, if ever.
pub(super) async fn cancelled(mut progress: Receiver<Progress>) {
    if progress.wait_for(|progress| progress.cancelled).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Waits until a run is not driven any more.
pub(super) async fn given_up(mut progress: Receiver<Progress>) {
    while progress.changed().await.is_ok() {}
}
