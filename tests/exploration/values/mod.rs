//! What each visit gets of declared values, against an oracle that keeps whole histories.
//!
//! A random program of steps, choices, loops and forks becomes a plan. Its steps take and give random names, and
//! succeed or fault by a function of their visit, so that the order in which branches proceed does not matter. The
//! oracle evaluates the program, keeps every event, and computes each input from its definition.

mod oracle;
mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use flowgen::data::{Data, Inputs, Undo, ValueId};
use flowgen::plan::{Kind, NodeSpec, Take};
use flowgen::run::{BranchId, Interpreter, Migration, Run, Saved, StepResult};
use flowgen::{Did, Drawing, Effect, Fault, Visit};

use crate::cases;
use oracle::{Counts, Event, Oracle};
use program::{Answer, Dice, Program, Visited};

type Cx = Data<Arc<u64>>;

/// An input, read.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    One(Option<u64>),
    List(Vec<u64>),
}

/// What the lanes of a run have seen.
#[derive(Default)]
struct Record {
    inputs: BTreeMap<Visited, Vec<Seen>>,
    undone: BTreeSet<Visited>,
    messages: Vec<(Visited, Vec<Seen>)>,
    asked: usize,
}

/// Drives a run in a random order, and checks what compensations and inquiries get.
struct Drive<'p> {
    program: &'p Program,
    interpreter: Interpreter<Cx>,
    dice: Dice,
    record: Record,
}

impl Drive<'_> {
    fn finish(&mut self, mut run: Run<Cx>, sender: Option<Visited>) {
        let mut begun: Vec<(BranchId, u32, Visit)> = Vec::new();
        let may_cancel = sender.is_none() && self.dice.roll(6) == 0;
        while !run.is_over() {
            if may_cancel && self.dice.roll(20) == 0 {
                self.interpreter.cancel(&mut run);
            }
            let due: Vec<_> = run.state().due().collect();
            for due in due {
                let visit = self.interpreter.begin(&mut run, due.branch).unwrap();
                begun.push((due.branch, due.node, visit));
            }
            if self.dice.roll(4) == 0 {
                run = self.read_back(&run);
            }
            if begun.is_empty() {
                continue;
            }
            let at = usize::try_from(self.dice.roll(begun.len() as u64)).unwrap();
            let (branch, node, visit) = begun.swap_remove(at);
            self.settle(&mut run, branch, node, &visit, sender);
            for message in run.take_messages() {
                let sender = (node, visit.number());
                self.finish(message, Some(sender));
            }
        }
    }

    /// Saves the run, and reads it back.
    fn read_back(&self, run: &Run<Cx>) -> Run<Cx> {
        let plan = self.program.plan;
        let values = |data: &Cx| data.iter().map(|(id, value)| (id, **value)).collect::<Vec<_>>();
        let contexts: BTreeMap<_, _> = run.contexts().map(|(branch, data)| (branch, values(data))).collect();
        let text = serde_json::to_string(&run.snapshot(&contexts)).unwrap();
        let saved: Saved<Vec<(ValueId, u64)>> = serde_json::from_str(&text).unwrap();
        let saved = saved.with_path_since(0, run.state().path().to_vec());
        let saved = saved.try_map(|_, values| {
            let mut data = Data::new();
            for (id, value) in values {
                data.insert(id, Arc::new(value));
            }
            Ok::<_, ()>(data)
        });
        self.interpreter.restore(saved.unwrap(), &Migration::new(&Drawing::new(plan), plan)).unwrap()
    }

    fn settle(
        &mut self,
        run: &mut Run<Cx>,
        branch: BranchId,
        node: u32,
        visit: &Visit,
        sender: Option<Visited>,
    ) {
        let program = self.program;
        let spec = &program.plan.nodes[node as usize];
        let at = (node, visit.number());
        let mut data = if branch == 0 { run.context().clone() } else { run.lend(branch).unwrap() };
        let given = Inputs::new(&data, visit);
        let inputs: Vec<Seen> = (0..).zip(spec.takes).map(|(at, take)| read(&given, at, *take)).collect();
        let undone = visit.undoes().map(|key| (program.plan.find(key.node()).unwrap(), key.number()));
        let result = if visit.is_inquiry() {
            assert_eq!(Some(&inputs), self.record.inputs.get(&at), "an inquiry gets what the visit saw");
            self.record.asked += 1;
            let did = program.did(at);
            if did == Did::Done(()) && !spec.gives.is_empty() {
                data.give(visit, Arc::new(Program::value(at) + 50_000)).unwrap();
            }
            Ok(StepResult { answer: Some(did), ..StepResult::new(Effect::Done, &[]) })
        } else {
            if let Some(undone) = undone {
                self.check_undo(&given, spec, &inputs, undone);
            } else if let Some(sender) = sender {
                self.record.messages.push((sender, inputs));
            } else {
                assert!(self.record.inputs.insert(at, inputs).is_none(), "{at:?} twice");
            }
            match if sender.is_some() { Answer::Outcome(0) } else { program.answer(at) } {
                Answer::Fault => Err(Fault::new("refused")),
                Answer::FaultNotDone => Err(Fault::not_done("closed")),
                Answer::Outcome(outcome) => {
                    self.record.undone.extend(undone);
                    if program.output(node, outcome).is_some() {
                        data.give(visit, Arc::new(Program::value(at))).unwrap();
                    }
                    let is_done = spec.fused.is_none() || outcome == 0;
                    let effect = if is_done { Effect::Done } else { Effect::NotDone };
                    let to = match spec.kind {
                        Kind::Decision => &spec.next[outcome..=outcome],
                        _ => spec.next,
                    };
                    Ok(StepResult { outcome: Some(outcome), ..StepResult::new(effect, to) })
                }
            }
        };
        if branch == 0 {
            *run.context_mut() = data;
        } else {
            run.give_back(branch, data);
        }
        self.interpreter.settle(run, branch, result);
    }

    fn check_undo(&self, given: &Inputs<'_, Arc<u64>>, spec: &NodeSpec, inputs: &[Seen], undone: Visited) {
        let program = self.program;
        let step = &program.plan.nodes[undone.0 as usize];
        let seen = &self.record.inputs[&undone];
        let expected: Vec<Seen> = spec
            .takes
            .iter()
            .map(|take| seen[step.takes.iter().position(|of| of == take).unwrap()].clone())
            .collect();
        assert_eq!(inputs, expected, "a compensation gets what the visit saw");
        let is_done = program.answer(undone) == Answer::Outcome(0);
        let about = format!("{undone:?} of seed {}", program.seed);
        let was_asked = !is_done && step.asks && program.did(undone) == Did::Done(());
        match given.undo_of_nothing().unwrap() {
            Undo::Done(()) => assert!(is_done || was_asked, "{undone:?}"),
            Undo::InDoubt(_) => assert!(!is_done && !was_asked, "{undone:?}"),
        }
        if is_done && program.output(undone.0, 0).is_some() {
            let undo = given.undo(|value| Some(value));
            let Ok(Undo::Done(value)) = undo else { panic!("{about}: {undo:?}") };
            assert_eq!(*value, Program::value(undone));
        } else if was_asked && !step.gives.is_empty() {
            let undo = given.undo(|value| Some(value));
            let Ok(Undo::Done(value)) = undo else { panic!("{about}: {undo:?}") };
            assert_eq!(*value, Program::value(undone) + 50_000);
        }
    }
}

