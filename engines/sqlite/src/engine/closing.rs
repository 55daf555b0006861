//! Giving up runs, and deleting them.

use std::sync::Arc;

use flowgen::Node;
use flowgen::report::Debt;
use rusqlite::Connection;

use super::live::{Claim, Claimed};
use super::{Engine, Inner};
use crate::by_hand::{self, Stored};
use crate::error::Error;
use crate::store::{self, Held, Write};

impl<N: Node, Cx> Engine<N, Cx> {
    /// Gives up a run that is not driven: it is refused, halted or stuck, or was not resumed. Nothing more is done of
    /// it, and nothing undoes what it owes: that is returned, and stays on record in the file.
    ///
    /// This works for runs that can't be resumed, since it reads neither the context nor the drawing of the program.
    ///
    /// # Errors
    ///
    /// When there is no such run, when it is driven ([`Error::Busy`]: cancel it instead) or over, and when what is
    /// saved of it is no run: it can be deleted then.
    pub async fn abandon(&self, id: &str) -> Result<Vec<Debt>, Error> {
        let abandon = |from: &Connection, id: &str| Stored::read(from, id)?.abandon();
        Arc::clone(&self.inner).change(id, abandon).await
    }

    /// Deletes a run that has ended. Its id is free then: started again, the run does everything once more.
    ///
    /// A run that is not over, or is stuck, may owe something, so it has to be abandoned first. One of which nothing
    /// can be made out any more is deleted as it is.
    ///
    /// # Errors
    ///
    /// When there is no such run, when it is driven, and when it may owe something.
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let delete = |from: &Connection, id: &str| Ok((by_hand::delete(from, id)?, ()));
        Arc::clone(&self.inner).change(id, delete).await?;
        self.shrink().await
    }
}

impl<N: Node, Cx> Inner<N, Cx> {
    /// Changes a run that is not driven. It is done even where the caller does not wait any more.
    async fn change<T: Send + 'static>(
        self: Arc<Self>,
        id: &str,
        change: impl FnOnce(&Connection, &str) -> Result<(Write, T), Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (store, live, refusals) =
            (Arc::clone(&self.store), Arc::clone(&self.live), Arc::clone(&self.refusals));
        let id = id.to_owned();
        let changed = tokio::spawn(async move {
            let (claiming, run) = (Arc::clone(&live), id.clone());
            let reading = store.read(move |from| {
                // A run that is not there is not claimed: it may be started meanwhile.
                store::number(from, &run)?;
                let claim: Claim<N> = match claiming.claim(&Arc::from(run.as_str()))? {
                    Claimed::Mine(claim) => claim,
                    Claimed::Anothers(_) => return Err(Error::Busy { run }),
                };
                // All of it as of one moment.
                let from = &*from.unchecked_transaction().map_err(Error::sqlite("read"))?;
                change(from, &run).map(|(write, answer)| (write, answer, claim))
            });
            let (write, answer, claim) = reading.await?;
            let claim: Held = Arc::new(claim);
            let written = store.write_holding(write, Some(Arc::clone(&claim))).await;
            if written.is_ok() {
                refusals.forget(&id);
                live.not_halted(&id);
            }
            drop(claim);
            written.map(|_| answer)
        });
        changed.await.unwrap_or(Err(Error::Closed))
    }
}
