//! Immediate dominators, by Lengauer and Tarjan with path compression: O(arrows · log nodes), also
//! where every node of a long line has an arrow back to its beginning.

use crate::model::NodeIx;
use crate::model::graph::Graph;

const NONE: usize = usize::MAX;

/// For each node: the last node but itself that every walk from `root` to it goes through. `None`
/// for the root, and for nodes that it does not reach.
pub(super) fn immediate(graph: &Graph, root: NodeIx) -> Vec<Option<NodeIx>> {
    let walk = Walk::depth_first(graph, root);
    let dominators = by_number(&walk, &graph.reversed());
    let mut immediate = vec![None; graph.len()];
    for (number, &dominator) in dominators.iter().enumerate().skip(1) {
        immediate[walk.nodes[number].0] = Some(walk.nodes[dominator]);
    }
    immediate
}

/// Nodes numbered in the order in which a depth-first walk comes to them.
struct Walk {
    nodes: Vec<NodeIx>,
    number: Vec<usize>,
    /// By number: from where the walk came.
    parent: Vec<usize>,
}

impl Walk {
    fn depth_first(graph: &Graph, root: NodeIx) -> Self {
        let mut walk = Self { nodes: Vec::new(), number: vec![NONE; graph.len()], parent: Vec::new() };
        walk.enter(root, 0);
        let mut open = vec![(root, 0)];
        while let Some((node, at)) = open.last_mut() {
            let Some(&next) = graph.next(*node).get(*at) else {
                open.pop();
                continue;
            };
            *at += 1;
            let from = walk.number[node.0];
            if walk.number[next.0] == NONE {
                walk.enter(next, from);
                open.push((next, 0));
            }
        }
        walk
    }

    fn enter(&mut self, node: NodeIx, parent: usize) {
        self.number[node.0] = self.nodes.len();
        self.nodes.push(node);
        self.parent.push(parent);
    }
}

/// The dominator of each number, by number.
fn by_number(walk: &Walk, back: &Graph) -> Vec<usize> {
    let count = walk.nodes.len();
    let mut forest = Forest::new(count);
    let mut dominator = vec![0; count];
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); count];
    for at in (1..count).rev() {
        for before in back.next(walk.nodes[at]) {
            let before = walk.number[before.0];
            if before != NONE {
                let best = forest.best(before);
                forest.semi[at] = forest.semi[at].min(forest.semi[best]);
            }
        }
        waiting[forest.semi[at]].push(at);
        let parent = walk.parent[at];
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

/// The part of the walk's tree that has been worked off.
struct Forest {
    semi: Vec<usize>,
    ancestor: Vec<usize>,
    best: Vec<usize>,
}

impl Forest {
    fn new(count: usize) -> Self {
        Self { semi: (0..count).collect(), ancestor: vec![NONE; count], best: (0..count).collect() }
    }

    /// The number with the smallest semidominator on the way up from `at`, the top left out.
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
