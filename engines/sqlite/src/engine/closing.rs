//! Abandoning and deleting runs.

use std::sync::Arc;

use flowgen::Node;
use flowgen::report::PendingUndo;
use rusqlite::Connection;

use super::active_runs::{Claim, Claimed};
use super::{Engine, Inner};
use crate::error::Error;
use crate::inactive_run::{self, InactiveRun};
use crate::store::{self, Held, Write};

impl<N: Node, Cx> Engine<N, Cx> {
    /// Abandons a run that is not driven: it is refused, halted or stuck, or was not resumed. No further step is
    /// called and nothing is undone. The undos that are left are returned, and stay on record in the file.
    ///
    /// This works for runs that can't be resumed, because it reads neither the context nor the program's drawing.
    ///
    /// # Errors
    ///
    /// If there is no such run, if it is driven ([`Error::RunActive`]: cancel it instead) or over, or if its saved data
    /// is not a valid run: it can be deleted then.
    pub async fn abandon(&self, id: &str) -> Result<Vec<PendingUndo>, Error> {
        let abandon = |from: &Connection, id: &str| InactiveRun::read(from, id)?.abandon();
        Arc::clone(&self.inner).change(id, abandon).await
    }

    /// Deletes a run that has ended. Its id is free then: a run that is started with it calls all steps again.
    ///
    /// A run that is stuck or not over may have pending undos, so it has to be abandoned first. A run whose saved
    /// data can't be read is deleted in any status.
    ///
    /// # Errors
    ///
    /// If there is no such run, if it is driven, or if it may have pending undos.
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let delete = |from: &Connection, id: &str| Ok((inactive_run::delete(from, id)?, ()));
        Arc::clone(&self.inner).change(id, delete).await?;
        self.shrink().await
    }
}

impl<N: Node, Cx> Inner<N, Cx> {
    /// Changes a run that is not driven. The change is made even if the caller drops the future.
    async fn change<T: Send + 'static>(
        self: Arc<Self>,
        id: &str,
        change: impl FnOnce(&Connection, &str) -> Result<(Write, T), Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (store, active, refusals) =
            (Arc::clone(&self.store), Arc::clone(&self.active), Arc::clone(&self.refusals));
        let id = id.to_owned();
        let changed = tokio::spawn(async move {
            let (claiming, run) = (Arc::clone(&active), id.clone());
            let reading = store.read(move |from| {
                // Does not claim an id without a run, because a run with that id may be started meanwhile.
                store::number(from, &run)?;
                let claim: Claim<N> = match claiming.claim(&Arc::from(run.as_str()))? {
                    Claimed::Mine(claim) => claim,
                    Claimed::ByOther(_) => return Err(Error::RunActive { run }),
                };
                // Reads everything in one transaction.
                let from = &*from.unchecked_transaction().map_err(Error::sqlite("read"))?;
                change(from, &run).map(|(write, answer)| (write, answer, claim))
            });
            let (write, answer, claim) = reading.await?;
            let claim: Held = Arc::new(claim);
            let written = store.write_holding(write, Some(Arc::clone(&claim))).await;
            if written.is_ok() {
                refusals.forget(&id);
                active.not_halted(&id);
            }
            drop(claim);
            written.map(|_| answer)
        });
        changed.await.unwrap_or(Err(Error::Closed))
    }
}
