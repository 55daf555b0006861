//! A record outside of a run, which survives a crash of the engine.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// Records what the steps of one run and of its messages do, outside of the run.
#[derive(Debug)]
pub struct Recorder {
    events: Mutex<Vec<Event>>,
    broken: watch::Sender<bool>,
    paused: watch::Sender<bool>,
    resumed: watch::Sender<bool>,
}

/// An event that a step has recorded, with its idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An attempt began.
    Began(String),
    /// The step succeeded.
    Did(String),
}

impl Event {
    /// Returns the key if the event is the beginning of an attempt.
    pub(crate) fn began(&self) -> Option<&str> {
        match self {
            Self::Began(key) => Some(key),
            Self::Did(_) => None,
        }
    }
}

static RECORDERS: LazyLock<Mutex<BTreeMap<String, Arc<Recorder>>>> = LazyLock::new(Mutex::default);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Recorder {
    /// Returns the recorder of this name, which is shared within this process.
    #[must_use]
    pub fn named(name: &str) -> Arc<Self> {
        Arc::clone(lock(&RECORDERS).entry(name.to_owned()).or_insert_with(|| {
            let no = || watch::Sender::new(false);
            Arc::new(Self {
                events: Mutex::default(),
                broken: watch::Sender::new(true),
                paused: no(),
                resumed: no(),
            })
        }))
    }

    /// Returns the events so far, in order.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        lock(&self.events).clone()
    }

    pub(crate) fn record(&self, event: Event) {
        lock(&self.events).push(event);
    }

    /// Returns whether steps that need a repair still fault.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        *self.broken.borrow()
    }

    /// Repairs what such steps need, so that [`Act::FaultUntilRepaired`](crate::Act::FaultUntilRepaired) succeeds.
    pub fn repair(&self) {
        self.broken.send_replace(false);
    }

    /// Waits until a step pauses.
    pub async fn wait_paused(&self) {
        until(&self.paused).await;
    }

    /// Lets the step that paused continue.
    pub fn resume(&self) {
        self.resumed.send_replace(true);
    }

    /// Pauses the step until [`Recorder::resume`].
    pub(crate) async fn pause(&self) {
        self.paused.send_replace(true);
        until(&self.resumed).await;
    }
}

async fn until(flag: &watch::Sender<bool>) {
    // The borrow keeps the sender alive, so waiting does not fail.
    let _ = flag.subscribe().wait_for(|is_set| *is_set).await;
}
