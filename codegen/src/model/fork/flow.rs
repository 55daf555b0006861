use crate::model::compensation::forward;
use crate::model::finishing::finishing;
use crate::model::graph::Graph;
use crate::model::{Kind, Model, NodeIx};

/// Where control goes as long as a run does not roll back.
pub(super) struct Flow {
    /// By node: a run comes there before it rolls back.
    pub(super) forward: Vec<bool>,
    /// The arrows of control without those that enter a rollback.
    pub(super) before_rollback: Graph,
    /// Of these the ones that lead towards a join: not from a node that leads out to one that does not.
    pub(super) graph: Graph,
    /// By node: an exit can be reached that is no rollback.
    pub(super) leads_out: Vec<bool>,
}

impl Flow {
    pub(super) fn of(model: &Model) -> Self {
        let forward = forward(model);
        let control = Graph::control(model);
        let enters_rollback = |from: NodeIx, to: NodeIx| {
            model[to].is_trigger || (forward[from.0] && model[to].is_compensation() && model[to].rolls_back)
        };
        let arrows: Vec<_> = control.arrows().filter(|&(from, to)| !enters_rollback(from, to)).collect();
        let before_rollback = Graph::new(control.len(), &arrows);
        // A node of the flow that has lost all its arrows only leads to a rollback: no way out.
        let is_exit = |node: &NodeIx| {
            before_rollback.next(*node).is_empty() && (model[*node].next.is_empty() || !forward[node.0])
        };
        let leads_out = before_rollback.reversed().reach(model.indices().filter(is_exit), |_| true);
        let is_kept = |(from, to): &(NodeIx, NodeIx)| !leads_out[from.0] || leads_out[to.0];
        let graph = Graph::new(control.len(), &arrows.into_iter().filter(is_kept).collect::<Vec<_>>());
        Self { forward, before_rollback, graph, leads_out }
    }

    /// Does a run leave the flow here? Where all that comes next is a rollback, that is the way out.
    pub(super) fn is_exit(&self, model: &Model, node: NodeIx) -> bool {
        if self.leads_out[node.0] {
            self.graph.next(node).is_empty()
        } else {
            self.graph.next(node).len() < model[node].next.len()
        }
    }

    /// For each node: do all branches that set out there come to an exit, as decisions allow it?
    pub(super) fn all_leave(&self, model: &Model) -> Vec<bool> {
        let needs = |node: NodeIx| match model[node].kind {
            _ if self.is_exit(model, node) => 0,
            Kind::Decision => 1,
            _ => model[node].next.len(),
        };
        finishing(&self.graph, model.indices().map(needs).collect())
    }
}
