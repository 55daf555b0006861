//! Starting runs, and asking about them.

use std::marker::PhantomData;
use std::time::Duration;

use flowgen::plan::Kind;
use flowgen::run::{Adoption, Interpreter, Run, Saved};
use flowgen::{Drawing, Ended, Flow, Node, Observer, Runner, Timing};
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

use crate::error::Error;
use crate::payload::Json;
use crate::text::Text;
use crate::wire::{self, DRAWING, From, OUTCOME, STUCK, Stuck, Work};
use crate::worker::Worker;
use crate::workflow::Walk;

pub(crate) type Handle =
    WorkflowHandle<Client, <Walk as temporalio_sdk::workflows::WorkflowImplementation>::Run>;

/// How often it is looked whether a run that somebody waits for is stuck.
const LOOK: Duration = Duration::from_millis(500);

/// The runs of a flow on a Temporal server.
///
/// `N` is the generated `Node`, `Cx` the context. The flow's name is that of its task queue: all who
/// start, ask and work for the flow use the same.
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
/// // A second start under the same id is answered with the run that exists.
/// assert_eq!(orders.start("order-42", &Order { pieces: 1 }).await?, Started::Anew);
/// assert_eq!(orders.start("order-42", &Order { pieces: 1 }).await?, Started::Already);
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

/// What a start came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// There is a new run.
    Anew,
    /// A run with this id was there, going on or over, and is left as it is.
    Already,
}

