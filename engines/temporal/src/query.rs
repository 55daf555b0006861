//! Reports and lists of runs for operators.

use std::time::SystemTime;

use flowgen::report::{Report, Status};
use flowgen::run::Saved;
use flowgen::{Drawing, Node};
use futures::{StreamExt as _, TryStreamExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use temporalio_client::{WorkflowExecution, WorkflowExecutionStatus, WorkflowListOptions};

use crate::error::Error;
use crate::runs::Runs;
use crate::wire::{OUTCOME, ROLLING_BACK, STUCK};
use crate::workflow::{self, FlowWorkflow};

/// A run with its report and its context.
#[derive(Clone, Debug, Serialize)]
pub struct RunDetails {
    /// Its current nodes, its path, its pending undos and how it ended, in the words of the drawing.
    pub report: Report,
    /// Its context.
    pub context: Value,
}

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The id of the run.
    pub run: String,
    /// Its current status, or how it ended. `None` if its workflow was ended from outside.
    pub status: Option<Status>,
    /// When it was started.
    pub started: Option<SystemTime>,
}

impl<N: Node, Cx: Serialize + DeserializeOwned + Send + 'static> Runs<N, Cx> {
    /// Returns a run in the words of the drawing, and its context as JSON.
    ///
    /// If the run is not over, a worker answers the query.
    ///
    /// # Errors
    ///
    /// The errors of [`Runs::outcome`]; [`Error::Server`] also if a worker is needed and none is available.
    pub async fn report(&self, run: &str) -> Result<RunDetails, Error> {
        let read = |why| Error::Context { run: run.to_owned(), why };
        let saved: Saved<Value> = self.saved_run(run).await?.read().map_err(read)?;
        let context = saved.contexts().get(&0).cloned().unwrap_or_default();
        Ok(RunDetails { report: Drawing::new(N::PLAN).report(&saved), context })
    }

    /// Lists at most `most` runs of these statuses, or of all statuses if the list is empty: stuck runs first,
    /// then active ones, then those that ended, and the newest first within each status.
    ///
    /// It needs no worker. The server's list may lag behind slightly.
    ///
    /// # Errors
    ///
    /// [`Error::List`].
    pub async fn list(&self, statuses: &[Status], most: usize) -> Result<Vec<Summary>, Error> {
        let is_wanted = |summary: &Summary| {
            statuses.is_empty() || summary.status.is_some_and(|status| statuses.contains(&status))
        };
        let mut found = self.find("ExecutionStatus = 'Running'", &is_wanted, usize::MAX).await?;
        found.sort_by_key(|summary| summary.status != Some(Status::Stuck));
        found.truncate(most);
        let ended = "ExecutionStatus != 'Running' AND ExecutionStatus != 'ContinuedAsNew'";
        found.extend(self.find(ended, &is_wanted, most - found.len()).await?);
        Ok(found)
    }

    /// Returns runs in the server's order, the newest first.
    async fn find(
        &self,
        which: &str,
        is_wanted: &impl Fn(&Summary) -> bool,
        most: usize,
    ) -> Result<Vec<Summary>, Error> {
        if most == 0 {
            return Ok(Vec::new());
        }
        let (kind, queue) = (FlowWorkflow::NAME, self.flow.replace('\'', "''"));
        let query = format!("WorkflowType = '{kind}' AND TaskQueue = '{queue}' AND {which}");
        let runs = self.client.list_workflows(query, WorkflowListOptions::default());
        let wanted = runs.map_ok(|run| summary(&run)).try_filter(|run| std::future::ready(is_wanted(run)));
        wanted.take(most).try_collect().await.map_err(|source| Error::List { source: source.into() })
    }
}

fn summary(run: &WorkflowExecution) -> Summary {
    let outcome = run.memo().get::<String>(OUTCOME).ok().flatten();
    let status = match (run.status(), outcome.as_deref()) {
        (WorkflowExecutionStatus::Running, Some(STUCK)) => Some(Status::Stuck),
        (WorkflowExecutionStatus::Running, Some(ROLLING_BACK)) => Some(Status::RollingBack),
        (WorkflowExecutionStatus::Running, _) => Some(Status::Running),
        (_, outcome) => outcome.and_then(workflow::status),
    };
    Summary { run: run.id().to_owned(), status, started: run.start_time() }
}
