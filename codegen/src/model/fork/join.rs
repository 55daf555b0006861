//! Joins are immediate post-dominators: the first node that every walk from the fork to an exit
//! goes through. Arrows by which a run enters its rollback are no way to a join and left out.

use std::collections::{HashMap, HashSet};

use super::flow::Flow;
use crate::model::budget::Budget;
use crate::model::dominators::Dominators;
use crate::model::graph::Graph;
use crate::model::{Model, NodeIx};

/// How many nodes and arrows the forks without a post-dominator may look at, all together. Past it
/// they stay without a join.
pub(super) const BUDGET: usize = 1_000_000;

/// The forks that have a join.
pub(super) fn find(model: &Model, flow: &Flow, past: &PostDominators) -> Vec<(NodeIx, NodeIx)> {
    let graph = &flow.graph;
    let mut budget = Budget::new(BUDGET);
    let mut met = |fork: NodeIx| first_met(graph, fork, &mut budget).node();
    let mut join = |fork: NodeIx| past.join(fork, graph).or_else(|| met(fork));
    let branches = |fork: &NodeIx| model[*fork].is_fork() && graph.next(*fork).len() > 1;
    model.indices().filter(branches).filter_map(|fork| Some((fork, join(fork)?))).collect()
}

/// What every walk from a node to an exit goes through.
pub(super) struct PostDominators {
    dominators: Dominators,
    /// Stands behind all exits.
    out: NodeIx,
}

impl PostDominators {
    pub(super) fn of(model: &Model, flow: &Flow) -> Self {
        let graph = &flow.graph;
        let out = NodeIx(graph.len());
        let mut back: Vec<_> = graph.arrows().map(|(from, to)| (to, from)).collect();
        back.extend(model.indices().filter(|&node| flow.is_exit(model, node)).map(|exit| (out, exit)));
        Self { dominators: Dominators::of(&Graph::new(graph.len() + 1, &back), out), out }
    }

    /// Does every walk from the fork to an exit go through `join`?
    pub(super) fn is_passed(&self, join: NodeIx, fork: NodeIx) -> bool {
        self.dominators.dominates(join, fork)
    }

    /// The targets of a fork that every walk from its other targets to an exit goes through. Not all of
    /// the targets are.
    pub(super) fn returns(&self, targets: &[NodeIx]) -> Vec<NodeIx> {
        let mut targets = targets.to_vec();
        // What is nearer to the exit comes first.
        targets.sort_by_key(|&target| self.dominators.order(target));
        let Some(last) = targets.pop() else { return targets };
        let are_passed =
            targets.iter().take_while(|&&target| self.dominators.dominates(target, last)).count();
        targets.truncate(are_passed);
        targets
    }

    fn join(&self, fork: NodeIx, flow: &Graph) -> Option<NodeIx> {
        // A branch that can only go back to where it came from never joins the others.
        let leads_back = |&branch: &NodeIx| branch == fork || self.dominators.dominates(fork, branch);
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
