//! Pairs steps with their compensations, and finds where rollbacks begin.
//!
//! After this pass `undoes` and `undone_by` mirror each other, no compensation is itself undone, and
//! `is_trigger`, `rolls_back` and the model's `trigger` are final.

mod inferred;
mod pairing;
mod phrase;

pub(crate) use pairing::{SwappedPair, swapped_pairs};
pub(crate) use phrase::{Phrase, takes_hold, takes_money};

use super::resolve::Association;
use super::rollback;
use super::{Misdrawn, Model, ModelError};

pub(super) fn assign(model: &mut Model, associations: &[Association], errors: &mut Vec<ModelError>) {
    let is_associated = pair_as_drawn(model, associations, errors);
    let unpaired = inferred::pair(model, &is_associated, errors);
    rollback::find_entries(model, &unpaired);
    if model.incomplete {
        // The edge that pairs them may be in the text that could not be read.
        return;
    }
    errors.extend(unpaired.into_iter().map(|node| ModelError::UnpairedCompensation { node }));
}

/// Pairs the nodes that edges labeled `compensated by` connect. Returns for each node whether such an edge
/// names it.
fn pair_as_drawn(model: &mut Model, associations: &[Association], errors: &mut Vec<ModelError>) -> Vec<bool> {
    let mut is_associated = vec![false; model.nodes.len()];
    // By node: how many associations that are not left out say that it undoes a step.
    let mut undoing = vec![0_usize; model.nodes.len()];
    for association in associations {
        is_associated[association.step.0] = true;
        is_associated[association.undone_by.0] = true;
        undoing[association.undone_by.0] += 1;
    }
    for association in associations {
        let &Association { step, undone_by, span } = association;
        if let Some(misdrawn) = misdrawn(model, association, undoing[step.0] > 0) {
            errors.push(ModelError::MisdrawnCompensation { span, step, compensation: undone_by, misdrawn });
        } else if let Some(first) = model[step].undone_by {
            if first == undone_by {
                continue;
            }
            errors.push(ModelError::SecondCompensation { span, step, first });
        } else {
            model.pair(step, undone_by);
            continue;
        }
        undoing[undone_by.0] -= 1;
        // Without this edge the nodes may look as if they had never been connected.
        model[step].may_lack_arrows = true;
        model[undone_by].may_lack_arrows = true;
    }
    is_associated
}

fn misdrawn(model: &Model, association: &Association, step_undoes: bool) -> Option<Misdrawn> {
    let &Association { step, undone_by, .. } = association;
    if !model[step].is_work() {
        Some(Misdrawn::NothingToUndo)
    } else if !model[undone_by].is_work() {
        Some(Misdrawn::CannotUndo)
    } else if step == undone_by {
        Some(Misdrawn::Itself)
    } else if step_undoes {
        Some(Misdrawn::UndoneUndo)
    } else {
        None
    }
}
