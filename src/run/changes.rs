//! Context operations for a change of a run's state: copies, joins and messages.

use super::branch::{Branch, BranchId};
use super::interpreter::Interpreter;
use super::messages::Message;
use super::run::Run;
use super::settle::StepResult;
use super::state::{Cause, ContextOp, FaultAt, Phase, State};
use crate::fault::{Fault, Result};
use crate::panicked::Panicked;
use crate::plan::Plan;

/// The result of the context operations.
struct Applied<Cx> {
    sent: Vec<Message<Cx>>,
    /// The first panic of [`Flow::join`](crate::Flow::join).
    join: Option<Panicked>,
}

impl<Cx> Interpreter<Cx> {
    /// Applies a change that is not the result of a step. At most, it joins branches for a rollback.
    pub(super) fn change(
        &self,
        run: &mut Run<Cx>,
        change: impl FnOnce(&mut State, &Plan, &mut Vec<ContextOp>),
    ) {
        let applied = self.apply(run, change);
        self.finish_change(run, applied);
    }

    /// Settles the node of a branch. If joining the branches after it panics, the node faults instead.
    pub(super) fn settle_result(&self, run: &mut Run<Cx>, branch: BranchId, result: &Result<StepResult<'_>>) {
        let path_len = run.state.path.len();
        let before = self.may_join(&run.state, branch, result).then(|| run.state.without_path());
        let applied = self.apply(run, |state, plan, ops| state.settle(plan, branch, result, ops));
        self.prune(run);
        let (Some(panicked), Some(before)) = (&applied.join, before) else {
            return self.finish_change(run, applied);
        };
        run.reset_state(before, path_len);
        let fault = Err(Fault::from(panicked.clone()));
        let applied = self.apply(run, |state, plan, ops| state.settle(plan, branch, &fault, ops));
        self.finish_change(run, applied);
    }

    /// Moves a new run to its first node. If joining branches panics on the way, the run fails there.
    pub(super) fn enter_start(&self, run: &mut Run<Cx>, to: u32, in_circle: bool) -> Vec<Message<Cx>> {
        let applied = self.apply(run, |state, plan, ops| state.enter_start(plan, to, in_circle, ops));
        let Some(panicked) = applied.join else { return applied.sent };
        run.reset_state(State::new(self.plan().nodes.len(), run.state.detached), 0);
        let fault = FaultAt { node: to, visit: 0, fault: Fault::from(panicked) };
        run.state.faults.push(fault.clone());
        let aborted = self.apply(run, |state, plan, ops| {
            state.start_rollback(plan, Cause::Fault(fault), state.fault_entry(plan), ops);
        });
        aborted.sent
    }

    /// Records the panic of a join as a fault, and starts the messages. A rollback continues without the
    /// context that it could not join.
    fn finish_change(&self, run: &mut Run<Cx>, applied: Applied<Cx>) {
        if let Some(panicked) = applied.join {
            let node = run.state.branches.first().map_or(0, |root| root.node);
            run.state.faults.push(FaultAt { node, visit: 0, fault: Fault::from(panicked) });
        }
        self.send(run, applied.sent);
    }

    fn apply(
        &self,
        run: &mut Run<Cx>,
        change: impl FnOnce(&mut State, &Plan, &mut Vec<ContextOp>),
    ) -> Applied<Cx> {
        let mut ops = Vec::new();
        change(&mut run.state, self.plan(), &mut ops);
        let mut applied = Applied { sent: Vec::new(), join: None };
        for change in &ops {
            match change {
                ContextOp::Send(sent) => applied.sent.extend(self.message(run, sent)),
                ContextOp::Copy { from, to } => self.fork_context(run, *from, *to),
                ContextOp::Merge { from, into } => {
                    if let Err(panicked) = self.join_context(run, *from, *into) {
                        applied.join.get_or_insert(panicked);
                    }
                }
            }
        }
        applied
    }

    /// Removes values that no node can get any more.
    fn prune(&self, run: &mut Run<Cx>) {
        if let Some(needed) = run.state.needed_values() {
            run.contexts_mut().for_each(|context| (self.retain)(context, &|id| needed.contains(&id)));
        }
    }

    /// Copies the context for a branch. A branch without a context faults when its first node is begun.
    fn fork_context(&self, run: &mut Run<Cx>, from: BranchId, to: BranchId) {
        match self.copy(run, from) {
            Ok(Some(copy)) => run.give_back(to, copy),
            Ok(None) => {}
            Err(panicked) => {
                run.lost.insert(to, panicked);
            }
        }
    }

    fn join_context(&self, run: &mut Run<Cx>, from: BranchId, into: BranchId) -> Result<(), Panicked> {
        run.lost.remove(&from);
        let Some(branch) = run.lend(from) else { return Ok(()) };
        let Some(context) = run.context_at_mut(into) else { return Ok(()) };
        Panicked::catch(|| (self.join)(context, branch)).map_err(|panicked| panicked.in_code("Fork::join"))
    }

    /// Whether control may reach a join when this node is settled. Only while the run proceeds forward: a
    /// rollback continues in any case.
    fn may_join(&self, state: &State, branch: BranchId, result: &Result<StepResult<'_>>) -> bool {
        let forks = |to: &[u32]| to.len() > 1 || to.iter().any(|node| self.passes_fork(*node));
        let forks = result.as_ref().is_ok_and(|result| forks(result.to));
        matches!(state.phase, Phase::Forward) && (forks || is_last_of_fork(state, branch))
    }

    /// Whether control reaches a fork from this node before a node with work.
    fn passes_fork(&self, mut node: u32) -> bool {
        for _ in 0..self.plan().nodes.len() {
            match self.plan().node(node).filter(|spec| spec.is_circle()).map(|spec| spec.next) {
                Some([next]) => node = *next,
                Some([_, _, ..]) => return true,
                Some([]) | None => return false,
            }
        }
        false
    }
}

/// Whether all other branches of the same fork have arrived.
fn is_last_of_fork(state: &State, branch: BranchId) -> bool {
    let Some(parent) = state.branch(branch).and_then(|branch| branch.parent) else { return false };
    let mut siblings =
        state.branches.iter().filter(|other| other.parent == Some(parent) && other.id != branch);
    siblings.all(Branch::has_arrived)
}

impl<Cx> Run<Cx> {
    /// Restores a state that was copied without its path.
    fn reset_state(&mut self, state: State, path_len: usize) {
        let mut path = std::mem::take(&mut self.state.path);
        path.truncate(path_len);
        self.state = State { path, ..state };
        let is_known = |id: BranchId| self.state.branches.iter().any(|branch| branch.id == id);
        self.branch_contexts.retain(|branch, _| is_known(*branch));
        self.lost.retain(|branch, _| is_known(*branch));
    }
}

impl State {
    fn without_path(&mut self) -> Self {
        let path = std::mem::take(&mut self.path);
        let copy = self.clone();
        self.path = path;
        copy
    }
}
