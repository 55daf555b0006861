use std::collections::{HashMap, HashSet, VecDeque};

use super::flow::Flow;
use super::join::BUDGET;
use crate::model::budget::Budget;
use crate::model::compensation::beginnings;
use crate::model::finishing::finishing;
use crate::model::graph::Graph;
use crate::model::{Kind, Model, Node, NodeIx};

/// A branch that leads nowhere but into a rollback, beside one that leads on.
pub(crate) struct Doomed {
    pub(crate) fork: NodeIx,
    /// From the fork to where the rollback begins; empty where that was not looked for any more.
    pub(crate) walk: Vec<NodeIx>,
}

/// The first such branch of each fork that a run comes to before it is rolled back by another one.
/// Linear but for the walks, which are bounded. `finishes` says of which nodes a run comes to an end or into
/// a rollback.
pub(crate) fn doomed(model: &Model, finishes: &[bool]) -> Vec<Doomed> {
    if !model.nodes.iter().any(Node::is_fork) || !model.nodes.iter().any(Node::is_compensation) {
        return Vec::new();
    }
    let Flow { forward, before_rollback: flow, .. } = Flow::of(model);
    let control = Graph::control(model);
    let begins_rollback = |node: NodeIx| model[node].is_trigger || model[node].rolls_back;
    let completes = completes(model, &control, begins_rollback);
    let straight = straight(model);
    let is_lost = |branch: NodeIx| begins_rollback(branch) || finishes[branch.0] && !completes[branch.0];
    let mut budget = Budget::new(BUDGET);
    let mut doomed = Vec::new();
    for fork in model.indices().filter(|&node| forward[node.0] && model[node].is_fork()) {
        let branches = control.next(fork);
        let count = |is: &dyn Fn(NodeIx) -> bool| branches.iter().filter(|&&branch| is(branch)).count();
        let stops_others = [count(&is_lost), count(&|branch| straight[branch.0])]
            .iter()
            .any(|&n| n > 0 && n < branches.len());
        if !stops_others {
            // No such branch, or nothing else is drawn there than how the rollback begins.
            continue;
        }
        let lost = branches.iter().copied().filter(|&branch| is_lost(branch));
        if let Some(mut walk) = walk(&control, lost, begins_rollback, &mut budget) {
            if !walk.is_empty() {
                walk.insert(0, fork);
            }
            doomed.push(Doomed { fork, walk });
        }
    }
    if doomed.is_empty() {
        return doomed;
    }
    let is_doomed: HashSet<_> = doomed.iter().map(|doomed| doomed.fork).collect();
    let arrows: Vec<_> = flow.arrows().filter(|(from, _)| !is_doomed.contains(from)).collect();
    let first = Graph::new(flow.len(), &arrows).reach(beginnings(model), |_| true);
    doomed.into_iter().filter(|doomed| first[doomed.fork.0]).collect()
}

/// For each node: can a run that is there come to an end without a rollback, in all its branches?
fn completes(model: &Model, control: &Graph, begins_rollback: impl Fn(NodeIx) -> bool) -> Vec<bool> {
    let needs = |node: NodeIx| match control.next(node).len() {
        _ if begins_rollback(node) => usize::MAX,
        arrows if model[node].kind == Kind::Decision => arrows.min(1),
        arrows => arrows,
    };
    finishing(control, model.indices().map(needs).collect())
}

/// For each node: does a run come from there into a rollback before anything is done?
pub(super) fn straight(model: &Model) -> Vec<bool> {
    let entries = model.indices().filter(|&node| model[node].is_trigger || model[node].rolls_back);
    let passed = |node: NodeIx| match model[node].next.as_slice() {
        [only] if model[node].kind == Kind::Milestone => Some((only.to, node)),
        _ => None,
    };
    let back: Vec<_> = model.indices().filter_map(passed).collect();
    Graph::new(model.nodes.len(), &back).reach(entries, |_| true)
}

/// The shortest walk from one of the branches into a rollback; empty past the budget.
fn walk(
    control: &Graph,
    branches: impl Iterator<Item = NodeIx>,
    begins_rollback: impl Fn(NodeIx) -> bool,
    budget: &mut Budget,
) -> Option<Vec<NodeIx>> {
    let mut open: VecDeque<_> = branches.collect();
    let mut before: HashMap<NodeIx, NodeIx> = open.iter().map(|&branch| (branch, branch)).collect();
    while let Some(node) = open.pop_front() {
        if begins_rollback(node) {
            let back =
                std::iter::successors(Some(node), |at| before.get(at).copied().filter(|next| next != at));
            let mut walk: Vec<_> = back.collect();
            walk.reverse();
            return Some(walk);
        }
        if !budget.spend(1 + control.next(node).len()) {
            return Some(Vec::new());
        }
        for &next in control.next(node) {
            before.entry(next).or_insert_with(|| {
                open.push_back(next);
                node
            });
        }
    }
    None
}
