//! Loops: what they bound, and the arrow back where it is only implied.
//!
//! After this pass every loop that is drawn over nodes is in the model, and an arrow leads back in
//! each of them, or it was reported that none can be drawn.

mod back;
mod bound;

pub(crate) use back::Added;
use bound::Reading;

use std::collections::HashMap;

use super::graph::Graph;
use super::resolve::DrawnLoop;
use super::{Kind, Loop, Model, NodeIx};
use crate::finding::Sink;
use crate::rules::{
    f210_loop_without_way_back, f212_loop_over_end, f213_loop_bound_of_zero, f214_way_back_implied,
    f216_loop_bound,
};

pub(super) fn close(model: &mut Model, drawn: &[DrawnLoop<'_>], sink: &mut Sink) {
    let drawn: Vec<_> = drawn.iter().filter_map(|repetition| without_ends(model, repetition, sink)).collect();
    if drawn.is_empty() {
        return;
    }
    let mut implied = back::Implied::new(model);
    for repetition in &drawn {
        match implied.draw_back(model, repetition) {
            Ok(Some(added)) => f214_way_back_implied::report(sink, repetition, model, &added),
            Ok(None) => {}
            Err(back::Ambiguous) => f210_loop_without_way_back::report(sink, repetition, model),
        }
    }
    let before = Graph::control(model).reversed();
    for repetition in &drawn {
        let nodes = with_implied(repetition, &implied.decisions);
        let head = head(repetition, &nodes, &before);
        let reading = bound::read(&repetition.text.text);
        match reading {
            Reading::NoNumber => {}
            Reading::Zero => f213_loop_bound_of_zero::report(sink, repetition.text),
            Reading::NotRead => f216_loop_bound::report_none(sink, repetition.text),
            Reading::Bound { passes, retries } => {
                f216_loop_bound::report(sink, repetition.text, passes, retries);
            }
        }
        model.loops.push(Loop { text: repetition.text.clone(), head, nodes, bound: reading.passes() });
    }
}

/// The loop over the rest of its nodes, if there is a rest. Circles alone are no ends of anything.
fn without_ends<'d>(model: &Model, drawn: &DrawnLoop<'d>, sink: &mut Sink) -> Option<DrawnLoop<'d>> {
    let is_end = |node: &NodeIx| {
        let node = &model[*node];
        node.kind == Kind::Milestone && node.next.is_empty() && node.sends.is_empty()
    };
    let (ends, nodes): (Vec<_>, Vec<_>) = drawn.nodes.iter().copied().partition(|node| is_end(node));
    // What could not be read may have been the arrow that leaves it.
    for end in ends.into_iter().filter(|end| !model[*end].may_lack_arrows) {
        f212_loop_over_end::report(sink, drawn, &model[end]);
    }
    (!nodes.is_empty()).then_some(DrawnLoop { nodes, ..*drawn })
}

/// The nodes of a loop, sorted, and the implied decisions that stand behind them.
fn with_implied(repetition: &DrawnLoop<'_>, decisions: &HashMap<NodeIx, Vec<NodeIx>>) -> Vec<NodeIx> {
    let behind = repetition.nodes.iter().filter_map(|node| decisions.get(node)).flatten();
    let mut nodes: Vec<_> = repetition.nodes.iter().chain(behind).copied().collect();
    nodes.sort_unstable();
    nodes
}

/// The node at which a pass begins: entered from outside and from inside; failing that, from inside.
fn head(repetition: &DrawnLoop<'_>, nodes: &[NodeIx], before: &Graph) -> NodeIx {
    let inside = |node: NodeIx| nodes.binary_search(&node).is_ok();
    let from_inside = |node: &NodeIx| before.next(*node).iter().any(|&from| inside(from));
    let from_outside = |node: &NodeIx| before.next(*node).iter().any(|&from| !inside(from));
    let listed = || repetition.nodes.iter().copied();
    let begins = listed().find(|node| from_inside(node) && from_outside(node));
    begins.or_else(|| listed().find(from_inside)).unwrap_or(repetition.nodes[0])
}
