//! Everything about a run but its contexts.

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

/// Where a run stands, what it owes, where it has been and how it ended.
///
/// Serialized, it is without its path.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct State {
    /// Sorted by id. The root, 0, is always there until the run is over.
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
    /// It only grows, so it is saved apart.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) path: Vec<Walked>,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub(super) faults: Vec<FaultAt>,
    /// A branch that nobody waits for: its faults do not lead to the drawing's trigger.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    pub(super) detached: bool,
}

/// What a run is doing.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum Phase {
    #[default]
    Forward,
    /// Steps that were begun are awaited; then the rollback starts at `entry`, or last first.
    Aborting {
        cause: Cause,
        entry: Option<u32>,
    },
    /// Walking a rollback as it is drawn. No node is entered twice, so it always ends.
    Drawn {
        cause: Cause,
        entered: BTreeSet<u32>,
    },
    /// Undoing what is still owed, last first.
    LastFirst {
        cause: Cause,
    },
    Over(Ending),
}

/// How a run ended.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Ending {
    /// At this end, by its place in the plan.
    Completed(u32),
    /// Everything owed was undone.
    RolledBack(Cause),
    /// Something is still owed: see [`State::stuck`].
    Stuck(Cause),
    /// A fault where nothing was owed and no rollback is drawn.
    Failed(Cause),
    /// An operator gave it up. What it owed stays in its ledger: see [`State::abandoned`].
    Abandoned,
}

/// Why a run was rolled back.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Cause {
    /// Something that the drawing does not expect.
    Fault(FaultAt),
    /// The drawing led there: to a trigger or a compensation.
    Drawn {
        /// The node that control came from.
        from: u32,
        /// The trigger or compensation.
        at: u32,
    },
    /// Somebody cancelled the run.
    Cancelled,
}

impl Cause {
    /// The same, with the nodes of this plan. `None` where it names a node that the plan does not have.
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

/// A fault, and where it came from.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FaultAt {
    /// The node, by its place in the plan.
    pub node: u32,
    /// Which visit of it.
    pub nth: u32,
    /// What went wrong.
    pub fault: Fault,
}

/// A node that a run has been at.
///
/// Serialized, it is a tuple, without its end where a node was done: there are many of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
pub struct Walked {
    /// The node, by its place in the plan.
    pub node: u32,
    /// Which visit of it; 0 where it was passed by.
    pub nth: u32,
    /// What came of it.
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

/// What came of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Trace {
    /// A circle, which nobody implements.
    Passed,
    /// It was done; a decision was made.
    Done,
    /// A compensable step said that it was not done, or it was interrupted and no attempt had an effect.
    NotDone,
    /// It may have been done: it was interrupted and not tried again, because the run was to roll back,
    /// or it said that it was not done after an attempt that may have done it.
    InDoubt,
    /// It faulted.
    Faulted,
    /// A compensation that undid this visit of its step.
    Undid {
        /// The step, by its place in the plan.
        node: u32,
        /// Which visit of it.
        nth: u32,
    },
    /// An operator undid this visit of the compensation's step by hand.
    #[cfg_attr(feature = "serde", serde(alias = "Resolved"))]
    UndoneByHand {
        /// The step, by its place in the plan.
        node: u32,
        /// Which visit of it.
        nth: u32,
    },
    /// An operator decided that this visit of the compensation's step is not undone.
    #[cfg_attr(feature = "serde", serde(alias = "GivenUp"))]
    Waived {
        /// The step, by its place in the plan.
        node: u32,
        /// Which visit of it.
        nth: u32,
    },
    /// A compensation that faulted, so that this visit of its step stays owed.
    SetAside {
        /// The step, by its place in the plan.
        node: u32,
        /// Which visit of it.
        nth: u32,
    },
    /// A compensation with nothing to undo.
    #[cfg_attr(feature = "serde", serde(alias = "Skipped"))]
    NothingToUndo,
}

/// A message that nobody waits for: a run of its own, to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// The place that sent it, whose context is to be copied.
    pub(super) place: PlaceId,
    /// The node that sent it.
    pub(super) from: u32,
    /// Which visit of that node.
    pub(super) nth: u32,
    /// The arrow that it takes, by its place among those that send.
    pub(super) arrow: usize,
}

/// What a change of a run asks of whoever holds its contexts, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Copy { from: PlaceId, to: PlaceId },
    Merge { from: PlaceId, into: PlaceId },
    Send(Sent),
}

