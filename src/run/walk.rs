//! Moves control from node to node.

use super::place::{Place, PlaceId, Standing};
use super::state::{Cause, Change, FaultAt, Phase, Sent, State, Trace};
use crate::fault::Fault;
use crate::plan::{Kind, NodeSpec, Plan};

/// An edge to be taken by a branch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrow {
    pub(super) place: PlaceId,
    pub(super) from: u32,
    pub(super) to: u32,
    /// The number of nodes passed since the last node with work.
    pub(super) passed: usize,
}

impl Arrow {
    pub(super) fn new(place: PlaceId, from: u32, to: u32) -> Self {
        Self { place, from, to, passed: 0 }
    }
}

/// The edges that are still to be taken, last in, first out. Usually there is only one, which needs no
/// allocation.
#[derive(Debug, Default)]
pub(super) struct Arrows {
    next: Option<Arrow>,
    others: Vec<Arrow>,
}

impl Arrows {
    pub(super) fn one(arrow: Arrow) -> Self {
        Self { next: Some(arrow), others: Vec::new() }
    }

    fn note(&mut self, arrow: Arrow) {
        self.others.extend(self.next.replace(arrow));
    }

    fn take(&mut self) -> Option<Arrow> {
        self.next.take().or_else(|| self.others.pop())
    }
}

/// The most arrivals at nodes in one walk, per node of the drawing and over all branches. A walk beyond it
/// counts as an endless cycle, in which branches or messages multiply.
pub(super) const MOST_TIMES: usize = 16;

const NOTHING_DONE: &str = "the drawing runs in a circle in which nothing is done";

/// The action of a branch that arrives at a node.
enum Arrival {
    /// The node has work and is due.
    Stands,
    /// The branch has ended or is stopped.
    Ends,
    /// The node has no work: the branch continues along these edges.
    Passes(&'static [u32]),
}

impl State {
    /// Moves a new run to its first node. If it was sent in an endless cycle, it faults there.
    pub(super) fn set_out(&mut self, plan: &Plan, node: u32, in_circle: bool, changes: &mut Vec<Change>) {
        let passed = if in_circle { usize::MAX } else { 0 };
        self.walk(plan, Arrows::one(Arrow { passed, ..Arrow::new(0, node, node) }), changes);
    }

    /// Follows edges, also through nodes without work, until each branch is due, waiting or ended.
    pub(super) fn walk(&mut self, plan: &Plan, mut arrows: Arrows, changes: &mut Vec<Change>) {
        let mut arrivals = 0;
        let most = plan.nodes.len().saturating_mul(MOST_TIMES);
        while let Some(arrow) = arrows.take() {
            if self.is_settled_elsewhere(arrow.place) {
                continue;
            }
            if self.reaches_join(arrow) {
                self.stand(arrow.place, Standing::Joined);
                self.join_siblings(plan, arrow, &mut arrows, changes);
                continue;
            }
            arrivals += 1;
            let in_circle = arrow.passed > plan.nodes.len() || arrivals > most;
            let arrival = if in_circle {
                self.fault_on_the_way(plan, arrow, Fault::new(NOTHING_DONE), changes)
            } else {
                self.arrive(plan, arrow, changes)
            };
            match arrival {
                Arrival::Stands => {}
                Arrival::Ends => self.join_siblings(plan, arrow, &mut arrows, changes),
                Arrival::Passes(next) => self.leave(plan, arrow, next, &mut arrows, changes),
            }
        }
    }

    /// Leaves the node that an edge led to: ends the branch, takes one edge, or forks.
    fn leave(
        &mut self,
        plan: &Plan,
        came: Arrow,
        to: &[u32],
        arrows: &mut Arrows,
        changes: &mut Vec<Change>,
    ) {
        let came = Arrow { from: came.to, passed: came.passed + 1, ..came };
        match *to {
            [] => {
                self.stand(came.place, Standing::Over);
                self.join_siblings(plan, came, arrows, changes);
            }
            [to] => arrows.note(Arrow { to, ..came }),
            _ => self.split(plan, came, to, arrows, changes),
        }
    }

