//! The interpreter, which advances runs.

use std::sync::Arc;

use super::branch::BranchId;
use super::resolution::StuckResolution;
use super::run::Run;
use super::settle::StepResult;
use super::state::State;
use crate::fault::{Fault, Result};
use crate::flow::{Flow, Next, Node, Target};
use crate::plan::Plan;
use crate::routing::ValueId;
use crate::visit::Visit;

/// Advances runs of one drawing. Pure: it never waits and performs no I/O.
///
/// # Examples
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/bookshop.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use flowgen::run::{Ending, Interpreter};
/// use flowgen::{Flow, Node};
///
/// let flow = shop::Flow { shop: Bookshop };
/// let interpreter = Interpreter::for_flow::<shop::Flow<Bookshop>>();
/// let mut run = interpreter.start("order-42", shop::Node::Ordered.index(), Order { paid: true });
/// while !run.is_over() {
///     // This drawing does not fork, so there is one branch, the root, and its context stays in the run.
///     let due = run.state().due().next().expect("a run that is not over has something due");
///     let visit = interpreter.begin(&mut run, due.branch).expect("it is due");
///     let at = shop::Node::ALL[due.node as usize];
///     let result = flow.step(at, run.context_mut(), &visit).await;
///     interpreter.settle_next(&mut run, due.branch, result);
///     // Here a store would save the run.
/// }
/// assert!(matches!(run.state().ending(), Some(Ending::Completed(_))));
/// # }
/// ```
#[derive(Debug)]
pub struct Interpreter<Cx> {
    plan: &'static Plan,
    pub(super) fork: fn(&Cx) -> Option<Cx>,
    pub(super) join: fn(&mut Cx, Cx),
    pub(super) retain: Retain<Cx>,
}

/// [`Flow::retain`].
type Retain<Cx> = fn(&mut Cx, &dyn Fn(ValueId) -> bool);

impl<Cx> Clone for Interpreter<Cx> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Cx> Copy for Interpreter<Cx> {}

impl<Cx: Send> Interpreter<Cx> {
    /// Creates the interpreter of a generated flow.
    #[must_use]
    pub fn for_flow<F: Flow<Cx>>() -> Self {
        Self { plan: F::Node::PLAN, fork: F::fork, join: F::join, retain: F::retain }
    }
}

