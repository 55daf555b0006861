//! Compensations that a rollback goes through in the order in which their steps are done.

use super::ControlFlow;
use crate::graph::{Budget, Dominators, NodeIx, OverBudget, ShortestPaths};
use crate::model::Model;

/// How many nodes the checks of order may visit.
const BUDGET: usize = 1_000_000;

/// Two compensations that a rollback goes through one after the other, and two steps that they undo, which
/// are done in the same order.
pub(crate) struct Misordered {
    pub(crate) first: NodeIx,
    pub(crate) then: NodeIx,
    pub(crate) earlier: NodeIx,
    pub(crate) later: NodeIx,
    /// From the beginning of the rollback to `then`; empty if the paths of all findings together are too
    /// long.
    pub(crate) path: Vec<NodeIx>,
}

/// The compensations in the wrong order, and those for which the search was stopped.
pub(super) fn misordered(model: &Model, flow: &ControlFlow) -> (Vec<Misordered>, Vec<NodeIx>) {
    let entries = entries(model, flow);
    if model.nodes.iter().filter(|node| node.is_compensation()).count() < 2 || entries.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let rollback = ShortestPaths::new(entries.iter().copied(), &flow.control, |_| true);
    let order = StepOrder::new(model, flow);
    let mut budget = Budget::new(BUDGET);
    let (mut misordered, mut undecided) = (Vec::new(), Vec::new());
    for (first, then) in successive(model, flow, &entries, &rollback) {
        match order.same_order(model, first, then, &mut budget) {
            Ok(Some((earlier, later))) => {
                misordered.push(Misordered { first, then, earlier, later, path: Vec::new() });
            }
            Ok(None) => {}
            Err(OverBudget) => undecided.push(then),
        }
    }
    (misordered, undecided)
}

/// Of the compensations in the wrong order, those at which a rollback can come after both steps are done,
/// with paths.
pub(super) fn done_before_rollback(
    model: &Model,
    flow: &ControlFlow,
    misordered: Vec<Misordered>,
    mut undecided: Vec<NodeIx>,
) -> (Vec<Misordered>, Vec<NodeIx>) {
    if misordered.is_empty() {
        return (misordered, undecided);
    }
    let rollback = ShortestPaths::new(entries(model, flow), &flow.control, |_| true);
    let (mut budget, mut shown) = (Budget::new(BUDGET), Budget::new(BUDGET));
    let mut kept = Vec::new();
    for misordered in misordered {
        match is_done_then(model, flow, &misordered, &mut budget) {
            Ok(true) => {
                let path = rollback.bounded_to(misordered.then, &mut shown);
                kept.push(Misordered { path, ..misordered });
            }
            Ok(false) => {}
            Err(OverBudget) => undecided.push(misordered.then),
        }
    }
    (kept, undecided)
}

/// The nodes at which a rollback begins. Every rollback by a fault goes through the trigger, if there is one.
fn entries(model: &Model, flow: &ControlFlow) -> Vec<NodeIx> {
    model.trigger.map_or_else(|| flow.rollback_entries.clone(), |trigger| vec![trigger])
}

/// Does a path lead from the later step to its compensation? Faults lead to a trigger from any node.
fn is_done_then(
    model: &Model,
    flow: &ControlFlow,
    &Misordered { then, later, .. }: &Misordered,
    budget: &mut Budget,
) -> Result<bool, OverBudget> {
    if model.trigger.is_some() {
        return Ok(true);
    }
    budget.spend(flow.control.len())?;
    Ok(flow.control.reachable([later], |_| true)[then.0])
}

/// Each compensation with the last one that a rollback always goes through before it.
fn successive(
    model: &Model,
    flow: &ControlFlow,
    entries: &[NodeIx],
    rollback: &ShortestPaths,
) -> Vec<(NodeIx, NodeIx)> {
    let dominators = Dominators::new(&flow.control, entries.iter().copied());
    let mut last_before: Vec<Option<NodeIx>> = vec![None; model.nodes.len()];
    let mut pairs = Vec::new();
    // Dominators are nearer than the nodes that they dominate, so they come first here.
    for &node in rollback.nodes() {
        let before = dominators.immediate(node).and_then(|above| {
            if model[above].is_compensation() { Some(above) } else { last_before[above.0] }
        });
        last_before[node.0] = before;
        pairs.extend(before.filter(|_| model[node].is_compensation()).map(|before| (before, node)));
    }
    pairs
}

/// The order in which steps are done.
struct StepOrder {
    dominators: Dominators,
    component: Vec<usize>,
}

impl StepOrder {
    fn new(model: &Model, flow: &ControlFlow) -> Self {
        let forward =
            flow.control.filtered(|from, to| flow.forward.leads_to(from) && flow.forward.leads_to(to));
        let component = forward.components();
        Self { dominators: Dominators::new(&forward, model.starts.iter().copied()), component }
    }

    /// Two steps that `first` and `then` undo, if all steps of the former are always done before all of the
    /// latter. In a cycle each comes before the other.
    fn same_order(
        &self,
        model: &Model,
        first: NodeIx,
        then: NodeIx,
        budget: &mut Budget,
    ) -> Result<Option<(NodeIx, NodeIx)>, OverBudget> {
        let (earlier, later) = (&model[first].undoes, &model[then].undoes);
        let is_before = |a: NodeIx, b: NodeIx| {
            self.dominators.dominates(a, b) && self.component[a.0] != self.component[b.0]
        };
        budget.spend(earlier.len().saturating_mul(later.len()))?;
        let all = earlier.iter().all(|&a| later.iter().all(|&b| is_before(a, b)));
        let first = || Some((*earlier.first()?, *later.first()?));
        Ok(all.then(first).flatten())
    }
}
