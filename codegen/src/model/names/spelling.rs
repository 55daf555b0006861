use std::collections::HashMap;

use crate::model::budget::Budget;
use crate::model::{Model, NodeIx};
use crate::rules::wording::nearest;

/// How many ids are looked at, for all unknown ones together. Past it nothing is suggested.
const BUDGET: usize = 1_000_000;

/// Guesses which node was meant by an id that is none.
pub(in crate::model) struct Spelling {
    /// By the letters and digits of its label; nobody, where several nodes have it.
    labels: HashMap<String, Option<NodeIx>>,
    budget: Budget,
}

impl Spelling {
    pub(in crate::model) fn of(model: &Model) -> Self {
        let mut labels = HashMap::new();
        for node in model.indices() {
            labels
                .entry(letters(&model[node].label.text))
                .and_modify(|several| *several = None)
                .or_insert(Some(node));
        }
        Self { labels, budget: Budget::new(BUDGET) }
    }

    /// The node whose label was written in place of its id, or whose id is spelled nearly so.
    pub(in crate::model) fn nearest(&mut self, unknown: &str, model: &Model) -> Option<NodeIx> {
        let letters = letters(unknown);
        if let Some(&labelled) = self.labels.get(&letters).filter(|_| !letters.is_empty()) {
            return labelled;
        }
        if !self.budget.spend(model.nodes.len()) {
            return None;
        }
        // `n8` is no misspelling of `n9`.
        let similar = |id: &&str| digits(id).eq(digits(unknown));
        let near = nearest(unknown, model.nodes.iter().map(|node| node.id.text.as_str()).filter(similar))?;
        model.indices().find(|&node| model[node].id.text == near)
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn digits(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(char::is_ascii_digit)
}
