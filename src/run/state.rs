//! The state of a run, without its contexts.

use std::collections::BTreeSet;

use super::branch::{ActiveNode, Branch, BranchId, BranchState, Due};
use super::env::Env;
#[cfg(feature = "serde")]
use super::ledger::{Doubt, Visited};
use super::ledger::{Ledger, PendingUndo};
use super::passes::Passes;
use super::path_entry::{PathEntry, VisitOutcome};
use super::resolution::StuckResolution;
#[cfg(feature = "serde")]
use super::serde_defaults;
use super::visits::Visits;
use crate::fault::Fault;
use crate::outcome;
use crate::plan::{NodeSpec, Plan};
use crate::routing::{Route, Routes, ValueId};

/// The position of a run, its pending undos, its path and its ending.
///
/// The serialized form does not contain the path.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct State {
    /// Sorted by id. The root, 0, is always present.
    #[cfg_attr(feature = "serde", serde(alias = "places"))]
    pub(super) branches: Vec<Branch>,
    #[cfg_attr(
        feature = "serde",
        serde(
            alias = "next_place",
            default = "serde_defaults::one",
            skip_serializing_if = "serde_defaults::is_one"
        )
    )]
    pub(super) next_branch: BranchId,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Ledger::is_new"))]
    pub(super) ledger: Ledger,
    pub(super) visits: Visits,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Passes::is_empty"))]
    pub(super) passes: Passes,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "serde_defaults::is_forward"))]
    pub(super) phase: Phase,
    /// The end that a branch reached last; `None` once the run rolls back.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(super) end: Option<u32>,
    /// The end that a branch reached last, also in a rollback, with its inputs. Only with declared values.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(super) reached: Option<ReachedEnd>,
    /// The id of the next value.
    #[cfg_attr(
        feature = "serde",
        serde(
            default = "serde_defaults::first_value",
            skip_serializing_if = "serde_defaults::is_first_value"
        )
    )]
    pub(super) next_value: ValueId,
    /// The number of values at which values that are no longer needed are removed.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) prune_at: u32,
    /// The path only grows, so it is saved separately.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) path: Vec<PathEntry>,
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
    #[cfg_attr(feature = "serde", serde(alias = "Aborting"))]
    Stopping { cause: Cause, entry: Option<u32> },
    /// Asks for each visit in doubt whether it was done. Then the rollback starts at `entry`, or in reverse order
    /// without one.
    Inquiry {
        cause: Cause,
        entry: Option<u32>,
        /// Whether the drawn rollback has ended.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
        was_drawn: bool,
    },
    /// Executes a rollback as drawn. No node is entered twice, so it always ends.
    #[cfg_attr(feature = "serde", serde(alias = "Drawn"))]
    DrawnRollback { cause: Cause, entered: BTreeSet<u32> },
    /// Executes the pending undos in reverse order.
    #[cfg_attr(feature = "serde", serde(alias = "LastFirst"))]
    ReverseOrder { cause: Cause },
    #[cfg_attr(feature = "serde", serde(alias = "Over"))]
    Ended(Ending),
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
            Self::Fault(FaultAt { node, visit, fault }) => outcome::Cause::Fault(outcome::FaultAt {
                node: plan.node(*node)?,
                visit: *visit,
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
    #[cfg_attr(feature = "serde", serde(alias = "nth"))]
    pub visit: u32,
    /// The fault.
    pub fault: Fault,
}

/// An end that a run has reached.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct ReachedEnd {
    /// The end, by its index in the plan.
    pub(super) node: u32,
    /// Its inputs when it was reached.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(super) inputs: Routes,
}

/// A message to be started as a run of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OutgoingMessage {
    /// The branch that sent it, whose context is to be copied.
    pub(super) branch: BranchId,
    /// The node that sent it.
    pub(super) from: u32,
    /// Which visit of that node.
    pub(super) visit: u32,
    /// Its edge, by the index among the sending edges of the node.
    pub(super) arrow: usize,
    /// The names that the branch saw.
    pub(super) env: Env,
}

