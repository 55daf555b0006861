//! What is outside of a run, and stays when an engine dies.

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

/// What a step left behind, by its idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// An attempt began.
    Began(String),
    /// It did what it is there for.
    Did(String),
}

impl Sign {
    /// The key of an attempt that began.
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
    /// The world of this name: the same one for all who ask in this process.
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

    /// What was left behind so far, in order.
    #[must_use]
    pub fn signs(&self) -> Vec<Sign> {
        lock(&self.signs).clone()
    }

    pub(crate) fn leave(&self, sign: Sign) {
        lock(&self.signs).push(sign);
    }

    /// Whether what is broken at first still is.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        *self.broken.borrow()
    }

    /// Mends what is broken.
    pub fn repair(&self) {
        self.broken.send_replace(false);
    }

    /// Waits until a step rings.
    pub async fn rung(&self) {
        until(&self.rung).await;
    }

    /// Lets the step that rang go on.
    pub fn answer(&self) {
        self.answered.send_replace(true);
    }

    /// Rings, and waits until somebody has answered.
    pub(crate) async fn ring(&self) {
        self.rung.send_replace(true);
        until(&self.answered).await;
    }
}

async fn until(said: &watch::Sender<bool>) {
    // The sender is there as long as this borrow of it.
    let _ = said.subscribe().wait_for(|said| *said).await;
}
