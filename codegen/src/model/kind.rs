//! What circles are.
//!
//! After this pass kinds are final, and `starts` and `ends` list the circles that are such.

use super::{Kind, Model};

pub(super) fn assign(model: &mut Model) {
    let entered = entered(model);
    for node in model.indices() {
        if model[node].kind != Kind::Milestone {
            continue;
        }
        let left = !(model[node].next.is_empty() && model[node].sends.is_empty());
        match (entered[node.0], left) {
            (false, true) => {
                model[node].kind = Kind::Start;
                model.starts.push(node);
            }
            (true, false) => {
                model[node].kind = Kind::End;
                model.ends.push(node);
            }
            // A circle on its own is neither; it is reported.
            (true, true) | (false, false) => {}
        }
    }
}

/// For each node: does an arrow lead to it, of control or of a message?
fn entered(model: &Model) -> Vec<bool> {
    let mut entered = vec![false; model.nodes.len()];
    for arrow in model.nodes.iter().flat_map(|node| node.next.iter().chain(&node.sends)) {
        entered[arrow.to.0] = true;
    }
    entered
}
