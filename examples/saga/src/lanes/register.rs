//! What a service has done, by idempotency key.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use flowgen::Visit;

/// Entries of a service, each under the key of the visit that made it.
#[derive(Debug)]
pub struct Register<T>(Mutex<BTreeMap<String, T>>);

impl<T> Default for Register<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Register<T> {
    /// Makes an entry, unless this visit has made one already.
    pub fn enter(&self, visit: &Visit, entry: T) {
        self.entries().entry(visit.key().to_string()).or_insert(entry);
    }

    /// Makes an entry if it `fits` beside those that stand. Says whether it is there now, which it
    /// also is when this visit has made it already.
    pub fn enter_if(&self, visit: &Visit, entry: T, fits: impl FnOnce(&[T]) -> bool) -> bool {
        let mut entries = self.entries();
        let key = visit.key().to_string();
        let standing: Vec<T> = entries.values().cloned().collect();
        entries.contains_key(&key) || fits(&standing) && entries.insert(key, entry).is_none()
    }

    /// Takes out what the step entered that this visit undoes. Done twice, it does nothing more.
    pub fn undo(&self, visit: &Visit) -> Option<T> {
        self.entries().remove(&visit.undoes()?.to_string())
    }

    /// Everything that stands.
    #[must_use]
    pub fn all(&self) -> Vec<T> {
        self.entries().values().cloned().collect()
    }

    /// The entries; a panic elsewhere does not take them away.
    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
