//! Which step a compensation fits best, by its words.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::phrase::Phrase;
use super::reach::Reach;
use super::verb::{is_general, reverses};
use crate::model::NodeIx;
use crate::model::budget::Budget;

/// How many labels are compared and arrows followed. Past it no more pairs are looked for.
const BUDGET: usize = 200_000_000;

/// Looks for the steps that compensations undo.
pub(super) struct Search<'p> {
    phrases: &'p [Phrase],
    /// The steps that each word is said of.
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

impl<'p> Search<'p> {
    pub(super) fn among(steps: &[NodeIx], phrases: &'p [Phrase]) -> Self {
        let mut by_word: HashMap<_, Vec<_>> = HashMap::new();
        for &step in steps {
            let phrase = &phrases[step.0];
            for word in phrase.object.iter().chain([&phrase.verb]) {
                by_word.entry(word.as_str()).or_default().push(step);
            }
        }
        Self { phrases, by_word, budget: Budget::new(BUDGET) }
    }

    /// The compensations with the steps they undo, and how many candidates were looked at.
    pub(super) fn pairs(
        &mut self,
        candidates: &[NodeIx],
        reach: &Reach<'_>,
    ) -> (Vec<(NodeIx, NodeIx)>, usize) {
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
            Ordering::Greater => *so_far = (claim.score, Some(*candidate)),
            Ordering::Equal => so_far.1 = None,
            Ordering::Less => {}
        }
    }
    let won = |(candidate, claim): &&(NodeIx, Best)| best[&claim.step].1 == Some(*candidate);
    claims.iter().filter(won).map(|(candidate, claim)| (*candidate, claim.step)).collect()
}
