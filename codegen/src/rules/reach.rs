use crate::model::compensation::reached;
use crate::model::{Kind, Model, Node, NodeIx};

/// Where runs come to, as several checks ask for it.
pub(crate) struct Reach {
    /// By node: an arrow leads to it.
    entered: Vec<bool>,
    /// By node: a run can come to it.
    reached: Vec<bool>,
}

impl Reach {
    pub(crate) fn of(model: &Model) -> Self {
        let control = arrows(model, |node| node.next.iter().map(|arrow| arrow.to));
        let messages = arrows(model, |node| node.sends.iter().map(|arrow| arrow.to));

        let mut entered = vec![false; model.nodes.len()];
        for (_, to) in control.iter().chain(&messages) {
            entered[to.0] = true;
        }
        Self { entered, reached: reached(model) }
    }

    pub(crate) fn is_entered(&self, node: NodeIx) -> bool {
        self.entered[node.0]
    }

    pub(crate) fn is_reached(&self, node: NodeIx) -> bool {
        self.reached[node.0]
    }

    /// Does no arrow lead to it and none away, where one should?
    pub(crate) fn is_isolated(&self, model: &Model, node: NodeIx) -> bool {
        let alone = !self.entered[node.0] && model[node].next.is_empty() && model[node].sends.is_empty();
        alone && !model[node].is_compensation() && !model[node].may_lack_arrows
    }

    /// A circle on its own may be the start, or the end, that seems to be missing.
    pub(crate) fn has_stray_circle(&self, model: &Model) -> bool {
        model.indices().any(|node| model[node].kind == Kind::Milestone && self.is_isolated(model, node))
    }
}

fn arrows<'m, T: Iterator<Item = NodeIx>>(
    model: &'m Model,
    to: impl Fn(&'m Node) -> T,
) -> Vec<(NodeIx, NodeIx)> {
    model.indices().flat_map(|from| to(&model[from]).map(move |to| (from, to))).collect()
}
