//! Nodes that several branches of one fork reach before they join.
//!
//! The search does as runs do: it enters a branch at a fork and leaves it at the fork's join. For each node
//! it collects the sets of branches in which a run can be there. In a sound drawing that is one set for
//! nearly every node, and the search takes linear time; for other drawings it is bounded.

use std::collections::{HashMap, VecDeque};

use super::branches::{Branches, Relation};
use super::rollback_branch::leads_straight_to_rollback;
use crate::graph::{Budget, Graph, NodeIx, shortest_path};
use crate::model::joins::{BUDGET, ForwardFlow, PostDominators};
use crate::model::rollback::entry_nodes;
use crate::model::{Model, Node};

/// A node that two branches of a fork reach before they join.
pub(crate) struct SharedNode {
    pub(crate) fork: NodeIx,
    pub(crate) node: NodeIx,
    /// From the fork to the node, by one branch and by the other; empty if the search was stopped.
    pub(crate) paths: [Vec<NodeIx>; 2],
}

/// Finds shared nodes, of nodes that follow each other only the first, and returns the forks for which the
/// search was stopped beside them.
///
/// Leaves out forks with a branch that ends alone, or never: it is unknown how they will be fixed. `finishes`
/// tells which nodes a run comes from to an end or into a rollback.
pub(super) fn shared_nodes(model: &Model, finishes: &[bool]) -> (Vec<SharedNode>, Vec<NodeIx>) {
    if !model.nodes.iter().any(Node::is_fork) {
        return (Vec::new(), Vec::new());
    }
    let flow = ForwardFlow::new(model);
    let post_dominators = PostDominators::new(model, &flow);
    let splits = |fork: NodeIx| {
        let joins = model[fork].join.is_some_and(|join| post_dominators.are_passed(join, fork));
        model[fork].is_fork() && finishes[fork.0] && (joins || !flow.leads_out[fork.0])
    };
    let splits: Vec<_> = model.indices().map(splits).collect();
    let search = Search {
        model,
        graph: &flow.before_rollback,
        splits: &splits,
        rolls_back: &leads_straight_to_rollback(model),
        branches: Branches::default(),
        first: vec![None; model.nodes.len()],
        more: HashMap::new(),
        open: VecDeque::new(),
        budget: Budget::new(BUDGET),
        met: Vec::new(),
        undecided: Vec::new(),
    };
    search.run()
}

/// Two branches of a fork, by the nodes at which they begin, and a node that both reach.
struct Meeting {
    fork: NodeIx,
    node: NodeIx,
    branches: [NodeIx; 2],
}

struct Search<'a> {
    model: &'a Model,
    graph: &'a Graph,
    /// By node: a fork whose branches the search distinguishes.
    splits: &'a [bool],
    /// By node: a rollback comes next, before any work.
    rolls_back: &'a [bool],
    branches: Branches,
    /// By node: the set of branches in which a run came there first.
    first: Vec<Option<usize>>,
    /// By node: the other sets in which a run can be there.
    more: HashMap<NodeIx, Vec<usize>>,
    open: VecDeque<(NodeIx, usize)>,
    budget: Budget,
    met: Vec<Meeting>,
    undecided: Vec<NodeIx>,
}

impl Search<'_> {
    fn run(mut self) -> (Vec<SharedNode>, Vec<NodeIx>) {
        for entry in entry_nodes(self.model) {
            self.arrive(entry, Branches::NONE);
        }
        while let Some((node, within)) = self.open.pop_front() {
            for &next in self.graph.next(node) {
                let join = self.model[node].join;
                let enters_branch = self.splits[node.0] && Some(next) != join;
                let within =
                    if enters_branch { self.branches.enter(within, node, next, join) } else { within };
                self.arrive(next, within);
            }
        }
        let mut undecided = std::mem::take(&mut self.undecided);
        undecided.sort_unstable();
        undecided.dedup();
        (self.found(), undecided)
    }

    /// A run comes to a node in these branches.
    fn arrive(&mut self, node: NodeIx, within: usize) {
        if self.rolls_back[node.0] {
            return;
        }
        let within = self.branches.join(within, node);
        let Some(first) = self.first[node.0] else {
            self.first[node.0] = Some(within);
            self.open.push_back((node, within));
            return;
        };
        let others = self.more.get(&node).map_or(&[][..], Vec::as_slice);
        for &other in [first].iter().chain(others) {
            match self.branches.relation(other, within) {
                Relation::Same => return,
                Relation::Apart { fork, branches } => {
                    self.met.push(Meeting { fork, node, branches });
                    return;
                }
                // A branch that leads back to its fork comes to all the other branches.
                Relation::Inner { fork, branch } if fork == node => {
                    let mut targets = self.graph.next(fork).iter().copied();
                    let met =
                        targets.find(|&target| target != branch && Some(target) != self.model[fork].join);
                    self.met.extend(met.map(|node| Meeting { fork, node, branches: [node, branch] }));
                    return;
                }
                Relation::Inner { .. } | Relation::Other => {}
            }
        }
        if self.budget.spend(1 + others.len() + self.graph.next(node).len()).is_ok() {
            self.more.entry(node).or_default().push(within);
            self.open.push_back((node, within));
        } else {
            self.undecided.extend(self.branches.fork(within).or_else(|| self.branches.fork(first)));
        }
    }

    /// The meetings without those that follow from others: all nodes between a shared node and the join are
    /// shared.
    fn found(mut self) -> Vec<SharedNode> {
        let mut follows = vec![false; self.graph.len()];
        let mut found = Vec::new();
        for Meeting { fork, node, branches } in std::mem::take(&mut self.met) {
            let join = self.model[fork].join;
            if follows[node.0] {
                continue;
            }
            let mut open = vec![node];
            while let Some(node) = open.pop() {
                if Some(node) != join && !std::mem::replace(&mut follows[node.0], true) {
                    open.extend(self.graph.next(node));
                }
            }
            let paths = branches.map(|branch| self.path(fork, branch, node));
            found.push(SharedNode { fork, node, paths });
        }
        found
    }

    /// The shortest path from a fork to a node by one of its branches, before the join; empty over the
    /// budget.
    fn path(&mut self, fork: NodeIx, branch: NodeIx, node: NodeIx) -> Vec<NodeIx> {
        let join = self.model[fork].join;
        let enter = |at: NodeIx| Some(at) != join;
        match shortest_path(self.graph, [branch], |at| at == node, enter, &mut self.budget) {
            Ok(Some(path)) => std::iter::once(fork).chain(path).collect(),
            Ok(None) | Err(_) => Vec::new(),
        }
    }
}
