use super::walk::Walks;
use crate::model::compensation::{beginnings, trigger_of_faults};
use crate::model::graph::Graph;
use crate::model::{Model, NodeIx};

/// The courses that runs take, as the checks of soundness and rollback ask for them.
pub(crate) struct Course {
    pub(crate) control: Graph,
    /// From the starts and from what messages lead to, up to where a rollback begins.
    pub(crate) forward: Walks,
    /// Where a rollback begins that is walked as drawn, in the order in which runs come there.
    pub(crate) entries: Vec<NodeIx>,
}

impl Course {
    pub(crate) fn of(model: &Model) -> Self {
        let control = Graph::control(model);
        let forward = Walks::from(beginnings(model), &control, |node| !begins_rollback(model, node));
        let entries = entries(model, &control, &forward);
        Self { control, forward, entries }
    }
}

/// Is a run that enters this node on a drawn arrow rolling back?
pub(crate) fn begins_rollback(model: &Model, node: NodeIx) -> bool {
    model[node].is_trigger || model[node].rolls_back
}

/// A fault leads to the trigger without an arrow.
fn entries(model: &Model, control: &Graph, forward: &Walks) -> Vec<NodeIx> {
    let drawn = forward.nodes().iter().flat_map(|&from| control.next(from)).copied();
    let all = trigger_of_faults(model).into_iter().chain(drawn.filter(|&to| begins_rollback(model, to)));
    let mut seen = vec![false; model.nodes.len()];
    all.filter(|entry| !std::mem::replace(&mut seen[entry.0], true)).collect()
}
