use crate::finding::Sink;
use crate::model::resolve::Association;
use crate::model::{Kind, Model, NodeIx};
use crate::rules::f402_two_compensations;
use crate::rules::f404_compensation_misdrawn::{self as f404, Fault};

/// Pairs what arrows labelled `compensated by` connect. For each node: does one of them name it?
pub(super) fn pair(model: &mut Model, associations: &[Association], sink: &mut Sink) -> Vec<bool> {
    let mut named = vec![false; model.nodes.len()];
    // By node, how many associations that still count say that it undoes something.
    let mut undoing = vec![0_usize; model.nodes.len()];
    for association in associations {
        named[association.step.0] = true;
        named[association.undone_by.0] = true;
        undoing[association.undone_by.0] += 1;
    }
    for association in associations {
        let &Association { step, undone_by, .. } = association;
        if let Some(fault) = fault(model, association, undoing[step.0] > 0) {
            f404::report(sink, model, association, fault);
        } else if let Some(first) = model[step].undone_by {
            if first == undone_by {
                continue;
            }
            f402_two_compensations::report(sink, model, association, first);
        } else {
            super::pair(model, step, undone_by);
            continue;
        }
        undoing[undone_by.0] -= 1;
        // What is left without this arrow may look as if it had never been connected.
        model[step].may_lack_arrows = true;
        model[undone_by].may_lack_arrows = true;
    }
    named
}

fn fault(model: &Model, association: &Association, step_undoes: bool) -> Option<Fault> {
    let &Association { step, undone_by, .. } = association;
    let acts = |node: NodeIx| matches!(model[node].kind, Kind::Step | Kind::Task);
    if !acts(step) {
        Some(Fault::NothingToUndo)
    } else if !acts(undone_by) {
        Some(Fault::CannotUndo)
    } else if step == undone_by {
        Some(Fault::Itself)
    } else if step_undoes {
        Some(Fault::UndoneUndo)
    } else {
        None
    }
}
