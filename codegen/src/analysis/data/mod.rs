//! Which declared values are there when a node takes them, in all runs of a drawing.
//!
//! `run_graph` has the positions at which a branch of a run can be, and the moves between them. For each name,
//! `search` finds the positions to which a path leads on which the name is bound to no value, and those to which a
//! path leads on which it is. Both are exact for the graph, since a name is bound and unbound by one node at a time.

mod concurrent;
mod run_graph;
mod search;
#[cfg(test)]
mod tests;

pub(crate) use concurrent::ConcurrentOutputs;

use crate::graph::{Budget, NodeIx};
use crate::model::Model;
use crate::model::data::{Data, NameIx, Take};
use run_graph::{Phase, RunGraph};
use search::{Paths, Search};

/// How many positions and moves all searches together may visit.
const BUDGET: usize = 200_000_000;

/// How many nodes the paths of all findings may have together.
const LONGEST: usize = 1_000_000;

/// What is wrong with the flow of declared data.
pub(crate) struct DataFlow {
    pub(crate) missing: Vec<MissingInput>,
    pub(crate) concurrent: Vec<ConcurrentOutputs>,
    /// Nodes whose inputs were not checked, because the search was stopped.
    pub(crate) undecided: Vec<NodeIx>,
}

/// An input that is not there in some run.
pub(crate) struct MissingInput {
    pub(crate) node: NodeIx,
    /// An index of what the node takes.
    pub(crate) input: usize,
    pub(crate) reason: MissingReason,
    /// From the beginning of a run to the node; empty if the reason is about no path, or if the paths of all findings
    /// together are too long.
    pub(crate) path: Vec<NodeIx>,
    /// The node of the path at which a fault leads to the trigger.
    pub(crate) fault: Option<NodeIx>,
}

/// Why an input is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MissingReason {
    /// The path does not give it.
    Path,
    /// No path gives it.
    Never,
    /// The node is reached by a path on which nothing rolls back, and takes `cause`.
    NoRollback,
    /// It is an input of a compensation, and this step, which it undoes, does not take it so.
    NotOfStep(NodeIx),
}

impl DataFlow {
    /// `None` if there is no declaration, or if some of it could not be read or resolved.
    pub(super) fn new(model: &Model) -> Option<Self> {
        let data = model.data.as_ref().filter(|data| !data.incomplete)?;
        let mut flow = Self { missing: Vec::new(), concurrent: Vec::new(), undecided: Vec::new() };
        flow.missing.extend(not_of_step(model, data));
        let Some(graph) = RunGraph::new(model, data) else {
            flow.undecided.extend(data.nodes.keys().filter(|&&node| !data.takes(node).is_empty()));
            return Some(flow);
        };
        let mut shown = Budget::new(LONGEST);
        flow.concurrent = concurrent::concurrent_outputs(data, &graph, &mut shown);
        flow.check_inputs(model, data, &graph, &mut shown);
        flow.check_causes(model, data, &graph, &mut shown);
        flow.missing.sort_by_key(|missing| (missing.node, missing.input));
        Some(flow)
    }

    fn check_inputs(&mut self, model: &Model, data: &Data, graph: &RunGraph, shown: &mut Budget) {
        let mut takers: Vec<Vec<(NodeIx, usize)>> = vec![Vec::new(); data.names.len()];
        for (&node, declared) in data.nodes.iter().filter(|(node, _)| !model[**node].is_compensation()) {
            for (input, taken) in declared.takes.iter().enumerate() {
                if let Some(name) = taken.take.name() {
                    takers[name.0].push((node, input));
                }
            }
        }
        let mut budget = Budget::new(BUDGET);
        for (at, takers) in takers.iter().enumerate().filter(|(_, takers)| !takers.is_empty()) {
            let search = Search::new(model, data, graph, NameIx(at));
            if budget.spend(search.cost()).is_err() {
                self.undecided.extend(takers.iter().map(|&(node, _)| node));
                continue;
            }
            let values = search.values();
            let is_list =
                |&(node, input): &(NodeIx, usize)| matches!(data.takes(node)[input].take, Take::List(_));
            let lists = takers.iter().any(is_list).then(|| search.lists());
            for &(node, input) in takers {
                let take = data.takes(node)[input].take;
                let paths = if is_list(&(node, input)) { lists.as_ref() } else { Some(&values) };
                let Some(reason) = paths.and_then(|paths| reason(take, node, paths)) else { continue };
                let is_needed = matches!(take, Take::One(_) | Take::Moved(_));
                let shown = is_needed.then(|| values.shown_without(node, shown));
                let (path, fault) = shown.unwrap_or_default();
                self.missing.push(MissingInput { node, input, reason, path, fault });
            }
        }
        self.undecided.sort_unstable();
        self.undecided.dedup();
    }

    /// Only a run that rolls back has a cause.
    fn check_causes(&mut self, model: &Model, data: &Data, graph: &RunGraph, shown: &mut Budget) {
        let cause = |node: NodeIx| data.takes(node).iter().position(|taken| taken.take == Take::Cause);
        let takers = data.nodes.keys().filter_map(|&node| Some((node, cause(node)?)));
        let mut all_paths = None;
        for (node, input) in takers {
            let is_forward = |&at: &usize| graph.positions[at].phase != Phase::Rollback;
            let forward: Vec<_> = graph.positions_of(node).filter(is_forward).collect();
            if forward.is_empty() {
                continue;
            }
            // A compensation is skipped if its step was not done.
            let steps = &model[node].undoes;
            let is_beside = || steps.iter().any(|&step| graph.are_beside(step, node));
            let found = if steps.is_empty() || is_beside() {
                let paths = all_paths.get_or_insert_with(|| search::all_paths(graph));
                paths.shown_to(forward.into_iter(), search::MISSING, shown)
            } else {
                let paths = search::paths_with_step(graph, steps);
                paths.shown_to(forward.into_iter(), search::GIVEN, shown)
            };
            if let Some((path, fault)) = found {
                let reason = MissingReason::NoRollback;
                self.missing.push(MissingInput { node, input, reason, path, fault });
            }
        }
    }
}

fn reason(take: Take, node: NodeIx, paths: &Paths<'_>) -> Option<MissingReason> {
    if !paths.is_reached(node) {
        return None;
    }
    if !paths.is_ever_given(node) {
        return Some(MissingReason::Never);
    }
    let is_missed = matches!(take, Take::One(_) | Take::Moved(_)) && paths.is_missed(node);
    is_missed.then_some(MissingReason::Path)
}

/// The inputs of compensations that are not inputs of the step, in the same form.
fn not_of_step<'m>(model: &'m Model, data: &'m Data) -> impl Iterator<Item = MissingInput> + 'm {
    data.nodes.iter().flat_map(move |(&node, declared)| {
        declared.takes.iter().enumerate().filter_map(move |(input, taken)| {
            // A moved value is gone when the step is undone.
            let is_moved = matches!(taken.take, Take::Moved(_));
            let has = |step: NodeIx| data.takes(step).iter().any(|of_step| of_step.take == taken.take);
            let mut steps = model[node].undoes.iter().copied();
            let step = steps.find(|&step| taken.take != Take::Cause && (is_moved || !has(step)))?;
            let reason = MissingReason::NotOfStep(step);
            Some(MissingInput { node, input, reason, path: Vec::new(), fault: None })
        })
    })
}
