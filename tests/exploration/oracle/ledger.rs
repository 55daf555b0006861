//! The ledger, counted once more outside of the run.

use std::collections::BTreeSet;

use flowgen::plan::Plan;
use flowgen::run::{self, State};

/// A visit: the node, and which visit of it.
pub(crate) type Visited = (u32, u32);

/// The entries that are not undone, in the order in which their steps were done.
#[derive(Clone, Debug, Default, Hash)]
pub(crate) struct Ledger(Vec<Entry>);

#[derive(Clone, Debug, Hash)]
struct Entry {
    step: Visited,
    is_failed: bool,
}

impl Ledger {
    pub(crate) fn record(&mut self, step: Visited) {
        self.0.push(Entry { step, is_failed: false });
    }

    pub(crate) fn remove(&mut self, step: Visited) {
        self.0.retain(|entry| entry.step != step);
    }

    pub(crate) fn mark_failed(&mut self, step: Visited) {
        for entry in self.0.iter_mut().filter(|entry| entry.step == step) {
            entry.is_failed = true;
        }
    }

    pub(crate) fn reopen(&mut self) {
        for entry in &mut self.0 {
            entry.is_failed = false;
        }
    }

    pub(crate) fn commit(&mut self) {
        self.0.retain(|entry| entry.is_failed);
    }

    pub(crate) fn pending(&self) -> impl DoubleEndedIterator<Item = Visited> {
        self.0.iter().filter(|entry| !entry.is_failed).map(|entry| entry.step)
    }

    pub(crate) fn failed(&self) -> impl Iterator<Item = Visited> {
        self.0.iter().filter(|entry| entry.is_failed).map(|entry| entry.step)
    }

    /// The entries that a compensation has to undo, but for those that are `taken` by others.
    pub(crate) fn pending_for(
        &self,
        plan: &Plan,
        compensation: u32,
        taken: &BTreeSet<Visited>,
    ) -> Vec<Visited> {
        let undoes = plan.nodes[compensation as usize].undoes;
        self.pending().filter(|step| undoes.contains(&step.0) && !taken.contains(step)).collect()
    }

    pub(crate) fn agrees_with(&self, state: &State) -> bool {
        let visited = |undo: &run::PendingUndo| (undo.node, undo.visit);
        state.pending_undos().iter().map(visited).eq(self.pending())
            && state.stuck().iter().map(visited).eq(self.failed())
            && state.stuck().iter().all(|undo| undo.fault.is_some())
    }
}