impl<N: Node, Cx: Serialize + DeserializeOwned + Send + 'static> Runs<N, Cx> {
    /// The runs of the flow with this name.
    #[must_use]
    pub fn new(client: Client, flow: impl Into<String>) -> Self {
        Self { client, flow: flow.into(), types: PhantomData }
    }

    /// A worker for this flow, which serves all its lanes. The runner brings the lanes, and the
    /// retries, timeouts, limits and observer that count for the steps that this worker does.
    pub fn worker<F, T, O>(&self, runner: Runner<F, T, O>) -> Worker
    where
        F: Flow<Cx, Node = N> + Send + 'static,
        T: Timing + Send + 'static,
        O: Observer + Send + 'static,
    {
        Worker::new(self.client.clone(), self.flow.clone(), runner)
    }

    /// Starts a run at the drawing's start.
    ///
    /// # Errors
    ///
    /// [`Error::Start`] where the drawing has several starts, [`Error::Foreign`] and
    /// [`Error::OtherDrawing`] where the id is taken by something else, [`Error::Context`] where the
    /// context is not JSON, and [`Error::Server`].
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
    /// As for [`Runs::start`]; [`Error::Start`] where the node is no start.
    pub async fn start_at(&self, run: &str, start: N, cx: &Cx) -> Result<Started, Error> {
        if start.spec().kind != Kind::Start {
            return Err(no_start::<N>(run));
        }
        let context = serde_json::value::to_raw_value(cx)
            .map_err(|error| Error::Context { run: run.to_owned(), why: error.to_string() })?;
        let context = Text::Sound(context.into());
        let drawing = wire::drawing(N::PLAN);
        let from = From::Start { node: start.spec().id.to_owned(), context };
        let mut memo = MemoValues::new();
        memo.insert(DRAWING, drawing.clone());
        let options = WorkflowStartOptions::new(self.flow.as_str(), run)
            .id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate)
            .id_conflict_policy(WorkflowIdConflictPolicy::Fail)
            .static_summary(self.flow.as_str())
            .memo(memo)
            .build();
        match self.client.start_workflow(Walk::run, Json(Work { drawing, from }), options).await {
            Ok(_) => Ok(Started::Anew),
            Err(WorkflowStartError::AlreadyStarted { .. }) => self.known(run).await.map(|_| Started::Already),
            Err(error) => Err(server(run, error)),
        }
    }

    /// Waits until a run is over, or stuck, and says how it ended.
    ///
    /// Messages that it sent are runs of their own: ask for theirs under their ids. Where no worker
    /// can move the run on, this waits until one can; [`Runs::held_up`] says why none could.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`], [`Error::Foreign`], [`Error::OtherDrawing`], [`Error::Context`] where the
    /// context is not what this program knows, [`Error::Ended`] where somebody terminated the
    /// workflow, and [`Error::Server`].
    pub async fn outcome(&self, run: &str) -> Result<Ended<N, Cx>, Error> {
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
                let Json(told) = result.map_err(|error| no_result(run, error))?;
                let why = "its workflow ended before it did".to_owned();
                return ended(Self::read(run, &told)?).ok_or(Error::Ended { run: run.to_owned(), why });
            }
        }
    }

    /// Where a run stands: its path, what it owes, what is stuck, what is due, and its context.
    ///
    /// Of a run that is not over, a worker tells this.
    ///
    /// # Errors
    ///
    /// As for [`Runs::outcome`]; [`Error::Server`] also where a worker is needed and none is there.
    pub async fn show(&self, run: &str) -> Result<Run<Cx>, Error> {
        Self::read(run, &self.told(run).await?)
    }

    /// A run as its workflow tells it.
    pub(crate) async fn told(&self, run: &str) -> Result<Text, Error> {
        let (described, handle) = (self.known(run).await?, self.handle(run));
        if described.status() == WorkflowExecutionStatus::Completed {
            let result = handle.get_result(WorkflowGetResultOptions::default()).await;
            return result.map(|Json(told)| told).map_err(|error| no_result(run, error));
        }
        let shown = handle.query(Walk::show, (), WorkflowQueryOptions::default()).await;
        shown.map(|Json(told)| told).map_err(|error| match error {
            WorkflowQueryError::NotFound(_) => Error::Unknown { run: run.to_owned() },
            error => server(run, error),
        })
    }

    /// Cancels a run: it finishes the steps that it is in, rolls back, and ends. One that rolls back
    /// already goes on with that. Says whether the run was under way; one that is over, or stuck, stays as
    /// it is.
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
            // It was known a moment ago, so now it is over.
            Err(WorkflowInteractionError::NotFound(_)) => Ok(false),
            Err(error) => Err(server(run, error)),
        }
    }

    /// Tries once more to undo what is stuck. [`Runs::outcome`] says what came of it.
    ///
    /// # Errors
    ///
    /// As for [`Runs::cancel`]; [`Error::Refused`] where nothing is stuck.
    pub async fn retry(&self, run: &str) -> Result<(), Error> {
        self.known(run).await?;
        let options = WorkflowExecuteUpdateOptions::default();
        self.handle(run).execute_update(Walk::retry, (), options).await.map_err(|error| refused(run, error))
    }

    /// Strikes off a step whose compensation is stuck, because somebody undid it by hand.
    ///
    /// The path says so. A run of which nothing is stuck any more ends.
    ///
    /// # Errors
    ///
    /// As for [`Runs::cancel`]; [`Error::Refused`] where this visit of the step is not stuck.
    pub async fn resolve(&self, run: &str, step: N, nth: u32) -> Result<(), Error> {
        self.known(run).await?;
        let (stuck, options) = (stuck_at(step, nth), WorkflowExecuteUpdateOptions::default());
        let updated = self.handle(run).execute_update(Walk::resolve, stuck, options).await;
        updated.map_err(|error| refused(run, error))
    }

    /// Strikes off a step whose compensation is stuck, because it shall stay as it is: nobody undoes
    /// it.
    ///
    /// The path says so. A run of which nothing is stuck any more ends.
    ///
    /// # Errors
    ///
    /// As for [`Runs::cancel`]; [`Error::Refused`] where this visit of the step is not stuck.
    pub async fn skip(&self, run: &str, step: N, nth: u32) -> Result<(), Error> {
        self.known(run).await?;
        let (stuck, options) = (stuck_at(step, nth), WorkflowExecuteUpdateOptions::default());
        let updated = self.handle(run).execute_update(Walk::skip, stuck, options).await;
        updated.map_err(|error| refused(run, error))
    }

    pub(crate) fn handle(&self, run: &str) -> Handle {
        self.client.get_workflow_handle(run)
    }

    /// What the server knows of a run, if it is one of this drawing.
    pub(crate) async fn known(&self, run: &str) -> Result<WorkflowExecutionDescription, Error> {
        let described = self.handle(run).describe(WorkflowDescribeOptions::default()).await;
        let described = described.map_err(|error| match error {
            WorkflowInteractionError::NotFound(_) => Error::Unknown { run: run.to_owned() },
            error => server(run, error),
        })?;
        if described.workflow_type() != Walk::NAME {
            let kind = described.workflow_type().to_owned();
            return Err(Error::Foreign { run: run.to_owned(), kind });
        }
        let own = wire::drawing(N::PLAN);
        match described.memo().get::<String>(DRAWING) {
            Ok(Some(its)) if its != own => Err(Error::OtherDrawing { run: run.to_owned(), its, own }),
            // A message that no worker has taken up yet does not say.
            Ok(_) => Ok(described),
            Err(error) => Err(server(run, error)),
        }
    }

    /// The run that a workflow has told of.
    fn read(run: &str, told: &Text) -> Result<Run<Cx>, Error> {
        let saved: Saved<Cx> = told.read().map_err(|why| Error::Context { run: run.to_owned(), why })?;
        let adoption = Adoption::new(&Drawing::of(N::PLAN), N::PLAN);
        let only_reads = Interpreter::new(N::PLAN, |_| None, |_, _| ());
        only_reads
            .adopt(saved, &adoption)
            .map_err(|refused| Error::Refused { run: run.to_owned(), why: refused.to_string() })
    }
}

/// How a run ended, if it did.
fn ended<N: Node, Cx>(run: Run<Cx>) -> Option<Ended<N, Cx>> {
    let ending = run.state().ending()?.clone();
    Some(Ended::of(run, &ending, Vec::new()))
}

fn stuck_at<N: Node>(step: N, nth: u32) -> Json<Stuck> {
    Json(Stuck { node: step.spec().id.to_owned(), nth })
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
        && matches!(outcome, Ok(Some(said)) if said == STUCK)
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
