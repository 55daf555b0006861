//! Runs the orders on a Temporal server, with a worker in this process.

use std::fmt;
use std::future;
use std::time::{Duration, SystemTime};

use flowgen::report::{Report, Status};
use flowgen_temporal::{Error, Started, Summary, WorkerError, connect};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::watch;

use super::runs::{Answer, Found, Runs};
use super::{OrderRunner, OrdersError, Placed, Retried, has_ended};
use crate::Order;
use crate::drawing::Node;
use crate::service::in_full;
use crate::settings::Temporal;

/// The runs on a Temporal server.
#[derive(Debug)]
pub struct OnTemporal {
    runs: flowgen_temporal::Runs<Node, Order>,
    /// Stops the worker.
    stop: watch::Sender<bool>,
    /// The result of the worker, once it has ended.
    ended: watch::Receiver<Option<Result<(), OrdersError>>>,
}

impl OnTemporal {
    /// Connects to the server and starts a worker for the lanes in the settings.
    ///
    /// # Errors
    ///
    /// The server does not answer, or the drawing has no such lane.
    pub async fn start(settings: &Temporal, runner: OrderRunner) -> Result<Self, OrdersError> {
        let client = connect(&settings.url, &settings.namespace).await.map_err(OrdersError::failed)?;
        let runs = flowgen_temporal::Runs::new(client, settings.flow.as_str());
        let mut worker = runs.worker(runner).lost_after(Duration::from_millis(settings.lost_after_ms));
        if !settings.lanes.is_empty() {
            worker = worker.lanes(&settings.lanes)?;
        }
        let (stop, mut stopped) = watch::channel(false);
        let (tell, ended) = watch::channel(None);
        tokio::spawn(async move {
            let until = async move {
                // A dropped sender also means stop.
                let _ = stopped.wait_for(|stopped| *stopped).await;
            };
            tell.send_replace(Some(worker.run_until(until).await.map_err(OrdersError::from)));
        });
        tracing::info!(url = settings.url, flow = settings.flow, "orders are runs on Temporal");
        Ok(Self { runs, stop, ended })
    }
}

