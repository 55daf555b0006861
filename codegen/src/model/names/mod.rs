//! What the code calls lanes, nodes and outcomes.
//!
//! After this pass every name is a valid identifier, and unique where it has to be. Names depend on
//! labels and ids alone, never on the order of the drawing; a node's name depends on another node
//! only where both want the same.

mod identifier;
mod lane;
mod natural;
mod node;
mod outcome;
mod scope;
mod spelling;
mod words;

pub(in crate::model) use natural::in_natural_order;
pub(crate) use node::Lost;
pub(super) use spelling::Spelling;

use super::Model;
use crate::finding::Sink;

pub(super) fn assign(model: &mut Model, sink: &mut Sink) {
    lane::assign(model, sink);
    node::assign(model, sink);
    outcome::assign(model, sink);
}
