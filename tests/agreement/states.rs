//! All states of the runs of a drawing, and what leads from one to the other.

mod frame;

use std::collections::{HashMap, HashSet};

use flowgen::plan::{Kind, Plan};
use flowgen::run::{BranchId, Cause, Ending, FaultAt, Interpreter, PathEntry, Run, StepResult, VisitOutcome};
use flowgen::{Effect, Fault};

use flowgen_codegen::model::Model;
pub(crate) use frame::Frame;

use crate::plan::{index, plan_of};

/// How far to go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) states: usize,
    /// Pending undos of one step at a time. A loop may do more; what is different
    /// then is only how many there are.
    pub(crate) pending_undos: usize,
    pub(crate) branches: usize,
    pub(crate) faults: bool,
}

/// Between two things that somebody does.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) moves: Vec<Move>,
    pub(crate) over: Option<Over>,
    /// An end was reached, and the run goes on.
    pub(crate) goes_on_behind_end: bool,
    /// What can be done here was done.
    pub(crate) is_explored: bool,
    /// The move that led here first.
    pub(crate) before: Option<(usize, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// At an end.
    AtEnd,
    /// By a rollback that the drawing leads to.
    RolledBack,
    /// By a fault.
    Faulted,
    /// A compensation faulted.
    Stuck,
}

/// Who faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// A node says so.
    Node,
    /// The run itself, past the bound of a loop.
    Run,
}

#[derive(Clone, Debug)]
pub(crate) struct Move {
    pub(crate) to: usize,
    /// Something that the drawing does not expect.
    pub(crate) fault: Option<By>,
    pub(crate) path: Vec<PathEntry>,
    /// Another end was reached before this one.
    pub(crate) ends_again: bool,
    /// The messages that were sent, by their indexes among the roots.
    pub(crate) sent: Vec<usize>,
}

/// A run that sets out.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    /// The node at which it begins.
    pub(crate) node: u32,
    pub(crate) set_out: Move,
}

pub(crate) struct States {
    pub(crate) plan: &'static Plan,
    pub(crate) all: Vec<State>,
    pub(crate) roots: Vec<Root>,
    /// The first flaw that shows in one state or move: what, and the state.
    pub(crate) flaws: Vec<(String, usize)>,
    /// Nothing was left out.
    pub(crate) is_complete: bool,
    /// Nodes were made to fault.
    pub(crate) faults: bool,
}

/// The runs of a drawing, and those that it would have if no loop had a bound: past a bound a run
/// faults, whatever is drawn behind.
pub(crate) struct Runs {
    pub(crate) bound: States,
    free: Option<States>,
}

impl Runs {
    pub(crate) fn of(model: &Model, bounds: Bounds) -> Self {
        let plan = plan_of(model);
        let starts = || model.starts.iter().copied().map(index);
        let free = || {
            let plan = Plan { loops: &[], ..*plan };
            explore(Box::leak(Box::new(plan)), starts(), bounds)
        };
        Self { bound: explore(plan, starts(), bounds), free: (!plan.loops.is_empty()).then(free) }
    }

    pub(crate) fn free(&self) -> &States {
        self.free.as_ref().unwrap_or(&self.bound)
    }
}

struct Explorer {
    states: States,
    interpreter: Interpreter<()>,
    bounds: Bounds,
    known: HashMap<u64, usize>,
    open: Vec<(usize, Run<()>, Frame)>,
    /// By what they are like: the roots of messages.
    messages: HashMap<u64, usize>,
}

/// What a node says.
#[derive(Clone, Copy)]
enum Answer {
    Done,
    NotDone,
    Outcome(usize),
    Fault,
}

/// Goes every way that runs from these starts can go, and those of their messages.
fn explore(plan: &'static Plan, starts: impl Iterator<Item = u32>, bounds: Bounds) -> States {
    let interpreter = Interpreter::new(plan, |()| Some(()), |(), ()| ());
    let states = States {
        plan,
        all: Vec::new(),
        roots: Vec::new(),
        flaws: Vec::new(),
        is_complete: true,
        faults: bounds.faults,
    };
    let (known, open, messages) = (HashMap::new(), Vec::new(), HashMap::new());
    let mut explorer = Explorer { states, interpreter, bounds, known, open, messages };
    for start in starts {
        let run = interpreter.start("run", start, ());
        explorer.set_out(run, start);
    }
    while let Some((at, run, frame)) = explorer.open.pop() {
        explorer.expand(at, &run, &frame);
    }
    explorer.states
}

impl Explorer {
    /// Returns the index of the run among the roots.
    fn set_out(&mut self, mut run: Run<()>, node: u32) -> usize {
        let path = run.state().path().to_vec();
        let ends_again = self.ends_again(None, &run, &path);
        let messages = run.take_messages();
        let flaw = own_fault(&run, 0);
        let to = self.state(run, None);
        self.states.flaws.extend(flaw.map(|flaw| (flaw, to)));
        let root = self.states.roots.len();
        let set_out = Move { to, fault: None, path, ends_again, sent: Vec::new() };
        self.states.roots.push(Root { node, set_out });
        self.states.roots[root].set_out.sent = self.send(messages);
        root
    }

