//! Driving a run inside its workflow: starting steps that are due, and waiting for their results.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::task::Poll;
use std::time::Duration;

use flowgen::report::Status;
use flowgen::run::{BranchId, Run, StepResult};
use flowgen::{Fault, Result, Visit};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use temporalio_common::RetryPolicy;
use temporalio_common::error::{ActivityExecutionError, ChildWorkflowStartError, IncomingError};
use temporalio_sdk::{
    ActivityCancellationType, ActivityOptions, ChildWorkflowOptions, ContinueAsNewOptions, MemoValue,
    ParentClosePolicy, StartChildWorkflowExecutionFailedCause, WorkflowCancellationToken, WorkflowContext,
    WorkflowResult, WorkflowTermination,
};

use crate::activity::StepActivities;
use crate::context_json::ContextJson;
use crate::payload::Json;
use crate::wire::{self, Done, Faulted, OUTCOME, Origin, ROLLING_BACK, Step, Work};
use crate::workflow::{FlowWorkflow, Rules, Shared};

/// A run that is being driven.
pub(crate) struct Drive {
    ctx: WorkflowContext<FlowWorkflow>,
    rules: Rules,
    run: Shared,
    /// The activities and messages in progress, in the order in which they were started.
    doing: Vec<Doing>,
    cancel: Option<LocalBoxFuture<'static, Completion>>,
    /// The memo says that the run rolls back.
    is_in_memo: bool,
}

/// A step or a message in progress.
struct Doing {
    /// Each has its own token, because cancelling the run must not cancel its compensations.
    token: WorkflowCancellationToken,
    /// It is a compensation, which an abort does not stop.
    undoes: bool,
    completion: LocalBoxFuture<'static, Completion>,
}

/// A result that the workflow waits for.
enum Completion {
    Cancelled,
    Sent,
    Did(BranchId, Done),
    Faulted(BranchId, Faulted),
    /// An abort has stopped the step, and there is no report from its worker.
    Stopped(BranchId),
    /// The step was lost for good, and there is no report from its worker.
    Lost(BranchId, Fault),
    Refused(String),
}

/// The longest time for a step. A step without a timeout may take any time, as in process.
const AS_LONG_AS_IT_TAKES: Duration = Duration::from_hours(10 * 365 * 24);

impl Drive {
    pub(crate) fn new(ctx: WorkflowContext<FlowWorkflow>, rules: Rules, run: Shared) -> Self {
        let token = ctx.cancellation_token();
        let cancel = async move {
            token.cancelled().await;
            Completion::Cancelled
        };
        // A run that continues in a new history has the memo that it was started with.
        let is_in_memo = ctx.memo().contains_key(OUTCOME);
        Self { ctx, rules, run, doing: Vec::new(), cancel: Some(cancel.boxed_local()), is_in_memo }
    }

    /// Advances the run until it is over and all its messages have been sent.
    pub(crate) async fn finish(&mut self) -> WorkflowResult<()> {
        loop {
            self.note_rollback()?;
            self.send_messages();
            let is_long = self.ctx.continue_as_new_suggested();
            if self.doing.is_empty() && is_long && !self.run.borrow().is_over() {
                return self.continue_as_new();
            }
            if !is_long {
                self.begin_due();
                self.note_rollback()?;
            }
            if self.doing.is_empty() {
                return Ok(());
            }
            let completion = self.next().await;
            self.settle(completion).await?;
        }
    }

    /// Continues the run in a new history, because the current one is long.
    fn continue_as_new(&self) -> WorkflowResult<()> {
        let work = self.work(&self.run.borrow());
        self.ctx
            .continue_as_new(Json(work), ContinueAsNewOptions::default())
            .map(|never: Infallible| match never {})
    }

    fn work(&self, run: &Run<ContextJson>) -> Work {
        Work { drawing: wire::drawing(self.rules.plan), origin: Origin::Run(ContextJson::new(run)) }
    }

