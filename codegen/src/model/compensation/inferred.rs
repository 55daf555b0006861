//! Infers pairs that are not drawn from labels. Conservative: only in a rollback, only if one step fits best,
//! and only if a run can come from the step to the compensation.

use std::collections::{HashMap, HashSet};

use super::pairing::Search;
use super::phrase::{Phrase, Verbs, is_general, restores, speaks_of_rollback};
use crate::graph::{Graph, OverBudget, TargetReachability};
use crate::model::natural_order::in_natural_order;
use crate::model::rollback::{self, DrawnRollback, FaultPaths, trigger_of_faults};
use crate::model::{InferredPair, Kind, Model, ModelError, NodeIx};

/// Pairs steps and compensations that no drawn association names. Returns nodes that look like compensations
/// and were not paired.
pub(super) fn pair(model: &mut Model, is_associated: &[bool], errors: &mut Vec<ModelError>) -> Vec<NodeIx> {
    rollback::find_entries(model, &[]);
    let region = RollbackRegion::new(model);
    if !region.rollback.contains(&true) {
        return Vec::new();
    }
    let phrases: Vec<_> = model.nodes.iter().map(|node| Phrase::new(&node.label.text)).collect();
    let Found { mut pairs, by_fault, strong, undecided } =
        Labels::new(model, is_associated, &region, &phrases).search();
    for pair in &pairs {
        model.pair(pair.step, pair.compensation);
    }
    pairs.extend(pair_by_fault(model, by_fault, |model| unpaired(model, &phrases, &strong)));
    model.inferred_pairs = pairs;
    if !undecided.is_empty() {
        errors.push(ModelError::UndecidedPairs { nodes: undecided });
    }
    unpaired(model, &phrases, &strong)
}

/// Pairs those steps and compensations that a fault leads from one to the other, through the trigger.
/// `unpaired` returns the nodes that look like compensations and have no pair.
fn pair_by_fault(
    model: &mut Model,
    mut pairs: Vec<InferredPair>,
    unpaired: impl Fn(&Model) -> Vec<NodeIx>,
) -> Vec<InferredPair> {
    if pairs.is_empty() {
        return pairs;
    }
    for pair in &pairs {
        model.pair(pair.step, pair.compensation);
    }
    let trigger = find_trigger(model, &unpaired);
    let faults = FaultPaths::new(model, &model.control(), trigger);
    let is_reached = |pair: &InferredPair| faults.lead(pair.step, pair.compensation);
    let (kept, others): (Vec<InferredPair>, Vec<_>) = pairs.iter().copied().partition(is_reached);
    for pair in others {
        model.unpair(pair.step, pair.compensation);
    }
    pairs = kept;
    // A trigger leads to compensations only. Without those that were just unpaired it may be none.
    if find_trigger(model, &unpaired) != trigger {
        for pair in pairs.drain(..) {
            model.unpair(pair.step, pair.compensation);
        }
    }
    pairs
}

fn find_trigger(model: &mut Model, unpaired: impl Fn(&Model) -> Vec<NodeIx>) -> Option<NodeIx> {
    let unpaired = unpaired(model);
    rollback::find_entries(model, &unpaired);
    trigger_of_faults(model)
}

/// Where a drawing rolls back: as its labels say, and as drawn compensations show.
struct RollbackRegion {
    /// By node: it comes after a node or an edge whose label speaks of rollback, or is in the region that
    /// drawn compensations make.
    rollback: Vec<bool>,
    /// By node: a start leads to it without such an edge.
    forward: Vec<bool>,
}

impl RollbackRegion {
    fn new(model: &Model) -> Self {
        let control = model.control();
        let speaking: Vec<_> = model.nodes.iter().map(|node| speaks_of_rollback(&node.label.text)).collect();
        let drawn = DrawnRollback::new(model, &control);
        let (mut entries, mut others) = (Vec::new(), Vec::new());
        for from in model.indices() {
            for arrow in &model[from].next {
                let speaks = arrow.label.as_ref().is_some_and(|label| speaks_of_rollback(&label.text));
                if speaking[from.0] || speaks || drawn.is_entered(from, arrow.to) {
                    entries.push(arrow.to);
                } else {
                    others.push((from, arrow.to));
                }
            }
        }
        let forward =
            Graph::new(model.nodes.len(), &others).reachable(model.starts.iter().copied(), |_| true);
        let after = control.reachable(entries, |_| true);
        let rollback = after.iter().zip(&drawn.nodes).map(|(&after, &within)| after || within).collect();
        Self { rollback, forward }
    }

    /// Is it a node of the flow? If a rollback leads back to the beginning, all nodes come after it.
    fn is_in_flow(&self, node: NodeIx) -> bool {
        self.forward[node.0] || !self.rollback[node.0]
    }
}

/// The labels of a drawing, with the facts about its nodes.
struct Labels<'a> {
    model: &'a Model,
    is_associated: &'a [bool],
    region: &'a RollbackRegion,
    phrases: &'a [Phrase],
    verbs: Verbs<'a>,
}

