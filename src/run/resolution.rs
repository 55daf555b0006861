//! Resolutions by an operator of failed undos.

use super::state::Trace;

/// The resolution of a visit that its compensation failed to undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StuckResolution {
    /// The operator has undone the visit by hand.
    UndoneByHand,
    /// The operator decided that the visit remains without an undo.
    Waived,
}

impl StuckResolution {
    /// The result that the path of the run records.
    pub(crate) fn trace(self, node: u32, nth: u32) -> Trace {
        match self {
            Self::UndoneByHand => Trace::UndoneByHand { node, nth },
            Self::Waived => Trace::Waived { node, nth },
        }
    }
}
