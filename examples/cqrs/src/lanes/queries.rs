//! The lane `Query side`: answers queries from the view only.

use std::time::Duration;

use flowgen::{Result, Visit};
use tokio::time::timeout;

use super::Follower;
use crate::drawing::queries::{self as drawn, Found, RecentEnough};
use crate::store::{ReadModel, Store};
use crate::work::Work;

/// Answers queries.
#[derive(Debug)]
pub struct Queries {
    view: ReadModel,
    follower: Follower,
    /// How long a query waits for the view to reach the requested position.
    wait: Duration,
}

impl Queries {
    /// Creates a query side on the views of this database.
    #[must_use]
    pub fn new(store: &Store, follower: &Follower, wait: Duration) -> Self {
        Self { view: store.read_model(), follower: follower.clone(), wait }
    }
}

impl drawn::Queries<Work> for Queries {
    async fn wait_for_view(&self, work: &mut Work, _: &Visit) -> Result {
        let asking = work.asking_mut()?;
        let mut shows = self.follower.shows();
        let at_least = asking.at_least;
        let waited = timeout(self.wait, shows.wait_for(|shows| *shows >= at_least)).await;
        asking.is_recent = matches!(waited, Ok(Ok(_)));
        Ok(())
    }

    async fn recent_enough(&self, work: &Work, _: &Visit) -> Result<RecentEnough> {
        Ok(if work.asking()?.is_recent { RecentEnough::Yes } else { RecentEnough::No })
    }

    async fn read_view(&self, work: &mut Work, _: &Visit) -> Result {
        let asking = work.asking_mut()?;
        let shown = self.view.answer(&asking.question, asking.at_least).await?;
        (asking.answer, asking.shows, asking.held_up) = (shown.answer, shown.position, shown.held_up);
        Ok(())
    }

    async fn found(&self, work: &Work, _: &Visit) -> Result<Found> {
        let asking = work.asking()?;
        Ok(match (&asking.held_up, &asking.answer) {
            (Some(_), _) => Found::BehindADeadLetter,
            (None, Some(_)) => Found::Yes,
            (None, None) => Found::No,
        })
    }
}
