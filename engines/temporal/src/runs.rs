//! Starting, querying and changing runs.

use std::marker::PhantomData;
use std::time::Duration;

use flowgen::plan::Kind;
use flowgen::run::{Interpreter, Migration, Run, Saved};
use flowgen::{Drawing, Flow, Node, Observer, RunResult, Runner, Timing};
use serde::Serialize;
use serde::de::DeserializeOwned;
use temporalio_client::errors::{
    WorkflowGetResultError, WorkflowInteractionError, WorkflowQueryError, WorkflowStartError,
    WorkflowUpdateError,
};
use temporalio_client::{
    Client, WorkflowCancelOptions, WorkflowDescribeOptions, WorkflowExecuteUpdateOptions,
    WorkflowExecutionDescription, WorkflowExecutionStatus, WorkflowGetResultOptions, WorkflowHandle,
    WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowQueryOptions, WorkflowStartOptions,
};

use temporalio_common::MemoValues;

use crate::context_json::ContextJson;
use crate::error::Error;
use crate::payload::Json;
use crate::wire::{self, DRAWING, OUTCOME, Origin, STUCK, Stuck, Work};
use crate::worker::Worker;
use crate::workflow::FlowWorkflow;

pub(crate) type Handle =
    WorkflowHandle<Client, <FlowWorkflow as temporalio_sdk::workflows::WorkflowImplementation>::Run>;

/// The interval at which a waiting call checks whether a run is stuck.
const LOOK: Duration = Duration::from_millis(500);

/// The runs of a flow on a Temporal server.
///
/// `N` is the generated `Node`, `Cx` the context. The flow's name is that of its task queue: all clients and
/// workers of the flow use the same name.
///
/// # Examples
///
/// ```no_run
/// # mod saga { flowgen::flow!("../../examples/saga/flow/saga.fz"); }
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize)] struct Order { pieces: u32 }
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use flowgen_temporal::{Runs, Started, connect};
///
/// let client = connect("http://127.0.0.1:7233", "default").await?;
/// let orders = Runs::<saga::Node, Order>::new(client, "order-saga");
/// // A second start with the same id changes nothing.
/// assert_eq!(orders.start("order-42", &Order { pieces: 1 }).await?, Started::New);
/// assert_eq!(orders.start("order-42", &Order { pieces: 1 }).await?, Started::Existing);
/// println!("{}", orders.outcome("order-42").await?.outcome);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Runs<N, Cx> {
    pub(crate) client: Client,
    pub(crate) flow: String,
    types: PhantomData<fn() -> (N, Cx)>,
}

impl<N, Cx> Clone for Runs<N, Cx> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), flow: self.flow.clone(), types: PhantomData }
    }
}

/// The result of starting a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// A new run was started.
    New,
    /// A run with this id existed already, active or over, and is unchanged.
    Existing,
}