/// Operations on the contexts of a run that a change of its state requires, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ContextOp {
    Copy { from: BranchId, to: BranchId },
    Merge { from: BranchId, into: BranchId },
    Send(OutgoingMessage),
}

/// The initial capacity for visits and the path of a run. Longer runs allocate as needed, so a run of a large
/// drawing that stops early does not allocate for all nodes.
const MOST_LIKELY: usize = 16;

impl State {
    /// Creates a run of a drawing with this number of nodes, before its first node.
    pub(super) fn new(nodes: usize, detached: bool) -> Self {
        let likely = nodes.min(MOST_LIKELY);
        Self {
            branches: vec![Branch::new(0, None, 0)],
            next_branch: 1,
            ledger: Ledger::default(),
            visits: Visits::with_capacity(likely),
            passes: Passes::default(),
            phase: Phase::Forward,
            end: None,
            reached: None,
            next_value: ValueId::FIRST,
            prune_at: 0,
            path: Vec::with_capacity(likely),
            faults: Vec::new(),
            detached,
        }
    }

    /// The branches whose node is due, the oldest branch first.
    pub fn due(&self) -> impl Iterator<Item = Due> {
        let due = |branch: &&Branch| branch.state == BranchState::Due;
        self.branches.iter().filter(due).map(|branch| Due {
            branch: branch.id,
            node: branch.node,
            interrupted: branch.attempt > 0,
        })
    }

    /// The ids of the run's branches, including the root.
    pub fn branches(&self) -> impl Iterator<Item = BranchId> {
        self.branches.iter().map(|branch| branch.id)
    }

    /// The nodes that are active or due.
    pub fn active_nodes(&self) -> impl Iterator<Item = ActiveNode> {
        let active =
            |branch: &Branch| ActiveNode { node: branch.node, visit: branch.visit, attempt: branch.attempt };
        self.branches.iter().filter(|branch| branch.is_at_work()).map(active)
    }

