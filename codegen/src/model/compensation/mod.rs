//! What undoes what, and where a rollback begins.
//!
//! After this pass `undoes` and `undone_by` mirror each other, no compensation is itself undone, and
//! `is_trigger`, `rolls_back` and the model's `trigger` are final.

mod crossed;
mod drawn;
mod fit;
mod inferred;
mod phrase;
mod rollback;
mod verb;
mod way;

pub(crate) use crossed::{Crossed, crossed};
pub(crate) use phrase::Phrase;
pub(super) use rollback::forward;
pub(crate) use rollback::{beginning, beginnings, reached, sent, trigger_of_faults};

use super::resolve::Association;
use super::{Model, NodeIx};
use crate::finding::Sink;
use crate::rules::f401_unpaired_compensation;

pub(super) fn assign(model: &mut Model, associations: &[Association], sink: &mut Sink) {
    let named = drawn::pair(model, associations, sink);
    let suspects = inferred::pair(model, &named, sink);
    rollback::find_triggers(model, &suspects);
    rollback::find_entries(model);
    rollback::choose_trigger(model);
    if model.incomplete {
        // The arrow that pairs it may be what could not be read.
        return;
    }
    for suspect in suspects {
        f401_unpaired_compensation::report(sink, model, suspect);
    }
}

fn pair(model: &mut Model, step: NodeIx, compensation: NodeIx) {
    model[step].undone_by = Some(compensation);
    model[compensation].undoes.push(step);
}
