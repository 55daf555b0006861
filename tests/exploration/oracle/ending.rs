//! How a run may end.

use flowgen::plan::Plan;
use flowgen::run::{Cause, Ending, PathEntry, State, VisitOutcome};

use super::course::{Back, Course, Why};
use super::{Between, Oracle, Verdict, Visited, rule};

impl Oracle {
    pub(super) fn judge_forward_end(&mut self, between: Between<'_>) -> Verdict {
        let Some(ending) = between.after.ending() else { return Ok(()) };
        self.ledger.commit();
        let has_given_up = self.ledger.failed().next().is_some();
        match ending {
            Ending::Completed(end) => {
                rule!(!has_given_up, "what could not be undone on the way is reported");
                rule!(Some(*end) == last_end(between.plan, between.after), "the end is the one reached");
            }
            Ending::Stuck(Cause::Fault(_)) => {
                rule!(has_given_up, "a run is stuck only with failed undos");
                self.course.through();
            }
            _ => return Err(format!("a run that goes forward does not end as {ending:?}")),
        }
        Ok(())
    }

    pub(super) fn judge_backward_end(&mut self, between: Between<'_>) -> Verdict {
        let Course::Back(back) = &self.course else { return Ok(()) };
        let Some(ending) = between.after.ending() else { return Ok(()) };
        rule!(self.ledger.pending().next().is_none(), "each pending undo is executed or reported");
        let is_stuck = self.ledger.failed().next().is_some();
        match ending {
            Ending::Stuck(cause) => {
                rule!(is_stuck, "a run is stuck only with failed undos");
                is_named(back, between.plan, cause)
            }
            _ if is_stuck => Err("failed undos are reported".to_owned()),
            Ending::Failed(cause) => {
                rule!(back.has_failed, "a run fails only where there is no way back to go");
                is_named(back, between.plan, cause)
            }
            Ending::RolledBack(cause) => {
                rule!(!back.has_failed, "a run that had nothing to roll back has failed");
                rule!(back.stop.is_some(), "a run that went through was not rolled back");
                is_named(back, between.plan, cause)
            }
            Ending::Abandoned => Err("a run is abandoned by an operator only".to_owned()),
            Ending::Completed(_) => {
                rule!(back.stop.is_none(), "a run that turned back does not complete");
                Ok(())
            }
        }
    }

    /// Somebody has what is stuck tried once more.
    pub(crate) fn retried(&mut self, between: Between<'_>) -> Verdict {
        self.ledger.reopen();
        let steps = self.ledger.pending().count();
        self.course.reopen(steps);
        rule!(between.after.due().count() == 1 && steps > 0, "what is stuck is tried once more");
        self.judge_state(between)
    }

    /// Nobody is to undo any more what was stuck.
    pub(crate) fn discharged(
        &mut self,
        between: Between<'_>,
        step: Visited,
        outcome: VisitOutcome,
    ) -> Verdict {
        let [entry] = between.new_path()? else { return Err("the path says what was discharged".to_owned()) };
        let compensation = between.plan.nodes[step.0 as usize].undone_by;
        let expected = PathEntry { node: compensation.unwrap_or(step.0), visit: 0, outcome };
        rule!(*entry == expected, "the path says what was discharged: {entry:?}");
        self.ledger.remove(step);
        self.judge_backward_end(between)?;
        self.judge_state(between)
    }
}

fn last_end(plan: &Plan, state: &State) -> Option<u32> {
    let passed = state.path().iter().rev().filter(|entry| entry.outcome == VisitOutcome::Passed);
    passed.map(|entry| entry.node).find(|node| plan.nodes[*node as usize].next.is_empty())
}

/// Does the cause name what the run was seen to stop for?
fn is_named(back: &Back, plan: &Plan, cause: &Cause) -> Verdict {
    let why = back.stop.as_ref().map(|stop| stop.why);
    let is_right = match cause {
        Cause::Fault(_) => matches!(why, None | Some(Why::Fault | Why::NoEnd | Why::Joined)),
        Cause::Drawn { at, .. } => {
            matches!(why, Some(Why::Drawn | Why::Joined)) && plan.nodes[*at as usize].rolls_back
        }
        Cause::Cancelled => why == Some(Why::Cancelled),
    };
    rule!(is_right, "a run that stopped for {why:?} says so, and not {cause:?}");
    Ok(())
}
