//! What comes of a step that was done.

use super::place::{PlaceId, Standing};
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
}

impl State {
    /// Takes what came of the node at a place that was begun. Anything else is ignored.
    pub(super) fn settle(
        &mut self,
        plan: &Plan,
        id: PlaceId,
        said: &Result<Said<'_>>,
        changes: &mut Vec<Change>,
    ) {
        let Some(place) = self.place_mut(id).filter(|place| place.standing == Standing::Begun) else {
            return;
        };
        place.standing = Standing::Moving;
        let at = Settled { place: id, node: place.node, nth: place.nth, undoing: place.undoing };
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
            Phase::LastFirst { .. } => self.undo_last(plan),
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

    fn note_effect(&mut self, spec: &NodeSpec, at: Settled, effect: Effect) {
        let trace = match (at.undoing, effect) {
            (Some((node, nth)), _) => {
                self.ledger.undone(node, nth);
                Trace::Undid { node, nth }
            }
            (None, Effect::Done) => Trace::Done,
            (None, Effect::NotDone) => Trace::NotDone,
        };
        if trace == Trace::Done && spec.undone_by.is_some() {
            self.ledger.enter(at.node, at.nth);
        }
        self.walked(at.node, at.nth, trace);
    }

    /// Nobody knows whether a step that faulted was done, so it is owed an undo.
    fn note_fault(&mut self, spec: &NodeSpec, at: Settled, fault: &Fault) -> FaultAt {
        let trace = match at.undoing {
            Some((node, nth)) => {
                self.ledger.set_aside(node, nth, Some(at.nth), fault.clone());
                Trace::SetAside { node, nth }
            }
            None => Trace::Faulted,
        };
        if at.undoing.is_none() && spec.undone_by.is_some() {
            self.ledger.enter(at.node, at.nth);
        }
        self.walked(at.node, at.nth, trace);
        let fault = FaultAt { node: at.node, nth: at.nth, fault: fault.clone() };
        self.faults.push(fault.clone());
        fault
    }
}
