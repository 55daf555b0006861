//! The workflow: a run that waits for its steps.
//!
//! It uses no clock and no randomness, and polls its futures in the order in which they were created, so a replay
//! starts the same steps.

use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use flowgen::plan::Plan;
use flowgen::report::Status;
use flowgen::run::{Ending, Interpreter, Migration, Run, Saved, StuckResolution};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{
    MemoValue, SyncWorkflowContext, WaitConditionOptions, WorkflowCancellationToken, WorkflowContext,
    WorkflowContextView, WorkflowResult,
};

use crate::context_json::ContextJson;
use crate::drive::{Drive, refuse};
use crate::payload::Json;
use crate::wire::{self, DRAWING, OUTCOME, Origin, ROLLING_BACK, STUCK, Stuck, Work};

/// The data that all workflows of a flow share.
#[derive(Clone)]
pub(crate) struct Rules {
    /// The name of the flow, and of the task queue of its workflows.
    pub(crate) flow: String,
    pub(crate) plan: &'static Plan,
    pub(crate) interpreter: Interpreter<ContextJson>,
    /// The migration from this drawing to itself, which validates saved runs.
    pub(crate) migration: Arc<Migration>,
    /// The time without heartbeats after which the steps of a worker are given to another one.
    pub(crate) lost_after: Duration,
}

/// A run, shared by the workflow and its queries and updates.
pub(crate) type Shared = Rc<RefCell<Run<ContextJson>>>;

/// A run as a Temporal workflow.
#[workflow]
pub(crate) struct FlowWorkflow {
    rules: Rules,
    run: Option<Shared>,
}

type BoxError = Box<dyn Error + Send + Sync>;

impl FlowWorkflow {
    /// The workflow type of all runs.
    pub(crate) const NAME: &str = "flowgen";

    pub(crate) fn new(rules: Rules) -> Self {
        Self { rules, run: None }
    }

    /// Returns the run, if it is stuck.
    fn stuck(&self) -> Result<&Shared, BoxError> {
        let run = self.run.as_ref().ok_or("the run has not begun")?;
        if is_stuck(&run.borrow()) { Ok(run) } else { Err("the run is not stuck".into()) }
    }

    /// Returns the run, and the index in the plan of the stuck node.
    fn stuck_at(&self, asked: &Stuck) -> Result<(&Shared, u32), BoxError> {
        let run = self.stuck()?;
        let node = self.rules.plan.find(&asked.node);
        let is_stuck_there = |node: &u32| {
            run.borrow().state().stuck().iter().any(|undo| (undo.node, undo.visit) == (*node, asked.visit))
        };
        match node.filter(is_stuck_there) {
            Some(node) => Ok((run, node)),
            None => Err(format!("nothing is stuck at {}, visit {}", asked.node, asked.visit).into()),
        }
    }
}

#[workflow_methods(factory_only)]
impl FlowWorkflow {
    #[run(name = FlowWorkflow::NAME)]
    pub(crate) async fn run(
        ctx: &mut WorkflowContext<Self>,
        work: Json<Work>,
    ) -> WorkflowResult<Json<ContextJson>> {
        let rules = ctx.state(|workflow| workflow.rules.clone());
        let run = match begin(&rules, ctx.workflow_id(), work.0) {
            Ok(run) => Rc::new(RefCell::new(run)),
            Err(why) => return refuse(ctx, &why).await,
        };
        ctx.state_mut(|workflow| workflow.run = Some(Rc::clone(&run)));
        if !ctx.memo().contains_key(DRAWING) {
            ctx.upsert_memo([(DRAWING, Some(MemoValue::new(wire::drawing(rules.plan))))])?;
        }
        let mut drive = Drive::new(ctx.clone(), rules, Rc::clone(&run));
        loop {
            drive.finish().await?;
            let outcome = memo_value(&run.borrow());
            ctx.upsert_memo([(OUTCOME, Some(MemoValue::new(outcome.to_owned())))])?;
            if outcome != STUCK {
                let run = ContextJson::new(&*run.borrow());
                return Ok(Json(run));
            }
            // Cancellation does not end this wait: a cancelled run has rolled back already, and only an
            // operator can help.
            let alone = WaitConditionOptions::builder().cancellation_token(WorkflowCancellationToken::new());
            ctx.wait_condition_with_options(|workflow| workflow.stuck().is_err(), alone.build()).await?;
            ctx.upsert_memo([(OUTCOME, Some(MemoValue::new(ROLLING_BACK.to_owned())))])?;
        }
    }

