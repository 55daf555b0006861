use super::identifier::Stem;
use super::natural::compare;
use super::scope::settle;
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
    let plain = order.iter().map(|&at| plain(model, &arrows[at])).collect();
    let suffix = |at: usize| Stem::of(&model[arrows[order[at]].to].id.text, "").pascal();
    let given = settle(plain, &[], suffix);
    for (at, given) in order.into_iter().zip(given) {
        model[decision].next[at].outcome = given.name;
    }
}

fn plain(model: &Model, arrow: &Arrow) -> String {
    let target = &model[arrow.to];
    let text = arrow.label.as_ref().unwrap_or(&target.label);
    Stem::of(&text.text, &target.id.text).pascal()
}
