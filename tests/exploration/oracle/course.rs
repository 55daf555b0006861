//! Where a run is bound: forward, stopping what it began, or back.

use std::collections::BTreeSet;

use flowgen::plan::Plan;
use flowgen::run::{Ending, PathEntry, State, VisitOutcome};

use super::{Between, Oracle, Verdict, rule};

#[derive(Clone, Debug, Hash)]
pub(super) enum Course {
    Forward,
    /// What was begun is awaited.
    Stopping(Stop),
    Back(Back),
}

/// Why a run stopped, and where its rollback has to begin.
#[derive(Clone, Debug, Hash)]
pub(super) struct Stop {
    pub(super) why: Why,
    /// The trigger, or the nodes to which arrows were drawn; none: last first.
    entries: BTreeSet<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Why {
    Fault,
    /// An arrow led to a rollback.
    Drawn,
    Cancelled,
    /// All branches came to a standstill, and none at an end.
    NoEnd,
    /// One of the two before: the last branch of a fork came in, and its join rolls back.
    Joined,
}

#[derive(Clone, Debug, Hash)]
pub(super) struct Back {
    /// `None` where the run went forward to its end and compensations were given up on the way.
    pub(super) stop: Option<Stop>,
    entered: BTreeSet<u32>,
    settles_left: usize,
    /// It follows drawn arrows; after that, it is last first.
    is_drawn: bool,
    /// There was no pending undo, and no rollback is drawn.
    pub(super) has_failed: bool,
}

impl Course {
    pub(super) fn is_forward(&self) -> bool {
        matches!(self, Self::Forward)
    }

    pub(super) fn is_stopping(&self) -> bool {
        matches!(self, Self::Stopping(_))
    }

    pub(super) fn is_back(&self) -> bool {
        matches!(self, Self::Back(_))
    }

    /// Why the run stopped; `None` where it did not, and where that is not known any more.
    pub(super) fn why(&self) -> Option<Why> {
        match self {
            Self::Forward => None,
            Self::Stopping(stop) => Some(stop.why),
            Self::Back(back) => back.stop.as_ref().map(|stop| stop.why),
        }
    }

    /// Does control follow drawn arrows?
    pub(super) fn is_drawn(&self) -> bool {
        match self {
            Self::Forward => true,
            Self::Stopping(_) => false,
            Self::Back(back) => back.is_drawn,
        }
    }

    /// May a compensation begin that is not the last one pending? Backward only along drawn arrows.
    pub(super) fn may_begin(&self, plan: &Plan, compensation: u32) -> bool {
        let Self::Back(back) = self else { return true };
        let is_entry = back.stop.as_ref().is_some_and(|stop| stop.entries.contains(&compensation));
        let leads = |node: &u32| plan.nodes[*node as usize].next.contains(&compensation);
        is_entry || back.entered.contains(&compensation) || back.entered.iter().any(leads)
    }

    /// A rollback ends after a number of steps that is known when it begins.
    pub(super) fn settled(&mut self) -> Verdict {
        if let Self::Back(back) = self {
            rule!(back.settles_left > 0, "a rollback ends");
            back.settles_left -= 1;
        }
        Ok(())
    }

    pub(super) fn enters(&mut self, path: &[PathEntry]) -> Verdict {
        let is_drawn = self.is_drawn();
        let Self::Back(back) = self else { return Ok(()) };
        for entry in path {
            let is_new = back.entered.insert(entry.node);
            let undoes =
                matches!(entry.outcome, VisitOutcome::Undone { .. } | VisitOutcome::UndoFailed { .. });
            rule!(is_drawn || undoes, "last first is nothing but undoing, and not {entry:?}");
            rule!(is_new || undoes, "a rollback enters no node twice, and not {entry:?}");
            rule!(
                entry.visit > 0 || entry.outcome == VisitOutcome::NothingToUndo,
                "a rollback closes its circles"
            );
        }
        Ok(())
    }

    /// A run that is stuck is tried once more; `steps` are to be undone.
    pub(super) fn reopen(&mut self, steps: usize) {
        if let Self::Back(back) = self {
            let entered = BTreeSet::new();
            *back = Back { entered, settles_left: steps, is_drawn: false, ..back.clone() };
        }
    }

    /// The run went through, but not everything that it undid on its way could be undone.
    pub(super) fn through(&mut self) {
        let entered = BTreeSet::new();
        let back = Back { stop: None, entered, settles_left: 0, is_drawn: false, has_failed: false };
        *self = Self::Back(back);
    }
}

impl Oracle {
    /// Judges where the run is bound after control went along the arrows to `to` and over `passed`.
    pub(super) fn follow_course(
        &mut self,
        between: Between<'_>,
        passed: &[PathEntry],
        why: Option<Why>,
        to: &[u32],
    ) -> Verdict {
        match self.course.clone() {
            Course::Forward if why.is_some() || Self::turned_back(between.after) => {
                let stop = self.stop(between, passed, why, to);
                let is_entry = |entry: &PathEntry| {
                    stop.entries.contains(&entry.node) && entry.visit > 0
                        || entry.outcome == VisitOutcome::NothingToUndo && stop.entries.contains(&entry.node)
                };
                let entry = passed.iter().position(is_entry).unwrap_or(passed.len());
                self.halt(between, stop, &passed[entry..])
            }
            Course::Forward => {
                self.judge_skips(between, passed)?;
                self.arrives(between, passed, to)?;
                self.judge_forward_end(between)
            }
            Course::Stopping(stop) => self.halt(between, stop, passed),
            Course::Back(_) => {
                self.judge_skips(between, passed)?;
                self.arrives(between, passed, to)?;
                self.course.enters(passed)?;
                self.leaves_the_drawing(between, passed, to);
                self.judge_backward_end(between)
            }
        }
    }

