//! The entries of a path.

#[cfg(feature = "serde")]
use super::serde_defaults;
use crate::flow::Did;

/// A node on the path of a run.
///
/// The serialized form is a tuple, without `outcome` if the node was done, because a path has many of these. Older
/// versions saved a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
pub struct PathEntry {
    /// The node, by its index in the plan.
    pub node: u32,
    /// Which visit of it, from 1; 0 if the node was skipped.
    #[cfg_attr(feature = "serde", serde(alias = "nth"))]
    pub visit: u32,
    /// The result of the visit.
    #[cfg_attr(feature = "serde", serde(alias = "trace", default = "serde_defaults::done"))]
    pub outcome: VisitOutcome,
}

#[cfg(feature = "serde")]
impl serde::Serialize for PathEntry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.outcome {
            VisitOutcome::Done => (self.node, self.visit).serialize(serializer),
            outcome => (self.node, self.visit, outcome).serialize(serializer),
        }
    }
}

/// The result of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum VisitOutcome {
    /// A circle was passed. It has no method.
    Passed,
    /// The node was done, or the decision was made.
    Done,
    /// A compensable step returned that it was not done, or it was interrupted and none of its attempts had an
    /// effect.
    NotDone,
    /// The step may have been done: it was interrupted and not repeated because of a rollback, or it returned
    /// that it was not done after an attempt that may have done it.
    InDoubt,
    /// The node faulted.
    Faulted,
    /// A compensation undid this visit of its step.
    #[cfg_attr(feature = "serde", serde(alias = "Undid"))]
    Undone {
        /// The step, by its index in the plan.
        node: u32,
        /// Which visit of it.
        #[cfg_attr(feature = "serde", serde(alias = "nth"))]
        visit: u32,
    },
    /// An operator undid this visit of the compensation's step by hand.
    #[cfg_attr(feature = "serde", serde(alias = "Resolved"))]
    UndoneByHand {
        /// The step, by its index in the plan.
        node: u32,
        /// Which visit of it.
        #[cfg_attr(feature = "serde", serde(alias = "nth"))]
        visit: u32,
    },
    /// An operator decided that this visit of the compensation's step remains without an undo.
    #[cfg_attr(feature = "serde", serde(alias = "GivenUp"))]
    Waived {
        /// The step, by its index in the plan.
        node: u32,
        /// Which visit of it.
        #[cfg_attr(feature = "serde", serde(alias = "nth"))]
        visit: u32,
    },
    /// A compensation faulted, so this visit of its step is not undone.
    #[cfg_attr(feature = "serde", serde(alias = "SetAside"))]
    UndoFailed {
        /// The step, by its index in the plan.
        node: u32,
        /// Which visit of it.
        #[cfg_attr(feature = "serde", serde(alias = "nth"))]
        visit: u32,
    },
    /// The step was asked whether this visit, which was in doubt, was done.
    Asked(Did),
    /// A compensation was skipped because it had nothing to undo.
    #[cfg_attr(feature = "serde", serde(alias = "Skipped"))]
    NothingToUndo,
}
