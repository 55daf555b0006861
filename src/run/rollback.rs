//! Stopping branches, and rolling back.

use super::place::{Place, PlaceId, Standing};
use super::state::{Cause, Change, Ending, FaultAt, Phase, State};
use super::walk::{Arrow, Arrows};
use crate::fault::Fault;
use crate::plan::Plan;

const ROOT: PlaceId = 0;

impl State {
    /// The node that a fault leads to. A fault of a message does not lead to the trigger of the flow that sent
    /// it.
    pub(super) fn fault_entry(&self, plan: &Plan) -> Option<u32> {
        plan.trigger.filter(|_| !self.detached)
    }

    /// Stops all branches and rolls back: from `entry` as drawn, then in reverse order.
    pub(super) fn abort(&mut self, plan: &Plan, cause: Cause, entry: Option<u32>, changes: &mut Vec<Change>) {
        self.end = None;
        self.phase = Phase::Aborting { cause, entry };
        self.give_up_interrupted(plan);
        for place in &mut self.places {
            let is_untried = place.standing == Standing::Due && place.attempt == 0;
            if is_untried || !place.is_at_work() && !matches!(place.standing, Standing::Split { .. }) {
                place.standing = Standing::Stopped;
            }
        }
        self.roll_back_when_still(plan, changes);
    }

    /// Cancels a run that proceeds forward. Does nothing if it rolls back already, or has ended.
    pub(super) fn cancel(&mut self, plan: &Plan, changes: &mut Vec<Change>) {
        if matches!(self.phase, Phase::Forward) {
            self.abort(plan, Cause::Cancelled, self.fault_entry(plan), changes);
        }
    }

    /// Once no node is active, merges all branches and begins the rollback.
    pub(super) fn roll_back_when_still(&mut self, plan: &Plan, changes: &mut Vec<Change>) {
        if self.places.iter().any(Place::is_at_work) {
            return;
        }
        let Phase::Aborting { cause, entry } = &self.phase else { return };
        let (cause, entry) = (cause.clone(), *entry);
        self.merge_branches(changes);
        match entry {
            Some(entry) => {
                self.phase = Phase::Drawn { cause, entered: std::collections::BTreeSet::new() };
                let from = self.place(ROOT).map_or(entry, |root| root.node);
                self.walk(plan, Arrows::one(Arrow::new(ROOT, from, entry)), changes);
            }
            None if matches!(cause, Cause::Fault(_)) && self.owes_nothing() => {
                self.over(Ending::Failed(cause));
            }
            None => {
                self.phase = Phase::LastFirst { cause };
                self.undo_last(|step| plan.undone_by(step));
            }
        }
    }

    /// Undoes the last entry of the ledger, or ends the run if there is none.
    pub(super) fn undo_last(&mut self, undone_by: impl Fn(u32) -> Option<u32>) {
        while let Some((node, nth)) = self.ledger.last() {
            if let Some(compensation) = undone_by(node) {
                self.visit(ROOT, compensation, Some((node, nth)));
                self.stand(ROOT, Standing::Due);
                return;
            }
            self.ledger.set_aside(
                node,
                nth,
                None,
                Fault::new("the drawing has no compensation for this step"),
            );
        }
        if let Phase::LastFirst { cause } = &self.phase {
            self.over_undone(cause.clone());
        }
    }

    /// Handles the end of the last branch.
    pub(super) fn root_is_over(&mut self, plan: &Plan, changes: &mut Vec<Change>) {
        match &self.phase {
            Phase::Forward => self.complete(plan, changes),
            Phase::Drawn { cause, .. } => {
                self.phase = Phase::LastFirst { cause: cause.clone() };
                self.undo_last(|step| plan.undone_by(step));
            }
            Phase::Aborting { .. } | Phase::LastFirst { .. } | Phase::Over(_) => {}
        }
    }

    fn complete(&mut self, plan: &Plan, changes: &mut Vec<Change>) {
        let Some(end) = self.end else {
            let node = self.place(ROOT).map_or(0, |root| root.node);
            let fault = FaultAt { node, nth: 0, fault: Fault::new("nothing is drawn behind this node") };
            self.faults.push(fault.clone());
            return self.abort(plan, Cause::Fault(fault), self.fault_entry(plan), changes);
        };
        self.ledger.commit();
        let given_up = self.ledger.aside().first().map(|owed| (owed.node, owed.nth, owed.fault.clone()));
        self.over(match given_up {
            Some((node, nth, Some(fault))) => Ending::Stuck(Cause::Fault(FaultAt { node, nth, fault })),
            _ => Ending::Completed(end),
        });
    }

    fn owes_nothing(&self) -> bool {
        self.ledger.owed().is_empty() && self.ledger.aside().is_empty()
    }

    /// Merges all branches and their contexts into the root.
    ///
    /// A child's id is greater than its parent's, so the descending order merges the innermost branches first.
    fn merge_branches(&mut self, changes: &mut Vec<Change>) {
        for parent in self.places.iter().rev().map(|place| place.id) {
            let children = self.places.iter().filter(|place| place.parent == Some(parent));
            changes.extend(children.map(|child| Change::Merge { from: child.id, into: parent }));
        }
        self.places.truncate(1);
        self.passes.clear();
        if let Some(root) = self.places.first_mut() {
            root.standing = Standing::Moving;
        }
    }
}
