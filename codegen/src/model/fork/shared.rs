//! Nodes that several branches of one fork reach before they join.
//!
//! The search does what runs do: it enters a branch at a fork and leaves it at the fork's join. It notes for
//! each node in which branches a run can be there. In a sound drawing that is one set of branches for nearly
//! every node, so the search is linear there; it is bounded for all other drawings.

use std::collections::{HashMap, HashSet, VecDeque};

use super::branches::{Branches, Relation};
use super::doomed::straight;
use super::flow::Flow;
use super::join::{BUDGET, PostDominators};
use crate::model::budget::Budget;
use crate::model::compensation::beginnings;
use crate::model::graph::Graph;
use crate::model::{Model, Node, NodeIx};

/// A node that two branches of a fork reach before they join.
pub(crate) struct SharedNode {
    pub(crate) fork: NodeIx,
    pub(crate) node: NodeIx,
    /// From the fork to the node, by one branch and by the other; empty where the search was given up.
    pub(crate) walks: [Vec<NodeIx>; 2],
}

/// What is known of the nodes that branches share.
#[derive(Default)]
pub(crate) struct Shared {
    /// Of nodes that follow each other only the first.
    pub(crate) found: Vec<SharedNode>,
    /// The forks at which the search was given up.
    pub(crate) undecided: Vec<NodeIx>,
}

/// Looks for shared nodes. Forks of which a branch ends alone, or never, are left out: what they are to
/// become is not known. `finishes` says of which nodes a run comes to an end or into a rollback.
pub(crate) fn shared(model: &Model, finishes: &[bool]) -> Shared {
    if !model.nodes.iter().any(Node::is_fork) {
        return Shared::default();
    }
    let flow = Flow::of(model);
    let past = PostDominators::of(model, &flow);
    let splits = |fork: NodeIx| {
        let joins = model[fork].join.is_some_and(|join| past.is_passed(join, fork));
        model[fork].is_fork() && finishes[fork.0] && (joins || !flow.leads_out[fork.0])
    };
    let splits: Vec<_> = model.indices().map(splits).collect();
    let search = Search {
        model,
        graph: &flow.before_rollback,
        splits: &splits,
        rolls_back: &straight(model),
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
    /// By node: nothing is done there any more before a rollback.
    rolls_back: &'a [bool],
    branches: Branches,
    /// By node: the branches in which a run came there first.
    first: Vec<Option<usize>>,
    /// The others in which it can be there, too.
    more: HashMap<NodeIx, Vec<usize>>,
    open: VecDeque<(NodeIx, usize)>,
    budget: Budget,
    met: Vec<Meeting>,
    undecided: Vec<NodeIx>,
}

impl Search<'_> {
    fn run(mut self) -> Shared {
        for beginning in beginnings(self.model) {
            self.arrive(beginning, Branches::NONE);
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
        Shared { found: self.found(), undecided }
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
        if self.budget.spend(1 + others.len() + self.graph.next(node).len()) {
            self.more.entry(node).or_default().push(within);
            self.open.push_back((node, within));
        } else {
            self.undecided.extend(self.branches.fork(within).or_else(|| self.branches.fork(first)));
        }
    }

    /// What was met, without what follows from it: behind a shared node, before the join, all is shared.
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
            let walks = branches.map(|branch| self.walk(fork, branch, node).unwrap_or_default());
            found.push(SharedNode { fork, node, walks });
        }
        found
    }

    /// The shortest walk from a fork to a node by one of its branches, before the join.
    fn walk(&mut self, fork: NodeIx, branch: NodeIx, node: NodeIx) -> Option<Vec<NodeIx>> {
        let join = self.model[fork].join;
        let mut before: HashMap<NodeIx, NodeIx> = HashMap::new();
        let mut seen = HashSet::from([branch]);
        let mut open = VecDeque::from([branch]);
        while let Some(at) = open.pop_front() {
            if at == node {
                let mut walk: Vec<_> =
                    std::iter::successors(Some(at), |at| before.get(at).copied()).collect();
                walk.push(fork);
                walk.reverse();
                return Some(walk);
            }
            if !self.budget.spend(1 + self.graph.next(at).len()) {
                return None;
            }
            for &next in self.graph.next(at) {
                if Some(next) != join && seen.insert(next) {
                    before.insert(next, at);
                    open.push_back(next);
                }
            }
        }
        None
    }
}