fn read(given: &Inputs<'_, Arc<u64>>, at: usize, take: Take) -> Seen {
    match take {
        Take::One(_) => Seen::One(Some(*given.one(at, |value| Some(value)).unwrap())),
        Take::List { .. } => {
            Seen::List(given.list(at, |value| Some(value)).unwrap().into_iter().copied().collect())
        }
        _ => Seen::One(given.optional(at, |value| Some(value)).unwrap().copied()),
    }
}

fn check(seed: u64) -> Counts {
    let program = Program::new(seed);
    let interpreter = Interpreter::new(program.plan, |data: &Cx| Some(data.clone()), Data::join);
    let interpreter = interpreter.with_retain(|data, is_needed| data.retain(is_needed));
    let mut drive = Drive { program: &program, interpreter, dice: Dice(seed | 1), record: Record::default() };
    let run = interpreter.start("r", 0, Data::with_input(Arc::new(1)));
    drive.finish(run, None);
    let record = drive.record;
    let (visits, messages) = (BTreeMap::new(), Vec::new());
    let counts = Counts::default();
    let mut oracle = Oracle { program: &program, record: &record, visits, messages, counts };
    let mut history = Vec::new();
    oracle.parts(&program.parts, &mut history);
    if oracle.visit(program.trigger, &mut history).is_some()
        || record.inputs.contains_key(&(program.report, 1))
    {
        // Values of visits that were undone are gone. What a visit in doubt gave was not undone as done.
        let is_undone = |value: u64| {
            let undone = (u32::try_from(value / 100_000).unwrap(), u32::try_from(value % 100_000).unwrap());
            let is_before = record.inputs.contains_key(&(program.report, 1));
            is_before && drawn_undo(&program, undone.0) && record.undone.contains(&undone)
        };
        let mut left = Vec::new();
        for event in history {
            match event {
                Event::Gave { name, value, .. } if is_undone(value) => left.push(Event::Forgot(name)),
                event => left.push(event),
            }
        }
        history = left;
        oracle.counts.rollbacks += 1;
        oracle.visit(program.report, &mut history);
    }
    let Oracle { messages, mut counts, visits, .. } = oracle;
    let sent = record.messages;
    for message in &sent {
        assert!(messages.contains(message), "{message:?} of seed {seed}, and not {messages:?}");
    }
    // A step that ends while the run stops sends nothing.
    let may_lack = record.inputs.contains_key(&(program.trigger, 1));
    assert!(may_lack || sent.len() == messages.len(), "seed {seed}: {sent:?}, and not {messages:?}");
    let expected: usize = visits.values().map(|visits| *visits as usize).sum();
    assert_eq!(record.inputs.len(), expected, "the oracle has seen all visits of seed {seed}");
    (counts.messages, counts.undone, counts.asked) = (sent.len(), record.undone.len(), record.asked);
    counts
}

/// Whether the drawn rollback undoes the step before the report.
fn drawn_undo(program: &Program, step: u32) -> bool {
    let next = program.plan.nodes[program.trigger as usize].next[0];
    program.plan.nodes[next as usize].undoes.contains(&step)
}

#[test]
fn each_visit_gets_the_values_of_its_history() {
    let cases = u64::try_from(cases(2_000)).unwrap();
    let mut all = Counts::default();
    for seed in 1..=cases {
        let counts = check(seed);
        all.visits += counts.visits;
        all.joins += counts.joins;
        all.repeats += counts.repeats;
        all.aborted_forks += counts.aborted_forks;
        all.rollbacks += counts.rollbacks;
        all.messages += counts.messages;
        all.undone += counts.undone;
        all.asked += counts.asked;
    }
    println!("{all:?}");
    let least = usize::try_from(cases / 20).unwrap();
    for count in
        [all.joins, all.repeats, all.aborted_forks, all.rollbacks, all.messages, all.undone, all.asked]
    {
        assert!(count >= least, "{all:?}");
    }
}
