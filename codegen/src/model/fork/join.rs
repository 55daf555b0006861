//! Joins are immediate post-dominators: the first node that every walk from the fork to an exit
//! goes through. Arrows by which a run enters its rollback are no way to a join and left out.

use std::collections::{HashMap, HashSet};

use crate::model::budget::Budget;
use crate::model::compensation::forward;
use crate::model::dominators::Dominators;
use crate::model::graph::Graph;
use crate::model::{Model, Node, NodeIx};

/// How many nodes and arrows the forks without a post-dominator may look at, all together. Past it
/// they stay without a join.
pub(super) const BUDGET: usize = 1_000_000;

/// The forks that have a join.
pub(super) fn find(model: &Model) -> Vec<(NodeIx, NodeIx)> {
    if !model.nodes.iter().any(Node::is_fork) {
        return Vec::new();
    }
    let forward = forward(model);
    let flow = without_rollback(model, &forward);
    let past = PostDominators::of(model, &flow, &forward);
    let mut budget = Budget::new(BUDGET);
    let mut met = |fork: NodeIx| first_met(&flow, fork, &mut budget).node();
    let mut join = |fork: NodeIx| past.join(fork, &flow).or_else(|| met(fork));
    let branches = |fork: &NodeIx| model[*fork].is_fork() && flow.next(*fork).len() > 1;
    model.indices().filter(branches).filter_map(|fork| Some((fork, join(fork)?))).collect()
}

/// The arrows of control, without those that lead from the flow into its rollback.
pub(super) fn without_rollback(model: &Model, forward: &[bool]) -> Graph {
    let enters_rollback = |from: NodeIx, to: NodeIx| {
        model[to].is_trigger || (forward[from.0] && model[to].is_compensation() && model[to].rolls_back)
    };
    let control = Graph::control(model);
    let arrows: Vec<_> = control.arrows().filter(|&(from, to)| !enters_rollback(from, to)).collect();
    Graph::new(model.nodes.len(), &arrows)
}

/// What every walk from a node to an exit goes through.
pub(super) struct PostDominators {
    dominators: Dominators,
    /// Stands behind all exits.
    out: NodeIx,
}

impl PostDominators {
    pub(super) fn of(model: &Model, flow: &Graph, forward: &[bool]) -> Self {
        // A node of the flow that has lost all its arrows only leads to a rollback: no way out.
        let is_exit =
            |node: &NodeIx| flow.next(*node).is_empty() && (model[*node].next.is_empty() || !forward[node.0]);
        let out = NodeIx(flow.len());
        let mut back: Vec<_> = flow.arrows().map(|(from, to)| (to, from)).collect();
        back.extend(model.indices().filter(is_exit).map(|exit| (out, exit)));
        Self { dominators: Dominators::of(&Graph::new(flow.len() + 1, &back), out), out }
    }

    /// Does every walk from the fork to an exit go through `join`?
    pub(super) fn is_passed(&self, join: NodeIx, fork: NodeIx) -> bool {
        self.dominators.dominates(join, fork)
    }

    fn join(&self, fork: NodeIx, flow: &Graph) -> Option<NodeIx> {
        // A branch that can only go back to where it came from never joins the others.
        let leads_back = |&branch: &NodeIx| self.dominators.dominates(fork, branch);
        let join = self.dominators.immediate(fork).filter(|&join| join != self.out)?;
        (!flow.next(fork).iter().any(leads_back)).then_some(join)
    }
}

/// What a search for the node at which branches meet has found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    At(NodeIx),
    Nowhere,
    /// The search was given up.
    Unknown,
}

impl Met {
    fn node(self) -> Option<NodeIx> {
        match self {
            Self::At(node) => Some(node),
            Self::Nowhere | Self::Unknown => None,
        }
    }
}

/// The node that all branches of a fork reach in the fewest steps.
pub(super) fn first_met(flow: &Graph, fork: NodeIx, budget: &mut Budget) -> Met {
    let branches = flow.next(fork).len();
    let mut level: Vec<_> = flow.next(fork).iter().copied().enumerate().collect();
    let mut seen: HashSet<_> = level.iter().copied().collect();
    let mut reached_by: HashMap<NodeIx, usize> = HashMap::new();
    let cost = |level: &[(usize, NodeIx)]| level.iter().map(|&(_, node)| 1 + flow.next(node).len()).sum();
    while !level.is_empty() {
        if !budget.spend(cost(&level)) {
            return Met::Unknown;
        }
        for &(_, node) in &level {
            *reached_by.entry(node).or_default() += 1;
        }
        let met = level.iter().map(|&(_, node)| node).filter(|node| reached_by[node] == branches).min();
        if let Some(met) = met {
            return Met::At(met);
        }
        let onward =
            level.iter().flat_map(|&(branch, node)| flow.next(node).iter().map(move |&n| (branch, n)));
        level = onward.filter(|&(branch, node)| node != fork && seen.insert((branch, node))).collect();
    }
    Met::Nowhere
}
