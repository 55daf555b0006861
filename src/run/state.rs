//! The state of a run, without its contexts.

use std::collections::BTreeSet;

use super::ledger::{Ledger, Owed};
use super::passes::Passes;
use super::place::{Due, Place, PlaceId, Stance, Standing};
use super::resolution::StuckResolution;
#[cfg(feature = "serde")]
use super::usual;
use super::visits::Visits;
use crate::fault::Fault;
use crate::outcome;
use crate::plan::{NodeSpec, Plan};

/// The position of a run, its pending undos, its path and its ending.
///
/// The serialized form does not contain the path.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct State {
    /// Sorted by id. The root, 0, is always present.
    pub(super) places: Vec<Place>,
    #[cfg_attr(feature = "serde", serde(default = "usual::one", skip_serializing_if = "usual::is_one"))]
    pub(super) next_place: PlaceId,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Ledger::is_new"))]
    pub(super) ledger: Ledger,
    pub(super) visits: Visits,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Passes::is_empty"))]
    pub(super) passes: Passes,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "usual::is_forward"))]
    pub(super) phase: Phase,
    /// The end that a branch reached last; `None` once the run rolls back.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(super) end: Option<u32>,
    /// The path only grows, so it is saved separately.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) path: Vec<Walked>,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub(super) faults: Vec<FaultAt>,
    /// Whether the run is a message: its faults do not lead to the drawing's trigger.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    pub(super) detached: bool,
}

/// The phase of a run.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum Phase {
    #[default]
    Forward,
    /// Waits for active steps. Then the rollback starts at `entry`, or in reverse order without one.
    Aborting {
        cause: Cause,
        entry: Option<u32>,
    },
    /// Executes a rollback as drawn. No node is entered twice, so it always ends.
    Drawn {
        cause: Cause,
        entered: BTreeSet<u32>,
    },
    /// Executes the pending undos in reverse order.
    LastFirst {
        cause: Cause,
    },
    Over(Ending),
}

/// How a run ended.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Ending {
    /// The run reached this end, by its index in the plan.
    Completed(u32),
    /// The run was rolled back: everything that had to be undone is undone.
    RolledBack(Cause),
    /// Undos failed: see [`State::stuck`].
    Stuck(Cause),
    /// The run faulted. Nothing had to be undone, and no rollback is drawn.
    Failed(Cause),
    /// An operator abandoned the run. Its pending undos remain in its ledger: see [`State::abandoned`].
    Abandoned,
}

/// The cause of a rollback.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Cause {
    /// An error that the drawing does not expect.
    Fault(FaultAt),
    /// The drawing led to a rollback trigger or a compensation.
    Drawn {
        /// The node whose edge led there.
        from: u32,
        /// The trigger or compensation.
        at: u32,
    },
    /// The run was cancelled.
    Cancelled,
}

impl Cause {
    /// Converts the cause to the nodes of this plan. `None` if it refers to a node that the plan does not have.
    #[must_use]
    pub fn named(&self, plan: &'static Plan) -> Option<outcome::Cause<&'static NodeSpec>> {
        Some(match self {
            Self::Fault(FaultAt { node, nth, fault }) => outcome::Cause::Fault(outcome::FaultAt {
                node: plan.node(*node)?,
                nth: *nth,
                fault: fault.clone(),
            }),
            Self::Drawn { from, at } => {
                outcome::Cause::Drawn { from: plan.node(*from)?, at: plan.node(*at)? }
            }
            Self::Cancelled => outcome::Cause::Cancelled,
        })
    }
}

/// A fault, and the node at which it occurred.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FaultAt {
    /// The node, by its index in the plan.
    pub node: u32,
    /// Which visit of it.
    pub nth: u32,
    /// The fault.
    pub fault: Fault,
}

/// A node on the path of a run.
///
/// The serialized form is a tuple, without `trace` if the node was done, because a path has many of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
pub struct Walked {
    /// The node, by its index in the plan.
    pub node: u32,
    /// Which visit of it, from 1; 0 if the node was skipped.
    pub nth: u32,
    /// The result of the visit.
    #[cfg_attr(feature = "serde", serde(default = "usual::done"))]
    pub trace: Trace,
}

#[cfg(feature = "serde")]
impl serde::Serialize for Walked {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.trace {
            Trace::Done => (self.node, self.nth).serialize(serializer),
            trace => (self.node, self.nth, trace).serialize(serializer),
        }
    }
}