    /// Returns the current run.
    #[query]
    pub(crate) fn show(&self, _: &WorkflowContextView) -> Result<Json<ContextJson>, BoxError> {
        let run = self.run.as_ref().ok_or("the run has not begun")?;
        Ok(Json(ContextJson::new(&*run.borrow())))
    }

    /// Retries the failed compensations.
    #[update]
    pub(crate) fn retry(&mut self, _: &mut SyncWorkflowContext<Self>) -> Result<(), BoxError> {
        self.rules.interpreter.retry_stuck(&mut self.stuck()?.borrow_mut());
        Ok(())
    }

    #[update_validator(retry)]
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as the macro has it")]
    fn can_retry(&self, _: &WorkflowContextView, (): &()) -> Result<(), BoxError> {
        self.stuck().map(drop)
    }

    /// Marks a visit as undone by hand.
    #[update]
    #[expect(clippy::needless_pass_by_value, reason = "as the macro has it")]
    pub(crate) fn resolve(
        &mut self,
        _: &mut SyncWorkflowContext<Self>,
        asked: Json<Stuck>,
    ) -> Result<(), BoxError> {
        let (run, node) = self.stuck_at(&asked.0)?;
        self.rules.interpreter.resolve_stuck(
            &mut run.borrow_mut(),
            node,
            asked.0.visit,
            StuckResolution::UndoneByHand,
        );
        Ok(())
    }

    #[update_validator(resolve)]
    fn can_resolve(&self, _: &WorkflowContextView, asked: &Json<Stuck>) -> Result<(), BoxError> {
        self.stuck_at(&asked.0).map(drop)
    }

    /// Waives the compensation of a visit.
    #[update]
    #[expect(clippy::needless_pass_by_value, reason = "as the macro has it")]
    pub(crate) fn skip(
        &mut self,
        _: &mut SyncWorkflowContext<Self>,
        asked: Json<Stuck>,
    ) -> Result<(), BoxError> {
        let (run, node) = self.stuck_at(&asked.0)?;
        self.rules.interpreter.resolve_stuck(
            &mut run.borrow_mut(),
            node,
            asked.0.visit,
            StuckResolution::Waived,
        );
        Ok(())
    }

    #[update_validator(skip)]
    fn can_skip(&self, _: &WorkflowContextView, asked: &Json<Stuck>) -> Result<(), BoxError> {
        self.stuck_at(&asked.0).map(drop)
    }
}

/// Returns the run of a workflow that begins, or why this worker can't advance it.
///
/// A workflow is replayed from its start, and the drawing is its code. A run therefore continues only under the
/// drawing that it began with.
fn begin(rules: &Rules, id: &str, work: Work) -> Result<Run<ContextJson>, String> {
    let own = wire::drawing(rules.plan);
    if work.drawing != own {
        return Err(format!(
            "run `{id}` is under the drawing {}, and this worker has the drawing {own}; start a worker that has it",
            work.drawing
        ));
    }
    match work.origin {
        Origin::Start { node, context } => {
            let node = rules.plan.find(&node).ok_or_else(|| format!("the drawing has no node {node}"))?;
            Ok(rules.interpreter.start(id, node, context))
        }
        Origin::Run(run) => {
            let saved: Saved<ContextJson> = run.read().map_err(|why| format!("run `{id}`: {why}"))?;
            rules.interpreter.restore(saved, &rules.migration).map_err(|refused| refused.to_string())
        }
    }
}

fn is_stuck(run: &Run<ContextJson>) -> bool {
    matches!(run.state().ending(), Some(Ending::Stuck(_)))
}

/// How runs end, and the value of each ending in the memo.
const ENDINGS: [(Status, &str); 4] = [
    (Status::Completed, "completed"),
    (Status::RolledBack, "rolled back"),
    (Status::Stuck, STUCK),
    (Status::Failed, "failed"),
];

/// Returns the value in the memo for a run that ended; an empty text if it is active.
fn memo_value(run: &Run<ContextJson>) -> &'static str {
    let status = Status::from(run.state());
    ENDINGS.iter().find(|(ending, _)| *ending == status).map_or("", |(_, value)| value)
}

/// Returns the ending for a value in the memo.
pub(crate) fn status(value: &str) -> Option<Status> {
    ENDINGS.iter().find(|(_, ending)| *ending == value).map(|(status, _)| *status)
}
