use super::Graph;

/// For each node: is it finishing? Computes the least fixpoint of this rule in linear time:
///
/// a node is finishing if at least `needs[node]` of its edges lead to finishing nodes. So it always is if it
/// needs none, and never if it has fewer edges than it needs. Parallel edges count one by one.
pub(crate) fn finishing(graph: &Graph, mut needs: Vec<usize>) -> Vec<bool> {
    let back = graph.reversed();
    let mut finishing: Vec<bool> = needs.iter().map(|&needs| needs == 0).collect();
    let mut open: Vec<_> = graph.nodes().filter(|node| finishing[node.0]).collect();
    while let Some(node) = open.pop() {
        for &before in back.next(node) {
            if finishing[before.0] {
                continue;
            }
            needs[before.0] -= 1;
            if needs[before.0] == 0 {
                finishing[before.0] = true;
                open.push(before);
            }
        }
    }
    finishing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::NodeIx;

    fn finishes(edges: &[(usize, usize)], needs: &[usize]) -> Vec<bool> {
        let edges: Vec<_> = edges.iter().map(|&(from, to)| (NodeIx(from), NodeIx(to))).collect();
        finishing(&Graph::new(needs.len(), &edges), needs.to_vec())
    }

    #[test]
    fn a_decision_needs_one_way_and_a_fork_needs_all() {
        let edges = [(0, 1), (1, 0), (1, 2)];
        assert_eq!(finishes(&edges, &[1, 1, 0]), [true, true, true]);
        assert_eq!(finishes(&edges, &[1, 2, 0]), [false, false, true]);
    }

    #[test]
    fn a_node_that_only_leads_to_itself_is_not_finishing() {
        assert_eq!(finishes(&[(0, 1), (1, 1), (2, 1), (2, 3)], &[1, 1, 1, 0]), [false, false, true, true]);
    }

    #[test]
    fn a_node_that_needs_more_edges_than_it_has_is_never_finishing() {
        assert_eq!(finishes(&[(0, 1)], &[2, 0]), [false, true]);
    }
}
