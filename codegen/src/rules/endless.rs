//! Forks and messages of which no run comes to an end.

use super::circle::around;
use super::course::{Course, begins_rollback};
use super::walk::Walks;
use crate::model::finishing::finishing;
use crate::model::graph::Graph;
use crate::model::{Kind, Model, Node, NodeIx};

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
    let leads_on = |node: &NodeIx| course.control.next(*node).iter().any(|&next| finishes[next.0]);
    let forks = course.forward.nodes().iter().copied().filter(|&node| is_endless(node)).filter(leads_on);
    // Of several in a cycle, the last one is the nearest to the way back.
    around(&graph, forks.collect::<Vec<_>>().into_iter().rev())
}

/// Messages that are sent again by what they lead to, whatever is decided. Each is a walk from the sender
/// back to it. Nodes that are not `finishes` are reported for that.
pub(crate) fn messages(model: &Model, course: &Course, finishes: &[bool]) -> Vec<Vec<NodeIx>> {
    if model.ends.is_empty() || model.nodes.iter().all(|node| node.sends.is_empty()) {
        return Vec::new();
    }
    let finishes = finishes_with_messages(model, &course.control, finishes);
    let is_endless = |node: NodeIx| course.forward.leads_to(node) && !finishes[node.0];
    let sends = |node: NodeIx| model[node].sends.iter().map(|arrow| arrow.to);
    let arrows = model.indices().filter(|&from| is_endless(from)).flat_map(|from| {
        let onward = course.control.next(from).iter().copied().chain(sends(from));
        onward.filter(|&to| is_endless(to)).map(move |to| (from, to))
    });
    let graph = Graph::new(model.nodes.len(), &arrows.collect::<Vec<_>>());
    let component = graph.components();
    let mut is_done = vec![false; graph.len()];
    for (from, to) in graph.arrows() {
        is_done[component[from.0]] |= component[from.0] != component[to.0];
    }
    let mut senders = Vec::new();
    for &node in course.forward.nodes().iter().filter(|&&node| is_endless(node)) {
        let target = sends(node).find(|&to| is_endless(to) && component[to.0] == component[node.0]);
        if let Some(target) = target.filter(|_| !std::mem::replace(&mut is_done[component[node.0]], true)) {
            senders.push((node, target));
        }
    }
    // No arrow leads from one such component to another, so one search walks all of them.
    let walks = Walks::from(senders.iter().map(|&(_, target)| target), &graph, |_| true);
    let round = |(sender, _)| std::iter::once(sender).chain(walks.to(sender)).collect();
    senders.into_iter().map(round).collect()
}

/// The same as `finishes`, where a node needs its messages to come to an end, too.
fn finishes_with_messages(model: &Model, control: &Graph, finishes: &[bool]) -> Vec<bool> {
    let mut arrows: Vec<(NodeIx, NodeIx)> = Vec::new();
    let mut needs = Vec::with_capacity(model.nodes.len());
    let mut choices = Vec::new();
    for node in model.indices() {
        let (next, Node { kind, sends, .. }) = (control.next(node), &model[node]);
        let chooses = *kind == Kind::Decision && !next.is_empty();
        let ways = if chooses { 1 } else { next.len() };
        needs.push(if begins_rollback(model, node) || !finishes[node.0] { 0 } else { ways + sends.len() });
        arrows.extend(sends.iter().map(|arrow| (node, arrow.to)));
        if chooses && !sends.is_empty() {
            // Which outcome it is, and that its messages are sent, are two things.
            let choice = NodeIx(model.nodes.len() + choices.len());
            choices.push(1);
            arrows.push((node, choice));
            arrows.extend(next.iter().map(|&to| (choice, to)));
        } else {
            arrows.extend(next.iter().map(|&to| (node, to)));
        }
    }
    needs.append(&mut choices);
    finishing(&Graph::new(needs.len(), &arrows), needs)
}
