//! Runs on a Temporal server, with a worker in this process.

use std::time::Duration;

use flowgen::report::{Report, Status};
use flowgen_temporal::{Error, Started, WorkerError, connect};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::watch;

use super::runs::{Answer, Runs};
use super::{OrderRunner, OrdersError, Placed, Retried};
use crate::Order;
use crate::drawing::Node;
use crate::service::in_full;
use crate::settings::Temporal;

/// The runs of a server.
#[derive(Debug)]
pub struct OnTemporal {
    runs: flowgen_temporal::Runs<Node, Order>,
    /// Tells the worker to stop.
    stop: watch::Sender<bool>,
    /// How the worker ended, once it has.
    ended: watch::Receiver<Option<Result<(), OrdersError>>>,
}

impl OnTemporal {
    /// Connects to the server, and works for the lanes that the settings name.
    ///
    /// # Errors
    ///
    /// A server that does not answer, and a lane that the drawing has not.
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
                // Nobody left to say so is as good as being told.
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
                Started::Anew => Placed::Now,
                Started::Already => Placed::Before,
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

    /// Without those whose workflows were ended from outside.
    fn list(&self, status: Option<Status>, most: usize) -> Answer<'_, Vec<(String, Status, Option<String>)>> {
        let listed = async move {
            let runs = self.runs.list(status.as_slice(), most).await?;
            Ok(runs.into_iter().filter_map(|run| Some((run.run, run.status?, None))).collect())
        };
        listed.boxed()
    }

    fn retry(&self, id: String) -> Answer<'_, ()> {
        async move { Ok(self.runs.retry(&id).await?) }.boxed()
    }

    /// There is no place to go on from: all that were stuck when they were listed.
    fn retry_stuck(&self, _: Option<i64>, most: usize) -> Answer<'_, Retried> {
        let retried = async move {
            let (mut retried, mut refused) = (0, Vec::new());
            for (id, ..) in self.list(Some(Status::Stuck), most).await? {
                match self.retry(id).await {
                    Ok(()) => retried += 1,
                    // Others have seen to it since it was listed.
                    Err(OrdersError::Unknown(_) | OrdersError::Conflict(_)) => {}
                    Err(why) => refused.push(in_full(&why)),
                }
            }
            Ok(Retried { retried, refused, next: None })
        };
        retried.boxed()
    }

    /// The server keeps a backlog of any length.
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

    fn broken(&self) -> BoxFuture<'_, OrdersError> {
        let mut ended = self.ended.clone();
        let broken = async move {
            let failed = ended.wait_for(|ended| matches!(ended, Some(Err(_)))).await;
            let why = failed.ok().and_then(|failed| failed.clone()?.err());
            match why {
                Some(why) => why,
                None => std::future::pending().await,
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
