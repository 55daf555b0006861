//! Attempts of a branch's node: begun, released, repeated, interrupted.

use super::place::{Place, PlaceId, Standing};
use super::state::{Change, State, Trace};
use crate::fault::Fault;
use crate::plan::Plan;

impl State {
    /// Marks the node of a branch as begun and counts the attempt.
    pub(super) fn begin(&mut self, id: PlaceId) -> Option<&Place> {
        let place = self.place_mut(id).filter(|place| place.standing == Standing::Due)?;
        place.standing = Standing::Begun;
        place.attempt += 1;
        Some(place)
    }

    /// Takes back an attempt that was begun but not made. Its node is due again, or stopped if the run is
    /// aborting.
    pub(super) fn release(&mut self, plan: &Plan, id: PlaceId, changes: &mut Vec<Change>) {
        let is_aborting = self.is_aborting();
        let Some(place) = self.place_mut(id).filter(|place| place.standing == Standing::Begun) else {
            return;
        };
        place.attempt = place.attempt.saturating_sub(1);
        let is_untried = place.attempt == 0;
        place.standing = if is_aborting && is_untried { Standing::Stopped } else { Standing::Due };
        if is_aborting {
            self.give_up_interrupted(plan);
            self.roll_back_when_still(plan, changes);
        }
    }

    /// Records that an attempt faulted and will be retried. Returns false if no retry is allowed: a run that is
    /// about to roll back starts no forward attempts.
    pub(super) fn rest(&mut self, id: PlaceId, fault: &Fault) -> bool {
        let is_aborting = self.is_aborting();
        let may_rest =
            |place: &&mut Place| place.standing == Standing::Begun && place.may_try_again(is_aborting);
        let Some(place) = self.place_mut(id).filter(may_rest) else { return false };
        place.faulted += 1;
        place.not_done += u32::from(fault.is_not_done());
        place.standing = Standing::Resting;
        true
    }

    /// Ends the wait for a retry: the node is due again, unless the run is about to roll back. Returns whether
    /// it is due.
    pub(super) fn end_rest(&mut self, id: PlaceId) -> bool {
        let is_aborting = self.is_aborting();
        let may_begin =
            |place: &&mut Place| place.standing == Standing::Resting && place.may_try_again(is_aborting);
        self.place_mut(id).filter(may_begin).map(|place| place.standing = Standing::Due).is_some()
    }

    /// Records that an attempt before the active one may have had an effect.
    pub(super) fn doubt(&mut self, id: PlaceId) {
        if let Some(place) = self.place_mut(id).filter(|place| place.standing == Standing::Begun) {
            place.attempt = place.attempt.saturating_add(1);
        }
    }

    /// Makes all nodes that were begun but not settled due again, under the same keys. If the run is about to
    /// roll back, this applies to compensations only.
    pub(super) fn interrupt(&mut self, plan: &Plan, changes: &mut Vec<Change>) {
        for place in self.places.iter_mut().filter(|place| place.is_at_work()) {
            place.standing = Standing::Due;
        }
        if self.is_aborting() {
            self.give_up_interrupted(plan);
            self.roll_back_when_still(plan, changes);
        }
    }

    /// Handles the loss of an attempt in a run that is about to roll back.
    pub(super) fn give_up(&mut self, plan: &Plan, id: PlaceId, changes: &mut Vec<Change>) {
        if !self.is_aborting() {
            return;
        }
        if let Some(place) = self.place_mut(id).filter(|place| place.standing == Standing::Begun) {
            place.standing = Standing::Due;
            self.give_up_interrupted(plan);
            self.roll_back_when_still(plan, changes);
        }
    }

    /// Stops interrupted forward visits, because a run that is about to roll back starts no forward attempts.
    /// They have to be undone unless none of their attempts had an effect.
    pub(super) fn give_up_interrupted(&mut self, plan: &Plan) {
        let interrupted = self.places.iter().filter(|place| place.is_interrupted_forward());
        let given_up: Vec<_> =
            interrupted.map(|place| (place.id, place.node, place.nth, place.is_in_doubt())).collect();
        for (id, node, nth, is_in_doubt) in given_up {
            self.stand(id, Standing::Stopped);
            if is_in_doubt && plan.node(node).is_some_and(|spec| spec.undone_by.is_some()) {
                self.ledger.enter(node, nth);
            }
            self.walked(node, nth, if is_in_doubt { Trace::InDoubt } else { Trace::NotDone });
        }
    }
}
