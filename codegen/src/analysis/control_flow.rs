use crate::graph::{Graph, NodeIx, ShortestPaths};
use crate::model::Model;
use crate::model::rollback::{entry_nodes, trigger_of_faults};

/// The paths that runs take.
pub(crate) struct ControlFlow {
    /// All edges of control.
    pub(crate) control: Graph,
    /// From the nodes at which runs begin, up to the nodes at which rollbacks begin.
    pub(crate) forward: ShortestPaths,
    /// The nodes at which a drawn rollback begins, in the order in which runs come there.
    pub(crate) rollback_entries: Vec<NodeIx>,
    /// From those nodes on.
    pub(crate) rollback: ShortestPaths,
}

impl ControlFlow {
    pub(crate) fn new(model: &Model) -> Self {
        let control = model.control();
        let forward = ShortestPaths::new(entry_nodes(model), &control, |node| !model[node].begins_rollback());
        let rollback_entries = rollback_entries(model, &control, &forward);
        let rollback = ShortestPaths::new(rollback_entries.iter().copied(), &control, |_| true);
        Self { control, forward, rollback_entries, rollback }
    }
}

/// A fault leads to the trigger without an edge.
fn rollback_entries(model: &Model, control: &Graph, forward: &ShortestPaths) -> Vec<NodeIx> {
    let drawn = forward.nodes().iter().flat_map(|&from| control.next(from)).copied();
    let all = trigger_of_faults(model).into_iter().chain(drawn.filter(|&to| model[to].begins_rollback()));
    let mut seen = vec![false; model.nodes.len()];
    all.filter(|entry| !std::mem::replace(&mut seen[entry.0], true)).collect()
}