    fn send(&mut self, messages: Vec<Run<()>>) -> Vec<usize> {
        let mut sent = Vec::new();
        for message in messages {
            let frame = Frame::of(&message);
            let first = message.state().path().first().map(|entry| entry.node);
            let Some(node) = first.or_else(|| frame.first()) else { continue };
            let key = frame.key();
            let known = self.messages.get(&key).copied();
            // What it sends may be like itself.
            self.messages.entry(key).or_insert(self.states.roots.len());
            sent.push(known.unwrap_or_else(|| self.set_out(message, node)));
        }
        sent
    }

    /// The number of the state that a run is in.
    fn state(&mut self, run: Run<()>, before: Option<(usize, usize)>) -> usize {
        let frame = Frame::of(&run);
        let next = self.states.all.len();
        let at = *self.known.entry(frame.key()).or_insert(next);
        if at < next {
            return at;
        }
        let over = run.state().ending().map(over);
        let goes_on_behind_end = frame.is_forward() && frame.has_end();
        let state = State { moves: Vec::new(), over, goes_on_behind_end, is_explored: true, before };
        self.states.all.push(state);
        self.judge(&run, &frame, at);
        let is_small =
            frame.branches() <= self.bounds.branches && frame.most_pending() <= self.bounds.pending_undos;
        if over.is_none() && is_small && at < self.bounds.states {
            self.open.push((at, run, frame));
        } else if over.is_none() {
            self.states.all[at].is_explored = false;
            self.states.is_complete = false;
        }
        at
    }

    /// What must hold in each state by itself.
    fn judge(&mut self, run: &Run<()>, frame: &Frame, at: usize) {
        let state = run.state();
        if let Some(node) = frame.shared() {
            let id = self.states.plan.nodes[node as usize].id;
            self.states.flaws.push((format!("two branches are at {id:?}"), at));
        }
        if state.ending().is_some() && !state.pending_undos().is_empty() {
            self.states
                .flaws
                .push((format!("a run that is over has the pending undos {:?}", state.pending_undos()), at));
        }
        let is_stuck = matches!(state.ending(), Some(Ending::Stuck(_)));
        if state.ending().is_some() && is_stuck == state.stuck().is_empty() {
            self.states.flaws.push(("a run is stuck where nothing is".to_owned(), at));
        }
    }

    /// Does the run come to an end once more, after it came to one?
    fn ends_again(&self, before: Option<&Frame>, run: &Run<()>, path: &[PathEntry]) -> bool {
        let went_forward = before.is_none_or(Frame::is_forward) && run.state().cause().is_none();
        let is_end = |entry: &&PathEntry| self.states.plan.nodes[entry.node as usize].kind == Kind::End;
        let ends = path.iter().filter(is_end).count() + usize::from(before.is_some_and(Frame::has_end));
        went_forward && ends > 1
    }

    fn expand(&mut self, at: usize, run: &Run<()>, frame: &Frame) {
        let due: Vec<BranchId> = run.state().due().map(|due| due.branch).collect();
        let begun = frame.begun();
        if let ([only], []) = (&due[..], &begun[..]) {
            let mut run = run.clone();
            self.interpreter.begin(&mut run, *only);
            self.settle(at, &run, frame, *only);
            return;
        }
        for branch in due {
            let mut run = run.clone();
            self.interpreter.begin(&mut run, branch);
            self.moved(at, run, frame, false);
        }
        for branch in begun {
            self.settle(at, run, frame, branch);
        }
    }

    fn settle(&mut self, at: usize, run: &Run<()>, frame: &Frame, branch: BranchId) {
        let (node, is_undoing) = frame.position(branch);
        let spec = &self.states.plan.nodes[node as usize];
        let mut answers = match spec.kind {
            Kind::Decision => (0..spec.next.len()).map(Answer::Outcome).collect(),
            _ if spec.undone_by.is_some() && !is_undoing => vec![Answer::Done, Answer::NotDone],
            _ => vec![Answer::Done],
        };
        if self.bounds.faults {
            answers.push(Answer::Fault);
        }
        for answer in answers {
            let mut run = run.clone();
            let done = |to| Ok(StepResult::new(Effect::Done, to));
            let result = match answer {
                Answer::Done => done(spec.next),
                Answer::NotDone => Ok(StepResult::new(Effect::NotDone, spec.next)),
                Answer::Outcome(outcome) => done(&spec.next[outcome..=outcome]),
                Answer::Fault => Err(Fault::new("refused")),
            };
            self.interpreter.settle(&mut run, branch, result);
            self.moved(at, run, frame, matches!(answer, Answer::Fault));
        }
    }

