//! A run that is saved before anything is done ends as it would have, wherever it is interrupted.
//!
//! But for two rules: a step that was interrupted is not believed when it says that it was not done, and
//! is not tried again by a run that is to roll back.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use flowgen::plan::{Kind, Plan};
use flowgen::run::{BranchId, Interpreter, PathEntry, Run, StepResult, VisitOutcome};
use flowgen::{Effect, Fault, Visit};
use proptest::prelude::*;

use crate::passage::Passage;
use crate::random::{config, sketches};
use crate::record::{Mark, Record};

/// Drawings that run in circles have no other end.
const MOST_STEPS: usize = 25;

/// What came of a run, or of as much of it as was waited for.
#[derive(Debug)]
struct Walk {
    ending: Option<String>,
    path: Vec<PathEntry>,
    settled: usize,
    /// How many visits were not tried again after an interruption.
    given_up: usize,
    messages: Vec<String>,
    /// How often it was saved.
    instants: usize,
}

impl Walk {
    /// Is it the same, except that visits are in doubt where they were interrupted?
    fn is_as(&self, undisturbed: &Self) -> bool {
        // Visits that are given up at once are not counted as steps, so such a run is cut off elsewhere.
        if self.given_up > 0 && undisturbed.ending.is_none() {
            return true;
        }
        let is_as = |(is, was): (&PathEntry, &PathEntry)| {
            is == was || (is.node, is.visit, is.outcome) == (was.node, was.visit, VisitOutcome::InDoubt)
        };
        // What is given up comes before a compensation that is finished, so its order may differ.
        let mut paths = [self.path.clone(), undisturbed.path.clone()];
        if self.given_up > 0 {
            for path in &mut paths {
                path.sort_by_key(|entry| (entry.node, entry.visit));
            }
        }
        let [path, undisturbed_path] = &paths;
        self.ending == undisturbed.ending
            && path.len() == undisturbed_path.len()
            && path.iter().zip(undisturbed_path).all(is_as)
            && self.settled + self.given_up == undisturbed.settled
            && self.messages == undisturbed.messages
    }
}

/// Where the process dies: at this instant, and again so many later.
#[derive(Clone, Copy)]
struct Crashes {
    at: usize,
    every: usize,
}

impl Crashes {
    const NONE: Self = Self { at: usize::MAX, every: usize::MAX };

    fn come(self, instant: usize) -> bool {
        instant >= self.at && (instant - self.at).is_multiple_of(self.every)
    }
}

/// Each visit always says the same, whatever happens around it.
#[derive(Clone, Copy)]
struct Script {
    plan: &'static Plan,
    seed: u64,
    /// Some steps say that they were not done, instead of that they were.
    has_not_done: bool,
}

impl Script {
    fn says(&self, node: u32, visit: u32) -> Result<StepResult<'static>, Fault> {
        let mut hasher = DefaultHasher::new();
        (self.seed, node, visit).hash(&mut hasher);
        let dice = usize::try_from(hasher.finish() % 1_000).unwrap();
        let spec = &self.plan.nodes[node as usize];
        match dice {
            0..150 => Err(Fault::new("refused")),
            150..250 if self.has_not_done && spec.undone_by.is_some() => {
                Ok(StepResult::new(Effect::NotDone, spec.next))
            }
            _ if spec.kind == Kind::Decision && !spec.next.is_empty() => {
                let outcome = dice % spec.next.len();
                Ok(StepResult::new(Effect::Done, &spec.next[outcome..=outcome]))
            }
            _ => Ok(StepResult::new(Effect::Done, spec.next)),
        }
    }
}

/// Begins all that is due, saves, then does the first of it. A crash goes back to what was saved.
fn walk(script: &Script, passage: &Passage, crashes: Crashes) -> Result<Walk, String> {
    let interpreter = Interpreter::new(script.plan, Record::fork, Record::join);
    let mut run = interpreter.start("run", 0, Record::default());
    let (mut instants, mut settled, mut given_up, mut messages) = (0, 0, 0, Vec::new());
    let mut begun = BTreeMap::<BranchId, Visit>::new();
    loop {
        for due in run.state().due().collect::<Vec<_>>() {
            let visit = interpreter.begin(&mut run, due.branch).ok_or("what is due begins")?;
            begun.insert(due.branch, visit);
        }
        messages.extend(run.take_messages().into_iter().map(|message| message.id().to_string()));
        if crashes.come(instants) && !run.is_over() {
            // Where that begins a rollback, what is begun in it is interrupted, too.
            loop {
                run = passage.there_and_back(&run)?;
                given_up += interrupt(&interpreter, &mut run, &mut begun)?;
                let again = begin_again(&interpreter, &mut run, &begun)?;
                let is_new = begun.is_empty() && !again.is_empty();
                begun = again;
                if !is_new {
                    break;
                }
            }
            messages.extend(run.take_messages().into_iter().map(|message| message.id().to_string()));
        }
        instants += 1;
        let Some((branch, visit)) = begun.pop_first().filter(|_| settled < MOST_STEPS) else { break };
        let node = script.plan.find(visit.node().id).ok_or("a visit is of a node")?;
        let mark = Mark::new(node, visit.number(), branch);
        match run.lend(branch) {
            Some(mut context) => {
                context.settled(mark);
                run.give_back(branch, context);
            }
            None => run.context_mut().settled(mark),
        }
        interpreter.settle(&mut run, branch, script.says(node, visit.number()));
        settled += 1;
    }
    let ending = run.state().ending().map(|ending| serde_json::to_string(ending).unwrap());
    Ok(Walk { ending, path: run.state().path().to_vec(), settled, given_up, messages, instants })
}

