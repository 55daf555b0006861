use std::collections::HashMap;

use crate::graph::{Budget, Graph, NodeIx, OverBudget, shortest_path};
use crate::model::joins::{BUDGET, ForwardFlow, PostDominators, first_common_node};
use crate::model::{Kind, Model, Node};

/// A branch of a fork that comes to an end without the others: improper completion, in workflow nets.
pub(crate) struct UnsynchronizedEnd {
    pub(crate) fork: NodeIx,
    /// The node where all branches can meet, if there is one.
    pub(crate) join: Option<NodeIx>,
    /// From the fork to the end, without the join.
    pub(crate) path: Vec<NodeIx>,
}

/// Finds one such branch of each fork of the flow, and returns the forks for which the search was stopped
/// beside them.
///
/// No branch ends alone if the join is a post-dominator; only other forks cost a search, which is bounded.
pub(super) fn unsynchronized_ends(model: &Model) -> (Vec<UnsynchronizedEnd>, Vec<NodeIx>) {
    if !model.nodes.iter().any(Node::is_fork) {
        return (Vec::new(), Vec::new());
    }
    let flow = ForwardFlow::new(model);
    let post_dominators = PostDominators::new(model, &flow);
    let ForwardFlow { forward, graph, leads_out, .. } = flow;
    let ends = graph.reversed().reachable(model.ends.iter().copied(), |_| true);
    let mut budget = Budget::new(BUDGET);
    let mut unsynchronized_end = |fork: NodeIx| -> Result<Option<UnsynchronizedEnd>, OverBudget> {
        let join = match model[fork].join {
            None if branches_that_end(&graph, &ends, fork) < 2 => return Ok(None),
            None => first_common_node(&graph, fork, &mut budget)?,
            join => join,
        };
        if join.is_some_and(|join| post_dominators.are_passed(join, fork)) {
            return Ok(None);
        }
        let is_end = |node: NodeIx| model[node].kind == Kind::End;
        let path = shortest_path(&graph, [fork], is_end, |node| Some(node) != join, &mut budget)?;
        Ok(path.map(|path| UnsynchronizedEnd { fork, join, path }))
    };
    let (mut found, mut undecided) = (Vec::new(), Vec::new());
    for fork in model.forks().filter(|&fork| forward[fork.0] && leads_out[fork.0]) {
        match unsynchronized_end(fork) {
            Ok(end) => found.extend(end),
            Err(OverBudget) => undecided.push(fork),
        }
    }
    (innermost(found), undecided)
}

/// A branch of an inner fork that ends alone does so for the forks around it, too, and is one error.
fn innermost(ends: Vec<UnsynchronizedEnd>) -> Vec<UnsynchronizedEnd> {
    let path_of: HashMap<_, _> = ends.iter().map(|end| (end.fork, &end.path)).collect();
    let is_innermost = |end: &UnsynchronizedEnd| {
        let mut inner = end.path.iter().skip(1).filter_map(|node| path_of.get(node));
        !inner.any(|path| end.path.ends_with(path))
    };
    let keep: Vec<_> = ends.iter().map(is_innermost).collect();
    ends.into_iter().zip(keep).filter_map(|(end, keep)| keep.then_some(end)).collect()
}

/// How many branches of a fork can come to an end.
fn branches_that_end(flow: &Graph, ends: &[bool], fork: NodeIx) -> usize {
    flow.next(fork).iter().filter(|branch| ends[branch.0]).count()
}
