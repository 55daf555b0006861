use crate::graph::{Graph, NodeIx};
use crate::model::Model;
use crate::model::rollback::{entry_nodes, trigger_of_faults};

/// The cycles of a drawing, each a sorted list of nodes: its loop nesting forest, outer cycles first.
///
/// A cycle is a strongly connected component. The cycles in it are those that are left when the edges into its
/// entries are removed. Takes linear time for each level of nesting.
pub(super) fn cycles(model: &Model) -> Vec<Vec<NodeIx>> {
    let mut level = model.control();
    let mut is_entry = vec![false; level.len()];
    for node in entry_nodes(model).into_iter().chain(trigger_of_faults(model)) {
        is_entry[node.0] = true;
    }
    let mut cycles = Vec::new();
    loop {
        let component = level.components();
        let found = cycles_of(&level, &component);
        if found.is_empty() {
            return cycles;
        }
        for (from, to) in level.edges() {
            is_entry[to.0] |= component[from.0] != component[to.0];
        }
        for cycle in &found {
            // No run enters a cycle without an entry.
            is_entry[cycle[0].0] |= cycle.iter().all(|node| !is_entry[node.0]);
        }
        cycles.extend(found);
        level = level.filtered(|from, to| component[from.0] == component[to.0] && !is_entry[to.0]);
    }
}

/// The components that are cycles.
fn cycles_of(graph: &Graph, component: &[usize]) -> Vec<Vec<NodeIx>> {
    let mut is_cycle = vec![false; graph.len()];
    for (from, to) in graph.edges() {
        is_cycle[component[from.0]] |= component[from.0] == component[to.0];
    }
    let mut members = vec![Vec::new(); graph.len()];
    for node in graph.nodes().filter(|node| is_cycle[component[node.0]]) {
        members[component[node.0]].push(node);
    }
    members.retain(|members| !members.is_empty());
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind::{Decision, End, Start, Step};

    fn indexes(cycles: &[Vec<NodeIx>]) -> Vec<Vec<usize>> {
        cycles.iter().map(|cycle| cycle.iter().map(|node| node.0).collect()).collect()
    }

    #[test]
    fn nested_loops_are_nested_cycles() {
        // The outer loop 1..4 has the inner loop 2..3, and node 5 is a loop of its own.
        let kinds = [Start, Step, Step, Decision, Decision, Decision, End];
        let edges = [(0, 1), (1, 2), (2, 3), (3, 2), (3, 4), (4, 1), (4, 5), (5, 5), (5, 6)];
        let model = Model::sketch(&kinds, &edges, &[]);
        assert_eq!(indexes(&cycles(&model)), [vec![1, 2, 3, 4], vec![5], vec![2, 3]]);
    }

    #[test]
    fn two_loops_with_one_head_are_one_cycle() {
        let kinds = [Start, Step, Decision, Decision, End];
        let edges = [(0, 1), (1, 2), (2, 1), (2, 3), (3, 1), (3, 4)];
        assert_eq!(indexes(&cycles(&Model::sketch(&kinds, &edges, &[]))), [[1, 2, 3]]);
    }

    #[test]
    fn a_cycle_that_no_run_enters_is_one_too() {
        let model = Model::sketch(&[Start, End, Step, Step], &[(0, 1), (2, 3), (3, 2)], &[]);
        assert_eq!(indexes(&cycles(&model)), [[2, 3]]);
    }
}
