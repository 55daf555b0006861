//! Runs in a file, in this process.

use std::future;
use std::path::Path;
use std::time::Duration;

use flowgen::report::{Report, Status};
use flowgen_sqlite::{Engine, Error, List, Started};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::runs::{Answer, Runs};
use super::{OrderRunner, OrdersError, Placed};
use crate::Order;
use crate::drawing::Node;

/// The runs of a file.
#[derive(Debug)]
pub struct Embedded {
    engine: Engine<Node, Order>,
}

impl Embedded {
    /// Opens the file, and goes on with the runs that were under way.
    ///
    /// # Errors
    ///
    /// A file that can't be opened, or that another process has.
    pub async fn open(file: &Path, runner: OrderRunner) -> Result<Self, OrdersError> {
        let engine = Engine::open(file, runner).await?;
        let resumed = engine.resume().await?;
        tracing::info!(orders = resumed.runs, refused = resumed.refused.len(), "took up what was under way");
        Ok(Self { engine })
    }
}

impl Runs for Embedded {
    fn start(&self, id: String, order: Order) -> Answer<'_, Placed> {
        let started = async move {
            Ok(match self.engine.start(id, order).await? {
                Started::Anew => Placed::Now,
                Started::Already => Placed::Before,
            })
        };
        started.boxed()
    }

    fn through(&self, id: String) -> Answer<'_, bool> {
        async move { Ok(self.engine.outcome(&id).await?.is_completed()) }.boxed()
    }

    fn show(&self, id: String) -> Answer<'_, (Report, serde_json::Value)> {
        async move { Ok(self.engine.show(&id).await.map(|shown| (shown.report, shown.context))?) }.boxed()
    }

    fn list(&self, status: Option<Status>, most: usize) -> Answer<'_, Vec<(String, Status)>> {
        let list = status.map_or_else(List::all, |status| List::of([status])).at_most(most);
        let listed = async move {
            let runs = self.engine.list(list).await?;
            Ok(runs.into_iter().take(most).map(|run| (run.run, run.status)).collect())
        };
        listed.boxed()
    }

    fn retry(&self, id: String) -> Answer<'_, ()> {
        async move { Ok(self.engine.retry(&id).await?) }.boxed()
    }

    fn resolve(&self, id: String, step: Node, nth: u32) -> Answer<'_, ()> {
        async move { Ok(self.engine.resolve(&id, step, nth).await.map(drop)?) }.boxed()
    }

    fn skip(&self, id: String, step: Node, nth: u32) -> Answer<'_, ()> {
        async move { Ok(self.engine.skip(&id, step, nth).await.map(drop)?) }.boxed()
    }

    fn cancel(&self, id: String) -> Answer<'_, bool> {
        async move { Ok(self.engine.cancel(&id).await?) }.boxed()
    }

    /// A run that can't be saved stops, and the others go on.
    fn broken(&self) -> BoxFuture<'_, OrdersError> {
        future::pending().boxed()
    }

    fn close(&self, grace: Duration) -> BoxFuture<'_, ()> {
        let closed = async move {
            let interrupted = self.engine.shutdown(grace).await;
            tracing::info!(interrupted, "the orders that are under way go on when this is started again");
        };
        closed.boxed()
    }
}

impl From<Error> for OrdersError {
    fn from(error: Error) -> Self {
        match error {
            Error::Unknown { run } => Self::Unknown(run),
            Error::NotStuck { .. } | Error::Busy { .. } => Self::Conflict(error.to_string()),
            other => Self::failed(other),
        }
    }
}
