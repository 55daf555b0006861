//! Immediate dominators by the algorithm of Lengauer and Tarjan with path compression: O(edges · log nodes),
//! also if every node of a long line has an edge back to its beginning.

use super::{Graph, NodeIx};

const NONE: usize = usize::MAX;

/// For each node: its immediate dominator. `None` for the root, and for nodes that it does not reach.
pub(super) fn immediate(graph: &Graph, root: NodeIx) -> Vec<Option<NodeIx>> {
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
