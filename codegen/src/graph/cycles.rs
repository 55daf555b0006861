use super::{Graph, NodeIx, ShortestPaths};

/// The cycles that `paths` lead into and that cannot be left: no path leads from them to a node that
/// satisfies `is_exit`. Each is a shortest path from the node at which it is entered back to that node.
pub(crate) fn cycles_without_exit(
    graph: &Graph,
    paths: &ShortestPaths,
    is_exit: impl Fn(NodeIx) -> bool,
) -> Vec<Vec<NodeIx>> {
    let exits = paths.nodes().iter().copied().filter(|&node| is_exit(node));
    let leads_out = graph.reversed().reachable(exits, |node| paths.leads_to(node));
    let is_caught = |node: NodeIx| paths.leads_to(node) && !leads_out[node.0];
    if !paths.nodes().iter().any(|&node| is_caught(node)) {
        return Vec::new();
    }
    let caught = graph.filtered(|from, to| is_caught(from) && is_caught(to));
    one_cycle_per_sink(&caught, paths.nodes().iter().copied().filter(|&node| is_caught(node)))
}

/// For each strongly connected component that no edge leaves and that contains one of `nodes`: the shortest
/// cycle through the first of these nodes.
pub(crate) fn one_cycle_per_sink(graph: &Graph, nodes: impl Iterator<Item = NodeIx>) -> Vec<Vec<NodeIx>> {
    let component = graph.components();
    // Components have numbers below that of the nodes.
    let mut is_done = graph.left_components(&component);
    let mut entry = vec![None; graph.len()];
    for node in nodes.filter(|node| !is_done[component[node.0]]) {
        entry[component[node.0]].get_or_insert(node);
    }
    // No edge leads from one such component to another, so one search finds the paths in all of them.
    let paths = ShortestPaths::new(entry.iter().copied().flatten(), graph, |_| true);
    let mut cycles = Vec::new();
    for &last in paths.nodes() {
        let Some(entry) = entry[component[last.0]] else { continue };
        if graph.next(last).contains(&entry) && !std::mem::replace(&mut is_done[component[last.0]], true) {
            let mut cycle = paths.to(last);
            cycle.push(entry);
            cycles.push(cycle);
        }
    }
    cycles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycles(edges: &[(usize, usize)], exits: &[usize]) -> Vec<Vec<usize>> {
        let edges: Vec<_> = edges.iter().map(|&(from, to)| (NodeIx(from), NodeIx(to))).collect();
        let graph = Graph::new(9, &edges);
        let paths = ShortestPaths::new([NodeIx(0)], &graph, |_| true);
        let cycles = cycles_without_exit(&graph, &paths, |node| exits.contains(&node.0));
        cycles.into_iter().map(|cycle| cycle.into_iter().map(|node| node.0).collect()).collect()
    }

    #[test]
    fn only_the_cycle_without_exit_is_found() {
        let edges = [(0, 1), (1, 0), (1, 2), (2, 3), (3, 4), (4, 2), (3, 2), (1, 5)];
        assert_eq!(cycles(&edges, &[5]), [[2, 3, 2]]);
        assert_eq!(cycles(&edges, &[5, 4]), [[0; 0]; 0]);
    }

    #[test]
    fn each_cycle_is_found_once_and_may_be_one_node() {
        let edges = [(0, 1), (0, 2), (1, 1), (2, 3), (3, 2)];
        assert_eq!(cycles(&edges, &[]), [vec![1, 1], vec![2, 3, 2]]);
    }
}
