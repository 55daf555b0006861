//! The lane `Command side`: loads an account from its events, and decides.

use flowgen::{Result, Visit};

use crate::domain::Account;
use crate::drawing::commands::{self as drawn, Allowed, SeenBefore, TryAgain};
use crate::history;
use crate::service::in_full;
use crate::store::{Appended, Recorded, Store};
use crate::work::Work;

/// Carries out commands.
#[derive(Debug)]
pub struct Commands {
    store: Store,
    /// How often a command is tried again when somebody else was faster.
    tries: u32,
    /// After how many events a snapshot of an account is kept; 0 for none.
    snapshot_every: usize,
}

impl Commands {
    /// A command side on this database.
    #[must_use]
    pub fn new(store: &Store, tries: u32, snapshot_every: usize) -> Self {
        Self { store: store.clone(), tries, snapshot_every }
    }

    /// Keeps a snapshot if so many events were read. Nothing is lost without one, so a failure is only logged.
    async fn keep_snapshot(&self, account: &Account, events: &[Recorded]) {
        if self.snapshot_every == 0 || events.len() < self.snapshot_every {
            return;
        }
        let Some(snapshot) = events.last().and_then(|last| history::snapshot(account, last)) else { return };
        if let Err(why) = self.store.keep_snapshot(snapshot).await {
            tracing::warn!(why = in_full(&why), "a snapshot was not kept");
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
        // Nothing is decided on a version that the caller has not seen; the event store will say so.
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
        // The caller has to look again at an account that is not as the caller has seen it.
        let again = !handling.is_elsewhere && handling.in_vain <= self.tries;
        Ok(if again { TryAgain::Yes } else { TryAgain::No })
    }
}
