//! Visitors of the nodes and loops that a run refers to.

use super::branch::BranchState;
use super::ledger::PendingUndo;
use super::path_entry::VisitOutcome;
use super::state::{Cause, Ending, FaultAt, Phase, State};

impl State {
    /// Passes each node that the run refers to, by its index in the plan, to `show`, which may change it.
    pub(super) fn each_node(&mut self, show: &mut impl FnMut(&mut u32)) {
        for branch in &mut self.branches {
            show(&mut branch.node);
            branch.env.each_giver(show);
            if let Some((step, _)) = &mut branch.undoing {
                show(step);
            }
            if let BranchState::Forked { join: Some(join) } = &mut branch.state {
                show(join);
            }
        }
        self.ledger.entries_mut().for_each(|PendingUndo { node, .. }| show(node));
        self.visits = std::mem::take(&mut self.visits).iter().map(|visits| shown(visits, show)).collect();
        self.phase.each_node(show);
        self.end.iter_mut().for_each(&mut *show);
        self.reached.iter_mut().for_each(|reached| show(&mut reached.node));
        for entry in &mut self.path {
            show(&mut entry.node);
            match &mut entry.outcome {
                VisitOutcome::Undone { node, .. }
                | VisitOutcome::UndoneByHand { node, .. }
                | VisitOutcome::Waived { node, .. }
                | VisitOutcome::UndoFailed { node, .. } => show(node),
                VisitOutcome::Passed
                | VisitOutcome::Done
                | VisitOutcome::NotDone
                | VisitOutcome::InDoubt
                | VisitOutcome::Faulted
                | VisitOutcome::Asked(_)
                | VisitOutcome::NothingToUndo => {}
            }
        }
        self.faults.iter_mut().for_each(|FaultAt { node, .. }| show(node));
    }

    /// Passes each loop whose passes are counted to `show`, which may change it.
    pub(super) fn each_loop(&mut self, mut show: impl FnMut(&mut u32)) {
        self.passes.each_loop(&mut show);
    }
}

fn shown((mut node, count): (u32, u32), show: &mut impl FnMut(&mut u32)) -> (u32, u32) {
    show(&mut node);
    (node, count)
}

impl Phase {
    fn each_node(&mut self, show: &mut impl FnMut(&mut u32)) {
        match self {
            Self::Forward | Self::Ended(Ending::Abandoned) => {}
            Self::Stopping { cause, entry } | Self::Inquiry { cause, entry, was_drawn: _ } => {
                cause.each_node(show);
                entry.iter_mut().for_each(show);
            }
            Self::DrawnRollback { cause, entered } => {
                cause.each_node(show);
                let all = std::mem::take(entered).into_iter();
                *entered = all.map(|node| shown((node, 0), show).0).collect();
            }
            Self::ReverseOrder { cause } => cause.each_node(show),
            Self::Ended(Ending::Completed(end)) => show(end),
            Self::Ended(Ending::RolledBack(cause) | Ending::Stuck(cause) | Ending::Failed(cause)) => {
                cause.each_node(show);
            }
        }
    }
}

impl Cause {
    fn each_node(&mut self, show: &mut impl FnMut(&mut u32)) {
        match self {
            Self::Fault(FaultAt { node, .. }) => show(node),
            Self::Drawn { from, at } => {
                show(from);
                show(at);
            }
            Self::Cancelled => {}
        }
    }
}
