//! The world outside of a run, which survives a crash of the engine.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// The outside world of one run and of its messages.
#[derive(Debug)]
pub struct World {
    signs: Mutex<Vec<Sign>>,
    broken: watch::Sender<bool>,
    rung: watch::Sender<bool>,
    answered: watch::Sender<bool>,
}

/// An event that a step has recorded, with its idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// An attempt began.
    Began(String),
    /// The step succeeded.
    Did(String),
}

impl Sign {
    /// Returns the key if the event is the beginning of an attempt.
    pub(crate) fn began(&self) -> Option<&str> {
        match self {
            Self::Began(key) => Some(key),
            Self::Did(_) => None,
        }
    }
}

static WORLDS: LazyLock<Mutex<BTreeMap<String, Arc<World>>>> = LazyLock::new(Mutex::default);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    /// Returns the world of this name, which is shared within this process.
    #[must_use]
    pub fn of(name: &str) -> Arc<Self> {
        Arc::clone(lock(&WORLDS).entry(name.to_owned()).or_insert_with(|| {
            let no = || watch::Sender::new(false);
            Arc::new(Self {
                signs: Mutex::default(),
                broken: watch::Sender::new(true),
                rung: no(),
                answered: no(),
            })
        }))
    }

    /// Returns the events so far, in order.
    #[must_use]
    pub fn signs(&self) -> Vec<Sign> {
        lock(&self.signs).clone()
    }

    pub(crate) fn leave(&self, sign: Sign) {
        lock(&self.signs).push(sign);
    }

    /// Returns whether the world is still broken.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        *self.broken.borrow()
    }

    /// Repairs the world, so that [`Act::FaultUntilRepaired`](crate::Act::FaultUntilRepaired) succeeds.
    pub fn repair(&self) {
        self.broken.send_replace(false);
    }

    /// Waits until a step rings.
    pub async fn rung(&self) {
        until(&self.rung).await;
    }

    /// Lets the step that rang continue.
    pub fn answer(&self) {
        self.answered.send_replace(true);
    }

    /// Rings, and waits for the answer.
    pub(crate) async fn ring(&self) {
        self.rung.send_replace(true);
        until(&self.answered).await;
    }
}

async fn until(said: &watch::Sender<bool>) {
    // The borrow keeps the sender alive, so waiting does not fail.
    let _ = said.subscribe().wait_for(|said| *said).await;
}
