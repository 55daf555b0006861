use std::collections::{HashMap, VecDeque};

use super::flow::Flow;
use super::join::{BUDGET, Met, PostDominators, first_met};
use crate::model::budget::Budget;
use crate::model::graph::Graph;
use crate::model::{Kind, Model, Node, NodeIx};

/// A branch that comes to an end without the others of its fork.
pub(crate) struct Escape {
    pub(crate) fork: NodeIx,
    /// Where all branches can meet, if there is such a node.
    pub(crate) join: Option<NodeIx>,
    /// From the fork to the end, not over the join.
    pub(crate) walk: Vec<NodeIx>,
}

/// What is known of the forks on the way forward.
#[derive(Default)]
pub(crate) struct Escapes {
    /// One such branch for each fork that has any.
    pub(crate) found: Vec<Escape>,
    /// The forks at which the search was given up.
    pub(crate) undecided: Vec<NodeIx>,
}

/// The search was given up.
struct Spent;

/// Looks for branches that escape.
///
/// A join that is a post-dominator lets no branch escape; only the other forks cost a search, which is
/// bounded.
pub(crate) fn escapes(model: &Model) -> Escapes {
    if !model.nodes.iter().any(Node::is_fork) {
        return Escapes::default();
    }
    let flow = Flow::of(model);
    let past = PostDominators::of(model, &flow);
    let Flow { forward, graph: flow, leads_out, .. } = flow;
    let ends = flow.reversed().reach(model.ends.iter().copied(), |_| true);
    let mut budget = Budget::new(BUDGET);
    let mut escape = |fork: NodeIx| {
        let met = match model[fork].join {
            Some(join) => Met::At(join),
            None if ending(&flow, &ends, fork) < 2 => return Ok(None),
            None => first_met(&flow, fork, &mut budget),
        };
        let join = match met {
            Met::At(join) if past.is_passed(join, fork) => return Ok(None),
            Met::At(join) => Some(join),
            Met::Nowhere => None,
            Met::Unknown => return Err(Spent),
        };
        let walk = walk_to_end(model, &flow, (fork, join), &mut budget)?;
        Ok(walk.map(|walk| Escape { fork, join, walk }))
    };
    let mut escapes = Escapes::default();
    for fork in model.indices().filter(|&node| forward[node.0] && leads_out[node.0] && model[node].is_fork())
    {
        match escape(fork) {
            Ok(found) => escapes.found.extend(found),
            Err(Spent) => escapes.undecided.push(fork),
        }
    }
    escapes.found = first_hand(escapes.found);
    escapes
}

/// What escapes from a fork within a branch escapes from the forks around it too, and is one fault.
fn first_hand(escapes: Vec<Escape>) -> Vec<Escape> {
    let walk_of: HashMap<_, _> = escapes.iter().map(|escape| (escape.fork, &escape.walk)).collect();
    let is_first_hand = |escape: &Escape| {
        let mut inner = escape.walk.iter().skip(1).filter_map(|node| walk_of.get(node));
        !inner.any(|walk| escape.walk.ends_with(walk))
    };
    let keep: Vec<_> = escapes.iter().map(is_first_hand).collect();
    escapes.into_iter().zip(keep).filter_map(|(escape, keep)| keep.then_some(escape)).collect()
}

/// How many branches of a fork can come to an end.
fn ending(flow: &Graph, ends: &[bool], fork: NodeIx) -> usize {
    flow.next(fork).iter().filter(|branch| ends[branch.0]).count()
}

/// The shortest walk from a fork to an end that does not go over the join.
fn walk_to_end(
    model: &Model,
    flow: &Graph,
    (fork, join): (NodeIx, Option<NodeIx>),
    budget: &mut Budget,
) -> Result<Option<Vec<NodeIx>>, Spent> {
    let mut before: HashMap<NodeIx, NodeIx> = HashMap::new();
    let mut open = VecDeque::from([fork]);
    while let Some(node) = open.pop_front() {
        if model[node].kind == Kind::End {
            let back =
                std::iter::successors(Some(node), |at| (*at != fork).then(|| before.get(at).copied())?);
            let mut walk: Vec<_> = back.collect();
            walk.reverse();
            return Ok(Some(walk));
        }
        if !budget.spend(1 + flow.next(node).len()) {
            return Err(Spent);
        }
        for &next in flow.next(node) {
            if next != fork && Some(next) != join && !before.contains_key(&next) {
                before.insert(next, node);
                open.push_back(next);
            }
        }
    }
    Ok(None)
}
