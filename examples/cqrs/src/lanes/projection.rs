//! The lane `Projection`: updates the live view from the events, and rebuilds the spare view from the first event.
//!
//! A view and its position are updated in one transaction, which requires the position that was read. The view
//! therefore continues there after a crash. If two processes update it at once, one succeeds and the other reads
//! again. A view that was just replaced is not mistaken for the live one.

use std::sync::Arc;

use flowgen::{Fault, Result, Visit};

use super::Follower;
use crate::clock::Clock;
use crate::drawing::projection::{self as drawn, AllApplied, AnythingNew, Switched};
use crate::store::{Advance, Behind, DeadLetter, Store};
use crate::view::fold;
use crate::work::{Following, Work};

/// The number of rows deleted from each table of a view at once.
const ROWS: i64 = 1_000;

/// Updates the views.
#[derive(Debug)]
pub struct Projection {
    store: Store,
    clock: Clock,
    follower: Follower,
    /// The number of events applied at once.
    batch: i64,
}

impl Projection {
    /// Creates a projection of this database.
    #[must_use]
    pub fn new(store: &Store, clock: &Clock, follower: &Follower, batch: i64) -> Self {
        Self { store: store.clone(), clock: clock.clone(), follower: follower.clone(), batch }
    }

    /// Reads the events after the position of the view.
    async fn read(&self, following: &mut Following) -> Result {
        let behind = self.store.behind(!following.is_rebuild, self.batch).await?;
        self.follower.has_come_to(behind.views.live_at);
        following.read = (!behind.events.is_empty()).then_some(behind);
        Ok(())
    }

    /// Reads the events up to a position if this run gets the lock. The holder of the lock continues until all
    /// requested positions are shown, so other runs need not wait for it.
    async fn read_until(&self, following: &mut Following, until: i64) -> Result {
        loop {
            if self.follower.is_level_with(until) {
                // Before the lock was released, another run may have requested more events from its holder.
                if following.turn.take().is_none() {
                    return Ok(());
                }
                continue;
            }
            if following.turn.is_none() {
                following.turn = self.follower.turn_now().map(Arc::new);
            }
            if following.turn.is_none() {
                return Ok(());
            }
            self.read(following).await?;
            if following.read.is_some() || !self.follower.is_level_with(until) {
                return Ok(());
            }
        }
    }
}

impl drawn::Projection<Work> for Projection {
    async fn empty_spare_view(&self, work: &mut Work, _: &Visit) -> Result {
        let spare = self.store.views().await?.live.other();
        work.following_mut()?.spare = Some(spare);
        while self.store.empty(spare, ROWS).await? {}
        Ok(())
    }

    async fn read_events(&self, work: &mut Work, _: &Visit) -> Result {
        let following = work.following_mut()?;
        following.read = None;
        if let Some(until) = following.until {
            return self.read_until(following, until).await;
        }
        if following.is_rebuild {
            return self.read(following).await;
        }
        if following.turn.is_none() {
            following.turn = Some(Arc::new(self.follower.turn().await));
        }
        self.read(following).await?;
        if following.read.is_none() {
            self.read_until(following, i64::MIN).await?;
        }
        Ok(())
    }

    async fn anything_new(&self, work: &Work, _: &Visit) -> Result<AnythingNew> {
        let following = work.following()?;
        Ok(match (&following.read, following.is_rebuild) {
            (Some(_), _) => AnythingNew::Yes,
            (None, false) => AnythingNew::No,
            (None, true) => AnythingNew::SpareViewIsLevel,
        })
    }

    async fn apply_events(&self, work: &mut Work, _: &Visit) -> Result {
        let following = work.following_mut()?;
        let Some(Behind { views, events, held }) = following.read.take() else { return Ok(()) };
        let is_live = !following.is_rebuild;
        let (colour, from) = views.one(is_live);
        let to = events.last().map_or(from, |event| event.position);
        let mut folded = fold(held, &events, self.clock.now());
        following.dead = std::mem::take(&mut folded.dead);
        let revision = views.revision;
        following.advance = Some(Advance { colour, is_live, from, revision, to, folded });
        Ok(())
    }

    async fn all_applied(&self, work: &Work, _: &Visit) -> Result<AllApplied> {
        let following = work.following()?;
        Ok(if following.dead.is_empty() { AllApplied::Yes } else { AllApplied::No })
    }

    async fn set_aside_dead_letters(&self, work: &mut Work, _: &Visit) -> Result {
        let following = work.following_mut()?;
        if let Some(advance) = &mut following.advance {
            advance.folded.dead.append(&mut following.dead);
        }
        Ok(())
    }

    async fn save_view(&self, work: &mut Work, _: &Visit) -> Result {
        let following = work.following_mut()?;
        let Some(advance) = &following.advance else { return Ok(()) };
        if !self.store.advance(advance.clone()).await? {
            // Another process was faster. The changes of this one are discarded and not logged.
            return Ok(());
        }
        for DeadLetter { position, account, why, .. } in &advance.folded.dead {
            tracing::error!(position, account, why, "an event can't be applied to the view");
        }
        if !following.is_rebuild {
            self.follower.has_come_to(advance.to);
        }
        Ok(())
    }

    /// Switches to the view that was emptied, rather than to the one that is not live now: when this step is
    /// repeated, or after another rebuild, the latter is the replaced view.
    async fn switch_views(&self, work: &mut Work, _: &Visit) -> Result {
        let following = work.following_mut()?;
        let spare = following.spare.ok_or_else(|| Fault::new("no view was emptied"))?;
        following.is_switched = self.store.switch(spare).await?;
        Ok(())
    }

    async fn switched(&self, work: &Work, _: &Visit) -> Result<Switched> {
        Ok(if work.following()?.is_switched { Switched::Yes } else { Switched::No })
    }
}
