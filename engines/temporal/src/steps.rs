//! Executing an activity: one attempt of one step.

use std::marker::PhantomData;
use std::time::Duration;

use flowgen::plan::NodeSpec;
use flowgen::{Fault, Flow, Next, Node, Observer, Runner, Target, Timing, Visit};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::context_json::ContextJson;
use crate::wire::{self, Done, Faulted, Step, Tried};

/// The steps of any flow, with any context.
pub(crate) trait Steps: Send + Sync {
    /// Executes this attempt, counted from 1, of a step. `tried` describes the previous attempts.
    fn attempt(&self, step: Step, attempt: u32, tried: Tried) -> BoxFuture<'_, AttemptOutcome>;
}

/// The result of an attempt.
pub(crate) enum AttemptOutcome {
    /// The step succeeded.
    Done(Done),
    /// The step faulted, and its policy allows a retry after a pause.
    Again(Faulted, Duration),
    /// The step faulted, and is not retried.
    Faulted(Faulted),
    /// This worker can't execute the step. Nothing was done.
    Unfit(String),
}

/// The steps of a flow, with the policies of its runner.
pub(crate) struct LaneWorker<F, T, O, Cx> {
    runner: Runner<F, T, O>,
    context: PhantomData<fn() -> Cx>,
}

impl<F, T, O, Cx> LaneWorker<F, T, O, Cx> {
    pub(crate) fn new(runner: Runner<F, T, O>) -> Self {
        Self { runner, context: PhantomData }
    }
}

impl<F, T, O, Cx> Steps for LaneWorker<F, T, O, Cx>
where
    F: Flow<Cx> + Send + 'static,
    T: Timing + Send + 'static,
    O: Observer + Send + 'static,
    Cx: Serialize + DeserializeOwned + Send,
{
    fn attempt(&self, step: Step, attempt: u32, tried: Tried) -> BoxFuture<'_, AttemptOutcome> {
        async move {
            match asked::<F::Node, Cx>(&step, attempt, &tried) {
                Ok((node, visit, cx)) => {
                    self.attempt_step(node, &visit, cx, tried.is_in_doubt(attempt)).await
                }
                Err(why) => AttemptOutcome::Unfit(why),
            }
        }
        .boxed()
    }
}

impl<F, T, O, Cx> LaneWorker<F, T, O, Cx>
where
    F: Flow<Cx> + Send + 'static,
    T: Timing + Send + 'static,
    O: Observer + Send + 'static,
    Cx: Serialize + DeserializeOwned + Send,
{
    /// An attempt that faults changes nothing: the workflow keeps its context.
    async fn attempt_step(
        &self,
        node: F::Node,
        visit: &Visit,
        mut cx: Cx,
        is_in_doubt: bool,
    ) -> AttemptOutcome {
        let fault = match self.runner.attempt(node, &mut cx, visit).await {
            Ok(next) => match ContextJson::new(&cx) {
                context @ ContextJson::Sound(_) => {
                    return AttemptOutcome::Done(done(next, context, is_in_doubt));
                }
                ContextJson::Broken(why) => Fault::new(format!("the context: {why}")),
            },
            Err(fault) => fault,
        };
        let again = self.runner.backoff_after(node, visit, &fault);
        let faulted = Faulted { fault, is_in_doubt };
        match again {
            Some(after) => AttemptOutcome::Again(faulted, after),
            None => AttemptOutcome::Faulted(faulted),
        }
    }
}

/// Returns the node, the visit and the context, if this worker knows them.
fn asked<N: Node, Cx: DeserializeOwned>(
    step: &Step,
    attempt: u32,
    tried: &Tried,
) -> Result<(N, Visit, Cx), String> {
    let own = wire::drawing(N::PLAN);
    if step.drawing != own {
        return Err(format!(
            "run `{}` is under the drawing {}, and this worker has the drawing {own}",
            step.run, step.drawing
        ));
    }
    let node = node_of::<N>(&step.node)?;
    let visit = Visit::new(step.run.as_str(), node.spec(), step.visit);
    let mut visit = visit.at_attempt(attempt).after_faults(tried.faulted);
    if let Some((undone, number)) = &step.undoes {
        visit = visit.undoing(spec_of::<N>(undone)?, *number);
    }
    if let Some(cause) = step.cause.as_ref().and_then(|cause| cause.named(N::PLAN)) {
        visit = visit.rolling_back(cause);
    }
    if let Some(routing) = &step.routing {
        visit = visit.with_routing(routing.clone());
    }
    let unread = |why| format!("the context of run `{}` at {}: {why}", step.run, step.node);
    let cx = step.context.read().map_err(unread)?;
    Ok((node, visit, cx))
}

fn node_of<N: Node>(id: &str) -> Result<N, String> {
    let at = N::PLAN.find(id).and_then(|at| N::ALL.get(at as usize));
    at.copied().ok_or_else(|| format!("the drawing has no node {id}"))
}

fn spec_of<N: Node>(id: &str) -> Result<&'static NodeSpec, String> {
    node_of::<N>(id).map(N::spec)
}

fn done<N: Node>(next: Next<N>, context: ContextJson, is_in_doubt: bool) -> Done {
    let id = |node: &N| node.spec().id.to_owned();
    let to = match next.to {
        Target::Nowhere => Vec::new(),
        Target::One(node) => vec![id(&node)],
        Target::All(nodes) => nodes.iter().map(id).collect(),
    };
    Done { effect: next.effect, to, outcome: next.outcome, answer: next.answer, context, is_in_doubt }
}
