//! The branches of a run.

#[cfg(feature = "serde")]
use super::usual;

/// The id of a branch of a run. The root has id 0.
pub type PlaceId = u32;

/// A branch whose node is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The branch.
    pub place: PlaceId,
    /// The node, by its index in the plan.
    pub node: u32,
    /// Whether the visit was begun before and interrupted. It is repeated under the same key.
    pub interrupted: bool,
}

/// A node that is active or due in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stance {
    /// The node, by its index in the plan.
    pub node: u32,
    /// Which visit of it, from 1.
    pub nth: u32,
    /// The number of attempts of this visit that were begun.
    pub attempt: u32,
}

/// A branch of a run.
///
/// Invariant: a child's id is greater than its parent's.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Place {
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "usual::is_zero"))]
    pub(crate) id: PlaceId,
    /// The branch that forked into this one and its siblings.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(crate) parent: Option<PlaceId>,
    pub(crate) node: u32,
    #[cfg_attr(feature = "serde", serde(default = "usual::one", skip_serializing_if = "usual::is_one"))]
    pub(crate) nth: u32,
    #[cfg_attr(feature = "serde", serde(default = "usual::one", skip_serializing_if = "usual::is_one"))]
    pub(crate) attempt: u32,
    /// The number of attempts of this visit that faulted. The others that ended were interrupted.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "usual::is_zero"))]
    pub(crate) faulted: u32,
    /// The number of attempts that faulted without an effect.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "usual::is_zero"))]
    pub(crate) not_done: u32,
    #[cfg_attr(feature = "serde", serde(default = "usual::begun", skip_serializing_if = "usual::is_begun"))]
    pub(crate) standing: Standing,
    /// At a compensation: the entry of the ledger that it undoes.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(crate) undoing: Option<(u32, u32)>,
    /// Passes of loops, as older versions counted them for each branch. Read and moved to the run, never
    /// written.
    #[cfg(feature = "serde")]
    #[serde(default, skip_serializing)]
    pub(crate) passes: Vec<(u32, u32)>,
}

/// The state of a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Standing {
    /// The branch is between two nodes. Never visible from outside.
    Moving,
    /// Its node is due.
    Due,
    /// Its node is active.
    Begun,
    /// An attempt faulted, and the next one follows after a backoff.
    Resting,
    /// The branch forked, and waits for its own branches.
    Split { join: Option<u32> },
    /// The branch reached the join of its fork.
    Joined,
    /// The branch has ended: at an end, or because a rollback returned to a node.
    Over,
    /// A rollback stopped the branch.
    Stopped,
}

impl Place {
    pub(crate) fn new(id: PlaceId, parent: Option<PlaceId>, node: u32) -> Self {
        let (nth, attempt, standing) = (0, 0, Standing::Moving);
        let (faulted, not_done) = (0, 0);
        Self {
            id,
            parent,
            node,
            nth,
            attempt,
            faulted,
            not_done,
            standing,
            undoing: None,
            #[cfg(feature = "serde")]
            passes: Vec::new(),
        }
    }

    /// Whether its node is active or due, or waits for a retry.
    pub(crate) fn is_at_work(&self) -> bool {
        matches!(self.standing, Standing::Due | Standing::Begun | Standing::Resting)
    }

    /// Whether an ended attempt of its visit may have had an effect: it was interrupted, or faulted without
    /// [`Fault::not_done`](crate::Fault::not_done).
    pub(crate) fn is_in_doubt(&self) -> bool {
        let ended = self.attempt.saturating_sub(u32::from(self.standing == Standing::Begun));
        ended > self.not_done
    }

    /// Whether any attempt of its visit may have had an effect, including the active one.
    pub(crate) fn may_be_done(&self) -> bool {
        self.is_at_work() && self.attempt > self.not_done
    }

    /// Whether another attempt may be made. A run that is about to roll back starts only attempts of
    /// compensations.
    pub(crate) fn may_try_again(&self, is_aborting: bool) -> bool {
        !is_aborting || self.undoing.is_some()
    }

    /// Whether this is an interrupted forward step. A run that is about to roll back does not repeat it.
    pub(crate) fn is_interrupted_forward(&self) -> bool {
        self.standing == Standing::Due && self.attempt > 0 && self.undoing.is_none()
    }

    /// Whether the branch is undoing this entry of the ledger.
    pub(crate) fn is_undoing(&self, entry: (u32, u32)) -> bool {
        self.undoing == Some(entry) && self.is_at_work()
    }

    /// Whether the branch has reached its join or its end.
    pub(crate) fn has_arrived(&self) -> bool {
        matches!(self.standing, Standing::Joined | Standing::Over)
    }
}
