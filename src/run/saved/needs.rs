//! Values that a run would miss in another drawing.
//!
//! The check of the drawing has shown that every path from a start gives what a node takes. A migrated run did not
//! begin at a start of this drawing, so it may lack a value that a node behind it would have got. These functions
//! follow all paths from the position of a run on which no node gives the missing value.

use std::collections::BTreeSet;

use super::restore_error::{Change, Changed};
use crate::plan::{Kind, NodeSpec, Plan, Take};
use crate::routing::{Route, Routes};
use crate::run::branch::{Branch, BranchId, BranchState};
use crate::run::state::{Phase, State};

/// The nodes that a run can reach, or is at, and whose inputs it cannot have. The state has the nodes and names of
/// this plan.
pub(super) fn missing(state: &State, plan: &Plan) -> Vec<Changed> {
    let answered = answered(state, plan);
    if !answered.is_empty() {
        return answered;
    }
    let mut missing = Vec::new();
    for (at, text) in (0..).zip(plan.names) {
        let mut search = Search { state, plan, name: at, misses: BTreeSet::new(), open: BTreeSet::new() };
        search.run();
        let nodes = search.misses.iter().filter_map(|node| plan.node(*node));
        let change = Change::Misses { name: (*text).to_owned() };
        missing.extend(nodes.map(|node| changed(node, change.clone())));
    }
    missing
}

/// The active decisions that a step answers in this plan: their own method is gone.
fn answered(state: &State, plan: &Plan) -> Vec<Changed> {
    let active = state.branches.iter().filter(|branch| branch.is_at_work());
    let answered = active.filter_map(|branch| {
        let step = plan.nodes.iter().find(|step| step.fused == Some(branch.node))?;
        let change = Change::Other {
            what: "as its answer",
            was: "that of its own method".to_owned(),
            is: format!("that of `{}` ({})", step.label, step.id),
        };
        Some(changed(plan.node(branch.node)?, change))
    });
    answered.collect()
}

fn changed(node: &NodeSpec, change: Change) -> Changed {
    Changed { id: node.id.to_owned(), label: node.label.to_owned(), change }
}

/// A search for the nodes that take one name and can be reached without it.
struct Search<'s> {
    state: &'s State,
    plan: &'s Plan,
    name: u32,
    /// The nodes that take the name, and would miss it.
    misses: BTreeSet<u32>,
    /// The forks whose branches are being followed.
    open: BTreeSet<u32>,
}

