//! The active runs, by id.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use flowgen::{Fault, Node, Outcome};
use tokio::sync::Notify;
use tokio::sync::watch::{self, Receiver, Sender};
use tokio::task::AbortHandle;

use super::load::Load;
use super::requests::Requests;
use crate::error::Error;
use crate::store::{Summary, lock};

/// The runs that are driven, or claimed by an operator's call.
#[derive(Debug)]
pub(super) struct ActiveRuns<N: Node> {
    runs: Mutex<Runs<N>>,
    /// The number of active runs from which on no further run is started.
    most: AtomicUsize,
    /// A run was halted, or the engine is shut down.
    has_halted: Notify,
}

#[derive(Debug)]
struct Runs<N: Node> {
    driven: HashMap<Arc<str>, ActiveRun<N>>,
    /// Other runs that are not over, and could not be saved or read back. A run that is retried stays here until
    /// it is saved.
    halted: HashMap<Arc<str>, Halted>,
    /// No further run may be claimed.
    closed: bool,
}

#[derive(Debug)]
struct Halted {
    error: Error,
    /// How often it was halted since it was last saved.
    times: u32,
}

#[derive(Debug)]
struct ActiveRun<N: Node> {
    progress: Sender<Progress<N>>,
    requests: Arc<Requests>,
    task: Option<AbortHandle>,
}

/// The progress of a claimed run. The channel closes when the claim is dropped.
#[derive(Clone, Debug)]
pub(super) struct Progress<N: Node> {
    /// The run is in the file, and is driven. Before that, its claimant may find nothing to do.
    pub(super) goes_on: bool,
    /// The run is over, and is saved as such.
    pub(super) outcome: Option<Outcome<N>>,
}

/// The exclusive right to drive a run.
#[derive(Debug)]
pub(super) struct Claim<N: Node> {
    active: Arc<ActiveRuns<N>>,
    run: Arc<str>,
    pub(super) progress: Receiver<Progress<N>>,
    pub(super) requests: Arc<Requests>,
    outcome: OnceLock<Outcome<N>>,
    error: OnceLock<Error>,
}

/// Drives the run of a claim. The claim may outlive this, until pending writes of the run are done.
#[derive(Debug)]
pub(super) struct DriveGuard<N: Node>(pub(super) Arc<Claim<N>>);

/// The result of claiming a run.
pub(super) enum Claimed<N: Node> {
    Mine(Claim<N>),
    ByOther(Receiver<Progress<N>>),
}

/// The state of a run that a call waits for.
pub(super) enum Waiting<N: Node> {
    For(Receiver<Progress<N>>),
    /// The run stopped before it was over.
    Halted(Error),
    /// The run is not driven.
    Not,
}