impl<Cx> Interpreter<Cx> {
    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &'static Plan {
        self.plan
    }

    /// Creates an interpreter of any plan, with functions that copy and merge contexts.
    #[must_use]
    pub const fn new(plan: &'static Plan, fork: fn(&Cx) -> Option<Cx>, join: fn(&mut Cx, Cx)) -> Self {
        Self { plan, fork, join, retain: |_, _| () }
    }

    /// Sets the function that removes values that are no longer needed: see [`Flow::retain`]. The default does
    /// nothing.
    #[must_use]
    pub const fn with_retain(mut self, retain: fn(&mut Cx, &dyn Fn(ValueId) -> bool)) -> Self {
        self.retain = retain;
        self
    }

    /// Starts a run at this node, by its index in the plan.
    #[must_use]
    pub fn start(&self, id: impl Into<Arc<str>>, node: u32, context: Cx) -> Run<Cx> {
        let mut run = self.run(id.into(), context, false);
        let sent = self.enter_start(&mut run, node, false);
        self.send(&mut run, sent);
        run
    }

    /// Creates a run before its first node.
    #[inline]
    pub(super) fn run(&self, id: Arc<str>, context: Cx, detached: bool) -> Run<Cx> {
        Run::from_parts(id, self.plan.hash, State::new(self.plan.nodes.len(), detached), context)
    }

    /// Begins the due node of a branch, and returns its visit. `None` if the branch is not due.
    pub fn begin(&self, run: &mut Run<Cx>, branch: BranchId) -> Option<Visit> {
        let cause = run.state.rollback_cause().and_then(|cause| cause.named(self.plan)).map(Arc::new);
        run.state.begin(branch)?;
        let routing = run.state.route(self.plan, branch);
        let begun = run.state.branch(branch)?;
        let visit = Visit::new(Arc::clone(&run.id), self.plan.node(begun.node)?, begun.visit);
        let undoes = begun.undoing.and_then(|(step, visit)| Some((self.plan.node(step)?, visit)));
        Some(Visit { attempt: begun.attempt, faulted: begun.faulted, undoes, cause, routing, ..visit })
    }

    /// Records the fault of an attempt that will be retried with [`Interpreter::begin_again`].
    ///
    /// Returns false if no retry is allowed and the fault has to be settled: a run that is about to roll back
    /// starts only attempts of compensations.
    pub fn back_off(&self, run: &mut Run<Cx>, branch: BranchId, fault: &Fault) -> bool {
        run.state.back_off(branch, fault)
    }

    /// Begins the next attempt of a node that waits for a retry, under the same key.
    ///
    /// `None` if the node does not wait, or if the run is about to roll back. In the latter case, the last
    /// fault has to be settled.
    pub fn begin_again(&self, run: &mut Run<Cx>, branch: BranchId) -> Option<Visit> {
        run.state.end_backoff(branch).then(|| self.begin(run, branch))?
    }

    /// Records that an attempt before the active one may have had an effect. For engines that repeat attempts
    /// themselves. Call it before the active attempt is settled.
    pub fn doubt(&self, run: &mut Run<Cx>, branch: BranchId) {
        run.state.doubt(branch);
    }

    /// Gives up the attempt of a branch in a run that is about to roll back.
    ///
    /// For engines that lose an attempt while others are active. The visit is in doubt, and is undone if
    /// possible. A compensation is due again.
    pub fn give_up(&self, run: &mut Run<Cx>, branch: BranchId) {
        self.change(run, |state, plan, ops| state.give_up(plan, branch, ops));
    }

    /// Applies the result of a node, after all retries, and advances the run.
    #[expect(clippy::needless_pass_by_value, reason = "what came of a node is taken once")]
    pub fn settle(&self, run: &mut Run<Cx>, branch: BranchId, result: Result<StepResult<'_>>) {
        self.settle_result(run, branch, &result);
    }

    /// Like [`Interpreter::settle`], for the result of a generated flow.
    pub fn settle_next<N: Node>(&self, run: &mut Run<Cx>, branch: BranchId, result: Result<Next<N>>) {
        let Next { effect, to, outcome, answer } = match result {
            Ok(next) => next,
            Err(fault) => return self.settle(run, branch, Err(fault)),
        };
        let mut settle =
            |to: &[u32]| self.settle(run, branch, Ok(StepResult { effect, to, outcome, answer }));
        match to {
            Target::Nowhere => settle(&[]),
            Target::One(node) => settle(&[node.index()]),
            Target::All(nodes) => {
                let to: Vec<u32> = nodes.iter().map(|node| node.index()).collect();
                settle(&to);
            }
        }
    }

    /// Takes back an attempt that was begun but not made, because the run was stopped while it waited for a
    /// permit.
    pub fn release(&self, run: &mut Run<Cx>, branch: BranchId) {
        self.change(run, |state, plan, ops| state.release(plan, branch, ops));
    }

    /// Cancels a run: waits for active attempts, then executes the pending undos. A step that was interrupted
    /// is not repeated: it may have been done, so it is undone.
    ///
    /// Does nothing if the run is already rolling back or has ended.
    pub fn cancel(&self, run: &mut Run<Cx>) {
        self.change(run, State::cancel);
    }

    /// Makes active nodes due again after a crash, under the same keys.
    ///
    /// If the run is about to roll back, this applies to compensations only. An interrupted step is not
    /// repeated: it may have been done, so it is undone.
    pub fn interrupt(&self, run: &mut Run<Cx>) {
        self.change(run, State::interrupt);
    }

    /// Retries the failed undos of a stuck run. Returns whether there are any.
    pub fn retry_stuck(&self, run: &mut Run<Cx>) -> bool {
        run.state.reopen(|step| self.plan.undone_by(step))
    }

    /// Resolves a failed undo, which is given by its step and visit: the run no longer has to undo that visit.
    /// Returns whether there was such a failed undo.
    ///
    /// The path records the resolution, as [`VisitOutcome::UndoneByHand`](super::VisitOutcome::UndoneByHand) or
    /// [`VisitOutcome::Waived`](super::VisitOutcome::Waived). After the last one, the run counts as rolled back.
    pub fn resolve_stuck(
        &self,
        run: &mut Run<Cx>,
        node: u32,
        visit: u32,
        resolution: StuckResolution,
    ) -> bool {
        run.state.discharge(self.plan.undone_by(node), (node, visit), resolution)
    }

    /// Checks a run that was read back, and migrates it from the drawing that it began with to the drawing of
    /// this interpreter.
    ///
    /// Nodes that were active when it was saved are still begun; see [`Interpreter::interrupt`].
    ///
    /// # Errors
    ///
    /// [`RestoreError::Changed`](super::RestoreError::Changed) if the run depends on a node whose meaning has
    /// changed, and [`RestoreError::Malformed`](super::RestoreError::Malformed) if the data is not a valid run.
    #[cfg(feature = "serde")]
    pub fn restore(
        &self,
        saved: super::saved::Saved<Cx>,
        migration: &super::saved::Migration,
    ) -> Result<Run<Cx>, super::saved::RestoreError> {
        migration.restore(saved, self.plan)
    }
}