/// The result of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Trace {
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
    Undid {
        /// The step, by its index in the plan.
        node: u32,
        /// Which visit of it.
        nth: u32,
    },
    /// An operator undid this visit of the compensation's step by hand.
    #[cfg_attr(feature = "serde", serde(alias = "Resolved"))]
    UndoneByHand {
        /// The step, by its index in the plan.
        node: u32,
        /// Which visit of it.
        nth: u32,
    },
    /// An operator decided that this visit of the compensation's step remains without an undo.
    #[cfg_attr(feature = "serde", serde(alias = "GivenUp"))]
    Waived {
        /// The step, by its index in the plan.
        node: u32,
        /// Which visit of it.
        nth: u32,
    },
    /// A compensation faulted, so this visit of its step is not undone.
    SetAside {
        /// The step, by its index in the plan.
        node: u32,
        /// Which visit of it.
        nth: u32,
    },
    /// A compensation was skipped because it had nothing to undo.
    #[cfg_attr(feature = "serde", serde(alias = "Skipped"))]
    NothingToUndo,
}

/// A message to be started as a run of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// The branch that sent it, whose context is to be copied.
    pub(super) place: PlaceId,
    /// The node that sent it.
    pub(super) from: u32,
    /// Which visit of that node.
    pub(super) nth: u32,
    /// Its edge, by the index among the sending edges of the node.
    pub(super) arrow: usize,
}

/// Operations on the contexts of a run that a change of its state requires, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Copy { from: PlaceId, to: PlaceId },
    Merge { from: PlaceId, into: PlaceId },
    Send(Sent),
}

/// The initial capacity for visits and the path of a run. Longer runs allocate as needed, so a run of a large
/// drawing that stops early does not allocate for all nodes.
const MOST_LIKELY: usize = 16;

impl State {
    /// Creates a run of a drawing with this number of nodes, before its first node.
    pub(super) fn new(nodes: usize, detached: bool) -> Self {
        let likely = nodes.min(MOST_LIKELY);
        Self {
            places: vec![Place::new(0, None, 0)],
            next_place: 1,
            ledger: Ledger::default(),
            visits: Visits::with_capacity(likely),
            passes: Passes::default(),
            phase: Phase::Forward,
            end: None,
            path: Vec::with_capacity(likely),
            faults: Vec::new(),
            detached,
        }
    }

    /// The branches whose node is due, the oldest branch first.
    pub fn due(&self) -> impl Iterator<Item = Due> {
        let due = |place: &&Place| place.standing == Standing::Due;
        self.places.iter().filter(due).map(|place| Due {
            place: place.id,
            node: place.node,
            interrupted: place.attempt > 0,
        })
    }

    /// The ids of the run's branches, including the root.
    pub fn places(&self) -> impl Iterator<Item = PlaceId> {
        self.places.iter().map(|place| place.id)
    }

    /// The nodes that are active or due.
    pub fn stances(&self) -> impl Iterator<Item = Stance> {
        let stance = |place: &Place| Stance { node: place.node, nth: place.nth, attempt: place.attempt };
        self.places.iter().filter(|place| place.is_at_work()).map(stance)
    }

