//! Where rollbacks begin, and where runs come with and without them.
//!
//! All of this depends on which steps and compensations are paired. While pairs are still inferred, it is
//! computed for the pairs so far.

use std::collections::HashSet;

use crate::graph::{Graph, NodeIx};
use crate::model::{Kind, Model, Node};

/// Finds rollback triggers, the compensations at which a run begins to roll back, and the one trigger of
/// faults.
///
/// `unpaired` are nodes that look like compensations but have no pair; they are no triggers.
pub(super) fn find_entries(model: &mut Model, unpaired: &[NodeIx]) {
    let unpaired: HashSet<_> = unpaired.iter().copied().collect();
    let is_trigger: Vec<_> =
        model.indices().map(|node| !unpaired.contains(&node) && is_trigger(model, node)).collect();
    for (node, is_trigger) in model.nodes.iter_mut().zip(is_trigger) {
        node.is_trigger = is_trigger;
    }
    find_compensations_that_roll_back(model);
    model.trigger = match entry_triggers(model).as_slice() {
        &[only] => Some(only),
        _ => None,
    };
}

/// Do all edges of this step lead to compensations?
fn is_trigger(model: &Model, node: NodeIx) -> bool {
    let node = &model[node];
    node.is_work()
        && !node.is_compensation()
        && !node.next.is_empty()
        && node.next.iter().all(|arrow| model[arrow.to].is_compensation())
}

/// Sets `rolls_back` of the compensations from which no path leads on to the flow.
fn find_compensations_that_roll_back(model: &mut Model) {
    if !model.nodes.iter().any(Node::is_compensation) {
        return;
    }
    let control = model.control();
    let forward = control.reachable(entry_nodes(model), |node| !undoes(model, node));
    let continues = |node: &NodeIx| forward[node.0] && model[*node].kind != Kind::End;
    // A path through a trigger leads to compensations, which are judged by themselves.
    let leads_on =
        control.reversed().reachable(model.indices().filter(continues), |node| !model[node].is_trigger);
    for node in model.indices() {
        model[node].rolls_back = model[node].is_compensation() && !leads_on[node.0];
    }
}

