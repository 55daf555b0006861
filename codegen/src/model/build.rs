use super::{Kind, Model, ModelError, compensation, declare, joins, loops, names, resolve};
use crate::syntax::Drawing;

/// Builds the model of a drawing, and returns what is wrong with the drawing beside it.
///
/// The file of each pass states what holds after it.
#[must_use]
pub fn build(drawing: &Drawing) -> (Model, Vec<ModelError>) {
    let mut errors = Vec::new();
    let (mut model, declared) = declare::declare(drawing, &mut errors);
    let resolved = resolve::resolve(drawing, &declared, &mut model, &mut errors);
    loops::close(&mut model, &resolved.loops, &mut errors);
    classify_circles(&mut model);
    joins::merge_parallel_edges(&mut model);
    compensation::assign(&mut model, &resolved.associations, &mut errors);
    joins::find_joins(&mut model);
    names::assign(&mut model, &mut errors);
    (model, errors)
}

/// Tells starts and ends from milestones. After this pass kinds are final.
fn classify_circles(model: &mut Model) {
    let entered = entered(model);
    for node in model.indices() {
        if model[node].kind != Kind::Milestone {
            continue;
        }
        let is_left = !(model[node].next.is_empty() && model[node].sends.is_empty());
        match (entered[node.0], is_left) {
            (false, true) => {
                model[node].kind = Kind::Start;
                model.starts.push(node);
            }
            (true, false) => {
                model[node].kind = Kind::End;
                model.ends.push(node);
            }
            // An isolated circle is neither (F203).
            (true, true) | (false, false) => {}
        }
    }
}

/// For each node: does an edge lead to it, of control or of a message?
fn entered(model: &Model) -> Vec<bool> {
    let mut entered = vec![false; model.nodes.len()];
    for arrow in model.nodes.iter().flat_map(|node| node.next.iter().chain(&node.sends)) {
        entered[arrow.to.0] = true;
    }
    entered
}
