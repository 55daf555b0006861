//! Actions of an operator on a saved run, without the program of its flow.
//!
//! All actions need the drawing that the run was saved with. They change only the ledger and the phase, and
//! begin no step.

use std::sync::Arc;

use super::checks::{check, check_nodes};
use super::{RestoreError, Saved, Snapshot};
use crate::drawing::Drawing;
use crate::run::branch::BranchId;
use crate::run::resolution::StuckResolution;

impl Drawing {
    /// Returns the index of the node with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<u32> {
        self.nodes.iter().position(|node| node.id == id).and_then(|at| u32::try_from(at).ok())
    }

    /// Checks whether the saved data is a valid run of this drawing. Contexts are not deserialized.
    ///
    /// # Errors
    ///
    /// [`RestoreError::Malformed`] with a description of the problem.
    pub fn check<C: Clone>(&self, saved: &Saved<C>) -> Result<(), RestoreError> {
        let malformed = |what| RestoreError::Malformed { run: Arc::clone(&saved.id), what };
        let mut saved = saved.clone();
        let contexts: Vec<BranchId> = saved.contexts.keys().copied().collect();
        let state = saved.take_state();
        let branches = check_nodes(state, self.nodes.len(), self.loops.len());
        branches.and_then(|()| check(state, &contexts)).map_err(malformed)?;
        if contexts.contains(&0) { Ok(()) } else { Err(malformed("it has no context".to_owned())) }
    }

    fn undone_by(&self, step: u32) -> Option<u32> {
        self.nodes.get(step as usize).and_then(|node| node.undone_by)
    }
}

impl<C> Saved<C> {
    /// Makes the failed undos of a stuck run due again, for the next drive of the run. Returns whether there
    /// are any.
    pub fn retry_stuck(&mut self, drawing: &Drawing) -> bool {
        self.take_state().reopen(|step| drawing.undone_by(step))
    }

    /// Resolves a failed undo, which is given by its step and visit: the run no longer has to undo that visit.
    /// Returns whether there was such a failed undo.
    ///
    /// The path records the resolution. After the last one, the run counts as rolled back.
    pub fn resolve_stuck(
        &mut self,
        drawing: &Drawing,
        node: u32,
        visit: u32,
        resolution: StuckResolution,
    ) -> bool {
        self.take_state().discharge(drawing.undone_by(node), (node, visit), resolution)
    }

    /// Abandons the run, which ends it.
    ///
    /// [`State::abandoned`](crate::run::State::abandoned) then has the visits that remain without an undo:
    /// pending undos, failed undos, and steps that may have been done. The contexts of branches are dropped.
    ///
    /// Returns whether the run had not ended or was stuck. A run that has ended otherwise is not changed.
    pub fn abandon(&mut self, drawing: &Drawing) -> bool {
        let is_abandoned = self.take_state().abandon(|step| drawing.undone_by(step));
        if is_abandoned {
            self.contexts.retain(|branch, _| *branch == 0);
        }
        is_abandoned
    }

    /// The run without its path and messages, like [`Run::snapshot`](crate::run::Run::snapshot).
    #[must_use]
    pub fn snapshot(&self) -> Snapshot<'_, C> {
        let Self { id, hash, observed, path_offset, state, contexts, .. } = self;
        Snapshot { id: Some(id), hash: Some(*hash), observed: path_offset + observed, state, contexts }
    }
}
