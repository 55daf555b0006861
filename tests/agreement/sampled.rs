//! Runs by chance, for drawings whose states are too many to be explored.

use flowgen::plan::{Kind, Plan};
use flowgen::run::{Interpreter, PathEntry, Run, StepResult, VisitOutcome};
use flowgen::{Effect, Fault};
use flowgen_codegen::model::Model;

use crate::dice::Dice;
use crate::plan::{index, plan_of};
use crate::states::own_fault;

/// A run of a sound drawing that chance leads is over long before.
const MOST_STEPS: usize = 20_000;

/// What is wrong in one of so many runs from each start. Once in a thousand steps a node faults.
pub(crate) fn flaw(model: &Model, runs: usize, dice: &mut Dice) -> Option<String> {
    let plan = plan_of(model);
    let interpreter = Interpreter::new(plan, |()| Some(()), |(), ()| ());
    let starts = || model.starts.iter().copied().map(index);
    (0..runs).flat_map(|_| starts()).find_map(|start| {
        let mut open = vec![interpreter.start("run", start, ())];
        while let Some(mut run) = open.pop() {
            if let Some(flaw) = follow(plan, interpreter, &mut run, &mut open, dice) {
                return Some(flaw);
            }
        }
        None
    })
}

fn follow(
    plan: &Plan,
    interpreter: Interpreter<()>,
    run: &mut Run<()>,
    sent: &mut Vec<Run<()>>,
    dice: &mut Dice,
) -> Option<String> {
    let mut seen = 0;
    for _ in 0..MOST_STEPS {
        sent.extend(run.take_messages());
        if run.is_over() {
            let state = run.state();
            let problem = !state.pending_undos().is_empty() || !state.stuck().is_empty();
            let problem = problem.then(|| "a run that is over has pending undos".to_owned());
            return own_fault(run, 0).or(problem);
        }
        let path = &run.state().path()[seen..];
        if run.state().cause().is_none() && path.iter().any(|entry| is_end(plan, entry)) {
            return Some("an end is reached while a branch runs".to_owned());
        }
        seen = run.state().path().len();
        let due: Vec<_> = run.state().due().collect();
        let due = dice.pick(&due)?;
        interpreter.begin(run, due.branch);
        let spec = plan.node(due.node)?;
        let to = match spec.kind {
            Kind::Decision => {
                let outcome = dice.below(spec.next.len().max(1));
                spec.next.get(outcome..=outcome).unwrap_or_default()
            }
            _ => spec.next,
        };
        let is_fault = dice.once_in(1_000) && !spec.is_compensation();
        let effect = if spec.undone_by.is_some() && dice.once_in(4) { Effect::NotDone } else { Effect::Done };
        let result = if is_fault { Err(Fault::new("refused")) } else { Ok(StepResult::new(effect, to)) };
        interpreter.settle(run, due.branch, result);
    }
    Some(format!("a run is not over after {MOST_STEPS} steps"))
}

fn is_end(plan: &Plan, entry: &PathEntry) -> bool {
    entry.outcome == VisitOutcome::Passed && plan.nodes[entry.node as usize].kind == Kind::End
}
