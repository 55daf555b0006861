use std::collections::HashSet;

use crate::model::{Kind, Model, Node};

/// Keeps one of several arrows that lead from a node to the same next one. Outcomes are told apart
/// by their labels and stay.
pub(in crate::model) fn merge_parallel_arrows(model: &mut Model) {
    for node in &mut model.nodes {
        if node.kind != Kind::Decision && node.next.len() > 1 {
            let mut targets = HashSet::new();
            node.next.retain(|arrow| targets.insert(arrow.to));
        }
    }
}

/// Drops the branch of a fork that is a bare arrow to the join.
pub(super) fn drop_bare_arrow(fork: &mut Node) {
    fork.next.retain(|arrow| Some(arrow.to) != fork.join);
    if fork.next.len() < 2 {
        fork.join = None;
    }
}
