//! Where a run stands.

#[cfg(feature = "serde")]
use super::usual;

/// Names a place of a run: one for each branch.
pub type PlaceId = u32;

/// A place at which something is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The place.
    pub place: PlaceId,
    /// The node at which it stands, by its place in the plan.
    pub node: u32,
    /// It was begun before and interrupted: it runs again under the same key.
    pub interrupted: bool,
}

/// A place at which something is being done, or is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stance {
    /// The node, by its place in the plan.
    pub node: u32,
    /// Which visit of it, from 1.
    pub nth: u32,
    /// How often this visit was begun.
    pub attempt: u32,
}

/// One place of a run.
///
/// Invariant: a child's id is greater than its parent's.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Place {
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "usual::is_zero"))]
    pub(crate) id: PlaceId,
    /// The place that forked into this one and its siblings.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(crate) parent: Option<PlaceId>,
    pub(crate) node: u32,
    #[cfg_attr(feature = "serde", serde(default = "usual::one", skip_serializing_if = "usual::is_one"))]
    pub(crate) nth: u32,
    #[cfg_attr(feature = "serde", serde(default = "usual::one", skip_serializing_if = "usual::is_one"))]
    pub(crate) attempt: u32,
    /// How many attempts of this visit faulted. The others that ended were interrupted.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "usual::is_zero"))]
    pub(crate) faulted: u32,
    /// How many of those that faulted had no effect.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "usual::is_zero"))]
    pub(crate) not_done: u32,
    #[cfg_attr(feature = "serde", serde(default = "usual::begun", skip_serializing_if = "usual::is_begun"))]
    pub(crate) standing: Standing,
    /// At a compensation: the entry of the ledger that it undoes.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(crate) undoing: Option<(u32, u32)>,
    /// Passes of loops, as older versions counted them for each branch. Read, and moved to the run; never written.
    #[cfg(feature = "serde")]
    #[serde(default, skip_serializing)]
    pub(crate) passes: Vec<(u32, u32)>,
}

/// What a place is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Standing {
    /// It is between two nodes. Never seen from outside.
    Moving,
    /// Its node is to be done.
    Due,
    /// Its node is being done.
    Begun,
    /// An attempt faulted, and another is to be made after a rest.
    Resting,
    /// It forked, and waits for its branches.
    Split { join: Option<u32> },
    /// It reached the join of the fork that it is a branch of.
    Joined,
    /// It is over: at an end, or because a rollback closed its circle.
    Over,
    /// A rollback stopped it.
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

    /// Its node is being done, or is to be done.
    pub(crate) fn is_at_work(&self) -> bool {
        matches!(self.standing, Standing::Due | Standing::Begun | Standing::Resting)
    }

    /// An attempt of its visit has ended that may have had an effect: it was interrupted, or faulted
    /// without saying that nothing was done.
    pub(crate) fn is_in_doubt(&self) -> bool {
        let ended = self.attempt.saturating_sub(u32::from(self.standing == Standing::Begun));
        ended > self.not_done
    }

    /// The same, the attempt that is being made included.
    pub(crate) fn may_be_done(&self) -> bool {
        self.is_at_work() && self.attempt > self.not_done
    }

    /// May another attempt be made here? A run that is to roll back starts only those that undo something.
    pub(crate) fn may_try_again(&self, is_aborting: bool) -> bool {
        !is_aborting || self.undoing.is_some()
    }

    /// A forward step that was interrupted: a run that is to roll back does not try it again.
    pub(crate) fn is_interrupted_forward(&self) -> bool {
        self.standing == Standing::Due && self.attempt > 0 && self.undoing.is_none()
    }

    /// It is here to undo this entry of the ledger.
    pub(crate) fn is_undoing(&self, entry: (u32, u32)) -> bool {
        self.undoing == Some(entry) && self.is_at_work()
    }

    /// It will not move by itself any more.
    pub(crate) fn has_arrived(&self) -> bool {
        matches!(self.standing, Standing::Joined | Standing::Over)
    }
}
