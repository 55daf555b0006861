//! Circles that no arrow leaves.

use super::walk::Walks;
use crate::model::NodeIx;
use crate::model::graph::Graph;

/// The circles in which `walks` get caught: no way leads from them to a node that `is_exit`. Each is
/// a walk around, from the node at which it is entered back to that node.
pub(crate) fn without_exit(
    graph: &Graph,
    walks: &Walks,
    is_exit: impl Fn(NodeIx) -> bool,
) -> Vec<Vec<NodeIx>> {
    let exits = walks.nodes().iter().copied().filter(|&node| is_exit(node));
    let way_out = graph.reversed().reach(exits, |node| walks.leads_to(node));
    let is_caught = |node: NodeIx| walks.leads_to(node) && !way_out[node.0];
    if !walks.nodes().iter().any(|&node| is_caught(node)) {
        return Vec::new();
    }
    let arrows: Vec<_> = graph.arrows().filter(|&(from, to)| is_caught(from) && is_caught(to)).collect();
    around(&Graph::new(graph.len(), &arrows), walks.nodes().iter().copied().filter(|&node| is_caught(node)))
}

/// The shortest walk around in each component that no arrow leaves, from the first of its nodes.
pub(crate) fn around(graph: &Graph, nodes: impl Iterator<Item = NodeIx>) -> Vec<Vec<NodeIx>> {
    let component = graph.components();
    // Components have numbers below that of the nodes.
    let mut is_done = vec![false; graph.len()];
    for (from, to) in graph.arrows() {
        is_done[component[from.0]] |= component[from.0] != component[to.0];
    }
    let mut entry = vec![None; graph.len()];
    for node in nodes.filter(|node| !is_done[component[node.0]]) {
        entry[component[node.0]].get_or_insert(node);
    }
    // No arrow leads from one such component to another, so one search walks all of them.
    let walks = Walks::from(entry.iter().copied().flatten(), graph, |_| true);
    let mut circles = Vec::new();
    for &last in walks.nodes() {
        let Some(entry) = entry[component[last.0]] else { continue };
        if graph.next(last).contains(&entry) && !std::mem::replace(&mut is_done[component[last.0]], true) {
            let mut circle = walks.to(last);
            circle.push(entry);
            circles.push(circle);
        }
    }
    circles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles(arrows: &[(usize, usize)], exits: &[usize]) -> Vec<Vec<usize>> {
        let arrows: Vec<_> = arrows.iter().map(|&(from, to)| (NodeIx(from), NodeIx(to))).collect();
        let graph = Graph::new(9, &arrows);
        let walks = Walks::from([NodeIx(0)], &graph, |_| true);
        let circles = without_exit(&graph, &walks, |node| exits.contains(&node.0));
        circles.into_iter().map(|circle| circle.into_iter().map(|node| node.0).collect()).collect()
    }

    #[test]
    fn only_the_circle_that_nothing_leaves_is_one() {
        let arrows = [(0, 1), (1, 0), (1, 2), (2, 3), (3, 4), (4, 2), (3, 2), (1, 5)];
        assert_eq!(circles(&arrows, &[5]), [[2, 3, 2]]);
        assert_eq!(circles(&arrows, &[5, 4]), [[0; 0]; 0]);
    }

    #[test]
    fn each_circle_is_found_once_and_a_node_may_be_one() {
        let arrows = [(0, 1), (0, 2), (1, 1), (2, 3), (3, 2)];
        assert_eq!(circles(&arrows, &[]), [vec![1, 1], vec![2, 3, 2]]);
    }
}
