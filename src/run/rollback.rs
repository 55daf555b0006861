//! Stopping branches, and rolling back.

use super::branch::{Branch, BranchId, BranchState};
use super::state::{Cause, ContextOp, Ending, FaultAt, Phase, State};
use super::walk::{Arrow, Arrows};
use crate::fault::Fault;
use crate::plan::Plan;

const ROOT: BranchId = 0;

impl State {
    /// The node that a fault leads to. A fault of a message does not lead to the trigger of the flow that sent
    /// it.
    pub(super) fn fault_entry(&self, plan: &Plan) -> Option<u32> {
        plan.trigger.filter(|_| !self.detached)
    }

    /// Stops all branches and rolls back: from `entry` as drawn, then in reverse order.
    pub(super) fn start_rollback(
        &mut self,
        plan: &Plan,
        cause: Cause,
        entry: Option<u32>,
        ops: &mut Vec<ContextOp>,
    ) {
        (self.end, self.reached) = (None, None);
        self.phase = Phase::Stopping { cause, entry };
        self.give_up_interrupted(plan);
        for branch in &mut self.branches {
            let is_untried = branch.state == BranchState::Due && branch.attempt == 0;
            if is_untried || !branch.is_at_work() && !matches!(branch.state, BranchState::Forked { .. }) {
                branch.state = BranchState::Stopped;
            }
        }
        self.roll_back_when_still(plan, ops);
    }

    /// Cancels a run that proceeds forward. Does nothing if it rolls back already, or has ended.
    pub(super) fn cancel(&mut self, plan: &Plan, ops: &mut Vec<ContextOp>) {
        if matches!(self.phase, Phase::Forward) {
            self.start_rollback(plan, Cause::Cancelled, self.fault_entry(plan), ops);
        }
    }

    /// Once no node is active, merges all branches and begins the rollback.
    pub(super) fn roll_back_when_still(&mut self, plan: &Plan, ops: &mut Vec<ContextOp>) {
        if self.branches.iter().any(Branch::is_at_work) {
            return;
        }
        let Phase::Stopping { cause, entry } = &self.phase else { return };
        let (cause, entry) = (cause.clone(), *entry);
        self.merge_branches(ops);
        self.inquire(plan, cause, entry, false, ops);
    }

    /// Asks for the first visit in doubt whether it was done. If there is none, executes the pending undos: from
    /// `entry` as drawn, or in reverse order.
    fn inquire(
        &mut self,
        plan: &Plan,
        cause: Cause,
        entry: Option<u32>,
        was_drawn: bool,
        ops: &mut Vec<ContextOp>,
    ) {
        let can_be_asked = |step: u32| plan.node(step).is_some_and(|spec| spec.asks);
        if let Some(asked) = self.ledger.first_to_ask(can_be_asked) {
            let (node, visit) = (asked.node, asked.visit);
            self.phase = Phase::Inquiry { cause, entry, was_drawn };
            if let Some(root) = self.branch_mut(ROOT) {
                (root.node, root.visit) = (node, visit);
                (root.attempt, root.faulted, root.not_done) = (0, 0, 0);
                (root.undoing, root.value, root.inputs, root.is_inquiry) = (None, None, None, true);
                root.state = BranchState::Due;
            }
            return;
        }
        match entry {
            Some(entry) => {
                self.phase = Phase::DrawnRollback { cause, entered: std::collections::BTreeSet::new() };
                let from = self.branch(ROOT).map_or(entry, |root| root.node);
                self.walk(plan, Arrows::one(Arrow::new(ROOT, from, entry)), ops);
            }
            None if matches!(cause, Cause::Fault(_)) && self.owes_nothing() && !was_drawn => {
                self.end_run(Ending::Failed(cause));
            }
            None => {
                self.phase = Phase::ReverseOrder { cause };
                self.undo_last(|step| plan.undone_by(step));
            }
        }
    }

    /// Continues after an inquiry.
    pub(super) fn continue_inquiries(&mut self, plan: &Plan, ops: &mut Vec<ContextOp>) {
        if let Phase::Inquiry { cause, entry, was_drawn } = &self.phase {
            let (cause, entry, was_drawn) = (cause.clone(), *entry, *was_drawn);
            self.inquire(plan, cause, entry, was_drawn, ops);
        }
    }

    /// Undoes the last entry of the ledger, or ends the run if there is none.
    pub(super) fn undo_last(&mut self, undone_by: impl Fn(u32) -> Option<u32>) {
        while let Some((node, visit)) = self.ledger.last() {
            if let Some(compensation) = undone_by(node) {
                self.visit(ROOT, compensation, Some((node, visit)));
                self.set_state(ROOT, BranchState::Due);
                return;
            }
            self.ledger.mark_failed(
                node,
                visit,
                None,
                Fault::new("the drawing has no compensation for this step"),
            );
        }
        if let Phase::ReverseOrder { cause } = &self.phase {
            self.end_undone(cause.clone());
        }
    }

    /// Handles the end of the last branch.
    pub(super) fn root_has_ended(&mut self, plan: &Plan, ops: &mut Vec<ContextOp>) {
        match &self.phase {
            Phase::Forward => self.complete(plan, ops),
            Phase::DrawnRollback { cause, .. } => {
                let cause = cause.clone();
                self.inquire(plan, cause, None, true, ops);
            }
            Phase::Stopping { .. } | Phase::Inquiry { .. } | Phase::ReverseOrder { .. } | Phase::Ended(_) => {
            }
        }
    }

    fn complete(&mut self, plan: &Plan, ops: &mut Vec<ContextOp>) {
        let Some(end) = self.end else {
            let node = self.branch(ROOT).map_or(0, |root| root.node);
            let fault = FaultAt { node, visit: 0, fault: Fault::new("nothing is drawn behind this node") };
            self.faults.push(fault.clone());
            return self.start_rollback(plan, Cause::Fault(fault), self.fault_entry(plan), ops);
        };
        self.ledger.commit();
        let given_up =
            self.ledger.failed().first().map(|entry| (entry.node, entry.visit, entry.fault.clone()));
        self.end_run(match given_up {
            Some((node, visit, Some(fault))) => Ending::Stuck(Cause::Fault(FaultAt { node, visit, fault })),
            _ => Ending::Completed(end),
        });
    }

    fn owes_nothing(&self) -> bool {
        self.ledger.pending().is_empty() && self.ledger.failed().is_empty()
    }

    /// Merges all branches and their contexts into the root.
    ///
    /// A child's id is greater than its parent's, so the descending order merges the innermost branches first.
    fn merge_branches(&mut self, ops: &mut Vec<ContextOp>) {
        for at in (0..self.branches.len()).rev() {
            let parent = self.branches[at].id;
            let children = self.branches.iter().filter(|branch| branch.parent == Some(parent));
            ops.extend(children.map(|child| ContextOp::Merge { from: child.id, into: parent }));
            self.merge_names(parent);
        }
        self.branches.truncate(1);
        self.passes.clear();
        if let Some(root) = self.branches.first_mut() {
            root.state = BranchState::Moving;
        }
    }
}
