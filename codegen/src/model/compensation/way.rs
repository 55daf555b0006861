use super::phrase::speaks_of_rollback;
use crate::model::graph::Graph;
use crate::model::{Model, NodeIx};

/// Where a drawing speaks of rolling back.
pub(super) struct Way {
    /// By node: it lies behind a node or an arrow that speaks of rollback.
    pub(super) rollback: Vec<bool>,
    /// By node: a start leads to it without passing one.
    forward: Vec<bool>,
}

impl Way {
    pub(super) fn of_rollback(model: &Model, control: &Graph) -> Self {
        let speaking: Vec<_> = model.nodes.iter().map(|node| speaks_of_rollback(&node.label.text)).collect();
        let (mut entries, mut others) = (Vec::new(), Vec::new());
        for from in model.indices() {
            for arrow in &model[from].next {
                let label = arrow.label.as_ref();
                if speaking[from.0] || label.is_some_and(|label| speaks_of_rollback(&label.text)) {
                    entries.push(arrow.to);
                } else {
                    others.push((from, arrow.to));
                }
            }
        }
        let forward = Graph::new(model.nodes.len(), &others).reach(model.starts.iter().copied(), |_| true);
        Self { rollback: control.reach(entries, |_| true), forward }
    }

    /// A rollback that leads back to the beginning has everything behind it.
    pub(super) fn can_be_undone(&self, node: NodeIx) -> bool {
        self.forward[node.0] || !self.rollback[node.0]
    }
}
