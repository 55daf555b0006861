//! The walks that findings show.

use std::collections::VecDeque;

use crate::finding::Stop;
use crate::model::budget::Budget;
use crate::model::graph::Graph;
use crate::model::{Model, NodeIx};

/// How many stops the walks of one rule may have, all together. Past it findings show none, so that
/// a drawing with thousands of faults at its far end is still checked at once.
pub(crate) const MOST_STOPS: usize = 1_000_000;

/// The shortest walks from some nodes to all others.
pub(crate) struct Walks {
    /// By node: the node before it on the walk, and how many nodes the walk has. A walk begins at a
    /// node that stands before itself.
    before: Vec<Option<(NodeIx, usize)>>,
    /// The nodes that a walk leads to, the nearest first.
    order: Vec<NodeIx>,
}

impl Walks {
    /// Walks over nodes that `enter` lets in.
    pub(crate) fn from(
        roots: impl IntoIterator<Item = NodeIx>,
        graph: &Graph,
        enter: impl Fn(NodeIx) -> bool,
    ) -> Self {
        let mut walks = Self { before: vec![None; graph.len()], order: Vec::new() };
        let mut open = VecDeque::new();
        let roots = roots.into_iter().map(|root| (root, root, 1));
        open.extend(roots.filter(|&(root, ..)| enter(root)));
        while let Some((before, node, length)) = open.pop_front() {
            if walks.leads_to(node) {
                continue;
            }
            walks.before[node.0] = Some((before, length));
            walks.order.push(node);
            let onward = graph.next(node).iter().filter(|&&next| !walks.leads_to(next) && enter(next));
            open.extend(onward.map(|&next| (node, next, length + 1)));
        }
        walks
    }

    pub(crate) fn leads_to(&self, node: NodeIx) -> bool {
        self.before[node.0].is_some()
    }

    /// All nodes that a walk leads to, the nearest first.
    pub(crate) fn nodes(&self) -> &[NodeIx] {
        &self.order
    }

    /// The walk to a node; empty where none leads there.
    pub(crate) fn to(&self, node: NodeIx) -> Vec<NodeIx> {
        let mut walk = Vec::new();
        let mut at = node;
        while let Some((before, _)) = self.before[at.0] {
            walk.push(at);
            if before == at {
                break;
            }
            at = before;
        }
        walk.reverse();
        walk
    }

    /// The walk to a node as a finding shows it, if that is not too much.
    pub(crate) fn stops(&self, model: &Model, node: NodeIx, budget: &mut Budget) -> Vec<Stop> {
        match self.before[node.0] {
            Some((_, length)) if budget.spend(length) => stops(model, &self.to(node)),
            _ => Vec::new(),
        }
    }
}

/// A walk as a finding shows it.
pub(crate) fn stops(model: &Model, walk: &[NodeIx]) -> Vec<Stop> {
    let stop = |&node: &NodeIx| {
        let node = &model[node];
        Stop { id: node.id.text.clone(), label: node.label.text.clone(), span: node.id.span }
    };
    walk.iter().map(stop).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_walk_is_shown() {
        let arrows = [(0, 1), (1, 2), (2, 3), (0, 4), (4, 3), (3, 0)];
        let graph = Graph::new(6, &arrows.map(|(from, to)| (NodeIx(from), NodeIx(to))));
        let walks = Walks::from([NodeIx(0)], &graph, |_| true);
        assert_eq!(walks.to(NodeIx(3)), [0, 4, 3].map(NodeIx));
        assert_eq!(walks.nodes(), [0, 1, 4, 2, 3].map(NodeIx));
        assert!(walks.to(NodeIx(5)).is_empty());
        let around = Walks::from([NodeIx(0)], &graph, |node| node != NodeIx(4));
        assert_eq!(around.to(NodeIx(3)), [0, 1, 2, 3].map(NodeIx));
    }
}
