//! Directed graphs over node indexes, and the algorithms that the model and the analysis need.
//!
//! Nothing here knows what a node is, so all of it is tested without drawings. Every algorithm takes linear
//! or near-linear time, or a [`Budget`], and no recursion: drawings have up to a million nodes.
//!
//! petgraph was considered: its dominators (Cooper, Harvey and Kennedy) are quadratic on long lines with
//! edges back to their beginning, it has none of the other algorithms but components, and every user of
//! `flow!` would compile it.

mod budget;
mod cycles;
mod dominators;
mod finishing;
mod paths;
mod target_reachability;

pub(crate) use budget::{Budget, OverBudget};
pub(crate) use cycles::{cycles_without_exit, one_cycle_per_sink};
pub(crate) use dominators::Dominators;
pub(crate) use finishing::finishing;
pub(crate) use paths::{ShortestPaths, shortest_path};
pub(crate) use target_reachability::{TargetReachability, is_beside};

/// The index of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeIx(pub usize);

/// A directed graph. The successors of all nodes lie in one block of memory.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    /// The successors of node `n` are `targets[first[n]..first[n + 1]]`.
    first: Vec<usize>,
    targets: Vec<NodeIx>,
}

impl Graph {
    /// A graph of `nodes` nodes. Edges that leave one node keep their order.
    pub(crate) fn new(nodes: usize, edges: &[(NodeIx, NodeIx)]) -> Self {
        let mut first = vec![0; nodes + 1];
        for (from, _) in edges {
            first[from.0 + 1] += 1;
        }
        for node in 0..nodes {
            first[node + 1] += first[node];
        }
        let mut free = first.clone();
        let mut targets = vec![NodeIx(0); edges.len()];
        for &(from, to) in edges {
            targets[free[from.0]] = to;
            free[from.0] += 1;
        }
        Self { first, targets }
    }

    /// The same nodes with those edges that satisfy `keeps(from, to)`.
    pub(crate) fn filtered(&self, keeps: impl Fn(NodeIx, NodeIx) -> bool) -> Self {
        let edges: Vec<_> = self.edges().filter(|&(from, to)| keeps(from, to)).collect();
        Self::new(self.len(), &edges)
    }

    /// The same nodes with all edges turned round.
    pub(crate) fn reversed(&self) -> Self {
        let edges: Vec<_> = self.edges().map(|(from, to)| (to, from)).collect();
        Self::new(self.len(), &edges)
    }

    /// The number of nodes.
    pub(crate) fn len(&self) -> usize {
        self.first.len() - 1
    }

    /// The number of edges.
    pub(crate) fn edge_count(&self) -> usize {
        self.targets.len()
    }

    /// All nodes.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = NodeIx> + use<> {
        (0..self.len()).map(NodeIx)
    }

    /// The successors of a node.
    pub(crate) fn next(&self, node: NodeIx) -> &[NodeIx] {
        &self.targets[self.first[node.0]..self.first[node.0 + 1]]
    }

    /// All edges, by source.
    pub(crate) fn edges(&self) -> impl Iterator<Item = (NodeIx, NodeIx)> + '_ {
        self.nodes().flat_map(|from| self.next(from).iter().map(move |&to| (from, to)))
    }

    /// For each node: is there a path to it from one of `roots`, on which all nodes satisfy `enter`?
    pub(crate) fn reachable(
        &self,
        roots: impl IntoIterator<Item = NodeIx>,
        enter: impl Fn(NodeIx) -> bool,
    ) -> Vec<bool> {
        let mut reached = vec![false; self.len()];
        let mut open = Vec::new();
        for node in roots {
            if enter(node) && !std::mem::replace(&mut reached[node.0], true) {
                open.push(node);
            }
        }
        while let Some(node) = open.pop() {
            for &next in self.next(node) {
                if !reached[next.0] && enter(next) {
                    reached[next.0] = true;
                    open.push(next);
                }
            }
        }
        reached
    }

    /// For each node: the number of its strongly connected component. Numbers are topologically sorted: no
    /// edge leads from a component to one with a smaller number.
    pub(crate) fn components(&self) -> Vec<usize> {
        let back = self.reversed();
        let mut component = vec![usize::MAX; self.len()];
        let mut open = Vec::new();
        let mut count = 0;
        for &root in self.postorder().iter().rev() {
            if component[root.0] != usize::MAX {
                continue;
            }
            component[root.0] = count;
            open.push(root);
            while let Some(node) = open.pop() {
                for &before in back.next(node) {
                    if component[before.0] == usize::MAX {
                        component[before.0] = count;
                        open.push(before);
                    }
                }
            }
            count += 1;
        }
        component
    }

    /// By component: does an edge lead from it to another one?
    pub(crate) fn left_components(&self, component: &[usize]) -> Vec<bool> {
        let mut is_left = vec![false; self.len()];
        for (from, to) in self.edges() {
            is_left[component[from.0]] |= component[from.0] != component[to.0];
        }
        is_left
    }

    /// All nodes in postorder of a depth-first search.
    fn postorder(&self) -> Vec<NodeIx> {
        let mut seen = vec![false; self.len()];
        let mut done = Vec::with_capacity(self.len());
        let mut open: Vec<(NodeIx, usize)> = Vec::new();
        for root in self.nodes() {
            if std::mem::replace(&mut seen[root.0], true) {
                continue;
            }
            open.push((root, 0));
            while let Some((node, at)) = open.last_mut() {
                if let Some(&next) = self.next(*node).get(*at) {
                    *at += 1;
                    if !std::mem::replace(&mut seen[next.0], true) {
                        open.push((next, 0));
                    }
                } else {
                    done.push(*node);
                    open.pop();
                }
            }
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(nodes: usize, edges: &[(usize, usize)]) -> Graph {
        let edges: Vec<_> = edges.iter().map(|&(from, to)| (NodeIx(from), NodeIx(to))).collect();
        Graph::new(nodes, &edges)
    }

    #[test]
    fn paths_lead_over_entered_nodes_only() {
        let line = graph(4, &[(0, 1), (1, 2), (2, 3)]);
        assert_eq!(line.reachable([NodeIx(0)], |node| node.0 != 2), [true, true, false, false]);
    }

    #[test]
    fn components_are_numbered_in_topological_order() {
        let component = graph(5, &[(3, 4), (4, 3), (4, 0), (0, 1), (1, 0), (1, 2)]).components();
        assert_eq!(component[3], component[4]);
        assert_eq!(component[0], component[1]);
        assert!(component[3] < component[0] && component[0] < component[2]);
    }

    #[test]
    fn a_long_line_does_not_overflow_the_stack() {
        let edges: Vec<_> = (0..299_999).map(|n| (n, n + 1)).collect();
        assert_eq!(graph(300_000, &edges).components()[299_999], 299_999);
    }
}
