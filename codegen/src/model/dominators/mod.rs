//! Which nodes every walk to a node goes through.

mod lengauer_tarjan;

use super::NodeIx;
use super::graph::Graph;

/// The dominators of a graph's nodes, seen from a root.
pub(crate) struct Dominators {
    immediate: Vec<Option<NodeIx>>,
    /// By node, when a walk of the tree of dominators comes to it, and when it has left it.
    visited: Vec<(usize, usize)>,
}

impl Dominators {
    pub(crate) fn of(graph: &Graph, root: NodeIx) -> Self {
        let immediate = lengauer_tarjan::immediate(graph, root);
        let below = |(node, above): (usize, &Option<NodeIx>)| above.map(|above| (above, NodeIx(node)));
        let tree: Vec<_> = immediate.iter().enumerate().filter_map(below).collect();
        let visited = visits(&Graph::new(graph.len(), &tree), root);
        Self { immediate, visited }
    }

    /// The last node but itself that every walk from the root to a node goes through. `None` for
    /// the root, and for nodes that it does not reach.
    pub(crate) fn immediate(&self, node: NodeIx) -> Option<NodeIx> {
        self.immediate[node.0]
    }

    /// Where a node comes in a walk of the tree of dominators: behind all nodes that dominate it.
    pub(crate) fn order(&self, node: NodeIx) -> usize {
        self.visited[node.0].0
    }

    /// Does every walk from the root to `node` go through `above`, which is another one?
    pub(crate) fn dominates(&self, above: NodeIx, node: NodeIx) -> bool {
        let ((come, gone), (at, _)) = (self.visited[above.0], self.visited[node.0]);
        come < at && at < gone
    }
}

/// Walks a tree. Nodes that are not in it get an empty visit.
fn visits(tree: &Graph, root: NodeIx) -> Vec<(usize, usize)> {
    let mut visited = vec![(0, 0); tree.len()];
    let mut clock = 0;
    let mut open = vec![(root, 0)];
    while let Some((node, at)) = open.last_mut() {
        if *at == 0 {
            clock += 1;
            visited[node.0].0 = clock;
        }
        if let Some(&below) = tree.next(*node).get(*at) {
            *at += 1;
            open.push((below, 0));
        } else {
            clock += 1;
            visited[node.0].1 = clock;
            open.pop();
        }
    }
    visited
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn graph(nodes: usize, arrows: &[(usize, usize)]) -> Graph {
        let arrows: Vec<_> = arrows.iter().map(|&(from, to)| (NodeIx(from), NodeIx(to))).collect();
        Graph::new(nodes, &arrows)
    }

    /// What the word means: closing a dominator cuts the node off from the root. Of several, the
    /// immediate one is dominated by all others.
    fn by_definition(graph: &Graph, node: NodeIx) -> Option<NodeIx> {
        let root = NodeIx(0);
        let dominates = |closed: NodeIx, node: NodeIx| {
            closed != node && (closed == root || !graph.reach([root], |n| n != closed)[node.0])
        };
        if node == root || !graph.reach([root], |_| true)[node.0] {
            return None;
        }
        let all: Vec<_> = (0..graph.len()).map(NodeIx).filter(|&closed| dominates(closed, node)).collect();
        all.iter().copied().find(|&last| all.iter().all(|&other| other == last || dominates(other, last)))
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_definition(arrows in prop::collection::vec((0..9_usize, 0..9_usize), 0..30)) {
            let graph = graph(9, &arrows);
            let dominators = Dominators::of(&graph, NodeIx(0));
            for node in (0..9).map(NodeIx) {
                prop_assert_eq!(dominators.immediate(node), by_definition(&graph, node));
                for other in (0..9).map(NodeIx) {
                    let above = std::iter::successors(Some(node), |&node| dominators.immediate(node));
                    prop_assert_eq!(dominators.dominates(other, node), above.skip(1).any(|node| node == other));
                }
            }
        }
    }

    #[test]
    fn a_long_line_with_arrows_back_to_its_beginning_is_quick() {
        let last = 199_999;
        let arrows: Vec<_> = (0..last).flat_map(|n| [(n, n + 1), (n + 1, 1)]).collect();
        let dominators = Dominators::of(&graph(last + 1, &arrows), NodeIx(0));
        assert_eq!(dominators.immediate(NodeIx(last)), Some(NodeIx(last - 1)));
        assert!(dominators.dominates(NodeIx(1), NodeIx(last)));
    }
}
