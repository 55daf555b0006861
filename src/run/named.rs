//! Visitors of the nodes and loops that a run refers to.

use super::ledger::Owed;
use super::place::Standing;
use super::state::{Cause, Ending, FaultAt, Phase, State, Trace};

impl State {
    /// Passes each node that the run refers to, by its index in the plan, to `show`, which may change it.
    pub(super) fn each_node(&mut self, show: &mut impl FnMut(&mut u32)) {
        for place in &mut self.places {
            show(&mut place.node);
            if let Some((step, _)) = &mut place.undoing {
                show(step);
            }
            if let Standing::Split { join: Some(join) } = &mut place.standing {
                show(join);
            }
        }
        self.ledger.entries_mut().for_each(|Owed { node, .. }| show(node));
        self.visits = std::mem::take(&mut self.visits).iter().map(|visits| shown(visits, show)).collect();
        self.phase.each_node(show);
        self.end.iter_mut().for_each(&mut *show);
        for walked in &mut self.path {
            show(&mut walked.node);
            match &mut walked.trace {
                Trace::Undid { node, .. }
                | Trace::UndoneByHand { node, .. }
                | Trace::Waived { node, .. }
                | Trace::SetAside { node, .. } => show(node),
                Trace::Passed
                | Trace::Done
                | Trace::NotDone
                | Trace::InDoubt
                | Trace::Faulted
                | Trace::NothingToUndo => {}
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
            Self::Forward | Self::Over(Ending::Abandoned) => {}
            Self::Aborting { cause, entry } => {
                cause.each_node(show);
                entry.iter_mut().for_each(show);
            }
            Self::Drawn { cause, entered } => {
                cause.each_node(show);
                let all = std::mem::take(entered).into_iter();
                *entered = all.map(|node| shown((node, 0), show).0).collect();
            }
            Self::LastFirst { cause } => cause.each_node(show),
            Self::Over(Ending::Completed(end)) => show(end),
            Self::Over(Ending::RolledBack(cause) | Ending::Stuck(cause) | Ending::Failed(cause)) => {
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
