use std::collections::{HashMap, HashSet};

use crate::model::declare::new_node;
use crate::model::dominators::Dominators;
use crate::model::graph::Graph;
use crate::model::resolve::DrawnLoop;
use crate::model::{Arrow, Kind, Model, NodeIx};
use crate::source::Span;
use crate::syntax::Word;

/// Draws the arrows back that loops imply.
pub(super) struct Implied {
    /// The decisions that were added, by the node they stand behind.
    pub(super) decisions: HashMap<NodeIx, Vec<NodeIx>>,
    /// The cycles as drawn: the nodes of one have one number.
    cycle: Vec<usize>,
    /// As drawn, seen from what nothing leads to.
    dominators: Dominators,
    ids: HashSet<String>,
}

/// What a loop implies and was not drawn.
pub(crate) struct Added {
    pub(crate) from: NodeIx,
    pub(crate) to: NodeIx,
    /// A decision stands between them.
    pub(crate) is_decision: bool,
}

/// The loop's last node goes to several places: it is not for us to say which of them ends the loop.
pub(super) struct Ambiguous;

impl Implied {
    pub(super) fn new(model: &Model) -> Self {
        let control = Graph::control(model);
        let ids = model.nodes.iter().map(|node| node.id.text.clone()).collect();
        let cycle = control.components();
        Self { decisions: HashMap::new(), cycle, dominators: from_beginnings(&control), ids }
    }

    /// Sees to it that an arrow leads back to the beginning of a loop. Says what was drawn for that.
    pub(super) fn draw_back(
        &mut self,
        model: &mut Model,
        drawn: &DrawnLoop<'_>,
    ) -> Result<Option<Added>, Ambiguous> {
        let (Some(&first), Some(&last)) = (drawn.nodes.first(), drawn.nodes.last()) else { return Ok(None) };
        if self.leads_back(model, drawn) {
            return Ok(None);
        }
        let added = Added { from: last, to: first, is_decision: false };
        let span = drawn.text.span;
        match model[last].next.as_slice() {
            _ if model[last].kind == Kind::Decision => {
                let label = labelled(drawn);
                model[last].next.push(arrow(first, Some(label), span));
            }
            [] => model[last].next.push(arrow(first, None, span)),
            [_] => {
                self.insert_decision(model, drawn, first, last);
                return Ok(Some(Added { is_decision: true, ..added }));
            }
            _ => return Err(Ambiguous),
        }
        Ok(Some(added))
    }

    /// Is there an arrow, on a cycle, from one of the listed nodes back to another?
    fn leads_back(&self, model: &Model, drawn: &DrawnLoop<'_>) -> bool {
        let place: HashMap<_, _> = drawn.nodes.iter().enumerate().map(|(at, &node)| (node, at)).collect();
        let backward = |from: NodeIx, to: NodeIx| match (place.get(&from), place.get(&to)) {
            (Some(from_place), Some(to_place)) => {
                self.on_one_cycle(from, to) && (to_place <= from_place || self.dominators.dominates(to, from))
            }
            _ => false,
        };
        drawn.nodes.iter().any(|&from| model[from].next.iter().any(|arrow| backward(from, arrow.to)))
    }

    /// Decisions that were inserted meanwhile are on no cycle that was drawn.
    fn on_one_cycle(&self, from: NodeIx, to: NodeIx) -> bool {
        self.cycle.get(from.0).is_some_and(|cycle| self.cycle.get(to.0) == Some(cycle))
    }

    /// Puts a decision behind the last node: again, or on to where the only arrow led.
    fn insert_decision(&mut self, model: &mut Model, drawn: &DrawnLoop<'_>, first: NodeIx, last: NodeIx) {
        let word = |text: &str| Some(Word { text: text.to_owned(), span: drawn.text.span });
        let id = Word { text: self.free_id(last, &model[last].id.text), span: drawn.text.span };
        let decision = NodeIx(model.nodes.len());
        let mut node = new_node(id, labelled(drawn), Kind::Decision, model[last].lane);
        node.next = vec![arrow(first, word("Again"), drawn.text.span)];
        let onward = std::mem::replace(&mut model[last].next, vec![arrow(decision, None, drawn.text.span)]);
        node.next.extend(onward.into_iter().map(|onward| Arrow { label: word("Done"), ..onward }));
        model.nodes.push(node);
        self.decisions.entry(last).or_default().push(decision);
    }

    /// `n5_loop`, or the next one that is free.
    fn free_id(&mut self, last: NodeIx, id: &str) -> String {
        let mut count = self.decisions.get(&last).map_or(0, Vec::len);
        loop {
            count += 1;
            let free = if count == 1 { format!("{id}_loop") } else { format!("{id}_loop_{count}") };
            if self.ids.insert(free.clone()) {
                return free;
            }
        }
    }
}

fn from_beginnings(control: &Graph) -> Dominators {
    let mut entered = vec![false; control.len()];
    for (_, to) in control.arrows() {
        entered[to.0] = true;
    }
    let root = NodeIx(control.len());
    let beginnings = (0..control.len()).map(NodeIx).filter(|node| !entered[node.0]);
    let arrows: Vec<_> = control.arrows().chain(beginnings.map(|beginning| (root, beginning))).collect();
    Dominators::of(&Graph::new(control.len() + 1, &arrows), root)
}

/// What the loop's text calls the way back.
fn labelled(drawn: &DrawnLoop<'_>) -> Word {
    let text = if drawn.text.text.is_empty() { "Again" } else { &drawn.text.text };
    Word { text: text.to_owned(), span: drawn.text.span }
}

fn arrow(to: NodeIx, label: Option<Word>, span: Span) -> Arrow {
    Arrow { to, label, outcome: String::new(), span, unlabelled: None }
}