struct Found {
    pairs: Vec<InferredPair>,
    /// Pairs that only a fault can lead from the step to the compensation.
    by_fault: Vec<InferredPair>,
    /// Nodes that should be in a pair, in natural order.
    strong: Vec<NodeIx>,
    /// Compensations that were not examined, as the search was stopped.
    undecided: Vec<NodeIx>,
}

impl<'a> Labels<'a> {
    fn new(
        model: &'a Model,
        is_associated: &'a [bool],
        region: &'a RollbackRegion,
        phrases: &'a [Phrase],
    ) -> Self {
        let work = model.indices().filter(|&node| model[node].is_work());
        let verbs = Verbs::new(work.map(|node| phrases[node.0].verb.as_str()));
        Self { model, is_associated, region, phrases, verbs }
    }

    fn search(&self) -> Found {
        let mut candidates = in_natural_order(self.model);
        candidates.retain(|&node| self.may_undo(node));
        let steps: Vec<_> = self.model.indices().filter(|&node| self.may_be_undone(node)).collect();
        let mut search = Search::among(&steps, self.phrases);
        let forks = self.model.forks().collect();
        let mut paths = TargetReachability::new(self.model.control(), forks, &candidates);
        let (pairs, examined) = search.pairs(&candidates, |at, step| paths.leads(step, at));
        // Candidates that were not examined may contradict the pairs of others.
        let by_fault = if examined == candidates.len() {
            self.led_to_by_fault(&mut search, &mut paths, &candidates, &pairs)
        } else {
            Vec::new()
        };
        let undecided = candidates.split_off(examined);
        candidates.retain(|node| self.verbs.is_strong(&self.phrases[node.0].verb));
        Found { pairs, by_fault, strong: candidates, undecided }
    }

    /// The pairs in which no path leads from the step to the compensation, but a fault may.
    ///
    /// They are doubtful if a drawn path leads to the compensation, since it is skipped there. Then no other
    /// step before it may be about the same thing, and it may not restore, which mostly brings back what an
    /// earlier step has kept.
    fn led_to_by_fault(
        &self,
        search: &mut Search<'_>,
        paths: &mut TargetReachability<'_>,
        candidates: &[NodeIx],
        pairs: &[InferredPair],
    ) -> Vec<InferredPair> {
        let paired: HashSet<_> = pairs.iter().flat_map(|pair| [pair.compensation, pair.step]).collect();
        let indexes: HashMap<_, _> = (0..).zip(candidates).map(|(at, &candidate)| (candidate, at)).collect();
        let is_entered = self.model.control().reachable(self.model.starts.iter().copied(), |_| true);
        let (mut others, _) = search.pairs(candidates, |_, _| Ok(true));
        let mut is_doubtful = |&InferredPair { step, compensation }: &InferredPair| {
            let Some(&at) = indexes.get(&compensation) else { return Ok(true) };
            let is_other = |other: NodeIx| other != step && !paired.contains(&other);
            if paths.leads(step, at)? {
                return Ok(true);
            }
            let is_like = |other| Ok(is_other(other) && paths.leads(other, at)?);
            let is_mistaken =
                restores(&self.phrases[compensation.0].verb) || search.has_like(compensation, is_like)?;
            Ok(is_entered[compensation.0] && is_mistaken)
        };
        others.retain(|pair| !paired.contains(&pair.compensation) && !paired.contains(&pair.step));
        others.retain(|pair| matches!(is_doubtful(pair), Ok::<_, OverBudget>(false)));
        others
    }

    fn may_undo(&self, node: NodeIx) -> bool {
        let undoing =
            self.model[node].kind == Kind::Step && self.verbs.is_reversing(&self.phrases[node.0].verb);
        undoing && self.region.rollback[node.0] && !self.is_associated[node.0]
    }

    fn may_be_undone(&self, node: NodeIx) -> bool {
        self.model[node].is_work()
            && self.region.is_in_flow(node)
            && !self.is_associated[node.0]
            && !self.may_undo(node)
    }
}

/// The nodes that should be in a pair and are in none. `Roll back everything` undoes no step itself: it leads
/// to compensations.
fn unpaired(model: &Model, phrases: &[Phrase], strong: &[NodeIx]) -> Vec<NodeIx> {
    let unpaired: Vec<_> = strong.iter().copied().filter(|&node| !model[node].is_compensation()).collect();
    let is_unpaired: HashSet<_> = unpaired.iter().copied().collect();
    let undoes = |node: NodeIx| model[node].is_compensation() || is_unpaired.contains(&node);
    let leads_to_undoing = |node: NodeIx| {
        let next = &model[node].next;
        !next.is_empty() && next.iter().all(|arrow| undoes(arrow.to))
    };
    let is_trigger = |node: NodeIx| is_general(&phrases[node.0].verb) && leads_to_undoing(node);
    unpaired.iter().copied().filter(|&node| !is_trigger(node)).collect()
}
