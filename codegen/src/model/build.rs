use super::{Kind, Model, ModelError, compensation, declare, joins, loops, names, resolve};
use crate::syntax::Drawing;

/// Builds the model of a drawing, and returns the errors of the drawing beside it.
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

#[cfg(test)]
impl Model {
    /// A model without texts: nodes of these kinds, edges between their indexes, and steps with their compensations.
    pub(crate) fn sketch(kinds: &[Kind], edges: &[(usize, usize)], undone_by: &[(usize, usize)]) -> Self {
        use super::{Arrow, LaneIx, NodeIx, rollback};
        use crate::source::Span;
        use crate::syntax::Word;

        let word = || Word { text: String::new(), span: Span::default() };
        let mut model = Self { drawn: kinds.len(), ..Self::default() };
        model.nodes.extend(kinds.iter().map(|&kind| declare::new_node(word(), word(), kind, LaneIx(0))));
        for &(from, to) in edges {
            let to = NodeIx(to);
            let (span, outcome) = (Span::default(), String::new());
            model.nodes[from].next.push(Arrow { to, label: None, outcome, span, unlabeled: None });
        }
        let of_kind =
            |kind| kinds.iter().enumerate().filter(move |(_, of)| **of == kind).map(|(at, _)| NodeIx(at));
        model.starts = of_kind(Kind::Start).collect();
        model.ends = of_kind(Kind::End).collect();
        for &(step, compensation) in undone_by {
            model.pair(NodeIx(step), NodeIx(compensation));
        }
        rollback::find_entries(&mut model, &[]);
        joins::find_joins(&mut model);
        model
    }
}
