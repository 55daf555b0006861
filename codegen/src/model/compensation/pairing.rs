//! Finds the step that a compensation fits best, by the words of their labels.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

use super::phrase::{Phrase, is_general, reverses};
use crate::graph::{Budget, NodeIx, OverBudget};
use crate::model::{InferredPair, Model};

/// How many labels are compared.
const BUDGET: usize = 12_500_000;

/// How well a step fits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Score {
    /// The words of one label's object are among those of the other one's.
    Part,
    /// Both have the same object.
    Same,
}

/// The one step that fits a compensation best.
struct Match {
    step: NodeIx,
    score: Score,
}

/// Looks for the steps that compensations undo.
pub(super) struct Search<'p> {
    phrases: &'p [Phrase],
    /// The steps by object, and by their whole label, for `Undo create order`.
    by_thing: HashMap<Cow<'p, [String]>, Vec<NodeIx>>,
    /// The steps by each word of their label.
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

    /// The pairs found, and how many candidates were examined. `precedes` gets the index of a candidate and a
    /// step, and says whether the step can be its pair.
    pub(super) fn pairs(
        &mut self,
        candidates: &[NodeIx],
        mut precedes: impl FnMut(usize, NodeIx) -> Result<bool, OverBudget>,
    ) -> (Vec<InferredPair>, usize) {
        let mut matches: Vec<(NodeIx, Match)> = Vec::new();
        let mut examined = 0;
        for (at, &candidate) in candidates.iter().enumerate() {
            let Ok(best) = self.best(candidate, |step| precedes(at, step)) else { break };
            examined += 1;
            matches.extend(best.map(|best| (candidate, best)));
        }
        (one_to_one(&matches), examined)
    }

    /// The one step that fits the candidate best.
    fn best(
        &mut self,
        candidate: NodeIx,
        mut precedes: impl FnMut(NodeIx) -> Result<bool, OverBudget>,
    ) -> Result<Option<Match>, OverBudget> {
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

    /// Does a step that satisfies `counts` have the same object as the candidate, or part of it?
    pub(super) fn has_like(
        &mut self,
        candidate: NodeIx,
        mut counts: impl FnMut(NodeIx) -> Result<bool, OverBudget>,
    ) -> Result<bool, OverBudget> {
        let object = &self.phrases[candidate.0].object;
        for &step in object.iter().filter_map(|word| self.by_word.get(word.as_str())).flatten() {
            self.budget.spend(1)?;
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
    fn one(self, score: Score) -> Option<Match> {
        match self {
            Self::One(step) => Some(Match { step, score }),
            Self::None | Self::Several => None,
        }
    }
}

/// The step that `fits`, if it is one. Stops at the second.
fn only(
    steps: impl Iterator<Item = NodeIx>,
    budget: &mut Budget,
    mut fits: impl FnMut(NodeIx) -> Result<bool, OverBudget>,
) -> Result<Found, OverBudget> {
    let mut found = Found::None;
    for step in steps {
        budget.spend(1)?;
        match found {
            Found::One(first) if first == step => {}
            _ if !fits(step)? => {}
            Found::None => found = Found::One(step),
            Found::One(_) | Found::Several => return Ok(Found::Several),
        }
    }
    Ok(found)
}

/// Do the labels say that the one undoes the other?
fn fits(undoing: &Phrase, done: &Phrase) -> bool {
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

/// Gives each step to the one compensation that fits it best. A step that two fit equally stays without.
fn one_to_one(matches: &[(NodeIx, Match)]) -> Vec<InferredPair> {
    let mut best: HashMap<NodeIx, (Score, Option<NodeIx>)> = HashMap::new();
    for (candidate, found) in matches {
        let this = (found.score, Some(*candidate));
        best.entry(found.step)
            .and_modify(|so_far| match found.score.cmp(&so_far.0) {
                Ordering::Greater => *so_far = this,
                Ordering::Equal => so_far.1 = None,
                Ordering::Less => {}
            })
            .or_insert(this);
    }
    let is_best = |(candidate, found): &&(NodeIx, Match)| best[&found.step].1 == Some(*candidate);
    let pair =
        |(candidate, found): &(NodeIx, Match)| InferredPair { step: found.step, compensation: *candidate };
    matches.iter().filter(is_best).map(pair).collect()
}

/// A compensation whose label fits another step than the one it is drawn for.
pub(crate) struct SwappedPair {
    pub(crate) compensation: NodeIx,
    pub(crate) by_label: NodeIx,
}

/// Finds compensations that seem to be drawn for the wrong step, and returns those that were not examined
/// beside them.
///
/// Conservative: one step fits best, no step that the compensation undoes as drawn fits at all, and the
/// compensation of that step as drawn does not fit it either.
pub(crate) fn swapped_pairs(model: &Model) -> (Vec<SwappedPair>, Vec<NodeIx>) {
    let mut undoing: Vec<_> = model.indices().filter(|&node| model[node].is_compensation()).collect();
    if undoing.len() < 2 {
        return (Vec::new(), Vec::new());
    }
    let phrases: Vec<_> = model.nodes.iter().map(|node| Phrase::new(&node.label.text)).collect();
    let steps: Vec<_> = model.indices().filter(|&node| model[node].undone_by.is_some()).collect();
    let (pairs, examined) = Search::among(&steps, &phrases).pairs(&undoing, |_, _| Ok(true));
    let fits_as_drawn = |compensation: NodeIx, step: NodeIx| fits(&phrases[compensation.0], &phrases[step.0]);
    let is_swapped = |&InferredPair { step, compensation }: &InferredPair| {
        let nothing_fits = !model[compensation].undoes.iter().any(|&step| fits_as_drawn(compensation, step));
        let other = model[step].undone_by;
        nothing_fits && other.is_some_and(|other| other != compensation && !fits_as_drawn(other, step))
    };
    let swapped = pairs.into_iter().filter(is_swapped);
    let swapped = swapped.map(|pair| SwappedPair { compensation: pair.compensation, by_label: pair.step });
    (swapped.collect(), undoing.split_off(examined))
}
