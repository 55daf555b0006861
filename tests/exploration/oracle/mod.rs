//! The rules of how a flow runs, as a judge that stands outside of the run.
//!
//! It is told what was asked of the run, keeps its own account of it, and compares.

mod attempts;
mod course;
mod ending;
mod ledger;
mod messages;
mod passes;

use std::collections::{BTreeMap, BTreeSet};

use flowgen::plan::{Kind, Plan};
use flowgen::run::{BranchId, Due, PathEntry, State, VisitOutcome};
use flowgen::{Cause, Visit};

use crate::explorer::Answer;
use attempts::{Begun, Now};
use course::{Course, Why};
use ledger::{Ledger, Visited};

/// What a rule has to say against a run; nothing if it kept to the rule.
pub(crate) type Verdict = Result<(), String>;

/// Breaks a rule unless the condition holds.
macro_rules! rule {
    ($holds:expr, $($broken:tt)+) => {
        if !$holds {
            return Err(format!($($broken)+));
        }
    };
}
pub(crate) use rule;

/// The judge of one run.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Oracle {
    is_message: bool,
    ledger: Ledger,
    begun: BTreeMap<BranchId, Begun>,
    /// What the compensations that are due may undo, by branch.
    promised: BTreeMap<BranchId, Vec<Visited>>,
    visits: BTreeSet<Visited>,
    /// By entry of the ledger, the visit of its compensation that was given up.
    given_up: BTreeMap<Visited, Visited>,
    course: Course,
}

/// What lies between two states of a run.
#[derive(Clone, Copy)]
pub(crate) struct Between<'a> {
    pub(crate) plan: &'static Plan,
    pub(crate) before: &'a State,
    pub(crate) after: &'a State,
}

impl<'a> Between<'a> {
    fn new_path(&self) -> Result<&'a [PathEntry], String> {
        let (before, after) = (self.before.path(), self.after.path());
        after.strip_prefix(before).ok_or_else(|| "the path only ever grows".to_owned())
    }
}

impl Oracle {
    pub(crate) fn new(is_message: bool) -> Self {
        let (begun, promised, visits) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let given_up = BTreeMap::new();
        Self {
            is_message,
            ledger: Ledger::default(),
            begun,
            promised,
            visits,
            given_up,
            course: Course::Forward,
        }
    }

    /// The visits that are being done, by branch.
    pub(crate) fn being_done(&self) -> impl Iterator<Item = (BranchId, Visited, bool)> {
        let running = self.begun.iter().filter(|(_, begun)| begun.now == Now::Running);
        running.map(|(branch, begun)| (*branch, begun.visited, begun.undoes.is_some()))
    }

    /// The visit that is being done on a branch.
    pub(crate) fn visited(&self, branch: BranchId) -> Option<Visited> {
        self.begun.get(&branch).map(|begun| begun.visited)
    }

    /// How often a node was visited.
    pub(crate) fn visits(&self, node: u32) -> usize {
        self.visits.range((node, 0)..(node + 1, 0)).count()
    }

    /// The run has just been made and has taken its first arrow.
    pub(crate) fn started(&mut self, plan: &'static Plan, start: u32, after: &State) -> Verdict {
        self.moved(Between { plan, before: after, after }, after.path(), None, &[start])
    }

    /// The node of a branch was begun.
    pub(crate) fn begun(&mut self, between: Between<'_>, branch: BranchId, visit: &Visit) -> Verdict {
        rule!(between.new_path()?.is_empty(), "nothing moves when a step begins");
        let due = between.before.due().find(|due| due.branch == branch);
        let due = due.ok_or("only what is due begins")?;
        let begun = match self.begun.get(&branch) {
            Some(before) if before.is_interrupted() => Self::again(before, visit)?,
            Some(_) => return Err("nothing that is being done begins once more".to_owned()),
            None => self.anew(between, due, visit)?,
        };
        rule!(due.interrupted == (begun.attempt > 1), "what was interrupted says so");
        self.knows_why(visit)?;
        self.begun.insert(branch, begun);
        self.promised.remove(&branch);
        self.judge_state(between)
    }

