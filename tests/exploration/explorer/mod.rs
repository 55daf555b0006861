//! Every way in which a run can go, one by one.

mod action;
mod report;

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use flowgen::Fault;
use flowgen::plan::Plan;
use flowgen::run::{BranchId, Interpreter, Run};

use crate::oracle::{Between, Oracle, Verdict, rule};
use crate::passage::{Passage, save};
use crate::record::Record;
pub(crate) use action::{Action, Answer};
pub(crate) use report::{Report, Violation};

/// How far to go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Visits of one node in one run, but for compensations: there are only as many as steps.
    /// Drawings that run in circles have no other end.
    pub(crate) visits: usize,
    /// Different situations, over all runs of the plan.
    pub(crate) situations: usize,
    /// How often a run is cancelled and interrupted, a step tried again, and a stuck run retried.
    pub(crate) troubles: Troubles,
}

/// What may still come from outside.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) struct Troubles {
    pub(crate) cancels: u8,
    pub(crate) interruptions: u8,
    pub(crate) backoffs: u8,
    pub(crate) retries: u8,
}

impl Bounds {
    pub(crate) const ALL: Self = Self {
        visits: 3,
        situations: 200_000,
        troubles: Troubles { cancels: 1, interruptions: 1, backoffs: 1, retries: 1 },
    };
}

/// A run, its judge, and what may still come.
#[derive(Clone)]
struct Situation {
    run: Run<Record>,
    oracle: Oracle,
    settled: usize,
    troubles: Troubles,
    /// The last thing that happened, by its index in the trail.
    last: Option<usize>,
}

struct Explorer {
    plan: &'static Plan,
    interpreter: Interpreter<Record>,
    passage: Passage,
    bounds: Bounds,
    seen: HashSet<u64>,
    open: Vec<Situation>,
    /// What happened, and what happened before that.
    trail: Vec<(Option<usize>, Action)>,
    report: Report,
}

/// Goes every way that a run from this start can go, messages included.
pub(crate) fn explore(plan: &'static Plan, start: u32, bounds: Bounds) -> Result<Report, Violation> {
    let interpreter = Interpreter::new(plan, Record::fork, Record::join);
    let (seen, open, trail) = (HashSet::new(), Vec::new(), Vec::new());
    let (passage, report) = (Passage::new(plan), Report::default());
    let mut explorer = Explorer { plan, interpreter, passage, bounds, seen, open, trail, report };
    let mut run = interpreter.start("run", start, Record::default());
    let messages = run.take_messages();
    explorer.open(run, start, None).map_err(|rule| explorer.violation(rule, None, None))?;
    explorer.open_all(messages, None).map_err(|rule| explorer.violation(rule, None, None))?;
    while let Some(situation) = explorer.open.pop() {
        explorer.go_everywhere(&situation)?;
    }
    Ok(explorer.report)
}

impl Explorer {
    /// A run that has just been started, by a caller or as a message.
    fn open(&mut self, run: Run<Record>, start: u32, last: Option<usize>) -> Verdict {
        let mut oracle = Oracle::new(&**run.id() != "run");
        oracle.started(self.plan, start, run.state())?;
        let situation = Situation { run, oracle, settled: 0, troubles: self.bounds.troubles, last };
        self.keep(situation)
    }

    fn open_all(&mut self, messages: Vec<Run<Record>>, last: Option<usize>) -> Verdict {
        for mut message in messages {
            let further = message.take_messages();
            let (_, start) = message.id().rsplit_once('/').ok_or("a message is named after its arrow")?;
            let start = start.split_once('.').map_or(start, |(start, _)| start);
            let start = self.plan.find(start).ok_or("a message starts at a node")?;
            self.open(message, start, last)?;
            self.open_all(further, last)?;
        }
        Ok(())
    }

    fn go_everywhere(&mut self, from: &Situation) -> Result<(), Violation> {
        for action in self.actions(from) {
            self.trail.push((from.last, action));
            let last = self.trail.len() - 1;
            let mut to = Situation { last: Some(last), ..from.clone() };
            let judged = self.act(from, &mut to, action).and_then(|()| {
                let messages = to.run.take_messages();
                let ids: Vec<&str> = messages.iter().map(|message| &**message.id()).collect();
                let between = Between { plan: self.plan, before: from.run.state(), after: to.run.state() };
                to.oracle.sent(between, to.run.id(), &ids)?;
                self.open_all(messages, Some(last))?;
                self.keep(to.clone())
            });
            judged.map_err(|rule| self.violation(rule, Some(last), Some(&to)))?;
        }
        Ok(())
    }

    /// Remembers a situation to go on from, unless it is known.
    fn keep(&mut self, mut situation: Situation) -> Verdict {
        if !self.seen.insert(fingerprint(&situation)?) {
            return Ok(());
        }
        self.report.situations += 1;
        // One way round is as good as the other; the longer one is gone now and then.
        let goes_round = self.report.situations.is_multiple_of(8);
        let passage = if goes_round { Passage::there_and_back } else { Passage::stay };
        situation.run = passage(&self.passage, &situation.run)?;
        if let Some(ending) = situation.run.state().ending() {
            self.report.ended(ending, situation.run.state().path());
            self.judge_end(&situation)?;
        }
        if self.report.situations < self.bounds.situations {
            self.open.push(situation);
        } else {
            self.report.pruned += 1;
        }
        Ok(())
    }

    fn judge_end(&self, situation: &Situation) -> Verdict {
        let mut run = situation.run.clone();
        let mut marks = run.context().marks();
        rule!(marks.len() == situation.settled, "what each branch did is merged: {marks:?}");
        marks.sort_unstable();
        marks.dedup();
        rule!(marks.len() == situation.settled, "what each branch did is merged once");
        rule!(run.context().is_merged_in_order(), "branches are merged in the order drawn");
        let saved = save(&run)?;
        self.interpreter.cancel(&mut run);
        self.interpreter.interrupt(&mut run);
        rule!(self.interpreter.begin(&mut run, 0).is_none(), "nothing begins after the end");
        self.interpreter.settle(&mut run, 0, Err(Fault::new("late")));
        rule!(saved == save(&run)?, "nothing changes a run that is over");
        Ok(())
    }

    fn violation(&self, rule: String, last: Option<usize>, at: Option<&Situation>) -> Violation {
        let mut trail: Vec<Action> =
            std::iter::successors(last, |at| self.trail[*at].0).map(|at| self.trail[at].1).collect();
        trail.reverse();
        let path = at.map(|at| format!("{:?}", at.run.state().path())).unwrap_or_default();
        Violation { rule, trail, path, plan: self.plan }
    }
}

/// What can happen from here depends on this alone: not on where the run has been, nor on what its
/// contexts recorded.
fn fingerprint(situation: &Situation) -> Result<u64, String> {
    let mut hasher = DefaultHasher::new();
    situation.oracle.hash(&mut hasher);
    situation.troubles.hash(&mut hasher);
    let contexts = BTreeMap::<BranchId, u8>::new();
    let saved = serde_json::to_string(&situation.run.snapshot(&contexts));
    saved.map_err(|error| error.to_string())?.hash(&mut hasher);
    Ok(hasher.finish())
}
