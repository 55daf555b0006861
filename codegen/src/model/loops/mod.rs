//! Reads the bounds of loops, and adds the edges back that they imply.
//!
//! After this pass every loop over nodes is in the model, with an edge back or an error that none can be
//! added.

mod back_edges;
mod bound;

pub(crate) use bound::BoundReading;

use std::collections::HashMap;

use super::resolve::DrawnLoop;
use super::{Kind, Loop, Model, ModelError, NodeIx};
use crate::graph::Graph;

pub(super) fn close(model: &mut Model, drawn: &[DrawnLoop<'_>], errors: &mut Vec<ModelError>) {
    let drawn: Vec<_> = drawn.iter().filter_map(|drawn| without_ends(model, drawn, errors)).collect();
    if drawn.is_empty() {
        return;
    }
    let mut implied = back_edges::ImpliedEdges::new(model);
    for drawn in &drawn {
        match implied.add_way_back(model, drawn) {
            Ok(added) => model.implied_ways_back.extend(added),
            Err(back_edges::Ambiguous { last }) => {
                errors.push(ModelError::LoopWithoutWayBack { keyword: drawn.keyword, last });
            }
        }
    }
    let before = model.control().reversed();
    for drawn in &drawn {
        let nodes = with_implied(drawn, &implied.decisions);
        let head = head(drawn, &nodes, &before);
        let reading = bound::read(&drawn.text.text);
        model.loops.push(Loop { text: drawn.text.clone(), head, nodes, bound: reading.passes(), reading });
    }
}

/// The loop without its ends, if nodes are left. Isolated circles count as ends, too.
fn without_ends<'d>(
    model: &Model,
    drawn: &DrawnLoop<'d>,
    errors: &mut Vec<ModelError>,
) -> Option<DrawnLoop<'d>> {
    let is_end = |node: &NodeIx| {
        let node = &model[*node];
        node.kind == Kind::Milestone && node.next.is_empty() && node.sends.is_empty()
    };
    let (ends, nodes): (Vec<_>, Vec<_>) = drawn.nodes.iter().copied().partition(|node| is_end(node));
    // Text that could not be read may have held the edge that leaves it.
    for end in ends.into_iter().filter(|end| !model[*end].may_lack_arrows) {
        errors.push(ModelError::LoopOverEnd { keyword: drawn.keyword, end });
    }
    (!nodes.is_empty()).then_some(DrawnLoop { nodes, ..*drawn })
}

/// The nodes of a loop and the implied decisions after them, sorted.
fn with_implied(drawn: &DrawnLoop<'_>, decisions: &HashMap<NodeIx, Vec<NodeIx>>) -> Vec<NodeIx> {
    let implied = drawn.nodes.iter().filter_map(|node| decisions.get(node)).flatten();
    let mut nodes: Vec<_> = drawn.nodes.iter().chain(implied).copied().collect();
    nodes.sort_unstable();
    nodes
}

/// The node at which a pass begins: the first that edges enter from outside and from inside, or else from
/// inside.
fn head(drawn: &DrawnLoop<'_>, nodes: &[NodeIx], before: &Graph) -> NodeIx {
    let inside = |node: NodeIx| nodes.binary_search(&node).is_ok();
    let from_inside = |node: &NodeIx| before.next(*node).iter().any(|&from| inside(from));
    let from_outside = |node: &NodeIx| before.next(*node).iter().any(|&from| !inside(from));
    let listed = || drawn.nodes.iter().copied();
    let begins = listed().find(|node| from_inside(node) && from_outside(node));
    begins.or_else(|| listed().find(from_inside)).unwrap_or(drawn.nodes[0])
}
