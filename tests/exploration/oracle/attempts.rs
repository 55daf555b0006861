//! Attempts at one visit: which of them may have had an effect, and when another is made.

use flowgen::Visit;
use flowgen::run::{BranchId, PathEntry, VisitOutcome};

use super::ledger::Visited;
use super::{Between, Oracle, Verdict, rule};
use crate::explorer::Answer;

/// A visit that was begun and not settled.
#[derive(Clone, Debug, Hash)]
pub(super) struct Begun {
    pub(super) visited: Visited,
    pub(super) key: String,
    pub(super) attempt: u32,
    pub(super) undoes: Option<Visited>,
    pub(super) now: Now,
    /// An attempt that has ended may have had an effect.
    pub(super) is_in_doubt: bool,
}

/// What becomes of a visit that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Now {
    Running,
    /// The process that did it is gone; it is due again.
    Interrupted,
    /// Its last attempt ended with this fault, and another is to be made.
    Backoff(Answer),
}

impl Begun {
    pub(super) fn is_interrupted(&self) -> bool {
        self.now == Now::Interrupted
    }

    /// Forward, what is not being done just now is not tried again once the run is to roll back.
    pub(super) fn is_forward(&self) -> bool {
        self.undoes.is_none()
    }
}

impl Oracle {
    /// The branches whose last attempt faulted and that are to be tried again, with that fault.
    pub(crate) fn backing_off(&self) -> impl Iterator<Item = (BranchId, Answer)> {
        self.begun.iter().filter_map(|(branch, begun)| match begun.now {
            Now::Backoff(last) => Some((*branch, last)),
            Now::Running | Now::Interrupted => None,
        })
    }

    pub(super) fn again(before: &Begun, visit: &Visit) -> Result<Begun, String> {
        rule!(visit.key().to_string() == before.key, "a visit that is tried again keeps its key");
        rule!(visit.attempt() == before.attempt + 1, "attempts count up");
        Ok(Begun { attempt: visit.attempt(), now: Now::Running, ..before.clone() })
    }

    /// An attempt ended with a fault, and `backs_off` says whether another is to be made.
    pub(crate) fn backed_off(
        &mut self,
        between: Between<'_>,
        branch: BranchId,
        fault: Answer,
        backs_off: bool,
    ) -> Verdict {
        rule!(between.new_path()?.is_empty(), "nothing moves while a step waits for a retry");
        let is_stopping = self.course.is_stopping();
        let begun = self.begun.get_mut(&branch).ok_or("only an active step waits for a retry")?;
        rule!(
            backs_off != (is_stopping && begun.is_forward()),
            "a run that is to roll back tries no step again, and any other does"
        );
        if backs_off {
            begun.now = Now::Backoff(fault);
            begun.is_in_doubt |= fault != Answer::FaultNotDone;
        }
        self.judge_state(between)
    }

    /// The backoff of a branch is over, and this is its next attempt, if there is one.
    pub(crate) fn begun_again(
        &mut self,
        between: Between<'_>,
        branch: BranchId,
        visit: Option<&Visit>,
    ) -> Verdict {
        rule!(between.new_path()?.is_empty(), "nothing moves when a step begins");
        let before = self.begun.get(&branch).ok_or("only what waits for a retry is tried again")?;
        let is_given_up = self.course.is_stopping() && before.is_forward();
        rule!(visit.is_none() == is_given_up, "a run that is to roll back tries no step again");
        if let Some(visit) = visit {
            let begun = Self::again(before, visit)?;
            self.knows_why(visit)?;
            self.begun.insert(branch, begun);
        }
        self.judge_state(between)
    }

    /// A run that is to roll back tries nothing forward again that was interrupted: it is undone instead,
    /// unless none of its attempts had an effect. Takes these visits out of the path.
    pub(super) fn give_up(
        &mut self,
        between: Between<'_>,
        path: &[PathEntry],
    ) -> Result<Vec<PathEntry>, String> {
        let is_given_up =
            |entry: &&PathEntry| matches!(entry.outcome, VisitOutcome::InDoubt | VisitOutcome::NotDone);
        let (given_up, others): (Vec<&PathEntry>, Vec<&PathEntry>) = path.iter().partition(is_given_up);
        for &&PathEntry { node, visit, outcome } in &given_up {
            rule!(between.after.cause().is_some(), "only a run that is to roll back gives up a visit");
            rule!(!self.course.is_back(), "a rollback gives up none of its own visits");
            let branch = self.begun.iter().find(|(_, begun)| begun.visited == (node, visit));
            let (&branch, begun) = branch.ok_or("only what was begun is given up")?;
            rule!(begun.is_interrupted() && begun.is_forward(), "only what was interrupted is given up");
            let expected = if begun.is_in_doubt { VisitOutcome::InDoubt } else { VisitOutcome::NotDone };
            rule!(outcome == expected, "a visit that is given up is {expected:?}, and not {outcome:?}");
            if begun.is_in_doubt && between.plan.nodes[node as usize].undone_by.is_some() {
                self.ledger.record((node, visit));
            }
            self.begun.remove(&branch);
        }
        Ok(others.into_iter().copied().collect())
    }

    /// Whoever did the steps is gone.
    pub(crate) fn interrupted(&mut self, between: Between<'_>) -> Verdict {
        for begun in self.begun.values_mut() {
            begun.is_in_doubt |= begun.now == Now::Running;
            begun.now = Now::Interrupted;
        }
        let path = between.new_path()?;
        if self.course.is_stopping() {
            return self.moved(between, path, None, &[]);
        }
        rule!(path.is_empty(), "an interruption moves nothing");
        self.judge_state(between)
    }
}
