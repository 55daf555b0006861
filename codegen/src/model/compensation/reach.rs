use crate::model::NodeIx;
use crate::model::graph::Graph;

/// Answers which nodes can reach which, for as many targets at once as a word has bits.
pub(super) struct Reach<'g> {
    graph: &'g Graph,
    component: Vec<usize>,
    /// All nodes, those that the arrows lead to before those that they come from.
    backward: Vec<NodeIx>,
}

/// Who reaches the targets that were asked for.
pub(super) struct Reaching<'r> {
    reach: &'r Reach<'r>,
    /// By component: the targets, a bit each.
    targets: Vec<u64>,
}

impl<'g> Reach<'g> {
    /// How many targets can be asked for at once.
    pub(super) const AT_ONCE: usize = 64;

    pub(super) fn new(graph: &'g Graph) -> Self {
        let component = graph.components();
        let mut backward: Vec<_> = (0..graph.len()).map(NodeIx).collect();
        backward.sort_by_key(|node| std::cmp::Reverse(component[node.0]));
        Self { graph, component, backward }
    }

    /// What one call of [`Self::reaching`] costs.
    pub(super) fn cost(&self) -> usize {
        self.graph.len() + self.graph.arrows().count()
    }

    /// Follows all arrows once. At most [`Self::AT_ONCE`] targets are looked for.
    pub(super) fn reaching(&self, targets: &[NodeIx]) -> Reaching<'_> {
        let mut reached = vec![0_u64; self.graph.len()];
        for (bit, target) in targets.iter().enumerate().take(Self::AT_ONCE) {
            reached[self.component[target.0]] |= 1 << bit;
        }
        for &node in &self.backward {
            for next in self.graph.next(node) {
                reached[self.component[node.0]] |= reached[self.component[next.0]];
            }
        }
        Reaching { reach: self, targets: reached }
    }
}

impl Reaching<'_> {
    /// Does an arrow, or several, lead from a node to the target asked for at this place?
    pub(super) fn leads(&self, from: NodeIx, target: usize) -> bool {
        self.targets[self.reach.component[from.0]] & (1 << target) != 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_agrees_with_a_walk(arrows in prop::collection::vec((0..9_usize, 0..9_usize), 0..20)) {
            let arrows: Vec<_> = arrows.into_iter().map(|(from, to)| (NodeIx(from), NodeIx(to))).collect();
            let graph = Graph::new(9, &arrows);
            let all: Vec<_> = (0..9).map(NodeIx).collect();
            let reach = Reach::new(&graph);
            let reaching = reach.reaching(&all);
            for &from in &all {
                let walked = graph.reach([from], |_| true);
                let told: Vec<_> = (0..9).map(|target| reaching.leads(from, target)).collect();
                prop_assert_eq!(told, walked);
            }
        }
    }
}
