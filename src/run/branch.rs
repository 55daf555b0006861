//! The branches of a run.

use super::env::Env;
#[cfg(feature = "serde")]
use super::serde_defaults;
use crate::routing::{Routes, ValueId};

/// The id of a branch of a run. The root has id 0.
pub type BranchId = u32;

/// A branch whose node is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The branch.
    pub branch: BranchId,
    /// The node, by its index in the plan.
    pub node: u32,
    /// Whether the visit was begun before and interrupted. It is repeated under the same key.
    pub interrupted: bool,
}

/// A node that is active or due in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActiveNode {
    /// The node, by its index in the plan.
    pub node: u32,
    /// Which visit of it, from 1.
    pub visit: u32,
    /// The number of attempts of this visit that were begun.
    pub attempt: u32,
}

/// A branch of a run.
///
/// Invariant: a child's id is greater than its parent's.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Branch {
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "serde_defaults::is_zero"))]
    pub(crate) id: BranchId,
    /// The branch that forked into this one and its siblings.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(crate) parent: Option<BranchId>,
    pub(crate) node: u32,
    #[cfg_attr(
        feature = "serde",
        serde(
            alias = "nth",
            default = "serde_defaults::one",
            skip_serializing_if = "serde_defaults::is_one"
        )
    )]
    pub(crate) visit: u32,
    #[cfg_attr(
        feature = "serde",
        serde(default = "serde_defaults::one", skip_serializing_if = "serde_defaults::is_one")
    )]
    pub(crate) attempt: u32,
    /// The number of attempts of this visit that faulted. The others that ended were interrupted.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "serde_defaults::is_zero"))]
    pub(crate) faulted: u32,
    /// The number of attempts that faulted without an effect.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "serde_defaults::is_zero"))]
    pub(crate) not_done: u32,
    #[cfg_attr(
        feature = "serde",
        serde(
            alias = "standing",
            default = "serde_defaults::begun",
            skip_serializing_if = "serde_defaults::is_begun"
        )
    )]
    pub(crate) state: BranchState,
    /// At a compensation: the entry of the ledger that it undoes.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(crate) undoing: Option<(u32, u32)>,
    /// Whether its visit asks if the step was done.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    pub(crate) is_inquiry: bool,
    /// The names that it sees.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Env::is_empty"))]
    pub(crate) env: Env,
    /// The id of the value that its visit may give.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(crate) value: Option<ValueId>,
    /// The inputs of its visit, if the step is compensable: its compensation gets them too.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(crate) inputs: Routes,
    /// Passes of loops, as older versions counted them for each branch. Read and moved to the run, never
    /// written.
    #[cfg(feature = "serde")]
    #[serde(default, skip_serializing)]
    pub(crate) passes: Vec<(u32, u32)>,
}

/// The state of a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum BranchState {
    /// The branch is between two nodes. Never visible from outside.
    Moving,
    /// Its node is due.
    Due,
    /// Its node is active.
    Begun,
    /// An attempt faulted, and the next one follows after a backoff.
    #[cfg_attr(feature = "serde", serde(alias = "Resting"))]
    Backoff,
    /// The branch forked, and waits for its own branches.
    #[cfg_attr(feature = "serde", serde(alias = "Split"))]
    Forked { join: Option<u32> },
    /// The branch reached the join of its fork.
    Joined,
    /// The branch has ended: at an end, or because a rollback returned to a node.
    #[cfg_attr(feature = "serde", serde(alias = "Over"))]
    Ended,
    /// A rollback stopped the branch.
    Stopped,
}

impl Branch {
    pub(crate) fn new(id: BranchId, parent: Option<BranchId>, node: u32) -> Self {
        let (visit, attempt, state) = (0, 0, BranchState::Moving);
        let (faulted, not_done) = (0, 0);
        Self {
            id,
            parent,
            node,
            visit,
            attempt,
            faulted,
            not_done,
            state,
            undoing: None,
            is_inquiry: false,
            env: Env::default(),
            value: None,
            inputs: None,
            #[cfg(feature = "serde")]
            passes: Vec::new(),
        }
    }

    /// Whether its node is active or due, or waits for a retry.
    pub(crate) fn is_at_work(&self) -> bool {
        matches!(self.state, BranchState::Due | BranchState::Begun | BranchState::Backoff)
    }

    /// Whether an ended attempt of its visit may have had an effect: it was interrupted, or faulted without
    /// [`Fault::not_done`](crate::Fault::not_done).
    pub(crate) fn is_in_doubt(&self) -> bool {
        let ended = self.attempt.saturating_sub(u32::from(self.state == BranchState::Begun));
        ended > self.not_done
    }

    /// Whether any attempt of its visit may have had an effect, including the active one.
    pub(crate) fn may_be_done(&self) -> bool {
        self.is_at_work() && self.attempt > self.not_done && !self.is_inquiry
    }

    /// Whether another attempt may be made. A run that is about to roll back starts only attempts of
    /// compensations.
    pub(crate) fn may_try_again(&self, is_stopping: bool) -> bool {
        !is_stopping || self.undoing.is_some()
    }

    /// Whether this is an interrupted forward step. A run that is about to roll back does not repeat it.
    pub(crate) fn is_interrupted_forward(&self) -> bool {
        self.state == BranchState::Due && self.attempt > 0 && self.undoing.is_none()
    }

    /// Whether the branch is undoing this entry of the ledger.
    pub(crate) fn is_undoing(&self, entry: (u32, u32)) -> bool {
        self.undoing == Some(entry) && self.is_at_work()
    }

    /// Whether the branch has reached its join or its end.
    pub(crate) fn has_arrived(&self) -> bool {
        matches!(self.state, BranchState::Joined | BranchState::Ended)
    }
}
