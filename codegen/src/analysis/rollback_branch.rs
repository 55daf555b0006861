use std::collections::HashSet;

use crate::graph::{Budget, Graph, NodeIx, finishing, shortest_path};
use crate::model::joins::{BUDGET, ForwardFlow};
use crate::model::rollback::entry_nodes;
use crate::model::{Kind, Model, Node};

/// A branch that always rolls the run back, beside one that does not.
pub(crate) struct RollbackBranch {
    pub(crate) fork: NodeIx,
    /// From the fork to the node at which the rollback begins; empty if the search for it was stopped.
    pub(crate) path: Vec<NodeIx>,
}

/// The first such branch of each fork that a run comes to before another one rolls it back. Takes linear
/// time, and bounded time for the paths. `finishes` tells which nodes a run comes from to an end or into a
/// rollback.
pub(super) fn rollback_branches(model: &Model, finishes: &[bool]) -> Vec<RollbackBranch> {
    if !model.nodes.iter().any(Node::is_fork) || !model.nodes.iter().any(Node::is_compensation) {
        return Vec::new();
    }
    let ForwardFlow { forward, before_rollback: flow, .. } = ForwardFlow::new(model);
    let control = model.control();
    let begins_rollback = |node: NodeIx| model[node].begins_rollback();
    let completes = completes(model, &control);
    let straight = leads_straight_to_rollback(model);
    let always_rolls_back =
        |branch: NodeIx| begins_rollback(branch) || finishes[branch.0] && !completes[branch.0];
    let mut budget = Budget::new(BUDGET);
    let mut found = Vec::new();
    for fork in model.forks().filter(|&fork| forward[fork.0]) {
        let branches = control.next(fork);
        let count = |is: &dyn Fn(NodeIx) -> bool| branches.iter().filter(|&&branch| is(branch)).count();
        let stops_others = [count(&always_rolls_back), count(&|branch| straight[branch.0])]
            .iter()
            .any(|&n| n > 0 && n < branches.len());
        if !stops_others {
            // There is no such branch, or only the beginning of the rollback is drawn there.
            continue;
        }
        let sources = branches.iter().copied().filter(|&branch| always_rolls_back(branch));
        let path = match shortest_path(&control, sources, begins_rollback, |_| true, &mut budget) {
            Ok(None) => continue,
            Ok(Some(path)) => std::iter::once(fork).chain(path).collect(),
            Err(_) => Vec::new(),
        };
        found.push(RollbackBranch { fork, path });
    }
    if found.is_empty() {
        return found;
    }
    let rolls_back: HashSet<_> = found.iter().map(|branch| branch.fork).collect();
    let first = flow.filtered(|from, _| !rolls_back.contains(&from)).reachable(entry_nodes(model), |_| true);
    found.retain(|branch| first[branch.fork.0]);
    found
}

/// For each node: can a run that is there come to an end without a rollback, in all its branches?
fn completes(model: &Model, control: &Graph) -> Vec<bool> {
    let needs = |node: NodeIx| match control.next(node).len() {
        _ if model[node].begins_rollback() => usize::MAX,
        edges if model[node].kind == Kind::Decision => edges.min(1),
        edges => edges,
    };
    finishing(control, model.indices().map(needs).collect())
}

/// For each node: does a run come from there into a rollback before any work?
pub(super) fn leads_straight_to_rollback(model: &Model) -> Vec<bool> {
    let entries = model.indices().filter(|&node| model[node].begins_rollback());
    let passed = |node: NodeIx| match model[node].next.as_slice() {
        [only] if model[node].kind == Kind::Milestone => Some((only.to, node)),
        _ => None,
    };
    let back: Vec<_> = model.indices().filter_map(passed).collect();
    Graph::new(model.nodes.len(), &back).reachable(entries, |_| true)
}