impl<N: Node, Cx: Serialize + DeserializeOwned + Send + 'static> Runs<N, Cx> {
    /// Creates a client for the runs of the flow with this name.
    #[must_use]
    pub fn new(client: Client, flow: impl Into<String>) -> Self {
        Self { client, flow: flow.into(), types: PhantomData }
    }

    /// Returns a worker for this flow, which serves all its lanes. The runner has the lanes, and the retries,
    /// timeouts, limits and observer that apply to the steps of this worker.
    pub fn worker<F, T, O>(&self, runner: Runner<F, T, O>) -> Worker
    where
        F: Flow<Cx, Node = N> + Send + 'static,
        T: Timing + Send + 'static,
        O: Observer + Send + 'static,
    {
        Worker::new(self.client.clone(), self.flow.clone(), runner)
    }

    /// Starts a run at the drawing's only start.
    ///
    /// # Errors
    ///
    /// [`Error::Start`] if the drawing has several starts, [`Error::Foreign`] or [`Error::OtherDrawing`] if the id
    /// is in use by another workflow, [`Error::Context`] if the context can't be written as JSON, and
    /// [`Error::Server`].
    pub async fn start(&self, run: &str, cx: &Cx) -> Result<Started, Error> {
        match starts::<N>()[..] {
            [start] => self.start_at(run, start, cx).await,
            _ => Err(no_start::<N>(run)),
        }
    }

    /// Starts a run at one of the drawing's starts.
    ///
    /// # Errors
    ///
    /// The errors of [`Runs::start`]; [`Error::Start`] if the node is not a start.
    pub async fn start_at(&self, run: &str, start: N, cx: &Cx) -> Result<Started, Error> {
        if start.spec().kind != Kind::Start {
            return Err(no_start::<N>(run));
        }
        let context = serde_json::value::to_raw_value(cx)
            .map_err(|error| Error::Context { run: run.to_owned(), why: error.to_string() })?;
        let context = ContextJson::Sound(context.into());
        let drawing = wire::drawing(N::PLAN);
        let origin = Origin::Start { node: start.spec().id.to_owned(), context };
        let mut memo = MemoValues::new();
        memo.insert(DRAWING, drawing.clone());
        let options = WorkflowStartOptions::new(self.flow.as_str(), run)
            .id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate)
            .id_conflict_policy(WorkflowIdConflictPolicy::Fail)
            .static_summary(self.flow.as_str())
            .memo(memo)
            .build();
        match self.client.start_workflow(FlowWorkflow::run, Json(Work { drawing, origin }), options).await {
            Ok(_) => Ok(Started::New),
            Err(WorkflowStartError::AlreadyStarted { .. }) => {
                self.known(run).await.map(|_| Started::Existing)
            }
            Err(error) => Err(server(run, error)),
        }
    }

    /// Waits until a run is over or stuck, and returns its result.
    ///
    /// Its messages are separate runs: call this with their ids. If no worker can advance the run, this waits
    /// until one can; [`Runs::blocked_reasons`] returns the reason.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`], [`Error::Foreign`], [`Error::OtherDrawing`], [`Error::Context`] if this program can't
    /// read the context, [`Error::Ended`] if the workflow was terminated, and [`Error::Server`].
    pub async fn outcome(&self, run: &str) -> Result<RunResult<N, Cx>, Error> {
        let handle = self.handle(run);
        let options = WorkflowGetResultOptions::default();
        let mut result = std::pin::pin!(handle.get_result(options));
        loop {
            if is_stuck(&self.known(run).await?)
                && let Some(ended) = ended(self.show(run).await?)
            {
                return Ok(ended);
            }
            if let Ok(result) = tokio::time::timeout(LOOK, result.as_mut()).await {
                let Json(saved) = result.map_err(|error| no_result(run, error))?;
                let why = "its workflow ended before it did".to_owned();
                return ended(Self::read(run, &saved)?).ok_or(Error::Ended { run: run.to_owned(), why });
            }
        }
    }

    /// Returns the state of a run: its path, its pending undos, failed compensations, due steps and its context.
    ///
    /// If the run is not over, a worker answers the query.
    ///
    /// # Errors
    ///
    /// The errors of [`Runs::outcome`]; [`Error::Server`] also if a worker is needed and none is available.
    pub async fn show(&self, run: &str) -> Result<Run<Cx>, Error> {
        Self::read(run, &self.saved_run(run).await?)
    }

    /// Returns a run as its workflow reports it.
    pub(crate) async fn saved_run(&self, run: &str) -> Result<ContextJson, Error> {
        let (described, handle) = (self.known(run).await?, self.handle(run));
        if described.status() == WorkflowExecutionStatus::Completed {
            let result = handle.get_result(WorkflowGetResultOptions::default()).await;
            return result.map(|Json(saved)| saved).map_err(|error| no_result(run, error));
        }
        let shown = handle.query(FlowWorkflow::show, (), WorkflowQueryOptions::default()).await;
        shown.map(|Json(saved)| saved).map_err(|error| match error {
            WorkflowQueryError::NotFound(_) => Error::Unknown { run: run.to_owned() },
            error => server(run, error),
        })
    }

    /// Cancels a run: it finishes its current steps, rolls back, and ends. A run that rolls back already continues
    /// to do so. Returns whether the run was active; a run that is over or stuck is unchanged.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`], [`Error::Foreign`], [`Error::OtherDrawing`] and [`Error::Server`].
    pub async fn cancel(&self, run: &str) -> Result<bool, Error> {
        let described = self.known(run).await?;
        if described.status() != WorkflowExecutionStatus::Running || is_stuck(&described) {
            return Ok(false);
        }
        match self.handle(run).cancel(WorkflowCancelOptions::default()).await {
            Ok(()) => Ok(true),
            // The run existed a moment ago, so it is over now.
            Err(WorkflowInteractionError::NotFound(_)) => Ok(false),
            Err(error) => Err(server(run, error)),
        }
    }

    /// Retries the failed compensations of a run. [`Runs::outcome`] returns the result.
    ///
    /// # Errors
    ///
    /// The errors of [`Runs::cancel`]; [`Error::Refused`] if the run is not stuck.
    pub async fn retry(&self, run: &str) -> Result<(), Error> {
        self.known(run).await?;
        let options = WorkflowExecuteUpdateOptions::default();
        self.handle(run)
            .execute_update(FlowWorkflow::retry, (), options)
            .await
            .map_err(|error| refused(run, error))
    }

    /// Marks a visit of a step, whose compensation failed, as undone by hand.
    ///
    /// The path of the run records this. The run ends once no failed compensation is left.
    ///
    /// # Errors
    ///
    /// The errors of [`Runs::cancel`]; [`Error::Refused`] if this visit of the step is not stuck.
    pub async fn resolve(&self, run: &str, step: N, visit: u32) -> Result<(), Error> {
        self.known(run).await?;
        let (stuck, options) = (stuck_at(step, visit), WorkflowExecuteUpdateOptions::default());
        let updated = self.handle(run).execute_update(FlowWorkflow::resolve, stuck, options).await;
        updated.map_err(|error| refused(run, error))
    }

    /// Waives the compensation of a visit of a step, which failed: the step is not undone.
    ///
    /// The path of the run records this. The run ends once no failed compensation is left.
    ///
    /// # Errors
    ///
    /// The errors of [`Runs::cancel`]; [`Error::Refused`] if this visit of the step is not stuck.
    pub async fn skip(&self, run: &str, step: N, visit: u32) -> Result<(), Error> {
        self.known(run).await?;
        let (stuck, options) = (stuck_at(step, visit), WorkflowExecuteUpdateOptions::default());
        let updated = self.handle(run).execute_update(FlowWorkflow::skip, stuck, options).await;
        updated.map_err(|error| refused(run, error))
    }

    pub(crate) fn handle(&self, run: &str) -> Handle {
        self.client.get_workflow_handle(run)
    }

    /// Returns the server's description of a run, if it has this drawing.
    pub(crate) async fn known(&self, run: &str) -> Result<WorkflowExecutionDescription, Error> {
        let described = self.handle(run).describe(WorkflowDescribeOptions::default()).await;
        let described = described.map_err(|error| match error {
            WorkflowInteractionError::NotFound(_) => Error::Unknown { run: run.to_owned() },
            error => server(run, error),
        })?;
        if described.workflow_type() != FlowWorkflow::NAME {
            let kind = described.workflow_type().to_owned();
            return Err(Error::Foreign { run: run.to_owned(), kind });
        }
        let own = wire::drawing(N::PLAN);
        match described.memo().get::<String>(DRAWING) {
            Ok(Some(its)) if its != own => Err(Error::OtherDrawing { run: run.to_owned(), its, own }),
            // The memo is empty until a worker has taken up the message.
            Ok(_) => Ok(described),
            Err(error) => Err(server(run, error)),
        }
    }

    /// Reads a run from the report of its workflow.
    fn read(run: &str, saved: &ContextJson) -> Result<Run<Cx>, Error> {
        let saved: Saved<Cx> = saved.read().map_err(|why| Error::Context { run: run.to_owned(), why })?;
        let migration = Migration::new(&Drawing::new(N::PLAN), N::PLAN);
        let only_reads = Interpreter::new(N::PLAN, |_| None, |_, _| ());
        only_reads
            .restore(saved, &migration)
            .map_err(|refused| Error::Refused { run: run.to_owned(), why: refused.to_string() })
    }
}

