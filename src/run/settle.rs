//! Results of nodes.

use super::place::{Place, PlaceId, Standing};
use super::state::{Cause, Change, FaultAt, Phase, State, Trace};
use crate::fault::{Fault, Result};
use crate::flow::Effect;
use crate::plan::{Kind, NodeSpec, Plan};

/// The result of a node, with nodes identified by their index in the plan.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// Whether there is something to undo.
    pub effect: Effect,
    /// Where control continues.
    pub to: &'a [u32],
}

/// A branch whose node has just been executed.
#[derive(Clone, Copy)]
struct Settled {
    place: PlaceId,
    node: u32,
    nth: u32,
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
        id: PlaceId,
        said: &Result<Said<'_>>,
        changes: &mut Vec<Change>,
    ) {
        let may_settle = |place: &&mut Place| match place.standing {
            Standing::Begun => true,
            Standing::Resting => said.is_err(),
            _ => false,
        };
        let Some(place) = self.place_mut(id).filter(may_settle) else { return };
        let &mut Place { node, nth, undoing, .. } = place;
        let at = Settled { place: id, node, nth, undoing, is_in_doubt: place.is_in_doubt() };
        place.standing = Standing::Moving;
        let Some(spec) = plan.node(at.node) else { return };
        let fault = match said {
            Ok(said) => {
                self.note_effect(spec, at, said.effect);
                None
            }
            Err(fault) => Some(self.note_fault(spec, at, fault)),
        };
        match &self.phase {
            Phase::Aborting { .. } => {
                self.stand(id, Standing::Stopped);
                self.roll_back_when_still(plan, changes);
            }
            Phase::LastFirst { .. } => self.undo_last(|step| plan.undone_by(step)),
            Phase::Over(_) => {}
            Phase::Forward | Phase::Drawn { .. } => match fault {
                _ if self.stands_at_next_entry(plan, spec, at) => {}
                Some(fault) if self.starts_rollback(spec) => {
                    self.stand(id, Standing::Stopped);
                    self.abort(plan, Cause::Fault(fault), self.fault_entry(plan), changes);
                }
                _ => {
                    let to = match said {
                        Ok(said) => {
                            self.send(spec, id, changes);
                            said.to
                        }
                        // After a fault no message is sent, because its content may be wrong. If a decision
                        // faulted, its branch ends.
                        Err(_) if spec.kind == Kind::Decision => &[],
                        Err(_) => spec.next,
                    };
                    self.go_on(plan, id, to, changes);
                }
            },
        }
    }

    /// Whether a fault of this node starts a rollback. Other faults are only recorded.
    fn starts_rollback(&self, spec: &NodeSpec) -> bool {
        matches!(self.phase, Phase::Forward) && !spec.is_compensation()
    }

    /// Moves a compensation to the next visit that it has to undo. It undoes all of them, one after the other.
    fn stands_at_next_entry(&mut self, plan: &Plan, spec: &NodeSpec, at: Settled) -> bool {
        spec.is_compensation() && self.stand_at_owed(plan, at.place, at.node)
    }

    /// Records the effect of a node. If an earlier attempt may have had an effect, `NotDone` is recorded as in
    /// doubt.
    fn note_effect(&mut self, spec: &NodeSpec, at: Settled, effect: Effect) {
        let can_be_undone = spec.undone_by.is_some();
        let trace = match (at.undoing, effect) {
            (Some((node, nth)), _) => {
                self.ledger.undone(node, nth);
                Trace::Undid { node, nth }
            }
            (None, Effect::Done) => Trace::Done,
            (None, Effect::NotDone) if can_be_undone && at.is_in_doubt => Trace::InDoubt,
            (None, Effect::NotDone) => Trace::NotDone,
        };
        if can_be_undone && matches!(trace, Trace::Done | Trace::InDoubt) {
            self.ledger.enter(at.node, at.nth);
        }
        self.walked(at.node, at.nth, trace);
    }

    /// Records a fault. A step that faulted has to be undone, unless none of its attempts had an effect.
    fn note_fault(&mut self, spec: &NodeSpec, at: Settled, fault: &Fault) -> FaultAt {
        let trace = match at.undoing {
            Some((node, nth)) => {
                self.ledger.set_aside(node, nth, Some(at.nth), fault.clone());
                Trace::SetAside { node, nth }
            }
            None => Trace::Faulted,
        };
        let may_be_done = at.is_in_doubt || !fault.is_not_done();
        if at.undoing.is_none() && spec.undone_by.is_some() && may_be_done {
            self.ledger.enter(at.node, at.nth);
        }
        self.walked(at.node, at.nth, trace);
        let fault = FaultAt { node: at.node, nth: at.nth, fault: fault.clone() };
        self.faults.push(fault.clone());
        fault
    }
}
