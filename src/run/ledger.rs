//! What is owed an undo.

#[cfg(feature = "serde")]
use super::usual;
use crate::fault::Fault;

/// A visit of a step that has to be undone if the flow fails.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Owed {
    /// The step, by its place in the plan.
    pub node: u32,
    /// Which visit of it.
    #[cfg_attr(feature = "serde", serde(default = "usual::one", skip_serializing_if = "usual::is_one"))]
    pub nth: u32,
    /// Why its compensation was given up; `None` while it was not.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub fault: Option<Fault>,
    /// How many entries the ledger had before.
    entered: u32,
    /// Which visit of its compensation was given up: tried once more, it has the same key.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    undo: Option<u32>,
}

/// The steps that are owed an undo, in the order in which they were done.
///
/// Invariant: an entry is either owed or set aside, no visit is in it twice, and both lists are
/// sorted by when their steps were done.
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
    /// Nothing was ever entered.
    #[cfg(feature = "serde")]
    pub(crate) fn is_new(&self) -> bool {
        self.entered == 0 && self.owed.is_empty() && self.aside.is_empty()
    }

    /// A compensable step was done, or nobody knows.
    pub(crate) fn enter(&mut self, node: u32, nth: u32) {
        self.owed.push(Owed { node, nth, fault: None, entered: self.entered, undo: None });
        self.entered += 1;
    }

    /// The last entry of one of these steps that is not `taken`.
    pub(crate) fn last_of(&self, steps: &[u32], taken: impl Fn((u32, u32)) -> bool) -> Option<(u32, u32)> {
        let of_these = self.owed.iter().rev().filter(|owed| steps.contains(&owed.node));
        of_these.map(|owed| (owed.node, owed.nth)).find(|&entry| !taken(entry))
    }

    /// The last entry of all.
    pub(crate) fn last(&self) -> Option<(u32, u32)> {
        self.owed.last().map(|owed| (owed.node, owed.nth))
    }

    /// The entry was undone.
    pub(crate) fn undone(&mut self, node: u32, nth: u32) {
        if let Some(at) = self.position(node, nth) {
            self.owed.remove(at);
        }
    }

    /// Looked for from the end, where it mostly is.
    fn position(&self, node: u32, nth: u32) -> Option<usize> {
        self.owed.iter().rposition(|owed| (owed.node, owed.nth) == (node, nth))
    }

    /// The visit of the compensation that was given up for this entry.
    pub(crate) fn undo_of(&self, (node, nth): (u32, u32)) -> Option<u32> {
        self.position(node, nth).and_then(|at| self.owed[at].undo)
    }

    /// The entry could not be undone, by this visit of its compensation, and waits for an operator.
    pub(crate) fn set_aside(&mut self, node: u32, nth: u32, undo: Option<u32>, fault: Fault) {
        let Some(at) = self.position(node, nth) else { return };
        let owed = Owed { fault: Some(fault), undo, ..self.owed.remove(at) };
        let before = self.aside.partition_point(|other| other.entered < owed.entered);
        self.aside.insert(before, owed);
    }

    /// Puts what was set aside back, to be tried once more. Nothing else is owed by then.
    pub(crate) fn reopen(&mut self) {
        self.owed.extend(self.aside.drain(..).map(|owed| Owed { fault: None, ..owed }));
    }

    /// Takes out what was set aside: nobody is to undo it any more. Says whether it was there.
    pub(crate) fn strike_off(&mut self, node: u32, nth: u32) -> bool {
        let before = self.aside.len();
        self.aside.retain(|owed| (owed.node, owed.nth) != (node, nth));
        self.aside.len() < before
    }

    /// The flow is through: what it did stands, and nothing of it is owed any more.
    pub(crate) fn commit(&mut self) {
        self.owed.clear();
    }

    /// All that is not undone, if nobody undoes it any more, and the steps `in_doubt` with it.
    pub(crate) fn left_behind(&self, in_doubt: impl Iterator<Item = (u32, u32)>) -> Vec<Owed> {
        let in_doubt =
            in_doubt.map(|(node, nth)| Owed { node, nth, fault: None, entered: self.entered, undo: None });
        let mut left: Vec<Owed> = self.aside.iter().chain(&self.owed).cloned().chain(in_doubt).collect();
        left.sort_by_key(|owed| owed.entered);
        left
    }

    /// Every entry, owed or set aside.
    #[cfg(feature = "serde")]
    pub(crate) fn entries_mut(&mut self) -> impl Iterator<Item = &mut Owed> {
        self.owed.iter_mut().chain(&mut self.aside)
    }

    /// How many entries it ever had.
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
