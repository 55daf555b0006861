//! Whether a run can come to a compensation after it has done a step.

use crate::model::budget::Budget;
use crate::model::graph::Graph;
use crate::model::{Model, Node, NodeIx};

/// How many nodes and edges the search for paths may look at, all together.
const BUDGET: usize = 200_000_000;

/// As many targets are searched for at once as a word has bits.
const TARGETS_AT_ONCE: usize = 64;

/// The search was given up.
pub(crate) struct Spent;

/// Answers for many steps and targets whether a run that has done the step can come to the target.
///
/// Cheap where the questions about one target, and about targets beside each other, come together.
pub(crate) struct Paths<'m> {
    model: &'m Model,
    targets: &'m [NodeIx],
    control: Graph,
    back: Graph,
    forks: Vec<NodeIx>,
    component: Vec<usize>,
    /// All nodes, those that others lead to first.
    order: Vec<NodeIx>,
    /// The targets that are searched for at present.
    block: Option<usize>,
    /// By component: the targets of the block that it leads to, a bit each.
    leading: Vec<u64>,
    budget: Budget,
}

impl<'m> Paths<'m> {
    pub(crate) fn to(model: &'m Model, targets: &'m [NodeIx]) -> Self {
        let control = Graph::control(model);
        let component = control.components();
        let mut order: Vec<_> = model.indices().collect();
        order.sort_unstable_by_key(|node| std::cmp::Reverse(component[node.0]));
        Self {
            model,
            targets,
            back: control.reversed(),
            forks: model.indices().filter(|&node| model[node].is_fork()).collect(),
            control,
            component,
            order,
            block: None,
            leading: Vec::new(),
            budget: Budget::new(BUDGET),
        }
    }

    /// Can a run come to the target, by its place among the targets, after it has done the step: along
    /// drawn edges, or by another branch of a fork?
    pub(crate) fn lead(&mut self, step: NodeIx, target: usize) -> Result<bool, Spent> {
        Ok(self.lead_along_edges(step, target)? || self.lead_beside(step, target)?)
    }

    /// The same along drawn edges only.
    pub(crate) fn lead_along_edges(&mut self, step: NodeIx, target: usize) -> Result<bool, Spent> {
        let block = target / TARGETS_AT_ONCE;
        if self.block != Some(block) {
            self.search(block)?;
        }
        Ok(self.is_led(step, target))
    }

    fn is_led(&self, from: NodeIx, target: usize) -> bool {
        self.leading[self.component[from.0]] & (1 << (target % TARGETS_AT_ONCE)) != 0
    }

    fn search(&mut self, block: usize) -> Result<(), Spent> {
        self.spend()?;
        self.leading.clear();
        self.leading.resize(self.order.len(), 0);
        for (bit, target) in
            self.targets.iter().skip(block * TARGETS_AT_ONCE).take(TARGETS_AT_ONCE).enumerate()
        {
            self.leading[self.component[target.0]] |= 1 << bit;
        }
        for &node in &self.order {
            let onward = self.control.next(node).iter().map(|next| self.leading[self.component[next.0]]);
            self.leading[self.component[node.0]] |= onward.fold(0, |all, leading| all | leading);
        }
        self.block = Some(block);
        Ok(())
    }

    fn lead_beside(&mut self, step: NodeIx, target: usize) -> Result<bool, Spent> {
        if self.forks.is_empty() {
            return Ok(false);
        }
        self.spend()?;
        Ok(is_beside(self.model, &self.back, &self.forks, step, |branch| self.is_led(branch, target)))
    }

    fn spend(&mut self) -> Result<(), Spent> {
        let cost = self.control.len() + self.control.arrows().count();
        if self.budget.spend(cost) { Ok(()) } else { Err(Spent) }
    }
}

/// Does one of the forks have a branch that leads to the node, and another one that does not and that
/// `leads` to something?
pub(crate) fn is_beside(
    model: &Model,
    back: &Graph,
    forks: &[NodeIx],
    node: NodeIx,
    leads: impl Fn(NodeIx) -> bool,
) -> bool {
    let before = back.reach([node], |_| true);
    let has_both = |fork: &NodeIx| {
        let Node { next: branches, .. } = &model[*fork];
        branches.iter().any(|branch| before[branch.to.0])
            && branches.iter().any(|branch| !before[branch.to.0] && leads(branch.to))
    };
    forks.iter().any(has_both)
}
