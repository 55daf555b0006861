//! The ledger of pending undos.

use super::branch::Branch;
#[cfg(feature = "serde")]
use super::serde_defaults;
use crate::fault::Fault;
use crate::flow::Did;
use crate::routing::{Routes, ValueId};

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
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Doubt::is_none"))]
    doubt: Doubt,
    /// The id of the value that the visit gave. `None` for a visit in doubt.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    value: Option<ValueId>,
    /// The inputs that the visit saw.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    inputs: Routes,
}

/// Whether it is unknown if a visit was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Doubt {
    /// It was done.
    #[default]
    None,
    /// It may have been done, and was not asked.
    NotAsked,
    /// It was asked, and the answer is unknown.
    Unknown,
}

/// A visit that may have to be undone.
pub(crate) struct Visited {
    pub(crate) node: u32,
    pub(crate) visit: u32,
    pub(crate) value: Option<ValueId>,
    pub(crate) inputs: Routes,
}

impl Doubt {
    #[cfg(feature = "serde")]
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

impl Visited {
    /// The visit of a branch.
    pub(crate) fn of(branch: &Branch) -> Self {
        let Branch { node, visit, value, .. } = *branch;
        Self { node, visit, value, inputs: branch.inputs.clone() }
    }
}

impl PendingUndo {
    /// Whether the visit is known to be done.
    pub(crate) fn is_done(&self) -> bool {
        self.doubt == Doubt::None
    }

    /// The id of the value that the visit gave. `None` for a visit in doubt.
    pub(crate) fn value(&self) -> Option<ValueId> {
        self.value
    }

    /// The inputs that the visit saw.
    pub(crate) fn inputs(&self) -> &Routes {
        &self.inputs
    }

    #[cfg(feature = "serde")]
    pub(crate) fn inputs_mut(&mut self) -> &mut Routes {
        &mut self.inputs
    }
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
    pub(crate) fn record(&mut self, visited: Visited, doubt: Doubt) {
        let Visited { node, visit, value, inputs } = visited;
        let recorded = self.recorded;
        // What a visit in doubt gave, if anything, is not what it gives when it is done.
        let value = value.filter(|_| doubt == Doubt::None);
        self.pending.push(PendingUndo {
            node,
            visit,
            fault: None,
            recorded,
            undo: None,
            doubt,
            value,
            inputs,
        });
        self.recorded += 1;
    }

    /// Returns a pending entry.
    pub(crate) fn entry(&self, (node, visit): (u32, u32)) -> Option<&PendingUndo> {
        self.position(node, visit).map(|at| &self.pending[at])
    }

    /// Returns the first entry in doubt of a step that can be asked and was not.
    pub(crate) fn first_to_ask(&self, can_be_asked: impl Fn(u32) -> bool) -> Option<&PendingUndo> {
        self.pending.iter().find(|entry| entry.doubt == Doubt::NotAsked && can_be_asked(entry.node))
    }

    /// Applies the answer to the question whether a visit was done, and gave this value.
    pub(crate) fn answer(&mut self, node: u32, visit: u32, did: Did, value: Option<ValueId>) {
        let Some(at) = self.position(node, visit) else { return };
        match did {
            Did::Done(()) => (self.pending[at].doubt, self.pending[at].value) = (Doubt::None, value),
            Did::Unknown => self.pending[at].doubt = Doubt::Unknown,
            Did::NotDone => drop(self.pending.remove(at)),
        }
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

    /// Removes an entry that was undone, and returns the id of its value.
    pub(crate) fn mark_undone(&mut self, node: u32, visit: u32) -> Option<ValueId> {
        let at = self.position(node, visit)?;
        self.pending.remove(at).value
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
            doubt: Doubt::NotAsked,
            value: None,
            inputs: None,
        });
        let mut left: Vec<PendingUndo> =
            self.failed.iter().chain(&self.pending).cloned().chain(in_doubt).collect();
        left.sort_by_key(|entry| entry.recorded);
        left
    }

    /// All entries, pending and failed.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &PendingUndo> {
        self.pending.iter().chain(&self.failed)
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
