//! What can be done to a run, and doing it.

use flowgen::plan::Kind;
use flowgen::run::{BranchId, Run, StepResult, StuckResolution, VisitOutcome};
use flowgen::{Effect, Fault};

use super::{Explorer, Situation};
use crate::oracle::{Between, Verdict, rule};
use crate::record::{Mark, Record};

/// What a node, or somebody outside, does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Begin(BranchId),
    Settle(BranchId, Answer),
    /// An attempt faults, and another is to be made.
    BackOff(BranchId, Answer),
    /// The rest is over.
    Again(BranchId),
    Cancel,
    Interrupt,
    Retry,
    Resolve(u32, u32),
    Skip(u32, u32),
}

/// What a node says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    Done,
    NotDone,
    Outcome(usize),
    Fault,
    /// A fault that says that its attempt had no effect.
    FaultNotDone,
}

impl Answer {
    fn effect(self) -> Effect {
        if self == Self::NotDone { Effect::NotDone } else { Effect::Done }
    }

    pub(crate) fn fault(self) -> Option<Fault> {
        match self {
            Self::Fault => Some(Fault::new("refused")),
            Self::FaultNotDone => Some(Fault::not_done("not tried")),
            Self::Done | Self::NotDone | Self::Outcome(_) => None,
        }
    }
}

impl Explorer {
    pub(super) fn actions(&mut self, at: &Situation) -> Vec<Action> {
        let state = at.run.state();
        let mut actions = Vec::new();
        if state.ending().is_some() {
            if at.troubles.retries > 0 && !state.stuck().is_empty() {
                actions.push(Action::Retry);
                actions.extend(state.stuck().iter().map(|undo| Action::Resolve(undo.node, undo.visit)));
                actions.extend(state.stuck().iter().map(|undo| Action::Skip(undo.node, undo.visit)));
            }
            return actions;
        }
        for due in state.due() {
            let is_compensation = self.plan.nodes[due.node as usize].is_compensation();
            let is_within = at.oracle.visits(due.node) < self.bounds.visits;
            if is_compensation || due.interrupted || is_within {
                actions.push(Action::Begin(due.branch));
            } else {
                self.report.pruned += 1;
            }
        }
        for (branch, (node, _), undoes) in at.oracle.being_done() {
            let answers = self.answers(node, undoes);
            if at.troubles.backoffs > 0 {
                let faults = answers.iter().filter(|answer| answer.fault().is_some());
                actions.extend(faults.map(|answer| Action::BackOff(branch, *answer)));
            }
            actions.extend(answers.into_iter().map(|answer| Action::Settle(branch, answer)));
        }
        for (branch, last) in at.oracle.backing_off() {
            actions.extend([Action::Again(branch), Action::Settle(branch, last)]);
        }
        if at.troubles.cancels > 0 {
            actions.push(Action::Cancel);
        }
        let is_at_work = at.oracle.being_done().next().is_some() || at.oracle.backing_off().next().is_some();
        if at.troubles.interruptions > 0 && is_at_work {
            actions.push(Action::Interrupt);
        }
        actions
    }

    fn answers(&self, node: u32, undoes: bool) -> Vec<Answer> {
        let spec = &self.plan.nodes[node as usize];
        let mut answers = match spec.kind {
            Kind::Decision => (0..spec.next.len()).map(Answer::Outcome).collect(),
            _ if spec.undone_by.is_some() && !undoes => vec![Answer::Done, Answer::NotDone],
            _ => vec![Answer::Done],
        };
        answers.push(Answer::Fault);
        if spec.undone_by.is_some() && !undoes {
            answers.push(Answer::FaultNotDone);
        }
        answers
    }

    /// Does it to the run, and has it judged.
    pub(super) fn act(&self, from: &Situation, to: &mut Situation, action: Action) -> Verdict {
        let Situation { run, oracle, settled, troubles, .. } = to;
        let before = from.run.state();
        let (plan, interpreter) = (self.plan, &self.interpreter);
        let between = |after| Between { plan, before, after };
        match action {
            Action::Begin(branch) => {
                let visit = interpreter.begin(run, branch).ok_or("what is due begins")?;
                oracle.begun(between(run.state()), branch, &visit)
            }
            Action::Settle(branch, answer) => {
                let (node, visit) = oracle.visited(branch).ok_or("what is being done is settled")?;
                mark(run, branch, Mark::new(node, visit, branch))?;
                *settled += 1;
                let towards = self.towards(node, answer);
                let result = StepResult::new(answer.effect(), towards);
                interpreter.settle(run, branch, answer.fault().map_or(Ok(result), Err));
                oracle.settled(between(run.state()), branch, answer, towards)
            }
            Action::BackOff(branch, answer) => {
                troubles.backoffs -= 1;
                let fault = answer.fault().ok_or("only what faulted is tried again")?;
                let backs_off = interpreter.back_off(run, branch, &fault);
                oracle.backed_off(between(run.state()), branch, answer, backs_off)
            }
            Action::Again(branch) => {
                let visit = interpreter.begin_again(run, branch);
                oracle.begun_again(between(run.state()), branch, visit.as_ref())
            }
            Action::Cancel => {
                troubles.cancels -= 1;
                interpreter.cancel(run);
                oracle.cancelled(between(run.state()))
            }
            Action::Interrupt => {
                troubles.interruptions -= 1;
                interpreter.interrupt(run);
                oracle.interrupted(between(run.state()))
            }
            Action::Retry => {
                troubles.retries -= 1;
                rule!(interpreter.retry_stuck(run), "what is stuck can be retried");
                oracle.retried(between(run.state()))
            }
            Action::Resolve(node, visit) => {
                let by_hand = StuckResolution::UndoneByHand;
                rule!(interpreter.resolve_stuck(run, node, visit, by_hand), "what is stuck can be resolved");
                rule!(!interpreter.resolve_stuck(run, node, visit, by_hand), "and only once");
                oracle.discharged(
                    between(run.state()),
                    (node, visit),
                    VisitOutcome::UndoneByHand { node, visit },
                )
            }
            Action::Skip(node, visit) => {
                let waived = StuckResolution::Waived;
                rule!(interpreter.resolve_stuck(run, node, visit, waived), "what is stuck can be waived");
                rule!(!interpreter.resolve_stuck(run, node, visit, waived), "and only once");
                oracle.discharged(between(run.state()), (node, visit), VisitOutcome::Waived { node, visit })
            }
        }
    }

    fn towards(&self, node: u32, answer: Answer) -> &'static [u32] {
        let next = self.plan.nodes[node as usize].next;
        match answer {
            Answer::Outcome(outcome) => &next[outcome..=outcome],
            Answer::Done | Answer::NotDone => next,
            Answer::Fault | Answer::FaultNotDone => &[],
        }
    }
}

/// The step writes into the context of its branch.
fn mark(run: &mut Run<Record>, branch: BranchId, mark: Mark) -> Verdict {
    if branch == 0 {
        run.context_mut().settled(mark);
        return Ok(());
    }
    let mut context = run.lend(branch).ok_or("a branch has a context of its own")?;
    context.settled(mark);
    run.give_back(branch, context);
    Ok(())
}
