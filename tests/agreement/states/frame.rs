//! What the future of a run depends on: not how often something was visited, nor how branches are numbered.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use flowgen::run::{BranchId, Run};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// A saved run, as far as it matters. What is usual is left out of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Frame {
    state: State,
    #[serde(skip)]
    path: usize,
    #[serde(skip)]
    faults: usize,
}

#[derive(Debug, Deserialize)]
struct State {
    branches: Vec<Branch>,
    #[serde(default)]
    ledger: Ledger,
    #[serde(default)]
    phase: Phase,
    end: Option<u32>,
    #[serde(default)]
    passes: Vec<(u32, u32)>,
    #[serde(default)]
    detached: bool,
}

#[derive(Debug, Deserialize)]
struct Branch {
    #[serde(default)]
    id: BranchId,
    parent: Option<BranchId>,
    node: u32,
    #[serde(default)]
    state: BranchState,
    undoing: Option<(u32, u32)>,
}

#[derive(Debug, Default, PartialEq, Eq, Hash, Deserialize)]
enum BranchState {
    Moving,
    Due,
    #[default]
    Begun,
    Forked {
        join: Option<u32>,
    },
    Joined,
    Ended,
    Stopped,
}

#[derive(Debug, Default, Deserialize)]
struct Ledger {
    #[serde(default)]
    pending: Vec<PendingUndo>,
    #[serde(default)]
    failed: Vec<PendingUndo>,
}

#[derive(Debug, Deserialize)]
struct PendingUndo {
    node: u32,
    #[serde(default = "once")]
    visit: u32,
}

fn once() -> u32 {
    1
}

#[derive(Debug, Default, Hash, Deserialize)]
enum Phase {
    #[default]
    Forward,
    Stopping {
        cause: Cause,
        entry: Option<u32>,
    },
    DrawnRollback {
        cause: Cause,
        entered: BTreeSet<u32>,
    },
    ReverseOrder {
        cause: Cause,
    },
    Ended(Ending),
}

#[derive(Debug, Hash, Deserialize)]
enum Ending {
    Completed(u32),
    RolledBack(Cause),
    Stuck(Cause),
    Failed(Cause),
}

#[derive(Debug, Deserialize)]
enum Cause {
    Fault(IgnoredAny),
    Drawn {},
    Cancelled,
}

impl Hash for Cause {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
    }
}

impl Frame {
    pub(crate) fn of<Cx>(run: &Run<Cx>) -> Self {
        let contexts = BTreeMap::<BranchId, u8>::new();
        let saved = serde_json::to_string(&run.snapshot(&contexts)).unwrap();
        let frame: Self = serde_json::from_str(&saved).unwrap();
        Self { path: run.state().path().len(), faults: run.state().faults().len(), ..frame }
    }

    pub(crate) fn key(&self) -> u64 {
        let State { branches, ledger, phase, end, passes, detached } = &self.state;
        let mut hasher = DefaultHasher::new();
        for branch in branches {
            let number = |id: BranchId| branches.iter().position(|branch| branch.id == id);
            branch.parent.map(number).hash(&mut hasher);
            (branch.node, &branch.state).hash(&mut hasher);
            let is_due = matches!(branch.state, BranchState::Due | BranchState::Begun);
            let entry = branch.undoing.filter(|_| is_due);
            let entry =
                entry.map(|entry| ledger.pending.iter().position(|undo| (undo.node, undo.visit) == entry));
            entry.hash(&mut hasher);
        }
        for list in [&ledger.pending, &ledger.failed] {
            list.iter().map(|undo| undo.node).collect::<Vec<u32>>().hash(&mut hasher);
        }
        (phase, end, passes, detached).hash(&mut hasher);
        hasher.finish()
    }

    /// How long the path was.
    pub(crate) fn path(&self) -> usize {
        self.path
    }

    /// How many faults there were.
    pub(crate) fn faults(&self) -> usize {
        self.faults
    }

    pub(crate) fn is_forward(&self) -> bool {
        matches!(self.state.phase, Phase::Forward)
    }

    pub(crate) fn has_end(&self) -> bool {
        self.state.end.is_some()
    }

    pub(crate) fn branches(&self) -> usize {
        self.state.branches.len()
    }

    /// The node of the first branch.
    pub(crate) fn first(&self) -> Option<u32> {
        self.state.branches.first().map(|branch| branch.node)
    }

    /// A node at which two branches are at the same time, before any rollback.
    pub(crate) fn shared(&self) -> Option<u32> {
        let mut met = BTreeSet::new();
        let busy = |branch: &&Branch| matches!(branch.state, BranchState::Due | BranchState::Begun);
        let mut nodes = self.state.branches.iter().filter(busy).map(|branch| branch.node);
        nodes.find(|node| !met.insert(*node)).filter(|_| self.is_forward())
    }

    /// The most pending undos of one step.
    pub(crate) fn most_pending(&self) -> usize {
        let mut counts = BTreeMap::<u32, usize>::new();
        for undo in &self.state.ledger.pending {
            *counts.entry(undo.node).or_default() += 1;
        }
        counts.into_values().max().unwrap_or(0)
    }

    pub(crate) fn begun(&self) -> Vec<BranchId> {
        let begun = self.state.branches.iter().filter(|branch| branch.state == BranchState::Begun);
        begun.map(|branch| branch.id).collect()
    }

    /// Whether this visit has a pending or failed undo.
    pub(crate) fn is_owed(&self, visit: (u32, u32)) -> bool {
        let Ledger { pending, failed } = &self.state.ledger;
        pending.iter().chain(failed).any(|undo| (undo.node, undo.visit) == visit)
    }

    /// The node of a branch, and whether it is there to undo something.
    pub(crate) fn position(&self, branch: BranchId) -> (u32, bool) {
        let branch = self.state.branches.iter().find(|other| other.id == branch).unwrap();
        (branch.node, branch.undoing.is_some())
    }
}
