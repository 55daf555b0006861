//! How far the live view is, and who moves it on.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::{Mutex, OwnedMutexGuard, watch};

/// How far the live view is, as far as this process knows, and whose turn it is to move it on. A handle:
/// clones are the same.
#[derive(Clone, Debug)]
pub struct Follower {
    shows: Arc<watch::Sender<i64>>,
    wanted: Arc<AtomicI64>,
    live: Arc<Mutex<()>>,
    spare: Arc<Mutex<()>>,
}

impl Follower {
    /// One of a view that shows this position.
    #[must_use]
    pub fn new(shows: i64) -> Self {
        let wanted = Arc::new(AtomicI64::new(shows));
        let shows = Arc::new(watch::Sender::new(shows));
        Self { shows, wanted, live: Arc::default(), spare: Arc::default() }
    }

    /// The position that the live view shows.
    #[must_use]
    pub fn shows(&self) -> watch::Receiver<i64> {
        self.shows.subscribe()
    }

    /// The turn to rebuild, unless somebody has it.
    #[must_use]
    pub fn turn_to_rebuild(&self) -> Option<OwnedMutexGuard<()>> {
        Arc::clone(&self.spare).try_lock_owned().ok()
    }

    /// The live view shows this position.
    pub(super) fn has_come_to(&self, position: i64) {
        self.shows.send_if_modified(|shows| {
            let has_moved = *shows < position;
            *shows = position.max(*shows);
            has_moved
        });
    }

    /// Has the live view shown all that is wanted of it, this position among it?
    ///
    /// Whoever wants more calls this before it tries to get the turn, and whoever has the turn calls it after
    /// giving it back. Both change the same number, so the later one knows of the earlier one: either who
    /// had the turn sees what is wanted, or who wants it gets the turn.
    pub(super) fn is_level_with(&self, position: i64) -> bool {
        self.wanted.fetch_max(position, Ordering::AcqRel).max(position) <= *self.shows.borrow()
    }

    /// The turn to move the live view on, as soon as nobody has it.
    pub(super) async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.live).lock_owned().await
    }

    /// The same, unless somebody has it.
    pub(super) fn turn_now(&self) -> Option<OwnedMutexGuard<()>> {
        Arc::clone(&self.live).try_lock_owned().ok()
    }
}
