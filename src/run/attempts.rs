//! Attempts of a branch's node: begun, released, repeated, interrupted.

use super::branch::{Branch, BranchId, BranchState};
use super::ledger::{Doubt, Visited};
use super::path_entry::VisitOutcome;
use super::state::{ContextOp, State};
use crate::fault::Fault;
use crate::plan::Plan;

impl State {
    /// Marks the node of a branch as begun and counts the attempt.
    pub(super) fn begin(&mut self, id: BranchId) -> Option<&Branch> {
        let branch = self.branch_mut(id).filter(|branch| branch.state == BranchState::Due)?;
        branch.state = BranchState::Begun;
        branch.attempt += 1;
        Some(branch)
    }

    /// Takes back an attempt that was begun but not made. Its node is due again, or stopped if the run is
    /// about to roll back.
    pub(super) fn release(&mut self, plan: &Plan, id: BranchId, ops: &mut Vec<ContextOp>) {
        let is_stopping = self.is_stopping();
        let Some(branch) = self.branch_mut(id).filter(|branch| branch.state == BranchState::Begun) else {
            return;
        };
        branch.attempt = branch.attempt.saturating_sub(1);
        let is_untried = branch.attempt == 0;
        branch.state = if is_stopping && is_untried { BranchState::Stopped } else { BranchState::Due };
        if is_stopping {
            self.give_up_interrupted(plan);
            self.roll_back_when_still(plan, ops);
        }
    }

    /// Records that an attempt faulted and will be retried. Returns false if no retry is allowed: a run that is
    /// about to roll back starts no forward attempts.
    pub(super) fn back_off(&mut self, id: BranchId, fault: &Fault) -> bool {
        let is_stopping = self.is_stopping();
        let may_back_off =
            |branch: &&mut Branch| branch.state == BranchState::Begun && branch.may_try_again(is_stopping);
        let Some(branch) = self.branch_mut(id).filter(may_back_off) else { return false };
        branch.faulted += 1;
        branch.not_done += u32::from(fault.is_not_done());
        branch.state = BranchState::Backoff;
        true
    }

    /// Ends the wait for a retry: the node is due again, unless the run is about to roll back. Returns whether
    /// it is due.
    pub(super) fn end_backoff(&mut self, id: BranchId) -> bool {
        let is_stopping = self.is_stopping();
        let may_begin =
            |branch: &&mut Branch| branch.state == BranchState::Backoff && branch.may_try_again(is_stopping);
        self.branch_mut(id).filter(may_begin).map(|branch| branch.state = BranchState::Due).is_some()
    }

    /// Records that an attempt before the active one may have had an effect.
    pub(super) fn doubt(&mut self, id: BranchId) {
        if let Some(branch) = self.branch_mut(id).filter(|branch| branch.state == BranchState::Begun) {
            branch.attempt = branch.attempt.saturating_add(1);
        }
    }

    /// Makes all nodes that were begun but not settled due again, under the same keys. If the run is about to
    /// roll back, this applies to compensations only.
    pub(super) fn interrupt(&mut self, plan: &Plan, ops: &mut Vec<ContextOp>) {
        for branch in self.branches.iter_mut().filter(|branch| branch.is_at_work()) {
            branch.state = BranchState::Due;
        }
        if self.is_stopping() {
            self.give_up_interrupted(plan);
            self.roll_back_when_still(plan, ops);
        }
    }

    /// Handles the loss of an attempt in a run that is about to roll back.
    pub(super) fn give_up(&mut self, plan: &Plan, id: BranchId, ops: &mut Vec<ContextOp>) {
        if !self.is_stopping() {
            return;
        }
        if let Some(branch) = self.branch_mut(id).filter(|branch| branch.state == BranchState::Begun) {
            branch.state = BranchState::Due;
            self.give_up_interrupted(plan);
            self.roll_back_when_still(plan, ops);
        }
    }

    /// Stops interrupted forward visits, because a run that is about to roll back starts no forward attempts.
    /// They have to be undone unless none of their attempts had an effect.
    pub(super) fn give_up_interrupted(&mut self, plan: &Plan) {
        let interrupted = self.branches.iter().filter(|branch| branch.is_interrupted_forward());
        let given_up: Vec<_> =
            interrupted.map(|branch| (branch.id, Visited::of(branch), branch.is_in_doubt())).collect();
        for (id, visited, is_in_doubt) in given_up {
            let Visited { node, visit, .. } = visited;
            self.set_state(id, BranchState::Stopped);
            let spec = plan.node(node);
            if is_in_doubt && spec.is_some_and(|spec| spec.undone_by.is_some()) {
                self.ledger.record(visited, Doubt::NotAsked);
            }
            if let Some(spec) = spec {
                self.bind_output(plan, spec, id, None);
            }
            self.record_visit(
                node,
                visit,
                if is_in_doubt { VisitOutcome::InDoubt } else { VisitOutcome::NotDone },
            );
        }
    }
}
