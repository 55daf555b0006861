use std::collections::{HashMap, VecDeque};

use super::{Budget, Graph, NodeIx, OverBudget};

/// The shortest paths from a set of roots to all other nodes, by breadth-first search.
pub(crate) struct ShortestPaths {
    /// By node: the node before it on the path, and the number of nodes of the path. A root is its own
    /// predecessor.
    before: Vec<Option<(NodeIx, usize)>>,
    /// The nodes that a path leads to, nearest first.
    order: Vec<NodeIx>,
}

impl ShortestPaths {
    /// Finds the paths on which all nodes, the roots among them, satisfy `enter`.
    pub(crate) fn new(
        roots: impl IntoIterator<Item = NodeIx>,
        graph: &Graph,
        enter: impl Fn(NodeIx) -> bool,
    ) -> Self {
        let mut paths = Self { before: vec![None; graph.len()], order: Vec::new() };
        let mut open = VecDeque::new();
        let roots = roots.into_iter().map(|root| (root, root, 1));
        open.extend(roots.filter(|&(root, ..)| enter(root)));
        while let Some((before, node, length)) = open.pop_front() {
            if paths.leads_to(node) {
                continue;
            }
            paths.before[node.0] = Some((before, length));
            paths.order.push(node);
            let onward = graph.next(node).iter().filter(|&&next| !paths.leads_to(next) && enter(next));
            open.extend(onward.map(|&next| (node, next, length + 1)));
        }
        paths
    }

    /// Does a path lead to the node?
    pub(crate) fn leads_to(&self, node: NodeIx) -> bool {
        self.before[node.0].is_some()
    }

    /// All nodes that a path leads to, nearest first.
    pub(crate) fn nodes(&self) -> &[NodeIx] {
        &self.order
    }

    /// The path to a node, with both ends; empty if there is none.
    pub(crate) fn to(&self, node: NodeIx) -> Vec<NodeIx> {
        let mut path = Vec::new();
        let mut at = node;
        while let Some((before, _)) = self.before[at.0] {
            path.push(at);
            if before == at {
                break;
            }
            at = before;
        }
        path.reverse();
        path
    }

    /// The path to a node as [`ShortestPaths::to`], if the budget has a step for each of its nodes; else
    /// empty.
    pub(crate) fn bounded_to(&self, node: NodeIx, budget: &mut Budget) -> Vec<NodeIx> {
        match self.before[node.0] {
            Some((_, length)) if budget.spend(length).is_ok() => self.to(node),
            _ => Vec::new(),
        }
    }
}

/// The shortest path from one of `sources` to a node that satisfies `is_target`, with both ends. All nodes
/// but the source satisfy `enter`. `None` if there is no such path.
///
/// # Errors
///
/// [`OverBudget`] if the search visits more nodes and edges than `budget` allows.
pub(crate) fn shortest_path(
    graph: &Graph,
    sources: impl IntoIterator<Item = NodeIx>,
    is_target: impl Fn(NodeIx) -> bool,
    enter: impl Fn(NodeIx) -> bool,
    budget: &mut Budget,
) -> Result<Option<Vec<NodeIx>>, OverBudget> {
    let mut open: VecDeque<_> = sources.into_iter().collect();
    // A source is its own predecessor.
    let mut before: HashMap<NodeIx, NodeIx> = open.iter().map(|&source| (source, source)).collect();
    while let Some(node) = open.pop_front() {
        if is_target(node) {
            let previous = |at: &NodeIx| before.get(at).copied().filter(|previous| previous != at);
            let mut path: Vec<_> = std::iter::successors(Some(node), previous).collect();
            path.reverse();
            return Ok(Some(path));
        }
        budget.spend(1 + graph.next(node).len())?;
        for &next in graph.next(node) {
            if enter(next) && !before.contains_key(&next) {
                before.insert(next, node);
                open.push_back(next);
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_path_is_found() {
        let edges = [(0, 1), (1, 2), (2, 3), (0, 4), (4, 3), (3, 0)];
        let graph = Graph::new(6, &edges.map(|(from, to)| (NodeIx(from), NodeIx(to))));
        let paths = ShortestPaths::new([NodeIx(0)], &graph, |_| true);
        assert_eq!(paths.to(NodeIx(3)), [0, 4, 3].map(NodeIx));
        assert_eq!(paths.nodes(), [0, 1, 4, 2, 3].map(NodeIx));
        assert!(paths.to(NodeIx(5)).is_empty());
        let around = ShortestPaths::new([NodeIx(0)], &graph, |node| node != NodeIx(4));
        assert_eq!(around.to(NodeIx(3)), [0, 1, 2, 3].map(NodeIx));
    }
    #[test]
    fn a_bounded_search_finds_the_same_path_or_stops() {
        let edges = [(0, 1), (1, 2), (2, 3), (0, 4), (4, 3), (3, 0)];
        let graph = Graph::new(6, &edges.map(|(from, to)| (NodeIx(from), NodeIx(to))));
        let find = |target: usize, steps: usize| {
            let is_target = |node: NodeIx| node.0 == target;
            shortest_path(&graph, [NodeIx(0)], is_target, |_| true, &mut Budget::new(steps))
        };
        assert_eq!(find(3, 100), Ok(Some([0, 4, 3].map(NodeIx).to_vec())));
        assert_eq!(find(5, 100), Ok(None));
        assert_eq!(find(3, 5), Err(OverBudget));
    }
}
