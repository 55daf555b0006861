use super::{Model, compensation, declare, fork, kind, names, repetition, resolve};
use crate::finding::Sink;
use crate::rules::{f106_id_gap, f215_outcomes_of_step};
use crate::syntax::Drawing;

/// Says what a drawing means. What is wrong with it goes to `sink` and is left out.
///
/// Each pass states in its file what holds after it.
#[must_use]
pub fn build(drawing: &Drawing, sink: &mut Sink) -> Model {
    let (mut model, declared) = declare::declare(drawing, sink);
    let resolved = resolve::resolve(drawing, &declared, &mut model, sink);
    f106_id_gap::check(&model, drawing, sink);
    repetition::close(&mut model, &resolved.loops, sink);
    kind::assign(&mut model);
    f215_outcomes_of_step::check(&model, drawing, sink);
    fork::merge_parallel_arrows(&mut model);
    compensation::assign(&mut model, &resolved.associations, sink);
    fork::join(&mut model);
    names::assign(&mut model, sink);
    model
}
