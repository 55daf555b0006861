//! Pairs that nobody drew, read from labels. Careful: only on the way of a rollback, only where one
//! step fits best.

use std::collections::HashMap;

use super::phrase::{Phrase, speaks_of_rollback};
use super::reach::Reach;
use super::verb::{Verbs, is_general, reverses};
use crate::finding::Sink;
use crate::model::budget::Budget;
use crate::model::graph::Graph;
use crate::model::names::in_natural_order;
use crate::model::{Kind, Model, NodeIx};
use crate::rules::f403_pair_inferred;

/// How many labels are compared and arrows followed. Past it no more pairs are looked for.
const BUDGET: usize = 200_000_000;

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
    let acts = |node: NodeIx| matches!(model[node].kind, Kind::Step | Kind::Task);
    let verbs =
        Verbs::of(model.indices().filter(|&node| acts(node)).map(|node| phrases[node.0].verb.as_str()));
    let undoing = |node: NodeIx| {
        let looks_so = model[node].kind == Kind::Step && verbs.is_reversing(&phrases[node.0].verb);
        looks_so && way.rollback[node.0] && !named[node.0]
    };
    let candidates: Vec<_> = in_natural_order(model).into_iter().filter(|&node| undoing(node)).collect();
    let can_be_undone =
        |&node: &NodeIx| acts(node) && way.can_be_undone(node) && !undoing(node) && !named[node.0];
    let steps: Vec<_> = model.indices().filter(can_be_undone).collect();
    let mut search =
        Search { phrases: &phrases, by_word: by_word(&steps, &phrases), budget: Budget::new(BUDGET) };
    let (pairs, examined) = search.pairs(&candidates, &Reach::new(&control));
    for &(compensation, step) in &pairs {
        super::pair(model, step, compensation);
        f403_pair_inferred::report(sink, model, compensation, step);
    }
    let unpaired = |node: &NodeIx| !model[*node].is_compensation() && verbs.is_strong(&phrases[node.0].verb);
    let suspects: Vec<_> = candidates[..examined].iter().copied().filter(unpaired).collect();
    without_triggers(model, &phrases, suspects)
}

/// `Roll back everything` undoes no step itself: it goes to those that do.
fn without_triggers(model: &Model, phrases: &[Phrase], suspects: Vec<NodeIx>) -> Vec<NodeIx> {
    let suspected: std::collections::HashSet<_> = suspects.iter().copied().collect();
    let undoes = |node: NodeIx| model[node].is_compensation() || suspected.contains(&node);
    let leads_to_undoing = |node: NodeIx| {
        let next = &model[node].next;
        !next.is_empty() && next.iter().all(|arrow| undoes(arrow.to))
    };
    let is_trigger = |node: NodeIx| is_general(&phrases[node.0].verb) && leads_to_undoing(node);
    suspects.iter().copied().filter(|&node| !is_trigger(node)).collect()
}

/// Where a drawing speaks of rolling back.
struct Way {
    /// By node: it lies behind a node or an arrow that speaks of rollback.
    rollback: Vec<bool>,
    /// By node: a start leads to it without passing one.
    forward: Vec<bool>,
}

impl Way {
    fn of_rollback(model: &Model, control: &Graph) -> Self {
        let speaking: Vec<_> = model.nodes.iter().map(|node| speaks_of_rollback(&node.label.text)).collect();
        let (mut entries, mut others) = (Vec::new(), Vec::new());
        for from in model.indices() {
            for arrow in &model[from].next {
                let label = arrow.label.as_ref();
                if speaking[from.0] || label.is_some_and(|label| speaks_of_rollback(&label.text)) {
                    entries.push(arrow.to);
                } else {
                    others.push((from, arrow.to));
                }
            }
        }
        let forward = Graph::new(model.nodes.len(), &others).reach(model.starts.iter().copied(), |_| true);
        Self { rollback: control.reach(entries, |_| true), forward }
    }

    /// A rollback that leads back to the beginning has everything behind it.
    fn can_be_undone(&self, node: NodeIx) -> bool {
        self.forward[node.0] || !self.rollback[node.0]
    }
}

