use super::phrase::speaks_of_rollback;
use super::region::Region;
use crate::model::graph::Graph;
use crate::model::{Model, NodeIx};

/// Where a drawing rolls back: as its labels say, and where a drawn compensation shows it.
pub(super) struct Way {
    /// By node: it lies behind a node or an edge that speaks of rollback, or in the region that drawn
    /// compensations make.
    pub(super) rollback: Vec<bool>,
    /// By node: a start leads to it without passing such an edge.
    forward: Vec<bool>,
}

impl Way {
    pub(super) fn of_rollback(model: &Model, control: &Graph) -> Self {
        let speaking: Vec<_> = model.nodes.iter().map(|node| speaks_of_rollback(&node.label.text)).collect();
        let region = Region::of(model, control);
        let (mut entries, mut others) = (Vec::new(), Vec::new());
        for from in model.indices() {
            for arrow in &model[from].next {
                let says_so = arrow.label.as_ref().is_some_and(|label| speaks_of_rollback(&label.text));
                if speaking[from.0] || says_so || region.is_entered(from, arrow.to) {
                    entries.push(arrow.to);
                } else {
                    others.push((from, arrow.to));
                }
            }
        }
        let forward = Graph::new(model.nodes.len(), &others).reach(model.starts.iter().copied(), |_| true);
        let behind = control.reach(entries, |_| true);
        let rollback = behind.iter().zip(&region.nodes).map(|(&behind, &within)| behind || within).collect();
        Self { rollback, forward }
    }

    /// A rollback that leads back to the beginning has everything behind it.
    pub(super) fn can_be_undone(&self, node: NodeIx) -> bool {
        self.forward[node.0] || !self.rollback[node.0]
    }
}
