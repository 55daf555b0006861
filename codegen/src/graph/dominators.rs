use super::{Graph, NodeIx};

/// The dominators of a graph's nodes, seen from several roots: a node dominates another one if every path
/// from a root to the other one goes through it.
///
/// Post-dominators are the dominators of the reversed graph, seen from its exits.
pub(crate) struct Dominators {
    immediate: Vec<Option<NodeIx>>,
    /// By node: when a depth-first search of the dominator tree enters and leaves it.
    visited: Vec<(usize, usize)>,
}

impl Dominators {
    /// Takes O(edges · log nodes).
    pub(crate) fn new(graph: &Graph, roots: impl IntoIterator<Item = NodeIx>) -> Self {
        // One more node leads to all roots.
        let root = NodeIx(graph.len());
        let edges: Vec<_> = graph.edges().chain(roots.into_iter().map(|to| (root, to))).collect();
        let graph = Graph::new(graph.len() + 1, &edges);
        let mut immediate = immediate_dominators(&graph, root);
        let below = |(node, above): (usize, &Option<NodeIx>)| above.map(|above| (above, NodeIx(node)));
        let tree: Vec<_> = immediate.iter().enumerate().filter_map(below).collect();
        let visited = visits(&Graph::new(graph.len(), &tree), root);
        for above in &mut immediate {
            *above = above.filter(|&above| above != root);
        }
        Self { immediate, visited }
    }

    /// The nearest node that dominates `node`. `None` if no single node does, or if no root leads to it.
    pub(crate) fn immediate(&self, node: NodeIx) -> Option<NodeIx> {
        self.immediate[node.0]
    }

    /// The position of a node in preorder of the dominator tree: dominators come before the nodes that they
    /// dominate.
    pub(crate) fn order(&self, node: NodeIx) -> usize {
        self.visited[node.0].0
    }

    /// Does `above` dominate `node`? No node dominates itself.
    pub(crate) fn dominates(&self, above: NodeIx, node: NodeIx) -> bool {
        let ((entered, left), (at, _)) = (self.visited[above.0], self.visited[node.0]);
        entered < at && at < left
    }
}

/// When a depth-first search enters and leaves each node of a tree; `(0, 0)` for nodes that are not in it.
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

const NONE: usize = usize::MAX;

/// For each node: its immediate dominator. `None` for the root, and for nodes that it does not reach.
///
/// The algorithm of Lengauer and Tarjan with path compression: O(edges · log nodes), also if every node of a long line
/// has an edge back to its beginning.
fn immediate_dominators(graph: &Graph, root: NodeIx) -> Vec<Option<NodeIx>> {
    let search = DepthFirst::search(graph, root);
    let dominators = by_number(&search, &graph.reversed());
    let mut immediate = vec![None; graph.len()];
    for (number, &dominator) in dominators.iter().enumerate().skip(1) {
        immediate[search.nodes[number].0] = Some(search.nodes[dominator]);
    }
    immediate
}

/// Nodes, numbered in preorder of a depth-first search.
struct DepthFirst {
    nodes: Vec<NodeIx>,
    number: Vec<usize>,
    /// By number: the number of the parent in the search tree.
    parent: Vec<usize>,
}

impl DepthFirst {
    fn search(graph: &Graph, root: NodeIx) -> Self {
        let mut search = Self { nodes: Vec::new(), number: vec![NONE; graph.len()], parent: Vec::new() };
        search.enter(root, 0);
        let mut open = vec![(root, 0)];
        while let Some((node, at)) = open.last_mut() {
            let Some(&next) = graph.next(*node).get(*at) else {
                open.pop();
                continue;
            };
            *at += 1;
            let from = search.number[node.0];
            if search.number[next.0] == NONE {
                search.enter(next, from);
                open.push((next, 0));
            }
        }
        search
    }

    fn enter(&mut self, node: NodeIx, parent: usize) {
        self.number[node.0] = self.nodes.len();
        self.nodes.push(node);
        self.parent.push(parent);
    }
}

