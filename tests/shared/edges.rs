//! Where each drawn edge of control is in the model.
//!
//! This is checked from the drawing, by the definitions of the words, and not by the code that drops edges.

use std::collections::{BTreeMap, BTreeSet};

use flowgen_codegen::Analysis;
use flowgen_codegen::model::{Kind, Model, NodeIx, Role};
use flowgen_codegen::syntax::{Edge, Item};

/// Each drawn edge of control is in the model, or every way from its source to an exit leads to its target.
/// Returns how many were left out for that.
pub(crate) fn check(analysis: &Analysis) -> Result<usize, String> {
    let Analysis { drawing, model, .. } = analysis;
    let mut ids: BTreeMap<&str, NodeIx> = BTreeMap::new();
    for node in model.indices() {
        ids.entry(&model[node].id.text).or_insert(node);
    }
    let mut dropped = BTreeSet::new();
    for edge in drawing.items.iter().flat_map(edges_of) {
        let ends = [&edge.from, &edge.to].map(|end| ids.get(end.node.id.text.as_str()));
        let (Role::Control(_), [Some(&from), Some(&to)]) = (Role::new(edge), ends) else { continue };
        if !leads(model, from, to) {
            dropped.insert((from, to));
        }
    }
    for &(from, to) in &dropped {
        if model[from].kind == Kind::Decision || !is_return(model, from, to) {
            let [from, to] = [from, to].map(|node| &model[node].id.text);
            return Err(format!("the edge from {from} to {to} is left out"));
        }
    }
    Ok(dropped.len())
}

fn edges_of(item: &Item) -> Vec<&Edge> {
    match item {
        Item::Lane(lane) => lane.items.iter().flat_map(edges_of).collect(),
        Item::Edge(edge) => vec![edge],
        Item::Node(_) | Item::Loop(_) | Item::Comment(_) => Vec::new(),
    }
}

/// Is the edge there? A decision that a loop implies may stand in it.
fn leads(model: &Model, from: NodeIx, to: NodeIx) -> bool {
    let implied = |node: NodeIx| {
        model[node].kind == Kind::Decision
            && model[node].id.text.starts_with(&format!("{}_loop", model[from].id.text))
    };
    let targets = |node: NodeIx| model[node].next.iter().map(|arrow| arrow.to).collect::<Vec<_>>();
    let mut open = targets(from);
    let mut seen = BTreeSet::new();
    while let Some(node) = open.pop() {
        if node == to {
            return true;
        }
        if implied(node) && seen.insert(node) {
            open.extend(targets(node));
        }
    }
    false
}

/// Does every way from one node to an exit go through the other one, and is there such a way? An exit is a
/// node that no edge leaves. Where none can be reached, it is where a rollback begins.
fn is_return(model: &Model, from: NodeIx, to: NodeIx) -> bool {
    let flow = Flow::of(model);
    let (reached, past) = (flow.reach(from, None), flow.reach(from, Some(to)));
    let ends = |nodes: &BTreeSet<NodeIx>| nodes.iter().any(|&node| flow.is_end(node));
    let rolls_back = |nodes: &BTreeSet<NodeIx>| nodes.iter().any(|&node| flow.rolls_back(node));
    let leads_out = if ends(&reached) { !ends(&past) } else { rolls_back(&reached) && !rolls_back(&past) };
    reached.contains(&to) && leads_out
}

/// The edges of control that do not enter a rollback.
struct Flow<'m> {
    model: &'m Model,
    forward: BTreeSet<NodeIx>,
}

impl<'m> Flow<'m> {
    fn of(model: &'m Model) -> Self {
        let sends = |node: &NodeIx| model[*node].sends.iter().map(|arrow| arrow.to).collect::<Vec<_>>();
        let onward =
            |node: &NodeIx| model[*node].next.iter().map(|arrow| arrow.to).chain(sends(node)).collect();
        let walked = closure(model.starts.iter().copied().chain(model.trigger), onward);
        let beginnings = model.starts.iter().copied().chain(walked.iter().flat_map(sends));
        let begins_rollback = |node: &NodeIx| model[*node].is_trigger || model[*node].rolls_back;
        let next = |node: &NodeIx| model[*node].next.iter().map(|arrow| arrow.to);
        let forward = |node: &NodeIx| next(node).filter(|to| !begins_rollback(to)).collect();
        Self { model, forward: closure(beginnings.filter(|node| !begins_rollback(node)), forward) }
    }

    fn begins_rollback(&self, node: NodeIx) -> bool {
        self.model[node].is_trigger || self.model[node].rolls_back
    }

    fn enters_rollback(&self, from: NodeIx, to: NodeIx) -> bool {
        self.model[to].is_trigger || self.forward.contains(&from) && self.begins_rollback(to)
    }

    fn is_end(&self, node: NodeIx) -> bool {
        let mut next = self.model[node].next.iter();
        let is_left_for_rollback = next.all(|arrow| self.enters_rollback(node, arrow.to));
        self.model[node].next.is_empty() || !self.forward.contains(&node) && is_left_for_rollback
    }

    fn rolls_back(&self, node: NodeIx) -> bool {
        self.model[node].next.iter().any(|arrow| self.enters_rollback(node, arrow.to))
    }

    /// The nodes that ways lead to, those that they set out from among them, and none over `closed`.
    fn reach(&self, from: NodeIx, closed: Option<NodeIx>) -> BTreeSet<NodeIx> {
        let is_way = |from: NodeIx, to: NodeIx| Some(to) != closed && !self.enters_rollback(from, to);
        let next = |node: &NodeIx| self.model[*node].next.iter().map(|arrow| arrow.to).collect::<Vec<_>>();
        closure([from], |node| next(node).into_iter().filter(|&to| is_way(*node, to)).collect())
    }
}

/// All that follows from some nodes, those among them.
fn closure(
    from: impl IntoIterator<Item = NodeIx>,
    next: impl Fn(&NodeIx) -> Vec<NodeIx>,
) -> BTreeSet<NodeIx> {
    let mut open: Vec<_> = from.into_iter().collect();
    let mut reached = BTreeSet::new();
    while let Some(node) = open.pop() {
        if reached.insert(node) {
            open.extend(next(&node));
        }
    }
    reached
}
