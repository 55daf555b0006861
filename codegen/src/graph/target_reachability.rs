use super::{Budget, Graph, NodeIx, OverBudget};

/// How many nodes and edges all searches together may visit.
const BUDGET: usize = 200_000_000;

/// As many targets are searched for at once as a word has bits.
const TARGETS_AT_ONCE: usize = 64;

/// Answers for many nodes and targets whether a run that has passed the node can come to the target.
///
/// Cheap if questions about one target, and about targets beside each other, come together.
pub(crate) struct TargetReachability<'t> {
    graph: Graph,
    back: Graph,
    forks: Vec<NodeIx>,
    targets: &'t [NodeIx],
    component: Vec<usize>,
    /// All nodes, successors first.
    order: Vec<NodeIx>,
    /// The targets that were searched for last.
    block: Option<usize>,
    /// By component: the targets of the block that it leads to, a bit each.
    leading: Vec<u64>,
    budget: Budget,
}

impl<'t> TargetReachability<'t> {
    /// For a graph in which all edges that leave one of `forks` are followed.
    pub(crate) fn new(graph: Graph, forks: Vec<NodeIx>, targets: &'t [NodeIx]) -> Self {
        let component = graph.components();
        let mut order: Vec<_> = graph.nodes().collect();
        order.sort_unstable_by_key(|node| std::cmp::Reverse(component[node.0]));
        Self {
            back: graph.reversed(),
            graph,
            forks,
            targets,
            component,
            order,
            block: None,
            leading: Vec::new(),
            budget: Budget::new(BUDGET),
        }
    }

    /// Can a run come to the target with this index after it has passed `from`: along edges, or in another
    /// branch of a fork?
    ///
    /// # Errors
    ///
    /// [`OverBudget`] if the searches take too long.
    pub(crate) fn leads(&mut self, from: NodeIx, target: usize) -> Result<bool, OverBudget> {
        let block = target / TARGETS_AT_ONCE;
        if self.block != Some(block) {
            self.search(block)?;
        }
        Ok(self.leads_along_edges(from, target) || self.leads_beside(from, target)?)
    }

    fn leads_along_edges(&self, from: NodeIx, target: usize) -> bool {
        self.leading[self.component[from.0]] & (1 << (target % TARGETS_AT_ONCE)) != 0
    }

    fn search(&mut self, block: usize) -> Result<(), OverBudget> {
        self.spend()?;
        self.leading.clear();
        self.leading.resize(self.order.len(), 0);
        for (bit, target) in
            self.targets.iter().skip(block * TARGETS_AT_ONCE).take(TARGETS_AT_ONCE).enumerate()
        {
            self.leading[self.component[target.0]] |= 1 << bit;
        }
        for &node in &self.order {
            let onward = self.graph.next(node).iter().map(|next| self.leading[self.component[next.0]]);
            self.leading[self.component[node.0]] |= onward.fold(0, |all, leading| all | leading);
        }
        self.block = Some(block);
        Ok(())
    }

    fn leads_beside(&mut self, from: NodeIx, target: usize) -> Result<bool, OverBudget> {
        if self.forks.is_empty() {
            return Ok(false);
        }
        self.spend()?;
        let leads = |branch| self.leads_along_edges(branch, target);
        Ok(is_beside(&self.graph, &self.back, &self.forks, from, leads))
    }

    fn spend(&mut self) -> Result<(), OverBudget> {
        self.budget.spend(self.graph.len() + self.graph.edge_count())
    }
}

/// Has one of the forks a branch that leads to `node`, and another one that does not and that satisfies
/// `leads`? `back` is the reversed `graph`.
pub(crate) fn is_beside(
    graph: &Graph,
    back: &Graph,
    forks: &[NodeIx],
    node: NodeIx,
    leads: impl Fn(NodeIx) -> bool,
) -> bool {
    let before = back.reachable([node], |_| true);
    let has_both = |fork: &NodeIx| {
        let branches = graph.next(*fork);
        branches.iter().any(|branch| before[branch.0])
            && branches.iter().any(|&branch| !before[branch.0] && leads(branch))
    };
    forks.iter().any(has_both)
}