    /// Control comes to where the arrows lead, or the join is reached, or a rollback was there before.
    fn arrives(&self, between: Between<'_>, passed: &[PathEntry], to: &[u32]) -> Verdict {
        let entered = |node: u32| matches!(&self.course, Course::Back(back) if back.entered.contains(&node));
        let is_join = |node: u32| between.plan.nodes.iter().any(|spec| spec.join == Some(node));
        for &node in to.iter().filter(|_| self.course.is_drawn()) {
            let is_there = passed.iter().any(|entry| entry.node == node)
                || between.after.due().any(|due| due.node == node)
                || self.begun.values().any(|begun| begun.visited.0 == node);
            rule!(is_there || entered(node) || is_join(node), "control goes on to {node}");
        }
        Ok(())
    }

    /// The drawn rollback is over where what is due is not what the arrows lead to.
    fn leaves_the_drawing(&mut self, between: Between<'_>, passed: &[PathEntry], to: &[u32]) {
        let Between { plan, after, .. } = between;
        let joins = plan.nodes.iter().filter_map(|spec| spec.join);
        let beyond = passed.iter().flat_map(|entry| plan.nodes[entry.node as usize].next).copied();
        let reached: BTreeSet<u32> = to.iter().copied().chain(joins).chain(beyond).collect();
        let stays = |node: u32| after.due().any(|due| due.node == node);
        if let Course::Back(back) = &mut self.course {
            let is_new = |node: &u32| !back.entered.contains(node) && stays(*node);
            let has_branches = !self.begun.is_empty() || after.due().any(|due| due.branch != 0);
            back.is_drawn &= has_branches || reached.iter().any(is_new);
        }
    }

    fn turned_back(after: &State) -> bool {
        match after.ending() {
            None => after.is_rolling_back(),
            Some(Ending::Completed(_)) => false,
            Some(Ending::RolledBack(_) | Ending::Failed(_) | Ending::Abandoned) => true,
            // A run that went through is stuck for a compensation that was given up on its way.
            Some(Ending::Stuck(cause)) => match cause {
                flowgen::run::Cause::Fault(at) => at.visit == 0,
                _ => true,
            },
        }
    }

    fn stop(&self, between: Between<'_>, passed: &[PathEntry], why: Option<Why>, to: &[u32]) -> Stop {
        let Between { plan, after, .. } = between;
        let taken = passed.iter().flat_map(|entry| plan.nodes[entry.node as usize].next).chain(to);
        let drawn: BTreeSet<u32> = taken.copied().filter(|to| plan.nodes[*to as usize].rolls_back).collect();
        let joins = || plan.nodes.iter().filter_map(|node| node.join);
        let joined: BTreeSet<u32> = joins().filter(|join| plan.nodes[*join as usize].rolls_back).collect();
        let came_in = |entry: &PathEntry| joined.contains(&entry.node);
        match why {
            None if !drawn.is_empty() => Stop { why: Why::Drawn, entries: drawn },
            None if passed.iter().any(came_in) || after.due().any(|due| joined.contains(&due.node)) => {
                Stop { why: Why::Joined, entries: joined }
            }
            why => {
                let entries = plan.trigger.filter(|_| !self.is_message).into_iter().collect();
                Stop { why: why.unwrap_or(Why::NoEnd), entries }
            }
        }
    }

    /// What was begun is awaited; then the rollback begins, over what it `passed` already.
    fn halt(&mut self, between: Between<'_>, stop: Stop, passed: &[PathEntry]) -> Verdict {
        if !self.begun.is_empty() {
            rule!(between.after.is_rolling_back(), "a stopped run awaits what it began");
            rule!(passed.is_empty(), "a stopped run goes nowhere until it is still");
            self.course = Course::Stopping(stop);
            return Ok(());
        }
        self.judge_skips(between, passed)?;
        let (pending, failed) = (self.ledger.pending().count(), self.ledger.failed().count());
        self.begins_at_entry(between, &stop, passed)?;
        let has_failed = stop.entries.is_empty() && stop.why != Why::Cancelled && pending + failed == 0;
        let settles_left = 2 * between.plan.nodes.len() + pending;
        let (is_drawn, entered) = (!stop.entries.is_empty(), BTreeSet::new());
        let starts: Vec<u32> = stop.entries.iter().copied().collect();
        self.promised.clear();
        self.course = Course::Back(Back { stop: Some(stop), entered, settles_left, is_drawn, has_failed });
        self.course.enters(passed)?;
        self.leaves_the_drawing(between, passed, &starts);
        self.judge_backward_end(between)
    }

    fn begins_at_entry(&self, between: Between<'_>, stop: &Stop, passed: &[PathEntry]) -> Verdict {
        let Between { plan, after, .. } = between;
        let due = after.due().map(|due| due.node);
        if stop.entries.is_empty() {
            let last = self.ledger.pending().next_back();
            let undo = last.and_then(|(node, _)| plan.nodes[node as usize].undone_by);
            rule!(passed.is_empty() && due.eq(undo), "without a drawn rollback: last first");
        } else {
            let mut entered = passed.iter().map(|entry| entry.node).chain(due);
            rule!(entered.any(|node| stop.entries.contains(&node)), "a rollback begins where it is drawn");
        }
        Ok(())
    }
}
