//! Pairs that labels would make otherwise than they are drawn.

use super::fit::{Search, fits};
use super::phrase::Phrase;
use crate::model::{Model, NodeIx};

/// A compensation, and the step that it undoes by its label, though something else does as drawn.
pub(crate) struct Crossed {
    pub(crate) compensation: NodeIx,
    pub(crate) by_label: NodeIx,
}

/// Careful: one step fits best, nothing that the compensation undoes as drawn fits at all, and what
/// undoes that step as drawn does not fit it either.
///
/// Beside them, the compensations that were not looked at any more.
pub(crate) fn crossed(model: &Model) -> (Vec<Crossed>, Vec<NodeIx>) {
    let mut undoing: Vec<_> = model.indices().filter(|&node| model[node].is_compensation()).collect();
    if undoing.len() < 2 {
        return (Vec::new(), Vec::new());
    }
    let phrases: Vec<_> = model.nodes.iter().map(|node| Phrase::of(&node.label.text)).collect();
    let steps: Vec<_> = model.indices().filter(|&node| model[node].undone_by.is_some()).collect();
    let (pairs, examined) = Search::among(&steps, &phrases).pairs(&undoing, |_, _| Ok(true));
    let fit_as_drawn = |compensation: NodeIx, step: NodeIx| fits(&phrases[compensation.0], &phrases[step.0]);
    let is_crossed = |&(compensation, step): &(NodeIx, NodeIx)| {
        let nothing_fits = !model[compensation].undoes.iter().any(|&step| fit_as_drawn(compensation, step));
        nothing_fits && model[step].undone_by.is_some_and(|by| by != compensation && !fit_as_drawn(by, step))
    };
    let crossed = pairs.into_iter().filter(is_crossed);
    let crossed = crossed.map(|(compensation, by_label)| Crossed { compensation, by_label }).collect();
    (crossed, undoing.split_off(examined))
}
