//! Compensable nodes that a changed drawing would make a run repeat.

use std::collections::BTreeSet;

use crate::drawing::Drawing;
use crate::run::branch::BranchState;
use crate::run::state::{Phase, State};

/// The edges of a drawing that control can take.
#[derive(Clone, Debug)]
pub(super) struct Edges {
    next: Vec<Vec<u32>>,
    /// The node that a fault leads to.
    trigger: Option<u32>,
}

impl Edges {
    pub(super) fn new(drawing: &Drawing) -> Self {
        let next = drawing.nodes.iter().map(|node| node.next.clone()).collect();
        // As in a plan: exactly one node that begins a rollback and undoes nothing itself.
        let mut triggers =
            (0..).zip(&drawing.nodes).filter(|(_, node)| node.rolls_back && node.undoes.is_empty());
        let trigger = match (triggers.next(), triggers.next()) {
            (Some((only, _)), None) => Some(only),
            _ => None,
        };
        Self { next, trigger }
    }

    /// Returns the nodes that a run in this state can still reach. `now` maps a node of the state to its index
    /// in this drawing. Follows every edge, regardless of the bounds of loops.
    pub(super) fn ahead(&self, state: &State, now: impl Fn(u32) -> Option<u32>) -> BTreeSet<u32> {
        let mut ahead = BTreeSet::new();
        let mut waiting = Vec::new();
        let mut is_closed = BTreeSet::new();
        match &state.phase {
            // Only compensations remain.
            Phase::ReverseOrder { .. } | Phase::Ended(_) => return ahead,
            Phase::Stopping { entry, .. } | Phase::Inquiry { entry, .. } => {
                waiting.extend(entry.and_then(&now));
            }
            // A drawn rollback enters no node twice.
            Phase::DrawnRollback { entered, .. } => {
                is_closed = entered.iter().filter_map(|node| now(*node)).collect();
            }
            Phase::Forward => waiting.extend(self.trigger.filter(|_| !state.detached)),
        }
        if !matches!(state.phase, Phase::Stopping { .. } | Phase::Inquiry { .. }) {
            for branch in &state.branches {
                match branch.state {
                    BranchState::Forked { join } => waiting.extend(join.and_then(&now)),
                    _ if branch.is_at_work() => {
                        waiting.extend(now(branch.node).iter().flat_map(|at| self.next(*at)));
                    }
                    _ => {}
                }
            }
        }
        while let Some(node) = waiting.pop() {
            if !is_closed.contains(&node) && ahead.insert(node) {
                waiting.extend(self.next(node));
            }
        }
        ahead
    }

    fn next(&self, node: u32) -> &[u32] {
        self.next.get(node as usize).map_or(&[], Vec::as_slice)
    }
}

/// The nodes that a run has visited and left. A node whose first visit is still active is not among them.
pub(super) fn passed(state: &State) -> impl Iterator<Item = u32> {
    let active =
        |node: u32| state.branches.iter().filter(|branch| branch.is_at_work() && branch.node == node).count();
    state.visits.iter().filter(move |(node, visits)| *visits as usize > active(*node)).map(|(node, _)| node)
}
