//! From which nodes a run comes to an end, where a fork needs all its branches to get there.

use super::NodeIx;
use super::graph::Graph;

/// For each node of a graph: is it finishing? The least solution of these rules, in linear time.
///
/// A node is finishing once `needs` of its arrows lead to finishing nodes: at once if that is 0, and never
/// if it has fewer arrows than that. Of the arrows to the same node each one counts.
pub(crate) fn finishing(graph: &Graph, mut needs: Vec<usize>) -> Vec<bool> {
    let back = graph.reversed();
    let mut finishing: Vec<bool> = needs.iter().map(|&needs| needs == 0).collect();
    let mut open: Vec<_> = (0..graph.len()).map(NodeIx).filter(|node| finishing[node.0]).collect();
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

    fn finishes(arrows: &[(usize, usize)], needs: &[usize]) -> Vec<bool> {
        let arrows: Vec<_> = arrows.iter().map(|&(from, to)| (NodeIx(from), NodeIx(to))).collect();
        finishing(&Graph::new(needs.len(), &arrows), needs.to_vec())
    }

    #[test]
    fn a_decision_needs_one_way_and_a_fork_needs_all() {
        let arrows = [(0, 1), (1, 0), (1, 2)];
        assert_eq!(finishes(&arrows, &[1, 1, 0]), [true, true, true]);
        assert_eq!(finishes(&arrows, &[1, 2, 0]), [false, false, true]);
    }

    #[test]
    fn what_only_leads_to_itself_is_not_finishing() {
        assert_eq!(finishes(&[(0, 1), (1, 1), (2, 1), (2, 3)], &[1, 1, 1, 0]), [false, false, true, true]);
    }

    #[test]
    fn a_node_that_needs_more_arrows_than_it_has_is_never_finishing() {
        assert_eq!(finishes(&[(0, 1)], &[2, 0]), [false, true]);
    }
}