/// Returns the result of a run; `None` if it is not over.
fn ended<N: Node, Cx>(run: Run<Cx>) -> Option<RunResult<N, Cx>> {
    let ending = run.state().ending()?.clone();
    Some(RunResult::new(run, &ending, Vec::new()))
}

fn stuck_at<N: Node>(step: N, visit: u32) -> Json<Stuck> {
    Json(Stuck { node: step.spec().id.to_owned(), visit })
}

fn starts<N: Node>() -> Vec<N> {
    N::ALL.iter().copied().filter(|node| node.spec().kind == Kind::Start).collect()
}

fn no_start<N: Node>(run: &str) -> Error {
    let starts: Vec<String> =
        starts::<N>().iter().map(|start| format!("{start:?} (`{}`)", start.spec().label)).collect();
    Error::Start { run: run.to_owned(), starts: starts.join(", ") }
}

fn is_stuck(described: &WorkflowExecutionDescription) -> bool {
    let outcome = described.memo().get::<String>(OUTCOME);
    described.status() == WorkflowExecutionStatus::Running
        && matches!(outcome, Ok(Some(outcome)) if outcome == STUCK)
}

fn no_result(run: &str, error: WorkflowGetResultError) -> Error {
    match error {
        WorkflowGetResultError::NotFound(_) => Error::Unknown { run: run.to_owned() },
        WorkflowGetResultError::PayloadConversion(error) => {
            Error::Context { run: run.to_owned(), why: error.to_string() }
        }
        error if error.is_workflow_outcome() => Error::Ended { run: run.to_owned(), why: error.to_string() },
        error => server(run, error),
    }
}

fn refused(run: &str, error: WorkflowUpdateError) -> Error {
    let run = run.to_owned();
    match error {
        WorkflowUpdateError::Failed(failure) => Error::Refused { run, why: failure.message },
        WorkflowUpdateError::NotFound(_) => Error::Refused { run, why: "it is over".to_owned() },
        error => server(&run, error),
    }
}

pub(crate) fn server(run: &str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Server { run: run.to_owned(), source: error.into() }
}
