//! Resolutions by an operator of failed undos.

use super::path_entry::VisitOutcome;

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
    pub(crate) fn outcome(self, node: u32, visit: u32) -> VisitOutcome {
        match self {
            Self::UndoneByHand => VisitOutcome::UndoneByHand { node, visit },
            Self::Waived => VisitOutcome::Waived { node, visit },
        }
    }
}
