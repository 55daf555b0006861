//! What an operator does to a saved run, without the program that it is a run of.
//!
//! Everything here needs the drawing that the run was saved with, and moves nothing but the ledger and the
//! phase: no step is begun.

use std::sync::Arc;

use super::checks::{check, check_places};
use super::{Refused, Saved, Snapshot};
use crate::drawing::Drawing;
use crate::run::place::PlaceId;
use crate::run::resolution::StuckResolution;

impl Drawing {
    /// The node with this id, by its place in the drawing.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<u32> {
        self.nodes.iter().position(|node| node.id == id).and_then(|at| u32::try_from(at).ok())
    }

    /// Checks whether what was saved can be a run of this drawing. Contexts are not read.
    ///
    /// # Errors
    ///
    /// [`Refused::Malformed`] with what is wrong with it.
    pub fn check<C: Clone>(&self, saved: &Saved<C>) -> Result<(), Refused> {
        let malformed = |what| Refused::Malformed { run: Arc::clone(&saved.id), what };
        let mut saved = saved.clone();
        let contexts: Vec<PlaceId> = saved.contexts.keys().copied().collect();
        let state = saved.take_state();
        let places = check_places(state, self.nodes.len(), self.loops.len());
        places.and_then(|()| check(state, &contexts)).map_err(malformed)?;
        if contexts.contains(&0) { Ok(()) } else { Err(malformed("it has no context".to_owned())) }
    }

    fn undone_by(&self, step: u32) -> Option<u32> {
        self.nodes.get(step as usize).and_then(|node| node.undone_by)
    }
}

impl<C> Saved<C> {
    /// Has what is stuck tried once more, as soon as the run is driven. Says whether anything is stuck.
    pub fn retry_stuck(&mut self, drawing: &Drawing) -> bool {
        self.take_state().reopen(|step| drawing.undone_by(step))
    }

    /// Resolves the stuck visit `nth` of `node`: the run owes it no longer. Says whether it was stuck.
    ///
    /// The path records the resolution. A run in which nothing is stuck any more counts as rolled back.
    pub fn resolve_stuck(
        &mut self,
        drawing: &Drawing,
        node: u32,
        nth: u32,
        resolution: StuckResolution,
    ) -> bool {
        self.take_state().strike_off(drawing.undone_by(node), (node, nth), resolution)
    }

    /// Gives the run up. It is over then, and [`State::abandoned`](crate::run::State::abandoned) has what nothing undoes any more: what it
    /// owed, what was stuck, and the steps that may have been done. Contexts of branches go.
    ///
    /// Says whether the run was not over, or stuck. One that has ended otherwise stays as it is.
    pub fn abandon(&mut self, drawing: &Drawing) -> bool {
        let is_abandoned = self.take_state().abandon(|step| drawing.undone_by(step));
        if is_abandoned {
            self.contexts.retain(|place, _| *place == 0);
        }
        is_abandoned
    }

    /// The run but for its path and its messages, as [`Run::snapshot`](crate::run::Run::snapshot) has it.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot<'_, C> {
        let Self { id, hash, told, left_out, state, contexts, .. } = self;
        Snapshot { id: Some(id), hash: Some(*hash), told: left_out + told, state, contexts }
    }
}
