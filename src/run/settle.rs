//! What comes of a step that was done.

use super::place::{Place, PlaceId, Standing};
use super::state::{Cause, Change, FaultAt, Phase, State, Trace};
use crate::fault::{Fault, Result};
use crate::flow::Effect;
use crate::plan::{Kind, NodeSpec, Plan};

/// What a node said when it was done, with nodes named by their place in the plan.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// Whether there is something to undo.
    pub effect: Effect,
    /// Where control goes.
    pub to: &'a [u32],
}

/// A place whose node has just been done.
#[derive(Clone, Copy)]
struct Settled {
    place: PlaceId,
    node: u32,
    nth: u32,
    undoing: Option<(u32, u32)>,
    /// An attempt before this one may have had an effect.
    is_in_doubt: bool,
}

impl State {
    /// Takes what came of the node at a place that was begun, or the fault after which it rests. Anything
    /// else is ignored.
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
                        // What a message says may not have come to pass, so none is sent.
                        // A decision that was not made: this way is over.
                        Err(_) if spec.kind == Kind::Decision => &[],
                        Err(_) => spec.next,
                    };
                    self.go_on(plan, id, to, changes);
                }
            },
        }
    }

    /// Does a fault of this node start a rollback, and not only stay as a report of one?
    fn starts_rollback(&self, spec: &NodeSpec) -> bool {
        matches!(self.phase, Phase::Forward) && !spec.is_compensation()
    }

    /// A compensation undoes every visit that is owed to it, one after the other.
    fn stands_at_next_entry(&mut self, plan: &Plan, spec: &NodeSpec, at: Settled) -> bool {
        spec.is_compensation() && self.stand_at_owed(plan, at.place, at.node)
    }

    /// A step that says that it was not done is not believed where an attempt before may have done it.
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

    /// A step that faulted is owed an undo, unless no attempt of it had an effect.
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