    /// The cause for which the run is or was rolled back; `None` while it proceeds forward, and if it completed
    /// or was abandoned.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        match &self.phase {
            Phase::Forward | Phase::Ended(Ending::Completed(_) | Ending::Abandoned) => None,
            Phase::Stopping { cause, .. }
            | Phase::Inquiry { cause, .. }
            | Phase::DrawnRollback { cause, .. }
            | Phase::ReverseOrder { cause }
            | Phase::Ended(Ending::RolledBack(cause) | Ending::Stuck(cause) | Ending::Failed(cause)) => {
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
            Phase::Ended(ending) => Some(ending),
            _ => None,
        }
    }

    /// The pending undos, in the order of their steps.
    #[must_use]
    pub fn pending_undos(&self) -> &[PendingUndo] {
        self.ledger.pending()
    }

    /// The failed undos, each with the fault of its compensation.
    #[must_use]
    pub fn stuck(&self) -> &[PendingUndo] {
        self.ledger.failed()
    }

    /// The visits that would remain without an undo if the run were abandoned now: pending undos, failed undos,
    /// and steps that were begun, whose effect is unknown.
    #[must_use]
    pub fn left_behind(&self, plan: &Plan) -> Vec<PendingUndo> {
        let can_be_undone = |node: u32| plan.node(node).is_some_and(|spec| spec.undone_by.is_some());
        let in_doubt =
            self.branches.iter().filter(|branch| branch.may_be_done() && can_be_undone(branch.node));
        self.ledger.left_behind(in_doubt.map(|branch| (branch.node, branch.visit)))
    }

    /// The visits that remain without an undo in an abandoned run, in the order of their steps.
    #[must_use]
    pub fn abandoned(&self) -> Vec<PendingUndo> {
        self.ledger.left_behind(std::iter::empty())
    }

    /// The end that the run has reached, with its inputs.
    pub(crate) fn reached(&self) -> Option<(u32, &[Route])> {
        let ReachedEnd { node, inputs } = self.reached.as_ref()?;
        Some((*node, inputs.as_deref().unwrap_or_default()))
    }

    /// The nodes on the path of the run, in order.
    #[must_use]
    pub fn path(&self) -> &[PathEntry] {
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
        matches!(
            self.phase,
            Phase::Stopping { .. }
                | Phase::Inquiry { .. }
                | Phase::DrawnRollback { .. }
                | Phase::ReverseOrder { .. }
        )
    }

    pub(super) fn branch(&self, id: BranchId) -> Option<&Branch> {
        self.index_of(id).map(|at| &self.branches[at])
    }

    pub(super) fn branch_mut(&mut self, id: BranchId) -> Option<&mut Branch> {
        self.index_of(id).map(|at| &mut self.branches[at])
    }

    fn index_of(&self, id: BranchId) -> Option<usize> {
        // Fast path: most runs have only the root.
        if self.branches.first().is_some_and(|first| first.id == id) {
            return Some(0);
        }
        self.branches.binary_search_by_key(&id, |branch| branch.id).ok()
    }

    pub(super) fn set_state(&mut self, id: BranchId, state: BranchState) {
        if let Some(branch) = self.branch_mut(id) {
            branch.state = state;
        }
    }

    pub(super) fn record_visit(&mut self, node: u32, visit: u32, outcome: VisitOutcome) {
        self.path.push(PathEntry { node, visit, outcome });
    }

    /// Whether the run waits for active steps before the rollback starts.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        matches!(self.phase, Phase::Stopping { .. })
    }

    /// Ends the run. Only the root remains, with the context of the whole run.
    pub(super) fn end_run(&mut self, ending: Ending) {
        self.phase = Phase::Ended(ending);
        self.branches.retain(|branch| branch.parent.is_none());
        self.set_state(0, BranchState::Ended);
    }

    /// Ends a run without further pending undos.
    pub(super) fn end_undone(&mut self, cause: Cause) {
        self.end_run(match (self.ledger.failed(), self.end) {
            ([_, ..], _) => Ending::Stuck(cause),
            ([], Some(end)) => Ending::Completed(end),
            ([], None) => Ending::RolledBack(cause),
        });
    }

    /// Retries the failed undos of a stuck run. Returns whether there are any.
    pub(super) fn reopen(&mut self, undone_by: impl Fn(u32) -> Option<u32>) -> bool {
        let Phase::Ended(Ending::Stuck(cause)) = &self.phase else { return false };
        self.phase = Phase::ReverseOrder { cause: cause.clone() };
        self.ledger.reopen();
        self.undo_last(undone_by);
        true
    }

    /// Removes the failed undo of a visit, and records the resolution in the path. Returns whether it was
    /// found.
    pub(crate) fn discharge(
        &mut self,
        compensation: Option<u32>,
        (node, visit): (u32, u32),
        resolution: StuckResolution,
    ) -> bool {
        if !self.ledger.discharge(node, visit) {
            return false;
        }
        self.record_visit(compensation.unwrap_or(node), 0, resolution.outcome(node, visit));
        if let Phase::Ended(Ending::Stuck(cause)) = &self.phase {
            self.end_undone(cause.clone());
        }
        true
    }

    /// Abandons a run that has not ended, or is stuck. Steps in doubt that can be undone are recorded as
    /// pending undos. Returns false for a run that has ended otherwise.
    #[cfg(feature = "serde")]
    pub(super) fn abandon(&mut self, undone_by: impl Fn(u32) -> Option<u32>) -> bool {
        if !matches!(self.phase, Phase::Ended(Ending::Stuck(_))) && self.ending().is_some() {
            return false;
        }
        let in_doubt = self.branches.iter().filter(|branch| branch.may_be_done() && branch.undoing.is_none());
        for entry in in_doubt.filter(|branch| undone_by(branch.node).is_some()) {
            self.ledger.record(Visited::of(entry), Doubt::NotAsked);
        }
        (self.end, self.reached) = (None, None);
        self.passes.clear();
        self.end_run(Ending::Abandoned);
        true
    }
}
