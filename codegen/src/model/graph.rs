//! The arrows of a model, packed for walks that visit every node.

use super::{Model, NodeIx};

/// The successors of each node, all in one block of memory.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    /// The successors of node `n` are `targets[first[n]..first[n + 1]]`.
    first: Vec<usize>,
    targets: Vec<NodeIx>,
}

impl Graph {
    /// A graph of `nodes` nodes. Arrows that leave one node keep their order.
    pub(crate) fn new(nodes: usize, arrows: &[(NodeIx, NodeIx)]) -> Self {
        let mut first = vec![0; nodes + 1];
        for (from, _) in arrows {
            first[from.0 + 1] += 1;
        }
        for node in 0..nodes {
            first[node + 1] += first[node];
        }
        let mut free = first.clone();
        let mut targets = vec![NodeIx(0); arrows.len()];
        for &(from, to) in arrows {
            targets[free[from.0]] = to;
            free[from.0] += 1;
        }
        Self { first, targets }
    }

    /// Where control goes.
    pub(crate) fn control(model: &Model) -> Self {
        let arrows: Vec<_> = model
            .indices()
            .flat_map(|from| model[from].next.iter().map(move |arrow| (from, arrow.to)))
            .collect();
        Self::new(model.nodes.len(), &arrows)
    }

    /// The same arrows the other way round.
    pub(crate) fn reversed(&self) -> Self {
        let arrows: Vec<_> = self.arrows().map(|(from, to)| (to, from)).collect();
        Self::new(self.len(), &arrows)
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.first.len() - 1
    }

    /// Where the arrows of a node point.
    pub(crate) fn next(&self, node: NodeIx) -> &[NodeIx] {
        &self.targets[self.first[node.0]..self.first[node.0 + 1]]
    }

    /// All arrows, by source.
    pub(crate) fn arrows(&self) -> impl Iterator<Item = (NodeIx, NodeIx)> + '_ {
        (0..self.len()).map(NodeIx).flat_map(|from| self.next(from).iter().map(move |&to| (from, to)))
    }

    /// For each node: can one of `from` get there, entering only nodes that `enter` lets in?
    pub(crate) fn reach(
        &self,
        from: impl IntoIterator<Item = NodeIx>,
        enter: impl Fn(NodeIx) -> bool,
    ) -> Vec<bool> {
        let mut reached = vec![false; self.len()];
        let mut open = Vec::new();
        for node in from {
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

    /// For each node: the number of its strongly connected component. Components are numbered in
    /// the direction of the arrows: none leads from a component to one with a smaller number.
    pub(crate) fn components(&self) -> Vec<usize> {
        let back = self.reversed();
        let mut component = vec![usize::MAX; self.len()];
        let mut open = Vec::new();
        let mut count = 0;
        for &root in self.finished().iter().rev() {
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

    /// All nodes, in the order in which a depth-first walk is done with them.
    fn finished(&self) -> Vec<NodeIx> {
        let mut seen = vec![false; self.len()];
        let mut done = Vec::with_capacity(self.len());
        let mut open: Vec<(NodeIx, usize)> = Vec::new();
        for root in (0..self.len()).map(NodeIx) {
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

    fn graph(nodes: usize, arrows: &[(usize, usize)]) -> Graph {
        let arrows: Vec<_> = arrows.iter().map(|&(from, to)| (NodeIx(from), NodeIx(to))).collect();
        Graph::new(nodes, &arrows)
    }

    #[test]
    fn a_closed_node_is_not_walked_through() {
        let line = graph(4, &[(0, 1), (1, 2), (2, 3)]);
        assert_eq!(line.reach([NodeIx(0)], |node| node.0 != 2), [true, true, false, false]);
    }

    #[test]
    fn components_are_numbered_in_the_direction_of_the_arrows() {
        let component = graph(5, &[(3, 4), (4, 3), (4, 0), (0, 1), (1, 0), (1, 2)]).components();
        assert_eq!(component[3], component[4]);
        assert_eq!(component[0], component[1]);
        assert!(component[3] < component[0] && component[0] < component[2]);
    }

    #[test]
    fn a_long_line_does_not_overflow_the_stack() {
        let arrows: Vec<_> = (0..299_999).map(|n| (n, n + 1)).collect();
        assert_eq!(graph(300_000, &arrows).components()[299_999], 299_999);
    }
}
