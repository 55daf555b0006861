//! A context that records what was done with it, and which copies came back to it.

use std::cell::Cell;

use flowgen::run::BranchId;
use serde::{Deserialize, Serialize};

/// What was done with one copy of the context, in order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Which copy of its original it is.
    copy: u32,
    copies: Cell<u32>,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Entry {
    Settled(Mark),
    /// A branch's copy was merged.
    Joined(Record),
}

/// One settled visit, and the branch on which it was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Mark {
    pub(crate) node: u32,
    pub(crate) visit: u32,
    pub(crate) branch: BranchId,
    /// How often this visit was settled before: what is stuck is undone once more under its key.
    before: usize,
}

impl Mark {
    pub(crate) fn new(node: u32, visit: u32, branch: BranchId) -> Self {
        Self { node, visit, branch, before: 0 }
    }
}

impl Record {
    pub(crate) fn settled(&mut self, mark: Mark) {
        let is_this =
            |other: &Mark| (other.node, other.visit, other.branch) == (mark.node, mark.visit, mark.branch);
        let before = self.marks().iter().filter(|other| is_this(other)).count();
        self.entries.push(Entry::Settled(Mark { before, ..mark }));
    }

    /// A branch's copy starts empty, so that what comes back is what the branch did.
    #[expect(clippy::unnecessary_wraps, reason = "an interpreter asks for an option")]
    pub(crate) fn fork(&self) -> Option<Self> {
        self.copies.set(self.copies.get() + 1);
        Some(Self { copy: self.copies.get(), ..Self::default() })
    }

    pub(crate) fn join(&mut self, branch: Self) {
        self.entries.push(Entry::Joined(branch));
    }

    /// Every visit that this copy and those merged into it saw.
    pub(crate) fn marks(&self) -> Vec<Mark> {
        let marks = self.entries.iter().flat_map(|entry| match entry {
            Entry::Settled(mark) => vec![*mark],
            Entry::Joined(branch) => branch.marks(),
        });
        marks.collect()
    }

    /// Copies are made in the order drawn, and merged once each in that order.
    pub(crate) fn is_merged_in_order(&self) -> bool {
        let joined = || {
            self.entries.iter().filter_map(|entry| match entry {
                Entry::Joined(branch) => Some(branch),
                Entry::Settled(_) => None,
            })
        };
        joined().is_sorted_by(|a, b| a.copy < b.copy) && joined().all(Self::is_merged_in_order)
    }
}
