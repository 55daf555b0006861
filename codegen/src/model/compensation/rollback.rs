use std::collections::HashSet;

use crate::model::graph::Graph;
use crate::model::{Kind, Model, Node, NodeIx};

/// Finds the steps at which a rollback begins. What looks like a compensation and is none is no
/// trigger either.
pub(super) fn find_triggers(model: &mut Model, suspects: &[NodeIx]) {
    let suspects: HashSet<_> = suspects.iter().copied().collect();
    let triggers: Vec<_> =
        model.indices().filter(|node| !suspects.contains(node) && begins_rollback(model, *node)).collect();
    for &trigger in &triggers {
        model[trigger].is_trigger = true;
    }
    model.trigger = match triggers.as_slice() {
        &[only] => Some(only),
        _ => None,
    };
}

fn begins_rollback(model: &Model, node: NodeIx) -> bool {
    let node = &model[node];
    let acts = matches!(node.kind, Kind::Step | Kind::Task) && !node.is_compensation();
    acts && !node.next.is_empty() && node.next.iter().all(|arrow| model[arrow.to].is_compensation())
}

/// For each node: does a run come there before it rolls back?
pub(in crate::model) fn forward(model: &Model) -> Vec<bool> {
    let undoing = |node: NodeIx| model[node].is_compensation() || model[node].is_trigger;
    Graph::control(model).reach(model.starts.iter().copied(), |node| !undoing(node))
}

/// Finds the compensations that a run enters to roll back, when it comes there on a drawn arrow:
/// those behind which there is nothing but rollback.
pub(super) fn find_entries(model: &mut Model) {
    if !model.nodes.iter().any(Node::is_compensation) {
        return;
    }
    let forward = forward(model);
    let goes_on = |node: &NodeIx| forward[node.0] && model[*node].kind != Kind::End;
    let back = Graph::control(model).reversed();
    // A trigger leads to compensations, and what lies behind those is their business.
    let leads_on = back.reach(model.indices().filter(goes_on), |node| !model[node].is_trigger);
    for node in model.indices() {
        model[node].rolls_back = model[node].is_compensation() && !leads_on[node.0];
    }
}
