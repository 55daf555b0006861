use crate::graph::NodeIx;
use crate::model::rollback::reachable_with_faults;
use crate::model::{Kind, Model};

/// Which nodes edges lead to, and which nodes runs come to. Known of incomplete models, too.
pub(crate) struct Reachability {
    /// By node: an edge leads to it.
    entered: Vec<bool>,
    /// By node: a run can come to it.
    reachable: Vec<bool>,
}

impl Reachability {
    pub(crate) fn new(model: &Model) -> Self {
        let mut entered = vec![false; model.nodes.len()];
        for arrow in model.nodes.iter().flat_map(|node| node.next.iter().chain(&node.sends)) {
            entered[arrow.to.0] = true;
        }
        Self { entered, reachable: reachable_with_faults(model) }
    }

    /// Does an edge lead to the node?
    pub(crate) fn is_entered(&self, node: NodeIx) -> bool {
        self.entered[node.0]
    }

    /// Can a run come to the node: along edges, by a fault, or to undo a step?
    pub(crate) fn is_reachable(&self, node: NodeIx) -> bool {
        self.reachable[node.0]
    }

    /// Has the node no edges, though it should?
    pub(crate) fn is_isolated(&self, model: &Model, node: NodeIx) -> bool {
        let alone = !self.entered[node.0] && model[node].next.is_empty() && model[node].sends.is_empty();
        alone && !model[node].is_compensation() && !model[node].may_lack_arrows
    }

    /// An isolated circle may be the start, or the end, that seems to be missing.
    pub(crate) fn has_isolated_circle(&self, model: &Model) -> bool {
        model.indices().any(|node| model[node].kind == Kind::Milestone && self.is_isolated(model, node))
    }

    /// Is it a node from which a run cannot continue, though it is no end?
    pub(crate) fn is_dead_end(&self, model: &Model, ix: NodeIx) -> bool {
        let node = &model[ix];
        if !node.next.is_empty() || node.may_lack_arrows {
            return false;
        }
        let may_end_here = || node.is_compensation() && !self.is_entered(ix);
        match node.kind {
            Kind::Step | Kind::Task => !may_end_here() && (model.incomplete || !self.is_isolated(model, ix)),
            Kind::Decision => model.incomplete || !self.is_isolated(model, ix),
            Kind::Start | Kind::End | Kind::Milestone => false,
        }
    }
}