/// A run that is to roll back gives up what was being done, but for compensations. Says how many visits.
fn interrupt(
    interpreter: &Interpreter<Record>,
    run: &mut Run<Record>,
    begun: &mut BTreeMap<BranchId, Visit>,
) -> Result<usize, String> {
    let (is_stopping, path_len) = (run.state().is_stopping(), run.state().path().len());
    interpreter.interrupt(run);
    let path = &run.state().path()[path_len..];
    let given_up = path.iter().filter(|entry| entry.outcome == VisitOutcome::InDoubt).count();
    let before = begun.len();
    begun.retain(|_, visit| !is_stopping || visit.undoes().is_some());
    if before - begun.len() == given_up { Ok(given_up) } else { Err(format!("not given up: {path:?}")) }
}

/// What was being done is due again, under the same keys, and nothing else; or a rollback begins.
fn begin_again(
    interpreter: &Interpreter<Record>,
    run: &mut Run<Record>,
    before: &BTreeMap<BranchId, Visit>,
) -> Result<BTreeMap<BranchId, Visit>, String> {
    let mut begun = BTreeMap::new();
    for due in run.state().due().collect::<Vec<_>>() {
        let visit = interpreter.begin(run, due.branch).ok_or("what is due begins")?;
        if before.is_empty() && !due.interrupted {
            begun.insert(due.branch, visit);
            continue;
        }
        let was = before.get(&due.branch).ok_or("what was not being done is not due")?;
        let is_same = was.key().to_string() == visit.key().to_string();
        if !due.interrupted || !is_same || visit.attempt() != was.attempt() + 1 {
            return Err(format!("not the next attempt of {was:?}: {visit:?}"));
        }
        begun.insert(due.branch, visit);
    }
    if before.is_empty() || begun.len() == before.len() {
        Ok(begun)
    } else {
        Err("what was being done is due".to_owned())
    }
}

fn ends_alike_wherever_it_is_interrupted(plan: &'static Plan, seed: u64) -> Result<Walk, String> {
    let (script, passage) = (Script { plan, seed, has_not_done: false }, Passage::new(plan));
    let undisturbed = walk(&script, &passage, Crashes::NONE)?;
    // Interrupted each time, no step is believed that it was not done: that is as if each was.
    for has_not_done in [false, true] {
        let script = Script { has_not_done, ..script };
        let often = walk(&script, &passage, Crashes { at: 0, every: 1 })?;
        if !often.is_as(&undisturbed) {
            return Err(format!("interrupted each time: {often:?}\nis not {undisturbed:?}"));
        }
    }
    for at in 0..undisturbed.instants {
        for every in [usize::MAX, 2] {
            let disturbed = walk(&script, &passage, Crashes { at, every })?;
            if !disturbed.is_as(&undisturbed) {
                return Err(format!("at {at}, every {every}: {disturbed:?}\nis not {undisturbed:?}"));
            }
        }
    }
    Ok(undisturbed)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn runs_end_alike_wherever_they_are_interrupted(sketch in sketches(), seed in any::<u64>()) {
        if let Some(plan) = sketch.plan() {
            ends_alike_wherever_it_is_interrupted(plan, seed).map_err(TestCaseError::fail)?;
        }
    }
}

#[test]
fn the_walks_that_are_compared_undo_something() {
    use flowgen::plan::{LaneSpec, NodeSpec};
    static PLAN: Plan = Plan::new(
        &[LaneSpec::new("Lane", "Lane")],
        &[
            NodeSpec::new("n0", "Start", 0, Kind::Start).next(&[1]),
            NodeSpec::new("n1", "Split", 0, Kind::Step).next(&[2, 3]).join(4),
            NodeSpec::new("n2", "Left", 0, Kind::Step).next(&[4]).undone_by(6),
            NodeSpec::new("n3", "Right", 0, Kind::Step).next(&[4]).undone_by(7),
            NodeSpec::new("n4", "Last", 0, Kind::Step).next(&[5]),
            NodeSpec::new("n5", "End", 0, Kind::End),
            NodeSpec::new("n6", "Undo left", 0, Kind::Step).undoes(&[2]),
            NodeSpec::new("n7", "Undo right", 0, Kind::Step).undoes(&[3]),
        ],
        &[],
    );
    let walks: Vec<Walk> =
        (0..40).map(|seed| ends_alike_wherever_it_is_interrupted(&PLAN, seed).unwrap()).collect();
    let undid =
        |walk: &&Walk| walk.path.iter().any(|entry| matches!(entry.outcome, VisitOutcome::Undone { .. }));
    let undone = walks.iter().filter(undid).count();
    assert!(0 < undone && undone < walks.len(), "{undone}");
}
