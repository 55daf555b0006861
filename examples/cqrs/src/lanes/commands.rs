//! The lane `Command side`: loads an account from its events and decides commands.

use flowgen::{Result, Visit};

use crate::domain::Account;
use crate::drawing::commands::{self as drawn, Allowed, SeenBefore, TryAgain};
use crate::history;
use crate::service::in_full;
use crate::store::{Appended, Recorded, Store};
use crate::work::Work;

/// Decides commands.
#[derive(Debug)]
pub struct Commands {
    store: Store,
    /// How often a command is retried after a concurrent append to its account.
    tries: u32,
    /// The number of events after which a snapshot of an account is stored. 0 disables snapshots.
    snapshot_every: usize,
}

impl Commands {
    /// Creates a command side on this database.
    #[must_use]
    pub fn new(store: &Store, tries: u32, snapshot_every: usize) -> Self {
        Self { store: store.clone(), tries, snapshot_every }
    }

    /// Stores a snapshot if enough events were read. A failure is only logged, since a snapshot can be rebuilt
    /// from events.
    async fn keep_snapshot(&self, account: &Account, events: &[Recorded]) {
        if self.snapshot_every == 0 || events.len() < self.snapshot_every {
            return;
        }
        let Some(snapshot) = events.last().and_then(|last| history::snapshot(account, last)) else { return };
        if let Err(why) = self.store.keep_snapshot(snapshot).await {
            tracing::warn!(why = in_full(&why), "a snapshot was not saved");
        }
    }
}

impl drawn::Commands<Work> for Commands {
    async fn load_account(&self, work: &mut Work, _: &Visit) -> Result {
        let handling = work.handling_mut()?;
        let history = self.store.history(&handling.account, &handling.id).await?;
        handling.receipt = history.receipt;
        (handling.loaded, handling.damage) = match history::load(history.snapshot, &history.events) {
            Ok(loaded) => {
                self.keep_snapshot(&loaded.0, &history.events).await;
                (loaded, None)
            }
            Err(damage) => ((Account::default(), 0), Some(damage)),
        };
        Ok(())
    }

    async fn seen_before(&self, work: &Work, _: &Visit) -> Result<SeenBefore> {
        let handling = work.handling()?;
        Ok(match &handling.receipt {
            None => SeenBefore::No,
            Some(receipt)
                if receipt.account == handling.account && receipt.wanted == handling.wanted()? =>
            {
                SeenBefore::Yes
            }
            Some(_) => SeenBefore::AsAnotherCommand,
        })
    }

    async fn decide(&self, work: &mut Work, _: &Visit) -> Result {
        let handling = work.handling_mut()?;
        if let Some(damage) = &handling.damage {
            tracing::error!(%damage, "a command can't be decided");
            return Ok(());
        }
        let (account, version) = &handling.loaded;
        // Decides nothing on a version that the caller has not seen. The event store detects the mismatch.
        let is_seen = handling.seen.as_ref().is_none_or(|seen| seen.matches(*version));
        handling.decided = if is_seen { account.decide(&handling.command) } else { Ok(Vec::new()) };
        Ok(())
    }

    async fn allowed(&self, work: &Work, _: &Visit) -> Result<Allowed> {
        let handling = work.handling()?;
        Ok(match (&handling.damage, &handling.decided) {
            (Some(_), _) => Allowed::HistoryIsDamaged,
            (None, Ok(_)) => Allowed::Yes,
            (None, Err(_)) => Allowed::No,
        })
    }

    async fn issue_receipt(&self, work: &mut Work, _: &Visit) -> Result {
        let handling = work.handling_mut()?;
        if let Some(Appended::Now(receipt)) = handling.appended.take() {
            handling.receipt = Some(receipt);
        }
        Ok(())
    }

    async fn try_again(&self, work: &Work, _: &Visit) -> Result<TryAgain> {
        let handling = work.handling()?;
        // If the account is not as the caller has seen it, the caller has to read it again.
        let again = !handling.is_elsewhere && handling.in_vain <= self.tries;
        Ok(if again { TryAgain::Yes } else { TryAgain::No })
    }
}