    fn anew(&mut self, between: Between<'_>, due: Due, visit: &Visit) -> Result<Begun, String> {
        let plan = between.plan;
        let spec = &plan.nodes[due.node as usize];
        rule!(!self.course.is_stopping(), "nothing new begins until what was begun is settled");
        rule!(visit.attempt() == 1, "a new visit is a first attempt");
        rule!(visit.node().id == spec.id, "a visit names the node that is due");
        let undoes = self.entry_of(between, due, visit)?;
        match undoes.and_then(|entry| self.given_up.remove(&entry)) {
            Some(before) => {
                rule!(before == (due.node, visit.number()), "what is undone once more keeps its key");
            }
            None => self.count(due.node, visit.number())?,
        }
        let key = visit.key().to_string();
        rule!(key == format!("{}/{}/{}", visit.run(), spec.id, visit.number()), "the key names the visit");
        let (now, is_in_doubt) = (Now::Running, false);
        Ok(Begun { visited: (due.node, visit.number()), key, attempt: 1, undoes, now, is_in_doubt })
    }

    /// The entry that a compensation is about to undo, and that it may.
    fn entry_of(&self, between: Between<'_>, due: Due, visit: &Visit) -> Result<Option<Visited>, String> {
        let plan = between.plan;
        let is_compensation = plan.nodes[due.node as usize].is_compensation();
        let Some(key) = visit.undoes().map(|key| key.to_string()) else {
            rule!(!is_compensation, "a compensation runs only while its step is in the ledger");
            return Ok(None);
        };
        let promised = self.promised.get(&due.branch).cloned().unwrap_or_default();
        let named =
            |(node, number): &Visited| format!("{}/{}/{number}", visit.run(), plan.nodes[*node as usize].id);
        let Some(entry) = promised.into_iter().find(|entry| named(entry) == key) else {
            return Err(format!("one branch executes a pending undo, the last visit first: not {key}"));
        };
        rule!(!self.being_undone().contains(&entry), "one branch executes a pending undo: {key}");
        let is_last = self.ledger.pending().next_back() == Some(entry);
        rule!(is_last || self.course.may_begin(plan, due.node), "without a drawn order: last first");
        Ok(Some(entry))
    }

    /// What a branch is there to undo is settled when it arrives there: the last pending undo. Of branches
    /// that come at once, each may be the first.
    fn promise(&mut self, between: Between<'_>) {
        let undoes = |due: &Due| between.plan.nodes[due.node as usize].is_compensation();
        let due: Vec<Due> = between.after.due().filter(|due| !due.interrupted && undoes(due)).collect();
        self.promised.retain(|branch, _| due.iter().any(|due| due.branch == *branch));
        let taken = self.being_undone();
        for at in &due {
            let branches = due.iter().filter(|other| other.node == at.node).count();
            self.promised.entry(at.branch).or_insert_with(|| {
                let pending = self.ledger.pending_for(between.plan, at.node, &taken);
                pending[pending.len().saturating_sub(branches)..].to_vec()
            });
        }
    }

    fn being_undone(&self) -> BTreeSet<Visited> {
        self.begun.values().filter_map(|begun| begun.undoes).collect()
    }

    fn count(&mut self, node: u32, visit: u32) -> Verdict {
        rule!(visit > 0 && self.visits.insert((node, visit)), "no key is used twice");
        Ok(())
    }

