//! The ledger of pending undos.

#[cfg(feature = "serde")]
use super::serde_defaults;
use crate::fault::Fault;

/// A visit of a step that has to be undone if the flow fails.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PendingUndo {
    /// The step, by its index in the plan.
    pub node: u32,
    /// Which visit of it.
    #[cfg_attr(
        feature = "serde",
        serde(
            alias = "nth",
            default = "serde_defaults::one",
            skip_serializing_if = "serde_defaults::is_one"
        )
    )]
    pub visit: u32,
    /// The fault of its compensation; `None` unless the compensation failed for good.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub fault: Option<Fault>,
    /// The number of entries added to the ledger before this one.
    #[cfg_attr(feature = "serde", serde(alias = "entered"))]
    recorded: u32,
    /// The visit of the compensation that failed. A retry of the undo uses the same key.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    undo: Option<u32>,
}

/// The visits that have to be undone, in the order in which they were done.
///
/// Invariant: an entry is either in `pending` or in `failed`, no visit occurs twice, and both lists are sorted by
/// the order in which the steps were done.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Ledger {
    #[cfg_attr(feature = "serde", serde(alias = "owed", default, skip_serializing_if = "Vec::is_empty"))]
    pending: Vec<PendingUndo>,
    #[cfg_attr(feature = "serde", serde(alias = "aside", default, skip_serializing_if = "Vec::is_empty"))]
    failed: Vec<PendingUndo>,
    #[cfg_attr(feature = "serde", serde(alias = "entered"))]
    recorded: u32,
}

impl Ledger {
    /// Whether the ledger never had an entry.
    #[cfg(feature = "serde")]
    pub(crate) fn is_new(&self) -> bool {
        self.recorded == 0 && self.pending.is_empty() && self.failed.is_empty()
    }

    /// Adds a visit of a compensable step that was done, or whose effect is unknown.
    pub(crate) fn record(&mut self, node: u32, visit: u32) {
        self.pending.push(PendingUndo { node, visit, fault: None, recorded: self.recorded, undo: None });
        self.recorded += 1;
    }

    /// Returns the last entry of one of these steps that is not `taken`.
    pub(crate) fn last_of(&self, steps: &[u32], taken: impl Fn((u32, u32)) -> bool) -> Option<(u32, u32)> {
        let of_these = self.pending.iter().rev().filter(|entry| steps.contains(&entry.node));
        of_these.map(|entry| (entry.node, entry.visit)).find(|&entry| !taken(entry))
    }

    /// Returns the last entry.
    pub(crate) fn last(&self) -> Option<(u32, u32)> {
        self.pending.last().map(|entry| (entry.node, entry.visit))
    }

    /// Removes an entry that was undone.
    pub(crate) fn mark_undone(&mut self, node: u32, visit: u32) {
        if let Some(at) = self.position(node, visit) {
            self.pending.remove(at);
        }
    }

    /// Searches from the end, where the entry usually is.
    fn position(&self, node: u32, visit: u32) -> Option<usize> {
        self.pending.iter().rposition(|entry| (entry.node, entry.visit) == (node, visit))
    }

    /// The visit of the compensation that failed to undo this entry.
    pub(crate) fn undo_of(&self, (node, visit): (u32, u32)) -> Option<u32> {
        self.position(node, visit).and_then(|at| self.pending[at].undo)
    }

    /// Marks an entry as failed, with the visit of its compensation. It remains until an operator resolves or
    /// retries it.
    pub(crate) fn mark_failed(&mut self, node: u32, visit: u32, undo: Option<u32>, fault: Fault) {
        let Some(at) = self.position(node, visit) else { return };
        let entry = PendingUndo { fault: Some(fault), undo, ..self.pending.remove(at) };
        let before = self.failed.partition_point(|other| other.recorded < entry.recorded);
        self.failed.insert(before, entry);
    }

    /// Makes the failed entries pending again. There are no other pending entries then.
    pub(crate) fn reopen(&mut self) {
        self.pending.extend(self.failed.drain(..).map(|entry| PendingUndo { fault: None, ..entry }));
    }

    /// Removes a failed entry: it will not be undone. Returns whether it was found.
    pub(crate) fn discharge(&mut self, node: u32, visit: u32) -> bool {
        let before = self.failed.len();
        self.failed.retain(|entry| (entry.node, entry.visit) != (node, visit));
        self.failed.len() < before
    }

    /// The flow has completed: clears the pending undos.
    pub(crate) fn commit(&mut self) {
        self.pending.clear();
    }

    /// All entries that would remain without an undo, and the steps `in_doubt`.
    pub(crate) fn left_behind(&self, in_doubt: impl Iterator<Item = (u32, u32)>) -> Vec<PendingUndo> {
        let in_doubt = in_doubt.map(|(node, visit)| PendingUndo {
            node,
            visit,
            fault: None,
            recorded: self.recorded,
            undo: None,
        });
        let mut left: Vec<PendingUndo> =
            self.failed.iter().chain(&self.pending).cloned().chain(in_doubt).collect();
        left.sort_by_key(|entry| entry.recorded);
        left
    }

    /// All entries, pending and failed.
    #[cfg(feature = "serde")]
    pub(crate) fn entries_mut(&mut self) -> impl Iterator<Item = &mut PendingUndo> {
        self.pending.iter_mut().chain(&mut self.failed)
    }

    /// The number of entries ever added.
    #[cfg(feature = "serde")]
    pub(crate) fn recorded(&self) -> u32 {
        self.recorded
    }

    pub(crate) fn pending(&self) -> &[PendingUndo] {
        &self.pending
    }

    pub(crate) fn failed(&self) -> &[PendingUndo] {
        &self.failed
    }
}