impl Runs for OnTemporal {
    fn start(&self, id: String, order: Order) -> Answer<'_, Placed> {
        let started = async move {
            Ok(match self.runs.start(&id, &order).await? {
                Started::New => Placed::Now,
                Started::Existing => Placed::Before,
            })
        };
        started.boxed()
    }

    fn through(&self, id: String) -> Answer<'_, bool> {
        async move { Ok(self.runs.outcome(&id).await?.outcome.is_completed()) }.boxed()
    }

    fn show(&self, id: String) -> Answer<'_, (Report, serde_json::Value, Option<String>)> {
        async move { Ok(self.runs.report(&id).await.map(|shown| (shown.report, shown.context, None))?) }
            .boxed()
    }

    /// Omits runs whose workflows were ended from outside. Each page reads the whole list of the server, since
    /// that list has no order that a cursor could use.
    fn list(&self, status: Option<Status>, after: Option<String>, most: usize) -> Answer<'_, Vec<Found>> {
        let listed = async move {
            let after = after.map(|cursor| Cursor::parse(&cursor).ok_or(OrdersError::Cursor(cursor)));
            let after = after.transpose()?;
            let runs = self.runs.list(status.as_slice(), usize::MAX).await?;
            let position = |run: Summary| Some((Cursor::of(&run), run.status?));
            let mut runs: Vec<(Cursor, Status)> = runs.into_iter().filter_map(position).collect();
            runs.retain(|(at, _)| after.as_ref().is_none_or(|after| at < after));
            runs.sort_unstable_by(|(one, _), (other, _)| other.cmp(one));
            runs.truncate(most);
            let found = |(at, status): (Cursor, Status)| Found {
                cursor: at.to_string(),
                id: at.id,
                status,
                halted: None,
            };
            Ok(runs.into_iter().map(found).collect())
        };
        listed.boxed()
    }

    /// The server has metrics of its own.
    fn count(&self, _: Status) -> Answer<'_, Option<u64>> {
        async { Ok(None) }.boxed()
    }

    fn retry(&self, id: String) -> Answer<'_, ()> {
        async move { Ok(self.runs.retry(&id).await?) }.boxed()
    }

    /// Ignores the cursor and retries all runs that were stuck when they were listed.
    fn retry_stuck(&self, _: Option<i64>, most: usize) -> Answer<'_, Retried> {
        let retried = async move {
            let (mut retried, mut refused) = (0, Vec::new());
            for Found { id, .. } in self.list(Some(Status::Stuck), None, most).await? {
                match self.retry(id).await {
                    Ok(()) => retried += 1,
                    // The run has changed since it was listed.
                    Err(OrdersError::Unknown(_) | OrdersError::Conflict(_)) => {}
                    Err(why) => refused.push(in_full(&why)),
                }
            }
            Ok(Retried { retried, refused, next: None })
        };
        retried.boxed()
    }

    /// The server accepts a backlog of any length.
    fn why_not_now(&self) -> Option<String> {
        None
    }

    fn resolve(&self, id: String, step: Node, nth: u32) -> Answer<'_, ()> {
        async move { Ok(self.runs.resolve(&id, step, nth).await?) }.boxed()
    }

    fn skip(&self, id: String, step: Node, nth: u32) -> Answer<'_, ()> {
        async move { Ok(self.runs.skip(&id, step, nth).await?) }.boxed()
    }

    fn cancel(&self, id: String) -> Answer<'_, bool> {
        async move { Ok(self.runs.cancel(&id).await?) }.boxed()
    }

    /// The server does not report when a run ended, so an ended run counts as old enough. Entries are deleted only
    /// if they are older than this time.
    fn ended_before(&self, id: String, _: SystemTime) -> Answer<'_, bool> {
        let ended = async move {
            match self.runs.report(&id).await {
                Ok(shown) => Ok(has_ended(shown.report.status)),
                Err(Error::Unknown { .. }) => Ok(true),
                Err(error) => Err(error.into()),
            }
        };
        ended.boxed()
    }

    /// The server itself deletes runs after the retention period of the namespace.
    fn delete_ended_before(&self, _: SystemTime) -> Answer<'_, usize> {
        future::ready(Ok(0)).boxed()
    }

    fn broken(&self) -> BoxFuture<'_, OrdersError> {
        let mut ended = self.ended.clone();
        let broken = async move {
            let failed = ended.wait_for(|ended| matches!(ended, Some(Err(_)))).await;
            let why = failed.ok().and_then(|failed| failed.clone()?.err());
            match why {
                Some(why) => why,
                None => future::pending().await,
            }
        };
        broken.boxed()
    }

    fn close(&self, grace: Duration) -> BoxFuture<'_, ()> {
        let mut ended = self.ended.clone();
        let closed = async move {
            self.stop.send_replace(true);
            if tokio::time::timeout(grace, ended.wait_for(Option::is_some)).await.is_err() {
                tracing::warn!("the worker did not end in time: its steps are done again elsewhere");
            }
        };
        closed.boxed()
    }
}

/// A position in the list: when the run was started, in microseconds since 1970, and its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cursor {
    started: u128,
    id: String,
}

impl Cursor {
    fn of(run: &Summary) -> Self {
        let since = run.started.and_then(|started| started.duration_since(SystemTime::UNIX_EPOCH).ok());
        Self { started: since.map_or(0, |since| since.as_micros()), id: run.run.clone() }
    }

    fn parse(text: &str) -> Option<Self> {
        let (started, id) = text.split_once('.')?;
        Some(Self { started: started.parse().ok()?, id: id.to_owned() })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.started, self.id)
    }
}

impl From<Error> for OrdersError {
    fn from(error: Error) -> Self {
        match error {
            Error::Unknown { run } => Self::Unknown(run),
            Error::Refused { .. } => Self::Conflict(error.to_string()),
            other => Self::failed(other),
        }
    }
}

impl From<WorkerError> for OrdersError {
    fn from(error: WorkerError) -> Self {
        Self::failed(error)
    }
}
