//! Forks and messages whose runs never end.

use super::{ControlFlow, Reachability};
use crate::graph::{Graph, NodeIx, ShortestPaths, finishing, one_cycle_per_sink};
use crate::model::{Kind, Model, Node};

/// For each node: does a run that is there come to an end, or into a rollback, if decisions choose the way
/// there? A fork does only if all its branches do. Dead ends (F205) count as ends.
pub(super) fn finishes(model: &Model, control: &Graph) -> Vec<bool> {
    let needs = |node: NodeIx| match control.next(node).len() {
        _ if model[node].begins_rollback() => 0,
        arrows if model[node].kind == Kind::Decision => arrows.min(1),
        arrows => arrows,
    };
    finishing(control, model.indices().map(needs).collect())
}

/// Forks that one branch starts again, whatever is decided, while another one leads on. Each is a path from
/// the fork back to it. Cycles without an exit are not among them (F302).
pub(super) fn endless_forks(model: &Model, flow: &ControlFlow, finishes: &[bool]) -> Vec<Vec<NodeIx>> {
    // Without any end, that is the error (F202).
    if model.ends.is_empty() {
        return Vec::new();
    }
    let is_endless = |node: NodeIx| flow.forward.leads_to(node) && !finishes[node.0];
    if !flow.forward.nodes().iter().any(|&node| is_endless(node)) {
        return Vec::new();
    }
    let graph = flow.control.filtered(|from, to| is_endless(from) && is_endless(to));
    // A branch that is a rollback stops the others (F306).
    let is_way_on = |next: NodeIx| finishes[next.0] && !model[next].begins_rollback();
    let leads_on = |node: &NodeIx| flow.control.next(*node).iter().any(|&next| is_way_on(next));
    let forks = flow.forward.nodes().iter().copied().filter(|&node| is_endless(node)).filter(leads_on);
    // Of several forks in a cycle, the last one is the nearest to the way back.
    one_cycle_per_sink(&graph, forks.collect::<Vec<_>>().into_iter().rev())
}

/// Messages whose runs send them again, whatever is decided. Each is a path from the sender back to it. Nodes
/// that are not `finishes` are errors for that reason alone.
pub(super) fn endless_messages(
    model: &Model,
    flow: &ControlFlow,
    reachability: &Reachability,
    finishes: &[bool],
) -> Vec<Vec<NodeIx>> {
    if model.ends.is_empty() || model.nodes.iter().all(|node| node.sends.is_empty()) {
        return Vec::new();
    }
    let (graph, finishes) = finishes_with_messages(model, flow, finishes);
    let is_endless = |node: NodeIx| {
        let is_node = node.0 < model.nodes.len();
        !finishes[node.0] && (!is_node || reachability.is_reachable(node))
    };
    let graph = graph.filtered(|from, to| is_endless(from) && is_endless(to));
    let component = graph.components();
    let mut is_done = graph.left_components(&component);
    let mut senders = Vec::new();
    for node in model.indices().filter(|&node| is_endless(node)) {
        let mut sends = model[node].sends.iter().map(|arrow| arrow.to);
        let target = sends.find(|&to| is_endless(to) && component[to.0] == component[node.0]);
        if let Some(target) = target.filter(|_| !std::mem::replace(&mut is_done[component[node.0]], true)) {
            senders.push((node, target));
        }
    }
    // No edge leads from one such component to another, so one search finds the paths in all of them.
    let paths = ShortestPaths::new(senders.iter().map(|&(_, target)| target), &graph, |_| true);
    let is_drawn = |node: &NodeIx| node.0 < model.nodes.len();
    let round = |(sender, _)| std::iter::once(sender).chain(paths.to(sender)).filter(is_drawn).collect();
    let mut cycles: Vec<Vec<_>> = senders.into_iter().map(round).collect();
    // Without work on the way round, that is the error (F307).
    cycles.retain(|cycle| !cycle.iter().all(|&node| model[node].may_be_passed()));
    cycles
}

/// As `finishes`, but a node needs the runs of its messages to end, too; with the graph of the edges that
/// matter for that. After the nodes of the model come the choices of decisions that send messages.
fn finishes_with_messages(model: &Model, flow: &ControlFlow, finishes: &[bool]) -> (Graph, Vec<bool>) {
    let component = flow.control.components();
    let mut edges: Vec<(NodeIx, NodeIx)> = Vec::new();
    let mut needs = Vec::with_capacity(model.nodes.len());
    let mut choices = 0;
    for node in model.indices() {
        let Node { kind, sends, .. } = &model[node];
        let mut next = flow.control.next(node).to_vec();
        let mut chooses = *kind == Kind::Decision && !next.is_empty();
        if !flow.forward.leads_to(node) {
            // A rollback enters no node twice, so a cycle ends.
            next.retain(|to| component[to.0] != component[node.0]);
            chooses &= next.len() == flow.control.next(node).len();
        }
        let ways = if chooses { 1 } else { next.len() };
        // A compensation that is skipped sends nothing.
        let sends = if model[node].is_compensation() { &[][..] } else { sends };
        let sent = sends.iter().map(|arrow| arrow.to);
        if !finishes[node.0] || *kind == Kind::Decision && !chooses {
            needs.push(0);
        } else if chooses && !sends.is_empty() {
            // A decision needs one of its outcomes and all of its messages, so the outcomes get a node of
            // their own.
            let choice = NodeIx(model.nodes.len() + choices);
            choices += 1;
            needs.push(1 + sends.len());
            edges.extend(sent.chain([choice]).map(|to| (node, to)));
            edges.extend(next.into_iter().map(|to| (choice, to)));
        } else {
            needs.push(ways + sends.len());
            edges.extend(next.into_iter().chain(sent).map(|to| (node, to)));
        }
    }
    needs.resize(needs.len() + choices, 1);
    let graph = Graph::new(needs.len(), &edges);
    let finishes = finishing(&graph, needs);
    (graph, finishes)
}