/// A run is given room for so many nodes at once. One that comes to more gets it as it needs it, so that
/// a run of a large drawing that stops early does not hold room for all of it.
const MOST_LIKELY: usize = 16;

impl State {
    /// A run of a drawing with so many nodes, that has not set out.
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

    /// The places at which something is to be done now, the oldest branch first.
    pub fn due(&self) -> impl Iterator<Item = Due> {
        let due = |place: &&Place| place.standing == Standing::Due;
        self.places.iter().filter(due).map(|place| Due {
            place: place.id,
            node: place.node,
            interrupted: place.attempt > 0,
        })
    }

    /// The places of the run: the root, and each branch.
    pub fn places(&self) -> impl Iterator<Item = PlaceId> {
        self.places.iter().map(|place| place.id)
    }

    /// Where something is being done, or is to be done next.
    pub fn stances(&self) -> impl Iterator<Item = Stance> {
        let stance = |place: &Place| Stance { node: place.node, nth: place.nth, attempt: place.attempt };
        self.places.iter().filter(|place| place.is_at_work()).map(stance)
    }

    /// Why the run is rolled back, or was; `None` while it goes forward, and where it completed.
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

    /// Why the run is rolled back; `None` where it is not, or not any more.
    pub(super) fn rollback_cause(&self) -> Option<&Cause> {
        self.cause().filter(|_| self.is_rolling_back())
    }

    /// How the run ended; `None` while it goes on.
    #[must_use]
    pub fn ending(&self) -> Option<&Ending> {
        match &self.phase {
            Phase::Over(ending) => Some(ending),
            _ => None,
        }
    }

    /// What would have to be undone if the run failed now, in the order in which it was done.
    #[must_use]
    pub fn owed(&self) -> &[Owed] {
        self.ledger.owed()
    }

    /// What could not be undone, each with the fault of its compensation.
    #[must_use]
    pub fn stuck(&self) -> &[Owed] {
        self.ledger.aside()
    }

    /// What nobody undoes if the run is given up now: what is owed, what is stuck, and the steps
    /// that were begun, since nobody knows whether they were done.
    #[must_use]
    pub fn left_behind(&self, plan: &Plan) -> Vec<Owed> {
        let can_be_undone = |node: u32| plan.node(node).is_some_and(|spec| spec.undone_by.is_some());
        let in_doubt = self.places.iter().filter(|place| place.may_be_done() && can_be_undone(place.node));
        self.ledger.left_behind(in_doubt.map(|place| (place.node, place.nth)))
    }

    /// What nothing undoes any more in a run that was abandoned, in the order in which it was done.
    #[must_use]
    pub fn abandoned(&self) -> Vec<Owed> {
        self.ledger.left_behind(std::iter::empty())
    }

    /// Where the run has been.
    #[must_use]
    pub fn path(&self) -> &[Walked] {
        &self.path
    }

    /// Every fault that a step or compensation ended with.
    #[must_use]
    pub fn faults(&self) -> &[FaultAt] {
        &self.faults
    }

    /// Is the run rolling back, or about to?
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
        // The root, mostly, which is the only place of most runs.
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

    /// Are begun steps awaited, so that the rollback can start?
    #[must_use]
    pub fn is_aborting(&self) -> bool {
        matches!(self.phase, Phase::Aborting { .. })
    }

    /// Ends the run. Only the root stays, with the context of the whole run.
    pub(super) fn over(&mut self, ending: Ending) {
        self.phase = Phase::Over(ending);
        self.places.retain(|place| place.parent.is_none());
        self.stand(0, Standing::Over);
    }

    /// Ends a run that has undone what it could.
    pub(super) fn over_undone(&mut self, cause: Cause) {
        self.over(match (self.ledger.aside(), self.end) {
            ([_, ..], _) => Ending::Stuck(cause),
            ([], Some(end)) => Ending::Completed(end),
            ([], None) => Ending::RolledBack(cause),
        });
    }

    /// Tries once more what is stuck. Says whether anything is.
    pub(super) fn reopen(&mut self, undone_by: impl Fn(u32) -> Option<u32>) -> bool {
        let Phase::Over(Ending::Stuck(cause)) = &self.phase else { return false };
        self.phase = Phase::LastFirst { cause: cause.clone() };
        self.ledger.reopen();
        self.undo_last(undone_by);
        true
    }

    /// Strikes off a stuck visit of a step with this compensation, and says why in the path. Says whether it
    /// was there.
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

    /// Ends a run that is not over, or is stuck. Steps in doubt that can be undone are owed an undo from then on,
    /// as a record. Says whether it was not over.
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
