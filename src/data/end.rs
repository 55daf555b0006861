//! The end of a typed run, with its values.

use super::inputs::Inputs;
use super::store::Data;
use super::value::Value;
use crate::flow::Node;
use crate::outcome::RunResult;
use crate::run::{Run, State};

impl<V: Value> RunResult<V::Node, Data<V>> {
    /// The end that the run has reached, with its values: forward, or at the end of a drawn rollback.
    ///
    /// `None` if the run has reached no end, for example because no rollback is drawn.
    #[must_use]
    pub fn end(&self) -> Option<V::End> {
        end(self.state(), &self.cx)
    }
}

impl<V: Value> Run<Data<V>> {
    /// The end that the run has reached, with its values: see [`RunResult::end`].
    #[must_use]
    pub fn end(&self) -> Option<V::End> {
        end(self.state(), self.context())
    }
}

fn end<V: Value>(state: &State, values: &Data<V>) -> Option<V::End> {
    let (node, routes) = state.reached()?;
    let at = *V::Node::ALL.get(node as usize)?;
    V::end(at, &Inputs::for_end(values, at.spec(), routes)).ok().flatten()
}