    async fn next(&mut self) -> Completion {
        let Self { cancel, doing, .. } = self;
        poll_fn(|task| {
            if let Some(Poll::Ready(completion)) = cancel.as_mut().map(|cancel| cancel.poll_unpin(task)) {
                *cancel = None;
                return Poll::Ready(completion);
            }
            for at in 0..doing.len() {
                if let Poll::Ready(completion) = doing[at].completion.poll_unpin(task) {
                    doing.remove(at);
                    return Poll::Ready(completion);
                }
            }
            Poll::Pending
        })
        .await
    }

    async fn settle(&mut self, completion: Completion) -> WorkflowResult<()> {
        match completion {
            Completion::Sent => {}
            Completion::Cancelled => self.rules.interpreter.cancel(&mut self.run.borrow_mut()),
            Completion::Did(branch, done) => {
                let ids = done.to.iter().map(|id| self.rules.plan.find(id).ok_or(id));
                let to: Vec<u32> = match ids.collect() {
                    Ok(to) => to,
                    Err(id) => return refuse(&self.ctx, &format!("the drawing has no node {id}")).await,
                };
                self.give_back(branch, done.context);
                let Done { effect, outcome, answer, .. } = done;
                let result = StepResult { effect, to: &to, outcome, answer };
                self.settle_at(branch, done.is_in_doubt, Ok(result));
            }
            Completion::Faulted(branch, Faulted { fault, is_in_doubt }) => {
                self.settle_at(branch, is_in_doubt, Err(fault));
            }
            Completion::Stopped(branch) => self.rules.interpreter.give_up(&mut self.run.borrow_mut(), branch),
            Completion::Lost(branch, fault) => self.settle_at(branch, true, Err(fault)),
            Completion::Refused(why) => return refuse(&self.ctx, &why).await,
        }
        if self.run.borrow().state().is_stopping() {
            // Attempts in progress finish; steps that wait for their first attempt or for a retry are cancelled.
            self.doing.iter().filter(|doing| !doing.undoes).for_each(|doing| doing.token.cancel());
        }
        self.ctx.state_mut(|_| ());
        Ok(())
    }

    fn settle_at(&self, branch: BranchId, is_in_doubt: bool, result: Result<StepResult<'_>>) {
        let (interpreter, mut run) = (&self.rules.interpreter, self.run.borrow_mut());
        if is_in_doubt {
            interpreter.doubt(&mut run, branch);
        }
        interpreter.settle(&mut run, branch, result);
    }

    /// Records in the memo, once, that the run rolls back, which lists show.
    fn note_rollback(&mut self) -> WorkflowResult<()> {
        let rolls_back = Status::from(self.run.borrow().state()) == Status::RollingBack;
        if rolls_back && !std::mem::replace(&mut self.is_in_memo, true) {
            self.ctx.upsert_memo([(OUTCOME, Some(MemoValue::new(ROLLING_BACK.to_owned())))])?;
        }
        Ok(())
    }

    fn give_back(&self, branch: BranchId, context: ContextJson) {
        let mut run = self.run.borrow_mut();
        if branch == ROOT {
            *run.context_mut() = context;
        } else {
            run.give_back(branch, context);
        }
    }
}

/// The branch that all other branches return to.
const ROOT: BranchId = 0;

impl Drive {
    fn begin_due(&mut self) {
        // Starts or settles one step at a time, because each may change which steps are due.
        while let Some(branch) = self.first_due() {
            let visit = self.rules.interpreter.begin(&mut self.run.borrow_mut(), branch);
            let Some(visit) = visit else { return };
            if let Some(context) = self.context_of(branch) {
                self.ask(branch, &visit, context);
            } else {
                let fault = self.run.borrow().why_no_context(branch);
                self.rules.interpreter.settle(&mut self.run.borrow_mut(), branch, Err(fault));
            }
        }
    }

    fn first_due(&self) -> Option<BranchId> {
        self.run.borrow().state().due().next().map(|due| due.branch)
    }

    /// Returns the context for a step. A copy stays in the run, in case the step faults.
    fn context_of(&self, branch: BranchId) -> Option<ContextJson> {
        let run = self.run.borrow();
        run.contexts().find(|(of, _)| *of == branch).map(|(_, context)| context.clone())
    }