/// The triggers at which a rollback begins. The others are reached from compensations only.
pub(crate) fn entry_triggers(model: &Model) -> Vec<NodeIx> {
    if !model.nodes.iter().any(|node| node.is_trigger) {
        return Vec::new();
    }
    let forward = reachable_forward(model);
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

/// The nodes at which runs begin: the starts, and the targets of messages.
pub(crate) fn entry_nodes(model: &Model) -> Vec<NodeIx> {
    model.starts.iter().copied().chain(message_targets(model)).collect()
}

/// The targets of all messages that a run can send.
pub(crate) fn message_targets(model: &Model) -> Vec<NodeIx> {
    if model.nodes.iter().all(|node| node.sends.is_empty()) {
        return Vec::new();
    }
    let reachable = reachable_by_edges(model);
    let sending = model.indices().filter(|node| reachable[node.0] && is_left(&model[*node]));
    sending.flat_map(|node| model[node].sends.iter().map(|arrow| arrow.to)).collect()
}

/// For each node: does a run, or the run of a message, come there before it rolls back?
pub(crate) fn reachable_forward(model: &Model) -> Vec<bool> {
    model.control().reachable(entry_nodes(model), |node| !model[node].begins_rollback())
}

/// For each node: does a run come there in any way?
///
/// Faults lead to the trigger without an edge, and then, without one too, to the compensations of steps that
/// were done. Edges of those compensations are not followed.
pub(crate) fn reachable_with_faults(model: &Model) -> Vec<bool> {
    let mut reachable = reachable_by_edges(model);
    for compensation in model.indices().filter(|node| !reachable[node.0]).collect::<Vec<_>>() {
        reachable[compensation.0] = model[compensation].undoes.iter().any(|step| reachable[step.0]);
    }
    reachable
}

/// For each node: does a run come there along edges from a start or from the trigger of faults?
fn reachable_by_edges(model: &Model) -> Vec<bool> {
    let edges = model.indices().filter(|&from| is_left(&model[from])).flat_map(|from| {
        let node = &model[from];
        node.next.iter().chain(&node.sends).map(move |arrow| (from, arrow.to))
    });
    let graph = Graph::new(model.nodes.len(), &edges.collect::<Vec<_>>());
    graph.reachable(model.starts.iter().copied().chain(trigger_of_faults(model)), |_| true)
}

/// The trigger, if a node before it can fault. Faults in the run of a message do not lead to it.
pub(crate) fn trigger_of_faults(model: &Model) -> Option<NodeIx> {
    let trigger = model.trigger?;
    let forward = done_before_undoing(model, &model.control());
    let can_fault = |node: &Node| {
        node.is_implemented() || node.kind != Kind::End && node.next.is_empty() && !node.sends.is_empty()
    };
    model.indices().any(|node| forward[node.0] && can_fault(&model[node])).then_some(trigger)
}

/// For each node: does a run, messages aside, come there before any compensation or trigger?
fn done_before_undoing(model: &Model, control: &Graph) -> Vec<bool> {
    control.reachable(model.starts.iter().copied(), |node| !undoes(model, node))
}

fn undoes(model: &Model, node: NodeIx) -> bool {
    model[node].is_compensation() || model[node].is_trigger
}

/// Does a run leave this node? A decision without outcomes is never made, and sends nothing.
fn is_left(node: &Node) -> bool {
    node.kind != Kind::Decision || !node.next.is_empty()
}

/// Which compensations a fault leads to.
pub(crate) struct FaultPaths {
    /// By node: it is done before the flow rolls back.
    before: Vec<bool>,
    /// By node: the trigger leads to it.
    after: Vec<bool>,
}

impl FaultPaths {
    /// For the paths through `trigger`.
    pub(crate) fn new(model: &Model, control: &Graph, trigger: Option<NodeIx>) -> Self {
        Self { before: done_before_undoing(model, control), after: control.reachable(trigger, |_| true) }
    }

    /// Can a fault lead from the step to the compensation?
    pub(crate) fn lead(&self, step: NodeIx, compensation: NodeIx) -> bool {
        self.before[step.0] && self.after[compensation.0]
    }
}

/// The region of a drawing in which a run can only roll back, regardless of labels: where drawn compensations
/// make a rollback of a path. Computed after `rolls_back` of all nodes.
pub(crate) struct DrawnRollback {
    /// By node: it is a compensation that rolls back, or comes after one, or all paths from it lead to one.
    pub(crate) nodes: Vec<bool>,
    /// By node: a path from it leads to an end without a compensation that rolls back.
    avoids: Vec<bool>,
    /// By node: a path from it leads to a compensation that rolls back.
    leads: Vec<bool>,
}

impl DrawnRollback {
    pub(crate) fn new(model: &Model, control: &Graph) -> Self {
        let rolls_back = |node: NodeIx| model[node].rolls_back;
        let rolling = || model.indices().filter(|&node| rolls_back(node));
        if rolling().next().is_none() {
            let none = vec![false; control.len()];
            return Self { nodes: none.clone(), avoids: none.clone(), leads: none };
        }
        let back = control.reversed();
        let ends = model.indices().filter(|&node| control.next(node).is_empty());
        let avoids = back.reachable(ends, |node| !rolls_back(node));
        let leads = back.reachable(rolling(), |_| true);
        let mut region = Self { nodes: Vec::new(), avoids, leads };
        let entries = control.edges().filter(|&(from, to)| region.is_entered(from, to)).map(|(_, to)| to);
        region.nodes = control.reachable(entries.chain(rolling()), |_| true);
        region
    }

    /// Does this edge enter the region, from a node from which a run can still end otherwise?
    pub(crate) fn is_entered(&self, from: NodeIx, to: NodeIx) -> bool {
        self.avoids[from.0] && self.leads[to.0] && !self.avoids[to.0]
    }
}