/// The steps that each word is said of.
fn by_word<'p>(steps: &[NodeIx], phrases: &'p [Phrase]) -> HashMap<&'p str, Vec<NodeIx>> {
    let mut by_word: HashMap<_, Vec<_>> = HashMap::new();
    for &step in steps {
        let phrase = &phrases[step.0];
        for word in phrase.object.iter().chain([&phrase.verb]) {
            by_word.entry(word.as_str()).or_default().push(step);
        }
    }
    by_word
}

struct Search<'p> {
    phrases: &'p [Phrase],
    by_word: HashMap<&'p str, Vec<NodeIx>>,
    budget: Budget,
}

/// How well a step fits: 2 if the same thing is spoken of, 1 if one says more of it.
type Score = u8;

/// The best step for a compensation.
struct Best {
    step: NodeIx,
    score: Score,
    is_only: bool,
}

impl Search<'_> {
    /// The compensations with the steps they undo, and how many candidates were looked at.
    fn pairs(&mut self, candidates: &[NodeIx], reach: &Reach<'_>) -> (Vec<(NodeIx, NodeIx)>, usize) {
        let mut claims: Vec<(NodeIx, Best)> = Vec::new();
        let mut examined = 0;
        let cost = reach.cost();
        'all: for batch in candidates.chunks(Reach::AT_ONCE) {
            if !self.budget.spend(cost) {
                break;
            }
            let reaching = reach.reaching(batch);
            for (at, &candidate) in batch.iter().enumerate() {
                let Ok(best) = self.best(candidate, |step| reaching.leads(step, at)) else { break 'all };
                examined += 1;
                claims.extend(best.filter(|best| best.is_only).map(|best| (candidate, best)));
            }
        }
        (settle(&claims), examined)
    }

    /// The best step among those that lead to the candidate. An error where the budget is spent.
    fn best(&mut self, candidate: NodeIx, leads: impl Fn(NodeIx) -> bool) -> Result<Option<Best>, Spent> {
        let mut best: Option<Best> = None;
        for word in &self.phrases[candidate.0].object {
            let steps = self.by_word.get(word.as_str()).map_or(&[][..], Vec::as_slice);
            if !self.budget.spend(steps.len()) {
                return Err(Spent);
            }
            for &step in steps.iter().filter(|&&step| leads(step)) {
                let score = score(&self.phrases[candidate.0], &self.phrases[step.0]);
                match &mut best {
                    _ if score == 0 => {}
                    Some(best) if best.step == step || best.score > score => {}
                    Some(best) if best.score == score => best.is_only = false,
                    _ => best = Some(Best { step, score, is_only: true }),
                }
            }
        }
        Ok(best)
    }
}

struct Spent;

fn score(undoing: &Phrase, done: &Phrase) -> Score {
    if !reverses(&undoing.verb, &done.verb) {
        return 0;
    }
    let of_object = similarity(&undoing.object, &done.object);
    if is_general(&undoing.verb) {
        of_object.max(similarity(&undoing.object, &done.whole()))
    } else {
        of_object
    }
}

/// Compares sorted words.
fn similarity(a: &[String], b: &[String]) -> Score {
    let holds = |a: &[String], b: &[String]| a.iter().all(|word| b.binary_search(word).is_ok());
    match (a, b) {
        ([], _) | (_, []) => 0,
        _ if a == b => 2,
        _ if holds(a, b) || holds(b, a) => 1,
        _ => 0,
    }
}

/// Gives each step to the one compensation that fits it best, or to nobody.
fn settle(claims: &[(NodeIx, Best)]) -> Vec<(NodeIx, NodeIx)> {
    let mut best: HashMap<NodeIx, (Score, Option<NodeIx>)> = HashMap::new();
    for (candidate, claim) in claims {
        let so_far = best.entry(claim.step).or_insert((0, None));
        match claim.score.cmp(&so_far.0) {
            std::cmp::Ordering::Greater => *so_far = (claim.score, Some(*candidate)),
            std::cmp::Ordering::Equal => so_far.1 = None,
            std::cmp::Ordering::Less => {}
        }
    }
    let won = |(candidate, claim): &&(NodeIx, Best)| best[&claim.step].1 == Some(*candidate);
    claims.iter().filter(won).map(|(candidate, claim)| (*candidate, claim.step)).collect()
}