    /// The node of a branch was settled.
    pub(crate) fn settled(
        &mut self,
        between: Between<'_>,
        branch: BranchId,
        answer: Answer,
        to: &[u32],
    ) -> Verdict {
        let begun = self.begun.remove(&branch).ok_or("only what was begun is settled")?;
        let (node, visit) = begun.visited;
        let path = between.new_path()?;
        let (first, rest) = path.split_first().ok_or("what was settled is in the path")?;
        let outcome = self.note(between.plan, &begun, answer);
        rule!(*first == PathEntry { node, visit, outcome }, "the path says what came of it, not {first:?}");
        self.course.settled()?;
        self.course.enters(std::slice::from_ref(first))?;
        let is_fault = answer.fault().is_some();
        rule!(
            !is_fault
                || between.after.faults().iter().any(|fault| (fault.node, fault.visit) == (node, visit)),
            "each fault is reported"
        );
        let why = (is_fault && begun.undoes.is_none()).then_some(Why::Fault);
        let to = if is_fault { self.goes_on_to(between.plan, &begun) } else { to };
        if begun.undoes.is_some() && between.after.due().any(|due| (due.branch, due.node) == (branch, node)) {
            rule!(rest.is_empty(), "a compensation stays until it has executed all of its pending undos");
            return self.judge_state(between);
        }
        self.undid_all(between, &begun)?;
        self.moved(between, rest, why, to)
    }

