//! Results of nodes.

use super::branch::{Branch, BranchId, BranchState};
use super::ledger::{Doubt, Visited};
use super::path_entry::VisitOutcome;
use super::state::{Cause, ContextOp, FaultAt, Phase, State};
use crate::fault::{Fault, Result};
use crate::flow::{Did, Effect};
use crate::plan::{Kind, NodeSpec, Output, Plan};

/// The result of a node, with nodes identified by their index in the plan.
#[derive(Clone, Copy, Debug)]
pub struct StepResult<'a> {
    /// Whether there is something to undo.
    pub effect: Effect,
    /// Where control continues.
    pub to: &'a [u32],
    /// The position of the outcome of a decision, or of the decision that the step answers; `None` for other nodes.
    pub outcome: Option<usize>,
    /// The answer to an [inquiry](crate::Visit::is_inquiry); `None` for other visits.
    pub answer: Option<Did>,
}

impl<'a> StepResult<'a> {
    /// Creates the result of a node without outcomes.
    #[must_use]
    pub const fn new(effect: Effect, to: &'a [u32]) -> Self {
        Self { effect, to, outcome: None, answer: None }
    }
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
        let is_inquiry = std::mem::take(&mut branch.is_inquiry);
        let Some(spec) = plan.node(at.node) else { return };
        if is_inquiry {
            return self.settle_inquiry(plan, at, result, ops);
        }
        let given = result.as_ref().ok().and_then(|result| output_of(plan, spec, result));
        self.bind_output(plan, spec, id, given);
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
            Phase::Inquiry { .. } | Phase::Ended(_) => {}
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
                            if let Some(decision) = spec.fused {
                                let outcome = outcome_of(plan, spec, result);
                                return self.advance_answered(plan, id, decision, outcome, ops);
                            }
                            result.to
                        }
                        // After a fault no message is sent, because its content may be wrong. If a decision
                        // faulted, or the step that answers it, its branch ends.
                        Err(_) if spec.kind == Kind::Decision || spec.fused.is_some() => &[],
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
                let value = self.ledger.mark_undone(node, visit);
                self.remove_value(value);
                VisitOutcome::Undone { node, visit }
            }
            (None, Effect::Done) => VisitOutcome::Done,
            (None, Effect::NotDone) if can_be_undone && at.is_in_doubt => VisitOutcome::InDoubt,
            (None, Effect::NotDone) => VisitOutcome::NotDone,
        };
        let doubt = match outcome {
            VisitOutcome::Done => Some(Doubt::None),
            VisitOutcome::InDoubt => Some(Doubt::NotAsked),
            _ => None,
        };
        if can_be_undone && let Some(doubt) = doubt {
            self.record(at.branch, doubt);
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
            self.record(at.branch, Doubt::NotAsked);
        }
        self.record_visit(at.node, at.visit, outcome);
        let fault = FaultAt { node: at.node, visit: at.visit, fault: fault.clone() };
        self.faults.push(fault.clone());
        fault
    }

    /// Adds the visit of a branch to the ledger.
    fn record(&mut self, id: BranchId, doubt: Doubt) {
        if let Some(visited) = self.branch(id).map(Visited::of) {
            self.ledger.record(visited, doubt);
        }
    }

    /// Applies the answer of a step that was asked whether a visit in doubt was done. A fault is no answer.
    fn settle_inquiry(
        &mut self,
        plan: &Plan,
        at: Settled,
        result: &Result<StepResult<'_>>,
        ops: &mut Vec<ContextOp>,
    ) {
        let did = match result {
            Ok(result) => result.answer.unwrap_or(Did::Unknown),
            Err(fault) => {
                self.faults.push(FaultAt { node: at.node, visit: at.visit, fault: fault.clone() });
                Did::Unknown
            }
        };
        let value = self.branch(at.branch).and_then(|branch| branch.value);
        self.ledger.answer(at.node, at.visit, did, value);
        self.record_visit(at.node, at.visit, VisitOutcome::Asked(did));
        self.continue_inquiries(plan, ops);
    }
}

/// The output that a step gave.
fn output_of(plan: &Plan, spec: &NodeSpec, result: &StepResult<'_>) -> Option<Output> {
    let at = match spec.fused {
        None => 0,
        Some(_) => outcome_of(plan, spec, result)?,
    };
    spec.gives.get(at).copied()
}

/// The position of the outcome that a step or decision returned. An engine may know only the node that it leads to.
fn outcome_of(plan: &Plan, spec: &NodeSpec, result: &StepResult<'_>) -> Option<usize> {
    let decision = spec.fused.and_then(|decision| plan.node(decision));
    let leads_there = |next: &u32| result.to.first() == Some(next);
    result.outcome.or_else(|| decision?.next.iter().position(leads_there))
}
