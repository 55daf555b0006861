//! Forks and messages of which no run comes to an end.

use super::circle::around;
use super::course::{Course, begins_rollback};
use super::walk::Walks;
use crate::model::finishing::finishing;
use crate::model::graph::Graph;
use crate::model::{Kind, Model, Node, NodeIx};
use crate::rules::reach::Reach;

/// For each node: does a run that is there come to an end, or into a rollback, if decisions choose the way
/// there? A fork does only if all its branches do. What is reported elsewhere, a node that no arrow leaves,
/// is taken for an end.
pub(crate) fn finishes(model: &Model, control: &Graph) -> Vec<bool> {
    let needs = |node: NodeIx| match control.next(node).len() {
        _ if begins_rollback(model, node) => 0,
        arrows if model[node].kind == Kind::Decision => arrows.min(1),
        arrows => arrows,
    };
    finishing(control, model.indices().map(needs).collect())
}

/// Forks that start themselves again in one branch, whatever is decided, while another one leads on. Each is
/// a walk from the fork back to it. Cycles that nothing leaves are not among them (F302).
pub(crate) fn forks(model: &Model, course: &Course, finishes: &[bool]) -> Vec<Vec<NodeIx>> {
    // Without any end, that is what is to be mended, and reported.
    if model.ends.is_empty() {
        return Vec::new();
    }
    let is_endless = |node: NodeIx| course.forward.leads_to(node) && !finishes[node.0];
    if !course.forward.nodes().iter().any(|&node| is_endless(node)) {
        return Vec::new();
    }
    let arrows = course.control.arrows().filter(|&(from, to)| is_endless(from) && is_endless(to));
    let graph = Graph::new(model.nodes.len(), &arrows.collect::<Vec<_>>());
    // A branch that is a rollback stops the others, and is reported for that (F306).
    let is_way_on = |next: NodeIx| finishes[next.0] && !begins_rollback(model, next);
    let leads_on = |node: &NodeIx| course.control.next(*node).iter().any(|&next| is_way_on(next));
    let forks = course.forward.nodes().iter().copied().filter(|&node| is_endless(node)).filter(leads_on);
    // Of several in a cycle, the last one is the nearest to the way back.
    around(&graph, forks.collect::<Vec<_>>().into_iter().rev())
}

/// Messages that are sent again by what they lead to, whatever is decided. Each is a walk from the sender
/// back to it. Nodes that are not `finishes` are reported for that.
pub(crate) fn messages(model: &Model, course: &Course, reach: &Reach, finishes: &[bool]) -> Vec<Vec<NodeIx>> {
    if model.ends.is_empty() || model.nodes.iter().all(|node| node.sends.is_empty()) {
        return Vec::new();
    }
    let (graph, finishes) = finishes_with_messages(model, course, finishes);
    let is_endless = |node: NodeIx| {
        let is_node = node.0 < model.nodes.len();
        !finishes[node.0] && (!is_node || reach.is_reached(node))
    };
    let arrows = graph.arrows().filter(|&(from, to)| is_endless(from) && is_endless(to));
    let graph = Graph::new(graph.len(), &arrows.collect::<Vec<_>>());
    let component = graph.components();
    let mut is_done = vec![false; graph.len()];
    for (from, to) in graph.arrows() {
        is_done[component[from.0]] |= component[from.0] != component[to.0];
    }
    let mut senders = Vec::new();
    for node in model.indices().filter(|&node| is_endless(node)) {
        let mut sends = model[node].sends.iter().map(|arrow| arrow.to);
        let target = sends.find(|&to| is_endless(to) && component[to.0] == component[node.0]);
        if let Some(target) = target.filter(|_| !std::mem::replace(&mut is_done[component[node.0]], true)) {
            senders.push((node, target));
        }
    }
    // No arrow leads from one such component to another, so one search walks all of them.
    let walks = Walks::from(senders.iter().map(|&(_, target)| target), &graph, |_| true);
    let is_drawn = |node: &NodeIx| node.0 < model.nodes.len();
    let round = |(sender, _)| std::iter::once(sender).chain(walks.to(sender)).filter(is_drawn).collect();
    senders.into_iter().map(round).collect()
}

/// The same as `finishes`, where a node needs its messages to come to an end, too; with the arrows that
/// matter for that. Behind the nodes of the model come the choices of decisions that send something.
fn finishes_with_messages(model: &Model, course: &Course, finishes: &[bool]) -> (Graph, Vec<bool>) {
    let component = course.control.components();
    let mut arrows: Vec<(NodeIx, NodeIx)> = Vec::new();
    let mut needs = Vec::with_capacity(model.nodes.len());
    let mut choices = 0;
    for node in model.indices() {
        let Node { kind, sends, .. } = &model[node];
        let mut next = course.control.next(node).to_vec();
        let mut chooses = *kind == Kind::Decision && !next.is_empty();
        if !course.forward.leads_to(node) {
            // A rollback enters no node twice, so a cycle ends.
            next.retain(|to| component[to.0] != component[node.0]);
            chooses &= next.len() == course.control.next(node).len();
        }
        let ways = if chooses { 1 } else { next.len() };
        // A compensation that is skipped sends nothing.
        let sends = if model[node].is_compensation() { &[][..] } else { sends };
        let sent = sends.iter().map(|arrow| arrow.to);
        if !finishes[node.0] || *kind == Kind::Decision && !chooses {
            needs.push(0);
        } else if chooses && !sends.is_empty() {
            // Which outcome it is, and that its messages are sent, are two things.
            let choice = NodeIx(model.nodes.len() + choices);
            choices += 1;
            needs.push(1 + sends.len());
            arrows.extend(sent.chain([choice]).map(|to| (node, to)));
            arrows.extend(next.into_iter().map(|to| (choice, to)));
        } else {
            needs.push(ways + sends.len());
            arrows.extend(next.into_iter().chain(sent).map(|to| (node, to)));
        }
    }
    needs.resize(needs.len() + choices, 1);
    let graph = Graph::new(needs.len(), &arrows);
    let finishes = finishing(&graph, needs);
    (graph, finishes)
}