impl<N: Node> ActiveRuns<N> {
    pub(super) fn new() -> Self {
        let runs = Runs { driven: HashMap::new(), halted: HashMap::new(), closed: false };
        Self { runs: Mutex::new(runs), most: AtomicUsize::new(usize::MAX), has_halted: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Runs<N>> {
        lock(&self.runs)
    }

    pub(super) fn set_most(&self, most: usize) {
        self.most.store(most, Ordering::Relaxed);
    }

    /// Returns the number of active and of halted runs, and the limit.
    pub(super) fn load(&self) -> Load {
        self.lock().load(self.most.load(Ordering::Relaxed))
    }

    /// Claims a run that is to be started, unless the limit of active runs is reached.
    pub(super) fn claim_new(self: &Arc<Self>, run: &Arc<str>) -> Result<Claimed<N>, Error> {
        self.claim_within(run, self.most.load(Ordering::Relaxed))
    }

    pub(super) fn claim(self: &Arc<Self>, run: &Arc<str>) -> Result<Claimed<N>, Error> {
        self.claim_within(run, usize::MAX)
    }

    fn claim_within(self: &Arc<Self>, run: &Arc<str>, most: usize) -> Result<Claimed<N>, Error> {
        let mut runs = self.lock();
        if runs.closed {
            return Err(Error::Closed);
        }
        // A run that is claimed already is no additional one.
        if most < usize::MAX && !runs.driven.contains_key(run) {
            let load = runs.load(most);
            if load.is_full() {
                return Err(Error::Overloaded { run: run.to_string(), running: load.running, most });
            }
        }
        let requests = Arc::new(Requests::default());
        let progress = match runs.driven.entry(Arc::clone(run)) {
            Entry::Occupied(driven) => return Ok(Claimed::ByOther(driven.get().progress.subscribe())),
            Entry::Vacant(free) => {
                let (sender, progress) = watch::channel(Progress { goes_on: false, outcome: None });
                free.insert(ActiveRun { progress: sender, requests: Arc::clone(&requests), task: None });
                progress
            }
        };
        let (active, run) = (Arc::clone(self), Arc::clone(run));
        Ok(Claimed::Mine(Claim {
            active,
            run,
            progress,
            requests,
            outcome: OnceLock::new(),
            error: OnceLock::new(),
        }))
    }

    /// Records the task that drives a run, so that it can be aborted.
    pub(super) fn driven_by(&self, run: &str, progress: &Receiver<Progress<N>>, task: AbortHandle) {
        let mut runs = self.lock();
        let closed = runs.closed;
        // The run may be over by now, and be claimed by another call.
        let driven = runs.driven.get_mut(run);
        if let Some(driven) = driven.filter(|driven| driven.progress.subscribe().same_channel(progress)) {
            if closed {
                task.abort();
            }
            driven.task = Some(task);
        }
    }

    pub(super) fn waiting_for(&self, run: &str) -> Waiting<N> {
        let runs = self.lock();
        match (runs.driven.get(run), runs.halted.get(run)) {
            (Some(driven), _) => Waiting::For(driven.progress.subscribe()),
            (None, Some(halted)) => Waiting::Halted(halted.error.clone()),
            (None, None) => Waiting::Not,
        }
    }

    /// Notes that a claimed run is in the file, and is driven.
    pub(super) fn goes_on(&self, run: &str) {
        let mut runs = self.lock();
        runs.halted.remove(run);
        if let Some(driven) = runs.driven.get(run) {
            driven.progress.send_modify(|progress| progress.goes_on = true);
        }
    }

    /// Notes that a run is halted, and why.
    pub(super) fn halted(&self, run: &Arc<str>, error: Error) {
        self.lock().halt(run, error);
        self.has_halted.notify_one();
    }

    /// Returns why a run is halted; `None` if it is not.
    pub(super) fn why_halted(&self, run: &str) -> Option<Error> {
        self.lock().halted.get(run).map(|halted| halted.error.clone())
    }

    /// Adds to summaries of runs that are not over why they are halted.
    pub(super) fn note_halted<'s>(&self, summaries: impl Iterator<Item = &'s mut Summary>) {
        let runs = self.lock();
        for summary in summaries.filter(|summary| !summary.status.is_over()) {
            let halted = runs.halted.get(summary.run.as_str());
            summary.halted = halted.map(|halted| format!("{:#}", Fault::new(halted.error.clone())));
        }
    }

    /// Notes that a run is not halted any more, because nothing is left to continue.
    pub(super) fn not_halted(&self, run: &str) {
        self.lock().halted.remove(run);
    }

    /// Returns the runs that a passing failure of the file has halted, those with the fewest failures first; none
    /// if the engine is shut down.
    pub(super) fn to_try_again(&self) -> Vec<Arc<str>> {
        let runs = self.lock();
        let passing = runs.halted.iter().filter(|(_, halted)| halted.error.is_passing() && !runs.closed);
        let mut halted: Vec<_> = passing.map(|(run, halted)| (halted.times, Arc::clone(run))).collect();
        halted.sort_unstable();
        halted.into_iter().map(|(_, run)| run).collect()
    }

    /// Waits until a passing failure of the file has halted a run. Returns `false` if the engine is shut down.
    pub(super) async fn has_halted(&self) -> bool {
        loop {
            let notified = self.has_halted.notified();
            if self.lock().closed {
                return false;
            }
            if !self.to_try_again().is_empty() {
                return true;
            }
            notified.await;
        }
    }

    /// Waits until the engine is shut down.
    pub(super) async fn closed(&self) {
        loop {
            let notified = self.has_halted.notified();
            if self.lock().closed {
                return;
            }
            notified.await;
        }
    }

    pub(super) fn cancel(&self, run: &str) {
        if let Some(driven) = self.lock().driven.get(run) {
            driven.requests.cancel.make();
        }
    }

    /// Returns the progress of all driven runs. Claims without a task are left out, because they may last forever.
    pub(super) fn driven(&self) -> Vec<Receiver<Progress<N>>> {
        let runs = self.lock();
        let driven = runs.driven.values().filter(|driven| driven.task.is_some());
        driven.map(|driven| driven.progress.subscribe()).collect()
    }

    /// Refuses further claims, and asks all driven runs to pause.
    pub(super) fn close(&self) {
        let mut runs = self.lock();
        runs.closed = true;
        runs.driven.values().for_each(|driven| driven.requests.pause.make());
        self.has_halted.notify_one();
    }

    /// Aborts all driven runs at once, as in a crash. Returns their number.
    pub(super) fn abort(&self) -> usize {
        let runs = self.lock();
        let tasks = runs.driven.values().filter_map(|driven| driven.task.as_ref());
        tasks.map(AbortHandle::abort).count()
    }
}

impl<N: Node> Runs<N> {
    fn halt(&mut self, run: &Arc<str>, error: Error) {
        let times = self.halted.get(run).map_or(0, |halted| halted.times.saturating_add(1));
        self.halted.insert(Arc::clone(run), Halted { error, times });
    }