    /// Continues after a node with work.
    pub(super) fn go_on(&mut self, plan: &Plan, place: PlaceId, to: &[u32], changes: &mut Vec<Change>) {
        let Some(node) = self.place(place).map(|place| place.node) else { return };
        let came = Arrow::new(place, node, node);
        // Fast path: most nodes have one successor.
        if let [to] = *to {
            return self.walk(plan, Arrows::one(Arrow { to, passed: 1, ..came }), changes);
        }
        let mut arrows = Arrows::default();
        self.leave(plan, came, to, &mut arrows, changes);
        self.walk(plan, arrows, changes);
    }

    /// Sends the messages that leave a node.
    pub(super) fn send(&mut self, spec: &NodeSpec, place: PlaceId, changes: &mut Vec<Change>) {
        if spec.sends.is_empty() {
            return;
        }
        let Some(Place { node, nth, .. }) = self.place(place) else { return };
        let (from, nth) = (*node, *nth);
        let arrows = 0..spec.sends.len();
        changes.extend(arrows.map(|arrow| Change::Send(Sent { place, from, nth, arrow })));
    }

    fn split(
        &mut self,
        plan: &Plan,
        came: Arrow,
        to: &[u32],
        arrows: &mut Arrows,
        changes: &mut Vec<Change>,
    ) {
        let join = plan.node(came.from).and_then(|spec| spec.join);
        self.stand(came.place, Standing::Split { join });
        let first = self.next_place;
        for _ in to {
            let id = self.next_place;
            self.next_place += 1;
            self.places.push(Place::new(id, Some(came.place), came.from));
            changes.push(Change::Copy { from: came.place, to: id });
        }
        // The edge that was added last is taken first, so the reverse order starts the branches in the order
        // drawn.
        for (place, &to) in (first..self.next_place).zip(to).rev() {
            arrows.note(Arrow { place, to, ..came });
        }
    }

    fn reaches_join(&self, arrow: Arrow) -> bool {
        let parent = self.place(arrow.place).and_then(|place| place.parent);
        let split = parent.and_then(|parent| self.place(parent)).map(|parent| parent.standing);
        split == Some(Standing::Split { join: Some(arrow.to) })
    }

    /// Once all branches of a fork have arrived, the last of them along `came`, continues their parent after
    /// the join, or ends the parent if there is no join.
    fn join_siblings(&mut self, plan: &Plan, came: Arrow, arrows: &mut Arrows, changes: &mut Vec<Change>) {
        let mut place = came.place;
        loop {
            if self.is_stopping() || !self.place(place).is_some_and(Place::has_arrived) {
                return;
            }
            let Some(parent) = self.place(place).and_then(|place| place.parent) else {
                return self.root_is_over(plan, changes);
            };
            let siblings = || self.places.iter().filter(|place| place.parent == Some(parent));
            if !siblings().all(Place::has_arrived) {
                return;
            }
            let last = siblings().rfind(|place| place.standing == Standing::Joined).map(|place| place.node);
            changes.extend(siblings().map(|place| Change::Merge { from: place.id, into: parent }));
            self.places.retain(|place| place.parent != Some(parent));
            let join = match self.place(parent).map(|place| place.standing) {
                Some(Standing::Split { join }) => join,
                _ => None,
            };
            self.stand(parent, Standing::Moving);
            if let (Some(from), Some(to)) = (last, join) {
                return arrows.note(Arrow { place: parent, from, to, passed: came.passed });
            }
            self.stand(parent, Standing::Over);
            place = parent;
        }
    }

    /// Arrives at a node.
    fn arrive(&mut self, plan: &Plan, arrow: Arrow, changes: &mut Vec<Change>) -> Arrival {
        let Some(spec) = plan.node(arrow.to) else {
            let fault = Fault::new("this arrow leads to a node that the drawing does not have");
            return self.fault_on_the_way(plan, arrow, fault, changes);
        };
        if self.closes_circle(arrow.to) {
            self.stand(arrow.place, Standing::Over);
            return Arrival::Ends;
        }
        if let Err(bound) = self.passes.arrive(plan, arrow.from, arrow.to) {
            return self.fault_on_the_way(plan, arrow, Fault::from(bound), changes);
        }
        if spec.rolls_back && matches!(self.phase, Phase::Forward) {
            self.stand(arrow.place, Standing::Stopped);
            let cause = Cause::Drawn { from: arrow.from, at: arrow.to };
            self.abort(plan, cause, Some(arrow.to), changes);
            Arrival::Ends
        } else {
            self.stand_at(plan, spec, arrow, changes)
        }
    }

