//! Results of nodes.

use super::branch::{Branch, BranchId, BranchState};
use super::path_entry::VisitOutcome;
use super::state::{Cause, ContextOp, FaultAt, Phase, State};
use crate::fault::{Fault, Result};
use crate::flow::Effect;
use crate::plan::{Kind, NodeSpec, Plan};

/// The result of a node, with nodes identified by their index in the plan.
#[derive(Clone, Copy, Debug)]
pub struct StepResult<'a> {
    /// Whether there is something to undo.
    pub effect: Effect,
    /// Where control continues.
    pub to: &'a [u32],
}

/// A branch whose node has just been executed.
#[derive(Clone, Copy)]
struct Settled {
    branch: BranchId,
    node: u32,
    visit: u32,
    undoing: Option<(u32, u32)>,
    /// Whether an earlier attempt may have had an effect.
    is_in_doubt: bool,
}

impl State {
    /// Applies the result of a begun node, or the final fault of a node that waits for a retry. Ignored in
    /// other states.
    pub(super) fn settle(
        &mut self,
        plan: &Plan,
        id: BranchId,
        result: &Result<StepResult<'_>>,
        ops: &mut Vec<ContextOp>,
    ) {
        let may_settle = |branch: &&mut Branch| match branch.state {
            BranchState::Begun => true,
            BranchState::Backoff => result.is_err(),
            _ => false,
        };
        let Some(branch) = self.branch_mut(id).filter(may_settle) else { return };
        let &mut Branch { node, visit, undoing, .. } = branch;
        let at = Settled { branch: id, node, visit, undoing, is_in_doubt: branch.is_in_doubt() };
        branch.state = BranchState::Moving;
        let Some(spec) = plan.node(at.node) else { return };
        let fault = match result {
            Ok(result) => {
                self.note_effect(spec, at, result.effect);
                None
            }
            Err(fault) => Some(self.note_fault(spec, at, fault)),
        };
        match &self.phase {
            Phase::Stopping { .. } => {
                self.set_state(id, BranchState::Stopped);
                self.roll_back_when_still(plan, ops);
            }
            Phase::ReverseOrder { .. } => self.undo_last(|step| plan.undone_by(step)),
            Phase::Ended(_) => {}
            Phase::Forward | Phase::DrawnRollback { .. } => match fault {
                _ if self.enters_next_undo(plan, spec, at) => {}
                Some(fault) if self.starts_rollback(spec) => {
                    self.set_state(id, BranchState::Stopped);
                    self.start_rollback(plan, Cause::Fault(fault), self.fault_entry(plan), ops);
                }
                _ => {
                    let to = match result {
                        Ok(result) => {
                            self.send(spec, id, ops);
                            result.to
                        }
                        // After a fault no message is sent, because its content may be wrong. If a decision
                        // faulted, its branch ends.
                        Err(_) if spec.kind == Kind::Decision => &[],
                        Err(_) => spec.next,
                    };
                    self.advance(plan, id, to, ops);
                }
            },
        }
    }

    /// Whether a fault of this node starts a rollback. Other faults are only recorded.
    fn starts_rollback(&self, spec: &NodeSpec) -> bool {
        matches!(self.phase, Phase::Forward) && !spec.is_compensation()
    }

    /// Moves a compensation to the next visit that it has to undo. It undoes all of them, one after the other.
    fn enters_next_undo(&mut self, plan: &Plan, spec: &NodeSpec, at: Settled) -> bool {
        spec.is_compensation() && self.enter_compensation(plan, at.branch, at.node)
    }

    /// Records the effect of a node. If an earlier attempt may have had an effect, `NotDone` is recorded as in
    /// doubt.
    fn note_effect(&mut self, spec: &NodeSpec, at: Settled, effect: Effect) {
        let can_be_undone = spec.undone_by.is_some();
        let outcome = match (at.undoing, effect) {
            (Some((node, visit)), _) => {
                self.ledger.mark_undone(node, visit);
                VisitOutcome::Undone { node, visit }
            }
            (None, Effect::Done) => VisitOutcome::Done,
            (None, Effect::NotDone) if can_be_undone && at.is_in_doubt => VisitOutcome::InDoubt,
            (None, Effect::NotDone) => VisitOutcome::NotDone,
        };
        if can_be_undone && matches!(outcome, VisitOutcome::Done | VisitOutcome::InDoubt) {
            self.ledger.record(at.node, at.visit);
        }
        self.record_visit(at.node, at.visit, outcome);
    }

    /// Records a fault. A step that faulted has to be undone, unless none of its attempts had an effect.
    fn note_fault(&mut self, spec: &NodeSpec, at: Settled, fault: &Fault) -> FaultAt {
        let outcome = match at.undoing {
            Some((node, visit)) => {
                self.ledger.mark_failed(node, visit, Some(at.visit), fault.clone());
                VisitOutcome::UndoFailed { node, visit }
            }
            None => VisitOutcome::Faulted,
        };
        let may_be_done = at.is_in_doubt || !fault.is_not_done();
        if at.undoing.is_none() && spec.undone_by.is_some() && may_be_done {
            self.ledger.record(at.node, at.visit);
        }
        self.record_visit(at.node, at.visit, outcome);
        let fault = FaultAt { node: at.node, visit: at.visit, fault: fault.clone() };
        self.faults.push(fault.clone());
        fault
    }
}
