use std::collections::HashSet;

use super::flow::Flow;
use super::join::{self, PostDominators};
use crate::model::{Kind, Model, NodeIx};

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

/// Drops the returns of calls and sets the join of each fork.
///
/// A return is an arrow from a fork straight to a node that every other way from the fork to an exit goes
/// through. What its label says does not matter. An arrow that is no return is a branch and stays.
///
/// The join is what the branches have in common once the returns are gone that lead further. An arrow to
/// the join itself is a return, too. That is not repeated: where dropping it would make a return of yet
/// another arrow, that one stays a branch.
pub(super) fn drop_returns(model: &mut Model) {
    let flow = Flow::of(model);
    let past = PostDominators::of(model, &flow);
    // Some branch of the other forks ends nowhere, or in a rollback: no way may be left without the arrow.
    let all_leave = flow.all_leave(model);
    let can_call = |model: &Model, fork: NodeIx| model[fork].is_fork() && all_leave[fork.0];
    for fork in model.indices() {
        if !can_call(model, fork) {
            continue;
        }
        let returns = past.returns(flow.graph.next(fork));
        model[fork].next.retain(|arrow| !returns.contains(&arrow.to) || !past.is_passed(arrow.to, fork));
    }
    let flow = Flow::of(model);
    let past = PostDominators::of(model, &flow);
    for (fork, join) in join::find(model, &flow, &past) {
        let is_return = can_call(model, fork) && past.is_passed(join, fork);
        let targets = &mut model[fork].next;
        if is_return {
            targets.retain(|arrow| arrow.to != join);
        }
        let is_join = targets.len() > 1 && targets.iter().all(|arrow| arrow.to != join);
        model[fork].join = is_join.then_some(join);
    }
}