    /// Starts the activity of a step, on the task queue of its lane.
    fn ask(&mut self, branch: BranchId, visit: &Visit, context: ContextJson) {
        let node = visit.node();
        let lane = self.rules.plan.lanes.get(node.lane as usize).map_or("", |lane| lane.name);
        let undoes = visit.undoes().map(|key| (key.node().to_owned(), key.number()));
        let step = Step {
            drawing: wire::drawing(self.rules.plan),
            run: visit.run().to_owned(),
            node: node.id.to_owned(),
            visit: visit.number(),
            undoes,
            cause: visit.cause().and(self.run.borrow().state().cause().cloned()),
            routing: visit.routing().cloned(),
            context,
        };
        let undoes = step.undoes.is_some();
        let asks = if visit.is_inquiry() { "Was it done? " } else { "" };
        let token = WorkflowCancellationToken::new();
        // Attempts that are lost with their worker are retried without limit. For attempts that fault, the worker
        // returns with each fault whether and when they are retried.
        let lost = RetryPolicy::builder()
            .initial_interval(Duration::from_secs(1))
            .maximum_interval(self.rules.lost_after);
        let options = ActivityOptions::with_start_to_close_timeout(AS_LONG_AS_IT_TAKES)
            .task_queue(wire::lane_queue(&self.rules.flow, lane))
            .heartbeat_timeout(self.rules.lost_after)
            .retry_policy(lost.build())
            .summary(format!("{}{} ({}/{})", asks, node.label, node.id, visit.number()))
            .cancellation_type(ActivityCancellationType::WaitCancellationCompleted)
            .cancellation_token(token.clone())
            .build();
        let ctx = self.ctx.clone();
        let completion = async move {
            match ctx.execute_activity(StepActivities::step, Json(step), options).await {
                Ok(Json(done)) => Completion::Did(branch, done),
                Err(ActivityExecutionError::Serialization(error)) => Completion::Refused(error.to_string()),
                Err(error) => faulted(branch, &error),
            }
        };
        self.doing.push(Doing { token, undoes, completion: completion.boxed_local() });
    }

    /// Starts the messages of the run, which are separate runs that the workflow does not wait for.
    fn send_messages(&mut self) {
        let messages = self.run.borrow_mut().take_messages();
        for message in messages {
            let token = WorkflowCancellationToken::new();
            let options = ChildWorkflowOptions::builder()
                .workflow_id(message.id().to_string())
                .parent_close_policy(ParentClosePolicy::Abandon)
                .cancellation_token(token.clone())
                .build();
            let (ctx, work) = (self.ctx.clone(), self.work(&message));
            let completion = async move {
                let started = ctx.start_child_workflow(FlowWorkflow::run, Json(work), options).await;
                started.map_or_else(not_sent, |_| Completion::Sent)
            };
            self.doing.push(Doing { token, undoes: false, completion: completion.boxed_local() });
        }
    }
}

/// The id of a message identifies its edge and the visit, so an existing one was sent before.
fn not_sent(error: ChildWorkflowStartError) -> Completion {
    match error {
        ChildWorkflowStartError::StartFailed {
            cause: StartChildWorkflowExecutionFailedCause::WorkflowAlreadyExists,
            ..
        } => Completion::Sent,
        error => Completion::Refused(error.to_string()),
    }
}

/// Returns the fault from the worker's report, or a fault with the known cause if there is no report.
fn faulted(branch: BranchId, error: &ActivityExecutionError) -> Completion {
    if let Some(IncomingError::Application(failure)) = error.cause()
        && let Ok(Some(Json(faulted))) = failure.details::<Json<Faulted>>()
    {
        return Completion::Faulted(branch, faulted);
    }
    match (error, error.cause()) {
        (ActivityExecutionError::Cancelled(_), _) => Completion::Stopped(branch),
        (_, Some(cause)) => Completion::Lost(branch, Fault::new(cause.to_string())),
        (error, None) => Completion::Lost(branch, Fault::new(error.to_string())),
    }
}

/// Fails the workflow task, and waits. The run is not affected, and continues on a worker that can advance it.
pub(crate) async fn refuse<T>(
    ctx: &WorkflowContext<FlowWorkflow>,
    why: &str,
) -> Result<T, WorkflowTermination> {
    ctx.force_task_fail(why.to_owned());
    pending().await
}
