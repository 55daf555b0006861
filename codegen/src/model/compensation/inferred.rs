//! Pairs that are not drawn, read from labels. Conservative: only in a rollback, only where one step
//! fits best, and only where a run can come from the step to the compensation.

use std::collections::{HashMap, HashSet};

use super::faulted;
use super::fit::Search;
use super::path::{Paths, Spent};
use super::phrase::Phrase;
use super::verb::{Verbs, is_general, restores};
use super::way::Way;
use crate::finding::Sink;
use crate::model::graph::Graph;
use crate::model::names::in_natural_order;
use crate::model::{Kind, Model, NodeIx};
use crate::rules::{f305_not_decided, f403_pair_inferred};

/// Pairs steps and compensations that no drawn association names.
///
/// What looks like a compensation and undoes nothing is returned.
pub(super) fn pair(model: &mut Model, named: &[bool], sink: &mut Sink) -> Vec<NodeIx> {
    super::find_rollback(model, &[]);
    let control = Graph::control(model);
    let way = Way::of_rollback(model, &control);
    if !way.rollback.contains(&true) {
        return Vec::new();
    }
    let phrases: Vec<_> = model.nodes.iter().map(|node| Phrase::of(&node.label.text)).collect();
    let Found { mut pairs, by_fault, strong, left } = Labels::of(model, named, &way, &phrases).search();
    for &(compensation, step) in &pairs {
        super::pair(model, step, compensation);
    }
    pairs.extend(faulted::pair(model, by_fault, |model| suspects(model, &phrases, &strong)));
    for (compensation, step) in pairs {
        f403_pair_inferred::report(sink, model, compensation, step);
    }
    f305_not_decided::report(model, &left, "which step is undone", sink);
    suspects(model, &phrases, &strong)
}

/// A drawing as its labels tell it.
struct Labels<'a> {
    model: &'a Model,
    named: &'a [bool],
    way: &'a Way,
    phrases: &'a [Phrase],
    verbs: Verbs<'a>,
}

struct Found {
    pairs: Vec<(NodeIx, NodeIx)>,
    /// Pairs of which only a fault can lead from the step to the compensation.
    by_fault: Vec<(NodeIx, NodeIx)>,
    /// What should be in a pair, in natural order.
    strong: Vec<NodeIx>,
    /// What was not examined any more.
    left: Vec<NodeIx>,
}

impl<'a> Labels<'a> {
    fn of(model: &'a Model, named: &'a [bool], way: &'a Way, phrases: &'a [Phrase]) -> Self {
        let acting = model.indices().filter(|&node| acts(model, node));
        let verbs = Verbs::of(acting.map(|node| phrases[node.0].verb.as_str()));
        Self { model, named, way, phrases, verbs }
    }

    fn search(&self) -> Found {
        let mut candidates = in_natural_order(self.model);
        candidates.retain(|&node| self.may_undo(node));
        let steps: Vec<_> = self.model.indices().filter(|&node| self.may_be_undone(node)).collect();
        let mut search = Search::among(&steps, self.phrases);
        let mut paths = Paths::to(self.model, &candidates);
        let (pairs, examined) = search.pairs(&candidates, |at, step| paths.lead(step, at));
        // What is not known of some candidates can stand against the pairs of others.
        let by_fault = if examined == candidates.len() {
            self.led_to_by_fault(&mut search, &mut paths, &candidates, &pairs)
        } else {
            Vec::new()
        };
        let left = candidates.split_off(examined);
        candidates.retain(|node| self.verbs.is_strong(&self.phrases[node.0].verb));
        Found { pairs, by_fault, strong: candidates, left }
    }

    /// The pairs of which no path leads from the step to the compensation, but a fault may.
    ///
    /// They are doubtful where a drawn path leads to the compensation, since it never runs there. Then no
    /// other step before it may be about the same thing, and it may not restore, which mostly brings back
    /// what an earlier step has kept.
    fn led_to_by_fault(
        &self,
        search: &mut Search<'_>,
        paths: &mut Paths<'_>,
        candidates: &[NodeIx],
        pairs: &[(NodeIx, NodeIx)],
    ) -> Vec<(NodeIx, NodeIx)> {
        let paired: HashSet<_> = pairs.iter().flat_map(|&(undoing, step)| [undoing, step]).collect();
        let places: HashMap<_, _> = (0..).zip(candidates).map(|(at, &candidate)| (candidate, at)).collect();
        let is_entered = Graph::control(self.model).reach(self.model.starts.iter().copied(), |_| true);
        let (mut others, _) = search.pairs(candidates, |_, _| Ok(true));
        let mut is_doubtful = |undoing: NodeIx, step: NodeIx| {
            let Some(&at) = places.get(&undoing) else { return Ok(true) };
            let is_other = |other: NodeIx| other != step && !paired.contains(&other);
            if paths.lead(step, at)? {
                return Ok(true);
            }
            let is_like = |other| Ok(is_other(other) && paths.lead(other, at)?);
            let is_mistaken = restores(&self.phrases[undoing.0].verb) || search.has_like(undoing, is_like)?;
            Ok(is_entered[undoing.0] && is_mistaken)
        };
        others.retain(|(undoing, step)| !paired.contains(undoing) && !paired.contains(step));
        others.retain(|&(undoing, step)| matches!(is_doubtful(undoing, step), Ok::<_, Spent>(false)));
        others
    }

    fn may_undo(&self, node: NodeIx) -> bool {
        let undoing =
            self.model[node].kind == Kind::Step && self.verbs.is_reversing(&self.phrases[node.0].verb);
        undoing && self.way.rollback[node.0] && !self.named[node.0]
    }

    fn may_be_undone(&self, node: NodeIx) -> bool {
        acts(self.model, node) && self.way.can_be_undone(node) && !self.named[node.0] && !self.may_undo(node)
    }
}

fn acts(model: &Model, node: NodeIx) -> bool {
    matches!(model[node].kind, Kind::Step | Kind::Task)
}

/// What should be in a pair, and is in none. `Roll back everything` undoes no step itself: it leads to
/// those that do.
fn suspects(model: &Model, phrases: &[Phrase], strong: &[NodeIx]) -> Vec<NodeIx> {
    let suspects: Vec<_> = strong.iter().copied().filter(|&node| !model[node].is_compensation()).collect();
    let suspected: HashSet<_> = suspects.iter().copied().collect();
    let undoes = |node: NodeIx| model[node].is_compensation() || suspected.contains(&node);
    let leads_to_undoing = |node: NodeIx| {
        let next = &model[node].next;
        !next.is_empty() && next.iter().all(|arrow| undoes(arrow.to))
    };
    let is_trigger = |node: NodeIx| is_general(&phrases[node.0].verb) && leads_to_undoing(node);
    suspects.iter().copied().filter(|&node| !is_trigger(node)).collect()
}
