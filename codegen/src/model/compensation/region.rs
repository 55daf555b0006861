//! The part of a drawing in which a run can only roll back, regardless of labels.

use crate::model::graph::Graph;
use crate::model::{Model, NodeIx};

/// Where a drawn compensation makes a rollback of a path. `rolls_back` of all nodes is known by then.
pub(crate) struct Region {
    /// By node: it is a compensation that rolls back, or lies behind one, or all paths from it lead to one.
    pub(crate) nodes: Vec<bool>,
    /// By node: a path leads from it to an end past all compensations that roll back.
    avoids: Vec<bool>,
    /// By node: a path leads from it to a compensation that rolls back.
    leads: Vec<bool>,
}

impl Region {
    pub(crate) fn of(model: &Model, control: &Graph) -> Self {
        let rolls_back = |node: NodeIx| model[node].rolls_back;
        let rolling = || model.indices().filter(|&node| rolls_back(node));
        if rolling().next().is_none() {
            let none = vec![false; control.len()];
            return Self { nodes: none.clone(), avoids: none.clone(), leads: none };
        }
        let back = control.reversed();
        let ends = model.indices().filter(|&node| control.next(node).is_empty());
        let avoids = back.reach(ends, |node| !rolls_back(node));
        let leads = back.reach(rolling(), |_| true);
        let mut region = Self { nodes: Vec::new(), avoids, leads };
        let entries = control.arrows().filter(|&(from, to)| region.is_entered(from, to)).map(|(_, to)| to);
        region.nodes = control.reach(entries.chain(rolling()), |_| true);
        region
    }

    /// Does this edge lead from where a run can still end otherwise into the region?
    pub(crate) fn is_entered(&self, from: NodeIx, to: NodeIx) -> bool {
        self.avoids[from.0] && self.leads[to.0] && !self.avoids[to.0]
    }
}
