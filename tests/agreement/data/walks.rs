//! All walks of the runs of a drawing, and what is there when nodes take their inputs.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use flowgen::plan::{Kind, Plan};
use flowgen::run::{BranchId, Ending, Interpreter, Run, StepResult, VisitOutcome};
use flowgen::{Effect, Fault};
use flowgen_codegen::model::data::{Data, Gives, NameIx};
use flowgen_codegen::model::{Model, NodeIx};

use super::Input;
use super::env::{Env, VisitId, VisitResult};
use crate::plan::{index, plan_of};
use crate::states::Frame;

/// How many states are explored.
const STATES: usize = 1_500;

/// Visits of one step that are owed an undo at a time. More differ only in how many there are.
const OWED: usize = 2;

const BRANCHES: usize = 7;

/// What runs have shown.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    /// Nodes whose inputs were asked for.
    pub(crate) reached: BTreeSet<NodeIx>,
    /// Ends in branches of a fork, of which it is unknown what they see. There are none in a sound drawing.
    pub(crate) unasked: BTreeSet<NodeIx>,
    /// Inputs whose value was not there.
    pub(crate) missed: BTreeSet<Input>,
    /// Inputs whose value was there.
    pub(crate) seen: BTreeSet<Input>,
    /// Names that two branches gave at once.
    pub(crate) conflicts: BTreeSet<NameIx>,
    pub(crate) states: usize,
    /// Nothing was left out.
    pub(crate) is_complete: bool,
}

/// Goes all ways that runs can go, without the bounds of loops: past a bound a run faults, as it may anyway.
pub(crate) fn observe(model: &Model, data: &Data) -> Observed {
    let plan = plan_of(model);
    let plan: &'static Plan = Box::leak(Box::new(Plan { loops: &[], ..*plan }));
    let interpreter = Interpreter::new(plan, Env::copy, Env::merge);
    let observed = Observed { is_complete: true, ..Observed::default() };
    let mut walker =
        Walker { model, data, plan, interpreter, observed, known: HashSet::new(), open: Vec::new() };
    for &start in &model.starts {
        let mut env = Env::default();
        env.visited(data, (start.0, 1), VisitResult::Done);
        let run = interpreter.start("run", index(start), env);
        walker.arrived(State { run, visits: BTreeMap::new() }, 0);
    }
    while let Some(state) = walker.open.pop() {
        walker.expand(&state);
    }
    walker.observed
}

struct Walker<'a> {
    model: &'a Model,
    data: &'a Data,
    plan: &'static Plan,
    interpreter: Interpreter<Env>,
    observed: Observed,
    known: HashSet<u64>,
    open: Vec<State>,
}

#[derive(Clone)]
struct State {
    run: Run<Env>,
    /// The visits that are under way.
    visits: BTreeMap<BranchId, Begun>,
}

#[derive(Clone, Copy)]
struct Begun {
    visit: VisitId,
    undoes: Option<VisitId>,
}

/// What a node says.
#[derive(Clone, Copy)]
enum Answer {
    Done,
    /// The outcome of the decision that is fused with it. An attempt before may have had an effect.
    Fused {
        outcome: usize,
        in_doubt: bool,
    },
    /// The outcome of a decision by itself.
    Outcome(usize),
    Fault,
}

