//! The progress of the live view, and the locks to update views.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::{Mutex, OwnedMutexGuard, watch};

/// The position of the live view as known to this process, and the locks to update the live and the spare view.
/// Clones share the same state.
#[derive(Clone, Debug)]
pub struct Follower {
    shows: Arc<watch::Sender<i64>>,
    wanted: Arc<AtomicI64>,
    live: Arc<Mutex<()>>,
    spare: Arc<Mutex<()>>,
}

impl Follower {
    /// Creates a follower of a view at this position.
    #[must_use]
    pub fn new(shows: i64) -> Self {
        let wanted = Arc::new(AtomicI64::new(shows));
        let shows = Arc::new(watch::Sender::new(shows));
        Self { shows, wanted, live: Arc::default(), spare: Arc::default() }
    }

    /// The position of the live view.
    #[must_use]
    pub fn shows(&self) -> watch::Receiver<i64> {
        self.shows.subscribe()
    }

    /// The lock to rebuild the spare view, or `None` if it is held.
    #[must_use]
    pub fn turn_to_rebuild(&self) -> Option<OwnedMutexGuard<()>> {
        Arc::clone(&self.spare).try_lock_owned().ok()
    }

    /// Records that the live view has reached this position.
    pub(super) fn has_come_to(&self, position: i64) {
        self.shows.send_if_modified(|shows| {
            let has_moved = *shows < position;
            *shows = position.max(*shows);
            has_moved
        });
    }

    /// Requests a position. Returns whether the live view has reached all requested positions.
    ///
    /// A run that requests a position calls this before it tries to take the lock, and the holder of the lock
    /// calls it after releasing it. Both change the same number, so the later call sees the earlier one: either
    /// the former holder sees the new request, or the new run gets the lock.
    pub(super) fn is_level_with(&self, position: i64) -> bool {
        self.wanted.fetch_max(position, Ordering::AcqRel).max(position) <= *self.shows.borrow()
    }

    /// Waits for the lock to update the live view.
    pub(super) async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.live).lock_owned().await
    }

    /// The lock to update the live view, or `None` if it is held.
    pub(super) fn turn_now(&self) -> Option<OwnedMutexGuard<()>> {
        Arc::clone(&self.live).try_lock_owned().ok()
    }
}