    /// Where control goes after a fault: a rollback goes on, and a compensation holds up nothing.
    fn goes_on_to(&self, plan: &Plan, begun: &Begun) -> &'static [u32] {
        let spec = &plan.nodes[begun.visited.0 as usize];
        let goes_on = begun.undoes.is_some() || self.course.is_back() && spec.kind != Kind::Decision;
        if goes_on { spec.next } else { &[] }
    }

    /// A compensation that is left has executed all of its pending undos.
    fn undid_all(&self, between: Between<'_>, begun: &Begun) -> Verdict {
        let node = begun.visited.0;
        let pending = self.ledger.pending_for(between.plan, node, &self.being_undone()).len();
        let others = between.before.due().filter(|due| due.node == node).count();
        let is_left = begun.undoes.is_some() && self.course.is_drawn();
        rule!(!is_left || pending <= others, "a compensation executes all of its pending undos");
        Ok(())
    }

    fn note(&mut self, plan: &Plan, begun: &Begun, answer: Answer) -> VisitOutcome {
        let is_owed = plan.nodes[begun.visited.0 as usize].undone_by.is_some();
        match (begun.undoes, answer) {
            (Some((node, visit)), Answer::Fault | Answer::FaultNotDone) => {
                self.ledger.mark_failed((node, visit));
                self.given_up.insert((node, visit), begun.visited);
                VisitOutcome::UndoFailed { node, visit }
            }
            (Some((node, visit)), _) => {
                self.ledger.remove((node, visit));
                VisitOutcome::Undone { node, visit }
            }
            (None, answer) => {
                // What the last attempt says holds for itself only, if another may have had an effect.
                let says_nothing_done = matches!(answer, Answer::NotDone | Answer::FaultNotDone);
                if is_owed && (begun.is_in_doubt || !says_nothing_done) {
                    self.ledger.record(begun.visited);
                }
                match answer {
                    Answer::Fault | Answer::FaultNotDone => VisitOutcome::Faulted,
                    Answer::NotDone if begun.is_in_doubt => VisitOutcome::InDoubt,
                    Answer::NotDone => VisitOutcome::NotDone,
                    Answer::Done | Answer::Outcome(_) => VisitOutcome::Done,
                }
            }
        }
    }

    /// A step receives the reason why the run is rolled back, and nothing while it goes forward.
    fn knows_why(&self, visit: &Visit) -> Verdict {
        let why = self.course.why();
        let is_right = match visit.cause() {
            None => self.course.is_forward(),
            Some(Cause::Fault(_)) => {
                !self.course.is_forward() && matches!(why, None | Some(Why::Fault | Why::NoEnd | Why::Joined))
            }
            Some(Cause::Drawn { .. }) => matches!(why, Some(Why::Drawn | Why::Joined)),
            Some(Cause::Cancelled) => why == Some(Why::Cancelled),
        };
        rule!(is_right, "a run that stops for {why:?} tells its steps so, and not {:?}", visit.cause());
        Ok(())
    }

    /// Somebody cancelled the run.
    pub(crate) fn cancelled(&mut self, between: Between<'_>) -> Verdict {
        let path = between.new_path()?;
        if self.course.is_forward() {
            return self.moved(between, path, Some(Why::Cancelled), &[]);
        }
        rule!(path.is_empty(), "a run that turned back goes its way");
        self.judge_state(between)
    }

    /// Control went along the arrows to `to`, over nodes at which nobody had to do anything.
    fn moved(&mut self, between: Between<'_>, path: &[PathEntry], why: Option<Why>, to: &[u32]) -> Verdict {
        let passed = &self.give_up(between, path)?[..];
        for entry in passed {
            self.passed_by(between, *entry)?;
        }
        let on_the_way = passed.iter().any(|entry| entry.outcome == VisitOutcome::Faulted);
        let why = why.or(on_the_way.then_some(Why::Fault));
        self.follow_course(between, passed, why, to)?;
        self.judge_passes(between, passed, to)?;
        self.judge_state(between)
    }

    fn passed_by(&mut self, between: Between<'_>, entry: PathEntry) -> Verdict {
        let spec = between.plan.nodes.get(entry.node as usize).ok_or("a path stays in its drawing")?;
        match entry.outcome {
            VisitOutcome::Passed => {
                rule!(spec.is_circle(), "only circles are passed");
                self.count(entry.node, entry.visit)
            }
            VisitOutcome::NothingToUndo => {
                rule!(spec.is_compensation(), "only compensations are skipped");
                Ok(())
            }
            VisitOutcome::Faulted if entry.visit == 0 => Ok(()),
            _ => Err(format!("`{}` was not settled, and is in the path: {entry:?}", spec.id)),
        }
    }

    /// A compensation is skipped only where other branches are there to undo all that it could.
    fn judge_skips(&self, between: Between<'_>, passed: &[PathEntry]) -> Verdict {
        for entry in passed.iter().filter(|entry| entry.outcome == VisitOutcome::NothingToUndo) {
            let spec = &between.plan.nodes[entry.node as usize];
            let pending = self.ledger.pending().filter(|step| spec.undoes.contains(&step.0)).count();
            let at_it = |state: &State| state.due().filter(|due| due.node == entry.node).count();
            let begun = self.begun.values().filter(|begun| begun.visited.0 == entry.node).count();
            let taken = begun + at_it(between.before).max(at_it(between.after));
            rule!(pending <= taken, "`{}` was skipped, and has pending undos", spec.id);
        }
        Ok(())
    }

    /// What holds in every state.
    fn judge_state(&mut self, between: Between<'_>) -> Verdict {
        self.promise(between);
        let state = between.after;
        rule!(
            self.ledger.agrees_with(state),
            "the ledger is what was done and not undone: {:?}, not pending {:?} and stuck {:?}",
            self.ledger,
            state.pending_undos(),
            state.stuck()
        );
        rule!(state.due().is_sorted_by_key(|due| due.branch), "the oldest branch is due first");
        let interrupted = |branch| self.begun.get(&branch).is_some_and(Begun::is_interrupted);
        for due in state.due() {
            rule!(due.interrupted == interrupted(due.branch), "what was interrupted is due as such");
        }
        for (branch, begun) in self.begun.iter().filter(|(_, begun)| begun.is_interrupted()) {
            let is_due = state.due().any(|due| due.branch == *branch && due.node == begun.visited.0);
            rule!(is_due, "what was interrupted stays due, unless it is given up");
            let is_given_up = self.course.is_stopping() && begun.is_forward();
            rule!(!is_given_up, "a run that is to roll back starts no forward attempt any more");
        }
        match state.ending() {
            Some(_) => {
                rule!(self.begun.is_empty(), "a run that is over has nothing begun");
                rule!(state.due().next().is_none(), "a run that is over has nothing due");
            }
            None => rule!(
                !self.begun.is_empty() || state.due().next().is_some(),
                "a run that is not over has something due or begun"
            ),
        }
        Ok(())
    }
}
