//! The interface that an engine implements for the suite.

use std::time::Duration;

use flowgen::{Flow, Retry, RunResult, Scope};

use crate::recorder::Recorder;
use crate::script::Script;

/// An engine that executes flows.
pub trait Engine: Sync {
    /// The name of the engine in messages.
    fn name(&self) -> &'static str;

    /// Returns why the engine does not support an ability; `None` if it does.
    fn unsupported(&self, ability: Ability) -> Option<&'static str> {
        let _ = ability;
        None
    }

    /// Executes a job and the messages that it sends, until all of them end; the messages are in
    /// [`RunResult::messages`].
    ///
    /// - The run starts as [`Job::run`], at [`Job::start`], under [`Job::policies`].
    /// - If the job has an [`Interruption`], the engine waits until a step pauses ([`Recorder::wait_paused`]). Then it
    ///   cancels the run or crashes, and resumes the step ([`Recorder::resume`]). After a crash, the engine restarts and
    ///   continues the run, or rolls it back if the run was cancelled meanwhile.
    /// - The operator actions of the job are done in order, each when the run is over, after [`Recorder::repair`].
    fn run<F>(&self, flow: F, job: Job) -> impl Future<Output = RunResult<F::Node, Script>> + Send
    where
        F: Flow<Script> + Send + Sync + 'static;
}

/// An ability that not every engine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ability {
    /// Retrying faults.
    Retry,
    /// Retrying only the faults that a predicate accepts.
    RetryWhen,
    /// Ending an attempt that takes too long.
    Timeout,
    /// Cancelling a run during a step.
    Cancel,
    /// Retrying, resolving or skipping failed compensations.
    Operator,
    /// Continuing a run after the process died.
    Crash,
}

/// One run of one flow.
#[derive(Clone, Debug)]
pub struct Job {
    /// The id of the run, which is also the name of its recorder.
    pub run: String,
    /// The start, by its index in the plan.
    pub start: u32,
    /// The context.
    pub script: Script,
    /// Retries and timeouts.
    pub policies: Policies,
    /// The interruption, which happens when a step pauses.
    pub interruption: Option<Interruption>,
    /// The operator's actions once the run is over.
    pub operator_actions: Vec<OperatorAction>,
}

/// An interruption of a run during a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// The run is cancelled.
    Cancel,
    /// The engine crashes without warning, and restarts.
    Crash,
    /// The engine crashes, and the run is cancelled before the engine continues it.
    CrashAndCancel,
}

/// An operator's action on a stuck run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorAction {
    /// Retries all failed compensations.
    Retry,
    /// Marks this visit as undone by hand.
    Resolve {
        /// The step, by its id in the drawing.
        node: &'static str,
        /// The visit of the step.
        visit: u32,
    },
    /// Waives the compensation of this visit.
    Skip {
        /// The step, by its id in the drawing.
        node: &'static str,
        /// The visit of the step.
        visit: u32,
    },
}

/// The policies of a run.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// Retry policies and their scopes.
    pub retries: Vec<(Scope, Retry)>,
    /// Timeouts per attempt and their scopes.
    pub timeouts: Vec<(Scope, Duration)>,
}

impl Job {
    /// Returns the recorder of the run.
    #[must_use]
    pub fn recorder(&self) -> std::sync::Arc<Recorder> {
        Recorder::named(&self.run)
    }
}