    /// The cause for which the run is or was rolled back; `None` while it proceeds forward, and if it completed
    /// or was abandoned.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        match &self.phase {
            Phase::Forward | Phase::Over(Ending::Completed(_) | Ending::Abandoned) => None,
            Phase::Aborting { cause, .. }
            | Phase::Drawn { cause, .. }
            | Phase::LastFirst { cause }
            | Phase::Over(Ending::RolledBack(cause) | Ending::Stuck(cause) | Ending::Failed(cause)) => {
                Some(cause)
            }
        }
    }

    /// The cause of the current rollback; `None` if the run is not rolling back.
    pub(super) fn rollback_cause(&self) -> Option<&Cause> {
        self.cause().filter(|_| self.is_rolling_back())
    }

    /// How the run ended; `None` before its end.
    #[must_use]
    pub fn ending(&self) -> Option<&Ending> {
        match &self.phase {
            Phase::Over(ending) => Some(ending),
            _ => None,
        }
    }

    /// The pending undos, in the order of their steps.
    #[must_use]
    pub fn owed(&self) -> &[Owed] {
        self.ledger.owed()
    }

    /// The failed undos, each with the fault of its compensation.
    #[must_use]
    pub fn stuck(&self) -> &[Owed] {
        self.ledger.aside()
    }

    /// The visits that would remain without an undo if the run were abandoned now: pending undos, failed undos,
    /// and steps that were begun, whose effect is unknown.
    #[must_use]
    pub fn left_behind(&self, plan: &Plan) -> Vec<Owed> {
        let can_be_undone = |node: u32| plan.node(node).is_some_and(|spec| spec.undone_by.is_some());
        let in_doubt = self.places.iter().filter(|place| place.may_be_done() && can_be_undone(place.node));
        self.ledger.left_behind(in_doubt.map(|place| (place.node, place.nth)))
    }

    /// The visits that remain without an undo in an abandoned run, in the order of their steps.
    #[must_use]
    pub fn abandoned(&self) -> Vec<Owed> {
        self.ledger.left_behind(std::iter::empty())
    }

    /// The nodes on the path of the run, in order.
    #[must_use]
    pub fn path(&self) -> &[Walked] {
        &self.path
    }

    /// Every fault that a step or compensation ended with.
    #[must_use]
    pub fn faults(&self) -> &[FaultAt] {
        &self.faults
    }

    /// Whether the run is rolling back, or waiting for active steps in order to do so.
    #[must_use]
    pub fn is_rolling_back(&self) -> bool {
        matches!(self.phase, Phase::Aborting { .. } | Phase::Drawn { .. } | Phase::LastFirst { .. })
    }

    pub(super) fn place(&self, id: PlaceId) -> Option<&Place> {
        self.index_of(id).map(|at| &self.places[at])
    }

    pub(super) fn place_mut(&mut self, id: PlaceId) -> Option<&mut Place> {
        self.index_of(id).map(|at| &mut self.places[at])
    }

    fn index_of(&self, id: PlaceId) -> Option<usize> {
        // Fast path: most runs have only the root.
        if self.places.first().is_some_and(|first| first.id == id) {
            return Some(0);
        }
        self.places.binary_search_by_key(&id, |place| place.id).ok()
    }

    pub(super) fn stand(&mut self, id: PlaceId, standing: Standing) {
        if let Some(place) = self.place_mut(id) {
            place.standing = standing;
        }
    }

    pub(super) fn walked(&mut self, node: u32, nth: u32, trace: Trace) {
        self.path.push(Walked { node, nth, trace });
    }

    /// Whether the run waits for active steps before the rollback starts.
    #[must_use]
    pub fn is_aborting(&self) -> bool {
        matches!(self.phase, Phase::Aborting { .. })
    }

    /// Ends the run. Only the root remains, with the context of the whole run.
    pub(super) fn over(&mut self, ending: Ending) {
        self.phase = Phase::Over(ending);
        self.places.retain(|place| place.parent.is_none());
        self.stand(0, Standing::Over);
    }

    /// Ends a run without further pending undos.
    pub(super) fn over_undone(&mut self, cause: Cause) {
        self.over(match (self.ledger.aside(), self.end) {
            ([_, ..], _) => Ending::Stuck(cause),
            ([], Some(end)) => Ending::Completed(end),
            ([], None) => Ending::RolledBack(cause),
        });
    }

    /// Retries the failed undos of a stuck run. Returns whether there are any.
    pub(super) fn reopen(&mut self, undone_by: impl Fn(u32) -> Option<u32>) -> bool {
        let Phase::Over(Ending::Stuck(cause)) = &self.phase else { return false };
        self.phase = Phase::LastFirst { cause: cause.clone() };
        self.ledger.reopen();
        self.undo_last(undone_by);
        true
    }

    /// Removes the failed undo of a visit, and records the resolution in the path. Returns whether it was
    /// found.
    pub(crate) fn strike_off(
        &mut self,
        compensation: Option<u32>,
        (node, nth): (u32, u32),
        resolution: StuckResolution,
    ) -> bool {
        if !self.ledger.strike_off(node, nth) {
            return false;
        }
        self.walked(compensation.unwrap_or(node), 0, resolution.trace(node, nth));
        if let Phase::Over(Ending::Stuck(cause)) = &self.phase {
            self.over_undone(cause.clone());
        }
        true
    }

    /// Abandons a run that has not ended, or is stuck. Steps in doubt that can be undone are recorded as
    /// pending undos. Returns false for a run that has ended otherwise.
    #[cfg(feature = "serde")]
    pub(super) fn abandon(&mut self, undone_by: impl Fn(u32) -> Option<u32>) -> bool {
        if !matches!(self.phase, Phase::Over(Ending::Stuck(_))) && self.ending().is_some() {
            return false;
        }
        let in_doubt = self.places.iter().filter(|place| place.may_be_done() && place.undoing.is_none());
        let in_doubt: Vec<_> = in_doubt.map(|place| (place.node, place.nth)).collect();
        for (node, nth) in in_doubt.into_iter().filter(|(node, _)| undone_by(*node).is_some()) {
            self.ledger.enter(node, nth);
        }
        self.end = None;
        self.passes.clear();
        self.over(Ending::Abandoned);
        true
    }
}