    fn load(&self, most: usize) -> Load {
        let undriven = self.halted.keys().filter(|run| !self.driven.contains_key(*run)).count();
        let waiting = self.halted.values().filter(|halted| halted.error.is_passing()).count();
        Load {
            running: self.driven.len() + undriven,
            halted: self.halted.len(),
            waiting,
            most: Some(most).filter(|most| *most < usize::MAX),
        }
    }
}

impl<N: Node> Claim<N> {
    /// Notes that the run is in the file, and is driven now.
    pub(super) fn goes_on(&self) {
        self.active.goes_on(&self.run);
    }

    /// Notes that the run is over, and is saved as such.
    pub(super) fn over(&self, outcome: Outcome<N>) {
        let _ = self.outcome.set(outcome);
    }

    /// Notes that the run stops here, and is not over.
    pub(super) fn halted(&self, error: Error) {
        let _ = self.error.set(error);
    }
}

impl<N: Node> Drop for DriveGuard<N> {
    fn drop(&mut self) {
        // Panics of user code are caught before this point, except those of contexts that are dropped.
        if std::thread::panicking() {
            self.0.halted(Error::Panicked { run: self.0.run.to_string() });
        }
        if let Some(driven) = self.0.active.lock().driven.get(&self.0.run) {
            driven.progress.send_modify(|progress| progress.goes_on = false);
        }
    }
}

impl<N: Node> Drop for Claim<N> {
    fn drop(&mut self) {
        let mut runs = self.active.lock();
        // Set first, because waiting calls look for the error once the claim is gone.
        if let Some(error) = self.error.take() {
            runs.halt(&self.run, error);
            self.active.has_halted.notify_one();
        }
        if let (Some(driven), Some(outcome)) = (runs.driven.remove(&self.run), self.outcome.take()) {
            driven.progress.send_modify(|progress| progress.outcome = Some(outcome));
        }
    }
}

/// Waits until the claimant of a run drives it. Returns false if the claim is dropped before that.
pub(super) async fn wait_until_driven<N: Node>(mut progress: Receiver<Progress<N>>) -> bool {
    progress.wait_for(|progress| progress.goes_on).await.is_ok()
}

/// Waits until the claim of a run is dropped. Returns the outcome of the run if it is over.
pub(super) async fn wait_until_released<N: Node>(mut progress: Receiver<Progress<N>>) -> Option<Outcome<N>> {
    while progress.changed().await.is_ok() {}
    progress.borrow().outcome.clone()
}
