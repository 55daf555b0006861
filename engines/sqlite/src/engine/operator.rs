//! Retrying, resolving and skipping stuck runs.

use std::sync::Arc;

use flowgen::Node;
use flowgen::report::Status;
use flowgen::run::StuckResolution;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::active_runs::{Claim, Claimed, Waiting};
use super::contexts::Origin;
use super::drawings::{Loaded, PathScope};
use super::run_writer::StopReason;
use super::{Engine, Inner, Started};
use crate::error::Error;
use crate::store::{self, StoredRun};

/// The result of [`Engine::retry_stuck`].
#[derive(Clone, Debug, Default)]
#[must_use = "more runs may be stuck"]
pub struct Retried {
    /// The number of runs that continue.
    pub runs: usize,
    /// Why other runs don't continue. Each error names its run, which stays unchanged.
    pub refused: Vec<Error>,
    /// Where to continue: there may be more runs after this [`Summary::seq`](crate::Summary::seq).
    pub next: Option<i64>,
}

impl<N, Cx> Engine<N, Cx>
where
    N: Node,
    Cx: Serialize + DeserializeOwned + Send + 'static,
{
    /// Retries all failed compensations of a stuck run. The run continues in the background, with all the retries
    /// of its policy, under the same keys. A halted run continues from where it was last saved.
    ///
    /// # Errors
    ///
    /// If there is no such run, if it is neither stuck nor halted, or if it can't be read or saved.
    pub async fn retry(&self, id: &str) -> Result<(), Error> {
        if self.inner.active.why_halted(id).is_some() {
            return self.inner.go_on_halted(&Arc::from(id)).await;
        }
        let (claim, mut loaded) = self.inner.stuck(id).await?;
        if !self.inner.runner.interpreter().retry_stuck(&mut loaded.run) {
            return Err(Error::NotStuck { run: id.to_owned(), what: None });
        }
        let writer = self.inner.writer(&loaded);
        self.inner.drive_saved(claim, loaded.run, writer).await.map(|_: Started| ())
    }

    /// Retries stuck runs, the oldest first: at most `most` of them, started after the one with this
    /// [`Summary::seq`](crate::Summary::seq), or from the first one.
    ///
    /// To retry all of them, call it again with the returned [`next`](Retried::next) until that is `None`.
    ///
    /// # Errors
    ///
    /// If the file can't be read. Errors of single runs are in [`Retried::refused`].
    pub async fn retry_stuck(&self, after: Option<i64>, most: usize) -> Result<Retried, Error> {
        let after = after.unwrap_or(i64::MIN);
        let stuck = self.inner.store.read(move |from| store::stuck(from, after, most)).await?;
        let next = stuck.last().filter(|_| stuck.len() == most).map(|(seq, _)| *seq);
        let mut retried = Retried { runs: 0, refused: Vec::new(), next };
        for (_, run) in stuck {
            match self.retry(&run).await {
                Ok(()) => retried.runs += 1,
                // The run was retried, resolved or deleted since it was listed.
                Err(Error::NotStuck { .. } | Error::RunActive { .. } | Error::Unknown { .. }) => {}
                Err(Error::Closed) => return Err(Error::Closed),
                Err(error) => retried.refused.push(error),
            }
        }
        Ok(retried)
    }

    /// Marks a visit of a step whose compensation failed as undone by hand. Returns the new status of the run: it is
    /// rolled back once no failed compensation is left.
    ///
    /// # Errors
    ///
    /// If there is no such run, if that visit is not stuck, or if the run can't be read or saved.
    pub async fn resolve(&self, id: &str, node: N, visit: u32) -> Result<Status, Error> {
        self.settle_stuck(id, node, visit, StuckResolution::UndoneByHand).await
    }

    /// Waives the failed compensation of a visit of a step, so that the visit is not undone. The path of the run records
    /// this. Returns the new status of the run.
    ///
    /// # Errors
    ///
    /// If there is no such run, if that visit is not stuck, or if the run can't be read or saved.
    pub async fn skip(&self, id: &str, node: N, visit: u32) -> Result<Status, Error> {
        self.settle_stuck(id, node, visit, StuckResolution::Waived).await
    }

    /// Runs to its end even if the caller drops the future: the claim is held until the change is in the file.
    async fn settle_stuck(
        &self,
        id: &str,
        node: N,
        visit: u32,
        resolution: StuckResolution,
    ) -> Result<Status, Error> {
        let (inner, id) = (Arc::clone(&self.inner), id.to_owned());
        let task = tokio::spawn(async move { inner.settle_stuck(&id, node, visit, resolution).await });
        task.await.unwrap_or(Err(Error::Closed))
    }
}

impl<N, Cx> Inner<N, Cx>
where
    N: Node,
    Cx: Serialize + DeserializeOwned + Send + 'static,
{
    async fn settle_stuck(
        &self,
        id: &str,
        node: N,
        visit: u32,
        resolution: StuckResolution,
    ) -> Result<Status, Error> {
        let (claim, mut loaded) = self.stuck(id).await?;
        let interpreter = self.runner.interpreter();
        if !interpreter.resolve_stuck(&mut loaded.run, node.index(), visit, resolution) {
            let spec = node.spec();
            let what = Some(format!("`{}` ({}), visit {visit}", spec.label, spec.id));
            return Err(Error::NotStuck { run: id.to_owned(), what });
        }
        let mut writer = self.writer(&loaded);
        writer.held = Some(Arc::new(claim));
        match writer.save(&mut loaded.run, |_| ()).await {
            Ok(_) => {}
            Err(StopReason::Failed(error)) => return Err(error),
            Err(StopReason::Exists) => return Err(Error::Unknown { run: id.to_owned() }),
        }
        Ok(Status::from(loaded.run.state()))
    }

    /// Claims and reads a stuck run.
    async fn stuck(&self, id: &str) -> Result<(Claim<N>, Loaded<Cx>), Error> {
        let (id, drawings, active) = (id.to_owned(), Arc::clone(&self.drawings), Arc::clone(&self.active));
        let (interpreter, contexts) = (self.runner.interpreter(), self.contexts.clone());
        let refusals = Arc::clone(&self.refusals);
        let reading = self.store.read(move |from| {
            let busy = || Error::RunActive { run: id.clone() };
            let read = || store::by_id(from, &id).map(|stored| Some(stored).filter(is_stuck));
            let not_stuck = || Error::NotStuck { run: id.clone(), what: None };
            // Claims the run only if it is stuck, and reads it again after that.
            if read()?.is_none() {
                refusals.check(&id)?;
                let is_driven = matches!(active.waiting_for(&id), Waiting::For(_));
                return Err(if is_driven { busy() } else { not_stuck() });
            }
            let Claimed::Mine(claim) = active.claim(&Arc::from(id.as_str()))? else { return Err(busy()) };
            let stored = read()?.ok_or_else(not_stuck)?;
            let read = |origin: Origin<'_>, text: &RawValue| contexts.read(origin, text);
            let loaded = drawings.load(from, &stored, PathScope::Unobserved, interpreter, read)?;
            Ok((claim, loaded))
        });
        reading.await
    }
}

fn is_stuck(stored: &StoredRun) -> bool {
    stored.summary.status == Status::Stuck
}
