//! Finds the joins of forks, and drops the returns of calls.
//!
//! A join is the immediate post-dominator of its fork: the first node that every path from the fork to an
//! exit goes through. Edges by which a run enters its rollback do not count as paths.

use std::collections::{HashMap, HashSet};

use super::rollback::reachable_forward;
use super::{Arrow, Kind, Model, Node, NodeIx};
use crate::graph::{Budget, Dominators, Graph, OverBudget, finishing};

/// How many nodes and edges the search for the joins of forks without a post-dominator may visit.
pub(crate) const BUDGET: usize = 1_000_000;

/// Keeps the first of several edges that lead from a node to the same next one. Outcomes differ by label and
/// stay.
pub(super) fn merge_parallel_edges(model: &mut Model) {
    for node in model.indices() {
        if model[node].kind != Kind::Decision && model[node].next.len() > 1 {
            let mut targets = HashSet::new();
            drop_edges(model, node, |arrow| !targets.insert(arrow.to));
        }
    }
}

fn drop_edges(model: &mut Model, node: NodeIx, mut is_dropped: impl FnMut(&Arrow) -> bool) {
    let dropped: Vec<_> = model[node].next.extract_if(.., |arrow| is_dropped(arrow)).collect();
    model.dropped.extend(dropped.into_iter().map(|arrow| (node, arrow)));
}

/// Drops the returns of calls and sets the join of each fork.
///
/// A return is an edge from a fork straight to a node that every other path from the fork to an exit goes
/// through, whatever its label says. All other edges of a fork are branches and stay.
///
/// The join is the node that the branches have in common without the returns that lead further. An edge to
/// the join itself is a return, too. This is not repeated: an edge that becomes a return once another one is
/// dropped stays a branch.
pub(super) fn find_joins(model: &mut Model) {
    if !model.nodes.iter().any(Node::is_fork) {
        return;
    }
    let flow = ForwardFlow::new(model);
    let post_dominators = PostDominators::new(model, &flow);
    // In other forks a branch ends nowhere, or in a rollback, and without the edge no path may be left.
    let all_leave = flow.all_leave(model);
    let can_call = |model: &Model, fork: NodeIx| model[fork].is_fork() && all_leave[fork.0];
    for fork in model.indices() {
        if !can_call(model, fork) {
            continue;
        }
        let returns = post_dominators.returns(flow.graph.next(fork));
        drop_edges(model, fork, |arrow| {
            returns.contains(&arrow.to) && post_dominators.are_passed(arrow.to, fork)
        });
    }
    let flow = ForwardFlow::new(model);
    let post_dominators = PostDominators::new(model, &flow);
    for (fork, join) in joins(model, &flow, &post_dominators) {
        if can_call(model, fork) && post_dominators.are_passed(join, fork) {
            drop_edges(model, fork, |arrow| arrow.to == join);
        }
        let targets = &model[fork].next;
        let is_join = targets.len() > 1 && targets.iter().all(|arrow| arrow.to != join);
        model[fork].join = is_join.then_some(join);
    }
}

/// The forks that have a join, with the join.
fn joins(model: &Model, flow: &ForwardFlow, post_dominators: &PostDominators) -> Vec<(NodeIx, NodeIx)> {
    let graph = &flow.graph;
    let mut budget = Budget::new(BUDGET);
    let mut first_met = |fork: NodeIx| first_common_node(graph, fork, &mut budget).ok().flatten();
    let mut join = |fork: NodeIx| post_dominators.join(fork, graph).or_else(|| first_met(fork));
    let branches = |fork: &NodeIx| graph.next(*fork).len() > 1;
    model.forks().filter(branches).filter_map(|fork| Some((fork, join(fork)?))).collect()
}

/// Control flow of runs that do not roll back.
pub(crate) struct ForwardFlow {
    /// By node: a run comes there before it rolls back.
    pub(crate) forward: Vec<bool>,
    /// The edges of control without those that enter a rollback.
    pub(crate) before_rollback: Graph,
    /// Of these the ones that can lead to a join: without those from a node that leads out to one that does
    /// not.
    pub(crate) graph: Graph,
    /// By node: a path leads from it to an exit that is no rollback.
    pub(crate) leads_out: Vec<bool>,
}

