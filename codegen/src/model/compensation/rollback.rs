use std::collections::HashSet;

use crate::model::graph::Graph;
use crate::model::{Kind, Model, Node, NodeIx};

/// Finds the steps at which a rollback begins. What looks like a compensation and is none is no
/// trigger either.
pub(super) fn find_triggers(model: &mut Model, suspects: &[NodeIx]) {
    let suspects: HashSet<_> = suspects.iter().copied().collect();
    let is_trigger: Vec<_> =
        model.indices().map(|node| !suspects.contains(&node) && begins_rollback(model, node)).collect();
    for (node, is_trigger) in model.nodes.iter_mut().zip(is_trigger) {
        node.is_trigger = is_trigger;
    }
}

/// Names the one trigger at which rollbacks begin, if it is one. Where runs go forward is known by then.
pub(super) fn choose_trigger(model: &mut Model) {
    model.trigger = match beginning(model).as_slice() {
        &[only] => Some(only),
        _ => None,
    };
}

/// The triggers at which a rollback begins: the others stand in the midst of one, behind a compensation.
pub(crate) fn beginning(model: &Model) -> Vec<NodeIx> {
    if !model.nodes.iter().any(|node| node.is_trigger) {
        return Vec::new();
    }
    let forward = forward(model);
    let mut is_within = vec![false; model.nodes.len()];
    let mut is_entry = vec![false; model.nodes.len()];
    for from in model.indices() {
        for arrow in &model[from].next {
            let met = if forward[from.0] { &mut is_entry } else { &mut is_within };
            met[arrow.to.0] |= model[arrow.to].is_trigger;
        }
    }
    let begins = |node: &NodeIx| model[*node].is_trigger && (is_entry[node.0] || !is_within[node.0]);
    model.indices().filter(begins).collect()
}

fn begins_rollback(model: &Model, node: NodeIx) -> bool {
    let node = &model[node];
    let acts = matches!(node.kind, Kind::Step | Kind::Task) && !node.is_compensation();
    acts && !node.next.is_empty() && node.next.iter().all(|arrow| model[arrow.to].is_compensation())
}

/// For each node: does a run come there in any way?
///
/// Faults lead to the trigger without an arrow, and what is owed to its compensation. Last first,
/// nobody goes along the arrows of a compensation.
pub(crate) fn reached(model: &Model) -> Vec<bool> {
    let mut reached = walked(model);
    for compensation in model.indices().filter(|node| !reached[node.0]).collect::<Vec<_>>() {
        reached[compensation.0] = model[compensation].undoes.iter().any(|step| reached[step.0]);
    }
    reached
}

/// The same for where runs come along arrows, or to the trigger.
fn walked(model: &Model) -> Vec<bool> {
    let arrows = model.indices().filter(|&from| is_left(&model[from])).flat_map(|from| {
        let node = &model[from];
        node.next.iter().chain(&node.sends).map(move |arrow| (from, arrow.to))
    });
    let graph = Graph::new(model.nodes.len(), &arrows.collect::<Vec<_>>());
    graph.reach(model.starts.iter().copied().chain(trigger_of_faults(model)), |_| true)
}

/// The trigger, if anything on the way there can fault. What messages do leads there by arrows only.
pub(crate) fn trigger_of_faults(model: &Model) -> Option<NodeIx> {
    let trigger = model.trigger?;
    let forward = Graph::control(model).reach(model.starts.iter().copied(), |node| !undoing(model, node));
    let can_fault = |node: &Node| {
        node.is_implemented() || node.kind != Kind::End && node.next.is_empty() && !node.sends.is_empty()
    };
    model.indices().any(|node| forward[node.0] && can_fault(&model[node])).then_some(trigger)
}

fn undoing(model: &Model, node: NodeIx) -> bool {
    model[node].is_compensation() || model[node].is_trigger
}

/// A decision that has no outcome is never made, and so sends nothing.
fn is_left(node: &Node) -> bool {
    node.kind != Kind::Decision || !node.next.is_empty()
}

/// Where messages lead to that are sent at all.
pub(crate) fn sent(model: &Model) -> Vec<NodeIx> {
    if model.nodes.iter().all(|node| node.sends.is_empty()) {
        return Vec::new();
    }
    let walked = walked(model);
    let sending = model.indices().filter(|node| walked[node.0] && is_left(&model[*node]));
    sending.flat_map(|node| model[node].sends.iter().map(|arrow| arrow.to)).collect()
}

/// Where runs set out: at the starts, and where messages lead to.
pub(crate) fn beginnings(model: &Model) -> Vec<NodeIx> {
    model.starts.iter().copied().chain(sent(model)).collect()
}

/// For each node: does a run, that of a message too, come there before it rolls back? Compensations
/// that a run may undo something at on its way, and then go on, are such nodes.
pub(in crate::model) fn forward(model: &Model) -> Vec<bool> {
    let rolls_back = |node: NodeIx| model[node].is_trigger || model[node].rolls_back;
    Graph::control(model).reach(beginnings(model), |node| !rolls_back(node))
}

/// The same for where a run comes before it undoes anything.
fn before_undoing(model: &Model) -> Vec<bool> {
    Graph::control(model).reach(beginnings(model), |node| !undoing(model, node))
}

/// Finds the compensations that a run enters to roll back, when it comes there on a drawn arrow:
/// those behind which there is nothing but rollback.
pub(super) fn find_entries(model: &mut Model) {
    if !model.nodes.iter().any(Node::is_compensation) {
        return;
    }
    let forward = before_undoing(model);
    let goes_on = |node: &NodeIx| forward[node.0] && model[*node].kind != Kind::End;
    let back = Graph::control(model).reversed();
    // A trigger leads to compensations, and what lies behind those is their business.
    let leads_on = back.reach(model.indices().filter(goes_on), |node| !model[node].is_trigger);
    for node in model.indices() {
        model[node].rolls_back = model[node].is_compensation() && !leads_on[node.0];
    }
}
