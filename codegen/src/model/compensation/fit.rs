//! Which step a compensation fits best, by its words.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

use super::path::Spent;
use super::phrase::Phrase;
use super::verb::{is_general, reverses};
use crate::model::NodeIx;
use crate::model::budget::Budget;

/// How many labels are compared. Past it no more pairs are looked for.
const BUDGET: usize = 12_500_000;

/// How well a step fits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Score {
    /// One of the labels says more of the thing.
    Part,
    /// The same thing is spoken of.
    Same,
}

/// The one step that fits a compensation best.
struct Best {
    step: NodeIx,
    score: Score,
}

/// Looks for the steps that compensations undo.
pub(super) struct Search<'p> {
    phrases: &'p [Phrase],
    /// The steps that are about a thing; under their whole label, too, for `Undo create order`.
    by_thing: HashMap<Cow<'p, [String]>, Vec<NodeIx>>,
    /// The steps that each word is said of.
    by_word: HashMap<&'p str, Vec<NodeIx>>,
    budget: Budget,
}

impl<'p> Search<'p> {
    pub(super) fn among(steps: &[NodeIx], phrases: &'p [Phrase]) -> Self {
        let mut by_thing: HashMap<_, Vec<_>> = HashMap::new();
        let mut by_word: HashMap<_, Vec<_>> = HashMap::new();
        for &step in steps {
            let phrase = &phrases[step.0];
            by_thing.entry(Cow::Borrowed(phrase.object.as_slice())).or_default().push(step);
            by_thing.entry(Cow::Owned(phrase.whole())).or_default().push(step);
            for word in phrase.object.iter().chain([&phrase.verb]) {
                by_word.entry(word.as_str()).or_default().push(step);
            }
        }
        Self { phrases, by_thing, by_word, budget: Budget::new(BUDGET) }
    }

    /// The compensations with the steps they undo, and how many candidates were examined. A step counts
    /// for a candidate, by its place, only if it `precedes` it.
    pub(super) fn pairs(
        &mut self,
        candidates: &[NodeIx],
        mut precedes: impl FnMut(usize, NodeIx) -> Result<bool, Spent>,
    ) -> (Vec<(NodeIx, NodeIx)>, usize) {
        let mut claims: Vec<(NodeIx, Best)> = Vec::new();
        let mut examined = 0;
        for (at, &candidate) in candidates.iter().enumerate() {
            let Ok(best) = self.best(candidate, |step| precedes(at, step)) else { break };
            examined += 1;
            claims.extend(best.map(|best| (candidate, best)));
        }
        (settle(&claims), examined)
    }

    /// The one step that fits the candidate best. An error where the budget is spent.
    fn best(
        &mut self,
        candidate: NodeIx,
        mut precedes: impl FnMut(NodeIx) -> Result<bool, Spent>,
    ) -> Result<Option<Best>, Spent> {
        let undoing = &self.phrases[candidate.0];
        if undoing.object.is_empty() {
            return Ok(None);
        }
        let phrases = self.phrases;
        let mut fits =
            |step: NodeIx, wanted| Ok(score(undoing, &phrases[step.0]) == Some(wanted) && precedes(step)?);
        let same = self.by_thing.get(undoing.object.as_slice()).into_iter().flatten().copied();
        let found = only(same, &mut self.budget, |step| fits(step, Score::Same))?;
        if !matches!(found, Found::None) {
            return Ok(found.one(Score::Same));
        }
        let more_or_less =
            undoing.object.iter().filter_map(|word| self.by_word.get(word.as_str())).flatten().copied();
        let found = only(more_or_less, &mut self.budget, |step| fits(step, Score::Part))?;
        Ok(found.one(Score::Part))
    }

    /// Is another step, one that counts, about the same thing as the candidate?
    pub(super) fn has_like(
        &mut self,
        candidate: NodeIx,
        mut counts: impl FnMut(NodeIx) -> Result<bool, Spent>,
    ) -> Result<bool, Spent> {
        let object = &self.phrases[candidate.0].object;
        for &step in object.iter().filter_map(|word| self.by_word.get(word.as_str())).flatten() {
            if !self.budget.spend(1) {
                return Err(Spent);
            }
            if similarity(object, &self.phrases[step.0].object).is_some() && counts(step)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

enum Found {
    None,
    One(NodeIx),
    Several,
}

impl Found {
    fn one(self, score: Score) -> Option<Best> {
        match self {
            Self::One(step) => Some(Best { step, score }),
            Self::None | Self::Several => None,
        }
    }
}

/// Is it one step that fits? Does not look further than to the second.
fn only(
    steps: impl Iterator<Item = NodeIx>,
    budget: &mut Budget,
    mut fits: impl FnMut(NodeIx) -> Result<bool, Spent>,
) -> Result<Found, Spent> {
    let mut found = Found::None;
    for step in steps {
        if !budget.spend(1) {
            return Err(Spent);
        }
        match found {
            Found::One(first) if first == step => {}
            _ if !fits(step)? => {}
            Found::None => found = Found::One(step),
            Found::One(_) | Found::Several => return Ok(Found::Several),
        }
    }
    Ok(found)
}

/// Can what the one label says take back what the other says, as far as the labels tell?
pub(super) fn fits(undoing: &Phrase, done: &Phrase) -> bool {
    score(undoing, done).is_some()
}

fn score(undoing: &Phrase, done: &Phrase) -> Option<Score> {
    if !reverses(&undoing.verb, &done.verb) {
        return None;
    }
    let of_object = similarity(&undoing.object, &done.object);
    if is_general(&undoing.verb) {
        of_object.max(similarity(&undoing.object, &done.whole()))
    } else {
        of_object
    }
}

/// Compares sorted words.
fn similarity(a: &[String], b: &[String]) -> Option<Score> {
    let holds = |a: &[String], b: &[String]| a.iter().all(|word| b.binary_search(word).is_ok());
    match (a, b) {
        ([], _) | (_, []) => None,
        _ if a == b => Some(Score::Same),
        _ if holds(a, b) || holds(b, a) => Some(Score::Part),
        _ => None,
    }
}

/// Gives each step to the one compensation that fits it best, or to nobody.
fn settle(claims: &[(NodeIx, Best)]) -> Vec<(NodeIx, NodeIx)> {
    let mut best: HashMap<NodeIx, (Score, Option<NodeIx>)> = HashMap::new();
    for (candidate, claim) in claims {
        let claimed = (claim.score, Some(*candidate));
        best.entry(claim.step)
            .and_modify(|so_far| match claim.score.cmp(&so_far.0) {
                Ordering::Greater => *so_far = claimed,
                Ordering::Equal => so_far.1 = None,
                Ordering::Less => {}
            })
            .or_insert(claimed);
    }
    let won = |(candidate, claim): &&(NodeIx, Best)| best[&claim.step].1 == Some(*candidate);
    claims.iter().filter(won).map(|(candidate, claim)| (*candidate, claim.step)).collect()
}