impl Walker<'_> {
    /// A run has moved since its path had this length.
    fn arrived(&mut self, mut state: State, path: usize) {
        let messages = state.run.take_messages();
        self.ends(&state.run, path);
        for (_, env) in state.run.contexts() {
            self.observed.conflicts.extend(&env.conflicts);
        }
        for mut message in messages {
            message.context_mut().inherit(self.data);
            self.arrived(State { run: message, visits: BTreeMap::new() }, 0);
        }
        let frame = Frame::of(&state.run);
        let mut hasher = DefaultHasher::new();
        frame.key().hash(&mut hasher);
        let is_owed = |visit: VisitId| frame.is_owed((u32::try_from(visit.0).unwrap_or(u32::MAX), visit.1));
        for (_, env) in state.run.contexts() {
            env.hash(self.model, is_owed, &mut hasher);
        }
        if !self.known.insert(hasher.finish()) {
            return;
        }
        self.observed.states += 1;
        if state.run.is_over() || frame.most_pending() > OWED {
            return;
        }
        if self.observed.states > STATES || frame.branches() > BRANCHES {
            self.observed.is_complete = false;
            return;
        }
        self.open.push(state);
    }

    /// Ends take inputs, too.
    fn ends(&mut self, run: &Run<Env>, path: usize) {
        let is_alone = Frame::of(run).branches() == 1;
        let rolls_back = !matches!(run.state().ending(), Some(Ending::Completed(_)));
        for walked in &run.state().path()[path..] {
            let is_end = self.plan.nodes[walked.node as usize].kind == Kind::End;
            let end = NodeIx(walked.node as usize);
            if is_end && is_alone && matches!(walked.outcome, VisitOutcome::Passed) {
                self.ask(end, run.context(), rolls_back);
            } else if is_end {
                self.observed.unasked.insert(end);
            }
        }
    }

    fn ask(&mut self, node: NodeIx, env: &Env, rolls_back: bool) {
        self.observed.reached.insert(node);
        for (input, taken) in self.data.takes(node).iter().enumerate() {
            let has = env.has(taken.take, rolls_back);
            let list = if has { &mut self.observed.seen } else { &mut self.observed.missed };
            list.insert((node, input));
        }
    }

    fn expand(&mut self, state: &State) {
        let due: Vec<BranchId> = state.run.state().due().map(|due| due.branch).collect();
        let is_alone = due.len() == 1 && state.visits.is_empty();
        for &branch in &due {
            let mut begun = state.clone();
            self.begin(&mut begun, branch);
            if is_alone {
                self.settle(&begun, branch);
            } else {
                let path = begun.run.state().path().len();
                self.arrived(begun, path);
            }
        }
        for &branch in state.visits.keys() {
            self.settle(state, branch);
        }
    }

    fn begin(&mut self, state: &mut State, branch: BranchId) {
        let Some(visit) = self.interpreter.begin(&mut state.run, branch) else { return };
        let at = |id: &str| self.plan.nodes.iter().position(|node| node.id == id).unwrap();
        let node = NodeIx(at(visit.node().id));
        let undoes = visit.undoes().map(|key| (at(key.node()), key.number()));
        let fused = self.data.nodes.values().any(|data| data.gives.decision() == Some(node));
        if !fused && undoes.is_none() {
            self.ask(node, env(&state.run, branch), visit.cause().is_some());
            with_env(&mut state.run, branch, |env| env.takes(self.data, node));
        } else if undoes.is_some() {
            self.observed.reached.insert(node);
            let causes = self.data.takes(node).iter().enumerate();
            for (input, _) in causes.filter(|(_, taken)| taken.take.name().is_none()) {
                let has = visit.cause().is_some();
                let list = if has { &mut self.observed.seen } else { &mut self.observed.missed };
                list.insert((node, input));
            }
        }
        state.visits.insert(branch, Begun { visit: (node.0, visit.number()), undoes });
    }

    fn settle(&mut self, state: &State, branch: BranchId) {
        let begun = state.visits[&branch];
        for answer in self.answers(state, branch, begun) {
            let mut next = state.clone();
            next.visits.remove(&branch);
            let path = next.run.state().path().len();
            self.answer(&mut next.run, branch, begun, answer);
            // A rollback may have stopped branches, which are not at work any more.
            next.visits.retain(|&branch, _| is_at_work(&next.run, branch));
            self.arrived(next, path);
        }
    }

    fn answers(&self, state: &State, branch: BranchId, begun: Begun) -> Vec<Answer> {
        let node = NodeIx(begun.visit.0);
        let is_fused = self.data.nodes.values().any(|data| data.gives.decision() == Some(node));
        if is_fused {
            // The step has answered, or faulted in a rollback.
            return vec![env(&state.run, branch).outcome.map_or(Answer::Fault, Answer::Outcome)];
        }
        let mut answers = match self.data.gives(node) {
            Gives::Outcomes { outcomes, .. } => {
                let outcomes = outcomes.iter().enumerate();
                let in_doubt = self.model[node].undone_by.is_some();
                outcomes
                    .flat_map(|(outcome, given)| {
                        let doubts = [false, true]
                            .into_iter()
                            .filter(move |&doubt| !doubt || in_doubt && !given.is_done);
                        doubts.map(move |in_doubt| Answer::Fused { outcome, in_doubt })
                    })
                    .collect()
            }
            _ if self.plan.nodes[node.0].kind == Kind::Decision => {
                (0..self.model[node].next.len()).map(Answer::Outcome).collect()
            }
            _ => vec![Answer::Done],
        };
        answers.push(Answer::Fault);
        answers
    }

    fn answer(&self, run: &mut Run<Env>, branch: BranchId, begun: Begun, answer: Answer) {
        let Begun { visit, undoes } = begun;
        let spec = &self.plan.nodes[visit.0];
        let data = self.data;
        let mut effect = Effect::Done;
        let (result, to) = match answer {
            Answer::Done => (VisitResult::Done, spec.next),
            Answer::Outcome(outcome) => (VisitResult::Done, &spec.next[outcome..=outcome]),
            Answer::Fault => (VisitResult::Fault, spec.next),
            Answer::Fused { outcome, in_doubt } => {
                if let Gives::Outcomes { outcomes, .. } = data.gives(NodeIx(visit.0)) {
                    effect = if outcomes[outcome].is_done { Effect::Done } else { Effect::NotDone };
                }
                if in_doubt {
                    self.interpreter.doubt(run, branch);
                }
                (VisitResult::Outcome(outcome), spec.next)
            }
        };
        with_env(run, branch, |env| {
            match undoes {
                Some(undone) if result != VisitResult::Fault => env.undone(undone),
                Some(_) => {}
                None => env.visited(data, visit, result),
            }
            env.outcome = match answer {
                Answer::Fused { outcome, .. } => Some(outcome),
                _ => None,
            };
        });
        let result = match result {
            VisitResult::Fault => Err(Fault::new("refused")),
            _ => Ok(StepResult::new(effect, to)),
        };
        self.interpreter.settle(run, branch, result);
    }
}

fn env(run: &Run<Env>, branch: BranchId) -> &Env {
    run.contexts().find(|(of, _)| *of == branch).map(|(_, env)| env).expect("each branch has a context")
}

fn with_env(run: &mut Run<Env>, branch: BranchId, change: impl FnOnce(&mut Env)) {
    if branch == 0 {
        change(run.context_mut());
    } else {
        let mut env = run.lend(branch).expect("each branch has a context");
        change(&mut env);
        run.give_back(branch, env);
    }
}

fn is_at_work(run: &Run<Env>, branch: BranchId) -> bool {
    Frame::of(run).begun().contains(&branch)
}