    fn moved(&mut self, from: usize, mut run: Run<()>, frame: &Frame, is_fault: bool) {
        let path = run.state().path()[frame.path()..].to_vec();
        let by_itself = run.state().faults().len() > frame.faults();
        let fault = if is_fault { Some(By::Node) } else { by_itself.then_some(By::Run) };
        let ends_again = self.ends_again(Some(frame), &run, &path);
        let messages = run.take_messages();
        let visit = self.states.all[from].moves.len();
        let flaw = own_fault(&run, frame.faults());
        let to = self.state(run, Some((from, visit)));
        self.states.flaws.extend(flaw.map(|flaw| (flaw, to)));
        let sent = self.send(messages);
        self.states.all[from].moves.push(Move { to, fault, path, ends_again, sent });
    }
}

/// A run faults by itself only past the bound of a loop. Told by the move: states do not tell runs
/// apart by how they faulted.
pub(crate) fn own_fault(run: &Run<()>, before: usize) -> Option<String> {
    let by_itself = |fault: &&FaultAt| fault.visit == 0 && !fault.fault.to_string().starts_with("the loop `");
    let fault = run.state().faults()[before..].iter().find(by_itself)?;
    Some(format!("a run faults by itself: {}", fault.fault))
}

fn over(ending: &Ending) -> Over {
    match ending {
        Ending::Completed(_) => Over::AtEnd,
        Ending::RolledBack(Cause::Drawn { .. }) => Over::RolledBack,
        Ending::RolledBack(_) | Ending::Failed(_) => Over::Faulted,
        Ending::Stuck(_) | Ending::Abandoned => Over::Stuck,
    }
}

impl States {
    /// Does a run fault because it does nothing but go round?
    pub(crate) fn runs_in_circle(&self) -> bool {
        self.flaws.iter().any(|(what, _)| what.contains("in a circle in which nothing is done"))
    }

    /// The nodes at which something came to pass in a run.
    pub(crate) fn ran(&self) -> HashSet<u32> {
        self.path_entries().map(|entry| entry.node).collect()
    }

    /// The compensations that undid something, in runs like these.
    pub(crate) fn undid(&self) -> HashSet<u32> {
        let undoes = |entry: &&PathEntry| matches!(entry.outcome, VisitOutcome::Undone { .. });
        self.path_entries().filter(undoes).map(|entry| entry.node).collect()
    }

    pub(crate) fn moves(&self) -> impl Iterator<Item = &Move> {
        let set_out = self.roots.iter().map(|root| &root.set_out);
        set_out.chain(self.all.iter().flat_map(|state| &state.moves))
    }

    fn path_entries(&self) -> impl Iterator<Item = &PathEntry> {
        self.moves().flat_map(|step| &step.path)
    }

    /// By state: moves that the drawing expects lead from there to one that `is_goal`, or to where
    /// nobody has looked.
    pub(crate) fn lead_to(&self, is_goal: impl Fn(&State) -> bool) -> Vec<bool> {
        self.lead_by(|step| step.fault.is_none(), |state| is_goal(state) || !state.is_explored)
    }

    /// By state: moves that count lead from there to one that `is_goal`.
    pub(crate) fn lead_by(
        &self,
        counts: impl Fn(&Move) -> bool,
        is_goal: impl Fn(&State) -> bool,
    ) -> Vec<bool> {
        let mut back = vec![Vec::new(); self.all.len()];
        for (from, state) in self.all.iter().enumerate() {
            for step in state.moves.iter().filter(|step| counts(step)) {
                back[step.to].push(from);
            }
        }
        let mut open: Vec<usize> = (0..self.all.len()).filter(|at| is_goal(&self.all[*at])).collect();
        let mut leads = vec![false; self.all.len()];
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut leads[at], true) {
                open.extend(&back[at]);
            }
        }
        leads
    }

    /// By state: a run comes there without a fault.
    pub(crate) fn expected(&self) -> Vec<bool> {
        let mut open: Vec<usize> = self.roots.iter().map(|root| root.set_out.to).collect();
        let mut expected = vec![false; self.all.len()];
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut expected[at], true) {
                let moves = self.all[at].moves.iter().filter(|step| step.fault.is_none());
                open.extend(moves.map(|step| step.to));
            }
        }
        expected
    }

    /// The nodes on the way to a state.
    pub(crate) fn way_to(&self, at: usize) -> Vec<&'static str> {
        let mut way: Vec<PathEntry> = Vec::new();
        let mut at = at;
        while let Some((from, visit)) = self.all[at].before {
            way.extend(self.all[from].moves[visit].path.iter().rev().copied());
            at = from;
        }
        if let Some(root) = self.roots.iter().find(|root| root.set_out.to == at) {
            way.extend(root.set_out.path.iter().rev().copied());
        }
        way.reverse();
        way.iter().map(|entry| self.plan.nodes[entry.node as usize].id).collect()
    }
}
