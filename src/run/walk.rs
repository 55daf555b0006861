//! Moves control from node to node.

use super::branch::{Branch, BranchId, BranchState};
use super::path_entry::VisitOutcome;
use super::state::{Cause, ContextOp, FaultAt, OutgoingMessage, Phase, State};
use crate::fault::Fault;
use crate::plan::{Kind, NodeSpec, Plan};

/// An edge to be taken by a branch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrow {
    pub(super) branch: BranchId,
    pub(super) from: u32,
    pub(super) to: u32,
    /// The number of nodes passed since the last node with work.
    pub(super) passed: usize,
    /// Whether the step before has answered the decision that the edge leads to.
    pub(super) answer: Option<Answered>,
}

/// The answer to a decision, by the position of the outcome; `None` if the outcome is unknown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered(Option<usize>);

impl Arrow {
    pub(super) fn new(branch: BranchId, from: u32, to: u32) -> Self {
        Self { branch, from, to, passed: 0, answer: None }
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
    Due,
    /// The branch has ended or is stopped.
    Ends,
    /// The node has no work: the branch continues along these edges.
    Passes(&'static [u32]),
}

impl State {
    /// Moves a new run to its first node. If it was sent in an endless cycle, it faults there.
    pub(super) fn enter_start(&mut self, plan: &Plan, node: u32, in_circle: bool, ops: &mut Vec<ContextOp>) {
        let passed = if in_circle { usize::MAX } else { 0 };
        if let Some(root) = self.branch_mut(0) {
            root.env.moves(plan, None, node);
        }
        self.walk(plan, Arrows::one(Arrow { passed, ..Arrow::new(0, node, node) }), ops);
    }

    /// Follows edges, also through nodes without work, until each branch is due, waiting or ended.
    pub(super) fn walk(&mut self, plan: &Plan, mut arrows: Arrows, ops: &mut Vec<ContextOp>) {
        let mut arrivals = 0;
        let most = plan.nodes.len().saturating_mul(MOST_TIMES);
        while let Some(arrow) = arrows.take() {
            if self.is_settled_elsewhere(arrow.branch) {
                continue;
            }
            if self.reaches_join(arrow) {
                self.set_state(arrow.branch, BranchState::Joined);
                self.join_siblings(plan, arrow, &mut arrows, ops);
                continue;
            }
            arrivals += 1;
            let in_circle = arrow.passed > plan.nodes.len() || arrivals > most;
            let arrival = if in_circle {
                self.fault_on_the_way(plan, arrow, Fault::new(NOTHING_DONE), ops)
            } else {
                self.arrive(plan, arrow, ops)
            };
            match arrival {
                Arrival::Due => {}
                Arrival::Ends => self.join_siblings(plan, arrow, &mut arrows, ops),
                Arrival::Passes(next) => self.leave(plan, arrow, next, &mut arrows, ops),
            }
        }
    }

    /// Leaves the node that an edge led to: ends the branch, takes one edge, or forks.
    fn leave(&mut self, plan: &Plan, came: Arrow, to: &[u32], arrows: &mut Arrows, ops: &mut Vec<ContextOp>) {
        let came = Arrow { from: came.to, passed: came.passed + 1, answer: None, ..came };
        match *to {
            [] => {
                self.set_state(came.branch, BranchState::Ended);
                self.join_siblings(plan, came, arrows, ops);
            }
            [to] => arrows.note(Arrow { to, ..came }),
            _ => self.split(plan, came, to, arrows, ops),
        }
    }

    /// Continues after a node with work.
    pub(super) fn advance(&mut self, plan: &Plan, branch: BranchId, to: &[u32], ops: &mut Vec<ContextOp>) {
        let Some(node) = self.branch(branch).map(|branch| branch.node) else { return };
        let came = Arrow::new(branch, node, node);
        // Fast path: most nodes have one successor.
        if let [to] = *to {
            return self.walk(plan, Arrows::one(Arrow { to, passed: 1, ..came }), ops);
        }
        let mut arrows = Arrows::default();
        self.leave(plan, came, to, &mut arrows, ops);
        self.walk(plan, arrows, ops);
    }

    /// Continues after a step that has answered the decision behind it, which is passed.
    pub(super) fn advance_answered(
        &mut self,
        plan: &Plan,
        branch: BranchId,
        decision: u32,
        outcome: Option<usize>,
        ops: &mut Vec<ContextOp>,
    ) {
        let Some(node) = self.branch(branch).map(|branch| branch.node) else { return };
        let answer = Some(Answered(outcome));
        let arrow = Arrow { passed: 1, answer, ..Arrow::new(branch, node, decision) };
        self.walk(plan, Arrows::one(arrow), ops);
    }

    /// Sends the messages that leave a node.
    pub(super) fn send(&mut self, spec: &NodeSpec, branch: BranchId, ops: &mut Vec<ContextOp>) {
        if spec.sends.is_empty() {
            return;
        }
        let Some(Branch { node: from, visit, env, .. }) = self.branch(branch) else { return };
        let (from, visit) = (*from, *visit);
        let message = |arrow| OutgoingMessage { branch, from, visit, arrow, env: env.clone() };
        ops.extend((0..spec.sends.len()).map(|arrow| ContextOp::Send(message(arrow))));
    }

    fn split(&mut self, plan: &Plan, came: Arrow, to: &[u32], arrows: &mut Arrows, ops: &mut Vec<ContextOp>) {
        let join = plan.node(came.from).and_then(|spec| spec.join);
        self.set_state(came.branch, BranchState::Forked { join });
        let first = self.next_branch;
        let env = self.branch(came.branch).map(|parent| parent.env.fork()).unwrap_or_default();
        for _ in to {
            let id = self.next_branch;
            self.next_branch += 1;
            let branch = Branch::new(id, Some(came.branch), came.from);
            self.branches.push(Branch { env: env.clone(), ..branch });
            ops.push(ContextOp::Copy { from: came.branch, to: id });
        }
        // The edge that was added last is taken first, so the reverse order starts the branches in the order
        // drawn.
        for (branch, &to) in (first..self.next_branch).zip(to).rev() {
            arrows.note(Arrow { branch, to, ..came });
        }
    }

    fn reaches_join(&self, arrow: Arrow) -> bool {
        let parent = self.branch(arrow.branch).and_then(|branch| branch.parent);
        let split = parent.and_then(|parent| self.branch(parent)).map(|parent| parent.state);
        split == Some(BranchState::Forked { join: Some(arrow.to) })
    }

    /// Once all branches of a fork have arrived, the last of them along `came`, continues their parent after
    /// the join, or ends the parent if there is no join.
    fn join_siblings(&mut self, plan: &Plan, came: Arrow, arrows: &mut Arrows, ops: &mut Vec<ContextOp>) {
        let mut branch = came.branch;
        loop {
            if self.begins_no_node() || !self.branch(branch).is_some_and(Branch::has_arrived) {
                return;
            }
            let Some(parent) = self.branch(branch).and_then(|branch| branch.parent) else {
                return self.root_has_ended(plan, ops);
            };
            let siblings = || self.branches.iter().filter(|branch| branch.parent == Some(parent));
            if !siblings().all(Branch::has_arrived) {
                return;
            }
            let last =
                siblings().rfind(|branch| branch.state == BranchState::Joined).map(|branch| branch.node);
            ops.extend(siblings().map(|branch| ContextOp::Merge { from: branch.id, into: parent }));
            self.merge_names(parent);
            self.branches.retain(|branch| branch.parent != Some(parent));
            let join = match self.branch(parent).map(|branch| branch.state) {
                Some(BranchState::Forked { join }) => join,
                _ => None,
            };
            self.set_state(parent, BranchState::Moving);
            if let (Some(from), Some(to)) = (last, join) {
                return arrows.note(Arrow { passed: came.passed, ..Arrow::new(parent, from, to) });
            }
            self.set_state(parent, BranchState::Ended);
            branch = parent;
        }
    }

    /// Arrives at a node.
    fn arrive(&mut self, plan: &Plan, arrow: Arrow, ops: &mut Vec<ContextOp>) -> Arrival {
        let Some(spec) = plan.node(arrow.to) else {
            let fault = Fault::new("this arrow leads to a node that the drawing does not have");
            return self.fault_on_the_way(plan, arrow, fault, ops);
        };
        if self.closes_circle(arrow.to) {
            self.set_state(arrow.branch, BranchState::Ended);
            return Arrival::Ends;
        }
        if let Err(bound) = self.passes.arrive(plan, arrow.from, arrow.to) {
            return self.fault_on_the_way(plan, arrow, Fault::from(bound), ops);
        }
        if spec.rolls_back && matches!(self.phase, Phase::Forward) {
            self.set_state(arrow.branch, BranchState::Stopped);
            let cause = Cause::Drawn { from: arrow.from, at: arrow.to };
            self.start_rollback(plan, cause, Some(arrow.to), ops);
            Arrival::Ends
        } else {
            self.enter_node(plan, spec, arrow, ops)
        }
    }

    /// Whether a drawn rollback has entered this node before. Its branch ends then, so that a rollback enters
    /// no node twice.
    fn closes_circle(&mut self, node: u32) -> bool {
        match &mut self.phase {
            Phase::DrawnRollback { entered, .. } => !entered.insert(node),
            _ => false,
        }
    }

    fn enter_node(
        &mut self,
        plan: &Plan,
        spec: &'static NodeSpec,
        arrow: Arrow,
        ops: &mut Vec<ContextOp>,
    ) -> Arrival {
        if let Some(branch) = self.branch_mut(arrow.branch) {
            branch.env.moves(plan, Some(arrow.from), arrow.to);
        }
        if let Some(Answered(outcome)) = arrow.answer {
            let visit = self.visit(arrow.branch, arrow.to, None);
            self.record_visit(arrow.to, visit, VisitOutcome::Done);
            self.send(spec, arrow.branch, ops);
            return Arrival::Passes(outcome.and_then(|at| spec.next.get(at..=at)).unwrap_or_default());
        }
        if spec.is_circle() {
            let visit = self.visit(arrow.branch, arrow.to, None);
            self.record_visit(arrow.to, visit, VisitOutcome::Passed);
            if spec.kind == Kind::Start {
                self.bind_input(plan, spec, arrow.branch);
            }
            self.send(spec, arrow.branch, ops);
            if spec.kind == Kind::End {
                self.reach_end(plan, spec, arrow.branch, arrow.to);
                if matches!(self.phase, Phase::Forward) {
                    self.end = Some(arrow.to);
                }
            }
            return Arrival::Passes(spec.next);
        }
        if spec.is_compensation() && !self.enter_compensation(plan, arrow.branch, arrow.to) {
            if let Some(branch) = self.branch_mut(arrow.branch) {
                branch.node = arrow.to;
            }
            self.record_visit(arrow.to, 0, VisitOutcome::NothingToUndo);
            return Arrival::Passes(spec.next);
        }
        if !spec.is_compensation() {
            self.visit(arrow.branch, arrow.to, None);
            self.set_state(arrow.branch, BranchState::Due);
        }
        Arrival::Due
    }

    /// Makes a compensation due for the last visit that it has to undo and that no other branch is undoing.
    /// Returns false if there is none.
    pub(super) fn enter_compensation(&mut self, plan: &Plan, branch: BranchId, compensation: u32) -> bool {
        let undoes = plan.node(compensation).map_or(&[][..], |spec| spec.undoes);
        let taken = |entry| self.branches.iter().any(|branch| branch.is_undoing(entry));
        let Some(entry) = self.ledger.last_of(undoes, taken) else { return false };
        self.visit(branch, compensation, Some(entry));
        self.set_state(branch, BranchState::Due);
        true
    }

    /// Counts a visit of a node and moves the branch there. A retried undo is not counted again.
    pub(super) fn visit(&mut self, id: BranchId, node: u32, undoing: Option<(u32, u32)>) -> u32 {
        let again = undoing.and_then(|entry| self.ledger.undo_of(entry));
        let visit = again.unwrap_or_else(|| self.visits.count(node));
        if let Some(branch) = self.branch_mut(id) {
            (branch.node, branch.visit, branch.undoing) = (node, visit, undoing);
            (branch.attempt, branch.faulted, branch.not_done) = (0, 0, 0);
            (branch.value, branch.inputs) = (None, None);
        }
        visit
    }

    /// Records a fault that is not caused by a step, at the target of the edge.
    fn fault_on_the_way(
        &mut self,
        plan: &Plan,
        arrow: Arrow,
        fault: Fault,
        ops: &mut Vec<ContextOp>,
    ) -> Arrival {
        self.set_state(arrow.branch, BranchState::Ended);
        self.record_visit(arrow.to, 0, VisitOutcome::Faulted);
        let fault = FaultAt { node: arrow.to, visit: 0, fault };
        self.faults.push(fault.clone());
        if matches!(self.phase, Phase::Forward) {
            self.set_state(arrow.branch, BranchState::Stopped);
            self.start_rollback(plan, Cause::Fault(fault), self.fault_entry(plan), ops);
        }
        Arrival::Ends
    }

    /// Whether the branch was stopped or removed since the edge was added.
    fn is_settled_elsewhere(&self, branch: BranchId) -> bool {
        self.begins_no_node() || self.branch(branch).is_none()
    }

    fn begins_no_node(&self) -> bool {
        matches!(
            self.phase,
            Phase::Stopping { .. } | Phase::Inquiry { .. } | Phase::ReverseOrder { .. } | Phase::Ended(_)
        )
    }
}
