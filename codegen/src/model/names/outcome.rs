use super::identifier::Stem;
use super::natural::compare;
use super::scope::{Rival, settle};
use crate::finding::Sink;
use crate::model::{Arrow, Kind, Model, NodeIx};
use crate::rules::f107_colliding_names;

/// Names the outcomes of all decisions: after the arrow's label, or else after where it leads.
pub(super) fn assign(model: &mut Model, sink: &mut Sink) {
    for decision in model.indices() {
        if model[decision].kind == Kind::Decision {
            name_outcomes(model, decision, sink);
        }
    }
}

fn name_outcomes(model: &mut Model, decision: NodeIx, sink: &mut Sink) {
    let arrows = &model[decision].next;
    let mut order: Vec<_> = (0..arrows.len()).collect();
    order.sort_by(|&a, &b| {
        let id = |at: usize| &model[arrows[at].to].id.text;
        compare(id(a), id(b)).then_with(|| arrows[a].span.cmp(&arrows[b].span))
    });
    let plain = order.iter().map(|&at| plain(model, &arrows[at])).collect();
    let suffix = |at: usize| Stem::of(&model[arrows[order[at]].to].id.text, "").pascal();
    let given = settle(plain, &[], suffix);
    for (&at, given) in order.iter().zip(given) {
        if let Some(Rival::Claim(keeper)) = given.lost_to {
            let arrows = &model[decision].next;
            f107_colliding_names::report_outcome(sink, &arrows[at], &given.name, &arrows[order[keeper]]);
        }
        model[decision].next[at].outcome = given.name;
    }
}

fn plain(model: &Model, arrow: &Arrow) -> String {
    let target = &model[arrow.to];
    let text = arrow.label.as_ref().unwrap_or(&target.label);
    Stem::of(&text.text, &target.id.text).pascal()
}
