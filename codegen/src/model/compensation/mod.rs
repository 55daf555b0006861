//! What undoes what, and where a rollback begins.
//!
//! After this pass `undoes` and `undone_by` mirror each other, no compensation is itself undone, and
//! `is_trigger`, `rolls_back` and the model's `trigger` are final.

mod crossed;
mod drawn;
mod faulted;
mod fit;
mod inferred;
mod path;
mod phrase;
mod region;
mod rollback;
mod verb;
mod way;

pub(crate) use crossed::{Crossed, crossed};
pub(crate) use path::{Paths, Spent, is_beside};
pub(crate) use phrase::{Phrase, takes_money};
pub(crate) use region::Region;
pub(super) use rollback::forward;
pub(crate) use rollback::{beginning, beginnings, reached, sent, trigger_of_faults};
pub(crate) use verb::takes_hold;

use super::resolve::Association;
use super::{Model, NodeIx};
use crate::finding::Sink;
use crate::rules::f401_unpaired_compensation;

pub(super) fn assign(model: &mut Model, associations: &[Association], sink: &mut Sink) {
    let named = drawn::pair(model, associations, sink);
    let suspects = inferred::pair(model, &named, sink);
    find_rollback(model, &suspects);
    if model.incomplete {
        // The arrow that pairs it may be what could not be read.
        return;
    }
    for suspect in suspects {
        f401_unpaired_compensation::report(sink, model, suspect);
    }
}

/// Finds where rollbacks begin, as far as steps and compensations are paired by now.
fn find_rollback(model: &mut Model, suspects: &[NodeIx]) {
    rollback::find_triggers(model, suspects);
    rollback::find_entries(model);
    rollback::choose_trigger(model);
}

fn pair(model: &mut Model, step: NodeIx, compensation: NodeIx) {
    model[step].undone_by = Some(compensation);
    model[compensation].undoes.push(step);
}

fn part(model: &mut Model, step: NodeIx, compensation: NodeIx) {
    model[step].undone_by = None;
    model[compensation].undoes.retain(|&undone| undone != step);
}
