//! The ledger of pending undos.

#[cfg(feature = "serde")]
use super::usual;
use crate::fault::Fault;

/// A visit of a step that has to be undone if the flow fails.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Owed {
    /// The step, by its index in the plan.
    pub node: u32,
    /// Which visit of it.
    #[cfg_attr(feature = "serde", serde(default = "usual::one", skip_serializing_if = "usual::is_one"))]
    pub nth: u32,
    /// The fault of its compensation; `None` unless the compensation failed for good.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub fault: Option<Fault>,
    /// The number of entries added to the ledger before this one.
    entered: u32,
    /// The visit of the compensation that failed. A retry of the undo uses the same key.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    undo: Option<u32>,
}

/// The visits that have to be undone, in the order in which they were done.
///
/// Invariant: an entry is either in `owed` or in `aside`, no visit occurs twice, and both lists are sorted by
/// the order in which the steps were done.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Ledger {
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    owed: Vec<Owed>,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    aside: Vec<Owed>,
    entered: u32,
}

impl Ledger {
    /// Whether the ledger never had an entry.
    #[cfg(feature = "serde")]
    pub(crate) fn is_new(&self) -> bool {
        self.entered == 0 && self.owed.is_empty() && self.aside.is_empty()
    }

    /// Adds a visit of a compensable step that was done, or whose effect is unknown.
    pub(crate) fn enter(&mut self, node: u32, nth: u32) {
        self.owed.push(Owed { node, nth, fault: None, entered: self.entered, undo: None });
        self.entered += 1;
    }

    /// Returns the last entry of one of these steps that is not `taken`.
    pub(crate) fn last_of(&self, steps: &[u32], taken: impl Fn((u32, u32)) -> bool) -> Option<(u32, u32)> {
        let of_these = self.owed.iter().rev().filter(|owed| steps.contains(&owed.node));
        of_these.map(|owed| (owed.node, owed.nth)).find(|&entry| !taken(entry))
    }

    /// Returns the last entry.
    pub(crate) fn last(&self) -> Option<(u32, u32)> {
        self.owed.last().map(|owed| (owed.node, owed.nth))
    }

    /// Removes an entry that was undone.
    pub(crate) fn undone(&mut self, node: u32, nth: u32) {
        if let Some(at) = self.position(node, nth) {
            self.owed.remove(at);
        }
    }

    /// Searches from the end, where the entry usually is.
    fn position(&self, node: u32, nth: u32) -> Option<usize> {
        self.owed.iter().rposition(|owed| (owed.node, owed.nth) == (node, nth))
    }

    /// The visit of the compensation that failed to undo this entry.
    pub(crate) fn undo_of(&self, (node, nth): (u32, u32)) -> Option<u32> {
        self.position(node, nth).and_then(|at| self.owed[at].undo)
    }

    /// Marks an entry as failed, with the visit of its compensation. It remains until an operator resolves or
    /// retries it.
    pub(crate) fn set_aside(&mut self, node: u32, nth: u32, undo: Option<u32>, fault: Fault) {
        let Some(at) = self.position(node, nth) else { return };
        let owed = Owed { fault: Some(fault), undo, ..self.owed.remove(at) };
        let before = self.aside.partition_point(|other| other.entered < owed.entered);
        self.aside.insert(before, owed);
    }

    /// Makes the failed entries pending again. There are no other pending entries then.
    pub(crate) fn reopen(&mut self) {
        self.owed.extend(self.aside.drain(..).map(|owed| Owed { fault: None, ..owed }));
    }

    /// Removes a failed entry: it will not be undone. Returns whether it was found.
    pub(crate) fn strike_off(&mut self, node: u32, nth: u32) -> bool {
        let before = self.aside.len();
        self.aside.retain(|owed| (owed.node, owed.nth) != (node, nth));
        self.aside.len() < before
    }

    /// The flow has completed: clears the pending undos.
    pub(crate) fn commit(&mut self) {
        self.owed.clear();
    }

    /// All entries that would remain without an undo, and the steps `in_doubt`.
    pub(crate) fn left_behind(&self, in_doubt: impl Iterator<Item = (u32, u32)>) -> Vec<Owed> {
        let in_doubt =
            in_doubt.map(|(node, nth)| Owed { node, nth, fault: None, entered: self.entered, undo: None });
        let mut left: Vec<Owed> = self.aside.iter().chain(&self.owed).cloned().chain(in_doubt).collect();
        left.sort_by_key(|owed| owed.entered);
        left
    }

    /// All entries, pending and failed.
    #[cfg(feature = "serde")]
    pub(crate) fn entries_mut(&mut self) -> impl Iterator<Item = &mut Owed> {
        self.owed.iter_mut().chain(&mut self.aside)
    }

    /// The number of entries ever added.
    #[cfg(feature = "serde")]
    pub(crate) fn entered(&self) -> u32 {
        self.entered
    }

    pub(crate) fn owed(&self) -> &[Owed] {
        &self.owed
    }

    pub(crate) fn aside(&self) -> &[Owed] {
        &self.aside
    }
}