impl Search<'_> {
    fn run(&mut self) {
        for entry in self.state.ledger.pending() {
            if let Some(compensation) = self.plan.undone_by(entry.node)
                && self.takes(compensation)
                && !has(entry.inputs(), self.name)
            {
                self.misses.insert(compensation);
            }
        }
        match &self.state.phase {
            Phase::ReverseOrder { .. } | Phase::Ended(_) => return,
            Phase::Stopping { entry, .. } | Phase::Inquiry { entry, .. } => return self.enter(*entry),
            Phase::Forward if !self.state.detached => self.enter(self.plan.trigger),
            Phase::Forward | Phase::DrawnRollback { .. } => {}
        }
        self.branch(0, None);
    }

    /// Follows the paths from a trigger. It sees what any branch sees.
    fn enter(&mut self, entry: Option<u32>) {
        if self.state.branches.iter().all(|branch| self.is_unbound(branch)) {
            self.walk(entry.into_iter().collect(), None);
        }
    }

    /// Follows the paths of a branch to `stop`, its join. Returns whether it gets there without the name; `None` if
    /// it does not get there.
    fn branch(&mut self, id: BranchId, stop: Option<u32>) -> Option<bool> {
        let branch = self.state.branch(id)?;
        match branch.state {
            BranchState::Joined => Some(self.is_unbound(branch)),
            BranchState::Forked { join } => {
                let children = self.state.branches.iter().filter(|child| child.parent == Some(id));
                let children: Vec<BranchId> = children.map(|child| child.id).collect();
                let arrive = children.into_iter().map(|child| self.branch(child, join)).collect();
                self.after_join(arrive, join, stop)
            }
            _ if branch.is_at_work() && self.is_unbound(branch) => {
                let is_own = branch.undoing.is_none() && !branch.is_inquiry;
                if is_own && self.takes(branch.node) {
                    self.misses.insert(branch.node);
                }
                let next = self.leave(branch.node);
                Some(self.walk(next, stop)).filter(|_| self.reaches(branch.node, stop))
            }
            _ if branch.is_at_work() => Some(false).filter(|_| self.reaches(branch.node, stop)),
            _ => None,
        }
    }

    /// Continues behind a join, if every branch that arrives there does not have the name.
    fn after_join(
        &mut self,
        arrive: Vec<Option<bool>>,
        join: Option<u32>,
        stop: Option<u32>,
    ) -> Option<bool> {
        let mut arrive = arrive.into_iter().flatten().peekable();
        let (join, _) = (join?, arrive.peek()?);
        let is_without = arrive.all(|is_without| is_without);
        if Some(join) == stop {
            return Some(is_without);
        }
        Some(is_without && self.walk(vec![join], stop))
    }

    /// Follows all paths from these nodes on which no node gives the name. Returns whether one reaches `stop`.
    fn walk(&mut self, mut waiting: Vec<u32>, stop: Option<u32>) -> bool {
        let mut reaches_stop = false;
        let mut seen = BTreeSet::new();
        while let Some(node) = waiting.pop() {
            if Some(node) == stop {
                reaches_stop = true;
                continue;
            }
            let Some(spec) = self.plan.node(node).filter(|_| seen.insert(node)) else { continue };
            if !spec.is_compensation() && self.takes(node) {
                self.misses.insert(node);
            }
            waiting.extend(self.leave(node));
        }
        reaches_stop
    }

    /// The nodes at which control continues behind a node without the name. Behind a fork, that is its join, unless a
    /// branch gives the name.
    fn leave(&mut self, node: u32) -> Vec<u32> {
        let next = self.next_without(node);
        let is_fork = |spec: &NodeSpec| spec.kind != Kind::Decision && spec.next.len() > 1;
        let join = self.plan.node(node).filter(|spec| is_fork(spec)).and_then(|spec| spec.join);
        let Some(join) = join.filter(|_| self.open.insert(node)) else { return next };
        let mut arrive = Vec::new();
        for head in next {
            let is_without = self.walk(vec![head], Some(join));
            if head == join || self.reaches(head, Some(join)) {
                arrive.push(is_without);
            }
        }
        self.open.remove(&node);
        if !arrive.is_empty() && arrive.into_iter().all(|is_without| is_without) {
            vec![join]
        } else {
            Vec::new()
        }
    }

    /// The nodes that control reaches from a node without a value of the name.
    fn next_without(&self, node: u32) -> Vec<u32> {
        let Some(spec) = self.plan.node(node) else { return Vec::new() };
        let gives = |at: usize| spec.gives.get(at).is_some_and(|output| output.name == Some(self.name));
        match spec.fused.and_then(|decision| self.plan.node(decision)) {
            Some(decision) => {
                let next = decision.next.iter().enumerate();
                next.filter(|(outcome, _)| !gives(*outcome)).map(|(_, next)| *next).collect()
            }
            None if gives(0) => Vec::new(),
            None => spec.next.to_vec(),
        }
    }

    /// Whether control can reach a node at all.
    fn reaches(&self, from: u32, stop: Option<u32>) -> bool {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![from];
        while let Some(node) = waiting.pop() {
            let next = self.plan.node(node).map_or(&[][..], |spec| spec.next);
            if next.iter().any(|next| Some(*next) == stop) {
                return true;
            }
            waiting.extend(next.iter().filter(|next| seen.insert(**next)));
        }
        false
    }

    /// Whether a node takes the name, neither as optional nor as a list.
    fn takes(&self, node: u32) -> bool {
        let is_needed = |take: &Take| matches!(take, Take::One(of) | Take::ByValue(of) if *of == self.name);
        self.plan.node(node).is_some_and(|spec| spec.takes.iter().any(is_needed))
    }

    fn is_unbound(&self, branch: &Branch) -> bool {
        branch.env.latest(self.name).is_none()
    }
}

fn has(inputs: &Routes, name: u32) -> bool {
    let is_of_name = |route: &Route| matches!(route, Route::One(of, Some(_)) if *of == name);
    inputs.as_deref().unwrap_or_default().iter().any(is_of_name)
}
