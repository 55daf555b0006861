//! The coverage of an exploration.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use super::script::{Answer, Script};
use super::scripted::Log;
use crate::flow::Node;
use crate::outcome::{RunResult, node_at};
use crate::run::VisitOutcome;

/// The nodes that the runs of an exploration reached, and the results that the lanes returned.
///
/// [`Display`](fmt::Display) prints it as a table.
#[derive(Clone, Debug)]
pub struct Coverage<N> {
    /// The number of runs made.
    pub runs: usize,
    /// The number of pairs of deviations that were omitted because of the limit of runs; 0 if all were tried.
    pub left_out: usize,
    /// The scripts that the fakes did not bring about.
    pub not_brought_about: Vec<Script<N>>,
    nodes: Vec<Counts>,
    of: PhantomData<N>,
}

/// The number of visits of a node, by result.
#[derive(Clone, Debug, Default)]
struct Counts {
    visits: usize,
    faults: usize,
    not_done: usize,
    undone: usize,
    outcomes: BTreeMap<usize, usize>,
}

impl Counts {
    fn add(&mut self, other: Self) {
        let Self { visits, faults, not_done, undone, outcomes } = other;
        self.visits += visits;
        self.faults += faults;
        self.not_done += not_done;
        self.undone += undone;
        for (outcome, times) in outcomes {
            *self.outcomes.entry(outcome).or_default() += times;
        }
    }
}

/// An element of the drawing that no run of an exploration reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Gap<N> {
    /// No run visited the node.
    NotReached(N),
    /// No lane returned the outcome with this label.
    NeverReturned(N, &'static str),
    /// No run undid the step.
    NeverUndone(N),
}

impl<N: Node> Coverage<N> {
    pub(super) fn new() -> Self {
        let nodes = vec![Counts::default(); N::ALL.len()];
        Self { runs: 0, left_out: 0, not_brought_about: Vec::new(), nodes, of: PhantomData }
    }

    /// Adds a run and the messages that it sent.
    pub(super) fn add<Cx>(&mut self, ended: &RunResult<N, Cx>, log: &Log) {
        self.runs += 1;
        for entry in ended.messages.iter().chain([ended]).flat_map(|ended| &ended.path) {
            let counts = &mut self.nodes[entry.node.index() as usize];
            let is_visit = !matches!(entry.outcome, VisitOutcome::NothingToUndo | VisitOutcome::Asked(_));
            counts.visits += usize::from(is_visit);
            counts.faults +=
                usize::from(matches!(entry.outcome, VisitOutcome::Faulted | VisitOutcome::UndoFailed { .. }));
            if let VisitOutcome::Undone { node, .. } = entry.outcome {
                self.nodes[node as usize].undone += 1;
            }
        }
        for (&(node, _), &outcome) in &log.outcomes {
            *self.nodes[node as usize].outcomes.entry(outcome).or_default() += 1;
        }
        for &(node, _) in &log.not_done {
            self.nodes[node as usize].not_done += 1;
        }
    }

    /// Whether a script wants an outcome that no lane has returned.
    pub(super) fn misses(&self, script: &Script<N>) -> bool {
        script.wanted().any(|wanted| {
            let returned = &self.nodes[wanted.node.index() as usize].outcomes;
            let labels = N::PLAN.outcomes_of(wanted.node.index()).iter().enumerate();
            labels
                .filter(|(outcome, _)| !returned.contains_key(outcome))
                .any(|(_, label)| wanted.answer == Answer::Outcome(label))
        })
    }

    /// Adds the coverage of another scenario. A drawing with several starts needs a scenario for each.
    pub fn merge(&mut self, other: Self) {
        self.runs += other.runs;
        self.left_out += other.left_out;
        self.not_brought_about.extend(other.not_brought_about);
        for (counts, more) in self.nodes.iter_mut().zip(other.nodes) {
            counts.add(more);
        }
    }

    /// The elements of the drawing that no run reached: nodes, outcomes, and undos of compensable steps.
    ///
    /// An outcome that no lane returns is dead code, or a forgotten branch.
    pub fn gaps(&self) -> impl Iterator<Item = Gap<N>> {
        N::ALL.iter().zip(&self.nodes).flat_map(|(&node, counts)| {
            let spec = node.spec();
            let missed = (counts.visits == 0).then_some(Gap::NotReached(node));
            let labels = N::PLAN.outcomes_of(node.index()).iter().enumerate();
            let silent = labels.filter(|(outcome, _)| !counts.outcomes.contains_key(outcome));
            let kept = spec.undone_by.is_some() && counts.undone == 0;
            missed
                .into_iter()
                .chain(silent.map(move |(_, label)| Gap::NeverReturned(node, label)))
                .chain(kept.then_some(Gap::NeverUndone(node)))
        })
    }
}

impl<N: Node> fmt::Display for Gap<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReached(node) => write!(f, "no run reached `{}`", node.spec().label),
            Self::NeverReturned(node, label) => {
                write!(f, "`{}` never returned `{label}`", node.spec().label)
            }
            Self::NeverUndone(node) => write!(f, "no run undid `{}`", node.spec().label),
        }
    }
}

impl<N: Node> fmt::Display for Coverage<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} runs", self.runs)?;
        if self.left_out > 0 {
            writeln!(f, "{} pairs of deviations were left out: raise the limit to try them", self.left_out)?;
        }
        writeln!(f, "{:<32} {:>8} {:>8} {:>8} {:>8}", "node", "visits", "faults", "not done", "undone")?;
        for (index, counts) in self.nodes.iter().enumerate() {
            let node: N = node_at(u32::try_from(index).unwrap_or_default());
            let spec = node.spec();
            let Counts { visits, faults, not_done, undone, .. } = counts;
            let (not_done, undone) = match spec.undone_by {
                Some(_) => (not_done.to_string(), undone.to_string()),
                None => (String::new(), String::new()),
            };
            let faults = if spec.is_circle() { String::new() } else { faults.to_string() };
            let row = format!("{:<32} {visits:>8} {faults:>8} {not_done:>8} {undone:>8}", spec.label);
            writeln!(f, "{}", row.trim_end())?;
            for (outcome, label) in N::PLAN.outcomes_of(node.index()).iter().enumerate() {
                let returned = counts.outcomes.get(&outcome).copied().unwrap_or_default();
                writeln!(f, "  {label:<30} {returned:>8}")?;
            }
        }
        for gap in self.gaps() {
            writeln!(f, "gap: {gap}")?;
        }
        for script in &self.not_brought_about {
            writeln!(f, "not brought about: {script}")?;
        }
        Ok(())
    }
}
