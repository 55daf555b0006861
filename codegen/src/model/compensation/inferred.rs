//! Pairs that nobody drew, read from labels. Careful: only on the way of a rollback, only where one
//! step fits best.

use std::collections::HashSet;

use super::fit::Search;
use super::phrase::Phrase;
use super::verb::{Verbs, is_general};
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
    let control = Graph::control(model);
    let way = Way::of_rollback(model, &control);
    if !way.rollback.contains(&true) {
        return Vec::new();
    }
    let phrases: Vec<_> = model.nodes.iter().map(|node| Phrase::of(&node.label.text)).collect();
    let found = Labels::of(model, named, &way, &phrases).search();
    for &(compensation, step) in &found.pairs {
        super::pair(model, step, compensation);
        f403_pair_inferred::report(sink, model, compensation, step);
    }
    f305_not_decided::report(model, &found.left, "which step is undone", sink);
    let mut suspects = found.strong;
    suspects.retain(|&node| !model[node].is_compensation());
    without_triggers(model, &phrases, &suspects)
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
    /// What should be in a pair, in natural order.
    strong: Vec<NodeIx>,
    /// What was not looked at any more.
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
        let (pairs, examined) = Search::among(&steps, self.phrases).pairs(&candidates);
        let left = candidates.split_off(examined);
        candidates.retain(|node| self.verbs.is_strong(&self.phrases[node.0].verb));
        Found { pairs, strong: candidates, left }
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

/// `Roll back everything` undoes no step itself: it goes to those that do.
fn without_triggers(model: &Model, phrases: &[Phrase], suspects: &[NodeIx]) -> Vec<NodeIx> {
    let suspected: HashSet<_> = suspects.iter().copied().collect();
    let undoes = |node: NodeIx| model[node].is_compensation() || suspected.contains(&node);
    let leads_to_undoing = |node: NodeIx| {
        let next = &model[node].next;
        !next.is_empty() && next.iter().all(|arrow| undoes(arrow.to))
    };
    let is_trigger = |node: NodeIx| is_general(&phrases[node.0].verb) && leads_to_undoing(node);
    suspects.iter().copied().filter(|&node| !is_trigger(node)).collect()
}