/// The dominator of each number, by number.
fn by_number(search: &DepthFirst, back: &Graph) -> Vec<usize> {
    let count = search.nodes.len();
    let mut forest = Forest::new(count);
    let mut dominator = vec![0; count];
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); count];
    for at in (1..count).rev() {
        for before in back.next(search.nodes[at]) {
            let before = search.number[before.0];
            if before != NONE {
                let best = forest.best(before);
                forest.semi[at] = forest.semi[at].min(forest.semi[best]);
            }
        }
        waiting[forest.semi[at]].push(at);
        let parent = search.parent[at];
        forest.ancestor[at] = parent;
        for below in std::mem::take(&mut waiting[parent]) {
            let best = forest.best(below);
            dominator[below] = if forest.semi[best] < forest.semi[below] { best } else { parent };
        }
    }
    for at in 1..count {
        if dominator[at] != forest.semi[at] {
            dominator[at] = dominator[dominator[at]];
        }
    }
    dominator
}

/// The part of the search tree that was processed.
struct Forest {
    semi: Vec<usize>,
    ancestor: Vec<usize>,
    best: Vec<usize>,
}

impl Forest {
    fn new(count: usize) -> Self {
        Self { semi: (0..count).collect(), ancestor: vec![NONE; count], best: (0..count).collect() }
    }

    /// The number with the smallest semidominator on the path up from `at`, without the top.
    fn best(&mut self, at: usize) -> usize {
        let mut path = Vec::new();
        let mut top = at;
        while self.ancestor[top] != NONE && self.ancestor[self.ancestor[top]] != NONE {
            path.push(top);
            top = self.ancestor[top];
        }
        for below in path.into_iter().rev() {
            let above = self.ancestor[below];
            if self.semi[self.best[above]] < self.semi[self.best[below]] {
                self.best[below] = self.best[above];
            }
            self.ancestor[below] = self.ancestor[above];
        }
        self.best[at]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn graph(nodes: usize, edges: &[(usize, usize)]) -> Graph {
        let edges: Vec<_> = edges.iter().map(|&(from, to)| (NodeIx(from), NodeIx(to))).collect();
        Graph::new(nodes, &edges)
    }

    /// Without a dominator, no root reaches the node. Of several, the immediate one is dominated by all
    /// others.
    fn by_definition(graph: &Graph, roots: &[NodeIx], node: NodeIx) -> Option<NodeIx> {
        let roots = || roots.iter().copied();
        let dominates = |closed: NodeIx, node: NodeIx| {
            closed != node && !graph.reachable(roots(), |n| n != closed)[node.0]
        };
        if !graph.reachable(roots(), |_| true)[node.0] {
            return None;
        }
        let all: Vec<_> = graph.nodes().filter(|&closed| dominates(closed, node)).collect();
        all.iter().copied().find(|&last| all.iter().all(|&other| other == last || dominates(other, last)))
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_definition(
            edges in prop::collection::vec((0..9_usize, 0..9_usize), 0..30),
            more_roots in prop::collection::vec(0..9_usize, 0..3),
        ) {
            let graph = graph(9, &edges);
            let roots: Vec<_> = more_roots.into_iter().chain([0]).map(NodeIx).collect();
            let dominators = Dominators::new(&graph, roots.iter().copied());
            for node in graph.nodes() {
                prop_assert_eq!(dominators.immediate(node), by_definition(&graph, &roots, node));
                for other in graph.nodes() {
                    let above = std::iter::successors(Some(node), |&node| dominators.immediate(node));
                    prop_assert_eq!(dominators.dominates(other, node), above.skip(1).any(|node| node == other));
                }
            }
        }
    }

    #[test]
    fn a_long_line_with_edges_back_to_its_beginning_is_quick() {
        let last = 199_999;
        let edges: Vec<_> = (0..last).flat_map(|n| [(n, n + 1), (n + 1, 1)]).collect();
        let dominators = Dominators::new(&graph(last + 1, &edges), [NodeIx(0)]);
        assert_eq!(dominators.immediate(NodeIx(last)), Some(NodeIx(last - 1)));
        assert!(dominators.dominates(NodeIx(1), NodeIx(last)));
    }
}
