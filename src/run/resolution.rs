//! How an operator resolves what a rollback could not undo.

use super::state::Trace;

/// How an operator resolves a visit of a step whose compensation could not undo it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StuckResolution {
    /// The operator has undone it by hand.
    UndoneByHand,
    /// The operator decided that it stays as it is: nothing undoes it.
    Waived,
}

impl StuckResolution {
    /// What the path of the run records.
    pub(crate) fn trace(self, node: u32, nth: u32) -> Trace {
        match self {
            Self::UndoneByHand => Trace::UndoneByHand { node, nth },
            Self::Waived => Trace::Waived { node, nth },
        }
    }
}