    /// Whether a drawn rollback has entered this node before. Its branch ends then, so that a rollback enters
    /// no node twice.
    fn closes_circle(&mut self, node: u32) -> bool {
        match &mut self.phase {
            Phase::Drawn { entered, .. } => !entered.insert(node),
            _ => false,
        }
    }

    fn stand_at(
        &mut self,
        plan: &Plan,
        spec: &'static NodeSpec,
        arrow: Arrow,
        changes: &mut Vec<Change>,
    ) -> Arrival {
        if spec.is_circle() {
            let nth = self.visit(arrow.place, arrow.to, None);
            self.walked(arrow.to, nth, Trace::Passed);
            self.send(spec, arrow.place, changes);
            if spec.kind == Kind::End && matches!(self.phase, Phase::Forward) {
                self.end = Some(arrow.to);
            }
            return Arrival::Passes(spec.next);
        }
        if spec.is_compensation() && !self.stand_at_owed(plan, arrow.place, arrow.to) {
            if let Some(place) = self.place_mut(arrow.place) {
                place.node = arrow.to;
            }
            self.walked(arrow.to, 0, Trace::NothingToUndo);
            return Arrival::Passes(spec.next);
        }
        if !spec.is_compensation() {
            self.visit(arrow.place, arrow.to, None);
            self.stand(arrow.place, Standing::Due);
        }
        Arrival::Stands
    }

    /// Makes a compensation due for the last visit that it has to undo and that no other branch is undoing.
    /// Returns false if there is none.
    pub(super) fn stand_at_owed(&mut self, plan: &Plan, place: PlaceId, compensation: u32) -> bool {
        let undoes = plan.node(compensation).map_or(&[][..], |spec| spec.undoes);
        let taken = |entry| self.places.iter().any(|place| place.is_undoing(entry));
        let Some(entry) = self.ledger.last_of(undoes, taken) else { return false };
        self.visit(place, compensation, Some(entry));
        self.stand(place, Standing::Due);
        true
    }

    /// Counts a visit of a node and moves the branch there. A retried undo is not counted again.
    pub(super) fn visit(&mut self, id: PlaceId, node: u32, undoing: Option<(u32, u32)>) -> u32 {
        let again = undoing.and_then(|entry| self.ledger.undo_of(entry));
        let nth = again.unwrap_or_else(|| self.visits.count(node));
        if let Some(place) = self.place_mut(id) {
            (place.node, place.nth, place.undoing) = (node, nth, undoing);
            (place.attempt, place.faulted, place.not_done) = (0, 0, 0);
        }
        nth
    }

    /// Records a fault that is not caused by a step, at the target of the edge.
    fn fault_on_the_way(
        &mut self,
        plan: &Plan,
        arrow: Arrow,
        fault: Fault,
        changes: &mut Vec<Change>,
    ) -> Arrival {
        self.stand(arrow.place, Standing::Over);
        self.walked(arrow.to, 0, Trace::Faulted);
        let fault = FaultAt { node: arrow.to, nth: 0, fault };
        self.faults.push(fault.clone());
        if matches!(self.phase, Phase::Forward) {
            self.stand(arrow.place, Standing::Stopped);
            self.abort(plan, Cause::Fault(fault), self.fault_entry(plan), changes);
        }
        Arrival::Ends
    }

    /// Whether the branch was stopped or removed since the edge was added.
    fn is_settled_elsewhere(&self, place: PlaceId) -> bool {
        self.is_stopping() || self.place(place).is_none()
    }

    fn is_stopping(&self) -> bool {
        matches!(self.phase, Phase::Aborting { .. } | Phase::LastFirst { .. } | Phase::Over(_))
    }
}
