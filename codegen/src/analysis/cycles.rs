//! Cycles that runs enter and do not leave, and cycles without work.

use super::{ControlFlow, Reachability};
use crate::graph::{Graph, NodeIx, cycles_without_exit, one_cycle_per_sink};
use crate::model::Model;

/// Cycles of the flow from which no path leads to an end or into a rollback. Without any end, or without work
/// in the cycle, that is the error (F202, F307), and such cycles are left out.
pub(super) fn without_exit(model: &Model, flow: &ControlFlow) -> Vec<Vec<NodeIx>> {
    if model.ends.is_empty() {
        return Vec::new();
    }
    let rolls_back = |node: NodeIx| flow.control.next(node).iter().any(|&to| model[to].begins_rollback());
    let is_exit = |node: NodeIx| flow.control.next(node).is_empty() || rolls_back(node);
    let mut cycles = cycles_without_exit(&flow.control, &flow.forward, is_exit);
    cycles.retain(|cycle| !cycle.iter().all(|&node| model[node].may_be_passed()));
    cycles
}

/// Cycles of the rollback from which no path leads out. Cycles of the flow itself are left out.
pub(super) fn of_rollback(flow: &ControlFlow) -> Vec<Vec<NodeIx>> {
    let is_exit = |node: NodeIx| flow.control.next(node).is_empty();
    let mut cycles = cycles_without_exit(&flow.control, &flow.rollback, is_exit);
    cycles.retain(|cycle| !cycle.iter().any(|&node| flow.forward.leads_to(node)));
    cycles
}

/// Cycles, of messages too, on which nothing is done or decided.
pub(super) fn without_work(
    model: &Model,
    flow: &ControlFlow,
    reachability: &Reachability,
) -> Vec<Vec<NodeIx>> {
    let idle = |node: NodeIx| model[node].may_be_passed() && reachability.is_reachable(node);
    let edges = model.indices().filter(|&from| idle(from)).flat_map(|from| {
        // A compensation that is skipped sends nothing.
        let sends = if model[from].is_compensation() { &[][..] } else { &model[from].sends };
        let onward = model[from].next.iter().chain(sends).map(|arrow| arrow.to);
        onward.filter(|&to| idle(to)).map(move |to| (from, to))
    });
    let graph = Graph::new(model.nodes.len(), &edges.collect::<Vec<_>>());
    let component = graph.components();
    // A rollback enters no node twice; but each message that it sends is a run of its own.
    let mut repeats = vec![false; model.nodes.len()];
    for (from, to) in graph.edges().filter(|(from, to)| component[from.0] == component[to.0]) {
        let is_message = model[from].next.iter().all(|arrow| arrow.to != to);
        repeats[component[from.0]] |= is_message || flow.forward.leads_to(from);
    }
    let within =
        graph.filtered(|from, to| component[from.0] == component[to.0] && repeats[component[from.0]]);
    one_cycle_per_sink(&within, within.edges().map(|(from, _)| from))
}
