//! Runs the orders in this process and saves them in a SQLite file.

use std::future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use flowgen::report::{Report, Status};
use flowgen_sqlite::{Engine, Error, ListRuns, Started, Summary};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::runs::{Answer, Found, Runs};
use super::{OrderRunner, OrdersError, Placed, Retried, has_ended};
use crate::Order;
use crate::drawing::Node;
use crate::service::in_full;
use crate::settings::Settings;

/// The runs in a SQLite file.
#[derive(Debug)]
pub struct Embedded {
    engine: Engine<Node, Order>,
}

impl Embedded {
    /// Opens the file and resumes the unfinished runs.
    ///
    /// # Errors
    ///
    /// The file can't be opened, or it is in use by another process.
    pub async fn open(settings: &Settings, runner: OrderRunner) -> Result<Self, OrdersError> {
        let engine = Engine::open(settings.folder.join("runs.db"), runner).await?;
        let engine = engine.max_running(settings.at_once.orders);
        let resumed = engine.resume().await?;
        tracing::info!(orders = resumed.runs, refused = resumed.refused.len(), "resumed unfinished runs");
        Ok(Self { engine })
    }
}

impl Runs for Embedded {
    fn start(&self, id: String, order: Order) -> Answer<'_, Placed> {
        let started = async move {
            Ok(match self.engine.start(id, order).await? {
                Started::New => Placed::Now,
                Started::Existing => Placed::Before,
            })
        };
        started.boxed()
    }

    fn through(&self, id: String) -> Answer<'_, bool> {
        async move { Ok(self.engine.outcome(&id).await?.is_completed()) }.boxed()
    }

    fn show(&self, id: String) -> Answer<'_, (Report, serde_json::Value, Option<String>)> {
        let shown = async move {
            let shown = self.engine.show(&id).await?;
            Ok((shown.report, shown.context, shown.summary.halted))
        };
        shown.boxed()
    }

    fn list(&self, status: Option<Status>, after: Option<String>, most: usize) -> Answer<'_, Vec<Found>> {
        let listed = async move {
            let mut list =
                status.map_or_else(ListRuns::all, |status| ListRuns::with_statuses([status])).limit(most);
            if let Some(cursor) = after {
                let seq = cursor.parse().ok().filter(|seq| *seq > 0);
                list = list.before(seq.ok_or(OrdersError::Cursor(cursor))?);
            }
            let mut runs = self.engine.list(list).await?;
            // The engine sorts by status first, then newest first.
            runs.sort_unstable_by_key(|run| std::cmp::Reverse(run.seq));
            runs.truncate(most);
            let found = |run: Summary| Found {
                id: run.run,
                status: run.status,
                halted: run.halted,
                cursor: run.seq.to_string(),
            };
            Ok(runs.into_iter().map(found).collect())
        };
        listed.boxed()
    }

    fn count(&self, status: Status) -> Answer<'_, Option<u64>> {
        async move { Ok(Some(self.engine.count(status).await?)) }.boxed()
    }

    fn retry(&self, id: String) -> Answer<'_, ()> {
        async move { Ok(self.engine.retry(&id).await?) }.boxed()
    }

    fn retry_stuck(&self, after: Option<i64>, most: usize) -> Answer<'_, Retried> {
        let retried = async move {
            let retried = self.engine.retry_stuck(after, most).await?;
            let refused = retried.refused.iter().map(|why| in_full(why)).collect();
            Ok(Retried { retried: retried.runs, refused, next: retried.next })
        };
        retried.boxed()
    }

    fn why_not_now(&self) -> Option<String> {
        let load = self.engine.load();
        if load.waiting > 0 {
            return Some(format!("{} orders are halted until their file can be written", load.waiting));
        }
        load.is_full().then(|| format!("{} orders are under way, and no more may be", load.running))
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

    fn ended_before(&self, id: String, time: SystemTime) -> Answer<'_, bool> {
        let ended = async move {
            match self.engine.show(&id).await {
                Ok(shown) => Ok(has_ended(shown.summary.status) && shown.summary.changed < time),
                Err(Error::Unknown { .. }) => Ok(true),
                Err(error) => Err(error.into()),
            }
        };
        ended.boxed()
    }

    fn delete_ended_before(&self, time: SystemTime) -> Answer<'_, usize> {
        async move { Ok(self.engine.delete_ended_before(time).await?) }.boxed()
    }

    /// Never completes: a run that can't be saved is halted, and the others continue.
    fn broken(&self) -> BoxFuture<'_, OrdersError> {
        future::pending().boxed()
    }

    fn close(&self, grace: Duration) -> BoxFuture<'_, ()> {
        let closed = async move {
            let interrupted = self.engine.shutdown(grace).await;
            tracing::info!(interrupted, "unfinished orders continue after the next start");
        };
        closed.boxed()
    }
}

impl From<Error> for OrdersError {
    fn from(error: Error) -> Self {
        match error {
            Error::Unknown { run } => Self::Unknown(run),
            Error::NotStuck { .. } | Error::RunActive { .. } => Self::Conflict(error.to_string()),
            Error::Overloaded { .. } | Error::Closed => Self::NotNow(Arc::new(error)),
            passing if passing.is_passing() => Self::NotNow(Arc::new(passing)),
            other => Self::failed(other),
        }
    }
}
