use super::identifier::Stem;
use super::natural::compare;
use super::scope::{Claim, Scope};
use crate::model::{Arrow, Kind, Model, NodeIx};

/// Names the outcomes of all decisions: after the arrow's label, or else after where it leads.
pub(super) fn assign(model: &mut Model) {
    for decision in model.indices() {
        if model[decision].kind == Kind::Decision {
            name_outcomes(model, decision);
        }
    }
}

fn name_outcomes(model: &mut Model, decision: NodeIx) {
    let arrows = &model[decision].next;
    let mut order: Vec<_> = (0..arrows.len()).collect();
    order.sort_by(|&a, &b| {
        let id = |at: usize| &model[arrows[at].to].id.text;
        compare(id(a), id(b)).then_with(|| arrows[a].span.cmp(&arrows[b].span))
    });
    let claims: Vec<_> = order.iter().map(|&at| claim(model, &arrows[at])).collect();
    for (at, given) in order.into_iter().zip(Scope::default().settle(&claims)) {
        model[decision].next[at].outcome = given.name;
    }
}

fn claim(model: &Model, arrow: &Arrow) -> Claim {
    let target = &model[arrow.to];
    let text = arrow.label.as_ref().unwrap_or(&target.label);
    Claim {
        plain: Stem::of(&text.text, &target.id.text).pascal(),
        suffix: Stem::of(&target.id.text, "").pascal(),
    }
}