impl ForwardFlow {
    pub(crate) fn new(model: &Model) -> Self {
        let forward = reachable_forward(model);
        let enters_rollback = |from: NodeIx, to: NodeIx| {
            model[to].is_trigger || (forward[from.0] && model[to].is_compensation() && model[to].rolls_back)
        };
        let before_rollback = model.control().filtered(|from, to| !enters_rollback(from, to));
        // A node of the flow without edges left only leads to a rollback, which is no way out.
        let is_exit = |node: &NodeIx| {
            before_rollback.next(*node).is_empty() && (model[*node].next.is_empty() || !forward[node.0])
        };
        let leads_out = before_rollback.reversed().reachable(model.indices().filter(is_exit), |_| true);
        let graph = before_rollback.filtered(|from, to| !leads_out[from.0] || leads_out[to.0]);
        Self { forward, before_rollback, graph, leads_out }
    }

    /// Does a run leave the flow here? If only rollbacks come next, that is the way out.
    fn is_exit(&self, model: &Model, node: NodeIx) -> bool {
        if self.leads_out[node.0] {
            self.graph.next(node).is_empty()
        } else {
            self.graph.next(node).len() < model[node].next.len()
        }
    }

    /// For each node: do all branches that begin there come to an exit, if decisions choose so?
    fn all_leave(&self, model: &Model) -> Vec<bool> {
        let needs = |node: NodeIx| match model[node].kind {
            _ if self.is_exit(model, node) => 0,
            Kind::Decision => 1,
            _ => model[node].next.len(),
        };
        finishing(&self.graph, model.indices().map(needs).collect())
    }
}

/// The nodes that every path from a node to an exit goes through.
pub(crate) struct PostDominators(Dominators);

impl PostDominators {
    pub(crate) fn new(model: &Model, flow: &ForwardFlow) -> Self {
        let exits = model.indices().filter(|&node| flow.is_exit(model, node));
        Self(Dominators::new(&flow.graph.reversed(), exits))
    }

    /// Does every path from the fork to an exit go through `join`?
    pub(crate) fn are_passed(&self, join: NodeIx, fork: NodeIx) -> bool {
        self.0.dominates(join, fork)
    }

    /// The targets of a fork that every path from its other targets to an exit goes through. Not all targets
    /// are.
    fn returns(&self, targets: &[NodeIx]) -> Vec<NodeIx> {
        let mut targets = targets.to_vec();
        // Targets nearer to the exit come first.
        targets.sort_by_key(|&target| self.0.order(target));
        let Some(last) = targets.pop() else { return targets };
        let are_passed = targets.iter().take_while(|&&target| self.0.dominates(target, last)).count();
        targets.truncate(are_passed);
        targets
    }

    fn join(&self, fork: NodeIx, flow: &Graph) -> Option<NodeIx> {
        // A branch that can only lead back to where it came from never joins the others.
        let leads_back = |&branch: &NodeIx| branch == fork || self.0.dominates(fork, branch);
        let join = self.0.immediate(fork)?;
        (!flow.next(fork).iter().any(leads_back)).then_some(join)
    }
}

/// The node that all branches of a fork reach in the fewest steps. `None` if there is no such node.
///
/// # Errors
///
/// [`OverBudget`] if the search visits more nodes and edges than `budget` allows.
pub(crate) fn first_common_node(
    flow: &Graph,
    fork: NodeIx,
    budget: &mut Budget,
) -> Result<Option<NodeIx>, OverBudget> {
    let branches = flow.next(fork).len();
    let mut level: Vec<_> = flow.next(fork).iter().copied().enumerate().collect();
    let mut seen: HashSet<_> = level.iter().copied().collect();
    let mut reached_by: HashMap<NodeIx, usize> = HashMap::new();
    let cost = |level: &[(usize, NodeIx)]| level.iter().map(|&(_, node)| 1 + flow.next(node).len()).sum();
    while !level.is_empty() {
        budget.spend(cost(&level))?;
        for &(_, node) in &level {
            *reached_by.entry(node).or_default() += 1;
        }
        let met = level.iter().map(|&(_, node)| node).filter(|node| reached_by[node] == branches).min();
        if met.is_some() {
            return Ok(met);
        }
        let onward =
            level.iter().flat_map(|&(branch, node)| flow.next(node).iter().map(move |&n| (branch, n)));
        level = onward.filter(|&(branch, node)| node != fork && seen.insert((branch, node))).collect();
    }
    Ok(None)
}
